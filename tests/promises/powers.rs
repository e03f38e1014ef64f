//! What operators can do, added up, never comes to an answer, a readable record, or a loss that one of them causes alone.

mod alone;
mod attack;
mod certificates;
mod moves;
mod named;
mod told;

use ssbtek_domain::Role;
use ssbtek_proto::broker::v1::{
    self as proto, RetireLogKeyRequest, RotateLogKeyRequest,
    administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient, log_key_service_client::LogKeyServiceClient,
    retention_service_client::RetentionServiceClient,
};
use tonic::Code;

use crate::harness::{BOARD, OTHER_BOARD, Wires, World, hex, proposed};
use attack::Attack;
use moves::{MOVES, make, one};

/// Every pair of moves in a row, and every triple where the environment asks for all.
fn walks() -> usize {
    if std::env::var_os("SSBTEK_ALL_POWERS").is_some() { 3 } else { 2 }
}

/// A walk in which every `length` moves follow on each other somewhere (a de Bruijn sequence over the moves).
fn walk(length: usize) -> Vec<usize> {
    fn extend(word: &mut [usize], at: usize, period: usize, length: usize, found: &mut Vec<usize>) {
        if at > length {
            if length.is_multiple_of(period) {
                found.extend(&word[1..=period]);
            }
            return;
        }
        word[at] = word[at - period];
        extend(word, at + 1, period, length, found);
        for next in word[at - period] + 1..MOVES.len() {
            word[at] = next;
            extend(word, at + 1, at, length, found);
        }
    }
    let mut found = Vec::new();
    extend(&mut vec![0; length + 1], 1, 1, length, &mut found);
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_chain_of_one_operators_calls_ends_in_an_answer_a_readable_record_or_a_loss() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    let before = attack.kept(&world).await;
    let question = world.soap_question(11, Role::Applicant);
    let mut taken = Vec::new();
    for at in walk(walks()) {
        make(MOVES[at], &attack).await;
        taken.push(MOVES[at].method);
        // The further certificate at every step; at every tenth all of them, at all doors.
        let last = &taken[taken.len().saturating_sub(12)..];
        match taken.len() % 10 {
            0 => attack.fails(&world, last).await,
            _ => assert_ne!(attack.soap(&world, &question).await.status, 200, "answered after {last:?}"),
        }
    }
    attack.fails(&world, &taken).await;
    assert!(attack.kept(&world).await.is_superset(&before), "a loss that one operator caused alone");
    // The doors stand open for those whose they are: what failed did not fail because nothing works.
    attack.the_honest_are_answered(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_attack_is_seen_where_the_board_confirms_the_certificate() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    make(one("AddCertificate"), &attack).await;
    let own = hex(&attack.own.identity.fingerprint());
    let mut board = world.agreements(&world.board.identity);
    let confirm = |sha256: String| proto::ConfirmCertificateRequest { sha256 };
    let nobody = world.assertion("anna").on(confirm(own.clone()));
    assert_eq!(board.confirm_certificate(nobody).await.unwrap_err().code(), Code::PermissionDenied);
    let unknown = world.assertion("admin").on(confirm("0".repeat(64)));
    assert_eq!(board.confirm_certificate(unknown).await.unwrap_err().code(), Code::NotFound);
    // Neither does the certificate itself reach that call, with an administrator's assertion bound to it.
    let over_itself = world.assertion("admin").bound_to(&attack.own).on(confirm(own.clone()));
    let refused = world.agreements(&attack.own.identity).confirm_certificate(over_itself).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated, "{}", refused.message());
    assert!(refused.message().contains("has not confirmed it yet"), "{}", refused.message());
    board.confirm_certificate(world.assertion("admin").on(confirm(own))).await.unwrap();
    let reply = attack.soap(&world, &world.soap_question(11, Role::Applicant)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_boards_first_certificate_opens_nothing_but_its_own_confirmation() {
    let world = World::unregistered(Wires::Grpc, "2026-11-22T10:00:00Z".parse().unwrap(), |_| ()).await;
    world.register_only(BOARD, &world.board).await.unwrap();
    let mut board = world.agreements(&world.board.identity);
    let contact = proto::SetContactRequest::default();
    let mut calls = vec![
        board
            .list_accounts(world.assertion("admin").on(proto::ListAccountsRequest::default()))
            .await
            .map(drop),
        board.get_board(world.assertion("admin").on(proto::GetBoardRequest::default())).await.map(drop),
    ];
    let key = proto::AddAssertionKeyRequest { kid: "k2".into(), public_key: world.key.public_key_pem() };
    calls.push(board.add_assertion_key(world.assertion("admin").on(key)).await.map(drop));
    for refused in calls {
        assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    }
    let get = |kid: &str| world.assertion(kid).on(proto::ProveConnectionRequest {});
    assert_eq!(board.prove_connection(get("anna")).await.unwrap_err().code(), Code::PermissionDenied);
    board.prove_connection(get("admin")).await.unwrap();
    let reached = board.set_contact(world.assertion("admin").on(contact)).await.unwrap_err();
    assert_eq!(reached.code(), Code::InvalidArgument, "now it is a matter of the contact");
}

#[tokio::test]
async fn one_operator_alone_founds_no_board_and_no_other_operator_confirms_another_application() {
    let world = World::unregistered(Wires::Grpc, "2026-11-22T10:00:00Z".parse().unwrap(), |_| ()).await;
    let application = world.application(BOARD, &world.board);
    let own = world.authority.client("operatorns-eget", "Leverantören", world.validity).unwrap();
    let forged =
        proto::RegisterBoardRequest { certificate: own.certificate.chain[0].to_vec(), ..application.clone() };
    let mut first = AdministrationServiceClient::new(world.connect(&world.operator.identity));
    let mut second = AdministrationServiceClient::new(world.connect(&world.second_operator.identity));
    for _ in 0..3 {
        assert!(proposed(&first.register_board(forged.clone()).await.unwrap_err()));
    }
    assert!(proposed(&second.register_board(application.clone()).await.unwrap_err()), "another content");
    assert!(first.register_board(application).await.is_ok(), "the application that both have read");
    let refused = second.register_board(forged).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
}

#[tokio::test]
async fn a_proposal_lapses_is_spent_once_and_stands_in_the_boards_log_with_both_certificates() {
    let world = World::start(Wires::Grpc).await;
    let rotate = RotateLogKeyRequest { organisation_number: BOARD.into() };
    let client = |of: &ssbtek_pki::Issued| LogKeyServiceClient::new(world.connect(&of.identity));
    let (mut first, mut second) = (client(&world.operator), client(&world.second_operator));
    assert!(proposed(&first.rotate_log_key(rotate.clone()).await.unwrap_err()));
    world.clock.set("2026-11-23T10:00:00Z".parse().unwrap());
    assert!(proposed(&second.rotate_log_key(rotate.clone()).await.unwrap_err()), "lapsed after a day");
    let other = RotateLogKeyRequest { organisation_number: OTHER_BOARD.into() };
    assert!(proposed(&first.rotate_log_key(other).await.unwrap_err()), "of another board");
    first.rotate_log_key(rotate.clone()).await.unwrap();
    let spent = first.rotate_log_key(rotate.clone()).await.unwrap_err();
    assert!(spent.message().starts_with("done already"), "{}", spent.message());
    let retire = RetireLogKeyRequest { organisation_number: BOARD.into() };
    assert!(proposed(&second.retire_log_key(retire).await.unwrap_err()), "another call");

    let log = world.log().await;
    let by = |action: &str| {
        let found = log.iter().filter(|entry| entry.action == action);
        found.map(|entry| entry.case_worker.clone()).collect::<Vec<_>>()
    };
    let name = |of: &ssbtek_pki::Issued| format!("operator {}", &hex(&of.identity.fingerprint())[..16]);
    let (first, second) = (name(&world.operator), name(&world.second_operator));
    assert_eq!(by("propose_rotate_log_key"), [second.clone(), first.clone()], "newest first");
    assert_eq!(by("rotate_log_key"), [format!("{second} and {first}")]);
}

#[tokio::test]
async fn a_proposal_outlives_a_restart() {
    let mut world = World::start(Wires::Grpc).await;
    let rotate = RotateLogKeyRequest { organisation_number: BOARD.into() };
    let first = LogKeyServiceClient::new(world.connect(&world.operator.identity))
        .rotate_log_key(rotate.clone())
        .await;
    assert!(proposed(&first.unwrap_err()));
    world.restart().await;
    LogKeyServiceClient::new(world.connect(&world.second_operator.identity))
        .rotate_log_key(rotate)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_imported_boards_certificates_and_portals_wait_for_its_administrator() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    let mut operator = world.agreements(&world.operator.identity);
    let file = proto::ExportBoardRequest { organisation_number: BOARD.into() };
    let file = operator.export_board(file).await.unwrap().into_inner().file;
    let fresh = world.authority.client("arendesystem", "Tredje nämnden", world.validity).unwrap();
    let text = String::from_utf8(file).unwrap();
    let text = text.replace(BOARD, moves::INVENTED);
    let text = text.replace(&hex(&world.board.identity.fingerprint()), &hex(&fresh.identity.fingerprint()));
    let import = proto::ImportBoardRequest { file: text.into_bytes() };
    let import = async |channel| AgreementServiceClient::new(channel).import_board(import.clone()).await;
    world.by_two(import).await.unwrap();
    let question = crate::soap::client::Question {
        organisation: moves::INVENTED.into(),
        ..world.soap_question(11, Role::Applicant)
    };
    let reply = attack.soap_with(&world, &fresh, &question).await;
    assert!(reply.fault().contains("inte bekräftat certifikatet"), "{}", reply.body);
    let admin = world.assertion("admin").issued_by(moves::INVENTED).bound_to(&fresh);
    world
        .agreements(&fresh.identity)
        .prove_connection(admin.on(proto::ProveConnectionRequest {}))
        .await
        .unwrap();
    let reply = attack.soap_with(&world, &fresh, &question).await;
    assert!(!reply.body.contains("inte bekräftat certifikatet"), "{}", reply.body);
}

#[tokio::test]
async fn a_call_sent_once_more_after_it_was_confirmed_is_not_proposed_anew() {
    let world = World::start(Wires::Grpc).await;
    let rotate = RotateLogKeyRequest { organisation_number: BOARD.into() };
    let client = |of: &ssbtek_pki::Issued| LogKeyServiceClient::new(world.connect(&of.identity));
    let (mut first, mut second) = (client(&world.operator), client(&world.second_operator));
    assert!(proposed(&first.rotate_log_key(rotate.clone()).await.unwrap_err()));
    second.rotate_log_key(rotate.clone()).await.unwrap();
    let again = second.rotate_log_key(rotate.clone()).await.unwrap_err();
    assert_eq!(again.code(), Code::FailedPrecondition);
    assert!(again.message().starts_with("done already"), "{}", again.message());
    world.clock.advance(chrono::TimeDelta::hours(23));
    let alone = first.rotate_log_key(rotate.clone()).await;
    assert!(proposed(&alone.unwrap_err()), "one operator alone confirmed a call that was done");
    second.rotate_log_key(rotate).await.expect("who confirmed once may confirm another's new proposal");
}

#[tokio::test]
async fn a_proposal_is_void_once_what_it_would_change_has_changed() {
    let world = World::start(Wires::Grpc).await;
    let client = |of: &ssbtek_pki::Issued| RetentionServiceClient::new(world.connect(&of.identity));
    let (mut first, mut second) = (client(&world.operator), client(&world.second_operator));
    let place = async |reference: &str| {
        let hold = proto::PlaceLegalHoldRequest {
            organisation_number: BOARD.into(),
            reference: reference.into(),
            until: "2026-12-10".into(),
            ..Default::default()
        };
        let place = async |channel| RetentionServiceClient::new(channel).place_legal_hold(hold.clone()).await;
        world.by_two(place).await.unwrap();
    };
    let lift = proto::LiftLegalHoldRequest { organisation_number: BOARD.into() };
    place("DNR 1").await;
    assert!(proposed(&first.lift_legal_hold(lift.clone()).await.unwrap_err()));
    place("DNR 2").await;
    let alone = second.lift_legal_hold(lift).await;
    assert!(proposed(&alone.unwrap_err()), "one operator alone lifted a new hold");

    let months = proto::SetLogRetentionRequest { organisation_number: BOARD.into(), months: Some(60) };
    assert!(proposed(&first.set_log_retention(months.clone()).await.unwrap_err()));
    place("DNR 3").await;
    assert!(proposed(&second.set_log_retention(months).await.unwrap_err()), "the terms are others");

    let end = |day: &str| proto::EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: day.into(),
        document_sha256: "9".repeat(64),
    };
    assert!(proposed(&first.end_board_agreement(end("2026-12-20")).await.unwrap_err()));
    world.end_agreement(end("2026-12-31")).await.unwrap();
    let alone = second.end_board_agreement(end("2026-12-20")).await.unwrap_err();
    assert!(proposed(&alone), "one operator alone moved an end back: {}", alone.message());
}

#[tokio::test]
async fn what_is_done_already_or_cannot_be_done_is_no_proposal() {
    let world = World::start(Wires::Grpc).await;
    let mut terms = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let lift = proto::LiftLegalHoldRequest { organisation_number: BOARD.into() };
    let nothing = terms.lift_legal_hold(lift.clone()).await.unwrap_err();
    assert_eq!(nothing.code(), Code::InvalidArgument, "{}", nothing.message());
    let hold = proto::PlaceLegalHoldRequest {
        organisation_number: BOARD.into(),
        reference: "DNR 1".into(),
        until: "2026-12-10".into(),
        ..Default::default()
    };
    let place = async |channel| RetentionServiceClient::new(channel).place_legal_hold(hold.clone()).await;
    world.by_two(place).await.unwrap();
    let stands = terms.place_legal_hold(hold.clone()).await.unwrap_err();
    assert_eq!(stands.code(), Code::InvalidArgument, "{}", stands.message());
    let ended = async |channel| RetentionServiceClient::new(channel).lift_legal_hold(lift.clone()).await;
    world.by_two(ended).await.unwrap();
    let lifted = terms.lift_legal_hold(lift.clone()).await.unwrap_err();
    assert_eq!(lifted.code(), Code::InvalidArgument, "{}", lifted.message());

    let mut keys = LogKeyServiceClient::new(world.connect(&world.operator.identity));
    let retire = RetireLogKeyRequest { organisation_number: BOARD.into() };
    assert_eq!(keys.retire_log_key(retire).await.unwrap_err().code(), Code::InvalidArgument);
    let mut boards = AdministrationServiceClient::new(world.connect(&world.operator.identity));
    let known = boards.register_board(world.application(BOARD, &world.board)).await.unwrap_err();
    assert_eq!(known.code(), Code::AlreadyExists);
    let unknown = proto::LiftLegalHoldRequest { organisation_number: moves::INVENTED.into() };
    assert_eq!(terms.lift_legal_hold(unknown).await.unwrap_err().code(), Code::NotFound);
}
