//! Canned answers.

use ssbtek_proto::{agency::v1::*, broker::v1::*};
use ssbtek_transparency::{
    Checkpoint, Hash, NoteSigner,
    note::KeyName,
    tree::{Batch, Frontier},
};

pub(crate) const ENTRY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn period(from: &str, to: &str) -> Period {
    Period { from: from.to_owned(), to: to.to_owned() }
}

pub(crate) fn source(code: &str, outcome: Outcome) -> SourceReport {
    SourceReport {
        source: code.to_owned(),
        outcome: outcome.into(),
        period: Some(period("2026-09-01", "2026-11-22")),
        legal_basis: "SFS 2008:975".to_owned(),
        duration_ms: 12,
        ..SourceReport::default()
    }
}

pub(crate) fn with(mut report: SourceReport, agency: section::Agency) -> SourceReport {
    report.section = Some(Section { agency: Some(agency) });
    report
}

pub(crate) fn payment(
    source: &str,
    payer: &str,
    benefit: &str,
    paid_on: &str,
    net: &[(net_amount::Kind, &str)],
) -> PaymentLine {
    PaymentLine {
        source: source.to_owned(),
        payer: payer.to_owned(),
        benefit: benefit.to_owned(),
        net: net
            .iter()
            .map(|(kind, amount)| NetAmount { kind: (*kind).into(), amount: (*amount).to_owned() })
            .collect(),
        paid_on: (!paid_on.is_empty()).then(|| paid_on.to_owned()),
        state: PaymentState::Paid.into(),
        asked_at: "2026-11-22T10:15:32.120Z".to_owned(),
        legal_basis: "SFS 2008:975".to_owned(),
        ..PaymentLine::default()
    }
}

/// All seven agencies in contract order, each as given.
pub(crate) fn answer(protection: Protection, sources: [SourceReport; 7]) -> AskResponse {
    let complete = sources.iter().all(|source| source.outcome == i32::from(Outcome::Answered));
    AskResponse {
        entry_id: ENTRY.to_owned(),
        person_number: "198001019804".to_owned(),
        role: Role::Applicant.into(),
        asked_at: "2026-11-22T10:15:32.120Z".to_owned(),
        complete,
        protection: Some(ProtectionReport { level: protection.into(), ..ProtectionReport::default() }),
        sources: sources.into(),
        receipt: Some(receipt().0),
        ..AskResponse::default()
    }
}

/// Every agency has answered and has no facts.
pub(crate) fn empty_answer() -> AskResponse {
    let codes = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"];
    answer(Protection::None, codes.map(|code| source(code, Outcome::Answered)))
}

/// A receipt for record 6 of 11, and the key of the log (vkey).
pub(crate) fn receipt() -> (Receipt, String) {
    let name = KeyName::parse("log.example/162120009994").unwrap();
    let signer = NoteSigner::from_seed(name, &[1; 32]).unwrap();
    let leaves: Vec<Hash> = (0..11u8).map(|n| Hash::leaf(&[n])).collect();
    let batch = Batch::new(Frontier::new(), leaves.clone());
    let checkpoint = Checkpoint::new("log.example/162120009994", 11, batch.frontier().root());
    let receipt = Receipt {
        leaf_hash: leaves[6].as_bytes().to_vec(),
        leaf_index: 6,
        inclusion: batch.inclusion_proof(6).unwrap().iter().map(|hash| hash.as_bytes().to_vec()).collect(),
        checkpoint: checkpoint.sign([&signer]).unwrap().encode(),
    };
    (receipt, signer.verifier().vkey())
}
