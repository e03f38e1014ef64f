//! Whose certificate is whose. What nobody has confirmed is nobody's for good, so that no operator keeps a certificate from the party
//! whose it is by registering it for another; and who loses one that it waits with is told so in its log, before it is gone.

use std::collections::BTreeMap;

use ssbtek_access_log::{Change, ChangeError, DocumentWrite};
use ssbtek_authorize::{Board, CertificateOwner, DocumentRef, Portal, RegisteredCertificate};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;

use crate::{
    Desk, DeskError,
    concerned::{Concerned, Told},
    desk::{ATTEMPTS, Prepared},
};

/// A certificate that gets an owner.
pub(crate) struct Claim {
    /// The write that gives it.
    pub(crate) write: DocumentWrite,
    /// From whom it is taken, if somebody else waits with it.
    pub(crate) takes: Option<Taken>,
}

impl Claim {
    /// With the document that names the certificate, first.
    pub(crate) fn with(self, first: DocumentWrite) -> Prepared {
        let takes = self.takes.into_iter().collect();
        Prepared { documents: vec![first, self.write], takes, ..Prepared::default() }
    }
}

impl From<Claim> for Prepared {
    fn from(Claim { write, takes }: Claim) -> Self {
        Prepared { documents: vec![write], takes: takes.into_iter().collect(), ..Prepared::default() }
    }
}

/// A certificate that somebody waits with and loses.
pub(crate) struct Taken {
    sha256: String,
    from: CertificateOwner,
    to: CertificateOwner,
}

impl Desk {
    /// The claim of a certificate for an owner; refused if it has one who holds it.
    pub(crate) async fn claim(
        &self,
        certificate: &[u8; 32],
        owner: &CertificateOwner,
    ) -> Result<Claim, DeskError> {
        let reference = DocumentRef::certificate(certificate);
        let Some(known) = self.log.document::<CertificateOwner>(&reference).await? else {
            return Ok(Claim { write: DocumentWrite::new(reference, 0, owner)?, takes: None });
        };
        let sha256 = RegisteredCertificate::new(certificate).sha256;
        let listed = self.listed_for(&known.body, &sha256).await?;
        let is_own = known.body == *owner;
        let takes = match listed {
            Listed::No => None,
            // Registered and revoked before anybody confirmed it: nobody burns a certificate for its own owner.
            Listed::Waits { revoked: true } if is_own => None,
            Listed::Waits { .. } if !is_own => Some(Taken { sha256, from: known.body, to: owner.clone() }),
            Listed::Waits { .. } | Listed::Held => return Err(DeskError::Exists("certificate")),
        };
        Ok(Claim { write: DocumentWrite::new(reference, known.version, owner)?, takes })
    }

    /// How a certificate stands with whom it belongs to.
    async fn listed_for(&self, owner: &CertificateOwner, sha256: &str) -> Result<Listed, DeskError> {
        Ok(match owner {
            CertificateOwner::Board { organisation } => {
                let board = self.log.document::<Board>(&DocumentRef::board(*organisation)).await?;
                // A board that is hidden is erased soon, and its certificates with it.
                board.map_or(Listed::Held, |found| Listed::among(&found.body.certificates, sha256))
            }
            CertificateOwner::Portal { organisation } => {
                let portal = self.log.document::<Portal>(&DocumentRef::portal(*organisation)).await?;
                portal.map_or(Listed::No, |found| Listed::among(&found.body.certificates, sha256))
            }
            // Two operators have said whose it is.
            CertificateOwner::Agent { .. } | CertificateOwner::Agency { .. } | CertificateOwner::Operator => {
                Listed::Held
            }
        })
    }

