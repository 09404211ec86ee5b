//! Rules of consensus that can be dropped on purpose, so that the model checker shows that each of them is needed.
//!
//! A committee carries the dropped rule, because every rule sees a committee. Only tests that ask for the feature `mutants`
//! can make such a committee; without the feature each question here is the constant `false`, and no rule costs anything.

/// A rule of the specification, dropped or bent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mutation {
    /// R1. Committees with N = 3f + 2p are accepted.
    TooWeak,
    /// R1. The quorum is one less.
    QuorumOneLess,
    /// R1. The fast quorum is one less.
    FastQuorumOneLess,
    /// R1. A timeout certificate may weigh one less.
    TimeoutQuorumOneLess,
    /// R2. Rounds of chains without a fast owner start at 0 too, and F votes of that round count as final.
    FastRoundEverywhere,
    /// R5, R8. A block with an oracle record is final by the fast quorum, although votes for it are not reported.
    OracleBlocksFast,
    /// R5, R6. Votes of round 0 for blocks with an oracle record are reported.
    OracleBlocksReported,
    /// R6. No timeout vote reports a vote of round 0.
    NoFastReports,
    /// R6. Only timeout votes of round 0 report votes of round 0.
    FastReportsOnlyInRoundZero,
    /// R6. Timeout votes of multi-leader rounds do not report votes of round 0.
    NoFastReportsInMultiLeader,
    /// R6. No timeout vote reports a certificate.
    NoCertificateReports,
    /// R6. Timeout votes report the first certificate seen instead of the highest.
    FirstCertificateReported,
    /// R9. A timeout certificate may hold votes of earlier rounds.
    MixedRounds,
    /// R9. A reported certificate need not be attached.
    ReportNotShown,
    /// R9. A certificate below the reported ones may be attached.
    LowerCertificateAttached,
    /// R9. A timeout certificate needs all weight.
    TimeoutNeedsAllWeight,
    /// R10. Reports of round 0 go before an attached certificate.
    ReportsBeforeCertificate,
    /// R10. The weight from which reports impose a block is one more.
    ReportThresholdOneMore,
    /// R10. The weight from which reports impose a block is one less.
    ReportThresholdOneLess,
    /// R11. A confirmed block leaves no lock and no certificate behind.
    NothingKeptOfConfirm,
    /// R12. Several `Validate` votes in a round.
    TwoValidates,
    /// R12. `Validate` in round 0 after that round was left.
    ValidateZeroAfterLeaving,
    /// R12. `Validate` in a round that was left.
    ValidateInLeftRound,
    /// R12. `Confirm` in a round after its `Timeout`.
    ConfirmAfterTimeout,
    /// R12. `Confirm` in a round that was left without `Timeout`.
    ConfirmInLeftRound,
    /// R12. Several `Confirm` votes in a round: the one rule that the others make superfluous.
    TwoConfirms,
    /// R13. A certificate in a message that is then refused is not kept.
    RefusedCertificateForgotten,
    /// R14. The rules are not asked again when an execution returns.
    RulesNotAskedAgain,
    /// R15. `Confirm` in the current round with a certificate of a lower one.
    ConfirmWithLowerCertificate,
    /// R22. Single-leader rounds ask for no timeout certificate.
    NoTimeoutInSingleLeader,
    /// R22, R25. Any earlier timeout certificate will do in single-leader rounds, whatever the lock.
    OlderTimeoutInSingleLeader,
    /// R24. Fresh proposals in multi-leader rounds of chains with a round 0.
    FreshAfterRoundZero,
    /// R25. No lock in multi-leader rounds.
    NoLock,
    /// R25. A certificate of any round releases the lock.
    AnyCertificateReleases,
    /// R25. A timeout certificate of any round releases the lock.
    AnyTimeoutReleases,
    /// R25. No timeout certificate releases the lock.
    TimeoutDoesNotRelease,
    /// R27. A refusal because of a lock does not show the certificate.
    LockNotShown,
}

/// The rule that a committee drops: none, but in tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Dropped(#[cfg(feature = "mutants")] pub(crate) Option<Mutation>);

impl Dropped {
    /// Whether this is the one.
    #[cfg(feature = "mutants")]
    pub(crate) fn is(self, rule: Mutation) -> bool {
        self.0 == Some(rule)
    }

    /// Whether this is the one: never.
    #[cfg(not(feature = "mutants"))]
    pub(crate) const fn is(self, _rule: Mutation) -> bool {
        false
    }
}
