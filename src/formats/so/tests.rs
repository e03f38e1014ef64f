use mock_agencies::{Situation, TestPerson, own_format::so as mock};
use ssbtek_domain::{
    Agency, FUNDS, FundCode, Note, Outcome, ProtectionSignal, Source, SourceAnswer,
    payment::{NetKind, PaymentState},
    sections::{
        Facts, Section as AnySection,
        so::{Section, StatusTexts},
    },
};

use super::Codec;
use crate::{
    Codec as _,
    test_world::{Mock, ask, assert_survives_grpc, http, payload, period, today},
};

fn all() -> Codec {
    Codec::all_funds(StatusTexts::default())
}

fn one(fund: &FundCode) -> Codec {
    Codec::one_fund(fund.clone(), StatusTexts::default())
}

fn section(answer: &SourceAnswer) -> &Section {
    let Some(AnySection::So(section)) = &answer.section else { panic!("facts expected") };
    section
}

/// A jobseeker with payments.
fn is_paid(person: &TestPerson) -> bool {
    person.situation == Situation::Jobseeker
        && person.fund.is_some()
        && !person.unknown_at.contains(&Agency::So)
        && !mock_agencies::facts::so::section(person, &period(), today()).payments().is_empty()
}

#[test]
fn what_the_funds_know_comes_through_their_own_format_unchanged() {
    let mut payments = 0;
    for seed in 0..10 {
        let world = Mock::new(seed);
        for person in world.population.persons() {
            let answer = ask(&all(), mock::answer, &world, person).unwrap();
            assert_eq!(answer.parts.len(), FUNDS.len());
            if person.unknown_at.contains(&Agency::So) {
                assert_eq!(answer.outcome, Outcome::NoSuchPerson);
                assert!(answer.section.is_none());
                continue;
            }
            assert_eq!(answer.outcome, Outcome::Answered);
            assert!(*section(&answer) == mock_agencies::facts::so::section(person, &period(), today()));
            assert_survives_grpc(answer.section.as_ref().unwrap());
            payments += section(&answer).payments().len();
        }
    }
    assert!(payments > 0, "the population must have something to lose");
}

#[test]
fn funds_asked_one_by_one_compose_to_what_samorganisationen_answers() {
    let world = Mock::new(3);
    let person = world.person(is_paid);
    let answers = FUNDS.iter().map(|(code, name)| {
        let fund = FundCode::parse(code).unwrap();
        let answer = ask(&one(&fund), |r, w| mock::answer_fund(r, w, &fund), &world, person).unwrap();
        assert_eq!(answer.source, Source::Fund(fund));
        assert!(answer.parts.is_empty());
        let Some(AnySection::So(section)) = answer.section else { panic!("facts expected") };
        assert_eq!(section.funds.len(), 1);
        ((*name).to_owned(), answer.outcome, Some(section))
    });
    let composed = Section::compose(answers.collect());
    let whole = ask(&all(), mock::answer, &world, person).unwrap();
    assert!(composed == *section(&whole));
    assert_eq!(composed.parts(&StatusTexts::default()), whole.parts);
}

#[test]
fn the_question_follows_the_schema_with_all_numbers_before_all_names() {
    let world = Mock::new(1);
    let person = world.person(|_| true);
    let expected = format!(
        concat!(
            r#"<GetUnemploymentBenefitPaymentRequest xmlns="http://INT014.UBPService.Schemas">"#,
            "<OrganisationsnummerIngivare>162120000142</OrganisationsnummerIngivare>",
            "<NamnIngivare>Socialnämnden &lt;Norr&gt; &amp; Söder</NamnIngivare>",
            "<KontonamnHandlaggare>hl0042</KontonamnHandlaggare><Referensnummer>EB-2026-17</Referensnummer>",
            "<From>2026-05-01</From><Tom>2026-12-31</Tom><Syfte>ekonomiskt bistånd</Syfte>",
            "<Paragraf>SFS 2008:975</Paragraf>",
            "<OrganisationsnummerPersonuppgiftsbitrade>162120000142</OrganisationsnummerPersonuppgiftsbitrade>",
            "<OrganisationsnummerPersonuppgiftsbitrade>162120000142</OrganisationsnummerPersonuppgiftsbitrade>",
            "<NamnPersonuppgiftsbitrade>Först AB</NamnPersonuppgiftsbitrade>",
            "<NamnPersonuppgiftsbitrade>Sedan AB</NamnPersonuppgiftsbitrade>",
            "<IdentificationNumber>{}</IdentificationNumber></GetUnemploymentBenefitPaymentRequest>",
        ),
        person.number.expose()
    );
    assert_eq!(payload(&all(), person), expected);
}

