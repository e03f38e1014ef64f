//! Boards, agents, accounts and cases in every state, written to the log's own documents while the broker is down: no desk
//! would let all of them come about on one day.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveTime;
use ssbtek_access_log::{AccessLog, DocumentWrite};
use ssbtek_authorize::{
    Agent, AgentNotification, AssertionKey, Board, BoardState, Case, CertificateOwner, DocumentHash,
    DocumentRef, Duty, Evidence, Hours, KeyAlgorithm, Member, QualificationItem, RegisteredCertificate,
    Signature,
};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, Clock, DateTime, OrganisationNumber, Role, SystemEntropy, Utc,
};
use ssbtek_log_store::{Around, CheckpointSigner, Poison};
use ssbtek_pki::Issued;
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::DirectoryVault;
use tonic::transport::Channel;

use super::{BOARDS, CASES, Combination, HOURS, VIA, WORKERS};
use crate::harness::{Wires, World};

/// Everybody's certificates, each with a connection of its own.
pub(super) struct Parties {
    own: HashMap<OrganisationNumber, Issued>,
    revoked: HashMap<OrganisationNumber, Issued>,
    agents: HashMap<usize, Issued>,
    channels: HashMap<[u8; 32], Channel>,
}

impl Parties {
    /// The board in a state, with hours.
    pub(super) fn board(state: usize, hours: usize) -> OrganisationNumber {
        organisation(&format!("16212000{state}{hours}00"))
    }

    pub(super) fn boards() -> impl Iterator<Item = OrganisationNumber> {
        (0..BOARDS.len()).flat_map(|state| (0..HOURS.len()).map(move |hours| Self::board(state, hours)))
    }

    /// The certificate that a combination comes with.
    pub(super) fn certificate(&self, c: &Combination) -> &Issued {
        let board = Self::board(c.board, c.hours);
        match VIA[c.via] {
            "own" => &self.own[&board],
            "revoked" => &self.revoked[&board],
            _ => &self.agents[&c.via],
        }
    }

    /// A board's own certificate.
    pub(super) fn own(&self, board: OrganisationNumber) -> &Issued {
        &self.own[&board]
    }

    /// The connection with a certificate.
    pub(super) fn channel(&self, certificate: &Issued) -> Channel {
        self.channels[&certificate.identity.fingerprint()].clone()
    }
}

fn agent(via: usize) -> OrganisationNumber {
    organisation(&format!("1655600{via}0000"))
}

fn organisation(number: &str) -> OrganisationNumber {
    let body = &number[..11];
    (0..10).find_map(|digit| OrganisationNumber::parse(&format!("{body}{digit}")).ok()).unwrap()
}

fn agents() -> impl Iterator<Item = usize> {
    VIA.iter().enumerate().filter(|(_, via)| via.contains("agent")).map(|(n, _)| n)
}

/// A broker that has them all. It is eleven o'clock in Stockholm, a Friday.
pub(super) async fn prepared(wires: Wires) -> (World, Parties) {
    let mut world = World::unregistered(wires, "2026-11-20T10:00:00Z".parse().unwrap(), |_| ()).await;
    world.stop_broker().await;
    let issue = || world.authority.client("x", "x", world.validity).unwrap();
    let parties = Parties {
        own: Parties::boards().map(|board| (board, issue())).collect(),
        revoked: Parties::boards().map(|board| (board, issue())).collect(),
        agents: agents().map(|via| (via, issue())).collect(),
        channels: HashMap::new(),
    };
    write(&world, &parties).await;
    world.start_broker().await;
    let all = parties.own.values().chain(parties.revoked.values()).chain(parties.agents.values());
    let connected = |issued: &Issued| (issued.identity.fingerprint(), world.connect(&issued.identity));
    let channels = all.map(connected).collect();
    (world, Parties { channels, ..parties })
}

async fn write(world: &World, parties: &Parties) {
    let (clock, config) = (world.clock.clone(), &world.config);
    let (entropy, now) = (Arc::new(SystemEntropy), clock.now());
    let vault = Arc::new(DirectoryVault::open(&config.store.keys, entropy.clone()).unwrap());
    let signer = Arc::new(CheckpointSigner::new(&config.deployment, vault.clone()));
    let options = SqliteOptions::at(&config.store.database);
    let store = ssbtek_store_sqlite::open(
        &options,
        Around {
            vault: vault.clone(),
            signer,
            clock: clock.clone(),
            entropy: entropy.clone(),
            poison: Poison::default(),
        },
    );
    let store = Arc::new(store.unwrap());
    let log = AccessLog::new(store.clone(), vault, clock, entropy);
    let provider = config.provider.organisation_number;
    let put = async |tree, documents| {
        log.change(tree, "test", "write", None, documents).await.unwrap();
    };
    put(provider, vec![new(DocumentRef::provider(), &ssbtek_example::provider(now))]).await;
    for via in agents() {
        let issued = &parties.agents[&via];
        let owner = CertificateOwner::Agent { organisation: agent(via) };
        let document = agent_document(via, issued, now);
        put(provider, vec![new(DocumentRef::agent(agent(via)), &document), owned(issued, &owner)]).await;
    }
    for (b, state) in BOARDS.iter().enumerate() {
        for (h, hours) in HOURS.iter().enumerate() {
            let board = Parties::board(b, h);
            let owner = CertificateOwner::Board { organisation: board };
            let document = board_document(world, parties, board, state, hours);
            let mut documents = vec![new(DocumentRef::board(board), &document)];
            documents.push(owned(&parties.own[&board], &owner));
            documents.push(owned(&parties.revoked[&board], &owner));
            documents.extend(accounts(board, now));
            documents.extend(cases(world, board));
            documents.extend(agents().map(|via| notification(board, via, now)));
            put(board, documents).await;
        }
    }
    drop(log);
    store.close().await;
}

