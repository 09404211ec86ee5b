//! R7 to R10: what certificates are, and what they mean.

use crate::kit::*;
use myceline_consensus::{Permission, finality, permits};
use myceline_types::{CertificateKind, InvalidCertificate, Report};

const NOTHING: Report = Report::Nothing;

fn fast(number: i8) -> Report {
    Report::Fast(block(number))
}

fn reported(round: u32, number: i8) -> Report {
    Report::Certificate(myceline_types::Round(round), block(number))
}

#[test]
fn r7_certificate_needs_a_quorum_of_distinct_known_validators() {
    let world = World::four("F");
    let check = |signers: &[u8]| world.certificate(CertificateKind::Validated, 0, block(1), signers).map(drop);
    assert_eq!(check(&[0, 1, 2]), Ok(()));
    assert_eq!(check(&[0, 1]), Err(InvalidCertificate::TooLight { weight: 2, needed: 3 }));
    assert_eq!(check(&[0, 1, 7]), Err(InvalidCertificate::UnknownSigner(7)));
}

#[test]
fn r8_final_by_confirmation_or_by_the_fast_quorum_without_oracle() {
    let world = World { committee: committee(&[1; 6], 1, 1), ..World::four("F") };
    let is_final = |kind, round, number, count: u8, shown| {
        let signers: Vec<u8> = (0..count).collect();
        let certificate = world.certificate(kind, round, block(number), &signers).unwrap();
        finality(&certificate, &world.committee, &header(shown)).is_some()
    };
    use CertificateKind::{Confirmed, Validated};
    assert!(is_final(Confirmed, 3, 1, 4, 1));
    assert!(is_final(Confirmed, 3, -1, 4, -1));
    assert!(is_final(Validated, 0, 1, 5, 1));
    assert!(!is_final(Validated, 0, 1, 4, 1), "a quorum only validates");
    assert!(!is_final(Validated, 0, -1, 6, -1), "a block with oracle record takes two steps");
    assert!(!is_final(Validated, 1, 1, 6, 1), "only round 0 is fast");
    assert!(!is_final(Validated, 0, 1, 6, 2), "by the header of another block");
}

#[test]
fn r9_timeout_certificate_shows_the_highest_reported_certificate() {
    let world = World::four("SS");
    let check = |reports: &[Report], attached: Option<(u32, i8)>| {
        let votes: Vec<_> = (0..).zip(reports).map(|(signer, report)| (signer, 3, *report)).collect();
        let attached = attached.map(|(round, number)| world.validated(round, number).into_inner());
        world.timeout_of(3, &votes, attached).map(drop)
    };
    assert_eq!(check(&[NOTHING; 3], None), Ok(()));
    assert_eq!(check(&[NOTHING; 2], None), Err(InvalidCertificate::TooLight { weight: 2, needed: 3 }));
    assert_eq!(check(&[reported(1, 1), NOTHING, NOTHING], None), Err(InvalidCertificate::Attached));
    assert_eq!(check(&[reported(1, 1), NOTHING, NOTHING], Some((1, 1))), Ok(()));
    assert_eq!(check(&[reported(2, 1), NOTHING, NOTHING], Some((1, 1))), Err(InvalidCertificate::Attached));
    assert_eq!(check(&[NOTHING; 3], Some((3, 1))), Ok(()), "more than is reported may be shown");
    assert_eq!(check(&[NOTHING; 3], Some((4, 1))), Err(InvalidCertificate::Attached));
}

#[test]
fn r9_timeout_certificate_is_of_one_round() {
    let world = World::four("SS");
    let votes = [(0, 3, NOTHING), (1, 3, NOTHING), (2, 2, NOTHING)];
    assert_eq!(world.timeout_of(3, &votes, None).map(drop), Err(InvalidCertificate::Signature(2)));
}

#[test]
fn r10_certificate_goes_before_reports_and_reports_before_anything() {
    let world = World::four("FS");
    let check = |reports: &[Report], attached: Option<i8>| {
        let timeout = world.timeout(2, reports, attached.map(|number| world.validated(1, number)));
        permits(&timeout, &world.committee)
    };
    assert_eq!(check(&[NOTHING; 4], None), Permission::Any);
    assert_eq!(check(&[fast(1), fast(1), fast(1), NOTHING], None), Permission::Reported(block(1)));
    assert_eq!(check(&[fast(1), fast(1), NOTHING], None), Permission::Reported(block(1)), "|T| - p - f = 2");
    assert_eq!(check(&[fast(1), fast(1), NOTHING, NOTHING], None), Permission::Any, "|T| - p - f = 3");
    assert_eq!(check(&[fast(1), fast(1), fast(1), reported(1, 2)], Some(2)), Permission::Certified(block(2)));
    assert!(Permission::Any.allows(block(3)) && !Permission::Certified(block(2)).allows(block(3)));
}

#[test]
fn r10_threshold_counts_weight_that_is_present() {
    let world = World { committee: committee(&[1, 1, 1, 1, 2], 1, 1), ..World::four("FS") };
    let check = |votes: &[(u8, u32, Report)]| permits(&world.timeout_of(0, votes, None).unwrap(), &world.committee);
    let rest = [(0, 0, NOTHING), (1, 0, NOTHING), (2, 0, NOTHING)];
    assert_eq!(check(&[&rest[..], &[(4, 0, fast(1))]].concat()), Permission::Any, "2 of 5, of which 3 are needed");
    assert_eq!(check(&[&rest[1..], &[(3, 0, fast(1)), (4, 0, fast(1))]].concat()), Permission::Reported(block(1)));
}
