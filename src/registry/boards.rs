//! Boards: the application, the steps of the connection's life, certificates and keys.

use ssbtek_access_log::{BoardTerms, DocumentWrite};
use ssbtek_authorize::{
    AskError, AssertionKey, Attestation, Board, BoardState, Caller, CertificateOwner, DocumentHash,
    DocumentRef, Duty, KeyAlgorithm, Parties, Party, PowerOfAttorney, Provider, RegisteredCertificate, Step,
    StepKind, Versioned,
};
use ssbtek_domain::{DateTime, NaiveDate, OrganisationNumber, Utc, stockholm_date};

use crate::{
    By, Desk, DeskError, NewAccount,
    desk::{Deed, MAX_OF_A_KIND, Prepared, by_operator, register, revoke, text},
};

/// A new board, with its certificate's fingerprint and its key already read.
#[derive(Clone)]
pub struct NewBoard {
    /// Organisation number.
    pub organisation: OrganisationNumber,
    /// Name.
    pub name: String,
    /// SHA-256 of the TLS client certificate.
    pub certificate: [u8; 32],
    /// The first key that signs assertions.
    pub key: NewKey,
    /// The first administrator.
    pub administrator: NewAccount,
    /// The signed application.
    pub application: DocumentHash,
    /// Whether the executive board acts for an independent one, and on what power.
    pub power_of_attorney: PowerOfAttorney,
}

/// A key that signs assertions.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Key id.
    pub kid: String,
    /// The algorithm the key is for.
    pub algorithm: KeyAlgorithm,
    /// Public key, PEM.
    pub public_pem: String,
}

impl NewKey {
    fn from(self, valid_from: DateTime<Utc>) -> Result<AssertionKey, AskError> {
        if !(1..=64).contains(&self.kid.len()) || !ssbtek_domain::is_all_seen(&self.kid) {
            return Err(AskError::new(
                "assertion_kid",
                "must have 1 to 64 bytes, none of them blank or invisible",
            ));
        }
        let Self { kid, algorithm, public_pem } = self;
        Ok(AssertionKey { kid, algorithm, public_pem, valid_from, valid_until: None })
    }
}

impl Desk {
    /// Takes a board's application, with its certificate and its administrator, in one transaction. Returns the version, 1.
    pub async fn register_board(&self, new: NewBoard) -> Result<u64, DeskError> {
        let now = self.clock.now();
        let name = text("name", &new.name, 200)?;
        let key = new.key.from(now)?;
        let administrator = new.administrator.parse(now)?;
        let step = Step {
            kind: StepKind::Apply,
            by: self.name(&By::Operator),
            at: now,
            document: new.application,
            on: None,
        };
        let certificates = vec![RegisteredCertificate::new(&new.certificate)];
        let mut board = Board::applied(new.organisation, name, certificates, vec![key], step);
        board.power_of_attorney = new.power_of_attorney;
        self.found_board("register_board", &board, &[administrator], &[new.certificate]).await
    }

    /// Writes a board that must not exist yet, with its accounts and certificates.
    pub(crate) async fn found_board(
        &self,
        action: &'static str,
        board: &Board,
        accounts: &[ssbtek_authorize::CaseWorker],
        certificates: &[[u8; 32]],
    ) -> Result<u64, DeskError> {
        let organisation = board.organisation;
        let certificate = board.certificates.iter().map(|one| one.sha256.as_str()).collect::<Vec<_>>();
        let kid = board.assertion_keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>();
        let mut deed = by_operator(organisation, action)
            .to("certificate", certificate.join(","))
            .to("kid", kid.join(","));
        if let Some(application) = board.history.first() {
            deed = deed.to("application_sha256", application.document.as_str());
        }
        self.retried(deed.to("accounts", accounts.len()), || async move {
            let reference = DocumentRef::board(organisation);
            // Also one that has ended, is hidden, and not erased yet.
            if organisation == self.provider || self.log.newest_version(&reference).await? > 0 {
                return Err(DeskError::Exists("organisation_number"));
            }
            let mut documents = vec![DocumentWrite::new(reference, 0, board)?];
            let mut takes = Vec::new();
            for certificate in certificates {
                let claim = self.claim(certificate, &CertificateOwner::Board { organisation }).await?;
                documents.push(claim.write);
                takes.extend(claim.takes);
            }
            for account in accounts {
                let reference = DocumentRef::case_worker(organisation, &account.id);
                documents.push(DocumentWrite::new(reference, 0, account)?);
            }
            documents.push(self.listed(organisation, accounts.iter().map(|account| &account.id)).await?);
            documents.push(self.party_listed(board).await?);
            // One that comes with a last day is erased by it, as if notice had been given here.
            let terms = self.terms_of(board, StepKind::End).await?;
            Ok(Prepared { documents, terms, takes, ..Prepared::default() })
        })
        .await
    }

