//! `SvarMeddelande`. A failure hides in `StatusSokandeinformationKod` and in the activity report's message.

use ssbtek_domain::{
    Agency, Note, Outcome, Personnummer, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        af::{ActivityReport, Decision, Registration, ReportMessage, Section},
    },
};
use ssbtek_xml::Element;

use super::{Codec, NAMESPACE, SPACE};
use crate::{
    HttpAnswer, Refused,
    fields::{self, Fields},
    notes::Notes,
    soap_answer::{self, AnswerElement},
    who,
};

const SOURCE: Source = Source::Agency(Agency::Af);
/// The element that the answer is.
pub const ANSWER: AnswerElement =
    AnswerElement { namespace: NAMESPACE, space: SPACE, name: "SvarMeddelande", failures: &[] };
const PERSON: &str = "IdentitetsbeteckningFysiskPerson";
const STATUS: &str = "StatusSokandeinformationKod";
/// What AF repeats of the question.
const ASKED: [&str; 12] = [
    "Test",
    "OrganisationsnummerForIngivare",
    "NamnPaIngivare",
    "KontonamnForHandlaggare",
    "Referensnummer",
    "From",
    "Tom",
    "SyfteMedFraga",
    "LagParagraf",
    "OrganisationsnummerForPersonuppgiftsbitrade",
    "NamnPaPersonuppgiftsbitrade",
    PERSON,
];

pub(super) fn read(question: &Question, answer: &HttpAnswer, codec: &Codec) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &SOURCE,
        question,
        answer,
        &ANSWER,
        |payload, notes| Ok(judge(section(codec, payload, question, notes)?, &codec.no_such_person)),
        |fault| soap_answer::plain_fault(&SOURCE, fault),
    )
}

fn judge(section: Section, no_such_person: &[i32]) -> SourceAnswer {
    let report = section.registration.as_ref().and_then(|known| known.activity_report.as_ref());
    let unknown_report = report.is_some_and(|report| matches!(report.message, ReportMessage::Other(_)));
    let (mut outcome, mut parts) = (section.outcome(), section.parts());
    // Facts under "no such person" contradict it: then it stays a failure of a part.
    if outcome == Outcome::FailedAtSource && no_such_person.contains(&section.status_code) {
        outcome = Outcome::NoSuchPerson;
        parts.clear();
    }
    let code = section.status_code.to_string();
    let failed = section.status_code != 0;
    let told = soap_answer::told(&code, section.status_text.as_deref().unwrap_or_default());
    // Where nobody is found there are no facts, unless that the identity is protected.
    let empty = outcome == Outcome::NoSuchPerson && section.protected != Some(true);
    SourceAnswer {
        parts,
        fault_code: (failed && outcome != Outcome::NoSuchPerson).then_some(code),
        faults: failed.then_some(told).into_iter().collect(),
        section: (!empty).then_some(AnySection::Af(section)),
        notes: unknown_report
            .then_some(Note::UnknownCode("AktivitetsRapportMeddelande"))
            .into_iter()
            .collect(),
        ..SourceAnswer::without_facts(SOURCE, outcome)
    }
}

fn section(codec: &Codec, payload: &Element, question: &Question, notes: &Notes) -> Result<Section, Refused> {
    let message = Fields::of(payload, SPACE, &["Fraga", "Svar"], "SvarMeddelande", notes);
    for asked in message.all("Fraga") {
        let asked = Fields::of(asked, SPACE, &ASKED, "Fraga", notes);
        asked.repeated_texts(&ASKED);
        codec.judge_echo(&asked, question);
    }
    // A second one makes the answer one in part; whoever it is about must be the same.
    for number in
        message.all("Svar").flat_map(|answer| answer.children_named(PERSON)).filter_map(Element::value)
    {
        who::same(question, number)?;
    }
    let answer = message
        .required("Svar")
        .ok_or(Refused::breach("Svar is missing, and with it whether AF's look-up succeeded"))?;
    let told = Fields::of(
        answer,
        SPACE,
        &[
            "Schemaversion",
            "Referensnummer",
            "LagParagraf",
            PERSON,
            "Fornamn",
            "Efternamn",
            "Sekretessmarkering",
            "ArbetssokandeInfo",
            "BeslutInfo",
            "Akassetillhorighet",
            STATUS,
            "StatusSokandeinformationKodText",
        ],
        "Svar",
        notes,
    );
    told.repeated_texts(&["Schemaversion", "Referensnummer", "LagParagraf"]);
    codec.judge_echo(&told, question);
    let status = told.values(STATUS);
    let [status] = status[..] else { return Err(UNTOLD) };
    let status_code = status.trimmed().parse().map_err(|_| UNTOLD)?;
    let status_text = told.text("StatusSokandeinformationKodText");
    if let Some(text) = status_text.as_deref().filter(|_| status_code == 0) {
        told.said_of_all("StatusSokandeinformationKodText", text);
    }
    let (info, decided) = (told.one("ArbetssokandeInfo"), told.one("BeslutInfo"));
    Ok(Section {
        person: Some(person(&message, &told, question)?),
        given_name: told.text("Fornamn"),
        family_name: told.text("Efternamn"),
        protected: protected(&told),
        registration: info.map(|info| registration(info, notes)),
        decisions: decided.and_then(|info| decisions(info, notes)),
        fund_membership: told.text("Akassetillhorighet"),
        status_code,
        status_text,
    })
}

