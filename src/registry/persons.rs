//! What persons are told, and through whom: citizen portals, the boards that open their logs to them, and decisions to tell
//! later.

use std::collections::BTreeSet;

use chrono::Days;
use ssbtek_access_log::{DocumentWrite, ReadError};
use ssbtek_authorize::{
    AskError, Board, Caller, CertificateOwner, DocumentHash, DocumentRef, Duty, Portal, RegisteredCertificate,
};
use ssbtek_domain::{CaseId, EntryId, NaiveDate, OrganisationNumber};

use crate::{
    By, Desk, DeskError,
    concerned::Concerned,
    desk::{by_operator, register, revoke, text},
};

/// Most portals that one board may open its log to.
const MAX_PORTALS: usize = 20;
/// Most certificates of all of them.
const MAX_PORTAL_CERTIFICATES: usize = 100;

impl Desk {
    /// Registers a citizen portal with its certificate, or a further certificate of one that is there. Returns the version.
    pub async fn register_portal(
        &self,
        organisation: OrganisationNumber,
        name: &str,
        certificate: [u8; 32],
    ) -> Result<u64, DeskError> {
        let name = &text("name", name, 200)?;
        let deed = by_operator(self.provider, "register_portal")
            .to("portal", organisation)
            .to("certificate", RegisteredCertificate::new(&certificate).sha256)
            .concerning(Concerned::ShownBy(organisation));
        self.retried(deed, || async move {
            let reference = DocumentRef::portal(organisation);
            let found = self.log.document::<Portal>(&reference).await?;
            let (version, mut certificates) =
                found.map_or((0, Vec::new()), |found| (found.version, found.body.certificates));
            let claim = self.claim(&certificate, &CertificateOwner::Portal { organisation }).await?;
            register(&mut certificates, RegisteredCertificate::new(&certificate))?;
            let portal = Portal { organisation, name: name.clone(), certificates };
            Ok(claim.with(DocumentWrite::new(reference, version, &portal)?))
        })
        .await
    }

    /// Revokes a portal's certificate from now on. Returns the portal's new version.
    pub async fn revoke_portal(
        &self,
        organisation: OrganisationNumber,
        sha256: &str,
    ) -> Result<u64, DeskError> {
        let now = self.clock.now();
        let deed = by_operator(self.provider, "revoke_portal")
            .to("portal", organisation)
            .to("certificate", sha256)
            .concerning(Concerned::ShownBy(organisation));
        let reference = DocumentRef::portal(organisation);
        let revoke = |portal: &mut Portal| revoke(&mut portal.certificates, sha256, now);
        self.edit(deed, reference, "organisation_number", revoke).await
    }

    /// Opens the caller's board's log to persons through exactly these portals, over exactly these of their certificates: an
    /// operator registers a portal's certificate, and the board says which it has from the portal itself. Returns the board's
    /// new version.
    pub async fn set_portals(
        &self,
        caller: &Caller,
        portals: BTreeSet<OrganisationNumber>,
        certificates: BTreeSet<DocumentHash>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        if portals.len() > MAX_PORTALS {
            return Err(AskError::new("portals", format!("must be at most {MAX_PORTALS}")).into());
        }
        if certificates.len() > MAX_PORTAL_CERTIFICATES {
            let reason = format!("must be at most {MAX_PORTAL_CERTIFICATES}");
            return Err(AskError::new("certificates", reason).into());
        }
        let certificates: BTreeSet<String> = certificates.into_iter().map(String::from).collect();
        let (portals, certificates) = (&portals, &certificates);
        let loses = |board: &Board| {
            !board.portals.is_subset(portals) || !board.portal_certificates.is_subset(certificates)
        };
        let loses = &loses;
        self.retried((caller.board, &By::Account(caller), "set_portals"), || async move {
            let named = self.named_by_a_board(portals, certificates).await?;
            let reference = DocumentRef::board(caller.board);
            let mut board = self.existing::<Board>(&reference, "organisation_number").await?;
            self.may_replace(board.version, loses(&board.body))?;
            board.body.portals.clone_from(portals);
            board.body.portal_certificates.clone_from(certificates);
            let written = DocumentWrite::new(reference, board.version, &board.body)?;
            Ok([written].into_iter().chain(named).collect::<Vec<_>>())
        })
        .await
    }

