//! What applications may do, one story each, told with puppets.

use crate::{
    puppet::Strings,
    world::{World, account, owner, tokens},
};
use myceline_execution::{Need, Problem, Stop, web_key};
use myceline_types::{
    Account, Amount, ApplicationId, Blob, BlobKind, Block, BundleAction, ChainId, Fact, Holder, Message, ModuleId,
    Opaque, Operation, Owner, Permissions, Prices, StreamId, Transaction, encoding,
    guest::{self, CallFacts, HttpAnswer, HttpMethod, HttpRequest, OutgoingMessage, Projection, StreamUpdate},
};

/// A world with so many chains, and an application created on the first one.
fn world(chains: u8) -> (World, Vec<ChainId>, ApplicationId) {
    let (mut world, ids) = World::new(chains);
    let code = |kind| Blob { kind, bytes: Opaque(b"puppet".to_vec()) };
    let (contract, service) = (code(BlobKind::Contract), code(BlobKind::Service));
    let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
    world.offer([contract, service]);
    world.operate(ids[0], 0, Operation::PublishModule(module)).expect("the module is good");
    let id = create(&mut world, ids[0], module, &[]);
    (world, ids, id)
}

fn create(world: &mut World, chain: ChainId, module: ModuleId, parameters: &[u8]) -> ApplicationId {
    let argument = Opaque(Strings::default().bytes());
    let create = Operation::CreateApplication { module, parameters: Opaque(parameters.to_vec()), argument };
    let block = world.operate(chain, 0, create).expect("the module is there");
    encoding::from_bytes(&block.outcome.results[0].bytes.0).expect("an id")
}

/// Another application of the same module.
fn sibling(world: &mut World, chain: ChainId) -> ApplicationId {
    let code = |kind| Blob { kind, bytes: Opaque(b"puppet".to_vec()) }.id().hash;
    create(world, chain, ModuleId { contract: code(BlobKind::Contract), service: code(BlobKind::Service) }, &[1])
}

fn call(id: ApplicationId, strings: Strings) -> Operation {
    Operation::Application { id, bytes: Opaque(strings.bytes()) }
}

fn result<Q: guest::Question>(block: &Block) -> Q::Answer {
    encoding::from_bytes(&block.outcome.results[0].bytes.0).expect("the last answer")
}

fn key(text: &str) -> Opaque {
    Opaque(text.as_bytes().to_vec())
}

fn put(text: &str, value: u8) -> (Opaque, Option<Opaque>) {
    (key(text), Some(Opaque(vec![value])))
}

fn in_call(id: ApplicationId, is_authenticated: bool, strings: Strings) -> (ApplicationId, bool, Opaque) {
    (id, is_authenticated, Opaque(strings.bytes()))
}

#[test]
fn state_is_kept_apart_by_application_and_comes_back() {
    let (mut world, c, id) = world(1);
    let other = sibling(&mut world, c[0]);
    world.operate(c[0], 0, call(id, Strings::default().ask::<guest::Put>(put("a", 1)))).unwrap();
    world.operate(c[0], 0, call(other, Strings::default().ask::<guest::Put>(put("a", 2)))).unwrap();
    let get = Strings::default().ask::<guest::Get>(key("a"));
    let block = world.operate(c[0], 0, call(id, get)).unwrap();
    assert_eq!(result::<guest::Get>(&block), Some(Opaque(vec![1])));
    let range = guest::KeyRange { prefix: key(""), start: key(""), limit: 10 };
    let answer = world.query(c[0], other, Strings::default().ask::<guest::Scan>(range).bytes()).unwrap();
    assert_eq!(encoding::from_bytes(&answer.answer), Ok(vec![(key("a"), Opaque(vec![2]))]));
}

#[test]
fn callees_learn_who_calls_if_they_are_told_and_what_they_return_comes_back() {
    let (mut world, c, id) = world(1);
    let callee = sibling(&mut world, c[0]);
    let who = || Strings::default().ask::<guest::GetCall>(());
    for (is_authenticated, signer, caller) in [(true, Some(owner(0)), Some(id)), (false, None, None)] {
        let asks = Strings::default().ask::<guest::Call>(in_call(callee, is_authenticated, who()));
        let block = world.operate(c[0], 0, call(id, asks)).unwrap();
        let inner: CallFacts = encoding::from_bytes(&result::<guest::Call>(&block).0).unwrap();
        assert_eq!(inner, CallFacts { signer, caller, message: None });
    }
}

#[test]
fn nobody_is_called_while_they_are_called() {
    let (mut world, c, id) = world(1);
    let callee = sibling(&mut world, c[0]);
    let back = Strings::default().ask::<guest::Call>(in_call(id, true, Strings::default()));
    let asks = Strings::default().ask::<guest::Call>(in_call(callee, true, back));
    assert_eq!(world.operate(c[0], 0, call(id, asks)).unwrap_err(), Problem::Reentrant(id));
}

