//! What a validator writes for a block of one transfer: about ten rows. Values do not compress, as hashes and signatures do not.

use std::{collections::VecDeque, time::Instant};

/// A row to store, or a key to remove.
pub type Row = (Vec<u8>, Option<Vec<u8>>);

/// Tables whose rows arrive in key order.
pub const APPENDED: &[u8] = &[BODY, CERTIFICATE, COMMIT_INDEX];
pub const BODY: u8 = b'b';
const CERTIFICATE: u8 = b'c';
const COMMIT_INDEX: u8 = b'x';
const VOTE: u8 = b'v';
const TIP: u8 = b't';
const STATE: u8 = b's';
const INBOX: u8 = b'i';

/// A message is consumed when so many blocks later ones have been written.
const BLOCKS_IN_INBOX: usize = 500;

/// A fast generator with a seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<_> = (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(count);
        bytes
    }
}

/// The blocks of many chains.
pub struct Workload {
    chains: u64,
    random: Random,
    written: u64,
    inbox: VecDeque<Vec<u8>>,
}

impl Workload {
    pub fn new(chains: u64) -> Workload {
        Workload { chains, random: Random(42), written: 0, inbox: VecDeque::new() }
    }

    /// The rows of the next block.
    pub fn block(&mut self) -> Vec<Row> {
        let chain = if self.written < self.chains { self.written } else { self.random.next() % self.chains };
        let number = self.written;
        self.written += 1;
        let mut rows = vec![
            self.row(numbered(BODY, number), 300),
            self.row(numbered(CERTIFICATE, number), 700),
            self.row(numbered(COMMIT_INDEX, number), 72),
            self.row(of_chain(VOTE, chain, 0), 300),
            self.row(of_chain(TIP, chain, 0), 150),
        ];
        rows.extend((0..3).map(|entry| self.row(of_chain(STATE, chain, entry), 80)));
        let recipient = self.random.next() % self.chains;
        let message = [of_chain(INBOX, recipient, 0), self.random.bytes(16)].concat();
        rows.push(self.row(message.clone(), 130));
        self.inbox.push_back(message);
        if self.inbox.len() > BLOCKS_IN_INBOX {
            rows.extend(self.inbox.pop_front().map(|message| (message, None)));
        }
        rows
    }

    fn row(&mut self, key: Vec<u8>, bytes: usize) -> Row {
        (key, Some(self.random.bytes(bytes)))
    }

    /// The key of a row that exists after `written` blocks.
    pub fn some_key(&mut self, random: &mut Random, written: u64) -> Vec<u8> {
        let chain = random.next() % self.chains.min(written);
        match random.next() % 4 {
            0 => numbered(CERTIFICATE, random.next() % written),
            1 => of_chain(TIP, chain, 0),
            _ => of_chain(STATE, chain, (random.next() % 3) as u8),
        }
    }
}

fn numbered(table: u8, number: u64) -> Vec<u8> {
    [&[table][..], &number.to_be_bytes()].concat()
}

/// Chains have hashes for ids.
fn of_chain(table: u8, chain: u64, entry: u8) -> Vec<u8> {
    [&[table][..], &Random(chain).bytes(32), &[entry]].concat()
}

/// What making the blocks costs by itself.
pub fn cost_us(chains: u64, blocks: u64) -> f64 {
    let (mut workload, start) = (Workload::new(chains), Instant::now());
    (0..blocks).for_each(|_| drop(std::hint::black_box(workload.block())));
    start.elapsed().as_secs_f64() * 1e6 / blocks as f64
}
