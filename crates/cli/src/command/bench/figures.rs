//! Numbers from many measurements: percentiles and means. They know no units.

use serde::Serialize;

/// How long things took: half, most, and nearly all of them took at most so much.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(super) struct Percentiles {
    /// Half took at most this.
    pub(super) p50: f64,
    /// Nineteen of twenty.
    pub(super) p95: f64,
    /// Ninety-nine of a hundred.
    pub(super) p99: f64,
}

impl Percentiles {
    /// Of these measurements, in any order; nothing where there are none.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Percentiles> {
        values.sort_by(f64::total_cmp);
        let rank = |percent| nearest_rank(&values, percent);
        Some(Percentiles { p50: rank(50)?, p95: rank(95)?, p99: rank(99)? })
    }
}

/// The middle of these, in any order.
pub(super) fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    nearest_rank(&values, 50)
}

/// What falls to each of `parts`; nothing where there are none.
#[expect(clippy::cast_precision_loss, reason = "figures for people: 53 bits are enough")]
pub(super) fn share(total: u64, parts: u64) -> Option<f64> {
    (parts > 0).then(|| total as f64 / parts as f64)
}

/// The smallest of the sorted values that at least so many percent of them do not exceed.
fn nearest_rank<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measurements_that_were_made() {
        let hundred = (1..=100).rev().map(f64::from).collect();
        assert_eq!(Percentiles::of(hundred), Some(Percentiles { p50: 50.0, p95: 95.0, p99: 99.0 }));
        assert_eq!(Percentiles::of(vec![3.0]), Some(Percentiles { p50: 3.0, p95: 3.0, p99: 3.0 }));
        assert_eq!(Percentiles::of(vec![2.0, 1.0]), Some(Percentiles { p50: 1.0, p95: 2.0, p99: 2.0 }));
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        assert_eq!((Percentiles::of(Vec::new()), median(Vec::new()), share(7, 0)), (None, None, None));
    }

    #[test]
    fn the_middle_of_an_even_number_is_the_lower_one() {
        assert_eq!(median(vec![9, 1, 5, 7]), Some(5));
    }
}
