//! A local node whose own code fails: nobody may go on with what it has in memory.

use crate::kit::Net;
use myceline_client::{
    Clock,
    local::{LocalError, LocalNode, Options},
};
use myceline_node::{NativeOnly, Offline, Role};
use myceline_storage::Memory;
use std::sync::{Arc, mpsc};

#[tokio::test]
async fn a_worker_that_panics_ends_the_node_instead_of_being_busy_for_ever() {
    let net = Net::start(&["ann"]);
    let (tell, told) = mpsc::channel();
    let options = Options {
        role: Role::Client,
        key: None,
        workers: 1,
        clock: Clock::default(),
        engine: Arc::new(NativeOnly),
        web: Arc::new(Offline),
        on_durable: Box::new(|_| ()),
        on_failure: Box::new(move |why| tell.send(why.to_string()).unwrap()),
    };
    let node = LocalNode::start(net.network.clone(), Memory::new(), options);
    let acted = node.act(net.chain(0), |_| -> Result<(), _> { panic!("as this test wants") });
    assert_eq!(acted.durable().await, Err(LocalError::Busy));
    assert!(told.recv().unwrap().contains("this process must end"));
    assert_eq!(node.act(net.chain(0), |_| Ok(())).durable().await, Err(LocalError::Busy));
}
