//! What everybody else needs to know of a record, told from it in one place: who stands behind it, what leads to it.
//!
//! Look-up terms, lists, searches and the offline check are all derived from here, and the match on [`Payload`] has no arm for
//! the rest: a new kind of record does not compile before it is told here.

use ssbtek_authorize::DocumentKind;
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::{Vault, VaultError};

use crate::{Asker, Payload, Reader, RecordKind, RecordedLine, Term, log::IndexKey};

/// How an operator is named where an account would be.
const OPERATOR: &str = "operator";

/// What a record is found by, with its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LookUp<'v> {
    /// The person that it is about, 12 digits.
    Person(&'v str),
    /// The person that was read about, 12 digits.
    ReadingAbout(&'v str),
    /// Who did it: an account, or whoever else changes the registry.
    CaseWorker(&'v str),
    /// The case.
    Case(&'v str),
    /// The case whose telling is delayed.
    Delay(&'v str),
    /// The month that is reviewed.
    Review(&'v str),
}

impl<'v> LookUp<'v> {
    /// Keeps equal values of different meaning apart, and the value.
    pub(crate) fn parts(self) -> (&'static str, &'v str) {
        match self {
            LookUp::Person(value) => ("person", value),
            LookUp::ReadingAbout(value) => ("reading_about", value),
            LookUp::CaseWorker(value) => ("case_worker", value),
            LookUp::Case(value) => ("case", value),
            LookUp::Delay(value) => ("delay", value),
            LookUp::Review(value) => ("review", value),
        }
    }
}

/// What is known of a record beside its header.
#[derive(Clone)]
pub struct About<'p> {
    /// Its kind, which its header says too.
    pub kind: RecordKind,
    /// The account behind it with its certificate, where it was an account that asked.
    pub asker: Option<&'p Asker>,
    /// The unit of that account, where the record says it.
    pub unit: Option<&'p str>,
    /// Every source to be asked.
    pub sources: &'p [RecordedLine],
    /// Whether the case rests on the board's own attestation.
    pub attested: bool,
    /// Everything that leads to it, beside its entry's id.
    pub look_ups: Vec<LookUp<'p>>,
}

impl<'p> About<'p> {
    fn new(kind: RecordKind) -> Self {
        Self { kind, asker: None, unit: None, sources: &[], attested: false, look_ups: Vec::new() }
    }

    fn by(kind: RecordKind, asker: &'p Asker) -> Self {
        Self { asker: Some(asker), ..Self::new(kind) }.with([LookUp::CaseWorker(asker.case_worker.as_str())])
    }

    fn with(mut self, look_ups: impl IntoIterator<Item = LookUp<'p>>) -> Self {
        self.look_ups.extend(look_ups);
        self
    }

    /// Who stands behind it: an account, or whoever else changed the registry.
    pub fn account(&self) -> Option<&'p str> {
        self.look_ups.iter().find_map(|look_up| match look_up {
            LookUp::CaseWorker(account) => Some(*account),
            _ => None,
        })
    }

    /// The case that it is about.
    pub fn case(&self) -> Option<&'p str> {
        self.look_ups.iter().find_map(|look_up| match look_up {
            LookUp::Case(case) => Some(*case),
            _ => None,
        })
    }

    /// The person that it is about, 12 digits.
    pub fn person(&self) -> Option<&'p str> {
        self.look_ups.iter().find_map(|look_up| match look_up {
            LookUp::Person(person) => Some(*person),
            _ => None,
        })
    }
}

impl Payload {
    /// What is known of the record.
    pub fn about(&self) -> About<'_> {
        match self {
            Payload::Intent(intent) => About {
                unit: Some(&intent.unit),
                sources: &intent.sources,
                attested: intent.attested,
                ..About::by(RecordKind::Intent, &intent.asker)
            }
            .with([LookUp::Person(intent.person.expose()), LookUp::Case(intent.case.as_str())]),
            // Led to by the entry's id alone, as their question is.
            Payload::Release(_) => About::new(RecordKind::Release),
            Payload::Withheld(_) => About::new(RecordKind::Withheld),
            Payload::AssumedDisclosed(_) => About::new(RecordKind::AssumedDisclosed),
            Payload::Denial(denial) => About::by(RecordKind::Denial, &denial.asker)
                .with(denial.case.as_ref().map(|case| LookUp::Case(case.as_str())))
                .with(denial.person.as_ref().map(|named| LookUp::Person(named.0.expose()))),
            Payload::RegistryChange(change) => About::new(RecordKind::RegistryChange)
                .with([LookUp::CaseWorker(&change.by)])
                .with((change.document == DocumentKind::Case).then_some(LookUp::Case(&change.id)))
                .with(change.person.as_ref().map(|named| LookUp::Person(named.0.expose()))),
            Payload::LogRead(read) => match &read.by {
                Reader::Asker(asker) => About::by(RecordKind::LogRead, asker),
                Reader::Portal(_) => About::new(RecordKind::LogRead),
                Reader::Operator(_) => About::new(RecordKind::LogRead).with([LookUp::CaseWorker(OPERATOR)]),
            }
            .with(read.selection.person().map(LookUp::ReadingAbout)),
            Payload::Purge(_) => About::new(RecordKind::Purge),
            Payload::SampleDrawn(drawn) => {
                About::by(RecordKind::SampleDrawn, &drawn.asker).with([LookUp::Review(&drawn.month)])
            }
            Payload::Review(review) => {
                About::by(RecordKind::Review, &review.asker).with([LookUp::Review(&review.month)])
            }
            Payload::Delay(decided) => {
                let case = decided.case.as_str();
                About::by(RecordKind::Delay, &decided.asker).with([LookUp::Delay(case), LookUp::Case(case)])
            }
        }
    }
}

/// The blind look-up terms of a record. The board's index key is missing while its whole purge is under way.
pub fn expected_terms(
    vault: &dyn Vault,
    board: OrganisationNumber,
    payload: &Payload,
) -> Result<Vec<Term>, VaultError> {
    terms_under(payload, || IndexKey::existing(vault, board))
}

/// The same under a key that is got only where there is something to look up: a receipt of a purge needs none, and must not make
/// anew what was destroyed.
pub(crate) fn terms_under(
    payload: &Payload,
    index: impl FnOnce() -> Result<IndexKey, VaultError>,
) -> Result<Vec<Term>, VaultError> {
    let look_ups = payload.about().look_ups;
    if look_ups.is_empty() {
        return Ok(Vec::new());
    }
    let index = index()?;
    Ok(look_ups.into_iter().map(|look_up| index.term(look_up)).collect())
}

/// The account's term of a question; `None` of anything else.
pub fn question_term(
    vault: &dyn Vault,
    board: OrganisationNumber,
    payload: &Payload,
) -> Result<Option<Term>, VaultError> {
    let about = payload.about();
    match (about.kind, about.account()) {
        (RecordKind::Intent, Some(account)) => {
            Ok(Some(IndexKey::existing(vault, board)?.term(LookUp::CaseWorker(account))))
        }
        _ => Ok(None),
    }
}
