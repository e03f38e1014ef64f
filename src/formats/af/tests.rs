use mock_agencies::{Situation, own_format::af as mock};
use ssbtek_domain::{
    HoldBack, Note, Outcome, Protection, ProtectionSignal,
    sections::{
        Facts, Section as AnySection,
        af::{ReportMessage, Section},
    },
    verdict::withhold,
};

use super::Codec;
use crate::{
    Codec as _,
    test_world::{Mock, ask, assert_survives_grpc, http, payload, period, question, today},
};

fn section(answer: &ssbtek_domain::SourceAnswer) -> &Section {
    let Some(AnySection::Af(section)) = &answer.section else { panic!("facts expected") };
    section
}

#[test]
fn what_af_knows_comes_through_its_own_format_unchanged() {
    for seed in 0..20 {
        let world = Mock::new(seed);
        for person in world.population.persons() {
            let answer = ask(&Codec::new(vec![mock::NO_SUCH_PERSON]), mock::answer, &world, person).unwrap();
            if person.unknown_at.contains(&ssbtek_domain::Agency::Af) {
                assert_eq!(answer.outcome, Outcome::NoSuchPerson);
                assert!(answer.section.is_none() && answer.parts.is_empty());
                continue;
            }
            assert_eq!(answer.outcome, Outcome::Answered);
            assert!(*section(&answer) == mock_agencies::facts::af::section(person, &period(), today()));
            assert_survives_grpc(answer.section.as_ref().unwrap());
            assert!(answer.notes.is_empty() && answer.fault_code.is_none());
        }
    }
}

#[test]
fn the_question_follows_the_schema_and_names_one_processor_only() {
    let world = Mock::new(1);
    let person = world.person(|_| true);
    let text = payload(&Codec::default(), person);
    let expected = format!(
        concat!(
            r#"<FragaMeddelande xmlns="http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2">"#,
            r#"<Inkludera ArbetssokandeInfo="true" AkasseInfo="true" BeslutInfo="true"/><Fraga>"#,
            "<OrganisationsnummerForIngivare>162120000142</OrganisationsnummerForIngivare>",
            "<NamnPaIngivare>Socialnämnden &lt;Norr&gt; &amp; Söder</NamnPaIngivare>",
            "<KontonamnForHandlaggare>hl0042</KontonamnForHandlaggare><Referensnummer>EB-2026-17</Referensnummer>",
            "<From>2026-05-01</From><Tom>2026-12-31</Tom><SyfteMedFraga>ekonomiskt bistånd</SyfteMedFraga>",
            "<LagParagraf>SFS 2008:975</LagParagraf>",
            "<OrganisationsnummerForPersonuppgiftsbitrade>162120000142</OrganisationsnummerForPersonuppgiftsbitrade>",
            "<NamnPaPersonuppgiftsbitrade>Först AB</NamnPaPersonuppgiftsbitrade>",
            "<IdentitetsbeteckningFysiskPerson>{}</IdentitetsbeteckningFysiskPerson></Fraga></FragaMeddelande>",
        ),
        person.number.expose()
    );
    assert_eq!(text, expected);
}

#[test]
fn a_text_that_xml_cannot_carry_is_never_sent() {
    let world = Mock::new(1);
    let mut question = question(world.person(|_| true));
    question.asking.name.push('\u{1}');
    assert!(Codec::default().question(&question).is_err());
}

#[test]
fn every_failure_hidden_in_a_successful_answer_is_found() {
    use Outcome::*;
    // Script, outcome, fault code, whether facts are there, whether an unknown code is noted.
    let cases = [
        ("status-4", FailedAtSource, Some("4"), true, false),
        ("status-4-facts", AnsweredInPart, Some("4"), true, false),
        ("status--1", FailedAtSource, Some("-1"), true, false),
        ("no-such-person", FailedAtSource, Some("1"), true, false),
        ("report-200", Answered, None, true, false),
        ("report-501", Answered, None, true, false),
        ("report-500", AnsweredInPart, None, true, false),
        ("report-502", AnsweredInPart, None, true, false),
        ("report-599", AnsweredInPart, None, true, true),
        ("soap-fault", FailedAtSource, Some("Server"), false, false),
        ("http-500", FailedAtSource, None, false, false),
    ];
    for (script, outcome, code, facts, noted) in cases {
        let world = Mock::scripted(script);
        let person = world.person(|person| person.situation == Situation::Jobseeker);
        let answer = ask(&Codec::default(), mock::answer, &world, person).unwrap();
        assert_eq!(answer.outcome, outcome, "{script}");
        assert_eq!(answer.fault_code.as_deref(), code, "{script}");
        assert_eq!(answer.section.is_some(), facts, "{script}");
        assert_eq!(!answer.notes.is_empty(), noted, "{script}");
    }
}

