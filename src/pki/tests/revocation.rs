//! What the gatekeeper promises about time and lists.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use ssbtek_domain::{DateTime, Utc};
use ssbtek_pki::{
    CertificateRefusal, FileWatch, Gatekeeper, Issued, Judged, ListMark, ListMemory, ListNumber, PkiError,
    RevocationLists, TestAuthority, Validity,
};

/// What a store would remember.
#[derive(Default)]
struct Memory(Mutex<HashMap<[u8; 32], ListNumber>>);

impl ListMemory for Memory {
    fn raise(&self, marks: &[ListMark]) -> Result<(), PkiError> {
        let mut known = self.0.lock().unwrap();
        if marks.iter().any(|mark| known.get(&mark.series).is_some_and(|at| mark.at < *at)) {
            return Err(PkiError::OlderRevocationList);
        }
        known.extend(marks.iter().map(|mark| (mark.series, mark.at)));
        Ok(())
    }
}

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
    let mut watch = FileWatch::revocation_lists(keeper.clone(), folder.path(), Arc::new(Memory::default()));
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
    let keeper = Arc::new(gatekeeper(&authority, &crl(&authority, "2026-07-01T00:00:00Z")));
    fs::write(&file, crl(&authority, "2026-07-01T00:00:00Z")).unwrap();
    let mut watch = FileWatch::revocation_lists(keeper.clone(), folder.path(), Arc::new(Memory::default()));
    assert_eq!(watch.look(), Ok(true));
    fs::write(&file, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n").unwrap();
    assert_eq!(watch.look(), Err(PkiError::MalformedRevocationList));
    fs::write(&file, "half a fi").unwrap();
    assert_eq!(watch.look(), Err(PkiError::MalformedRevocationList));
    fs::remove_file(&file).unwrap();
    assert_eq!(watch.look(), Err(PkiError::NoRevocationList));
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
    let watch = FileWatch::revocation_lists(keeper.clone(), folder.path(), Arc::new(Memory::default()));
    let watching = tokio::spawn(watch.run(Duration::from_millis(10)));
    let refused = async {
        while keeper.check(&board.certificate, at(NOON)) != Err(CertificateRefusal::Revoked) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused).await.unwrap();
    watching.abort();
}

/// A gatekeeper of these roots, empty, and lists in a folder of their own.
struct Lists {
    keeper: Arc<Gatekeeper>,
    folder: tempfile::TempDir,
}

impl Lists {
    fn new(authority: &TestAuthority, judged: Judged) -> Self {
        let keeper = Gatekeeper::of(judged, authority.roots().unwrap(), RevocationLists::default());
        Self { keeper: Arc::new(keeper), folder: tempfile::tempdir().unwrap() }
    }

    fn put(&self, name: &str, crl: &str) {
        fs::write(self.folder.path().join(name), crl).unwrap();
    }

    fn watch(&self, memory: &Arc<Memory>) -> FileWatch {
        FileWatch::revocation_lists(self.keeper.clone(), self.folder.path(), memory.clone())
    }
}

#[test]
fn an_older_list_is_never_taken_up_again_not_even_by_another_process() {
    let authority = TestAuthority::new("A", year_2026()).unwrap();
    let board = board(&authority);
    let older = crl(&authority, "2026-12-01T00:00:00Z");
    authority.revoke(&board, at(NOON));
    let newer = crl(&authority, "2026-07-01T00:00:00Z");
    let (lists, memory) = (Lists::new(&authority, Judged::Clients), Arc::new(Memory::default()));
    lists.put("a.crl", &newer);
    let mut watch = lists.watch(&memory);
    assert_eq!(watch.look(), Ok(true));
    lists.put("a.crl", &older);
    assert_eq!(watch.look(), Err(PkiError::OlderRevocationList));
    assert_eq!(lists.keeper.check(&board.certificate, at(NOON)), Err(CertificateRefusal::Revoked));
    // Both beside each other: the newer one counts, whatever their names.
    lists.put("b.crl", &newer);
    assert_eq!(watch.look(), Ok(true));
    assert_eq!(lists.keeper.check(&board.certificate, at(NOON)), Err(CertificateRefusal::Revoked));

    let restarted = Lists::new(&authority, Judged::Clients);
    restarted.put("a.crl", &older);
    assert_eq!(restarted.watch(&memory).look(), Err(PkiError::OlderRevocationList));
    restarted.put("a.crl", &newer);
    assert_eq!(restarted.watch(&memory).look(), Ok(true));
    restarted.put("a.crl", &crl(&authority, "2026-08-01T00:00:00Z"));
    assert_eq!(restarted.watch(&memory).look(), Ok(true));
}