    /// Takes a step of a connection's life. `on` is the last day, for an end: with it go the terms by which everything of the
    /// board is erased, in the same transaction. Returns the board's new version.
    pub async fn take_step(
        &self,
        organisation: OrganisationNumber,
        kind: StepKind,
        document: DocumentHash,
        on: Option<NaiveDate>,
    ) -> Result<u64, DeskError> {
        let document = &document;
        on.map_or(Ok(()), |on| self.not_too_far("on", on))?;
        let mut deed = by_operator(organisation, kind.as_str()).to("document_sha256", document.as_str());
        if let Some(on) = on {
            deed = deed.to("on", on);
        }
        self.retried(deed, || self.step_taken(organisation, kind, document, on)).await
    }

    /// Whether a step could be taken now. Changes nothing.
    pub async fn may_take_step(
        &self,
        organisation: OrganisationNumber,
        kind: StepKind,
        document: &DocumentHash,
        on: Option<NaiveDate>,
    ) -> Result<(), DeskError> {
        on.map_or(Ok(()), |on| self.not_too_far("on", on))?;
        self.step_taken(organisation, kind, document, on).await.map(drop)
    }

    async fn step_taken(
        &self,
        organisation: OrganisationNumber,
        kind: StepKind,
        document: &DocumentHash,
        on: Option<NaiveDate>,
    ) -> Result<Prepared, DeskError> {
        let reference = DocumentRef::board(organisation);
        let mut board = self.existing::<Board>(&reference, "organisation_number").await?;
        let provider = self.or_default::<Provider>(&DocumentRef::provider()).await?;
        let (by, at, document) = (self.name(&By::Operator), self.clock.now(), document.clone());
        board.body.take(Step { kind, by, at, document, on }, &provider.body)?;
        let listed = self.party_listed(&board.body).await?;
        Ok(Prepared {
            documents: vec![DocumentWrite::new(reference, board.version, &board.body)?, listed],
            terms: self.terms_of(&board.body, kind).await?,
            rests_on: vec![(DocumentRef::provider(), provider.version)],
            ..Prepared::default()
        })
    }

    /// The terms of retention that follow from a board's notice.
    async fn terms_of(
        &self,
        board: &Board,
        kind: StepKind,
    ) -> Result<Option<Versioned<BoardTerms>>, DeskError> {
        let Some(on) = board.ended_on().filter(|_| kind == StepKind::End) else { return Ok(None) };
        let mut terms = self.log.terms(board.organisation).await?;
        terms.body.end_on(on).map_err(|reason| AskError::new("on", reason))?;
        Ok(Some(terms))
    }

    /// The published list with a board as it stands now.
    pub(crate) async fn party_listed(&self, board: &Board) -> Result<DocumentWrite, DeskError> {
        let reference = DocumentRef::parties();
        let mut parties = self.or_default::<Parties>(&reference).await?;
        let last = board.history.iter().rev().find(|step| step.kind != StepKind::End);
        let party = Party {
            name: board.name.clone(),
            state: board.standing(self.clock.now()).as_str().to_owned(),
            since: last.map_or(self.clock.today(), |step| stockholm_date(step.at)),
            ends_on: board.ended_on(),
        };
        parties.body.boards.insert(board.organisation, party);
        Ok(DocumentWrite::new(reference, parties.version, &parties.body)?)
    }

