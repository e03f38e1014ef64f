//! What a person can demand of the broker's own records (GDPR art. 16 and 18): that what is wrong is corrected, and that
//! nobody asks while that is in dispute; and that what is remembered of protected identity is lifted. By the board's administrator. Earlier versions stay, sealed, until they are
//! erased with the rest: who was asked about under a wrong number must remain to be found.

use ssbtek_access_log::{DocumentWrite, LiftError};
use ssbtek_authorize::{AskError, Caller, CaseWorker, DocumentRef, Duty, Remembered, Restriction};
use ssbtek_domain::{CaseId, CaseWorkerId, Personnummer, Role, Unit};

use crate::{By, Desk, DeskError, desk::text};

/// What an account's record should say; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct AccountCorrection {
    /// The person's name.
    pub name: Option<String>,
    /// Organisational unit.
    pub unit: Option<String>,
}

impl Desk {
    /// Corrects one member of a case, open or closed: the number, the role, or both. What is remembered of protected identity under the
    /// wrong number is remembered of the right one from then on, too. Returns the case's new version.
    pub async fn correct_member(
        &self,
        caller: &Caller,
        case: &CaseId,
        wrong: &Personnummer,
        right: (Personnummer, Role),
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let mut found = self.case(caller, case).await?;
        if !found.body.members.iter().any(|member| member.person == *wrong) {
            return Err(DeskError::Unknown("person_number"));
        }
        found.body.correct_member(wrong, right).map_err(crate::cases::invalid)?;
        self.write(caller, "correct_member", found.version, &found.body).await
    }

    /// Corrects the name or unit of an account. Returns its new version.
    pub async fn correct_account(
        &self,
        caller: &Caller,
        id: &CaseWorkerId,
        right: AccountCorrection,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let name = right.name.map(|name| text("name", &name, 100)).transpose()?;
        let unit = right.unit.map(|unit| Unit::parse(&unit)).transpose();
        let unit = unit.map_err(|error| AskError::new("unit", error))?;
        if name.is_none() && unit.is_none() {
            return Err(AskError::new("name", "or unit must be given").into());
        }
        self.edit_account(caller, id, "correct_account", |account: &mut CaseWorker| {
            account.name = name.clone().unwrap_or_else(|| account.name.clone());
            account.unit = unit.clone().unwrap_or_else(|| account.unit.clone());
        })
        .await
    }

    /// From now on nobody at the caller's board asks about the person, and no answer under way leaves. Returns the version
    /// of the restriction's record.
    pub async fn restrict_person(
        &self,
        caller: &Caller,
        person: &Personnummer,
        reference: &str,
    ) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let reference = text("reference", reference, 40)?;
        let document = DocumentRef::restriction(caller.board, person);
        let (document, reference) = (&document, &reference);
        self.retried((caller.board, &By::Account(caller), "restrict_person"), || async move {
            // One that was lifted may be hidden by now and not erased yet. Its number is read first: what is placed from then on
            // is either found below or refused when this is written.
            let hidden = self.log.newest_version(document).await?;
            let found = self.log.document::<Restriction>(document).await?;
            if found.as_ref().is_some_and(|found| found.body.is_in_force()) {
                return Err(DeskError::Exists("person_number"));
            }
            let before = found.map_or(hidden, |found| found.version);
            let new = Restriction {
                reference: reference.clone(),
                by: caller.case_worker.clone(),
                since: self.clock.now(),
                lifted: None,
                placed_in: (before > 0).then_some(before + 1),
            };
            Ok(vec![DocumentWrite::new(document.clone(), before, &new)?.anew_in(new.placed_in)])
        })
        .await
    }

    /// The dispute is settled: questions may be asked again. The record is erased as a closed case is. Returns its version.
    pub async fn lift_restriction(&self, caller: &Caller, person: &Personnummer) -> Result<u64, DeskError> {
        self.require(caller, Duty::Administers).await?;
        let document = DocumentRef::restriction(caller.board, person);
        let document = &document;
        self.retried((caller.board, &By::Account(caller), "lift_restriction"), || async move {
            let mut found = self.existing::<Restriction>(document, "person_number").await?;
            if !found.body.is_in_force() {
                return Err(DeskError::Unknown("person_number"));
            }
            let now = self.clock.now();
            found.body.lifted = Some((now, caller.case_worker.clone()));
            let write = DocumentWrite::new(document.clone(), found.version, &found.body)?;
            Ok(vec![write.anew_in(found.body.placed_in).closed(now)])
        })
        .await
    }

    /// What the board remembers of a person's protected identity; for auditors and administrators.
    pub async fn remembered(&self, caller: &Caller, person: &Personnummer) -> Result<Remembered, DeskError> {
        self.require_one_of(caller, &[Duty::Administers, Duty::Audits]).await?;
        Ok(self.log.remembered(caller.board, person).await?)
    }

    /// Lifts it, until it is said again; refused while a source's newest answer or an open case still says so.
    pub async fn lift_protection(
        &self,
        caller: &Caller,
        person: &Personnummer,
        ground: &str,
    ) -> Result<(), DeskError> {
        self.require(caller, Duty::Administers).await?;
        let ground = text("ground", ground, 500)?;
        let lifted = self.log.lift_protection(caller, person, &ground, Some(caller.token.clone())).await;
        lifted.map_err(|error| match error {
            LiftError::Nothing => DeskError::Unknown("person_number"),
            LiftError::StillSaid(agencies, cases) => {
                let agencies = agencies.iter().map(|agency| agency.code().to_owned());
                let by: Vec<_> = agencies.chain((!cases.is_empty()).then(|| "a case".to_owned())).collect();
                let by = by.join(", ");
                let reason =
                    format!("it is still said by {by}; ask about the person anew, or change the case, first");
                AskError::new("person_number", reason).into()
            }
            LiftError::Raced => DeskError::Raced,
            LiftError::Log(error) => error.into(),
        })
    }

    /// Whether and why a person is restricted; for auditors and administrators.
    pub async fn restriction(
        &self,
        caller: &Caller,
        person: &Personnummer,
    ) -> Result<Option<Restriction>, DeskError> {
        self.require_one_of(caller, &[Duty::Administers, Duty::Audits]).await?;
        let document = DocumentRef::restriction(caller.board, person);
        Ok(self.log.document::<Restriction>(&document).await?.map(|found| found.body))
    }
}
