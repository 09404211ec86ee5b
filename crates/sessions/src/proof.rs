//! Whether a certified block from a stranger is final: its own certificate says so, or nothing does.

use myceline_consensus::finality;
use myceline_types::{
    Authority, Certificate, CertifiedBlock, Committee, Epoch, Header, InvalidCertificate, NetworkId, Slot, Verifier,
};

/// Whom a client believes: the committees that it knows.
#[derive(Clone, Copy)]
pub struct Trust<'a> {
    /// Part of everything signed.
    pub network: NetworkId,
    /// The committee of an epoch, where it is known.
    pub committee: &'a dyn Fn(Epoch) -> Option<&'a Committee>,
    /// Knows signatures.
    pub verifier: &'a dyn Verifier,
}

/// Why a block is not believed. Whoever sent it is faulty, but for [`Distrust::Epoch`]: ask somebody else.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Distrust {
    /// The committee is not known here: follow the admin chain first.
    #[error("the committee of epoch {0} is not known here")]
    Epoch(Epoch),
    /// The certificate is about something else than the block.
    #[error("the certificate is not for this block")]
    OtherBlock,
    /// The certificate proves nothing.
    #[error(transparent)]
    Certificate(#[from] InvalidCertificate),
    /// It was validated but is not known to be final.
    #[error("the certificate does not make the block final")]
    NotFinal,
}

impl<'a> Trust<'a> {
    /// Checks that a block is final by its certificate (R8), and gives its header.
    pub fn check(&self, certified: &CertifiedBlock) -> Result<Header, Distrust> {
        let header = certified.block.header();
        self.check_header(&header, &certified.certificate)?;
        Ok(header)
    }

    /// Checks that the block with this header is final by its certificate (R8). That is all a proof needs.
    pub fn check_header(&self, header: &Header, certificate: &Certificate) -> Result<(), Distrust> {
        let slot = Slot { chain: header.chain, height: header.height, epoch: header.epoch };
        if certificate.slot != slot || certificate.block != header.hash() {
            return Err(Distrust::OtherBlock);
        }
        let committee = (self.committee)(header.epoch).ok_or(Distrust::Epoch(header.epoch))?;
        let authority = Authority { network: self.network, committee, verifier: self.verifier };
        let certificate = authority.certificate(certificate.clone())?;
        finality(&certificate, committee, header).ok_or(Distrust::NotFinal)?;
        Ok(())
    }
}