    /// Everybody who has signed, as they stand today. Applications under way are left out.
    pub async fn parties(&self) -> Result<Parties, DeskError> {
        let mut parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
        let under_way =
            [BoardState::Applied, BoardState::Checked, BoardState::Approved].map(BoardState::as_str);
        parties.boards.retain(|_, party| !under_way.contains(&party.state.as_str()));
        let today = self.clock.today();
        for party in parties.boards.values_mut().chain(parties.agents.values_mut()) {
            *party = party.on(today);
        }
        Ok(parties)
    }

    /// Every board that has ever applied.
    pub async fn every_board(&self) -> Result<Vec<OrganisationNumber>, DeskError> {
        let parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
        Ok(parties.boards.into_keys().collect())
    }

    /// A board's document, for operators and for its own auditors.
    pub async fn board(&self, organisation: OrganisationNumber) -> Result<(u64, Board), DeskError> {
        let found = self.existing::<Board>(&DocumentRef::board(organisation), "organisation_number").await?;
        Ok((found.version, found.body))
    }

    /// Changes a board for the operator.
    pub(crate) async fn edit_board(
        &self,
        organisation: OrganisationNumber,
        by: &By<'_>,
        action: &'static str,
        edit: impl FnMut(&mut Board) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        self.replace_in_board((organisation, by, action).into(), |_| false, edit).await
    }

    /// The same where a whole part of it is replaced: `loses` says whether something that stands there would be gone.
    pub(crate) async fn replace_in_board(
        &self,
        deed: Deed<'_>,
        loses: impl Fn(&Board) -> bool,
        edit: impl FnMut(&mut Board) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        let reference = DocumentRef::board(deed.tree());
        self.replace(deed, reference, "organisation_number", loses, edit).await
    }

    /// Registers a further certificate of a board. It opens no door before the board's administrator has confirmed it. Returns
    /// the board's new version.
    pub async fn add_certificate(
        &self,
        organisation: OrganisationNumber,
        certificate: [u8; 32],
    ) -> Result<u64, DeskError> {
        let deed = by_operator(organisation, "add_certificate");
        let deed = deed.to("certificate", RegisteredCertificate::new(&certificate).sha256);
        self.retried(deed, || async move {
            let reference = DocumentRef::board(organisation);
            let mut board = self.existing::<Board>(&reference, "organisation_number").await?;
            let new = RegisteredCertificate::new(&certificate);
            let claim = self.claim(&certificate, &CertificateOwner::Board { organisation }).await?;
            register(&mut board.body.certificates, new)?;
            Ok(claim.with(DocumentWrite::new(reference, board.version, &board.body)?))
        })
        .await
    }

    /// Sets from when until when the board itself attests cases that are not registered, as its agreement says; `None` ends
    /// it. Returns the board's new version.
    pub async fn set_attestation(
        &self,
        organisation: OrganisationNumber,
        attestation: Option<Attestation>,
    ) -> Result<u64, DeskError> {
        attestation.map_or(Ok(()), |set| self.not_too_far("from", set.from))?;
        let deed = by_operator(organisation, "set_attestation");
        let deed = match attestation {
            Some(set) => deed.to("from", set.from).to("until", set.until),
            None => deed.to("until", "none"),
        };
        let loses = |board: &Board| board.attests_cases.is_some_and(|known| Some(known) != attestation);
        self.replace_in_board(deed, loses, |board| {
            board.attests_cases = attestation;
            Ok(())
        })
        .await
    }

    /// Revokes a board's certificate from now on. Returns the board's new version.
    pub async fn revoke_certificate(
        &self,
        organisation: OrganisationNumber,
        sha256: &str,
    ) -> Result<u64, DeskError> {
        let now = self.clock.now();
        let deed = by_operator(organisation, "revoke_certificate").to("certificate", sha256);
        self.replace_in_board(deed, |_| false, |board| revoke(&mut board.certificates, sha256, now)).await
    }

