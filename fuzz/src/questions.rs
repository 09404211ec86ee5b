//! Questions of guests, and how they are encoded: the host answers or refuses them, never panics, and loses no value.

use crate::{
    puppet::Strings,
    world::{World, tokens},
};
use myceline_types::{
    Account, ApplicationId, Blob, BlobKind, BundleAction, ChainConfig, ChainId, Holder, ModuleId, Opaque, Operation,
    Owner, Ownership, Permissions, Transaction, encoding,
    guest::{CallFacts, Facts, HttpAnswer, HttpRequest, OutgoingMessage, StreamUpdate},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Acts of one story.
const ACTS_MAX: usize = 8;

/// Reads bytes as values that guests and hosts exchange, and as a story of what guests ask.
pub fn questions(bytes: &[u8]) {
    values(bytes);
    story(bytes);
}

/// Whatever can be read is written again as it was, and is read as the encoding's own library reads it.
fn values(bytes: &[u8]) {
    canonical::<Facts>(bytes);
    canonical::<CallFacts>(bytes);
    canonical::<Vec<StreamUpdate>>(bytes);
    canonical::<HttpRequest>(bytes);
    canonical::<HttpAnswer>(bytes);
    canonical::<OutgoingMessage>(bytes);
    canonical::<ChainConfig>(bytes);
    canonical::<Ownership>(bytes);
    canonical::<Vec<Operation>>(bytes);
    canonical::<(Option<Opaque>, String, u64, Option<bool>, i32, u16)>(bytes);
}

fn canonical<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let read = encoding::from_bytes::<T>(bytes);
    assert_eq!(read.as_ref().ok(), bcs::from_bytes::<T>(bytes).ok().as_ref());
    if let Ok(value) = read {
        assert_eq!(encoding::to_bytes(&value), bytes);
    }
}

/// A chain with an application and a sibling; each act is an operation, a query or a message that is received.
fn story(bytes: &[u8]) {
    let mut acts = Reader { left: bytes };
    let (mut world, chains, [id, _]) = stage();
    let supply = world.supply();
    for _ in 0..ACTS_MAX {
        let Some(act) = acts.byte() else { return };
        let (chain, author) = (chains[usize::from(act >> 7)], act >> 6 & 1);
        match act % 3 {
            0 => {
                let operation = Operation::Application { id, bytes: Opaque(acts.strings().bytes()) };
                // What it needs and is not there is an answer, too.
                let _ = world.try_block(chain, author, vec![Transaction::Execute(operation)]);
            }
            1 => drop(world.query(chain, id, acts.strings().bytes())),
            _ => {
                let action = if act & 8 == 0 { BundleAction::Accept } else { BundleAction::Reject };
                let next = world.next_bundle(chain, action);
                let _ = next.map(|bundle| world.try_block(chain, author, vec![bundle]));
            }
        }
        assert_eq!(world.supply(), supply, "value was made or lost");
    }
}

/// Two chains, and two applications on the first of them that may do there what they like.
fn stage() -> (World, Vec<ChainId>, [ApplicationId; 2]) {
    let (mut world, chains) = World::new(2);
    let code = |kind| Blob { kind, bytes: Opaque(b"puppet".to_vec()) };
    let (contract, service) = (code(BlobKind::Contract), code(BlobKind::Service));
    let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
    world.offer([contract, service]);
    world.operate(chains[0], 0, Operation::PublishModule(module)).expect("the module is good");
    let ids = [0, 1].map(|parameter| {
        let argument = Opaque(Strings::default().bytes());
        let create = Operation::CreateApplication { module, parameters: Opaque(vec![parameter]), argument };
        let block = world.operate(chains[0], 0, create).expect("the module is there");
        encoding::from_bytes(&block.outcome.results[0].bytes.0).expect("an id")
    });
    let permissions = Permissions { manage_chain: ids.into(), ..Permissions::default() };
    world.operate(chains[0], 0, Operation::ChangePermissions(permissions)).expect("the owner may");
    let to = Account { chain: chains[0], holder: Holder::Owner(Owner::Application(ids[0])) };
    let fund = Operation::Transfer { from: Holder::Chain, to, amount: tokens(10) };
    world.operate(chains[0], 0, fund).expect("there is enough");
    (world, chains, ids)
}

/// Bytes as the acts of a story.
struct Reader<'a> {
    left: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.left.split_first()?;
        self.left = rest;
        Some(*first)
    }

    /// Questions: how many, and each with its code, the number of bytes that it asks with, and those.
    fn strings(&mut self) -> Strings {
        let count = self.byte().unwrap_or(0) % 8;
        (0..count).fold(Strings::default(), |strings, _| {
            let code = self.byte().unwrap_or(0);
            let length = usize::from(self.byte().unwrap_or(0)) + 256 * usize::from(self.byte().unwrap_or(0) % 4);
            let (asked, rest) = self.left.split_at(length.min(self.left.len()));
            self.left = rest;
            strings.say(code.into(), asked.to_vec())
        })
    }
}