#[test]
fn every_failure_hidden_in_a_successful_answer_is_found() {
    use Outcome::*;
    // Script; outcome of the whole; of the person's own fund; whether its facts are there; whether a text was unknown.
    let cases = [
        ("fund-unknown-status", AnsweredInPart, FailedAtSource, false, true),
        ("fund-unknown-status-facts", AnsweredInPart, AnsweredInPart, true, true),
        ("fund-fault", AnsweredInPart, FailedAtSource, false, false),
        ("all-funds-fault", FailedAtSource, FailedAtSource, false, false),
    ];
    for (script, whole, own, facts, noted) in cases {
        let world = Mock::scripted(script);
        let person = world.person(is_paid);
        let fund = person.fund.clone().unwrap();
        let name = mock_agencies::facts::so::fund_name(&fund);
        let through_so = ask(&all(), mock::answer, &world, person).unwrap();
        assert_eq!(through_so.outcome, whole, "{script}");
        let part = through_so.parts.iter().find(|part| part.part == name).unwrap();
        assert_eq!((part.outcome, part.code.as_deref()), (own, None), "{script}");

        let direct = ask(&one(&fund), |r, w| mock::answer_fund(r, w, &fund), &world, person).unwrap();
        assert_eq!(direct.outcome, own, "{script}");
        for answer in [through_so, direct] {
            assert_eq!(!section(&answer).payments().is_empty(), facts, "{script}");
            let note = Note::UnknownCode("StatusSvarandeOrganisation");
            assert_eq!(answer.notes, if noted { vec![note] } else { vec![] }, "{script}");
        }
    }
}

#[test]
fn a_fault_a_refusal_and_an_http_failure_are_told_apart() {
    let world = Mock::scripted("soap-fault");
    let person = world.person(is_paid);
    let answer = ask(&all(), mock::answer, &world, person).unwrap();
    assert_eq!((answer.outcome, answer.fault_code.as_deref()), (Outcome::FailedAtSource, Some("Server")));
    let question = crate::test_world::question(person);
    assert_eq!(all().answer(&question, http(503, "")).unwrap().outcome, Outcome::FailedAtSource);
    assert!(all().answer(&question, http(200, "")).is_err());
}

#[test]
fn a_status_text_is_recognised_when_configuration_says_so() {
    let world = Mock::scripted("fund-unknown-status-facts");
    let person = world.person(is_paid);
    let texts = StatusTexts::with([("kod 17".to_owned(), Outcome::Answered)]);
    let answer = ask(&Codec::all_funds(texts), mock::answer, &world, person).unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
    assert!(answer.notes.is_empty());
}

#[test]
fn a_fund_that_should_be_there_and_is_not_counts_as_failed() {
    let world = Mock::scripted("missing-fund");
    let person = world.person(is_paid);
    let name = mock_agencies::facts::so::fund_name(person.fund.as_ref().unwrap());
    let answer = ask(&all().expecting(vec![name.clone()]), mock::answer, &world, person).unwrap();
    assert_eq!(answer.outcome, Outcome::AnsweredInPart);
    let part = answer.parts.iter().find(|part| part.part == name).unwrap();
    assert_eq!(part.outcome, Outcome::FailedAtSource);

    let world = Mock::scripted("empty-list");
    let answer = ask(&all().expecting(vec![name]), mock::answer, &world, world.person(is_paid)).unwrap();
    assert_eq!(answer.outcome, Outcome::FailedAtSource);
    let answer = ask(&all(), mock::answer, &world, world.person(is_paid)).unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
    assert!(section(&answer).funds.is_empty());
}