    /// Records that the caller has connected with its certificate: the technical connection is proven, and the certificate
    /// confirmed by the board. The one call that a certificate opens which nobody has confirmed yet.
    pub async fn prove_connection(&self, caller: &Caller) -> Result<u64, DeskError> {
        self.require_confirming(caller).await?;
        let now = self.clock.now();
        let sha256 = RegisteredCertificate::new(&caller.certificate).sha256;
        let sha256 = &sha256;
        self.retried((caller.board, &By::Confirming(caller), "prove_connection"), || async move {
            let reference = DocumentRef::board(caller.board);
            let mut board = self.existing::<Board>(&reference, "organisation_number").await?;
            let certificates = &mut board.body.certificates;
            let certificate = certificates.iter_mut().find(|certificate| certificate.sha256 == *sha256);
            certificate.ok_or(DeskError::Unknown("certificate"))?.proven_at.get_or_insert(now);
            let rests_on = vec![self.still_owns(caller.board, sha256).await?];
            let documents = vec![DocumentWrite::new(reference, board.version, &board.body)?];
            Ok(Prepared { documents, rests_on, ..Prepared::default() })
        })
        .await
    }

    /// Confirms another certificate that is registered for the caller's board, over one that is confirmed. Returns the board's
    /// new version.
    pub async fn confirm_certificate(&self, caller: &Caller, sha256: &str) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let now = self.clock.now();
        self.retried((caller.board, &By::Account(caller), "confirm_certificate"), || async move {
            let reference = DocumentRef::board(caller.board);
            let mut board = self.existing::<Board>(&reference, "organisation_number").await?;
            let certificates = &mut board.body.certificates;
            let certificate = certificates.iter_mut().find(|certificate| certificate.sha256 == sha256);
            let certificate = certificate.ok_or(DeskError::Unknown("sha256"))?;
            let rests_on = vec![self.still_owns(caller.board, sha256).await?];
            if certificate.revoked_at.is_some() {
                return Err(AskError::new("sha256", "is revoked").into());
            }
            if !certificate.is_confirmed() {
                certificate.confirmed_at = Some(now);
            }
            let documents = vec![DocumentWrite::new(reference, board.version, &board.body)?];
            Ok(Prepared { documents, rests_on, ..Prepared::default() })
        })
        .await
    }

    /// Adds a key to those that sign the board's assertions: both are accepted until the old one is retired.
    pub async fn add_assertion_key(&self, caller: &Caller, key: NewKey) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let key = key.from(self.clock.now())?;
        self.edit_board(caller.board, &By::Account(caller), "add_assertion_key", |board| {
            if board.assertion_keys.iter().any(|known| known.kid == key.kid) {
                return Err(DeskError::Exists("assertion_kid"));
            }
            if board.assertion_keys.len() >= MAX_OF_A_KIND {
                let reason = format!("is one too many: a board has at most {MAX_OF_A_KIND}");
                return Err(AskError::new("assertion_key", reason).into());
            }
            board.assertion_keys.push(key.clone());
            Ok(())
        })
        .await
    }

    /// Retires a key at `until`, now or later. The last key in use stays until there is another.
    pub async fn retire_assertion_key(
        &self,
        caller: &Caller,
        kid: &str,
        until: Option<DateTime<Utc>>,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let now = self.clock.now();
        let until = until.unwrap_or(now);
        self.not_too_far("until", stockholm_date(until))?;
        if until < now {
            return Err(AskError::new("until", "lies in the past").into());
        }
        self.edit_board(caller.board, &By::Account(caller), "retire_assertion_key", |board| {
            let others = board.assertion_keys.iter().any(|key| key.kid != kid && key.is_valid_at(until));
            if !others {
                return Err(AskError::new("kid", "is the only key in use then; add another first").into());
            }
            let key = board.assertion_keys.iter_mut().find(|key| key.kid == kid);
            key.ok_or(DeskError::Unknown("kid"))?.valid_until = Some(until);
            Ok(())
        })
        .await
    }
}
