//! What the gatekeeper promises about time and lists.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, sync::Arc, time::Duration};

use ssbtek_domain::{DateTime, Utc};
use ssbtek_pki::{
    CertificateRefusal, FileWatch, Gatekeeper, Issued, PkiError, RevocationLists, TestAuthority, Validity,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn year_2026() -> Validity {
    Validity { not_before: at("2026-01-01T00:00:00Z"), not_after: at("2026-12-31T23:59:59Z") }
}

const NOON: &str = "2026-06-01T12:00:00Z";

fn board(authority: &TestAuthority) -> Issued {
    authority.client("Ankeborgs kommun", "212000-0001", year_2026()).unwrap()
}

fn crl(authority: &TestAuthority, next_update: &str) -> String {
    authority.crl_pem(at("2026-05-01T00:00:00Z"), at(next_update)).unwrap()
}

fn gatekeeper(authority: &TestAuthority, crl: &str) -> Gatekeeper {
    Gatekeeper::new(authority.roots().unwrap(), RevocationLists::from_bytes(crl.as_bytes()).unwrap())
}

#[test]
fn a_verdict_is_never_reused_past_the_end_of_a_certificate_or_list() {
    let authority = TestAuthority::new("Root", year_2026()).unwrap();
    let board = board(&authority);
    let keeper = gatekeeper(&authority, &crl(&authority, "2026-06-01T12:00:30Z"));
    let check = |time: &str| keeper.check(&board.certificate, at(time));
    assert_eq!(check(NOON), Ok(()));
    assert_eq!(check("2026-06-01T12:00:29Z"), Ok(()));
    assert_eq!(check("2026-06-01T12:00:31Z"), Err(CertificateRefusal::RevocationListExpired));
    keeper.replace_lists(
        RevocationLists::from_bytes(crl(&authority, "2027-06-01T00:00:00Z").as_bytes()).unwrap(),
    );
    assert_eq!(check("2026-12-31T23:59:58Z"), Ok(()));
    assert_eq!(check("2027-01-01T00:00:00Z"), Err(CertificateRefusal::Expired));
    assert_eq!(check("2025-12-31T23:59:59Z"), Err(CertificateRefusal::NotYetValid));
}

#[test]
fn with_lists_in_force_an_issuer_without_one_is_refused() {
    let (ours, theirs) =
        (TestAuthority::new("A", year_2026()).unwrap(), TestAuthority::new("B", year_2026()).unwrap());
    let keeper = gatekeeper(&ours, &crl(&theirs, "2026-07-01T00:00:00Z"));
    let verdict = keeper.check(&board(&ours).certificate, at(NOON));
    assert_eq!(verdict, Err(CertificateRefusal::RevocationUnknown));
}

#[test]
fn a_list_signed_by_somebody_of_the_same_name_is_not_believed() {
    let (ours, forged) =
        (TestAuthority::new("A", year_2026()).unwrap(), TestAuthority::new("A", year_2026()).unwrap());
    let keeper = gatekeeper(&ours, &crl(&forged, "2026-07-01T00:00:00Z"));
    let verdict = keeper.check(&board(&ours).certificate, at(NOON));
    assert_eq!(verdict, Err(CertificateRefusal::RevocationUnknown));
}

#[test]
fn a_root_taken_away_takes_its_certificates_along() {
    let (ours, other) =
        (TestAuthority::new("A", year_2026()).unwrap(), TestAuthority::new("B", year_2026()).unwrap());
    let keeper = Gatekeeper::new(ours.roots().unwrap(), RevocationLists::default());
    let board = board(&ours);
    assert_eq!(keeper.check(&board.certificate, at(NOON)), Ok(()));
    keeper.replace_roots(&other.roots().unwrap());
    assert_eq!(keeper.check(&board.certificate, at(NOON)), Err(CertificateRefusal::UnknownIssuer));
}

#[test]
fn a_list_on_disk_is_taken_up_when_its_content_changes() {
    let authority = TestAuthority::new("A", year_2026()).unwrap();
    let board = board(&authority);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.crl");
    fs::write(&file, crl(&authority, "2026-07-01T00:00:00Z")).unwrap();
    let keeper = Arc::new(Gatekeeper::new(authority.roots().unwrap(), RevocationLists::default()));
    let mut watch = FileWatch::revocation_lists(keeper.clone(), folder.path());
    assert_eq!(watch.look(), Ok(true));
    assert_eq!(watch.look(), Ok(false));
    assert_eq!(keeper.check(&board.certificate, at(NOON)), Ok(()));
    authority.revoke(&board, at(NOON));
    fs::write(&file, crl(&authority, "2026-07-01T00:00:00Z")).unwrap();
    assert_eq!(watch.look(), Ok(true));
    assert_eq!(keeper.check(&board.certificate, at(NOON)), Err(CertificateRefusal::Revoked));
}

#[test]
fn broken_or_missing_lists_leave_the_old_ones_in_force() {
    let authority = TestAuthority::new("A", year_2026()).unwrap();
    let board = board(&authority);
    authority.revoke(&board, at(NOON));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pem");
    fs::write(&file, crl(&authority, "2026-07-01T00:00:00Z")).unwrap();
    let keeper = Arc::new(gatekeeper(&authority, &crl(&authority, "2026-07-01T00:00:00Z")));
    let mut watch = FileWatch::revocation_lists(keeper.clone(), folder.path());
    assert_eq!(watch.look(), Ok(true));
    fs::write(&file, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n").unwrap();
    assert_eq!(watch.look(), Err(PkiError::MalformedRevocationList));
    fs::write(&file, "half a fi").unwrap();
    assert_eq!(watch.look(), Err(PkiError::MalformedRevocationList));
    fs::remove_file(&file).unwrap();
    assert_eq!(watch.look(), Err(PkiError::NoRevocationList));
    assert_eq!(keeper.reload_crls(&file), Err(PkiError::UnreadableFile));
    assert_eq!(keeper.check(&board.certificate, at(NOON)), Err(CertificateRefusal::Revoked));
}

#[tokio::test]
async fn the_watching_task_loads_without_being_asked() {
    let authority = TestAuthority::new("A", year_2026()).unwrap();
    let board = board(&authority);
    authority.revoke(&board, at(NOON));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.crl"), crl(&authority, "2026-07-01T00:00:00Z")).unwrap();
    let keeper = Arc::new(Gatekeeper::new(authority.roots().unwrap(), RevocationLists::default()));
    let watch = FileWatch::revocation_lists(keeper.clone(), folder.path());
    let watching = tokio::spawn(watch.run(Duration::from_millis(10)));
    let refused = async {
        while keeper.check(&board.certificate, at(NOON)) != Err(CertificateRefusal::Revoked) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused).await.unwrap();
    watching.abort();
}