#[test]
fn a_failure_anywhere_undoes_the_whole_transaction() {
    let (mut world, c, id) = world(1);
    let callee = sibling(&mut world, c[0]);
    let inner = Strings::default().ask::<guest::Put>(put("b", 1)).ask::<guest::Panic>("no, at lib.rs:7".into());
    let asks = Strings::default()
        .ask::<guest::Put>(put("a", 1))
        .ask::<guest::Emit>((key("s"), Opaque(vec![1])))
        .ask::<guest::Call>(in_call(callee, true, inner));
    let failed = world.operate(c[0], 0, call(id, asks)).unwrap_err();
    assert_eq!(failed, Problem::Application { id: callee, why: "no, at lib.rs:7".into() });
    let get = Strings::default().ask::<guest::Get>(key("a"));
    let block = world.operate(c[0], 0, call(id, get)).unwrap();
    assert_eq!(result::<guest::Get>(&block), None);
    let emit = Strings::default().ask::<guest::Emit>((key("s"), Opaque(vec![1])));
    let block = world.operate(c[0], 0, call(id, emit)).unwrap();
    assert_eq!(result::<guest::Emit>(&block), 0, "the event of the failed transaction is gone");
}

#[test]
fn an_application_spends_its_own_and_what_the_signer_lets_it() {
    let (mut world, c, id) = world(2);
    let itself = Holder::Owner(Owner::Application(id));
    let to = account(c[1], 1);
    let fill =
        Operation::Transfer { from: Holder::Chain, to: Account { chain: c[0], holder: itself }, amount: tokens(10) };
    world.operate(c[0], 0, fill).unwrap();
    let pay = |from| Strings::default().ask::<guest::Transfer>((from, to, tokens(4)));
    world.operate(c[0], 0, call(id, pay(itself))).unwrap();
    world.operate(c[0], 0, call(id, pay(Holder::Chain))).unwrap();
    let of_another = Holder::Owner(owner(1));
    let refused = world.operate(c[0], 0, call(id, pay(of_another))).unwrap_err();
    assert_eq!(refused, Problem::NotAuthorised { author: Owner::Application(id), holder: of_another });
    let callee = sibling(&mut world, c[0]);
    let unsigned = Strings::default().ask::<guest::Call>(in_call(callee, false, pay(Holder::Chain)));
    assert!(matches!(world.operate(c[0], 0, call(id, unsigned)).unwrap_err(), Problem::NotAuthorised { .. }));
    assert_eq!(world.supply(), tokens(200));
}

fn send(recipient: ChainId, is_tracked: bool, grant: Amount, strings: Strings) -> Strings {
    let bytes = Opaque(strings.bytes());
    let message = OutgoingMessage { recipient, bytes, is_authenticated: true, is_tracked, grant };
    Strings::default().ask::<guest::Send>(message)
}

fn take(world: &mut World, chain: ChainId, author: u8, action: BundleAction) -> Block {
    let next = world.next_bundle(chain, action).expect("a bundle waits");
    world.block(chain, author, vec![next]).expect("the bundle can be taken")
}

#[test]
fn messages_reach_the_same_application_elsewhere_and_bounce_when_they_are_rejected() {
    let (mut world, c, id) = world(2);
    let inner = Strings::default().ask::<guest::GetCall>(()).ask::<guest::Put>(put("here", 1));
    world.operate(c[0], 0, call(id, send(c[1], true, Amount::ZERO, inner.clone()))).unwrap();
    take(&mut world, c[1], 1, BundleAction::Accept);
    let get = || Strings::default().ask::<guest::Get>(key("here"));
    let block = world.operate(c[1], 1, call(id, get())).unwrap();
    assert_eq!(result::<guest::Get>(&block), Some(Opaque(vec![1])));

    world.operate(c[0], 0, call(id, send(c[1], true, Amount::ZERO, inner))).unwrap();
    take(&mut world, c[1], 1, BundleAction::Reject);
    take(&mut world, c[0], 0, BundleAction::Accept);
    let block = world.operate(c[0], 0, call(id, get())).unwrap();
    assert_eq!(result::<guest::Get>(&block), Some(Opaque(vec![1])), "it was executed where it came from");
}

