//! Value is neither made nor lost, whatever the owners of two to twenty chains do.

use crate::world::{World, account, owner};
use myceline_types::{
    Account, Amount, BundleAction, ChainConfig, ChainId, Holder, Operation, Ownership, Permissions, Prices, Transaction,
};
use proptest::prelude::*;

/// Something that somebody tries. Numbers are taken modulo what there is, so that every number means something.
#[derive(Clone, Debug)]
enum Try {
    Transfer { chain: u8, author: u8, from_owner: bool, to: u8, to_owner: Option<u8>, attos: u64 },
    Approve { chain: u8, author: u8, spender: u8, attos: u64 },
    TransferFrom { chain: u8, author: u8, owner: u8, to: u8, attos: u64 },
    Claim { chain: u8, author: u8, from: u8, attos: u64 },
    Open { chain: u8, author: u8, owner: u8, attos: u64 },
    Close { chain: u8, author: u8 },
    Receive { chain: u8, author: u8, action: BundleAction, count: u8 },
}

/// Owners that take part: chain `n` belongs to owner `n`.
const OWNERS: u8 = 20;

fn tries() -> impl Strategy<Value = Try> {
    let (n, attos) = (any::<u8>(), 0..200u64);
    let action = prop_oneof![4 => Just(BundleAction::Accept), 1 => Just(BundleAction::Reject)];
    prop_oneof![
        6 => (n, n, any::<bool>(), n, any::<Option<u8>>(), attos.clone()).prop_map(|(chain, author, from_owner, to, to_owner, attos)| {
            Try::Transfer { chain, author, from_owner, to, to_owner, attos }
        }),
        1 => (n, n, n, attos.clone()).prop_map(|(chain, author, spender, attos)| Try::Approve { chain, author, spender, attos }),
        1 => (n, n, n, n, attos.clone())
            .prop_map(|(chain, author, owner, to, attos)| Try::TransferFrom { chain, author, owner, to, attos }),
        2 => (n, n, n, attos.clone()).prop_map(|(chain, author, from, attos)| Try::Claim { chain, author, from, attos }),
        1 => (n, n, n, attos).prop_map(|(chain, author, owner, attos)| Try::Open { chain, author, owner, attos }),
        1 => (n, n).prop_map(|(chain, author)| Try::Close { chain, author }),
        8 => (n, n, action, 1..4u8).prop_map(|(chain, author, action, count)| Try::Receive { chain, author, action, count }),
    ]
}

/// Carries it out, if it can be. Half of the authors are the chain's owner, so that much can.
fn attempt(world: &mut World, what: Try) -> bool {
    let chains = world.chains();
    let chain = |number: u8| chains[usize::from(number) % chains.len()];
    let somebody = |number: u8| number % OWNERS;
    let author_of = |at: ChainId, number: u8| {
        let own = (0..OWNERS).find(|owner_of| world.owns(at, *owner_of));
        own.filter(|_| number.is_multiple_of(2)).unwrap_or(somebody(number / 2))
    };
    let (at, author, operation) = match what {
        Try::Receive { chain: at, author, action, count } => {
            let (at, mut taken) = (chain(at), false);
            let author = author_of(at, author);
            for _ in 0..count {
                let Some(next) = world.next_bundle(at, action) else { break };
                taken |= world.block(at, author, vec![next]).is_ok();
            }
            return taken;
        }
        Try::Transfer { chain: at, author, from_owner, to, to_owner, attos } => {
            let author = author_of(chain(at), author);
            let from = if from_owner { Holder::Owner(owner(author)) } else { Holder::Chain };
            let to = to_owner.map_or(Account::of_chain(chain(to)), |number| account(chain(to), somebody(number)));
            (chain(at), author, Operation::Transfer { from, to, amount: Amount(attos.into()) })
        }
        Try::Approve { chain: at, author, spender, attos } => {
            let operation = Operation::Approve { spender: owner(somebody(spender)), amount: Amount(attos.into()) };
            (chain(at), author_of(chain(at), author), operation)
        }
        Try::TransferFrom { chain: at, author, owner: from, to, attos } => {
            let (owner, to) = (owner(somebody(from)), Account::of_chain(chain(to)));
            (
                chain(at),
                author_of(chain(at), author),
                Operation::TransferFrom { owner, to, amount: Amount(attos.into()) },
            )
        }
        Try::Claim { chain: at, author, from, attos } => {
            let operation =
                Operation::Claim { chain: chain(from), to: Account::of_chain(chain(at)), amount: Amount(attos.into()) };
            (chain(at), author_of(chain(at), author), operation)
        }
        Try::Open { chain: at, author, owner: of, attos } => {
            let ownership = Ownership::single_fast(owner(somebody(of)));
            let config = ChainConfig { ownership, permissions: Permissions::default(), balance: Amount(attos.into()) };
            (chain(at), author_of(chain(at), author), Operation::OpenChain(Box::new(config)))
        }
        Try::Close { chain: at, author } => (chain(at), author_of(chain(at), author), Operation::CloseChain),
    };
    world.block(at, author, vec![Transaction::Execute(operation)]).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn value_is_conserved(count in 2..=20u8, price in 0..3u128, tries in proptest::collection::vec(tries(), 1..120)) {
        let (mut world, _) = World::new(count);
        world.policy.prices = Prices { operation: Amount(price), message: Amount(price), ..Prices::default() };
        let supply = world.supply();
        let mut succeeded = 0;
        for what in tries {
            succeeded += usize::from(attempt(&mut world, what.clone()));
            prop_assert_eq!(world.supply(), supply, "after {:?}", what);
        }
        // What is tried must be possible often enough to prove something; single runs may be unlucky.
        prop_assume!(succeeded > 0);
    }
}
