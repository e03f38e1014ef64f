//! Everything an agreement needs can be done on the command line: by the operator, the board, an agent, an agency's contact.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Parser;
use ssbtek_domain::{Clock, SystemEntropy};
use ssbtek_operator::Operator;
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1 as proto;

use crate::harness::{Ask, Wires, World, source_count};

/// The board that comes about on the command line; the harness knows its key.
const BOARD: &str = "162120009994";

/// `ssbtek-operator`, from its subcommand on.
#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: Operator,
}

/// A command line of somebody with a certificate.
struct Somebody<'a> {
    world: &'a World,
    certificate: PathBuf,
    key: PathBuf,
}

impl<'a> Somebody<'a> {
    fn new(world: &'a World, name: &str, issued: &Issued) -> Self {
        let certificate = put(world, &format!("{name}.pem"), &issued.certificate_pem);
        Self { world, certificate, key: put(world, &format!("{name}.key"), &issued.key_pem) }
    }

    /// Runs a line as this operator, then as the second: alone nobody does it.
    async fn run_by_two(&self, line: &str) -> Result<(), String> {
        let alone = self.run(line).await.unwrap_err();
        if !alone.starts_with("proposed; another operator must make the same call") {
            return Err(alone);
        }
        Somebody::new(self.world, "operator-2", &self.world.second_operator).run(line).await
    }

    /// Runs a line; what was refused is the error. `FILE:x` names a document that says x.
    async fn run(&self, line: &str) -> Result<(), String> {
        let named = |word: &str| match word.strip_prefix("FILE:") {
            Some(name) => put(self.world, &format!("{name}.txt"), name).into_os_string(),
            None => OsString::from(word),
        };
        let mut words: Vec<OsString> = vec!["ssbtek-operator".into()];
        words.extend(line.split_whitespace().map(named));
        let door = format!("https://{}", self.world.broker().ports.grpc);
        let ca = self.world.data_dir().join("ca.pem");
        words.extend(["--server".into(), door.into(), "--ca".into(), ca.into()]);
        words.extend(["--certificate".into(), self.certificate.clone().into()]);
        words.extend(["--key".into(), self.key.clone().into()]);
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        let ended = ssbtek_operator::run(line.command, self.world.clock.clone())
            .await
            .map_err(|error| error.to_string())?;
        let succeeded = format!("{ended:?}") == format!("{:?}", std::process::ExitCode::SUCCESS);
        if succeeded { Ok(()) } else { Err("another status".into()) }
    }
}

