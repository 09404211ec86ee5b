//! Showing a final block's certificate to all members, so that its bundles are in their recipients' inboxes.

use crate::{
    clock,
    core::{Client, Core},
    local::LocalError,
    members::SILENCE,
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
use std::{collections::BTreeSet, sync::Arc};

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Shows the certificate of a chain's last block to all members, and waits until those that answer have the block. Whoever
    /// ends right after a block is final calls this first; otherwise it happens by itself.
    pub async fn deliver(&self, chain: ChainId) -> Result<(), LocalError> {
        if let Some(certificate) = self.core.last_certificate(chain).await? {
            self.core.deliver(certificate, WaitFor::All).await;
        }
        Ok(())
    }
}

/// Whose answers are waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WaitFor {
    /// Everybody's, until they are given up.
    All,
    /// Everybody's but of those who were silent lately: they are shown it all the same.
    Heard,
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// Shows a certificate to everybody, and repairs those who lack something. Who does not answer learns of the block
    /// with the next proposal, or from its peers.
    pub(crate) async fn deliver(self: &Arc<Self>, certificate: Certificate, wait_for: WaitFor) {
        let slot = certificate.slot;
        let request = CertificateRequest { certificate, block: None, blobs: Vec::new() };
        let request = Outgoing::from(Request::Certificate(Box::new(request)));
        let mut calls: FuturesUnordered<_> = self
            .members
            .places()
            .map(|member| {
                let (core, request) = (self.clone(), request.clone());
                async move { core.deliver_to(member, request).await.then_some(member) }
            })
            .collect();
        let mut lacking: BTreeSet<u8> = self.members.places().collect();
        while wait_for == WaitFor::All || !self.is_shown_enough(&lacking) {
            let look = self.local.clock().now().after(SILENCE);
            match self.local.clock().until(look, calls.next()).await {
                Some(Some(taken)) => drop(taken.map(|member| lacking.remove(&member))),
                Some(None) => break,
                None => (),
            }
        }
        if lacking.is_empty() {
            self.desks.of(slot.chain).note_delivered(slot.height.0.saturating_add(1));
        }
        if !calls.is_empty() {
            clock::spawn(async move { while calls.next().await.is_some() {} });
        }
    }

    /// Whether a quorum has the block, and whoever lacks it was silent lately.
    fn is_shown_enough(&self, lacking: &BTreeSet<u8>) -> bool {
        let committee = self.committee();
        let missing: u64 = lacking.iter().map(|member| committee.weight(*member)).sum();
        committee.total() >= committee.quorum() + missing && lacking.is_subset(&self.members.silent())
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
