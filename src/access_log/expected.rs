//! What must stand beside a record in a sound store, told from the record itself.

use ssbtek_authorize::DocumentKind;
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::{Vault, VaultError};

use crate::{Header, Payload, Reader, Term, log::blind_term};

/// The look-up terms of a record. Of an erased one (`payload` is `None`) only the entry's own id is known.
pub fn expected_terms(
    vault: &dyn Vault,
    board: OrganisationNumber,
    header: &Header,
    payload: Option<&Payload>,
) -> Result<Vec<Term>, VaultError> {
    let blind = |domain: &str, value: &str| blind_term(vault, board, domain, value);
    let mut terms = vec![*header.entry.as_bytes()];
    match payload {
        Some(Payload::Intent(intent)) => {
            terms.push(blind("person", intent.person.expose())?);
            terms.push(blind("case_worker", intent.asker.case_worker.as_str())?);
            terms.push(blind("case", intent.case.as_str())?);
        }
        Some(Payload::Denial(denial)) => {
            terms.push(blind("case_worker", denial.asker.case_worker.as_str())?);
            if let Some(case) = &denial.case {
                terms.push(blind("case", case.as_str())?);
            }
            if let Some(named) = &denial.person {
                terms.push(blind("person", named.0.expose())?);
            }
        }
        Some(Payload::LogRead(read)) => {
            if let Reader::Asker(asker) = &read.by {
                terms.push(blind("case_worker", asker.case_worker.as_str())?);
            }
            if let Some(person) = read.selection.person() {
                terms.push(blind("reading_about", person)?);
            }
        }
        Some(Payload::Delay(decided)) => {
            terms.push(blind("delay", decided.case.as_str())?);
            terms.push(blind("case", decided.case.as_str())?);
            terms.push(blind("case_worker", decided.asker.case_worker.as_str())?);
        }
        Some(Payload::SampleDrawn(drawn)) => {
            terms.push(blind("review", &drawn.month)?);
            terms.push(blind("case_worker", drawn.asker.case_worker.as_str())?);
        }
        Some(Payload::Review(review)) => {
            terms.push(blind("review", &review.month)?);
            terms.push(blind("case_worker", review.asker.case_worker.as_str())?);
        }
        Some(Payload::RegistryChange(change)) if change.document == DocumentKind::Case => {
            terms.push(blind("case", &change.id)?);
        }
        _ => {}
    }
    Ok(terms)
}