/// Without it a failed look-up reads as "nothing there".
const UNTOLD: Refused = Refused::breach("StatusSokandeinformationKod is missing, malformed or repeated");

/// Every number that stands for the person, in the question repeated and in the answer, is the one asked about, and there is one.
fn person(message: &Fields<'_>, told: &Fields<'_>, question: &Question) -> Result<Personnummer, Refused> {
    let repeated = message.required("Fraga").into_iter().flat_map(|asked| asked.children_named(PERSON));
    let mut named = false;
    for number in repeated.chain(told.values(PERSON)).filter_map(Element::value) {
        who::same(question, number)?;
        named = true;
    }
    told.required_value(PERSON);
    if named { Ok(question.person.clone()) } else { Err(Refused::NOBODY_NAMED) }
}

/// A "no" counts only where, and as, the schema has it; a "yes" wherever it stands.
fn protected(told: &Fields<'_>) -> Option<bool> {
    let marks = told.values("Sekretessmarkering");
    if marks.iter().any(|mark| fields::boolean(mark.trimmed()) == Some(true)) {
        return Some(true);
    }
    told.boolean("Sekretessmarkering").filter(|_| marks.len() == 1 && SPACE.holds(marks[0].namespace()))
}

fn registration(info: &Element, notes: &Notes) -> Registration {
    let info = Fields::of(
        info,
        SPACE,
        &[
            "Arbetssokande",
            "ArbetssokandeSKAT",
            "ArbetssokandeRegistrerad",
            "ArbetssokandeOmfattning",
            "ArbetssokandeAvaktualiserad",
            "AktivetetsRapportDatum",
        ],
        "ArbetssokandeInfo",
        notes,
    );
    Registration {
        jobseeker: info.boolean("Arbetssokande"),
        category: info.text("ArbetssokandeSKAT"),
        registered_on: info.date("ArbetssokandeRegistrerad"),
        extent_percent: info.int("ArbetssokandeOmfattning"),
        deactivated_on: info.date("ArbetssokandeAvaktualiserad"),
        activity_report: info.required("AktivetetsRapportDatum").and_then(|report| activity(report, notes)),
    }
}

fn activity(report: &Element, notes: &Notes) -> Option<ActivityReport> {
    let known = ["AktivitetsRapportMeddelande", "SenasteAktivitetsRapportDatum"];
    let report = Fields::of(report, SPACE, &known, "AktivetetsRapportDatum", notes);
    let latest_on = report.date("SenasteAktivitetsRapportDatum");
    let message = report.required_value("AktivitetsRapportMeddelande").unwrap_or_default();
    // A day without a message does not say whether a report was handed in.
    (!message.is_empty() || latest_on.is_some())
        .then(|| ActivityReport { message: ReportMessage::from_code(message), latest_on })
}

/// `None` where AF does not say that there are decisions, or none.
fn decisions(info: &Element, notes: &Notes) -> Option<Vec<Decision>> {
    let info = Fields::of(info, SPACE, &["EkonomiskaBeslut"], "BeslutInfo", notes);
    info.required("EkonomiskaBeslut")?;
    let lists = info
        .all("EkonomiskaBeslut")
        .map(|list| Fields::of(list, SPACE, &["Beslut"], "EkonomiskaBeslut", notes));
    let all = lists.flat_map(|list| list.records("Beslut", &[]));
    Some(all.map(|told| decision(told, notes)).collect())
}

/// What cannot be understood costs itself: that there is a decision, and what else it says, stays.
fn decision(element: &Element, notes: &Notes) -> Decision {
    let known = ["ErsattningTyp", "Omfattning", "BeslutFrom", "BeslutTom"];
    let told = Fields::of(element, SPACE, &known, "Beslut", notes);
    Decision {
        kind: told.required_value("ErsattningTyp").unwrap_or_default().to_owned(),
        extent_percent: told.required_int("Omfattning"),
        from: told.required_date("BeslutFrom"),
        to: told.required_date("BeslutTom"),
    }
}
