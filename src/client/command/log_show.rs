//! `ssbtek log show`: one entry in full, with its proofs checked.

use ssbtek_proto::broker::v1::{GetProofsRequest, ListEntriesRequest, list_entries_request::Filter};

use crate::{
    ClientError, World,
    arguments::{LogShow, Shared},
    command::{log_list::lines, receipt},
    json,
    run::Done,
    settings::Account,
    show,
};

pub(crate) async fn show(
    shared: &Shared,
    asked: LogShow,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    let request = ListEntriesRequest {
        filter: Some(Filter::EntryId(asked.entry.clone())),
        page_size: 1,
        ..ListEntriesRequest::default()
    };
    let found = broker.list_entries(account, request).await?.entries;
    let Some(entry) = found.first() else {
        return Err(ClientError::Refused("the board's log has no such entry".to_owned()));
    };
    if asked.json {
        lines(&found, world.stdout)?;
        return Ok(Done::Whole);
    }
    let proofs = broker.get_proofs(account, GetProofsRequest { entry_id: asked.entry }).await?.proofs;
    let checked = match settings.log_key() {
        None => show::ReceiptCheck::NoKey,
        Some(key) => {
            let first = proofs.first().map(|proof| proof.leaf_index);
            let held = proofs.iter().map(|proof| receipt::holds(&json::Receipt::of(proof), key));
            match held.collect::<Result<Vec<_>, _>>() {
                Ok(_) if first == Some(entry.leaf_index) => show::ReceiptCheck::Holds,
                Ok(_) => show::ReceiptCheck::Fails("they are those of another record".to_owned()),
                Err(error) => show::ReceiptCheck::Fails(error.to_string()),
            }
        }
    };
    world.stdout.write_all(show::entry(entry, &checked, world.screen).as_bytes())?;
    match checked {
        show::ReceiptCheck::Fails(why) => Err(ClientError::Log(why)),
        _ => Ok(Done::Whole),
    }
}
