//! One batch as bytes of the log, and back. What a torn or foreign record is gets decided here.

use myceline_state::{Batch, Key, Value};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Checksum (8 bytes), length of the body (4), number (8), sequence (8).
const HEADER_BYTES: usize = 28;
/// How many of them the checksum does not cover: itself.
const CHECKSUM_BYTES: usize = 8;
/// Where the number lies.
const NUMBER_AT: usize = 12;
/// In place of a length: the key is removed.
const REMOVED: u32 = u32::MAX;

/// What a batch was given when it was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Counts records without a gap, over all segments.
    pub(super) number: u64,
    /// Orders rows with the tables' own changes; it grows with gaps.
    pub(super) sequence: u64,
}

/// A batch does not fit a record.
#[derive(Debug, thiserror::Error)]
#[error("a batch, key or value is 4 GiB or larger")]
pub(super) struct TooLarge;

/// Writes the record of `batches` into `buffer`, replacing what is there.
pub(super) fn encode(buffer: &mut Vec<u8>, seed: u64, stamp: Stamp, batches: &[Batch]) -> Result<(), TooLarge> {
    buffer.clear();
    buffer.resize(HEADER_BYTES, 0);
    for (key, value) in batches.iter().flat_map(Batch::iter) {
        buffer.extend(length(key)?.to_le_bytes());
        buffer.extend(value.as_ref().map_or(Ok(REMOVED), |value| length(value))?.to_le_bytes());
        buffer.extend_from_slice(key);
        buffer.extend_from_slice(value.as_deref().unwrap_or_default());
    }
    let body = u32::try_from(buffer.len() - HEADER_BYTES).map_err(|_| TooLarge)?;
    buffer[8..12].copy_from_slice(&body.to_le_bytes());
    buffer[NUMBER_AT..20].copy_from_slice(&stamp.number.to_le_bytes());
    buffer[20..28].copy_from_slice(&stamp.sequence.to_le_bytes());
    let checksum = xxh3_64_with_seed(&buffer[CHECKSUM_BYTES..], seed);
    buffer[..CHECKSUM_BYTES].copy_from_slice(&checksum.to_le_bytes());
    Ok(())
}

/// A length that is not mistaken for [`REMOVED`].
fn length(bytes: &[u8]) -> Result<u32, TooLarge> {
    u32::try_from(bytes.len()).ok().filter(|length| *length != REMOVED).ok_or(TooLarge)
}

/// A record that is whole.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) stamp: Stamp,
    /// The length of the record, header included.
    pub(super) length: usize,
    body: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record at the start of `bytes`, if a whole one is there. Old and half-written bytes have none.
    pub(super) fn decode(bytes: &'a [u8], seed: u64) -> Option<Record<'a>> {
        let body = u32::from_le_bytes(array(bytes, 8)?);
        let length = HEADER_BYTES.checked_add(usize::try_from(body).ok()?)?;
        let covered = bytes.get(CHECKSUM_BYTES..length)?;
        let checksum = u64::from_le_bytes(array(bytes, 0)?);
        if checksum != xxh3_64_with_seed(covered, seed) {
            return None;
        }
        let stamp = Stamp { number: number_at(bytes)?, sequence: u64::from_le_bytes(array(bytes, 20)?) };
        Some(Record { stamp, length, body: &bytes[HEADER_BYTES..length] })
    }

    /// The rows of the record, in the order in which they were written.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Key, Option<Value>)> + 'a {
        let mut rest = self.body;
        std::iter::from_fn(move || {
            let key = usize::try_from(u32::from_le_bytes(array(rest, 0)?)).ok()?;
            let value = u32::from_le_bytes(array(rest, 4)?);
            let (key, after) = rest[8..].split_at_checked(key)?;
            let (value, after) = match value {
                REMOVED => (None, after),
                length => {
                    let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
                    (Some(Value::new(value)), after)
                }
            };
            rest = after;
            Some((Key::new(key), value))
        })
    }
}

/// What would be the number of a record at the start of `bytes`: cheap to look at before checking the record.
pub(super) fn number_at(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(array(bytes, NUMBER_AT)?))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEED: u64 = 7;
    const STAMP: Stamp = Stamp { number: 3, sequence: 9 };

    fn batch(rows: &[(Vec<u8>, Option<Vec<u8>>)]) -> Batch {
        let mut batch = Batch::new();
        for (key, value) in rows {
            batch.write(&key[..], value.as_deref().map(Value::new));
        }
        batch
    }

    fn encoded(batch: &Batch) -> Vec<u8> {
        let mut buffer = vec![1, 2, 3];
        encode(&mut buffer, SEED, STAMP, std::slice::from_ref(batch)).unwrap();
        buffer
    }

    proptest! {
        #[test]
        fn a_record_reads_as_it_was_written(rows: Vec<(Vec<u8>, Option<Vec<u8>>)>, after: Vec<u8>) {
            let batch = batch(&rows);
            let bytes = encoded(&batch);
            let whole = [&bytes[..], &after].concat();
            let record = Record::decode(&whole, SEED).unwrap();
            prop_assert_eq!(record.stamp, STAMP);
            prop_assert_eq!(record.length, bytes.len());
            prop_assert_eq!(record.rows().collect::<Vec<_>>(), batch.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn bytes_that_nobody_wrote_are_no_record(bytes: Vec<u8>) {
            prop_assert!(Record::decode(&bytes, SEED).is_none());
        }
    }

    #[test]
    fn a_record_that_lacks_or_changes_a_byte_is_none() {
        let bytes = encoded(&batch(&[(vec![1], Some(vec![2; 9])), (vec![2], None)]));
        for cut in 0..bytes.len() {
            assert!(Record::decode(&bytes[..cut], SEED).is_none(), "cut at {cut}");
            let mut zeroed = bytes.clone();
            zeroed[cut..].fill(0);
            assert!(zeroed == bytes || Record::decode(&zeroed, SEED).is_none(), "zeros from {cut}");
            let mut flipped = bytes.clone();
            flipped[cut] ^= 0x10;
            assert!(Record::decode(&flipped, SEED).is_none(), "changed at {cut}");
        }
    }

    #[test]
    fn a_record_of_another_store_is_none() {
        assert!(Record::decode(&encoded(&batch(&[(vec![1], None)])), SEED + 1).is_none());
    }
}
