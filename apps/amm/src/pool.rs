//! The arithmetic of the exchange, alone: amounts in, amounts out, always rounded in favour of those who stay.

use myceline_sdk::types::Amount;
use serde::{Deserialize, Serialize};

/// Of a thousand that are given, so many stay with the exchange.
pub const FEE_PER_MILLE: u128 = 3;

/// What the exchange holds, and how many shares of it there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reserves {
    /// Of the two tokens.
    pub tokens: [Amount; 2],
    /// Shares.
    pub shares: Amount,
}

/// Why the exchange does not do something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolError {
    /// Nothing is given, or what is taken would be nothing.
    Nothing,
    /// Nobody has deposited anything yet.
    Empty,
    /// More than it can count.
    TooMuch,
}

impl Reserves {
    /// What one token gives of the other one, which is taken off.
    pub fn swap(&mut self, give: usize, amount: Amount) -> Result<Amount, PoolError> {
        let [given, taken] = [self.tokens[give], self.tokens[1 - give]];
        if given.is_zero() || taken.is_zero() {
            return Err(PoolError::Empty);
        }
        let counted = mul_div(amount.0, 1_000 - FEE_PER_MILLE, 1_000).ok_or(PoolError::TooMuch)?;
        let after = given.0.checked_add(counted).ok_or(PoolError::TooMuch)?;
        let out = Amount(mul_div(taken.0, counted, after).ok_or(PoolError::TooMuch)?);
        if out.is_zero() {
            return Err(PoolError::Nothing);
        }
        self.tokens[give] = given.checked_add(amount).ok_or(PoolError::TooMuch)?;
        self.tokens[1 - give] = taken.checked_sub(out).ok_or(PoolError::TooMuch)?;
        Ok(out)
    }

    /// Takes of both tokens in proportion, at most so much. Gives what it took, and the new shares.
    pub fn deposit(&mut self, offered: [Amount; 2]) -> Result<([Amount; 2], Amount), PoolError> {
        let (taken, shares) = if self.shares.is_zero() { (offered, offered[0]) } else { self.in_proportion(offered)? };
        if shares.is_zero() || taken.iter().any(|amount| amount.is_zero()) {
            return Err(PoolError::Nothing);
        }
        for (reserve, amount) in self.tokens.iter_mut().zip(taken) {
            *reserve = reserve.checked_add(amount).ok_or(PoolError::TooMuch)?;
        }
        self.shares = self.shares.checked_add(shares).ok_or(PoolError::TooMuch)?;
        Ok((taken, shares))
    }

    fn in_proportion(&self, offered: [Amount; 2]) -> Result<([Amount; 2], Amount), PoolError> {
        let [first, second] = self.tokens;
        let needed = mul_div_up(offered[0].0, second.0, first.0).ok_or(PoolError::TooMuch)?;
        let taken = if needed <= offered[1].0 {
            [offered[0], Amount(needed)]
        } else {
            let first = mul_div(offered[1].0, first.0, second.0).ok_or(PoolError::TooMuch)?;
            [Amount(first), offered[1]]
        };
        let shares = mul_div(taken[0].0, self.shares.0, first.0).ok_or(PoolError::TooMuch)?;
        Ok((taken, Amount(shares)))
    }

    /// What shares are worth, which is taken off.
    pub fn withdraw(&mut self, shares: Amount) -> Result<[Amount; 2], PoolError> {
        let left = self.shares.checked_sub(shares).ok_or(PoolError::TooMuch)?;
        if shares.is_zero() {
            return Err(PoolError::Nothing);
        }
        let worth = |reserve: Amount| mul_div(reserve.0, shares.0, self.shares.0).map(Amount).ok_or(PoolError::TooMuch);
        let paid = [worth(self.tokens[0])?, worth(self.tokens[1])?];
        for (reserve, amount) in self.tokens.iter_mut().zip(paid) {
            *reserve = reserve.checked_sub(amount).ok_or(PoolError::TooMuch)?;
        }
        self.shares = left;
        Ok(paid)
    }
}

/// `a * b / c`, rounded down, exactly: by long division, bit by bit of `b`. Nothing where `c` is zero or above 2^127, or the
/// result does not fit.
pub fn mul_div(a: u128, b: u128, c: u128) -> Option<u128> {
    divide(a, b, c).map(|(quotient, _)| quotient)
}

