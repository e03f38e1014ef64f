//! What everybody else needs to know of a record, told from it in one place: who stands behind it, what leads to it.
//!
//! Look-up terms, lists, searches and the offline check are all derived from here, and the match on [`Payload`] has no arm for
//! the rest: a new kind of record does not compile before it is told here.

use std::fmt;

use ssbtek_authorize::{AccountKind, DocumentKind};
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::{Key, Vault, VaultError};
use zeroize::Zeroizing;

use crate::{
    Asker, Payload, Reader, RecordKind, RecordedLine, Term,
    log::IndexKey,
    reading::{BOTH, OPERATOR, operator_digits},
};

/// The operators who made a change, by the name of whoever did, each and all. A name in which anything else stands is no operators'.
fn operators(by: &str) -> impl Iterator<Item = LookUp<'_>> {
    let all = by.split(BOTH).all(|name| operator_digits(name).is_some());
    let each = by.split(BOTH).filter(move |_| all).filter_map(operator_digits);
    let any = each.clone().next().map(|_| LookUp::CaseWorker(OPERATOR));
    each.map(LookUp::Operator).chain(any)
}

/// What a record is found by, with its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LookUp<'v> {
    /// The person that it is about, 12 digits.
    Person(&'v str),
    /// The person that was read about, 12 digits.
    ReadingAbout(&'v str),
    /// Who did it: an account, or whoever else changes the registry.
    CaseWorker(&'v str),
    /// The operator who did it, alone or with another: the digits by which records name operators.
    Operator(&'v str),
    /// The case.
    Case(&'v str),
    /// The case whose telling is delayed.
    Delay(&'v str),
    /// The month that is reviewed.
    Review(&'v str),
    /// That protected persons were read about.
    ProtectedRead,
}

impl<'v> LookUp<'v> {
    /// Who did it, by the name that records give: an operator is no account, whatever accounts are called.
    pub fn by(name: &'v str) -> Self {
        operator_digits(name).map_or(LookUp::CaseWorker(name), LookUp::Operator)
    }

    /// Keeps equal values of different meaning apart, and the value.
    pub(crate) fn parts(self) -> (&'static str, &'v str) {
        match self {
            LookUp::Person(value) => ("person", value),
            LookUp::ReadingAbout(value) => ("reading_about", value),
            LookUp::CaseWorker(value) => ("case_worker", value),
            LookUp::Operator(value) => ("operator", value),
            LookUp::Case(value) => ("case", value),
            LookUp::Delay(value) => ("delay", value),
            LookUp::Review(value) => ("review", value),
            LookUp::ProtectedRead => ("protected_read", ""),
        }
    }

    fn term(self, month: &Key) -> Term {
        let (domain, value) = self.parts();
        blind(month, domain, value)
    }
}

/// What is looked for, as it goes to the store: that blinds it under the key of each month it looks through. Wiped after use.
#[derive(Clone)]
pub struct Sought {
    domain: &'static str,
    value: Zeroizing<String>,
}

impl From<LookUp<'_>> for Sought {
    fn from(look_up: LookUp<'_>) -> Self {
        let (domain, value) = look_up.parts();
        Self { domain, value: Zeroizing::new(value.to_owned()) }
    }
}

impl Sought {
    /// The blind term that leads to it among the records sealed under this key.
    pub fn term(&self, month: &Key) -> Term {
        blind(month, self.domain, &self.value)
    }
}

impl fmt::Debug for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sought({}, redacted)", self.domain)
    }
}

/// Half of an HMAC-SHA-256: a term says nothing without the key, and nobody meets the same by chance.
pub(crate) fn blind(key: &Key, domain: &str, value: &str) -> Term {
    let mut term = [0; 16];
    term.copy_from_slice(&key.blind(domain, value.as_bytes())[..16]);
    term
}

/// What is known of a record beside its header.
#[derive(Clone)]
pub struct About<'p> {
    /// Its kind, which its header says too.
    pub kind: RecordKind,
    /// The account behind it with its certificate, where it was an account that asked.
    pub asker: Option<&'p Asker>,
    /// What kind of account it was; a person's where it was none.
    pub account_kind: &'p AccountKind,
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
        Self {
            kind,
            asker: None,
            account_kind: &AccountKind::Person,
            unit: None,
            sources: &[],
            attested: false,
            look_ups: Vec::new(),
        }
    }

    fn by(kind: RecordKind, asker: &'p Asker) -> Self {
        Self { asker: Some(asker), account_kind: &asker.kind, ..Self::new(kind) }
            .with([LookUp::CaseWorker(asker.case_worker.as_str())])
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
            Payload::RegistryChange(change) => {
                About { account_kind: &change.by_kind, ..About::new(RecordKind::RegistryChange) }
                    .with([LookUp::CaseWorker(&change.by)])
                    .with(operators(&change.by))
                    .with((change.document == DocumentKind::Case).then_some(LookUp::Case(&change.id)))
                    .with(change.person.as_ref().map(|named| LookUp::Person(named.0.expose())))
            }
            Payload::LogRead(read) => match &read.by {
                Reader::Asker(asker) => About::by(RecordKind::LogRead, asker),
                Reader::Portal(_) => About::new(RecordKind::LogRead),
                Reader::Operator(operator) => About::new(RecordKind::LogRead)
                    .with([LookUp::CaseWorker(OPERATOR), LookUp::Operator(operator.digits())]),
            }
            .with(read.selection.person().map(LookUp::ReadingAbout))
            .with((read.protected > 0).then_some(LookUp::ProtectedRead)),
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
            Payload::ProtectionLifted(lifted) => About::by(RecordKind::ProtectionLifted, &lifted.asker)
                .with([LookUp::Person(lifted.person.0.expose())]),
        }
    }
}

/// The blind look-up terms of a record that is sealed under this key, in order and each once.
pub fn expected_terms(month: &Key, payload: &Payload) -> Vec<Term> {
    let mut terms: Vec<Term> =
        payload.about().look_ups.into_iter().map(|look_up| look_up.term(month)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LogRead, OperatorReader, Selection, operator_name};

    #[test]
    fn what_an_operator_reads_leads_to_it_by_the_name_that_records_give_it_and_no_account_is_found_by_that() {
        let (certificate, name) = ([0x2a; 32], operator_name(&"2a".repeat(32)));
        let payload = Payload::LogRead(LogRead {
            by: Reader::Operator(OperatorReader::new(certificate)),
            action: "board".to_owned(),
            filter: "all".to_owned(),
            selection: Selection::default(),
            entries: None,
            protected: 0,
            held_back: false,
        });
        let look_ups = payload.about().look_ups;
        assert!(look_ups.contains(&LookUp::by(&name)) && look_ups.contains(&LookUp::by(OPERATOR)));
        assert!(!look_ups.contains(&LookUp::by(&operator_name(&"2b".repeat(32)))));
        assert!(LookUp::by(&name) != LookUp::CaseWorker(&name), "an account of that name is another");
        let two = format!("{name}{BOTH}{}", operator_name(&"2b".repeat(32)));
        assert!(operators(&two).count() == 3 && operators("anna").count() == 0);
        for account in [format!("x and {name}"), format!("and {name}"), format!("{name} and x")] {
            assert_eq!(operators(&account).count(), 0, "{account}");
        }
    }
}
