//! The contract's question → caller and ask.

use std::collections::BTreeMap;

use ssbtek_authorize::{Ask, AskLimits, Caller, TokenUse, Wish};
use ssbtek_domain::{DateTime, Entropy, NaiveDate, OrganisationNumber, Utc};
use ssbtek_pki::PeerCertificate;
use ssbtek_soap::{AgencyQuestion, Asked, FaultCode, InformationQuestion, SoapFault};

/// The caller as certificate and `ingivare` state it. This contract has no assertion, so nothing can be used twice: the
/// question gets a one-time name of our own.
pub(super) fn caller(
    peer: &PeerCertificate,
    board: OrganisationNumber,
    asked: &InformationQuestion,
    entropy: &dyn Entropy,
    now: DateTime<Utc>,
) -> Caller {
    let mut token = [0; 32];
    entropy.fill(&mut token);
    Caller {
        board,
        case_worker: asked.asker.case_worker.clone(),
        certificate: peer.fingerprint_sha256,
        agent: None,
        processors: asked.chain(),
        token: TokenUse { token, expires_at: now },
    }
}

/// The question, well-formed in every field. `today` is the day in Stockholm.
pub(super) fn ask(
    asked: &InformationQuestion,
    limits: &AskLimits,
    today: NaiveDate,
) -> Result<Ask, SoapFault> {
    let mut wishes = BTreeMap::new();
    for (agency, question) in asked.agencies.iter().filter(|(_, question)| question.refusal.is_none()) {
        let period = own_period(question);
        if let Some(period) = period {
            limits.check(period, today).map_err(|_| wrong_period(&format!("{agency}/tidsperiod")))?;
        }
        let wanted = question.asked.wanted();
        wishes.insert(*agency, Wish { period, wanted, basis: Some(asked.legal_basis.clone()) });
    }
    limits.check(asked.period, today).map_err(|_| wrong_period("tidsperiod"))?;
    Ok(Ask {
        case: asked.case.clone(),
        role: None,
        person: Some(asked.person.clone()),
        period: asked.period,
        agencies: wishes.keys().copied().collect(),
        purpose: asked.purpose.clone(),
        wishes,
    })
}

/// The agency's own period: that of the LEFI question where there is one, since that is what will be asked.
fn own_period(question: &AgencyQuestion) -> Option<ssbtek_domain::Period> {
    match &question.asked {
        Asked::Lefi(lefi) => Some(lefi.period()),
        Asked::Standard | Asked::Skv(_) => question.period,
    }
}

fn wrong_period(element: &str) -> SoapFault {
    SoapFault::client(
        FaultCode::Invalid,
        format!("{element}: perioden ligger i framtiden eller är längre än vad som får efterfrågas"),
    )
}
