//! What an update costs, counted in hashes, rows and bytes: figures that do not depend on the machine.

use super::*;

/// Keys spread over a tree of `entries`, with a value that none of them has.
fn touch(entries: u32, touched: u32) -> impl Iterator<Item = (u32, Option<u32>)> {
    let stride = (entries / touched).max(1);
    (0..touched).map(move |index| (index * stride, Some(u32::MAX)))
}

/// Key, value, leaf, and the forks above: at most log2(n) of them and some, since hashed keys are not spread evenly.
fn hashes_max(entries: u32, touched: u32) -> u64 {
    u64::from(touched) * (3 + u64::from(entries.ilog2()) + 4)
}

#[test]
fn a_tree_in_memory_costs_the_touched_entries_times_the_logarithm_of_all() {
    for entries in [10, 100, 1000, 10_000, 100_000] {
        let world = World::with_entries(entries);
        for touched in [1, 10, 100, 1000].into_iter().filter(|touched| *touched <= entries) {
            let hashes = world.clone().commit(touch(entries, touched));
            let max = hashes_max(entries, touched);
            assert!(hashes <= max, "{hashes} hashes for {touched} of {entries}, at most {max} expected");
            assert!(hashes >= 3 * u64::from(touched), "{hashes} hashes for {touched} of {entries} cannot be all");
        }
    }
}

/// Opening a level computes up to 15 forks more, opening a bucket two hashes for each of its entries.
#[test]
fn a_tree_on_disk_costs_the_same_and_what_it_opens() {
    let mut world = World::with_entries(100_000);
    world.reload();
    let levels = u64::from(100_000u32.ilog2().div_ceil(4));
    for touched in [1, 10, 100] {
        let hashes = world.clone().commit(touch(100_000, touched));
        let max = hashes_max(100_000, touched) + u64::from(touched) * (levels * 15 + 2 * u64::from(BUCKET));
        assert!(hashes <= max, "{hashes} hashes for {touched}, at most {max} expected");
    }
}

#[test]
fn an_update_writes_the_leaf_and_one_row_per_level() {
    let world = World::with_entries(20_000);
    let update = world.tree.update(&world.store, &batch([(1, Some(2))])).unwrap();
    let bytes: usize = update.rows.iter().map(|(key, row)| key.len() + row.as_ref().map_or(0, Value::len)).sum();
    expect!["5 rows, 275 bytes"].assert_eq(&format!("{} rows, {bytes} bytes", update.rows.len()));
}

#[test]
fn a_small_chain_writes_nothing_and_hashes_little() {
    let world = World::with_entries(20);
    let update = world.tree.update(&world.store, &batch(touch(20, 3))).unwrap();
    expect!["0 rows, 17 hashes"].assert_eq(&format!("{} rows, {} hashes", update.rows.len(), update.hashes));
}