    /// Portals' certificates that a board has from the portal itself: from then on they are its own, and nobody else's.
    async fn named_by_a_board(
        &self,
        portals: &BTreeSet<OrganisationNumber>,
        certificates: &BTreeSet<String>,
    ) -> Result<Vec<DocumentWrite>, DeskError> {
        let now = self.clock.now();
        let (mut written, mut registered) = (Vec::new(), BTreeSet::new());
        for portal in portals {
            let reference = DocumentRef::portal(*portal);
            let mut found = self.existing::<Portal>(&reference, "portals").await?;
            let own = &mut found.body.certificates;
            registered.extend(own.iter().map(|certificate| certificate.sha256.clone()));
            let named = own.iter_mut().filter(|certificate| certificates.contains(&certificate.sha256));
            let named: Vec<_> = named.collect();
            if named.is_empty() {
                let reason =
                    "must name, for each portal, the certificates that you have from the portal itself";
                return Err(AskError::new("certificates", reason).into());
            }
            let news = named.into_iter().filter(|certificate| certificate.confirmed_at.is_none());
            let news = news.map(|certificate| certificate.confirmed_at = Some(now)).count();
            if news > 0 {
                written.push(DocumentWrite::new(reference, found.version, &found.body)?);
            }
        }
        match certificates.is_subset(&registered) {
            true => Ok(written),
            false => Err(DeskError::Unknown("certificates")),
        }
    }

    /// The portal behind a certificate, if the certificate is good for it now.
    pub async fn portal(
        &self,
        organisation: OrganisationNumber,
        certificate: &[u8; 32],
    ) -> Result<Option<Portal>, DeskError> {
        let found = self.log.document::<Portal>(&DocumentRef::portal(organisation)).await?;
        let now = self.clock.now();
        Ok(found.map(|found| found.body).filter(|portal| portal.accepts_certificate(certificate, now)))
    }

    /// The board, if it has opened its log to persons through this portal and over this certificate. One that has not and one that does not exist are
    /// the same to a portal.
    pub async fn board_for_portal(
        &self,
        portal: &Portal,
        certificate: &[u8; 32],
        organisation: OrganisationNumber,
    ) -> Result<Board, DeskError> {
        let board = self.log.document::<Board>(&DocumentRef::board(organisation)).await?;
        let board = board.map(|found| found.body).filter(|board| portal.may_show(board, certificate));
        board.ok_or(DeskError::Unknown("organisation_number"))
    }

    /// Decides that a person is told of the questions in a case from `until` on and not before; today lifts an earlier
    /// decision. Returns the decision's own entry.
    pub async fn decide_delay(
        &self,
        caller: &Caller,
        case: &CaseId,
        (reason, legal_basis): (&str, &str),
        until: NaiveDate,
        most_days: u16,
    ) -> Result<EntryId, DeskError> {
        self.require(caller, Duty::DelaysDisclosure).await?;
        let reason = text("reason", reason, 500)?;
        let legal_basis = text("legal_basis", legal_basis, 200)?;
        let today = self.clock.today();
        let last = today.checked_add_days(Days::new(most_days.into())).unwrap_or(today);
        if until < today || until > last {
            return Err(
                AskError::new("until", format!("must be today or at most {most_days} days later")).into()
            );
        }
        let known =
            self.log.knows_case(caller.board, case).await.map_err(|_: ReadError| DeskError::Unavailable)?;
        if !known
            && self
                .log
                .document::<ssbtek_authorize::Case>(&DocumentRef::case(caller.board, case))
                .await?
                .is_none()
        {
            return Err(DeskError::Unknown("case_id"));
        }
        let once = Some(caller.token.clone());
        Ok(self.log.decide_delay(caller, case, reason, legal_basis, until, once).await?)
    }
}