fn put(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.data_dir().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// `ssbtek` with the board's settings; what it wrote, or its complaint.
pub(crate) async fn ssbtek(world: &World, line: &str) -> Result<String, String> {
    let (status, out, complaint) = ssbtek_ends(world, line).await;
    if status == 0 { Ok(out) } else { Err(complaint) }
}

/// `ssbtek` with the board's settings: its exit status, what it wrote and its complaint.
pub(crate) async fn ssbtek_ends(world: &World, line: &str) -> (u8, String, String) {
    let settings = settings(world, world.broker().ports.grpc);
    let words = line.split_whitespace().map(|word| match word.strip_prefix("FILE:") {
        Some(name) => put(world, &format!("{name}.txt"), name).into_os_string(),
        None => OsString::from(word),
    });
    let line = ["ssbtek".into(), "--config".into(), settings.into_os_string()].into_iter().chain(words);
    let (mut out, mut complaint) = (Vec::new(), Vec::new());
    let mut around = ssbtek_client::World {
        stdout: &mut out,
        stderr: &mut complaint,
        stdin: &mut std::io::empty(),
        screen: ssbtek_client::Screen { width: 120, colour: false, progress: false },
        home: None,
        clock: world.clock.clone(),
        entropy: Arc::new(SystemEntropy),
        language: Default::default(),
    };
    let status = ssbtek_client::run(line, &mut around).await;
    (status, String::from_utf8(out).unwrap(), String::from_utf8(complaint).unwrap())
}

/// The board's settings for `ssbtek`, with its door there.
pub(crate) fn settings(world: &World, door: SocketAddr) -> PathBuf {
    put(world, "board.pem", &world.board.certificate_pem);
    put(world, "board.key", &world.board.key_pem);
    put(world, "assertion.key", &world.key.serialize_pem());
    let settings = format!(
        "grpc = \"https://{door}\"\nca = \"ca.pem\"\nclient_cert = \"board.pem\"\nclient_key = \"board.key\"\n\
         assertion_key = \"assertion.key\"\nassertion_kid = \"k1\"\nboard = \"{BOARD}\"\n\
         case_worker = \"anna\"\nadministrator = \"admin\"\ncase_system = \"system\"\n"
    );
    put(world, "client.toml", &settings)
}

async fn nothing() -> World {
    World::unregistered(Wires::Grpc, "2026-11-22T10:00:00Z".parse().unwrap(), |_| ()).await
}

/// The board from application to in force, with `anna` who has confirmed, and her case `EB-1`.
async fn in_force(world: &World, operator: &Somebody<'_>) {
    put(world, "certificate.pem", &world.board.certificate_pem);
    put(world, "assertion.pub", &world.key.public_key_pem());
    let dir = world.data_dir().display();
    operator
        .run_by_two(&format!(
            "board register {BOARD} Nämnden --application FILE:ansökan --client-certificate {dir}/certificate.pem \
             --assertion-key {dir}/assertion.pub --assertion-kid k1 --administrator admin \
             --administrator-name Nils --unit Enheten --power-of-attorney-needed"
        ))
        .await
        .unwrap();
    operator.run("instructions publish 1 --document FILE:instruktioner --from 2026-11-22").await.unwrap();
    for step in ["check", "approve"] {
        operator.run(&format!("board step {BOARD} {step} --document FILE:{step}")).await.unwrap();
    }
    let enable = format!("board step {BOARD} enable --document FILE:driftsättning");
    let refused = operator.run(&enable).await.unwrap_err();
    assert!(
        refused.contains("proven certificate, contact, processor_agreement, power_of_attorney"),
        "everything that is missing is named at once: {refused}"
    );
    ssbtek(world, "agreement prove-connection").await.unwrap();
    ssbtek(world, "agreement contact --name Registrator --email n@k.example --phone 000").await.unwrap();
    for line in [
        format!(
            "board processor-agreement {BOARD} --common --version 1 --instructions 1 --signed-on 2026-11-22 \
             --document FILE:pub"
        ),
        format!("board power-of-attorney {BOARD} --document FILE:fullmakt"),
        enable,
    ] {
        operator.run(&line).await.unwrap();
    }
    for line in [
        "case-worker register anna --name Anna --unit Enheten --duty asks",
        "case-worker register system --name System --unit Enheten --duty keeps-cases",
        "case-worker confirm-instructions",
        &format!("case register EB-1 --applicant {}", world.household[0].number.expose()),
    ] {
        ssbtek(world, line).await.unwrap();
    }
}

#[tokio::test]
async fn a_board_lives_from_application_to_its_end_on_the_command_line_alone() {
    let world = nothing().await;
    let operator = Somebody::new(&world, "operator", &world.operator);
    in_force(&world, &operator).await;
    Ask::with(&world, world.question()).await.unwrap();

    let shown = ssbtek(&world, "agreement show").await.unwrap();
    for there in [
        "in_force",
        "apply by operator",
        "enable by operator",
        "Registrator",
        "the common text, version 1",
        "power of attorney  document",
    ] {
        assert!(shown.contains(there), "{there}: {shown}");
    }
    // A sub-processor that nobody has approved stops the board until it is.
    operator.run("sub-processor add 165560000027 Driftbolaget --task Drift --from 2026-11-22").await.unwrap();
    assert!(ssbtek(&world, "agreement show").await.unwrap().contains("165560000027  NOT approved"));
    let stopped = Ask::with(&world, world.question()).await.unwrap_err();
    assert!(stopped.message().starts_with("board: must first approve"), "{stopped:?}");
    ssbtek(&world, "agreement approve 165560000027").await.unwrap();
    Ask::with(&world, world.question()).await.unwrap();
    ssbtek(&world, "agreement withdraw 165560000027").await.unwrap();
    assert!(Ask::with(&world, world.question()).await.is_err());
    operator.run("sub-processor remove 165560000027").await.unwrap();

    // Rules, keys, accounts, cases.
    ssbtek(&world, "agreement rules --from 08:00 --to 17:00 --weekdays-only --never-ask MIV").await.unwrap();
    let sunday = Ask::with(&world, world.question()).await.unwrap_err();
    assert!(sunday.message().starts_with("board: does not ask at this hour"), "{sunday:?}");
    ssbtek(&world, "agreement rules").await.unwrap();
    let dir = world.data_dir().display();
    put(&world, "second.pub", &rcgen::KeyPair::generate().unwrap().public_key_pem());
    ssbtek(&world, &format!("agreement add-key k2 {dir}/second.pub")).await.unwrap();
    ssbtek(&world, "agreement retire-key k2").await.unwrap();
    ssbtek(&world, "case-worker follow-up anna").await.unwrap();
    let accounts = ssbtek(&world, "case-worker list").await.unwrap();
    assert!(accounts.contains("anna  Anna  last question 2026-11-22T10:00:00"), "{accounts}");
    let applicant = world.household[0].number.expose();
    ssbtek(&world, &format!("case register EB-2 --applicant {applicant} --provisional")).await.unwrap();
    ssbtek(&world, "case confirm EB-2").await.unwrap();
    let child = world.household[2].number.expose();
    ssbtek(&world, &format!("case members EB-2 --applicant {applicant} --child {child}")).await.unwrap();

    // Terms and instructions in new versions.
    operator.run("terms publish 2026-1 --document FILE:villkor --from 2026-11-22").await.unwrap();
    operator.run("terms show").await.unwrap();
    operator.run("instructions publish 2 --document FILE:instruktioner2 --from 2026-11-22").await.unwrap();
    let stopped = Ask::with(&world, world.question()).await.unwrap_err();
    assert!(stopped.message().starts_with("case_worker: must first confirm"), "{stopped:?}");
    ssbtek(&world, "case-worker confirm-instructions 2").await.unwrap();
    let answer = Ask::with(&world, world.question()).await.unwrap();
    operator.run(&format!("decision replay {}", answer.entry_id)).await.unwrap();

    // The file moves a whole board; here it is there already.
    operator.run(&format!("board export {BOARD} {dir}/board.json")).await.unwrap();
    let twice = operator.run_by_two(&format!("board import {dir}/board.json")).await.unwrap_err();
    assert!(twice.contains("organisation_number: is registered already"), "{twice}");
    operator
        .run_by_two(&format!("board step {BOARD} end --on 2026-11-22 --document FILE:uppsägning"))
        .await
        .unwrap();
    Ask::with(&world, world.question()).await.expect("it is the last day on which it may ask");
    operator.run(&format!("board step {BOARD} suspend --document FILE:spärr")).await.unwrap();
    assert!(Ask::with(&world, world.question()).await.is_err());
    operator.run("board list").await.unwrap();
}

#[tokio::test]
async fn an_agent_is_qualified_signs_and_is_connected_on_the_command_line_alone() {
    let world = nothing().await;
    let operator = Somebody::new(&world, "operator", &world.operator);
    in_force(&world, &operator).await;
    let agent = "165560000019";
    let issued = world.authority.client("ombud", "Ombudet", world.validity).unwrap();
    let certificate = put(&world, "agent-certificate.pem", &issued.certificate_pem);
    let registered = format!("agent register {agent} Ombudet --client-certificate {}", certificate.display());
    operator.run_by_two(&registered).await.unwrap();
    assert!(
        operator.run(&format!("agent sign {agent} --document FILE:avtal")).await.is_err(),
        "not qualified"
    );
    for item in [
        "taxes_paid",
        "no_financial_trouble",
        "managers_not_convicted",
        "no_trading_prohibition",
        "information_security",
        "data_protection_officer",
    ] {
        let evidence =
            format!("agent evidence {agent} {item} --document FILE:{item} --dated {}", world.clock.today());
        operator.run(&evidence).await.unwrap();
    }
    operator.run(&format!("agent sign {agent} --document FILE:avtal")).await.unwrap();
    operator.run(&format!("agent show {agent}")).await.unwrap();

    let through_agent = || async {
        let request = world.assertion("anna").bound_to(&issued).on(world.question());
        Ask::send(&world, &issued, request).await
    };
    let somebody = Somebody::new(&world, "agent", &issued);
    let notify = format!(
        "agent notify {BOARD} --from 2026-11-22 --document FILE:anmälan --processor-agreement FILE:biträde \
         --through 165560000027=Mellanledet"
    );
    somebody.run(&notify).await.unwrap();
    assert!(through_agent().await.is_err(), "the board has not signed");
    let forged = format!("agreement sign-notification {agent} --document FILE:annat");
    assert!(ssbtek(&world, &forged).await.unwrap_err().contains("document"));
    ssbtek(&world, &format!("agreement sign-notification {agent} --document FILE:anmälan")).await.unwrap();
    let answer = through_agent().await.unwrap();
    operator.run(&format!("decision replay {}", answer.entry_id)).await.unwrap();

    ssbtek(&world, &format!("agreement end-notification {agent}")).await.unwrap();
    assert!(through_agent().await.is_err(), "the board has ended it");
    somebody.run(&notify).await.unwrap();
    somebody.run(&format!("agent leave {BOARD}")).await.unwrap();
    somebody.run(&notify).await.unwrap();
    let sha256 = crate::harness::hex(&issued.identity.fingerprint());
    operator.run(&format!("agent revoke-certificate {agent} {sha256}")).await.unwrap();
    let revoked = somebody.run(&format!("agent leave {BOARD}")).await.unwrap_err();
    assert!(revoked.contains("certificate: has been revoked"), "{revoked}");
    operator.run(&format!("agent end {agent} --on 2026-11-21")).await.unwrap();
}

#[tokio::test]
async fn an_agencys_contact_says_itself_what_may_be_asked_and_nobody_elses() {
    let world = World::start(Wires::Grpc).await;
    let operator = Somebody::new(&world, "operator", &world.operator);
    let issued = world.authority.client("kontakt", "Försäkringskassan", world.validity).unwrap();
    let certificate = put(&world, "contact-certificate.pem", &issued.certificate_pem);
    let register = format!("agency contact FK --client-certificate {}", certificate.display());
    let alone = operator.run(&register).await.unwrap_err();
    assert!(alone.contains("another operator must make the same call"), "{alone}");
    Somebody::new(&world, "operator-2", &world.second_operator).run(&register).await.unwrap();
    let contact = Somebody::new(&world, "contact", &issued);
    let named = "--contact-name Kontakt --contact-email fk@myndighet.example --contact-phone 000";
    contact.run(&format!("agency set FK {named}")).await.unwrap();
    contact.run("agency set FK --nothing").await.unwrap();
    let request = proto::GetAgencyRequest { agency: "FK".into() };
    let told = world.agreements(&issued.identity).get_agency(request).await.unwrap().into_inner();
    assert_eq!(
        (told.nothing, told.contact.unwrap().name.as_str()),
        (true, "Kontakt"),
        "what is not named stays"
    );
    Ask::with(&world, world.question()).await.unwrap();
    assert_eq!(world.agencies.control().total_calls(), source_count() - 1, "everybody but Försäkringskassan");
    assert!(contact.run("agency set AF --nothing").await.is_err(), "another agency");
    assert!(contact.run("instructions publish 9 --document FILE:x --from 2026-11-22").await.is_err());
    let put_as_board =
        format!("board add-certificate {BOARD} --client-certificate {}", operator.certificate.display());
    let refused = operator.run(&put_as_board).await.unwrap_err();
    assert!(refused.contains("certificate: is an operator's"), "{refused}");
}
