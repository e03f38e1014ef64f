//! `ssbtek log delay`: a person is told later of the questions in a case.

use ssbtek_proto::broker::v1::DecideDelayRequest;

use crate::{
    ClientError, World,
    arguments::{LogDelay, Shared},
    run::Done,
    settings::Account,
};

pub(crate) async fn delay(
    shared: &Shared,
    asked: LogDelay,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::DelaysDisclosure)?;
    let broker = shared.broker(&settings, world)?;
    let request = DecideDelayRequest {
        case_id: asked.case,
        until: asked.until.to_string(),
        reason: asked.reason,
        legal_basis: asked.basis,
    };
    let decided = broker.decide_delay(account, request).await?;
    writeln!(
        world.stdout,
        "Recorded as entry {}. Persons are told of the questions in the case from {} on; auditors see them all the while.",
        decided.entry_id, asked.until
    )?;
    Ok(Done::Whole)
}