    /// Takes a certificate that nobody has confirmed from whom it is registered for, and records it where that party can see it: in
    /// the board's own log, or of a portal in the logs that it shows. Then it is nobody's until the change follows for which it is taken.
    pub(crate) async fn tell_of_loss(&self, by: &str, taken: Taken) -> Result<(), DeskError> {
        for _ in 0..ATTEMPTS {
            let Some((tree, write)) = self.without(&taken).await? else { return Ok(()) };
            let to = BTreeMap::from([
                ("certificate".to_owned(), taken.sha256.clone()),
                ("party".to_owned(), party(&taken.to)),
            ]);
            let told = Told { by, action: "lose_waiting_certificate", to: &to };
            let beside = match taken.from {
                CertificateOwner::Portal { organisation } => {
                    self.untold(told, Concerned::ShownBy(organisation)).await?
                }
                _ => None,
            };
            let change = Change {
                documents: vec![write],
                to: to.clone(),
                beside: beside.into_iter().collect(),
                ..Change::new(tree, by, told.action)
            };
            match self.log.make(change).await {
                Err(ChangeError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    let _ = self.tell_boards().await;
                    return Ok(());
                }
            }
        }
        Err(DeskError::Raced)
    }

    /// The party without the certificate, and whose log tells of it; `None` if it is not there any more.
    async fn without(
        &self,
        Taken { sha256, from, .. }: &Taken,
    ) -> Result<Option<(OrganisationNumber, DocumentWrite)>, DeskError> {
        match from {
            CertificateOwner::Board { organisation } => {
                let reference = DocumentRef::board(*organisation);
                let mut board = self.existing::<Board>(&reference, "certificate").await?;
                if !lost(&mut board.body.certificates, sha256)? {
                    return Ok(None);
                }
                Ok(Some((*organisation, DocumentWrite::new(reference, board.version, &board.body)?)))
            }
            CertificateOwner::Portal { organisation } => {
                let reference = DocumentRef::portal(*organisation);
                let mut portal = self.existing::<Portal>(&reference, "certificate").await?;
                if !lost(&mut portal.body.certificates, sha256)? {
                    return Ok(None);
                }
                Ok(Some((self.provider, DocumentWrite::new(reference, portal.version, &portal.body)?)))
            }
            CertificateOwner::Agent { .. } | CertificateOwner::Agency { .. } | CertificateOwner::Operator => {
                Err(DeskError::Exists("certificate"))
            }
        }
    }

    /// That a board's certificate is its own still, and the version of what says so.
    pub(crate) async fn still_owns(
        &self,
        organisation: OrganisationNumber,
        sha256: &str,
    ) -> Result<(DocumentRef, u64), DeskError> {
        let unknown = DeskError::Unknown("sha256");
        let fingerprint = Hash::from_hex(sha256).map_err(|_| unknown.clone())?;
        let reference = DocumentRef::certificate(fingerprint.as_bytes());
        let known = self.log.document::<CertificateOwner>(&reference).await?;
        match known.filter(|known| known.body == CertificateOwner::Board { organisation }) {
            Some(known) => Ok((reference, known.version)),
            None => Err(unknown),
        }
    }
}

/// How a certificate stands among a party's.
enum Listed {
    /// It is not there.
    No,
    /// Nobody has confirmed it.
    Waits {
        /// It was revoked before anybody did.
        revoked: bool,
    },
    /// The party itself has said that it is its own.
    Held,
}

impl Listed {
    fn among(certificates: &[RegisteredCertificate], sha256: &str) -> Self {
        match certificates.iter().find(|one| one.sha256 == sha256) {
            None => Listed::No,
            Some(found) if found.is_confirmed() => Listed::Held,
            Some(found) => Listed::Waits { revoked: found.revoked_at.is_some() },
        }
    }
}

/// Takes a certificate that waits out of a party's; whether it was there. One that was confirmed meanwhile stays.
fn lost(certificates: &mut Vec<RegisteredCertificate>, sha256: &str) -> Result<bool, DeskError> {
    match Listed::among(certificates, sha256) {
        Listed::No => Ok(false),
        Listed::Held => Err(DeskError::Exists("certificate")),
        Listed::Waits { .. } => {
            certificates.retain(|one| one.sha256 != sha256);
            Ok(true)
        }
    }
}

/// A party, as a record names it.
fn party(owner: &CertificateOwner) -> String {
    match owner {
        CertificateOwner::Board { organisation } => format!("board {organisation}"),
        CertificateOwner::Agent { organisation } => format!("agent {organisation}"),
        CertificateOwner::Agency { agency } => format!("agency {agency}"),
        CertificateOwner::Portal { organisation } => format!("portal {organisation}"),
        CertificateOwner::Operator => "operator".to_owned(),
    }
}
