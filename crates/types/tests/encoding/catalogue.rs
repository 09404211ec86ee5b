//! Which types and variants the sources declare as encoded: so that nobody can add one without a sample.
//!
//! This reads the sources as rustfmt writes them; it is no parser.

use std::{collections::BTreeSet, fs, path::Path};

/// `Type`, or `Type::Variant` for each variant of an enum, of everything public in the crate that has an encoding.
pub fn encoded() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders = [sources.join("guest"), sources].map(|folder| fs::read_dir(folder).expect("sources of this crate"));
    let files = folders.into_iter().flatten().map(|entry| entry.expect("a file").path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.flat_map(|path| in_source(&fs::read_to_string(path).expect("text"))).collect()
}

fn in_source(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().collect();
    let by_hand: BTreeSet<&str> = lines.iter().filter_map(|line| implemented(line)).collect();
    let mut found = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        if ["hash_id! {", "number! {"].contains(line) {
            found.extend(members(&lines[at + 1..]).map(str::to_owned));
        }
        let Some((keyword, name)) = declared(line) else { continue };
        if !by_hand.contains(name) && !is_derived(&lines[..at]) {
            continue;
        }
        match keyword {
            "enum" => found.extend(members(&lines[at + 1..]).map(|variant| format!("{name}::{variant}"))),
            _ => found.extend([name.to_owned()]),
        }
    }
    found
}

/// The keyword and name of a public type that a line declares.
fn declared(line: &str) -> Option<(&str, &str)> {
    let (keyword, rest) = line.strip_prefix("pub ")?.split_once(' ')?;
    ["struct", "enum"].contains(&keyword).then(|| (keyword, first_word(rest)))
}

/// The type that a line implements `Serialize` for.
fn implemented(line: &str) -> Option<&str> {
    line.starts_with("impl").then(|| line.split_once(" Serialize for ")).flatten().map(|(_, rest)| first_word(rest))
}

/// Whether the attributes that end `before` derive `Serialize`.
fn is_derived(before: &[&str]) -> bool {
    let attributes = before.iter().rev().take_while(|line| line.starts_with('#'));
    attributes.into_iter().any(|line| line.starts_with("#[derive") && line.contains(" Serialize"))
}

/// The names on the first level of a block, up to its end.
fn members<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let block = lines.iter().take_while(|line| **line != "}");
    let first_level = block.filter_map(|line| line.strip_prefix("    "));
    first_level.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase())).map(first_word)
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or(text)
}

#[test]
fn the_catalogue_sees_what_is_declared() {
    let text = "\
/// Doc.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename = \"X\")]
pub struct Derived(Hash);
#[derive(Clone)]
pub struct Plain;
#[derive(Clone)]
pub enum ByHand {
    /// Doc.
    One,
    Two(Hash),
    Three {
        field: u8,
    },
}
impl Serialize for ByHand {
#[derive(Serialize)]
struct Private;
number! {
    /// Doc.
    Count(u64)
}
";
    let expected = ["ByHand::One", "ByHand::Three", "ByHand::Two", "Count", "Derived"];
    assert_eq!(in_source(text).into_iter().collect::<Vec<_>>(), expected);
    assert!(encoded().contains("Owner::Passkey") && encoded().contains("ChainId") && encoded().len() > 100);
}
