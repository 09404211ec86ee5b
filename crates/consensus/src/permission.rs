//! What a certificate means, to a validator as to a light client: whether it makes its block final, and what a timeout
//! certificate lets be proposed next.

use crate::Executed;
use myceline_types::{
    BlockHash, Certificate, CertificateKind, Checked, Committee, Mutation, Report, TimeoutCertificate,
};
use std::collections::BTreeMap;

/// A certificate that makes its block final. Only [`finality`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Final<'a>(&'a Certificate);

impl<'a> Final<'a> {
    /// The certificate.
    pub fn certificate(&self) -> &'a Certificate {
        self.0
    }
}

/// R8. Whether a certificate makes its block final: it confirms it, or it validates it in round 0 with the fast quorum
/// and the header at hand shows that the block is oracle-free. Nothing is final by the header of another block.
pub fn finality<'a>(
    certificate: &'a Checked<Certificate>,
    committee: &Committee,
    shown: impl Into<Executed>,
) -> Option<Final<'a>> {
    let Executed { block, oracle_free } = shown.into();
    let is_final = block == certificate.block
        && match certificate.kind {
            CertificateKind::Confirmed => true,
            CertificateKind::Validated => is_fast_final(certificate, committee, oracle_free),
        };
    is_final.then_some(Final(certificate))
}

/// R5, R8. Weight F of `Validate` votes of round 0 for an oracle-free block.
pub(crate) fn is_fast_final(certificate: &Certificate, committee: &Committee, is_oracle_free: bool) -> bool {
    let weight = certificate.weight(committee).unwrap_or(0);
    let may_be_fast = is_oracle_free || committee.drops(Mutation::OracleBlocksFast);
    certificate.round.is_fast() && may_be_fast && weight >= committee.fast_quorum()
}

/// What a timeout certificate lets be proposed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permission {
    /// Only the block of the attached certificate.
    Certified(BlockHash),
    /// Only the block that round-0 reports may have made final.
    Reported(BlockHash),
    /// Anything.
    Any,
}

impl Permission {
    /// Whether `block` may be proposed.
    pub fn allows(&self, block: BlockHash) -> bool {
        self.only().is_none_or(|only| only == block)
    }

    /// The one block that may be proposed; `None` where any may.
    pub fn only(&self) -> Option<BlockHash> {
        match self {
            Permission::Certified(block) | Permission::Reported(block) => Some(*block),
            Permission::Any => None,
        }
    }
}

/// R10. What a timeout certificate permits: the certified block before the reported one, and that before any.
pub fn permits(timeout: &TimeoutCertificate, committee: &Committee) -> Permission {
    let certified = timeout.attached.as_ref().map(|certificate| Permission::Certified(certificate.block));
    let reported = reported_block(timeout, committee).map(Permission::Reported);
    if committee.drops(Mutation::ReportsBeforeCertificate) {
        return reported.or(certified).unwrap_or(Permission::Any);
    }
    certified.or(reported).unwrap_or(Permission::Any)
}

/// R10 (2). The block that round-0 reports of weight |T| - p - f name. There are never two: |T| is at least 2f + 2p + 1.
fn reported_block(timeout: &TimeoutCertificate, committee: &Committee) -> Option<BlockHash> {
    let mut weights = BTreeMap::<BlockHash, u64>::new();
    for vote in &timeout.votes {
        if let Report::Fast(block) = vote.report {
            *weights.entry(block).or_default() += committee.weight(vote.signer);
        }
    }
    let needed = report_threshold(timeout, committee);
    weights.into_iter().find(|(_, weight)| *weight >= needed).map(|(block, _)| block)
}

fn report_threshold(timeout: &TimeoutCertificate, committee: &Committee) -> u64 {
    let present = timeout.weight(committee).unwrap_or(0);
    let bend = i64::from(committee.drops(Mutation::ReportThresholdOneMore))
        - i64::from(committee.drops(Mutation::ReportThresholdOneLess));
    present.saturating_sub(committee.slow()).saturating_sub(committee.faulty()).saturating_add_signed(bend)
}
