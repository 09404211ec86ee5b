//! Showing a final block's certificate to all members, so that its bundles are in their recipients' inboxes.

use crate::{
    core::{Client, Core},
    local::LocalError,
    settle::is_committed,
    signer::Signer,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use myceline_rpc::{Outgoing, Peer};
use myceline_storage::Store;
use myceline_types::{
    Certificate, ChainId,
    api::{CertificateRequest, Request, Response},
};

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Shows the certificate of a chain's last block to all members, and waits until those that answer have the block. Whoever
    /// ends right after a block is final calls this first; otherwise it happens by itself.
    pub async fn deliver(&self, chain: ChainId) -> Result<(), LocalError> {
        if let Some(certificate) = self.core.last_certificate(chain).await? {
            self.core.deliver(certificate).await;
        }
        Ok(())
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// Shows a certificate to everybody, and repairs those who lack something. Who does not answer learns of the block
    /// with the next proposal, or from its peers.
    pub(crate) async fn deliver(&self, certificate: Certificate) {
        let slot = certificate.slot;
        let request = CertificateRequest { certificate, block: None, blobs: Vec::new() };
        let request = Outgoing::from(Request::Certificate(Box::new(request)));
        let calls = self.members.places().map(|member| self.deliver_to(member, request.clone()));
        let taken =
            calls.collect::<FuturesUnordered<_>>().filter(|is_taken| std::future::ready(*is_taken)).count().await;
        if taken == self.members.places().count() {
            self.desks.of(slot.chain).note_delivered(slot.height.0.saturating_add(1));
        }
    }

    async fn deliver_to(&self, member: u8, request: Outgoing) -> bool {
        match self.members.call(member, request.clone()).await {
            Ok(Response::Refused(refusal)) => {
                let repaired = Box::pin(self.repair(member, request.request().clone(), refusal)).await;
                repaired.is_some_and(|answer| is_committed(&answer))
            }
            Ok(answer) => is_committed(&answer),
            Err(_) => false,
        }
    }
}