#[test]
fn the_activity_report_is_a_part_with_its_own_outcome() {
    let world = Mock::scripted("report-502");
    let person = world.person(|person| person.situation == Situation::Jobseeker);
    let answer = ask(&Codec::default(), mock::answer, &world, person).unwrap();
    let told: Vec<_> =
        answer.parts.iter().map(|part| (part.part.as_str(), part.outcome, part.code.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Section::PART_INFORMATION, Outcome::Answered, None),
            (Section::PART_REPORT, Outcome::FailedAtSource, Some("502")),
        ]
    );
}

#[test]
fn an_unknown_report_code_is_kept_as_it_came_and_stays_out_of_the_outcomes() {
    let world = Mock::scripted("report-Okänd kod 7");
    let person = world.person(|person| person.situation == Situation::Jobseeker);
    let answer = ask(&Codec::default(), mock::answer, &world, person).unwrap();
    let message = &section(&answer).registration.as_ref().unwrap().activity_report.as_ref().unwrap().message;
    assert!(*message == ReportMessage::Other("Okänd kod 7".to_owned()));
    assert_eq!(answer.notes, [Note::UnknownCode("AktivitetsRapportMeddelande")]);
    assert!(answer.parts.iter().all(|part| part.code.is_none()));
}

#[test]
fn an_absent_sekretessmarkering_is_not_a_no() {
    let cases = [
        ("sekretess", ProtectionSignal::Sekretessmarkering),
        ("no-sekretess", ProtectionSignal::Unsaid),
        ("-", ProtectionSignal::NotProtected),
        ("status-4", ProtectionSignal::Unsaid),
    ];
    for (script, signal) in cases {
        let world = Mock::scripted(script);
        let person = world.person(|person| person.protection == Protection::None);
        let answer = ask(&Codec::default(), mock::answer, &world, person).unwrap();
        assert_eq!(section(&answer).protection(), signal, "{script}");
    }
}

#[test]
fn an_answer_about_another_person_is_refused_whole() {
    for script in ["other-person", "echo-other-person"] {
        let world = Mock::scripted(script);
        let refused = ask(&Codec::default(), mock::answer, &world, world.person(|_| true)).unwrap_err();
        assert_eq!(refused.0, "the answer is about another person", "{script}");
    }
}

#[test]
fn af_gives_facts_and_no_payment_lines_and_nothing_that_locates() {
    let world = Mock::new(1);
    let person = world.person(|person| person.situation == Situation::Jobseeker);
    let mut section = mock_agencies::facts::af::section(person, &period(), today());
    assert!(section.payments().is_empty());
    assert!(section.withhold_third_parties().is_empty());
    assert_eq!(
        withhold(&mut section, HoldBack::Whereabouts, false),
        ["namn"],
        "what AF writes of the ordinary is of the known list"
    );
}

#[test]
fn an_answer_that_breaks_its_contract_is_refused_whole() {
    let world = Mock::new(1);
    let person = world.person(|person| person.situation == Situation::Jobseeker);
    let question = question(person);
    let codec = Codec::default();
    let asked = codec.question(&question).unwrap();
    let told = mock::answer(&mock_agencies::own_format::Request { path: "/", body: &asked.body }, &world);
    let good = String::from_utf8(told.body).unwrap();
    assert!(codec.answer(&question, http(200, good.clone())).is_ok());

    let status = "<StatusSokandeinformationKod>0</StatusSokandeinformationKod>";
    let cases = [
        (good.replace(status, ""), "StatusSokandeinformationKod is missing, malformed or repeated"),
        (
            good.replace(status, &status.repeat(2)),
            "StatusSokandeinformationKod is missing, malformed or repeated",
        ),
        (
            good.replace("ersattningsstod/v2", "annat/v2"),
            "the answer holds another element than the contract's, or in another namespace",
        ),
        (
            good.replace("<soap:Body>", "<soap:Body><x/>"),
            "the answer is no SOAP envelope with one element inside",
        ),
        (format!("{good}{good}"), "the answer is not well-formed XML"),
        (good.replacen("?>", "?><!DOCTYPE x>", 1), "the answer holds a DOCTYPE"),
        (good[..good.len() / 2].to_owned(), "the answer is not well-formed XML"),
        (String::new(), "the answer is not well-formed XML"),
    ];
    for (body, refusal) in cases {
        assert_eq!(codec.answer(&question, http(200, body)).unwrap_err().0, refusal);
    }
    assert_eq!(codec.answer(&question, http(302, "")).unwrap_err().0, "the answer is a redirect");
}

