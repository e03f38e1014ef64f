//! A lost database, and an older one that is all there is: the runbook `lost-database.md`, step by step.

use std::{fs, path::Path, process::Command, sync::Arc};

use ssbtek_broker::{Broker, check_command::examine, gap_command, witness_command};
use ssbtek_domain::{Clock, OrganisationNumber, SystemEntropy};
use ssbtek_proto::broker::v1::{
    ExportEntriesRequest, ExportFormat, GetCheckpointRequest,
    access_log_service_client::AccessLogServiceClient,
};
use ssbtek_transparency::{
    NoteVerifier, Trust,
    bundle::{BundleVerifier, Line, Verdict},
    gap::GapLine,
};
use ssbtek_witness::{Limits, serve};
use tokio::sync::oneshot;

use crate::{
    commands::ssbtek,
    harness::{Ask, BOARD, OTHER_BOARD, Wires, World, hex, with_witness_of},
    whole_log::python,
};

/// A world with a witness, whose database is lost after some questions and replaced by one of before them.
struct Lost {
    world: World,
    old_key: String,
    state: tempfile::TempDir,
    record: std::path::PathBuf,
}

impl Lost {
    async fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let (kept, mut witness) = (state.path().to_owned(), None);
        let mut world = World::start_with(Wires::Grpc, |config| {
            witness = Some(with_witness_of(config, &kept, World::clock(), &[BOARD, OTHER_BOARD]));
        })
        .await;
        Ask::with(&world, world.question()).await.unwrap();
        let old_key = world.broker().log_key(OrganisationNumber::parse(BOARD).unwrap()).unwrap();
        let first = verify(&world, &old_key).await.unwrap();
        assert!(first.contains("seen for the first time"), "{first}");
        world.stop_broker().await;
        let backup = state.path().join("backup.db");
        fs::copy(&world.config.store.database, &backup).unwrap();
        world.start_broker().await;
        for _ in 0..3 {
            Ask::with(&world, world.question()).await.unwrap();
        }
        world.stop_broker().await;
        fs::copy(&backup, &world.config.store.database).unwrap();
        for beside in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{beside}", world.config.store.database.display()));
        }
        let refused = start(&world).await.err().unwrap();
        assert!(refused.contains("contradicts the access log"), "{refused}");
        let record = state.path().join("gap.json");
        let lost = "Svar på frågor under en timme; disken gick sönder.".to_owned();
        let clock: Arc<dyn Clock> = world.clock.clone();
        let board = OrganisationNumber::parse(BOARD).unwrap();
        let drafted = gap_command::draft(&world.config, board, None, lost, &record, clock).await.unwrap();
        assert!(drafted.contains("/gap-1+"), "{drafted}");
        drop(witness);
        Self { world, old_key, state, record }
    }

    fn options(&self) -> witness_command::Options {
        let address = self.world.config.witness[0].url.strip_prefix("http://").unwrap();
        witness_command::Options {
            state: self.state.path().to_owned(),
            name: "witness.example.se".into(),
            listen: address.parse().unwrap(),
            logs: vec![],
            new: false,
            consent: None,
            behind_proxy: false,
        }
    }

    async fn accept(&self) -> Result<(), String> {
        let accepted = gap_command::accept(&self.world.config, &self.record, self.world.clock.clone()).await;
        accepted.map(|_| ()).map_err(|error| format!("{error:#}"))
    }

    fn line(&self) -> GapLine {
        serde_json::from_str(&fs::read_to_string(&self.record).unwrap()).unwrap()
    }
}

/// `ssbtek log verify`, with a key of the log's.
async fn verify(world: &World, key: &str) -> Result<String, String> {
    let witness = &world.config.witness[0].key;
    ssbtek(world, &format!("log verify --full --as greta --log-key {key} --witness-key {witness}")).await
}

