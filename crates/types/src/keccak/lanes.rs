//! Keccak-256 of several messages at once: the words of their states lie side by side in vector registers, so that each step of
//! the permutation is one instruction for all of them. The steps are those of FIPS 202, section 3.2, with the moves of rho and pi
//! written out.

use super::hash;
use pulp::{
    Arch, NullaryFnOnce,
    bytemuck::Pod,
    cast, u64x4, u64x8,
    x86::{V3, V4},
};

/// Bytes that one permutation takes in.
const RATE: usize = 136;
/// The words of a state.
const STATE_WORDS: usize = 25;

/// What iota adds in each round.
const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The hashes of messages in parts, unless this processor has no wide registers.
pub(super) fn hash_each<const PARTS: usize>(messages: &[[&[u8]; PARTS]]) -> Option<Vec<[u8; 32]>> {
    match Arch::new() {
        Arch::V4(v4) => Some(in_chunks(messages, |state| v4.vectorize(Permute(v4, state)))),
        Arch::V3(v3) => Some(in_chunks(messages, |state| v3.vectorize(Permute(v3, state)))),
        _ => None,
    }
}

/// The hashes of the same messages by every kind of register that this processor has.
#[cfg(test)]
pub(super) fn each_way<const PARTS: usize>(messages: &[[&[u8]; PARTS]]) -> Vec<Vec<[u8; 32]>> {
    let wide = V4::try_new().map(|v4| in_chunks(messages, |state| v4.vectorize(Permute(v4, state))));
    let narrow = V3::try_new().map(|v3| in_chunks(messages, |state| v3.vectorize(Permute(v3, state))));
    wide.into_iter().chain(narrow).collect()
}

/// Word by word the states of as many messages as there are lanes.
type States<const LANES: usize> = [[u64; LANES]; STATE_WORDS];

fn in_chunks<const PARTS: usize, const LANES: usize>(
    messages: &[[&[u8]; PARTS]],
    permute: impl Fn(&mut States<LANES>),
) -> Vec<[u8; 32]> {
    let mut hashes = vec![[0; 32]; messages.len()];
    for (messages, hashes) in messages.chunks(LANES).zip(hashes.chunks_mut(LANES)) {
        match (messages, &mut *hashes) {
            ([alone], [result]) => *result = hash(alone),
            (together, hashes) => sponge(together, hashes, &permute),
        }
    }
    hashes
}

/// Hashes at most as many messages as there are lanes.
fn sponge<const PARTS: usize, const LANES: usize>(
    messages: &[[&[u8]; PARTS]],
    hashes: &mut [[u8; 32]],
    permute: &impl Fn(&mut States<LANES>),
) {
    let mut states = [[0; LANES]; STATE_WORDS];
    let blocks = messages.iter().map(blocks).max().unwrap_or(0);
    for index in 0..blocks {
        for (lane, message) in messages.iter().enumerate() {
            absorb(&mut states, lane, &block(message, index));
        }
        permute(&mut states);
        // What a lane takes in after its message has ended changes nothing that was said of it.
        for (lane, hash) in
            hashes.iter_mut().enumerate().filter(|(lane, _)| self::blocks(&messages[*lane]) == index + 1)
        {
            *hash = squeeze(&states, lane);
        }
    }
}

/// How many blocks a message has, with its padding.
fn blocks<const PARTS: usize>(message: &[&[u8]; PARTS]) -> usize {
    message.iter().map(|part| part.len()).sum::<usize>() / RATE + 1
}

/// One block of a message; its last has the padding of Keccak, which is not that of SHA-3.
fn block<const PARTS: usize>(message: &[&[u8]; PARTS], index: usize) -> [u8; RATE] {
    let mut block = [0; RATE];
    let (mut skipped, mut end) = (index * RATE, 0);
    for part in message {
        let rest = part.get(skipped..).unwrap_or_default();
        skipped = skipped.saturating_sub(part.len());
        let taken = rest.len().min(RATE - end);
        block[end..end + taken].copy_from_slice(&rest[..taken]);
        end += taken;
    }
    if let Some(padding) = block.get_mut(end) {
        *padding = 0x01;
        block[RATE - 1] |= 0x80;
    }
    block
}

fn absorb<const LANES: usize>(states: &mut States<LANES>, lane: usize, block: &[u8; RATE]) {
    let (words, _) = block.as_chunks();
    for (state, word) in states.iter_mut().zip(words) {
        state[lane] ^= u64::from_le_bytes(*word);
    }
}

fn squeeze<const LANES: usize>(states: &States<LANES>, lane: usize) -> [u8; 32] {
    let mut hash = [0; 32];
    for (bytes, state) in hash.as_chunks_mut().0.iter_mut().zip(states) {
        *bytes = state[lane].to_le_bytes();
    }
    hash
}

/// What the permutation asks of vector registers. A processor does two of them in one instruction where it can.
trait Lanes<const LANES: usize>: Copy {
    /// One word of each state.
    type Word: Pod;

    fn all(self, word: u64) -> Self::Word;
    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// `a ^ b ^ c`.
    fn xor3(self, a: Self::Word, b: Self::Word, c: Self::Word) -> Self::Word;
    /// `a ^ (!b & c)`.
    fn chi(self, a: Self::Word, b: Self::Word, c: Self::Word) -> Self::Word;
    fn rotate<const BITS: i32>(self, word: Self::Word) -> Self::Word;
}

