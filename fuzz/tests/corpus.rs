//! Replays what fuzzing kept: inputs that reach different code, and every input that once found a fault.

use std::{fs, path::Path};

fn replay(kind: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(kind);
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).expect("there is a corpus") {
        let path = entry.expect("an entry").path();
        // A panic does not say which input it was.
        println!("{}", path.display());
        check(&fs::read(&path).expect("a file"));
        replayed += 1;
    }
    assert!(replayed > 0, "the corpus of {kind} is empty");
}

#[test]
fn modules() {
    replay("modules", fuzz::modules);
}

#[test]
fn questions() {
    replay("questions", fuzz::questions);
}
