//! Whether a certificate is good now; asked on every request, of callers and of agencies.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use arc_swap::ArcSwap;
use chrono::TimeDelta;
use ssbtek_domain::{DateTime, Utc};
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, KeyUsage, RevocationCheckDepth,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};

use crate::{
    ListMemory, PeerCertificate, PkiError, RevocationLists, Roots, identity::provider, time::unix_time,
};

/// Why a certificate is refused now. Closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CertificateRefusal {
    /// Its validity, or that of one above it, has ended.
    #[error("the certificate has expired")]
    Expired,
    /// Its validity has not begun.
    #[error("the certificate is not yet valid")]
    NotYetValid,
    /// It, or one above it, is on its issuer's revocation list.
    #[error("the certificate is revoked")]
    Revoked,
    /// The list that would tell is itself too old to be believed.
    #[error("the revocation list has expired")]
    RevocationListExpired,
    /// Lists are kept, but none of this issuer's, or none with its signature.
    #[error("there is no revocation list of the certificate's issuer")]
    RevocationUnknown,
    /// Not issued by an authority that is trusted.
    #[error("the certificate's issuer is not trusted")]
    UnknownIssuer,
    /// Issued for something else.
    #[error("the certificate is not for this use")]
    NotForThisUse,
}

/// How long a good verdict may be reused. Bounds only what is not compared on every request: validity of certificates
/// between ours and the authority's.
const REUSE: TimeDelta = TimeDelta::seconds(60);
/// Verdicts kept; beyond it all are forgotten and made anew.
const MAX_VERDICTS: usize = 4096;

/// Says of each request's certificate whether it is good now. Roots and lists are replaced while running; a verdict
/// never outlives the lists it was made with.
pub struct Gatekeeper(ArcSwap<State>);

/// Whose certificates are judged, and how strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// Callers'. With lists, every issuer must have one.
    Clients,
    /// Agencies'. Every issuer must have a list; without one nobody's certificate is good.
    Servers,
    /// Agencies'. Only issuers that have a list are held to it.
    ServersIfListed,
}

/// From when until when a verdict holds.
type Window = (DateTime<Utc>, DateTime<Utc>);

struct State {
    judged: Judged,
    roots: Roots,
    lists: Arc<RevocationLists>,
    /// Good verdicts, by fingerprint: from when, until when.
    good: RwLock<HashMap<[u8; 32], Window>>,
}

impl Gatekeeper {
    /// Trusts callers' certificates from `roots`. Without lists (an empty one), revocation is the registry's matter alone; with
    /// lists, every issuer in a path must have one that is valid.
    pub fn new(roots: Roots, lists: RevocationLists) -> Self {
        Self::of(Judged::Clients, roots, lists)
    }

    /// The same for others than callers.
    pub fn of(judged: Judged, roots: Roots, lists: RevocationLists) -> Self {
        Self(ArcSwap::from_pointee(State::new(judged, roots, Arc::new(lists))))
    }

    /// Whether the certificate is good at `now`: path, validity, usage, revocation.
    pub fn check(&self, peer: &PeerCertificate, now: DateTime<Utc>) -> Result<(), CertificateRefusal> {
        self.0.load().check(peer, now)
    }

    /// Puts new lists in place of the old, in force from the next request on, whatever they are.
    pub fn replace_lists(&self, lists: RevocationLists) {
        let lists = Arc::new(lists);
        self.0.rcu(|state| State::new(state.judged, state.roots.clone(), lists.clone()));
    }

    /// Puts new roots in place of the old, in force from the next request on.
    pub fn replace_roots(&self, roots: &Roots) {
        self.0.rcu(|state| State::new(state.judged, roots.clone(), state.lists.clone()));
    }

    /// Puts new lists in place of the old, if they lie ahead of them and of all that `memory` remembers. On error the old ones
    /// stay in force (and end their validity).
    pub fn advance_to(&self, lists: RevocationLists, memory: &dyn ListMemory) -> Result<(), PkiError> {
        let signed = {
            let state = self.0.load();
            lists.follow(&state.lists, &state.roots)?
        };
        memory.raise(&signed)?;
        self.replace_lists(lists);
        Ok(())
    }
}

impl std::fmt::Debug for Gatekeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gatekeeper({} revocation lists)", self.0.load().lists.len())
    }
}

impl State {
    fn new(judged: Judged, roots: Roots, lists: Arc<RevocationLists>) -> Self {
        Self { judged, roots, lists, good: RwLock::default() }
    }

    fn check(&self, peer: &PeerCertificate, now: DateTime<Utc>) -> Result<(), CertificateRefusal> {
        let known = {
            let good = self.good.read().unwrap_or_else(PoisonError::into_inner);
            good.get(&peer.fingerprint_sha256).copied()
        };
        if known.is_some_and(|(from, until)| from <= now && now < until) {
            return Ok(());
        }
        self.verify(peer, now)?;
        let list_ends = self.lists.next_expiry(now).unwrap_or(DateTime::<Utc>::MAX_UTC);
        // Validity holds through the last second; lists end before theirs.
        let until = (now + REUSE).min(peer.not_after).min(list_ends);
        let mut good = self.good.write().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= MAX_VERDICTS {
            good.clear();
        }
        good.insert(peer.fingerprint_sha256, (now, until));
        Ok(())
    }

    fn verify(&self, peer: &PeerCertificate, now: DateTime<Utc>) -> Result<(), CertificateRefusal> {
        let (own, above) = peer.chain.split_first().ok_or(CertificateRefusal::UnknownIssuer)?;
        if self.judged == Judged::Servers && self.lists.is_empty() {
            return Err(CertificateRefusal::RevocationUnknown);
        }
        let lists: Vec<&CertRevocationList<'_>> = self.lists.lists.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(if self.judged == Judged::ServersIfListed {
                    UnknownStatusPolicy::Allow
                } else {
                    UnknownStatusPolicy::Deny
                })
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        let usage = match self.judged {
            Judged::Clients => KeyUsage::client_auth(),
            Judged::Servers | Judged::ServersIfListed => KeyUsage::server_auth(),
        };
        EndEntityCert::try_from(own)
            .map_err(refusal)?
            .verify_for_usage(
                provider().signature_verification_algorithms.all,
                &self.roots.0.roots,
                above,
                unix_time(now),
                usage,
                revocation,
                None,
            )
            .map(drop)
            .map_err(refusal)
    }
}

fn refusal(error: Error) -> CertificateRefusal {
    match error {
        Error::CertExpired { .. } | Error::InvalidCertValidity => CertificateRefusal::Expired,
        Error::CertNotValidYet { .. } => CertificateRefusal::NotYetValid,
        Error::CertRevoked => CertificateRefusal::Revoked,
        Error::CrlExpired { .. } => CertificateRefusal::RevocationListExpired,
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => CertificateRefusal::NotForThisUse,
        Error::UnknownRevocationStatus
        | Error::IssuerNotCrlSigner
        | Error::InvalidCrlSignatureForPublicKey
        | Error::UnsupportedCrlSignatureAlgorithmContext(_)
        | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => {
            CertificateRefusal::RevocationUnknown
        }
        _ => CertificateRefusal::UnknownIssuer,
    }
}
