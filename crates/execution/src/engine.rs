//! The seam behind which applications run.

use myceline_types::{ApplicationId, ChainId, MessageKind};

/// Runs applications. Execution hands it the parts of transactions that are for applications.
pub trait Engine {
    /// An operation of the block's author; answers what it returns, or why it fails.
    fn operate(&self, id: ApplicationId, bytes: &[u8]) -> Result<Vec<u8>, String>;

    /// A message of the same application on another chain; answers nothing, or why it fails.
    fn receive(&self, id: ApplicationId, origin: ChainId, kind: MessageKind, bytes: &[u8]) -> Result<(), String>;
}

/// A network of the native token alone: no chain has an application.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeOnly;

impl Engine for NativeOnly {
    fn operate(&self, _: ApplicationId, _: &[u8]) -> Result<Vec<u8>, String> {
        Err("no such application on this chain".into())
    }

    fn receive(&self, _: ApplicationId, _: ChainId, _: MessageKind, _: &[u8]) -> Result<(), String> {
        Err("no such application on this chain".into())
    }
}
