//! What a validator does for each block, counted in instructions: the same on an idle machine and on a busy one.
//!
//! ```text
//! cargo xtask instructions
//! ```

#![expect(missing_docs, reason = "the macros write public items")]

use benches::{Checking, Committing, Growing, Voting};
use gungraun::{library_benchmark, library_benchmark_group, main};
use myceline_state::Update;
use myceline_types::{Certificate, Checked, InvalidCertificate, api::Response};
use std::hint::black_box;

#[library_benchmark]
#[bench::one_transfer(args = (1), setup = Voting::on_first)]
#[bench::hundred_transfers(args = (100), setup = Voting::on_first)]
fn proposal(mut voting: Voting) -> (Response, Voting) {
    // What is given back is dropped where nobody counts.
    (black_box(voting.vote()), voting)
}

#[library_benchmark]
#[bench::with_the_certificate_before_it(setup = Voting::on_second)]
fn next_proposal(mut voting: Voting) -> (Response, Voting) {
    (black_box(voting.vote()), voting)
}

#[library_benchmark]
#[bench::of_a_block_voted_for(setup = Committing::after_vote)]
fn certificate(mut committing: Committing) -> (Response, Committing) {
    (black_box(committing.commit()), committing)
}

#[library_benchmark]
#[bench::of_four_validators(setup = Checking::of_four)]
fn signatures(checking: Checking) -> Result<Checked<Certificate>, InvalidCertificate> {
    black_box(checking.check())
}

#[library_benchmark]
#[bench::entry_of_ten(args = (10, 1), setup = Growing::new)]
#[bench::entry_of_ten_thousand(args = (10_000, 1), setup = Growing::new)]
#[bench::hundred_of_ten_thousand(args = (10_000, 100), setup = Growing::new)]
fn root_update(growing: Growing) -> (Update, Growing) {
    (black_box(growing.update()), growing)
}

library_benchmark_group!(
    name = hot_paths,
    benchmarks = [proposal, next_proposal, certificate, signatures, root_update]
);

main!(library_benchmark_groups = hot_paths);
