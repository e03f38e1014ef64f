//! With the witness gone an export is whole all the same, and says how far it is cosigned.

use ssbtek_proto::broker::v1::{
    Criteria, ExportEntriesRequest, ExportFormat, GetCheckpointRequest,
    access_log_service_client::AccessLogServiceClient,
};
use ssbtek_transparency::{
    Checkpoint, CosignatureSigner, Hash, NoteVerifier, SignedNote, Trust,
    bundle::{BundleVerifier, Verdict},
    note::KeyName,
    verify_consistency,
};
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    commands::ssbtek_ends,
    harness::{Ask, BOARD, OTHER_BOARD, Wires, World, with_witness_of},
};

fn trust(world: &World) -> Trust {
    let board = ssbtek_domain::OrganisationNumber::parse(BOARD).unwrap();
    let key = NoteVerifier::parse(&world.broker().log_key(board).unwrap()).unwrap();
    let witness = NoteVerifier::parse(&world.config.witness[0].key).unwrap();
    Trust::new(key.name().as_str().to_owned(), vec![key], vec![witness], 1).unwrap()
}

async fn export(world: &World, filter: Option<&str>) -> Verdict {
    let message = ExportEntriesRequest {
        format: ExportFormat::Bundle.into(),
        receipts: true,
        criteria: filter
            .map(|case_worker| Criteria { case_worker: case_worker.into(), ..Default::default() }),
        ..Default::default()
    };
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let mut parts = log.export_entries(world.assertion("greta").on(message)).await.unwrap().into_inner();
    let mut verifier = BundleVerifier::new(Some(trust(world)));
    let mut rest = String::new();
    while let Some(part) = parts.message().await.unwrap() {
        rest.push_str(std::str::from_utf8(&part.bundle).unwrap());
        while let Some((line, after)) = rest.split_once('\n') {
            verifier.line(line).unwrap();
            rest = after.to_owned();
        }
    }
    verifier.finish().unwrap()
}

fn parsed(note: &str) -> Checkpoint {
    Checkpoint::parse(SignedNote::parse(note).unwrap().text()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_holds_everything_and_says_how_far_it_is_cosigned() {
    let state = tempfile::tempdir().unwrap();
    let (kept, mut witness) = (state.path().to_owned(), None);
    let world = World::start_with(Wires::Grpc, |config| {
        config.witnessing.timeout_ms = 300;
        witness = Some(with_witness_of(config, &kept, World::clock(), &[BOARD, OTHER_BOARD]));
    })
    .await;
    Ask::with(&world, world.question()).await.unwrap();
    let before = export(&world, None).await;
    assert!(before.is_cosigned_to_the_end());
    drop(witness);

    let mut newest = 0;
    for _ in 0..30 {
        let receipt = Ask::with(&world, world.question()).await.unwrap().receipt.unwrap();
        newest = parsed(&receipt.checkpoint).size;
    }
    for filter in [None, Some("anna")] {
        let told = export(&world, filter).await;
        assert!(told.size >= newest, "{filter:?}: {} records of {newest}", told.size);
        assert!((before.size..newest).contains(&told.cosigned_up_to), "{told:?}");
        assert!(!told.is_cosigned_to_the_end());
        assert_eq!(told.cosigned[0].size, told.cosigned_up_to);
    }

    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let asked = GetCheckpointRequest { old_size: newest };
    let told = log.get_checkpoint(world.assertion("greta").on(asked)).await.unwrap().into_inner();
    let (now, cosigned) = (parsed(&told.checkpoint), parsed(&told.cosigned_checkpoint));
    assert!(now.size >= newest, "no older than a receipt that was given");
    trust(&world).open_cosigned(&told.cosigned_checkpoint).unwrap();
    let proof: Vec<_> =
        told.cosigned_consistency.iter().map(|hash| Hash::try_from(hash.as_slice()).unwrap()).collect();
    verify_consistency(cosigned.size, now.size, &cosigned.root, &now.root, &proof).unwrap();

    // The board's own command says so too, and counts no cosignature that it cannot check.
    let board = ssbtek_domain::OrganisationNumber::parse(BOARD).unwrap();
    let key = world.broker().log_key(board).unwrap();
    let name = KeyName::parse("witness.example.se").unwrap();
    let stranger = CosignatureSigner::from_seed(name, &[7; 32]).unwrap().verifier().vkey();
    let verify = async |witness: &str| {
        let line = format!("log verify --as greta --log-key {key} --witness-key {witness}");
        ssbtek_ends(&world, &line).await
    };
    let (status, said, complaint) = verify(&world.config.witness[0].key).await;
    assert_eq!(status, 3, "{said} {complaint}");
    assert!(said.contains(&format!("HOLDS, cosigned up to {} of ", cosigned.size)), "{said}");
    let (status, said, complaint) = verify(&stranger).await;
    assert!(status != 0 && !said.contains("HOLDS"), "{said}");
    assert!(complaint.contains("too few cosignatures"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_without_its_witness_takes_no_more_questions_beyond_the_configured_bound() {
    let state = tempfile::tempdir().unwrap();
    let (kept, mut witness) = (state.path().to_owned(), None);
    let world = World::start_with(Wires::Grpc, |config| {
        config.witnessing.timeout_ms = 300;
        config.witnessing.max_lag_s = 1;
        config.witnessing.lag_alarm_s = 1;
        witness = Some(with_witness_of(config, &kept, World::clock(), &[BOARD, OTHER_BOARD]));
    })
    .await;
    Ask::with(&world, world.question()).await.unwrap();
    let mut health = HealthClient::new(world.connect(&world.operator.identity));
    let mut status = async || {
        let request = HealthCheckRequest { service: format!("ssbtek.witness/{BOARD}") };
        health.check(request).await.map(|answer| answer.into_inner().status())
    };
    drop(witness);
    let refused = loop {
        if let Err(refused) = Ask::with(&world, world.question()).await {
            break refused;
        }
    };
    assert_eq!(refused.code(), Code::Unavailable);
    // The health service hears of it in the same moment or soon after.
    while status().await.unwrap() != ServingStatus::NotServing {}
}
