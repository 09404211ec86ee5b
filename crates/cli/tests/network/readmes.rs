//! What the READMEs of the example applications tell people to type, typed, with the words in capitals filled in.

use super::{
    kit::Net,
    typing::{ROOT, lines_after, page, type_in},
};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    time::{Duration, SystemTime},
};

/// A README, and something that must stand in what its commands tell.
struct Readme {
    application: &'static str,
    tells: &'static str,
}

/// Those that are always typed. The others are with `MYCELINE_READMES=all`.
const USUAL: [&str; 3] = ["counter", "fungible", "social"];

const READMES: [Readme; 12] = [
    Readme { application: "counter", tells: "\"value\": 5" },
    Readme { application: "fungible", tells: "\"ticker\": \"GLD\"" },
    Readme { application: "social", tells: "Spores are in the air" },
    Readme { application: "native-fungible", tells: "\"ticker\": \"MYC\"" },
    Readme { application: "non-fungible", tells: "\"name\": \"Moon\"" },
    Readme { application: "crowd-funding", tells: "\"target\": \"100\"" },
    Readme { application: "amm", tells: "\"totalShares\": \"0\"" },
    Readme { application: "matching-engine", tells: "\"trades\": []" },
    Readme { application: "rfq", tells: "\"invitations\": []" },
    Readme { application: "game", tells: "\"results\": []" },
    Readme { application: "heavy", tells: "\"isPrime\": true" },
    Readme { application: "price-oracle", tells: "\"price\": " },
];

#[test]
fn readmes_of_applications_can_be_followed() {
    let server = prices();
    let net = Net::up_with(&["--allow-web", &server]);
    let is_wanted = |readme: &&Readme| {
        std::env::var("MYCELINE_READMES").is_ok_and(|which| which == "all") || USUAL.contains(&readme.application)
    };
    let mut words = words(&net, &server);
    for readme in READMES.iter().filter(is_wanted) {
        let told = follow(&net, readme.application, &mut words);
        assert!(told.contains(readme.tells), "{}: {told}", readme.application);
        println!("{} can be followed", readme.application);
    }
}

/// Types the commands of a README. Whatever it publishes has a name in the wallet, and so an id for the lines after that.
fn follow(net: &Net, application: &str, words: &mut BTreeMap<&'static str, String>) -> String {
    let readme = page(&format!("apps/{application}/README.md"));
    let lines = lines_after(&readme, "On a network");
    assert!(lines.len() >= 2, "the README has commands: {readme}");
    let mut told = String::new();
    for line in lines {
        told += &type_in(&filled(line, words), Path::new(ROOT), &net.bank);
        let applications = net.bank.does(&["wallet", "show"])["applications"].clone();
        words.extend(applications[application].as_str().map(|id| ("APPLICATION", id.to_owned())));
    }
    told
}

/// What people fill in for the words in capitals.
fn words(net: &Net, server: &str) -> BTreeMap<&'static str, String> {
    let wallet = net.bank.does(&["wallet", "show"]);
    let owner = wallet["chains"][&net.bank_chain]["owner"].as_str().unwrap().to_owned();
    let picture = net.path("picture");
    fs::write(&picture, [7; 100]).unwrap();
    let blob = net.bank.does(&["blob", "publish", picture.to_str().unwrap()])["blob"].as_str().unwrap().to_owned();
    let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(3_600);
    BTreeMap::from([
        ("CHAIN", net.bank_chain.clone()),
        ("OWNER", owner.clone()),
        ("HASH", blob.strip_prefix("data:").unwrap().to_owned()),
        ("MICROSECONDS", deadline.as_micros().to_string()),
        ("URL", format!("{server}/prices")),
        ("TOKEN", token(net, "gold", &owner)),
        ("OTHER", token(net, "silver", &owner)),
    ])
}

/// A token of which the owner has a thousand. Gives the id of its application.
fn token(net: &Net, name: &str, owner: &str) -> String {
    let publish = format!(
        r#"myceline project publish --project apps/fungible --name {name} --parameters '{{"ticker": "{name}"}}' --argument '{{"accounts": {{"{owner}": "1000"}}}}'"#
    );
    type_in(&publish, Path::new(ROOT), &net.bank);
    net.bank.does(&["wallet", "show"])["applications"][name].as_str().unwrap().to_owned()
}

/// A line with words in capitals replaced.
fn filled(line: &str, words: &BTreeMap<&str, String>) -> String {
    let mut filled = String::new();
    for part in line.split_inclusive(|letter: char| !letter.is_ascii_uppercase()) {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_uppercase());
        match words.get(word) {
            Some(value) => filled += &part.replacen(word, value, 1),
            None => filled += part,
        }
    }
    filled
}

/// A server that says a price to whoever asks, as long as this process lives.
fn prices() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 1_024];
            // Whoever asks says all of it at once, and ends the connection when it has the answer.
            let read = stream.read(&mut request).unwrap_or_default();
            let body = r#"{"coin": {"usd": 1.25}}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            if read > 0 {
                let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            }
        }
    });
    format!("http://{address}")
}
