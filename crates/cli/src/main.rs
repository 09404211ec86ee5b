//! The `myceline` binary.
fn main() {}
