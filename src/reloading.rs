//! Certificates, keys and roots, taken up anew while the broker runs: those of the doors and those towards the agencies.
//! Open connections go on; the next handshake uses what is on disk.

use std::sync::Arc;

use ssbtek_config::{AgencyTls, DoorTls};
use ssbtek_domain::Clock;
use ssbtek_pki::{
    ALPN_HTTP11, Acceptor, Connector, FileWatch, Gatekeeper, Identity, PkiError, Roots, client_config,
    open_server_config, server_config,
};

/// Certificate chain, key and roots, as files are given to the functions below.
fn read(files: &[Vec<u8>]) -> Result<(Identity, Roots), PkiError> {
    let [chain, key, roots] = files else { return Err(PkiError::UnreadableFile) };
    Ok((Identity::from_pem(chain, key)?, Roots::from_pem(roots)?))
}

/// Keeps the doors' certificate and the roots of client certificates as they are on disk. Each door with its protocol; the pages', which
/// asks for no certificate, by itself.
pub(crate) fn doors(
    tls: &DoorTls,
    doors: Vec<(Arc<Acceptor>, &'static [u8])>,
    pages: Option<Arc<Acceptor>>,
    gatekeeper: Arc<Gatekeeper>,
    clock: Arc<dyn Clock>,
) -> FileWatch {
    let files = vec![tls.certificate.clone(), tls.key.clone(), tls.client_ca.clone()];
    FileWatch::new("the doors' certificate, key and client roots", files, move |files| {
        let (identity, roots) = read(files)?;
        let settings = |alpn| server_config(&identity, &roots, clock.clone(), &[alpn]);
        let settings = doors.iter().map(|(_, alpn)| settings(alpn)).collect::<Result<Vec<_>, _>>()?;
        let open = open_server_config(&identity, clock.clone(), &[ALPN_HTTP11])?;
        gatekeeper.replace_roots(&roots);
        if let Some(pages) = &pages {
            pages.replace(open);
        }
        for ((door, _), settings) in doors.iter().zip(settings) {
            door.replace(settings);
        }
        Ok(())
    })
}

/// Keeps the broker's certificate towards agencies, and the roots of theirs, as they are on disk.
pub(crate) fn agencies(
    tls: &AgencyTls,
    connectors: Vec<(Connector, &'static [u8])>,
    gatekeeper: Arc<Gatekeeper>,
    clock: Arc<dyn Clock>,
) -> FileWatch {
    let files = vec![tls.certificate.clone(), tls.key.clone(), tls.server_ca.clone()];
    FileWatch::new("the certificate, key and roots towards agencies", files, move |files| {
        let (identity, roots) = read(files)?;
        let settings = |alpn| client_config(Some(&identity), &roots, clock.clone(), &[alpn]);
        let settings = connectors.iter().map(|(_, alpn)| settings(alpn)).collect::<Result<Vec<_>, _>>()?;
        gatekeeper.replace_roots(&roots);
        for ((connector, _), settings) in connectors.iter().zip(settings) {
            connector.replace(settings);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeDelta;
    use ssbtek_domain::SystemClock;
    use ssbtek_pki::{ALPN_H2, ALPN_HTTP11, Issued, Judged, RevocationLists, TestAuthority, Validity};

    use super::*;

    struct Files {
        folder: tempfile::TempDir,
        authority: TestAuthority,
        validity: Validity,
    }

    impl Files {
        fn new() -> Self {
            let now = SystemClock.now();
            let validity =
                Validity { not_before: now - TimeDelta::days(1), not_after: now + TimeDelta::days(1) };
            let authority = TestAuthority::new("CA", validity).unwrap();
            Self { folder: tempfile::tempdir().unwrap(), authority, validity }
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.folder.path().join(name)
        }

        fn put(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
        }

        fn issue(&self) -> Issued {
            self.authority.client("broker", "Leverantören", self.validity).unwrap()
        }
    }

    /// What a look finds when certificate, key and roots change on disk one by one.
    fn is_taken_up_whole_or_not_at_all(files: &Files, mut watch: FileWatch) {
        let second = files.issue();
        assert_eq!(watch.look(), Ok(true));
        assert_eq!(watch.look(), Ok(false));
        files.put("own.pem", &second.certificate_pem);
        assert_eq!(watch.look(), Err(PkiError::KeyOfAnotherCertificate));
        files.put("own.key", &second.key_pem);
        assert_eq!(watch.look(), Ok(true));
        files.put("roots.pem", "nothing");
        assert_eq!(watch.look(), Err(PkiError::NoCertificate));
        std::fs::remove_file(files.path("own.key")).unwrap();
        assert_eq!(watch.look(), Err(PkiError::UnreadableFile));
    }

    fn written(files: &Files) -> (Identity, Roots) {
        let first = files.issue();
        files.put("own.pem", &first.certificate_pem);
        files.put("own.key", &first.key_pem);
        files.put("roots.pem", &files.authority.root_pem());
        let read = |name| std::fs::read(files.path(name)).unwrap();
        super::read(&["own.pem", "own.key", "roots.pem"].map(read)).unwrap()
    }

    #[test]
    fn the_doors_certificate_and_roots() {
        let files = Files::new();
        let (identity, roots) = written(&files);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let door = server_config(&identity, &roots, clock.clone(), &[ALPN_H2]).unwrap();
        let doors = vec![(Arc::new(Acceptor::new(door, Duration::from_secs(1))), ALPN_H2)];
        let gatekeeper = Arc::new(Gatekeeper::new(roots, RevocationLists::default()));
        let tls = DoorTls {
            certificate: files.path("own.pem"),
            key: files.path("own.key"),
            client_ca: files.path("roots.pem"),
            revocation_lists: None,
            revocation_interval_ms: 1_000,
        };
        is_taken_up_whole_or_not_at_all(&files, super::doors(&tls, doors, None, gatekeeper, clock));
    }

    #[test]
    fn the_certificate_and_roots_towards_agencies() {
        let files = Files::new();
        let (identity, roots) = written(&files);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let out = client_config(Some(&identity), &roots, clock.clone(), &[ALPN_HTTP11]).unwrap();
        let patience = Duration::from_secs(1);
        let connectors = vec![(Connector::tls(out, patience, patience), ALPN_HTTP11)];
        let tls = AgencyTls {
            certificate: files.path("own.pem"),
            key: files.path("own.key"),
            server_ca: files.path("roots.pem"),
            connect_timeout_ms: 1_000,
            handshake_timeout_ms: 1_000,
            revocation_lists: None,
            without_revocation_list: Default::default(),
            max_answer_bytes: 1_024,
        };
        let gatekeeper = Gatekeeper::of(Judged::Servers, roots, RevocationLists::default());
        is_taken_up_whole_or_not_at_all(
            &files,
            super::agencies(&tls, connectors, Arc::new(gatekeeper), clock),
        );
    }
}
