//! `ssbtek agreement`: the board's own part of its agreement.

use std::{collections::BTreeSet, fs, path::Path};

use ssbtek_proto::broker::v1::*;
use ssbtek_transparency::Hash;

use crate::{
    ClientError, World,
    arguments::{Agreement, Rules, Shared},
    broker::Broker,
    run::Done,
    settings::Account as Named,
    show,
};

pub(crate) async fn agreement(
    shared: &Shared,
    command: Agreement,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Named::Administrator)?;
    let broker = shared.broker(&settings, world)?;
    let version = match command {
        Agreement::Show => {
            let told = broker.get_board(account, GetBoardRequest::default()).await?;
            for line in show::agreement(&told) {
                writeln!(world.stdout, "{line}")?;
            }
            return Ok(Done::Whole);
        }
        Agreement::LegalBases => {
            let told = broker.get_published(account, GetPublishedRequest::default()).await?;
            for line in told.legal_bases.iter().map(show::legal_basis) {
                writeln!(world.stdout, "{line}")?;
            }
            return Ok(Done::Whole);
        }
        Agreement::Contact { name, email, phone } => {
            let read = broker.get_board(account, GetBoardRequest::default()).await?.version;
            let contact = Some(Contact { name, email, phone });
            let request = SetContactRequest { contact, expected_version: Some(read) };
            broker.set_contact(account, request).await?.version
        }
        Agreement::Rules(rules) => {
            let read = broker.get_board(account, GetBoardRequest::default()).await?.version;
            broker.set_rules(account, rules.told(read)).await?.version
        }
        Agreement::Approve { numbers } => {
            approve(&broker, account, |approved| approved.extend(numbers.iter().cloned())).await?
        }
        Agreement::Withdraw { numbers } => {
            approve(&broker, account, |approved| approved.retain(|number| !numbers.contains(number))).await?
        }
        Agreement::ProveConnection => {
            broker.prove_connection(account, ProveConnectionRequest {}).await?.version
        }
        Agreement::ConfirmCertificate { sha256 } => {
            broker.confirm_certificate(account, ConfirmCertificateRequest { sha256 }).await?.version
        }
        Agreement::AddKey { kid, file } => {
            let public_key = String::from_utf8(read(&file)?);
            let public_key = public_key.map_err(|_| ClientError::Usage("the key is not PEM"))?;
            broker.add_assertion_key(account, AddAssertionKeyRequest { kid, public_key }).await?.version
        }
        Agreement::RetireKey { kid, until } => {
            broker.retire_assertion_key(account, RetireAssertionKeyRequest { kid, until }).await?.version
        }
        Agreement::SignNotification { agent, document } => {
            let document_sha256 = Hash::of(&read(&document)?).to_hex();
            let request = SignNotificationRequest { agent, document_sha256 };
            broker.sign_notification(account, request).await?.version
        }
        Agreement::EndNotification { agent } => {
            let request = EndNotificationRequest { board: String::new(), agent };
            broker.end_notification(account, request).await?.version
        }
    };
    writeln!(world.stdout, "done (version {version})")?;
    Ok(Done::Whole)
}

/// How often a list is read and changed anew when somebody else has changed it meanwhile.
const ATTEMPTS: u32 = 5;

/// Changes the list of approved sub-processors, and returns the version that comes of it.
async fn approve(
    broker: &Broker,
    account: &str,
    change: impl Fn(&mut BTreeSet<String>),
) -> Result<u64, ClientError> {
    let mut tries = 1;
    loop {
        let told = broker.get_board(account, GetBoardRequest::default()).await?;
        let mut approved: BTreeSet<String> = told.approved_sub_processors.into_iter().collect();
        change(&mut approved);
        let request = ApproveSubProcessorsRequest {
            organisation_numbers: approved.into_iter().collect(),
            expected_version: Some(told.version),
        };
        match broker.approve_sub_processors(account, request).await {
            Err(error) if error.is_changed_meanwhile() && tries < ATTEMPTS => tries += 1,
            other => return Ok(other?.version),
        }
    }
}

impl Rules {
    fn told(self, read: u64) -> SetRulesRequest {
        SetRulesRequest {
            expected_version: Some(read),
            protected_named_only: self.protected_for_nobody || !self.protected_only_for.is_empty(),
            protected_accounts: self.protected_only_for,
            hours_from: self.from,
            hours_to: self.to,
            weekdays_only: self.weekdays_only,
            max_questions_an_hour: self.max_questions_an_hour,
            max_provisional_days: self.max_provisional_days,
            names_of_protected: self.names_of_protected,
            household_check_days: self.household_check_days,
            never_asked: self.never_ask.iter().map(|code| code.to_ascii_uppercase()).collect(),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, ClientError> {
    fs::read(file).map_err(|_| ClientError::Usage("a file that is named cannot be read"))
}
