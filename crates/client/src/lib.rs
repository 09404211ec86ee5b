//! A client: a local node without a key, and a thin driver around the owner's side of the protocol.

pub mod local;
