//! The test of Lucas and Lehmer: s begins with 4, becomes s² - 2 modulo 2^p - 1, and is zero after p - 2 steps exactly if
//! 2^p - 1 is prime.

/// Bits of a digit.
const DIGIT: u32 = 32;

/// Whether 2^exponent - 1 is prime.
pub fn is_prime(exponent: u32) -> bool {
    if exponent == 2 {
        return true;
    }
    // Where the exponent has a divisor, the number has one.
    if !is_odd_prime(exponent) {
        return false;
    }
    let mut number = Residue::new(exponent);
    for _ in 2..exponent {
        number.square_less_two();
    }
    number.is_zero()
}

fn is_odd_prime(number: u32) -> bool {
    let divisors = (3..).step_by(2).take_while(|divisor: &u32| u64::from(*divisor).pow(2) <= number.into());
    number > 2 && !number.is_multiple_of(2) && divisors.into_iter().all(|divisor| !number.is_multiple_of(divisor))
}

/// A number modulo 2^p - 1, the lowest digit first, and room for its square.
struct Residue {
    exponent: u32,
    digits: Vec<u32>,
    square: Vec<u32>,
}

impl Residue {
    /// Four, from which the test begins.
    fn new(exponent: u32) -> Residue {
        let count = exponent.div_ceil(DIGIT) as usize;
        let mut digits = vec![0; count];
        digits[0] = 4 % ((1u64 << exponent.min(DIGIT)) - 1) as u32;
        Residue { exponent, digits, square: vec![0; 2 * count] }
    }

    fn square_less_two(&mut self) {
        self.multiply();
        self.fold();
        self.subtract(2);
    }

    fn multiply(&mut self) {
        self.square.fill(0);
        for (at, digit) in self.digits.iter().enumerate() {
            let mut carry = 0;
            for (sum, other) in self.square[at..].iter_mut().zip(&self.digits) {
                let total = u64::from(*digit) * u64::from(*other) + u64::from(*sum) + carry;
                (*sum, carry) = (low(total), total >> DIGIT);
            }
            self.square[at + self.digits.len()] = low(carry);
        }
    }

    /// 2^p is 1 here, so what is above p bits is added to what is below.
    fn fold(&mut self) {
        let (digits, bits) = ((self.exponent / DIGIT) as usize, self.exponent % DIGIT);
        let mut carry = 0;
        for at in 0..self.digits.len() {
            let below = u64::from(self.square[at]) & self.mask(at);
            let above = u64::from(self.digit(at + digits)) | u64::from(self.digit(at + digits + 1)) << DIGIT;
            let total = below + u64::from(low(above >> bits)) + carry;
            (self.digits[at], carry) = (low(total), total >> DIGIT);
        }
        self.wrap(carry);
    }

    fn digit(&self, at: usize) -> u32 {
        self.square.get(at).copied().unwrap_or(0)
    }

    /// The bits of a digit that are below p.
    fn mask(&self, at: usize) -> u64 {
        let is_last = at + 1 == self.digits.len();
        let bits = if is_last { (self.exponent - 1) % DIGIT + 1 } else { DIGIT };
        (1u64 << bits) - 1
    }

    /// Adds what is above p bits to what is below, until nothing is above, and takes 2^p - 1 as zero.
    fn wrap(&mut self, mut carry: u64) {
        let last = self.digits.len() - 1;
        let bits = (self.exponent - 1) % DIGIT + 1;
        loop {
            let top = u64::from(self.digits[last]) | carry << DIGIT;
            if top >> bits == 0 {
                break;
            }
            self.digits[last] = low(top & self.mask(last));
            carry = top >> bits;
            for digit in &mut self.digits {
                let total = u64::from(*digit) + carry;
                (*digit, carry) = (low(total), total >> DIGIT);
            }
        }
        if (0..self.digits.len()).all(|at| u64::from(self.digits[at]) == self.mask(at)) {
            self.digits.fill(0);
        }
    }

    /// Subtracts a little; below zero it goes on from 2^p - 1.
    fn subtract(&mut self, little: u32) {
        if self.digits[1..].iter().all(|digit| *digit == 0) && self.digits[0] < little {
            let missing = little - self.digits[0];
            for at in 0..self.digits.len() {
                self.digits[at] = low(self.mask(at));
            }
            self.digits[0] -= missing;
            return;
        }
        let mut borrow = little;
        for digit in &mut self.digits {
            let (rest, is_below) = digit.overflowing_sub(borrow);
            (*digit, borrow) = (rest, is_below.into());
        }
    }

    fn is_zero(&self) -> bool {
        self.digits.iter().all(|digit| *digit == 0)
    }
}

fn low(number: u64) -> u32 {
    (number & u64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_mersenne_primes() {
        let found: Vec<u32> = (0..=620).filter(|exponent| is_prime(*exponent)).collect();
        assert_eq!(found, [2, 3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127, 521, 607]);
    }

    /// With numbers that the machine can multiply: every step, not only the end.
    #[test]
    fn every_step_agrees_with_the_machine() {
        for exponent in [3u32, 5, 11, 23, 29, 31, 32, 33, 37, 47, 61] {
            let modulus = (1u128 << exponent) - 1;
            let (mut number, mut expected) = (Residue::new(exponent), 4 % modulus);
            for step in 0..200 {
                number.square_less_two();
                expected = (expected * expected + modulus - 2) % modulus;
                let found = number.digits.iter().rev().fold(0u128, |sum, digit| sum << DIGIT | u128::from(*digit));
                assert_eq!(found, expected, "2^{exponent} - 1, step {step}");
            }
        }
    }
}
