//! Every format is pinned in `conformance.txt`: a change of one is a change of a line there, with a reason in the commit.

use crate::{
    catalogue,
    samples::{self, Sample},
};
use myceline_types::{Ballot, BlockHash, Hash, NetworkId, Report, Round, Vote, vote::batch_digest};
use std::{collections::BTreeSet, env, fs, path::Path};

const UPDATE: &str = "UPDATE_CONFORMANCE";
const PREFACE: &str = "\
# The canonical encoding of a sample of every encoded type: its length in bytes and its Keccak-256. Then the hashes that
# name things, which contracts compute too. A line that changes breaks stored data, signatures and other versions: say in
# the commit why. UPDATE_CONFORMANCE=1 cargo test --package myceline-types --test encoding writes this file anew.
";

#[test]
fn every_format_is_as_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance.txt");
    let now = document();
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, &now).expect("conformance.txt can be written");
    }
    let pinned = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        pinned == now,
        "formats differ from crates/types/conformance.txt:\n{}\nIf this is meant, run the test with {UPDATE}=1 and say why in the commit.",
        differences(&pinned, &now)
    );
}

#[test]
fn every_encoded_type_and_variant_has_a_sample() {
    let sampled: BTreeSet<String> = samples::all().into_iter().map(|sample| sample.name).collect();
    let declared = catalogue::encoded();
    let missing: Vec<&String> = declared.difference(&sampled).collect();
    let unknown: Vec<&String> = sampled.difference(&declared).collect();
    assert!(missing.is_empty(), "encoded, but without a sample in tests/encoding/samples: {missing:?}");
    assert!(unknown.is_empty(), "sampled, but not found in the sources: {unknown:?}");
}

#[test]
fn a_difference_shows_both_lines() {
    assert_eq!(differences("a 1\nb 2\n", "a 1\nb 3\nc 4\n"), "- b 2\n+ b 3\n+ c 4");
}

/// The whole of `conformance.txt`.
fn document() -> String {
    let formats = samples::all()
        .into_iter()
        .map(|Sample { name, bytes, .. }| format!("{name:42}{:6}  {}\n", bytes.len(), Hash::of_parts(&[&bytes])));
    let names = names().into_iter().map(|(name, hash)| format!("{name:48}{hash}\n"));
    PREFACE.to_owned() + "\n" + &formats.collect::<String>() + "\n" + &names.collect::<String>()
}

/// The hashes by which things are known and that are signed.
fn names() -> Vec<(&'static str, Hash)> {
    let network = NetworkId(samples::hash(2));
    let block = samples::block();
    let mut names = vec![
        ("the network of a Genesis", samples::genesis().network().0),
        ("the chain of a ChainDescription", samples::description().id().0),
        ("the block of a Header", samples::header().hash().0),
        ("the root of a Block's transactions", block.header().roots.transactions),
        ("the root of a Block's messages", block.header().roots.messages),
        ("the root of a Block's events", block.header().roots.events),
        ("the bundle that a Block sends", block.bundles()[0].1.hash().0),
        ("a Blob", samples::blob().id().hash),
        ("an Owner in a Header", samples::owner().word()),
        ("the digest of a batch of votes", batch_digest(network, samples::hash(1))),
        ("the digest of a Proposal", samples::proposal().digest(network)),
        ("the digest of a TimeoutRequest", samples::timeout_request().digest(network)),
        ("the digest of an Info", samples::info().digest(network)),
    ];
    names.extend(ballots().map(|(name, ballot)| (name, Vote { ballot, ..samples::vote() }.leaf(network))));
    names
}

fn ballots() -> [(&'static str, Ballot); 5] {
    let block = BlockHash(samples::hash(4));
    [
        ("the leaf of a Vote to validate", Ballot::Validate(block)),
        ("the leaf of a Vote to confirm", Ballot::Confirm(block)),
        ("the leaf of a Vote that reports nothing", Ballot::Timeout(Report::Nothing)),
        ("the leaf of a Vote that reports round 0", Ballot::Timeout(Report::Fast(block))),
        ("the leaf of a Vote that reports a certificate", Ballot::Timeout(Report::Certificate(Round(2), block))),
    ]
}

/// The lines that only one of the documents has.
fn differences(pinned: &str, now: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (pinned, now) = (lines(pinned), lines(now));
    let gone = pinned.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}"));
    let new = now.iter().filter(|line| !pinned.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect::<Vec<String>>().join("\n")
}