#[test]
fn what_departs_from_the_schema_is_noted_and_costs_itself_alone() {
    let world = Mock::new(1);
    let person = world
        .person(|person| person.situation == Situation::Jobseeker && person.protection == Protection::None);
    let question = question(person);
    let asked = Codec::default().question(&question).unwrap();
    let told = mock::answer(&mock_agencies::own_format::Request { path: "/", body: &asked.body }, &world);
    let good = String::from_utf8(told.body).unwrap();
    let read = |body: String| Codec::default().answer(&question, http(200, body)).unwrap();
    let newer = read(good.replace("ersattningsstod/v2", "ersattningsstod/v3"));
    assert_eq!(newer.section, read(good.clone()).section);
    assert!(newer.notes.contains(&Note::OtherVersion("SvarMeddelande")));
    assert_eq!(section(&newer).protection(), ProtectionSignal::NotProtected);
    let broken = read(good.replace("<BeslutFrom>", "<BeslutFrom>x"));
    if good.contains("<BeslutFrom>") {
        assert_eq!(broken.outcome, Outcome::AnsweredInPart);
        let known = |answer: &ssbtek_domain::SourceAnswer| section(answer).decisions.clone().unwrap();
        let mut expected = known(&read(good.clone()));
        expected.iter_mut().for_each(|decision| decision.from = None);
        assert!(known(&broken) == expected, "the decision stays, but for the day");
        assert!(broken.notes.contains(&Note::NotUnderstood("BeslutFrom")));
    }
    // A "no" counts only as the schema has it.
    for stray in ["<Sekretessmarkering xmlns=\"urn:x\">", "<Sekretessmarkering>x"] {
        let stray = read(good.replace("<Sekretessmarkering>", stray));
        assert_eq!(section(&stray).protection(), ProtectionSignal::Unsaid);
    }
    let twice = "<Sekretessmarkering>false</Sekretessmarkering>".repeat(2);
    let twice = read(good.replace("<Sekretessmarkering>false</Sekretessmarkering>", &twice));
    assert_eq!(section(&twice).protection(), ProtectionSignal::Unsaid);
}

#[test]
fn utf_16_is_read_like_any_other_answer() {
    let world = Mock::new(1);
    let person = world.person(|person| person.situation == Situation::Jobseeker);
    let question = question(person);
    let asked = Codec::default().question(&question).unwrap();
    let told = mock::answer(&mock_agencies::own_format::Request { path: "/", body: &asked.body }, &world);
    let text = String::from_utf8(told.body).unwrap().replace("UTF-8", "UTF-16");
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let answer = Codec::default().answer(&question, http(200, utf16)).unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
}

#[test]
fn the_original_is_the_payload_byte_for_byte_and_stands_on_its_own() {
    let world = Mock::new(1);
    let person = world.person(|person| person.situation == Situation::Jobseeker);
    let question = question(person);
    let asked = Codec::default().question(&question).unwrap();
    let told = mock::answer(&mock_agencies::own_format::Request { path: "/", body: &asked.body }, &world);
    let text = String::from_utf8(told.body.clone()).unwrap();
    let answer = Codec::default().answer(&question, http(200, told.body)).unwrap();
    let original = String::from_utf8(answer.original.unwrap().bytes).unwrap();
    assert!(text.contains(&original) && original.starts_with("<SvarMeddelande "));

    // With its namespace declared on the envelope, the payload carries that declaration along.
    let declared = r#" xmlns="http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2""#;
    let outside = text.replacen(declared, "", 2).replacen("<soap:Body", &format!("<soap:Body{declared}"), 1);
    let answer = Codec::default().answer(&question, http(200, outside)).unwrap();
    let original = answer.original.unwrap().bytes;
    let alone = ssbtek_xml::parse(&original, &ssbtek_xml::Limits::default()).unwrap();
    assert!(alone.is(super::NAMESPACE, "SvarMeddelande"));
}

#[test]
fn every_question_and_answer_follows_the_published_schema() {
    crate::test_schema::all_follow(
        "se/arbetsformedlingen/api/arbetssokande/ersattningsstod/v2/ers_stod.xsd",
        &Codec::default(),
        mock::answer,
        &["status-4", "status-4-facts", "report-599", "no-sekretess", "no-such-person"],
        |_| true,
    );
}
