//! What the page about applications and a new project's README tell people to type, typed.

use super::{
    kit::Net,
    typing::{page, shell_blocks, type_all},
};
use std::{fs, path::Path};

#[test]
fn five_minutes_lead_from_an_empty_folder_to_an_application() {
    let net = Net::up();
    let folder = net.path("tour");
    fs::create_dir(&folder).unwrap();
    let told = type_all(&shell_blocks(&page("docs/applications.md")), &folder, &net.bank);
    let answers: Vec<&str> = told.lines().filter(|line| line.contains("\"value\"")).map(str::trim).collect();
    assert_eq!(answers, ["\"value\": 5", "\"value\": 12"], "{told}");
    assert!(told.contains("2 passed"), "its tests run: {told}");

    let readme = fs::read_to_string(folder.join("poll/README.md")).unwrap();
    let told = type_all(&shell_blocks(&readme), &folder.join("poll"), &net.bank);
    assert!(told.contains("\"value\": 5") && told.lines().any(|line| line == "12"), "{told}");

    panics_are_told(&net, &folder.join("poll"));
}

fn panics_are_told(net: &Net, project: &Path) {
    let call = ["app", "call", "poll", r#"{"Increment": {"by": 18446744073709551615}}"#];
    let (told, code) = net.bank.run(&call);
    assert_eq!(code, 11, "{told}");
    let source = fs::read_to_string(project.join("src/contract.rs")).unwrap();
    let line = 1 + source.lines().position(|line| line.contains("checked_add")).unwrap();
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("the number fits in 64 bits"), "{message}");
    assert!(message.contains(&format!("src/contract.rs:{line}")), "{message}");
}
