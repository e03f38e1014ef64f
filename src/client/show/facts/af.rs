//! Arbetsförmedlingen.

use ssbtek_proto::agency::v1::{AfRegistration, AfSection};

use super::Facts;
use crate::show::phrases::{joined, with};

pub(super) fn lines(section: &AfSection, facts: &mut Facts) {
    let name = joined([section.given_name.clone(), section.family_name.clone()]);
    facts.labelled("name", &name.replace(", ", " "));
    if section.status_code != 0 {
        let text = section.status_text.as_deref().unwrap_or("no text");
        facts.add(format!("AF's own look-up did not succeed: status {} ({text})", section.status_code));
    }
    match &section.registration {
        Some(registration) => registered(registration, facts),
        None => facts.add("jobseeker (arbetssökande): AF did not say"),
    }
    match &section.decisions {
        Some(decisions) if decisions.decisions.is_empty() => facts.none("economic decisions (beslut)"),
        Some(decisions) => {
            for of in &decisions.decisions {
                let told = |text: &str| if text.is_empty() { "not told".to_owned() } else { text.to_owned() };
                let extent = match of.extent_not_told {
                    true => "extent not told".to_owned(),
                    false => format!("{} %", of.extent_percent),
                };
                facts.add(format!(
                    "decision (beslut): {} {extent}, {} – {}",
                    of.kind,
                    told(&of.from),
                    told(&of.to)
                ));
            }
        }
        None => facts.add("economic decisions (beslut): AF did not say"),
    }
    facts.labelled("fund membership (a-kassa)", section.fund_membership.as_deref().unwrap_or_default());
}

fn registered(registration: &AfRegistration, facts: &mut Facts) {
    let jobseeker = match registration.jobseeker {
        Some(true) => "yes",
        Some(false) => "no",
        None => "AF did not say",
    };
    let extent = registration.extent_percent.map(|percent| format!("{percent} %"));
    let text = joined([
        Some(jobseeker.to_owned()),
        with("registered ", registration.registered_on.as_ref()),
        with("extent ", extent),
        with("category (SKAT) ", registration.category.as_ref()),
        with("deactivated (avaktualiserad) ", registration.deactivated_on.as_ref()),
    ]);
    facts.labelled("jobseeker (arbetssökande)", &text);
    let message = match registration.activity_report_message.as_str() {
        "" => "not told by AF",
        "200" => "submitted",
        "500" => "not known to AF",
        "501" => "not submitted",
        "502" => "fault at AF: whether it was submitted is not known",
        other => &format!("code {other}"),
    };
    let latest = with("latest ", registration.activity_report_latest_on.as_ref());
    facts.labelled("activity report (aktivitetsrapport)", &joined([Some(message.to_owned()), latest]));
}
