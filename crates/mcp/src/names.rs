//! Names of tools, as clients of the protocol take them: at most 64 letters, digits, underscores and dashes, each name once.

use std::collections::BTreeSet;

/// Longer names are refused by clients.
const CHARS_MAX: usize = 64;

/// The names that were given.
#[derive(Default, Debug)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// A name like the one that is wanted, which nobody has yet.
    pub(crate) fn give(&mut self, wanted: &str) -> String {
        let plain = plain(wanted);
        let numbered = (2_u32..).map(|number| {
            let suffix = format!("_{number}");
            format!("{}{suffix}", cut(&plain, CHARS_MAX - suffix.len()))
        });
        let mut candidates = std::iter::once(cut(&plain, CHARS_MAX).to_owned()).chain(numbered);
        let name = candidates.find(|name| !self.0.contains(name)).expect("fewer names than numbers are given");
        self.0.insert(name.clone());
        name
    }
}

/// A text in letters, digits, underscores and dashes of ASCII only.
fn plain(text: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-') { sign } else { '_' };
    let plain: String = text.chars().map(sign).collect();
    if plain.is_empty() { "_".into() } else { plain }
}

fn cut(plain: &str, length: usize) -> &str {
    plain.get(..length).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_short_and_distinct() {
        let mut names = Names::default();
        let mut given = |wanted: &str| names.give(wanted);
        assert_eq!(given("poll_value"), "poll_value");
        assert_eq!(given("poll_value"), "poll_value_2");
        assert_eq!(given("zähler.v2_value"), "z_hler_v2_value");
        assert_eq!(given(""), "_");
        let long = "x".repeat(100);
        assert_eq!(given(&long), "x".repeat(64));
        assert_eq!(given(&long), format!("{}_2", "x".repeat(62)));
        assert_eq!(given(&long), format!("{}_3", "x".repeat(62)));
    }
}