#[test]
fn a_fund_answers_with_exactly_one_entry() {
    for script in ["two-entries", "empty-list"] {
        let world = Mock::scripted(script);
        let person = world.person(is_paid);
        let fund = person.fund.clone().unwrap();
        let answered = ask(&one(&fund), |r, w| mock::answer_fund(r, w, &fund), &world, person);
        assert_eq!(answered.unwrap_err().0, "a fund answers with exactly one entry", "{script}");
    }
}

#[test]
fn an_answer_about_another_person_is_refused_whole() {
    let world = Mock::scripted("other-person");
    let refused = ask(&all(), mock::answer, &world, world.person(is_paid)).unwrap_err();
    assert_eq!(refused.0, "the answer is about another person");
}

#[test]
fn what_departs_from_the_schema_is_noted_and_costs_one_line_at_most() {
    let cases = [
        ("inverted-period", Outcome::AnsweredInPart, Note::NotUnderstood("AvserTom")),
        ("fine-decimal", Outcome::Answered, Note::Rounded("Ersattningsdagar")),
        ("stray-namespace", Outcome::Answered, Note::OtherVersion("Arbetsloshetsersattning")),
    ];
    for (script, outcome, note) in cases {
        let world = Mock::scripted(script);
        let person = world.person(is_paid);
        let fund = person.fund.clone().unwrap();
        let through_so = ask(&all(), mock::answer, &world, person).unwrap();
        let direct = ask(&one(&fund), |r, w| mock::answer_fund(r, w, &fund), &world, person).unwrap();
        for answer in [through_so, direct] {
            assert_eq!(answer.outcome, outcome, "{script}");
            assert!(answer.notes.contains(&note), "{script}: {:?}", answer.notes);
        }
    }
}

#[test]
fn an_application_without_a_decision_is_nil_and_not_absent() {
    let world = Mock::scripted("nil-decision");
    let person = world.person(is_paid);
    let fund = person.fund.clone().unwrap();
    let answer = ask(&one(&fund), |r, w| mock::answer_fund(r, w, &fund), &world, person).unwrap();
    let application = section(&answer).funds[0].application.as_ref().unwrap();
    assert!(application.right_decided_on.is_none() && application.claim_submitted == Some(true));
}

#[test]
fn both_net_amounts_are_carried_under_their_own_names() {
    let world = Mock::new(1);
    let person = world.person(is_paid);
    let section = mock_agencies::facts::so::section(person, &period(), today());
    let fund = section.funds.iter().find(|fund| !fund.payments.is_empty()).unwrap();
    let lines = section.payments();
    assert_eq!(lines.len(), fund.payments.len());
    for (line, payment) in lines.iter().zip(&fund.payments) {
        let told = [payment.net_after_tax.unwrap(), payment.net_after_deductions.unwrap()];
        assert_eq!(line.net, [(NetKind::AfterTax, told[0]), (NetKind::AfterDeductions, told[1])]);
        assert_eq!(line.payer, fund.name);
        assert_eq!((line.paid_on, line.covers), (payment.paid_on, payment.covers));
        assert_eq!((line.days, line.state), (payment.days, PaymentState::Paid));
        assert!(line.gross.is_none() && line.tax.is_none() && line.deduction.is_none());
    }
}

#[test]
fn the_funds_silence_about_protection_says_nothing() {
    let world = Mock::new(1);
    let section = mock_agencies::facts::so::section(world.person(is_paid), &period(), today());
    assert_eq!(section.protection(), ProtectionSignal::CannotSay);
}

#[test]
fn every_question_and_answer_follows_the_published_schema() {
    crate::test_schema::all_follow(
        "schemas/ubpservice/int014/UnemploymentBenefitPaymentService.xsd",
        &all(),
        mock::answer,
        &["fund-unknown-status", "fund-fault", "nil-decision", "empty-list", "no-such-person"],
        is_paid,
    );
}