#[test]
fn a_forged_list_is_not_taken_up_and_moves_nothing_forward() {
    let (ours, forger) =
        (TestAuthority::new("A", year_2026()).unwrap(), TestAuthority::new("A", year_2026()).unwrap());
    let board = board(&ours);
    let (lists, memory) = (Lists::new(&ours, Judged::Clients), Arc::new(Memory::default()));
    for _ in 0..5 {
        lists.put("a.crl", &crl(&forger, "2026-07-01T00:00:00Z"));
    }
    assert_eq!(lists.watch(&memory).look(), Err(PkiError::ForgedRevocationList));
    lists.put("a.crl", &crl(&ours, "2026-07-01T00:00:00Z"));
    assert_eq!(lists.watch(&memory).look(), Ok(true));
    assert_eq!(lists.keeper.check(&board.certificate, at(NOON)), Ok(()));
}

#[test]
fn a_list_that_was_in_force_is_not_taken_away_while_its_issuer_is_trusted() {
    let (a, b) =
        (TestAuthority::new("A", year_2026()).unwrap(), TestAuthority::new("B", year_2026()).unwrap());
    let (lists, memory) = (Lists::new(&a, Judged::ServersIfListed), Arc::new(Memory::default()));
    lists.put("a.crl", &crl(&a, "2026-07-01T00:00:00Z"));
    lists.put("b.crl", &crl(&b, "2026-07-01T00:00:00Z"));
    let mut watch = lists.watch(&memory);
    assert_eq!(watch.look(), Ok(true));
    fs::remove_file(lists.folder.path().join("a.crl")).unwrap();
    assert_eq!(watch.look(), Err(PkiError::RevocationListGone));
    lists.keeper.replace_roots(&b.roots().unwrap());
    assert_eq!(watch.look(), Ok(true));
}

#[test]
fn an_agencys_certificate_that_no_list_tells_of_is_refused_unless_only_listed_issuers_are_held_to_theirs() {
    let (ours, other) =
        (TestAuthority::new("A", year_2026()).unwrap(), TestAuthority::new("B", year_2026()).unwrap());
    let agency = ours.server(&["agency.test"], &[], year_2026()).unwrap();
    let of = |judged, lists: &str| {
        let lists = match lists {
            "" => RevocationLists::default(),
            lists => RevocationLists::from_bytes(lists.as_bytes()).unwrap(),
        };
        Gatekeeper::of(judged, ours.roots().unwrap(), lists)
    };
    let check = |keeper: &Gatekeeper, time| keeper.check(&agency.certificate, at(time));
    let (good, others) = (crl(&ours, "2026-07-01T00:00:00Z"), crl(&other, "2026-07-01T00:00:00Z"));
    for judged in [Judged::Servers, Judged::ServersIfListed] {
        assert_eq!(check(&of(judged, &good), NOON), Ok(()));
        let late = check(&of(judged, &good), "2026-07-02T00:00:00Z");
        assert_eq!(late, Err(CertificateRefusal::RevocationListExpired));
        let client = of(judged, &good).check(&board(&ours).certificate, at(NOON));
        assert_eq!(client, Err(CertificateRefusal::NotForThisUse));
    }
    for unlisted in [others.as_str(), ""] {
        let checked = check(&of(Judged::Servers, unlisted), NOON);
        assert_eq!(checked, Err(CertificateRefusal::RevocationUnknown));
    }
    assert_eq!(check(&of(Judged::ServersIfListed, &others), NOON), Ok(()));
    ours.revoke(&agency, at(NOON));
    let revoked = crl(&ours, "2026-07-01T00:00:00Z");
    for judged in [Judged::Servers, Judged::ServersIfListed] {
        assert_eq!(check(&of(judged, &revoked), NOON), Err(CertificateRefusal::Revoked));
    }
}
