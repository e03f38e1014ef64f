//! `ssbtek portals`: through whom persons may see what the board has asked about them.

use ssbtek_proto::broker::v1::{GetBoardRequest, SetPortalsRequest};

use crate::{
    ClientError, World,
    arguments::{Portals, Shared},
    run::Done,
    settings::Account,
};

pub(crate) async fn portals(
    shared: &Shared,
    asked: Portals,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Administrator)?;
    let broker = shared.broker(&settings, world)?;
    let read = broker.get_board(account, GetBoardRequest::default()).await?.version;
    let request = SetPortalsRequest {
        portals: asked.portals,
        certificates: asked.certificates,
        expected_version: Some(read),
    };
    let set = broker.set_portals(account, request).await?;
    writeln!(world.stdout, "the board's portals are set (version {})", set.version)?;
    Ok(Done::Whole)
}
