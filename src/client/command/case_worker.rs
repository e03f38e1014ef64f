//! `ssbtek case-worker`.

use ssbtek_proto::broker::v1::{
    self as proto, BlockCaseWorkerRequest, RegisterCaseWorkerRequest, SetOwnNumberRequest,
};

use crate::{
    ClientError, World,
    arguments::{CaseWorker, Duty, Shared},
    run::Done,
    settings::Account,
};

pub(crate) async fn case_worker(
    shared: &Shared,
    change: CaseWorker,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Administrator)?;
    let broker = shared.broker(&settings, world)?;
    let (done, version) = match change {
        CaseWorker::Register { id, name, unit, duty } => {
            let duties = duty.into_iter().map(|duty| duty.to_proto().into()).collect();
            let new = proto::Account { id, name, unit, duties };
            let request = RegisterCaseWorkerRequest { account: Some(new) };
            ("registered", broker.register_case_worker(account, request).await?.version)
        }
        CaseWorker::Block { id } => {
            ("blocked", broker.block_case_worker(account, BlockCaseWorkerRequest { id }).await?.version)
        }
        CaseWorker::OwnNumber { id, number, .. } => {
            let request = SetOwnNumberRequest { id, person_number: number.unwrap_or_default() };
            ("changed", broker.set_own_number(account, request).await?.version)
        }
    };
    writeln!(world.stdout, "account {done} (version {version})")?;
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