impl Lanes<8> for V4 {
    type Word = u64x8;

    #[inline(always)]
    fn all(self, word: u64) -> u64x8 {
        self.splat_u64x8(word)
    }

    #[inline(always)]
    fn xor(self, a: u64x8, b: u64x8) -> u64x8 {
        self.xor_u64x8(a, b)
    }

    #[inline(always)]
    fn xor3(self, a: u64x8, b: u64x8, c: u64x8) -> u64x8 {
        cast(self.avx512f._mm512_ternarylogic_epi64::<0b1001_0110>(cast(a), cast(b), cast(c)))
    }

    #[inline(always)]
    fn chi(self, a: u64x8, b: u64x8, c: u64x8) -> u64x8 {
        cast(self.avx512f._mm512_ternarylogic_epi64::<0b1101_0010>(cast(a), cast(b), cast(c)))
    }

    #[inline(always)]
    fn rotate<const BITS: i32>(self, word: u64x8) -> u64x8 {
        cast(self.avx512f._mm512_rol_epi64::<BITS>(cast(word)))
    }
}

impl Lanes<4> for V3 {
    type Word = u64x4;

    #[inline(always)]
    fn all(self, word: u64) -> u64x4 {
        self.splat_u64x4(word)
    }

    #[inline(always)]
    fn xor(self, a: u64x4, b: u64x4) -> u64x4 {
        self.xor_u64x4(a, b)
    }

    #[inline(always)]
    fn xor3(self, a: u64x4, b: u64x4, c: u64x4) -> u64x4 {
        self.xor(self.xor(a, b), c)
    }

    #[inline(always)]
    fn chi(self, a: u64x4, b: u64x4, c: u64x4) -> u64x4 {
        self.xor(a, self.andnot_u64x4(b, c))
    }

    #[inline(always)]
    fn rotate<const BITS: i32>(self, word: u64x4) -> u64x4 {
        let (left, right) = (self.all(BITS as u64), self.all(64 - BITS as u64));
        self.xor(self.shl_dyn_u64x4(word, left), self.shr_dyn_u64x4(word, right))
    }
}

/// The permutation, compiled for the processor that was found.
struct Permute<'a, S, const LANES: usize>(S, &'a mut States<LANES>);

impl<S: Lanes<LANES>, const LANES: usize> NullaryFnOnce for Permute<'_, S, LANES>
where
    [u64; LANES]: Pod,
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Permute(lanes, states) = self;
        let mut words: [S::Word; STATE_WORDS] = states.map(cast);
        for constant in ROUND_CONSTANTS {
            words = round(lanes, &words);
            words[0] = lanes.xor(words[0], lanes.all(constant));
        }
        states.iter_mut().zip(words).for_each(|(state, word)| *state = cast(word));
    }
}

/// Theta, rho, pi and chi.
#[inline(always)]
fn round<S: Lanes<LANES>, const LANES: usize>(lanes: S, a: &[S::Word; STATE_WORDS]) -> [S::Word; STATE_WORDS] {
    let parity: [S::Word; 5] =
        std::array::from_fn(|x| lanes.xor3(lanes.xor3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]));
    let turned: [S::Word; 5] = std::array::from_fn(|x| lanes.rotate::<1>(parity[x]));
    // Theta: a word takes up the parities of the columns on either side of its own.
    let theta = |at: usize| lanes.xor3(a[at], parity[(at + 4) % 5], turned[(at + 1) % 5]);
    // Chi, over the words that rho and pi bring into one row.
    let chi = |[p, q, r, s, t]: [S::Word; 5]| {
        [lanes.chi(p, q, r), lanes.chi(q, r, s), lanes.chi(r, s, t), lanes.chi(s, t, p), lanes.chi(t, p, q)]
    };
    let rows = [
        chi([
            theta(0),
            lanes.rotate::<44>(theta(6)),
            lanes.rotate::<43>(theta(12)),
            lanes.rotate::<21>(theta(18)),
            lanes.rotate::<14>(theta(24)),
        ]),
        chi([
            lanes.rotate::<28>(theta(3)),
            lanes.rotate::<20>(theta(9)),
            lanes.rotate::<3>(theta(10)),
            lanes.rotate::<45>(theta(16)),
            lanes.rotate::<61>(theta(22)),
        ]),
        chi([
            lanes.rotate::<1>(theta(1)),
            lanes.rotate::<6>(theta(7)),
            lanes.rotate::<25>(theta(13)),
            lanes.rotate::<8>(theta(19)),
            lanes.rotate::<18>(theta(20)),
        ]),
        chi([
            lanes.rotate::<27>(theta(4)),
            lanes.rotate::<36>(theta(5)),
            lanes.rotate::<10>(theta(11)),
            lanes.rotate::<15>(theta(17)),
            lanes.rotate::<56>(theta(23)),
        ]),
        chi([
            lanes.rotate::<62>(theta(2)),
            lanes.rotate::<55>(theta(8)),
            lanes.rotate::<39>(theta(14)),
            lanes.rotate::<41>(theta(15)),
            lanes.rotate::<2>(theta(21)),
        ]),
    ];
    std::array::from_fn(|at| rows[at / 5][at % 5])
}
