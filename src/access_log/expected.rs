//! What must stand beside a record in a sound store, told from the record itself.

use ssbtek_authorize::DocumentKind;
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::{Vault, VaultError};

use crate::{Payload, Reader, Term, log::IndexKey};

/// The blind look-up terms of a record. The board's index key is missing while its whole purge is under way.
pub fn expected_terms(
    vault: &dyn Vault,
    board: OrganisationNumber,
    payload: &Payload,
) -> Result<Vec<Term>, VaultError> {
    let index = IndexKey::existing(vault, board)?;
    let blind = |domain: &str, value: &str| index.term(domain, value);
    let mut terms = Vec::new();
    match payload {
        Payload::Intent(intent) => {
            terms.push(blind("person", intent.person.expose()));
            terms.push(blind("case_worker", intent.asker.case_worker.as_str()));
            terms.push(blind("case", intent.case.as_str()));
        }
        Payload::Denial(denial) => {
            terms.push(blind("case_worker", denial.asker.case_worker.as_str()));
            if let Some(case) = &denial.case {
                terms.push(blind("case", case.as_str()));
            }
            if let Some(named) = &denial.person {
                terms.push(blind("person", named.0.expose()));
            }
        }
        Payload::LogRead(read) => {
            if let Reader::Asker(asker) = &read.by {
                terms.push(blind("case_worker", asker.case_worker.as_str()));
            }
            if let Some(person) = read.selection.person() {
                terms.push(blind("reading_about", person));
            }
        }
        Payload::Delay(decided) => {
            terms.push(blind("delay", decided.case.as_str()));
            terms.push(blind("case", decided.case.as_str()));
            terms.push(blind("case_worker", decided.asker.case_worker.as_str()));
        }
        Payload::SampleDrawn(drawn) => {
            terms.push(blind("review", &drawn.month));
            terms.push(blind("case_worker", drawn.asker.case_worker.as_str()));
        }
        Payload::Review(review) => {
            terms.push(blind("review", &review.month));
            terms.push(blind("case_worker", review.asker.case_worker.as_str()));
        }
        Payload::RegistryChange(change) if change.document == DocumentKind::Case => {
            terms.push(blind("case", &change.id));
        }
        _ => {}
    }
    Ok(terms)
}