fn board_document(
    world: &World,
    parties: &Parties,
    board: OrganisationNumber,
    state: &str,
    hours: &str,
) -> Board {
    let now = world.clock.now();
    let mut document = ssbtek_example::board(board, &parties.own[&board].identity.fingerprint(), now);
    let mut revoked = RegisteredCertificate::new(&parties.revoked[&board].identity.fingerprint());
    revoked.revoked_at = Some(now);
    document.certificates.push(revoked);
    document.assertion_keys = vec![AssertionKey {
        kid: "k1".into(),
        algorithm: KeyAlgorithm::Es256,
        public_pem: world.key.public_key_pem(),
        valid_from: now,
        valid_until: None,
    }];
    document.never_asked = [Agency::Miv].into();
    document.state = match state {
        "suspended" => BoardState::Suspended,
        "approved" => BoardState::Approved,
        _ => BoardState::InForce,
    };
    let today = ssbtek_domain::stockholm_date(now);
    document.ends_on = match state {
        "ends tomorrow" => today.succ_opt(),
        "ended" => today.pred_opt(),
        _ => None,
    };
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let from = if hours == "open" { at(8) } else { at(12) };
    document.rules.hours = Some(Hours { from, to: at(17), weekdays_only: true });
    document
}

fn accounts(board: OrganisationNumber, now: DateTime<Utc>) -> Vec<DocumentWrite> {
    let account = |name: &str| {
        let mut worker = ssbtek_example::case_worker(name, now);
        worker.blocked = name == "blocked";
        match name {
            "auditor" => worker.duties = [Duty::Audits].into(),
            "unconfirmed" => worker.confirmed.clear(),
            _ => {}
        }
        new(DocumentRef::case_worker(board, &worker.id), &worker)
    };
    WORKERS.into_iter().filter(|name| *name != "unknown").map(account).collect()
}

fn cases(world: &World, board: OrganisationNumber) -> Vec<DocumentWrite> {
    let roles = [Role::Applicant, Role::Child, Role::Child];
    let members = |persons: &[mock_agencies::TestPerson]| {
        roles
            .into_iter()
            .zip(persons)
            .map(|(role, person)| Member::new(person.number.clone(), role))
            .collect()
    };
    let case = |name: &str| {
        let workers: &[&str] = if name == "another's" { &["bo"] } else { &WORKERS };
        let workers = workers.iter().map(|worker| CaseWorkerId::parse(worker).unwrap()).collect();
        let mut case =
            Case::register(CaseId::parse(name).unwrap(), members(&world.household), workers).unwrap();
        if name == "closed" {
            case.close(world.clock.now()).unwrap();
        }
        case.provisional_to = (name == "lapsed").then(|| "2026-11-19".parse().unwrap());
        new(DocumentRef::case(board, &case.id), &case)
    };
    CASES.into_iter().filter(|name| *name != "unknown").map(case).collect()
}

fn agent_document(via: usize, issued: &Issued, now: DateTime<Utc>) -> Agent {
    let evidence = Evidence { document: hash(4), dated: "2026-11-20".parse().unwrap(), valid_to: None };
    let mut document = Agent {
        organisation: agent(via),
        name: "Ombudet".into(),
        certificates: vec![RegisteredCertificate::new(&issued.identity.fingerprint())],
        qualification: QualificationItem::ALL.map(|item| (item, evidence.clone())).into(),
        agreement: Some(Signature { by: "operator".into(), at: now, document: hash(5) }),
        ended_on: None,
    };
    if VIA[via] == "lapsed agent" {
        let taxes = document.qualification.get_mut(&QualificationItem::TaxesPaid);
        taxes.unwrap().dated = "2026-08-19".parse().unwrap();
    }
    document
}

fn notification(board: OrganisationNumber, via: usize, now: DateTime<Utc>) -> DocumentWrite {
    let signed = Some(Signature { by: "test".into(), at: now, document: hash(6) });
    let document = AgentNotification {
        board,
        agent: agent(via),
        from: "2026-11-20".parse().unwrap(),
        document: hash(6),
        processor_agreement: hash(7),
        processors_before: vec![],
        signed_by_agent: signed.clone(),
        signed_by_board: signed.filter(|_| VIA[via] != "half-signed agent"),
        ended_at: None,
    };
    new(DocumentRef::agent_notification(board, agent(via)), &document)
}

fn owned(issued: &Issued, owner: &CertificateOwner) -> DocumentWrite {
    new(DocumentRef::certificate(&issued.identity.fingerprint()), owner)
}

fn new<T: serde::Serialize>(reference: DocumentRef, body: &T) -> DocumentWrite {
    DocumentWrite::new(reference, 0, body).unwrap()
}

fn hash(byte: u8) -> DocumentHash {
    DocumentHash::parse(&format!("{byte:02x}").repeat(32)).unwrap()
}
