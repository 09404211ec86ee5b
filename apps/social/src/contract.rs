//! The contract of the feed.
#![cfg_attr(target_arch = "wasm32", no_main)]

use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{BlobId, BlobKind, guest::StreamUpdate},
};
use social::{Event, Operation, STREAM, SocialAbi, SocialState, What};

/// The longest text, in bytes.
const TEXT_MAX: usize = 4_096;

struct Social {
    state: SocialState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(Social);

impl WithContractAbi for Social {
    type Abi = SocialAbi;
}

impl Contract for Social {
    type Message = ();
    type Parameters = ();
    type InstantiationArgument = ();
    type EventValue = Event;

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Social { state: SocialState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> Option<u32> {
        let (here, itself) = (self.runtime.chain_id(), self.runtime.application_id());
        match operation {
            Operation::Post { text, image } => {
                if let Some(hash) = image {
                    self.runtime.assert_data_blob_exists(BlobId { kind: BlobKind::Data, hash });
                }
                Some(self.say(What::Post { text: checked(text), image }))
            }
            Operation::Like { post } => Some(self.say(What::Like(post))),
            Operation::Comment { post, text } => Some(self.say(What::Comment { post, text: checked(text) })),
            Operation::Follow { chain } => {
                assert_ne!(chain, here, "a chain sees its own posts anyway");
                assert!(!self.state.follows.contains(&chain), "chain {chain} is followed already");
                self.state.follows.insert(&chain);
                self.runtime.subscribe_to_events(chain, itself, STREAM);
                None
            }
            Operation::Unfollow { chain } => {
                self.state.follows.remove(&chain);
                self.runtime.unsubscribe_from_events(chain, itself, STREAM);
                None
            }
        }
    }

    fn execute_message(&mut self, (): ()) {
        panic!("feeds do not send messages");
    }

    fn process_streams(&mut self, updates: Vec<StreamUpdate>) {
        for StreamUpdate { chain, first, next, .. } in updates {
            for index in first..next {
                let event = self.runtime.read_event(chain, STREAM, index);
                self.state.see(chain, index, event);
            }
        }
    }
}

impl Social {
    /// Tells everybody who follows, and oneself.
    fn say(&mut self, what: What) -> u32 {
        let event = Event { time: self.runtime.system_time(), what };
        let index = self.runtime.emit(STREAM, &event);
        self.state.see(self.runtime.chain_id(), index, event);
        index
    }
}

fn checked(text: String) -> String {
    assert!(text.len() <= TEXT_MAX, "a text has at most {TEXT_MAX} bytes");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{ChainId, Hash, Opaque, StreamId, Timestamp, encoding},
    };
    use social::PostId;

    const ELSEWHERE: ChainId = ChainId(Hash([9; 32]));

    #[test]
    fn what_is_posted_is_an_event() {
        let mock = Mock::new();
        let mut social = Social::load(mock.contract_runtime());
        let index = social.execute_operation(Operation::Post { text: "Spores!".into(), image: None });
        assert_eq!(index, Some(0));
        let events: Vec<Event> = mock.emitted(STREAM);
        assert_eq!(events[0].what, What::Post { text: "Spores!".into(), image: None });
    }

    #[test]
    fn events_of_others_come_into_the_feed() {
        let mock = Mock::new();
        let mut social = Social::load(mock.contract_runtime());
        social.execute_operation(Operation::Follow { chain: ELSEWHERE });
        let stream =
            StreamId { application: mock.with(|world| world.facts.application), name: Opaque(STREAM.to_vec()) };
        assert_eq!(mock.with(|world| world.subscriptions[&(ELSEWHERE, stream.clone())]), 0);

        let event = Event { time: Timestamp(5), what: What::Post { text: "Rain".into(), image: None } };
        let place = (ELSEWHERE, stream.clone(), 0);
        mock.with(|world| world.foreign_events.insert(place, encoding::to_bytes(&event)));
        social.process_streams(vec![StreamUpdate { chain: ELSEWHERE, stream, first: 0, next: 1 }]);
        let id = PostId { author: ELSEWHERE, index: 0 };
        assert_eq!(social.state.posts.get(&id.key()).map(|post| post.text), Some("Rain".into()));
    }

    #[test]
    #[should_panic = "at most 4096 bytes"]
    fn nobody_posts_a_book() {
        let mock = Mock::new();
        let text = "page ".repeat(1_000);
        Social::load(mock.contract_runtime()).execute_operation(Operation::Post { text, image: None });
    }
}
