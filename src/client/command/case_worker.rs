//! `ssbtek case-worker`.

use ssbtek_present::{Language, texts::client as t};
use ssbtek_proto::broker::v1::{self as proto, *};

use crate::{
    ClientError, World,
    arguments::{CaseWorker, Duty, Shared},
    run::Done,
    settings::Account as Named,
    show,
};

pub(crate) async fn case_worker(
    shared: &Shared,
    change: CaseWorker,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let which = match change {
        CaseWorker::ConfirmInstructions { .. } => Named::CaseWorker,
        _ => Named::Administrator,
    };
    let account = settings.account(shared.account.as_deref(), which)?;
    let broker = shared.broker(&settings, world)?;
    let (done, version): (fn(Language, u64) -> String, u64) = match change {
        CaseWorker::Register { id, name, unit, duty, system_of } => {
            let duties = duty.into_iter().map(|duty| duty.to_proto().into()).collect();
            let kind = match system_of {
                Some(_) => AccountKind::System,
                None => AccountKind::Person,
            };
            let (kind, responsible) = (kind.into(), system_of.unwrap_or_default());
            let new = proto::Account { id, name, unit, duties, kind, responsible };
            let request = RegisterCaseWorkerRequest { account: Some(new) };
            (t::account_registered, broker.register_case_worker(account, request).await?.version)
        }
        CaseWorker::Block { id } => (
            t::account_blocked,
            broker.block_case_worker(account, BlockCaseWorkerRequest { id }).await?.version,
        ),
        CaseWorker::OwnNumber { id, number, .. } => {
            let told = broker.list_accounts(account, ListAccountsRequest::default()).await?.accounts;
            let expected_version = told.iter().find(|one| one.id == id).map(|one| one.version);
            let person_number = number.unwrap_or_default();
            let request = SetOwnNumberRequest { id, person_number, expected_version };
            (t::account_changed, broker.set_own_number(account, request).await?.version)
        }
        CaseWorker::SignIn { id, issuer, subject, .. } => {
            let told = broker.list_accounts(account, ListAccountsRequest::default()).await?.accounts;
            let expected_version = told.iter().find(|one| one.id == id).map(|one| one.version);
            let (issuer, subject) = (issuer.unwrap_or_default(), subject.unwrap_or_default());
            let request = SetSignInRequest { id, issuer, subject, expected_version };
            (t::account_changed, broker.set_sign_in(account, request).await?.version)
        }
        CaseWorker::FollowUp { id } => {
            let request = FollowUpCaseWorkerRequest { id };
            (t::account_followed_up, broker.follow_up_case_worker(account, request).await?.version)
        }
        CaseWorker::ConfirmInstructions { version } => {
            // The text itself, before it is confirmed.
            let request = GetPublishedRequest {
                text: PublishedText::Instructions.into(),
                version: version.clone().unwrap_or_default(),
            };
            let published = broker.get_published(account, request).await?;
            let version = version.unwrap_or(published.instructions_version);
            let heading = t::instructions(world.language, &version);
            writeln!(world.stdout, "{heading}\n\n{}\n", published.content)?;
            let request = ConfirmInstructionsRequest { version };
            (t::account_confirmed, broker.confirm_instructions(account, request).await?.version)
        }
        CaseWorker::List { dormant_after, systems } => {
            let kind = if systems { AccountKind::System } else { AccountKind::Unspecified };
            let request = ListAccountsRequest { dormant_days: dormant_after, kind: kind.into() };
            let told = broker.list_accounts(account, request).await?;
            for line in told.accounts.iter().map(show::account) {
                writeln!(world.stdout, "{line}")?;
            }
            return Ok(Done::Whole);
        }
    };
    writeln!(world.stdout, "{}", done(world.language, version))?;
    Ok(Done::Whole)
}

impl Duty {
    fn to_proto(self) -> proto::Duty {
        match self {
            Duty::Asks => proto::Duty::Asks,
            Duty::KeepsCases => proto::Duty::KeepsCases,
            Duty::Audits => proto::Duty::Audits,
            Duty::Administers => proto::Duty::Administers,
            Duty::DelaysDisclosure => proto::Duty::DelaysDisclosure,
        }
    }
}
