//! Exports, read by the verifier that was written apart from this program.

use std::{path::Path, process::Command, sync::Arc};

use async_trait::async_trait;
use ssbtek_access_log::{AccessLog, Cosigner, Criteria, ExportOptions, TreeStore};
use ssbtek_domain::OrganisationNumber;
use ssbtek_log_store::Store;
use ssbtek_transparency::{
    CosignatureSigner, NoteVerifier, SignedNote,
    bundle::{BundleVerifier, Verdict},
    note::KeyName,
};

use crate::fixture::{BOARDS, Log, board};

/// Questions asked; `QUESTIONS` sets another number. Two records each, and every fifth one more.
const QUESTIONS: usize = 600;

/// A witness that cosigns whatever the log has; its own judgement is tested with the witness.
struct Yes {
    store: Arc<Store>,
    signer: CosignatureSigner,
}

#[async_trait]
impl Cosigner for Yes {
    async fn cosigned(&self, board: OrganisationNumber) -> Option<(u64, String)> {
        let state = self.store.tree(board).await.ok()??;
        let mut note = SignedNote::parse(&state.checkpoint).ok()?;
        note.add(self.signer.cosign(note.text(), 1_795_000_000).ok()?).ok()?;
        self.store.keep_checkpoint(board, state.size, note.encode()).await.ok()?;
        Some((state.size, note.encode()))
    }

    fn keys(&self) -> Vec<NoteVerifier> {
        vec![self.signer.verifier().clone()]
    }

    fn quorum(&self) -> usize {
        1
    }
}

async fn exported(log: &AccessLog, of: OrganisationNumber, options: ExportOptions) -> (String, Verdict) {
    let mut export = log.export(of, options).await.unwrap();
    let (mut text, mut verifier) = (String::new(), BundleVerifier::new(None));
    while let Some(lines) = export.next().await.unwrap() {
        lines.lines().for_each(|line| drop(verifier.line(line).unwrap()));
        text.push_str(&lines);
    }
    (text, verifier.finish().unwrap())
}

fn python(arguments: &[&Path]) -> Option<String> {
    let there = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: python3 with the package `cryptography` is not here");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verify/verify_log.py");
    let output =
        Command::new("python3").args(["-B", "-X", "utf8"]).arg(script).args(arguments).output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifier_written_apart_agrees_with_every_export() {
    let directory = tempfile::tempdir().unwrap();
    let log = Arc::new(Log::new(directory.path()).await);
    let signer =
        CosignatureSigner::from_seed(KeyName::parse("witness.example.se").unwrap(), &[9; 32]).unwrap();
    let cosigner = Arc::new(Yes { store: log.store.clone(), signer });
    let questions = std::env::var("QUESTIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(QUESTIONS);
    let of = board(BOARDS[0]);
    for _ in 0..10 {
        let asking: Vec<_> = (0..20)
            .map(|_| {
                let log = log.clone();
                tokio::spawn(async move { log.ask(of, questions / 200).await })
            })
            .collect();
        for asked in asking {
            asked.await.unwrap();
        }
        cosigner.cosigned(of).await.unwrap();
    }
    let witnessed = log.log.clone().with_cosigner(cosigner);
    let all = ExportOptions { checkpoints: 1001, receipts: true, ..ExportOptions::default() };
    let (whole, verdict) = exported(&witnessed, of, all).await;
    assert_eq!((verdict.entries, verdict.covered, verdict.sealed), (verdict.size, 0, 0));
    assert!(verdict.consistency >= 1000.min(verdict.size - 1) && verdict.cosigned_checkpoints >= 10);
    assert!(verdict.receipts > verdict.size / 3);

    let criteria = Criteria { kind: Some(ssbtek_access_log::RecordKind::Denial), ..Criteria::default() };
    let part = ExportOptions { criteria: Some(criteria), sealed: true, ..ExportOptions::default() };
    let (part, partly) = exported(&witnessed, of, part).await;
    assert!(partly.entries == partly.sealed && partly.covered > 0 && partly.size == verdict.size);

    let (all, some) = (directory.path().join("all"), directory.path().join("part"));
    std::fs::write(&all, whole).unwrap();
    std::fs::write(&some, part).unwrap();
    if let Some(said) = python(&[&all, &some]) {
        print!("{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("OK ")).count(), 2, "{said}");
        let counted = format!("entries={} covered=0 checkpoints={}", verdict.entries, verdict.checkpoints);
        assert!(said.contains(&counted), "{said}");
    }
}
