//! What an agency's silence says: "none" only in the name of a source that spoke in full.

use ssbtek_proto::agency::v1::{Section, section::Agency};

use super::Line;
use crate::{Language, texts::answer as t};

pub(super) fn lines(section: &Section, whole: bool, language: Language) -> Vec<Line> {
    let none = |what: &'static str| {
        Some(if whole { t::none(language, what) } else { t::none_in_part(language, what) })
    };
    let unsaid = |what: &'static str, who: &'static str| Some(t::did_not_say(language, what, who));
    let said: Vec<Option<String>> = match &section.agency {
        Some(Agency::Af(af)) => {
            if af.status_code != 0 {
                let text = af.status_text.as_deref().unwrap_or_default();
                return vec![Line::new(0, text, &t::af_failed(language, af.status_code)).alarm(true)];
            }
            let decisions = match &af.decisions {
                None => unsaid(t::decisions(language), "AF"),
                Some(decisions) if decisions.decisions.is_empty() => none(t::decisions(language)),
                Some(_) => None,
            };
            let registration = af.registration.as_ref();
            let untold = registration.is_none_or(|registration| registration.jobseeker.is_none());
            let report =
                registration.is_some_and(|registration| registration.activity_report_message.is_empty());
            vec![
                untold.then(|| unsaid(t::registration(language), "AF")).flatten(),
                report.then(|| unsaid(t::activity_report(language), "AF")).flatten(),
                decisions,
            ]
        }
        Some(Agency::Csn(csn)) => {
            let kinds = [
                &csn.studiemedel,
                &csn.studiehjalp,
                &csn.hemutrustningslan,
                &csn.studiestartsstod,
                &csn.omstallningsstudiestod,
            ];
            vec![kinds.iter().all(|cases| cases.is_empty()).then(|| none(t::cases(language))).flatten()]
        }
        Some(Agency::Fk(fk)) => {
            let pm = fk.pension_agency.as_ref();
            let pm_none = pm.is_some_and(|pm| pm.claims.is_empty() && pm.decisions.is_empty());
            vec![
                fk.matters.is_empty().then(|| none(t::fk_matters(language))).flatten(),
                pm_none.then(|| none(t::pm_matters(language))).flatten(),
            ]
        }
        Some(Agency::Skv(skv)) => {
            vec![(!skv.documents.is_empty()).then(|| t::as_sent(language).to_owned())]
        }
        Some(Agency::Tns(tns)) => vec![match &tns.vehicles {
            None => Some(t::vehicles_not_told(language).to_owned()),
            Some(of) if of.vehicles.is_empty() => none(t::vehicles(language)),
            Some(_) => None,
        }],
        Some(Agency::Miv(miv)) => vec![miv.matters.is_empty().then(|| none(t::matters(language))).flatten()],
        Some(Agency::So(_)) | None => vec![],
    };
    said.into_iter().flatten().map(|said| Line::new(0, "", &said)).collect()
}