/// The other verifier, if there is a Python here; whether it held, and what it said.
fn verify_bundle(world: &World, key: &str, bundle: &Path) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/verify_log.py");
    let origin = NoteVerifier::parse(key).unwrap().name().as_str().to_owned();
    let output = Command::new(python()?)
        .args(["-B", "-X", "utf8"])
        .arg(script)
        .args(["--origin", &origin, "--log-key", key])
        .args(["--witness-key", &world.config.witness[0].key, "--quorum", "1"])
        .arg(bundle)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    Some((output.status.success(), said))
}

async fn start(world: &World) -> Result<Broker, String> {
    let started = Broker::start(&world.config, world.clock.clone(), Arc::new(SystemEntropy)).await;
    started.map_err(|error| format!("{error:#}"))
}

/// The witness again, on its address and state, told of these logs.
async fn witness_again(lost: &Lost, logs: Vec<String>) -> oneshot::Sender<()> {
    let options = witness_command::Options { logs, ..lost.options() };
    let witness = loop {
        // The one before may still be letting go of its state.
        match witness_command::open(&options, lost.world.clock.clone(), &SystemEntropy) {
            Ok(witness) => break witness,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let listener = tokio::net::TcpListener::bind(options.listen).await.unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let ended = async move { drop(ended.await) };
    tokio::spawn(serve(listener, None, "", Arc::new(witness), Limits::default(), ended));
    end
}

async fn consent(lost: &Lost) -> String {
    loop {
        match witness_command::consent(&lost.options(), &lost.record, &*lost.world.clock) {
            Err(error) if format!("{error:#}").contains("in use") => tokio::task::yield_now().await,
            told => return told.unwrap(),
        }
    }
}

async fn export(world: &World, to: &Path) -> Verdict {
    let message =
        ExportEntriesRequest { format: ExportFormat::Bundle.into(), receipts: true, ..Default::default() };
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let mut parts = log.export_entries(world.assertion("greta").on(message)).await.unwrap().into_inner();
    let key = world.broker().log_key(OrganisationNumber::parse(BOARD).unwrap()).unwrap();
    let key = NoteVerifier::parse(&key).unwrap();
    let witness = NoteVerifier::parse(&world.config.witness[0].key).unwrap();
    let trust = Trust::new(key.name().as_str().to_owned(), vec![key], vec![witness], 1).unwrap();
    let mut text = String::new();
    while let Some(part) = parts.message().await.unwrap() {
        text.push_str(std::str::from_utf8(&part.bundle).unwrap());
    }
    let mut verifier = BundleVerifier::new(Some(trust)).to_the_end();
    text.lines().for_each(|line| drop(verifier.line(line).unwrap()));
    fs::write(to, text).unwrap();
    verifier.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_lost_database_two_operators_and_the_witness_let_the_log_go_on_and_every_auditor_is_shown_the_gap()
 {
    let mut lost = Lost::new().await;
    for operator in [lost.world.operator.identity.clone(), lost.world.second_operator.identity.clone()] {
        gap_command::sign(&lost.record, &operator).unwrap();
    }
    assert!(
        consent(&lost).await.contains("disken gick sönder"),
        "the witness's operator reads what it consents to"
    );
    lost.accept().await.unwrap();
    assert!(lost.accept().await.is_err(), "once");

    // The witness learns the log's new key, and those of the others.
    let vault =
        ssbtek_vault::DirectoryVault::open(&lost.world.config.store.keys, Arc::new(SystemEntropy)).unwrap();
    let signer = ssbtek_log_store::CheckpointSigner::new(&lost.world.config.deployment, Arc::new(vault));
    let board = OrganisationNumber::parse(BOARD).unwrap();
    let origins = [(board, format!("{}/gap-1", signer.origin(board)))].into();
    let key = |signer: &ssbtek_log_store::CheckpointSigner, board| {
        signer.signer(OrganisationNumber::parse(board).unwrap()).unwrap().verifier().vkey()
    };
    let logs =
        vec![key(&signer, BOARD), key(&signer, OTHER_BOARD), key(&signer.with_origins(origins), BOARD)];
    let _witness = witness_again(&lost, logs.clone()).await;
    let files = tempfile::tempdir().unwrap();
    let bundle = files.path().join("bundle.jsonl");
    // For ever: also after another start.
    for start in 0..2 {
        lost.world.start_broker().await;
        let world = &lost.world;
        if start == 0 {
            let key = world.broker().log_key(board).unwrap();
            let old = verify(world, &lost.old_key).await.unwrap_err();
            assert!(old.contains("has a gap that this key is of before"), "{old}");
            // An auditor who has seen more than the record tells of.
            let seen_file = world.data_dir().join("seen-checkpoint.txt");
            let (seen, line) = (fs::read_to_string(&seen_file).unwrap(), lost.line());
            let size = line.gap().unwrap().seen.size;
            fs::write(
                &seen_file,
                line.seen.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1),
            )
            .unwrap();
            let more = verify(world, &key).await.unwrap_err();
            assert!(more.contains("its record tells of fewer"), "{more}");
            // And one who has seen something else of what is left.
            let root = seen.lines().nth(2).unwrap();
            fs::write(&seen_file, seen.replacen(root, &lost_root(&line), 1)).unwrap();
            let other = verify(world, &key).await.unwrap_err();
            assert!(other.contains("before the gap was rewritten"), "{other}");
            fs::write(&seen_file, seen).unwrap();
        }
        Ask::with(world, world.question()).await.unwrap();
        let verdict = export(world, &bundle).await;
        let [(gap, consented)] = &verdict.gaps[..] else { panic!("{verdict:?}") };
        assert!(gap.seen.size > gap.restored.size && verdict.size > gap.restored.size);
        assert_eq!(consented[..], ["witness.example.se"]);
        let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
        let asked = world.assertion("greta").on(GetCheckpointRequest::default());
        assert_eq!(log.get_checkpoint(asked).await.unwrap().into_inner().gaps.len(), 1);
        let key = world.broker().log_key(OrganisationNumber::parse(BOARD).unwrap()).unwrap();
        let told = verify(world, &key).await.unwrap();
        assert!(told.contains("GAP, declared") && told.contains("disken gick sönder"), "{told}");
        assert!(told.contains("HOLDS"), "{told}");
        if let Some((held, said)) = verify_bundle(world, &key, &bundle) {
            assert!(held && said.contains("GAPS: ") && said.contains("disken gick sönder"), "{said}");
        }
        let declared = world.log().await.into_iter().filter(|entry| entry.action == "declare_gap").count();
        assert_eq!(declared, 1);
        if start == 1 {
            a_changed_record_is_found(world, &key, &bundle).await;
        }
        lost.world.stop_broker().await;
    }
    let found = examine(&lost.world.config, vec![]).unwrap().findings;
    assert!(found.iter().all(|finding| finding.starts_with("the configuration")), "{found:?}");
    // A bundle without the gap's record is believed by nobody.
    let text = fs::read_to_string(&bundle).unwrap();
    let hidden: Vec<_> = text.lines().filter(|line| !line.starts_with(r#"{"type":"gap""#)).collect();
    assert!(hidden.len() < text.lines().count());
    let mut verifier = BundleVerifier::new(None);
    assert!(hidden.iter().any(|line| verifier.line(line).is_err()));
    fs::write(&bundle, hidden.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let [.., key] = &logs[..] else { panic!("three keys") };
    if let Some((held, said)) = verify_bundle(&lost.world, key, &bundle) {
        assert!(!held && said.contains("the gaps do not lead to the log's origin"), "{said}");
    }
}

type Change = fn(&mut GapLine);

/// Whoever changes the record of a gap is found out by both verifiers.
async fn a_changed_record_is_found(world: &World, key: &str, bundle: &Path) {
    let text = fs::read_to_string(bundle).unwrap();
    let changes: [(&str, Change); 5] = [
        ("two different operators", |gap| {
            gap.certificates.truncate(1);
            gap.signatures.truncate(1);
        }),
        ("two different operators", |gap| {
            gap.certificates[1] = gap.certificates[0].clone();
            gap.signatures[1] = gap.signatures[0].clone();
        }),
        ("operator's signature does not hold", |gap| gap.signatures.swap(0, 1)),
        ("witness", |gap| gap.consents.clear()),
        ("", |gap| gap.text = gap.text.replace("disken", "minnet")),
    ];
    let changed = world.data_dir().join("changed.jsonl");
    for (why, change) in changes {
        let lines = text.lines().map(|line| match serde_json::from_str(line).unwrap() {
            Line::Gap(mut gap) => {
                change(&mut gap);
                serde_json::to_string(&Line::Gap(gap)).unwrap() + "\n"
            }
            _ => format!("{line}\n"),
        });
        fs::write(&changed, lines.collect::<String>()).unwrap();
        let witness = &world.config.witness[0].key;
        let line = format!("log verify {} --log-key {key} --witness-key {witness}", changed.display());
        let said = ssbtek(world, &line).await.unwrap_err();
        assert!(said.contains(why) && !said.contains("digest"), "{why}: {said}");
        if let Some((held, said)) = verify_bundle(world, key, &changed) {
            assert!(!held && said.contains(why) && !said.contains("digest"), "{why}: {said}");
        }
    }
}

/// The root of the largest tree that is known to have been.
fn lost_root(line: &GapLine) -> String {
    line.seen.lines().nth(2).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_is_declared_by_two_operators_and_no_fewer_and_never_without_the_witness() {
    let mut lost = Lost::new().await;
    let first = lost.world.operator.identity.clone();
    assert!(lost.accept().await.unwrap_err().contains("two different operators"));
    gap_command::sign(&lost.record, &first).unwrap();
    let twice = gap_command::sign(&lost.record, &first).unwrap_err();
    assert!(format!("{twice:#}").contains("has signed already"), "{twice:#}");
    assert!(lost.accept().await.unwrap_err().contains("two different operators"));
    let one = lost.line();

    // Somebody who is no operator.
    gap_command::sign(&lost.record, &lost.world.board.identity).unwrap();
    assert!(lost.accept().await.unwrap_err().contains("not one of the operators"));

    // One whose certificate is revoked.
    let revoked = lost.world.authority.client("operator-3", "Leverantören", lost.world.validity).unwrap();
    lost.world.config.operators.push(hex(&revoked.identity.fingerprint()));
    lost.world.authority.revoke(&revoked, lost.world.clock.now());
    let (from, until) = (lost.world.validity.not_before, lost.world.validity.not_after);
    let lists = lost.world.authority.crl_pem(from, until).unwrap();
    fs::write(lost.world.config.tls.revocation_lists.as_ref().unwrap(), lists).unwrap();
    fs::write(&lost.record, serde_json::to_string(&one).unwrap()).unwrap();
    gap_command::sign(&lost.record, &revoked.identity).unwrap();
    let refused = lost.accept().await.unwrap_err();
    assert!(refused.contains("is revoked"), "{refused}");

    fs::write(&lost.record, serde_json::to_string(&one).unwrap()).unwrap();
    gap_command::sign(&lost.record, &lost.world.second_operator.identity).unwrap();
    assert!(lost.accept().await.unwrap_err().contains("too few witnesses consent"));
    // What was signed is not changed any more.
    let mut changed = lost.line();
    changed.text = changed.text.replace("disken", "minnet");
    fs::write(&lost.record, serde_json::to_string(&changed).unwrap()).unwrap();
    assert!(lost.accept().await.unwrap_err().contains("does not hold"));
    assert!(start(&lost.world).await.is_err(), "nothing has changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_is_refused_has_let_go_of_the_database() {
    let mut world = World::start(Wires::Grpc).await;
    Ask::with(&world, world.question()).await.unwrap();
    world.stop_broker().await;
    // The last thing that is read before the doors open.
    let gone = world.data_dir().join("gone.pem");
    let certificate = std::mem::replace(&mut world.config.tls.certificate, gone);
    let refused = start(&world).await.err().unwrap();
    assert!(refused.contains("gone.pem"), "{refused}");
    examine(&world.config, vec![]).expect("nobody has it");
    world.config.tls.certificate = certificate;
    world.start_broker().await;
}