#[test]
fn a_grant_pays_for_a_message_and_its_rest_goes_back() {
    let (mut world, c, id) = world(2);
    world.policy.prices = Prices { fuel: Amount(1), ..Prices::default() };
    let before = (world.of(c[0]), world.of(c[1]));
    world.operate(c[0], 0, call(id, send(c[1], false, tokens(3), Strings::default().burn(1_000)))).unwrap();
    take(&mut world, c[1], 1, BundleAction::Accept);
    assert_eq!(world.of(c[1]), before.1, "the grant paid");
    take(&mut world, c[0], 0, BundleAction::Accept);
    let paid = before.0.saturating_sub(world.of(c[0]));
    assert!(paid > Amount(1_000) && paid < tokens(1), "all but the fees came back: {paid:?}");
    world.operate(c[0], 0, call(id, send(c[1], false, tokens(3), Strings::default()))).unwrap();
    take(&mut world, c[1], 1, BundleAction::Reject);
    assert_eq!(world.supply(), tokens(200));
}

#[test]
fn followers_see_events_in_order_and_once() {
    let (mut world, c, id) = world(2);
    let stream = StreamId { application: id, name: key("news") };
    let emit = |value| Strings::default().ask::<guest::Emit>((key("news"), Opaque(vec![value])));
    let follow = Strings::default().ask::<guest::Subscribe>((c[0], stream.clone(), 0));
    world.operate(c[1], 1, call(id, follow)).unwrap();
    let update = |first, next| Operation::UpdateStream {
        application: id,
        update: StreamUpdate { chain: c[0], stream: stream.clone(), first, next },
    };
    let early = world.try_block(c[1], 1, vec![Transaction::Execute(update(0, 1))]).unwrap_err();
    assert_eq!(early, Stop::Needs(Need::Fact(Fact::Event(c[0], stream.clone(), 0))));
    for value in [7, 8] {
        world.operate(c[0], 0, call(id, emit(value))).unwrap();
    }
    world.operate(c[1], 1, update(0, 2)).unwrap();
    assert_eq!(world.operate(c[1], 1, update(0, 2)).unwrap_err(), Problem::NotNext(id));
    let read = Strings::default().ask::<guest::ReadEvent>((c[0], stream.clone(), 1));
    let block = world.operate(c[1], 1, call(id, read)).unwrap();
    assert_eq!(result::<guest::ReadEvent>(&block), Opaque(vec![8]));
}

#[test]
fn code_is_looked_at_before_it_is_published_and_runaways_end() {
    let (mut world, c, id) = world(1);
    let bad = Blob { kind: BlobKind::Contract, bytes: Opaque(Vec::new()) };
    let service = Blob { kind: BlobKind::Service, bytes: Opaque(b"x".to_vec()) };
    let module = ModuleId { contract: bad.id().hash, service: service.id().hash };
    world.offer([bad, service]);
    assert!(matches!(world.operate(c[0], 0, Operation::PublishModule(module)).unwrap_err(), Problem::Module(_)));
    let limit = world.policy.limits.fuel;
    let runaway = world.operate(c[0], 0, call(id, Strings::default().burn(limit + 1))).unwrap_err();
    assert_eq!(runaway, Problem::Limit { what: "fuel", limit });
    let unknown = world.operate(c[0], 0, call(id, Strings::default().mumble(999))).unwrap_err();
    assert_eq!(unknown, Problem::UnknownQuestion { code: 999 });
}

#[test]
fn permissions_say_which_applications_manage_a_chain_and_which_must_be_in_every_block() {
    let (mut world, c, id) = world(1);
    let close = || Strings::default().ask::<guest::CloseChain>(());
    assert_eq!(world.operate(c[0], 0, call(id, close())).unwrap_err(), Problem::NotManager(id));
    let permissions = Permissions { mandatory: vec![id], manage_chain: vec![id], ..Permissions::default() };
    let set = Transaction::Execute(Operation::ChangePermissions(permissions));
    assert_eq!(world.block(c[0], 0, vec![set.clone()]).unwrap_err(), Problem::Mandatory(id));
    world.block(c[0], 0, vec![set, Transaction::Execute(call(id, Strings::default()))]).unwrap();
    world.operate(c[0], 0, call(id, close())).unwrap();
    assert_eq!(world.operate(c[0], 0, call(id, close())).unwrap_err(), Problem::Closed);
}

#[test]
fn services_read_and_schedule_but_change_nothing() {
    let (mut world, c, id) = world(1);
    world.operate(c[0], 0, call(id, Strings::default().ask::<guest::Put>(put("a", 9)))).unwrap();
    let query = Strings::default().ask::<guest::Schedule>(Opaque(vec![1])).ask::<guest::Get>(key("a"));
    let answered = world.query(c[0], id, query.bytes()).unwrap();
    assert_eq!(answered.scheduled, [vec![1]]);
    assert_eq!(encoding::from_bytes(&answered.answer), Ok(Some(Opaque(vec![9]))));
    let write = Strings::default().ask::<guest::Put>(put("a", 1)).bytes();
    assert_eq!(world.query(c[0], id, write).unwrap_err(), Stop::Invalid(Problem::WrongHalf { question: "Put" }));
    let schedule = Strings::default().ask::<guest::Schedule>(Opaque(vec![1]));
    let refused = world.operate(c[0], 0, call(id, schedule)).unwrap_err();
    assert_eq!(refused, Problem::WrongHalf { question: "Schedule" });
}

