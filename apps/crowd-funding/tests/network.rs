//! Campaigns on a network, on both engines at once: two applications that call each other, and pledges from other chains.

use crowd_funding::{CrowdFundingAbi, Operation, Parameters};
use fungible::{FungibleAbi, Supply};
use myceline_sdk::types::{Amount, Owner, TimeDelta};
use myceline_sdk_testing::{Application, Chain, Module, Network, Received};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// Ann's campaign, for which Bob and Cho have a hundred tokens each on their chains.
struct Story {
    network: Network,
    ann: Chain,
    bob: Chain,
    cho: Chain,
    token: Application<FungibleAbi>,
    campaign: Application<CrowdFundingAbi>,
}

impl Story {
    fn begin(target: u64) -> Story {
        let network = Network::new();
        let [ann, bob, cho] = [network.chain(), network.chain(), network.chain()];
        let supply = Supply { accounts: [(ann.owner(), Amount::from_tokens(200))].into() };
        let ticker = fungible::Parameters { ticker: "GLD".into() };
        let token: Application<FungibleAbi> = ann.create(ann.publish(&Module::build("fungible")), &ticker, &supply);
        for person in [&bob, &cho] {
            let (amount, to) = (Amount::from_tokens(100), person.account_of(person.owner()));
            ann.call(token, &fungible::Operation::Transfer { owner: ann.owner(), amount, to });
            person.receive();
        }
        let parameters = Parameters {
            owner: ann.owner(),
            token: token.id(),
            deadline: network.now().after(TimeDelta::from_millis(3_600_000)),
            target: Amount::from_tokens(target),
        };
        let campaign = ann.create(ann.publish(&Module::current()), &parameters, &());
        Story { network, ann, bob, cho, token, campaign }
    }

    fn pledge(&self, from: &Chain, tokens: u64) {
        from.call(self.campaign, &Operation::Pledge { owner: from.owner(), amount: Amount::from_tokens(tokens) });
    }

    fn has(&self, chain: &Chain, owner: Owner) -> Amount {
        chain.call(self.token, &fungible::Operation::Balance { owner })
    }
}

#[test]
fn enough_pledges_go_to_the_owner() {
    let story = Story::begin(70);
    let Story { ann, bob, cho, campaign, .. } = &story;
    story.pledge(bob, 40);
    story.pledge(cho, 35);
    assert_eq!(ann.receive(), Received { accepted: 2, rejected: 0 });
    let data = ann.graphql(*campaign, "{ status raised pledges { amount } }");
    assert_eq!((data["status"].as_str(), data["raised"].as_str()), (Some("ACTIVE"), Some("75")));

    ann.graphql(*campaign, "mutation { collect }");
    assert_eq!(story.has(ann, ann.owner()), Amount::from_tokens(75));
    assert_eq!(ann.graphql(*campaign, "{ status }")["status"], "COMPLETE");

    // Who comes late gets the tokens back: both messages of the bundle are rejected together.
    story.pledge(bob, 10);
    assert_eq!(ann.receive(), Received { accepted: 0, rejected: 1 });
    bob.receive();
    assert_eq!(story.has(bob, bob.owner()), Amount::from_tokens(60));
}

#[test]
fn too_few_pledges_go_back_over_the_chains() {
    let story = Story::begin(70);
    let Story { network, ann, bob, cho, campaign, .. } = &story;
    story.pledge(bob, 40);
    story.pledge(cho, 5);
    ann.receive();
    let why = ann.fails(*campaign, &Operation::Collect);
    assert!(why.says("45 of 70 were pledged"), "{why}");
    let why = ann.fails(*campaign, &Operation::Cancel);
    assert!(why.says("takes pledges until"), "{why}");

    network.advance(HOUR);
    ann.call(*campaign, &Operation::Cancel);
    for person in [bob, cho] {
        assert_eq!(person.receive(), Received { accepted: 1, rejected: 0 });
        assert_eq!(story.has(person, person.owner()), Amount::from_tokens(100));
    }
}

#[test]
fn nobody_pledges_what_belongs_to_others() {
    let story = Story::begin(70);
    let pledge = Operation::Pledge { owner: story.cho.owner(), amount: Amount::ONE };
    let why = story.bob.fails(story.campaign, &pledge);
    assert!(why.says("may act for"), "{why}");
}
