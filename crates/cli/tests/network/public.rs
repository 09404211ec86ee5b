//! What a network does besides the chains of its owners: it makes blocks of public chains, and can be watched.

use crate::kit::Net;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

/// How long validators may take to receive what was sent to a public chain.
const LONG: Duration = Duration::from_secs(20);

#[test]
fn what_is_sent_to_a_public_chain_is_received_though_nobody_owns_it() {
    let net = Net::up_with(&["--public", "1"]);
    let of_genesis = net.told["public_chains"][0].as_str().unwrap();
    let opened = net.bank.does(&["chain", "open-multi", "--public", "--name", "square"]);
    let given =
        net.bank.does(&["chain", "open-multi", "--owner", &net.bank_owner(), "--name", "given"])["chain"].clone();
    net.bank.does(&["chain", "ownership", "given", "--public", "--give-away"]);
    for chain in [of_genesis, opened["chain"].as_str().unwrap(), given.as_str().unwrap()] {
        for (sent, there) in [("3", "3"), ("4", "7")] {
            net.bank.does(&["transfer", sent, "--to", chain]);
            let begun = Instant::now();
            while net.bank.does(&["chain", "show", chain])["balance"] != there {
                assert!(begun.elapsed() < LONG, "{there} tokens are there");
            }
        }
        assert_eq!(
            net.bank.fails(&["transfer", "1", "--chain", chain, "--to", &net.bank_chain]),
            "not-found",
            "nobody owns it"
        );
    }
}

#[test]
fn validators_of_a_local_network_can_be_watched() {
    let net = Net::up();
    let monitors = net.told["monitors"].as_array().unwrap();
    assert_eq!(monitors.len(), 4);
    for monitor in monitors {
        let address = monitor.as_str().unwrap().strip_prefix("http://").unwrap();
        assert!(get(address, "/readyz").ends_with("ready\n"));
        assert!(get(address, "/metrics").contains("# EOF"));
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