#[test]
fn what_oracles_answer_is_recorded_and_clocks_end_what_is_late() {
    let (mut world, c, id) = world(1);
    let before = |time| Strings::default().ask::<guest::AssertBefore>(myceline_types::Timestamp(time));
    let block = world.operate(c[0], 0, call(id, before(2))).unwrap();
    assert_eq!(block.outcome.oracle.len(), 1);
    assert!(!block.header().is_oracle_free());
    let late = world.operate(c[0], 0, call(id, before(1))).unwrap_err();
    assert_eq!(late, Problem::TooLate(myceline_types::Timestamp(1)));
    let asks = Strings::default().ask::<guest::QueryService>((id, Opaque(Strings::default().bytes())));
    let block = world.operate(c[0], 0, call(id, asks)).unwrap();
    assert_eq!(block.outcome.oracle.len(), 1);
    let reads = Strings::default().ask::<guest::GetBalance>(Holder::Chain);
    assert!(world.operate(c[0], 0, call(id, reads)).unwrap().header().is_oracle_free());
}

#[test]
fn messages_name_what_travels_with_them() {
    let (mut world, c, id) = world(2);
    let block = world.operate(c[0], 0, call(id, send(c[1], false, tokens(3), Strings::default()))).unwrap();
    let values: Vec<Amount> = block.outcome.messages.iter().map(|sent| Message::value(&sent.message)).collect();
    assert_eq!(values, [tokens(3)]);
}

fn price() -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Get,
        url: "https://prices.example/btc".into(),
        headers: Vec::new(),
        body: Opaque(Vec::new()),
        projection: Projection::default(),
    }
}

fn answer(body: &str) -> HttpAnswer {
    HttpAnswer { status: 200, headers: Vec::new(), body: Opaque(body.as_bytes().to_vec()) }
}

#[test]
fn the_web_is_asked_within_the_policy_and_what_it_answers_must_be_what_the_block_says() {
    let (mut world, c, id) = world(1);
    let ask = || vec![Transaction::Execute(call(id, Strings::default().ask::<guest::AskWeb>(price())))];
    let forbidden = world.try_block(c[0], 0, ask()).unwrap_err();
    assert_eq!(forbidden, Stop::Invalid(Problem::ServerForbidden("https://prices.example:443".into())));

    world.policy.web.servers = vec!["https://prices.example:443".into()];
    let unasked = world.try_block(c[0], 0, ask()).unwrap_err();
    assert_eq!(unasked, Stop::Needs(Need::Web(Box::new(price()))));

    world.web.insert(web_key(&price()), Err("it takes too long".into()));
    let (url, why) = (price().url, "it takes too long".into());
    assert_eq!(world.try_block(c[0], 0, ask()).unwrap_err(), Stop::Unanswered { url, why });

    world.web.insert(web_key(&price()), Ok(answer("7")));
    let block = world.try_block(c[0], 0, ask()).unwrap();
    assert_eq!(result::<guest::AskWeb>(&block), answer("7"));
    assert!(!block.header().is_oracle_free());

    world.claimed = Some(block.outcome.oracle.clone());
    assert_eq!(world.try_block(c[0], 0, ask()).unwrap().outcome.oracle, block.outcome.oracle);

    world.web.insert(web_key(&price()), Ok(answer("8")));
    let Stop::Differs(difference) = world.try_block(c[0], 0, ask()).unwrap_err() else { panic!("it differs") };
    assert_eq!((difference.transaction, &*difference.asked), (0, "https://prices.example/btc"));
    assert_ne!(difference.here, difference.claimed);
}

#[test]
fn a_service_that_answers_otherwise_here_is_told_apart_from_a_block_that_is_wrong() {
    let (mut world, c, id) = world(1);
    let asks = |key| Strings::default().ask::<guest::Get>(Opaque(vec![key]));
    let query = |key| Strings::default().ask::<guest::QueryService>((id, Opaque(asks(key).bytes())));
    let block = world.operate(c[0], 0, call(id, query(1))).unwrap();
    world.claimed = Some(block.outcome.oracle);
    let facts = Strings::default().ask::<guest::GetFacts>(());
    let other = Strings::default().ask::<guest::QueryService>((id, Opaque(facts.bytes())));
    let differs = world.try_block(c[0], 0, vec![Transaction::Execute(call(id, other))]).unwrap_err();
    assert!(matches!(&differs, Stop::Differs(why) if why.asked.contains(&id.to_string())), "{differs:?}");
}
