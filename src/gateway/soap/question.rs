//! The contract's question → caller and ask.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use ssbtek_authenticate::Stated;
use ssbtek_authorize::{Ask, AskError, AskLimits, TokenUse, Wish};
use ssbtek_domain::{Agency, DateTime, Entropy, NaiveDate, Period, SkvRequest, Utc};
use ssbtek_soap::{AgencyQuestion, Asked, FaultCode, InformationQuestion, Sender, SoapFault};

/// Who asks, as `ingivare` and `personuppgiftsbitrade` state it. This contract has no assertion, so nothing can be used
/// twice: the question gets a one-time name of our own.
pub(super) fn stated(sender: Sender, entropy: &dyn Entropy, now: DateTime<Utc>) -> Stated {
    let mut token = [0; 32];
    entropy.fill(&mut token);
    Stated {
        board: sender.asker.organisation,
        case_worker: sender.asker.case_worker,
        processors: sender.processors,
        token: TokenUse { token, expires_at: now },
    }
}

/// The question, well-formed in every field. `today` is the day in Stockholm.
pub(super) fn ask(
    asked: &InformationQuestion,
    limits: &AskLimits,
    today: NaiveDate,
) -> Result<Ask, SoapFault> {
    limits.check(asked.period, today).map_err(|error| wrong_period("tidsperiod", &error, limits))?;
    let mut wishes = BTreeMap::new();
    for (agency, question) in asked.agencies.iter().filter(|(_, question)| question.refusal.is_none()) {
        let period = own_period(*agency, question, limits, today)?;
        let wanted = question.asked.wanted();
        wishes.insert(*agency, Wish { period, wanted, basis: Some(asked.legal_basis.clone()) });
    }
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

/// The agency's own period: what will in fact be asked of it, within the same bounds as the general one.
fn own_period(
    agency: Agency,
    question: &AgencyQuestion,
    limits: &AskLimits,
    today: NaiveDate,
) -> Result<Option<Period>, SoapFault> {
    let checked = |period: Period, element: &str| {
        limits
            .check(period, today)
            .map_err(|error| wrong_period(element, &error, limits))
            .map(|()| Some(period))
    };
    match (&question.asked, question.period) {
        (Asked::Lefi(lefi), _) => checked(lefi.period(), "FK/fraga/lefiJsonFraga/period"),
        (Asked::Skv(request), _) => years(request, limits, today).map(Some),
        (Asked::Standard | Asked::SkvDocument, Some(period)) => {
            checked(period, &format!("{agency}/tidsperiod"))
        }
        (Asked::Standard | Asked::SkvDocument, None) => Ok(None),
    }
}

/// From the first day of the first income year to the last day of the last one. Skatteverket knows whole years only, so
/// it is their number that is bounded, and the running year may be asked for to its end.
fn years(request: &SkvRequest, limits: &AskLimits, today: NaiveDate) -> Result<Period, SoapFault> {
    const ELEMENT: &str = "SKV/fraga/ar";
    let years: BTreeSet<i32> = request.years.iter().copied().collect();
    let wrong = |rule: String| SoapFault::client(FaultCode::Invalid, format!("{ELEMENT}: {rule}"));
    let (Some(first), Some(last)) = (years.first(), years.last()) else {
        return Err(SoapFault::client(FaultCode::Missing, format!("{ELEMENT}: saknas")));
    };
    if *last > today.year() {
        return Err(wrong("ett av åren har inte börjat".to_owned()));
    }
    let most = (limits.max_period_days / 365).max(1);
    if i64::try_from(years.len()).is_ok_and(|asked| asked > most) {
        return Err(wrong(format!("högst {most} olika år får efterfrågas")));
    }
    let days = NaiveDate::from_ymd_opt(*first, 1, 1).zip(NaiveDate::from_ymd_opt(*last, 12, 31));
    days.and_then(|(from, to)| Period::new(from, to).ok()).ok_or_else(|| wrong("är inget år".to_owned()))
}

/// Which rule a period breaks, in the contract's words.
fn wrong_period(element: &str, error: &AskError, limits: &AskLimits) -> SoapFault {
    let rule = match error.field {
        "period.from" => "börjar i framtiden".to_owned(),
        "period.to" => format!("slutar mer än {} dagar framåt", limits.max_ahead_days),
        _ => format!("är längre än {} dagar", limits.max_period_days),
    };
    SoapFault::client(FaultCode::Invalid, format!("{element}: {rule}"))
}