fn mul_div_up(a: u128, b: u128, c: u128) -> Option<u128> {
    let (quotient, rest) = divide(a, b, c)?;
    if rest == 0 { Some(quotient) } else { quotient.checked_add(1) }
}

fn divide(a: u128, b: u128, c: u128) -> Option<(u128, u128)> {
    if c == 0 || c > 1 << 127 {
        return None;
    }
    let (whole, part) = (a / c, a % c);
    let (mut quotient, mut rest) = (0u128, 0u128);
    for bit in (0..128 - b.leading_zeros()).rev() {
        quotient = quotient.checked_mul(2)?;
        (quotient, rest) = carried(quotient, rest * 2, c)?;
        if b >> bit & 1 == 1 {
            quotient = quotient.checked_add(whole)?;
            (quotient, rest) = carried(quotient, rest + part, c)?;
        }
    }
    Some((quotient, rest))
}

/// A rest below twice the divisor, as one below the divisor.
fn carried(quotient: u128, rest: u128, divisor: u128) -> Option<(u128, u128)> {
    if rest >= divisor { Some((quotient.checked_add(1)?, rest - divisor)) } else { Some((quotient, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(first: u64, second: u64) -> [Amount; 2] {
        [Amount::from_tokens(first), Amount::from_tokens(second)]
    }

    /// A stretch of numbers that look random and are always the same.
    fn numbers(seed: u64) -> impl Iterator<Item = u128> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u128::from(state >> 16)
        })
    }

    #[test]
    fn division_agrees_with_the_machine_where_that_can_divide() {
        let mut random = numbers(7);
        for _ in 0..2_000 {
            let [a, b, c] = [random.next().unwrap(), random.next().unwrap(), random.next().unwrap() + 1];
            assert_eq!(mul_div(a, b, c), Some(a * b / c), "{a} * {b} / {c}");
            assert_eq!(mul_div_up(a, b, c), Some((a * b).div_ceil(c)), "{a} * {b} / {c}");
        }
    }

    #[test]
    fn division_is_exact_beyond_what_the_machine_can_multiply() {
        let large = 1 << 126;
        assert_eq!(mul_div(large, 3 * large, large), Some(3 * large));
        assert_eq!(mul_div(large, large, large / 2 + 1), Some(2 * large - 4));
        assert_eq!(mul_div(u128::MAX, u128::MAX, 1 << 127), None, "it does not fit");
        assert_eq!(mul_div(1, 1, 0), None);
    }

    #[test]
    fn the_product_never_falls_and_nobody_gains_by_going_around() {
        let mut random = numbers(11);
        let mut pool = Reserves::default();
        pool.deposit([Amount(5_000_000), Amount(3_000_000)]).unwrap();
        for _ in 0..2_000 {
            let [before, give] = [pool.tokens[0].0 * pool.tokens[1].0, random.next().unwrap() % 2];
            let amount = Amount(random.next().unwrap() % 10_000 + 1);
            let (held, give) = (pool, usize::try_from(give).unwrap());
            let Ok(out) = pool.swap(give, amount) else { continue };
            assert!(pool.tokens[0].0 * pool.tokens[1].0 >= before);
            let mut back = pool;
            if let Ok(returned) = back.swap(1 - give, out) {
                assert!(returned <= amount, "{held:?} gave {returned:?} for {amount:?}");
            }
        }
    }

    #[test]
    fn shares_are_worth_what_they_were_bought_for() {
        let mut pool = Reserves::default();
        pool.deposit(amounts(100, 400)).unwrap();
        let (taken, shares) = pool.deposit(amounts(50, 100)).unwrap();
        assert_eq!(taken, amounts(25, 100), "only the proportion is taken");
        assert_eq!(pool.withdraw(shares).unwrap(), amounts(25, 100));
        assert_eq!(pool.tokens, amounts(100, 400));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let mut pool = Reserves::default();
        assert_eq!(pool.swap(0, Amount::ONE), Err(PoolError::Empty));
        assert_eq!(pool.deposit(amounts(0, 5)), Err(PoolError::Nothing));
        assert_eq!(pool.withdraw(Amount::ONE), Err(PoolError::TooMuch));
    }
}
