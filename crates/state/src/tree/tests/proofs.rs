//! Proofs verify, and nothing else does.

use super::*;
use myceline_types::encoding;

fn key(number: u32) -> Key {
    number.to_be_bytes().into()
}

/// Proves every third of twice as many keys as there are, present and absent ones.
fn check_proofs(count: u32) {
    let mut world = World::with_entries(count);
    world.reload();
    for number in (0..2 * count).step_by(3) {
        let proof = world.tree.prove(&world.store, &key(number)).unwrap();
        let value = world.model.get(&key(number)).map(|value| &value[..]);
        assert_eq!(value.is_some(), number < count);
        assert_eq!(proof.verify(world.tree.root(), &key(number), value), Ok(()));
    }
}

#[test]
fn trees_of_all_sizes_prove_what_is_there_and_what_is_not() {
    [0, 1, 2, 3, 20, 256, 257, 3000].into_iter().for_each(check_proofs);
}

#[test]
fn a_proof_over_absent_rows_ends_the_same() {
    let mut world = World::with_entries(3000);
    world.reload();
    let (proof, misses) = Sparse::new(&world.store).run(|sparse| world.tree.prove(sparse, &key(9)));
    assert_eq!(proof.verify(world.tree.root(), &key(9), Some(&key(9))), Ok(()));
    assert_eq!(misses, 3, "two levels of node rows and a bucket");
}

#[test]
fn a_proof_shows_one_thing_only() {
    let world = World::with_entries(20);
    let root = world.tree.root();
    let there = world.tree.prove(&world.store, &key(1)).unwrap();
    let not_there = world.tree.prove(&world.store, &key(99)).unwrap();
    let other_root = |result| matches!(result, Err(ProofError::OtherRoot { .. }));

    assert_eq!(there.verify(root, &key(1), None), Err(ProofError::Opposite { present: true }));
    assert_eq!(not_there.verify(root, &key(99), Some(b"")), Err(ProofError::Opposite { present: false }));
    assert_eq!(Proof::Empty.verify(root, &key(1), Some(b"")), Err(ProofError::Opposite { present: false }));
    assert!(other_root(Proof::Empty.verify(root, &key(99), None)));
    assert!(other_root(there.verify(root, &key(1), Some(&key(2)))), "another value");
    assert!(other_root(there.verify(root, &key(2), Some(&key(2)))), "another key");
    assert!(other_root(there.verify(Hash::ZERO, &key(1), Some(&key(1)))), "another root");
}

/// The entry's own leaf has its place, so it cannot be what displaces it.
#[test]
fn presence_cannot_be_dressed_up_as_absence() {
    let world = World::with_entries(20);
    let Proof::Present { path } = world.tree.prove(&world.store, &key(1)).unwrap() else { panic!("it is there") };
    let by = Leaf { key: Hash::of_parts(&[&key(1)]), value: Hash::of_parts(&[&key(1)]) };
    let forged = Proof::Displaced { by, path };
    assert_eq!(forged.verify(world.tree.root(), &key(1), None), Err(ProofError::SelfDisplaced));
}

/// The leaf of another entry lies elsewhere, whatever the bits of the path are said to be.
#[test]
fn no_other_leaf_displaces_an_entry_that_is_there() {
    let world = World::with_entries(20);
    for other in 2..20 {
        let Proof::Present { path } = world.tree.prove(&world.store, &key(other)).unwrap() else {
            panic!("it is there")
        };
        let by = Leaf { key: Hash::of_parts(&[&key(other)]), value: Hash::of_parts(&[&key(other)]) };
        let forged = Proof::Displaced { by, path };
        assert!(matches!(forged.verify(world.tree.root(), &key(1), None), Err(ProofError::OtherRoot { .. })));
    }
}

#[test]
fn steps_that_do_not_lead_upwards_are_refused() {
    let step = |bit| Step { bit, sibling: Hash::ZERO };
    for bits in [[3, 3], [2, 3]] {
        let proof = Proof::Present { path: bits.map(step).to_vec() };
        assert_eq!(proof.verify(Hash::ZERO, b"", Some(b"")), Err(ProofError::Disordered { step: 1 }));
    }
}

proptest! {
    /// Every byte of an encoded proof matters: whatever still decodes does not verify.
    #[test]
    fn no_mutation_of_a_proof_verifies(number in 0..40u32, at: prop::sample::Index, flip in 1..=255u8, cut: bool) {
        let world = World::with_entries(20);
        let value = (number < 20).then(|| key(number));
        let proof = world.tree.prove(&world.store, &key(number)).unwrap();
        let mut bytes = encoding::to_bytes(&proof);
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= flip }
        if let Ok(mutant) = encoding::from_bytes::<Proof>(&bytes) {
            prop_assert!(mutant.verify(world.tree.root(), &key(number), value.as_deref()).is_err());
        }
    }

    #[test]
    fn no_step_can_be_left_out_doubled_or_swapped(number in 0..40u32, at: prop::sample::Index) {
        let world = World::with_entries(20);
        let value = (number < 20).then(|| key(number));
        let proof = world.tree.prove(&world.store, &key(number)).unwrap();
        let refused = |change: &dyn Fn(&mut Vec<Step>, usize)| {
            let mut mutant = proof.clone();
            let (Proof::Present { path } | Proof::Displaced { path, .. }) = &mut mutant else { panic!("not empty") };
            let at = at.index(path.len() - 1);
            change(path, at);
            mutant.verify(world.tree.root(), &key(number), value.as_deref()).is_err()
        };
        prop_assert!(refused(&|path, at| _ = path.remove(at)));
        prop_assert!(refused(&|path, at| path.insert(at, path[at])));
        prop_assert!(refused(&|path, at| path.swap(at, at + 1)));
    }
}
