//! Protected identity: said before anything else is told, and what is held back for it.

use ssbtek_domain::verdicts::is_withheld_name;
use ssbtek_proto::broker::v1::{AskResponse, Protection, ProtectionReport, SourceReport};

use crate::{Language, Sentence, outcome::is_unasked, texts::answer as t};

/// What is known of protection; and whether it told what is held back.
pub(crate) fn protection(answer: &AskResponse, language: Language) -> (Vec<Sentence>, bool) {
    let unsettled = ProtectionReport::default();
    let report = answer.protection.as_ref().unwrap_or(&unsettled);
    let others = for_another(report, language);
    let said_by = match report.said_by.join(", ") {
        by if by.is_empty() => t::the_case(language).to_owned(),
        by => by,
    };
    let level = Protection::try_from(report.level).unwrap_or_default();
    let first = match level {
        Protection::None => Sentence::plain(t::not_protected(language)),
        Protection::Sekretessmarkering => Sentence::alarm(&t::sekretessmarkering(language, said_by)),
        Protection::SkyddadFolkbokforing => Sentence::alarm(&t::skyddad_folkbokforing(language, said_by)),
        Protection::NotKnown | Protection::Unspecified => Sentence::alarm(t::protection_not_known(language)),
    };
    let mut told = vec![first];
    if level != Protection::None {
        told.extend(silent(answer, &report.silent, language));
    }
    if report.remembered {
        told.push(Sentence::plain(t::remembered(language)).below());
    }
    let held_back = level != Protection::None || !others.is_empty();
    told.extend(others);
    if held_back {
        let what: fn(Language, String) -> String = match level {
            Protection::None => |language, what| t::household_held_back(language, what),
            _ => |language, what| t::person_held_back(language, what),
        };
        told.extend(self::held_back(answer, what, language));
    }
    (told, held_back)
}

/// Who could have told and did not; whoever was not asked this time is told of apart.
fn silent(answer: &AskResponse, who: &[String], language: Language) -> Vec<Sentence> {
    let unasked = |code: &String| {
        answer.sources.iter().any(|source| source.source == *code && is_unasked(source.outcome))
    };
    let (unasked, silent): (Vec<String>, Vec<String>) = who.iter().cloned().partition(unasked);
    let told = |who: Vec<String>, text: fn(Language, String) -> String| {
        (!who.is_empty()).then(|| Sentence::plain(&text(language, who.join(", "))).below())
    };
    [told(silent, t::silent), told(unasked, t::not_asked_now)].into_iter().flatten().collect()
}

/// Whether, and by whom, somebody else in the answer or the household is said to be protected.
fn for_another(report: &ProtectionReport, language: Language) -> Vec<Sentence> {
    let by = |who: &[String], text: fn(Language, String) -> String| {
        (!who.is_empty()).then(|| Sentence::alarm(&text(language, who.join(", "))))
    };
    let told = [
        by(&report.others_said_by, t::another_protected),
        report.household_protected.then(|| Sentence::alarm(t::household_protected(language))),
        report.household_not_checked.then(|| Sentence::alarm(t::household_not_checked(language))),
        by(&report.others_not_known_by, t::another_not_known),
    ];
    told.into_iter().flatten().collect()
}

/// What is held back for somebody's protection, and apart from it what always is, being about others.
fn held_back(
    answer: &AskResponse,
    what: fn(Language, String) -> String,
    language: Language,
) -> Vec<Sentence> {
    let fields = |locating: bool| -> Vec<String> {
        let of = |source: &SourceReport| {
            let names = source.withheld.iter().filter(|name| is_locating(&source.source, name) == locating);
            names.map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let named = answer.sources.iter().map(|source| (source.source.as_str(), of(source)));
        named.filter(|(_, names)| !names.is_empty()).map(|(code, names)| format!("{code} {names}")).collect()
    };
    let (locating, about_others) = (fields(true), fields(false));
    let named = !locating.is_empty();
    let locating = if named { locating.join("; ") } else { t::no_such_field(language).to_owned() };
    let mut told = vec![Sentence::plain(&what(language, locating)).below()];
    if named {
        told.push(Sentence::plain(t::named_anyway(language)).below());
    }
    if !about_others.is_empty() {
        told.push(Sentence::plain(&t::others_held_back(language, about_others.join("; "))).below());
    }
    told
}

/// Whether a field is held back for protection; the agencies' bytes are with what they hold.
fn is_locating(source: &str, name: &str) -> bool {
    name == "originals" || is_withheld_name(source, name)
}
