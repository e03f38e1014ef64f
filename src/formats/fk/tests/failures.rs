//! Every way in which LEFI fails, and every way in which the failure hides.

use mock_agencies::population::Situation;
use ssbtek_domain::{
    Note, Outcome, Protection, ProtectionSignal,
    payment::PaymentState,
    sections::{self, Facts},
};

use super::{ask, facts_of, part};
use crate::{Codec, Refused, test_world::Mock};

fn scripted(script: &str) -> Result<ssbtek_domain::SourceAnswer, Refused> {
    let mock = Mock::scripted(script);
    let person = mock.person(|person| person.situation == Situation::Parent);
    ask(&mock, person)
}

#[test]
fn a_failure_inside_a_successful_answer_is_found_per_provider_and_per_type() {
    use Outcome::{Answered, AnsweredInPart, FailedAtSource, NotPermitted};
    let code = |code: &str| Some(code.to_owned());
    for (script, whole, fk, pm) in [
        ("", Answered, (Answered, None), (Answered, None)),
        ("fk-down", AnsweredInPart, (FailedAtSource, code("FELANDE")), (Answered, None)),
        ("pm-down", AnsweredInPart, (Answered, None), (FailedAtSource, code("OTILLGANGLIG"))),
        ("both-down", FailedAtSource, (FailedAtSource, code("FELANDE")), (FailedAtSource, code("FELANDE"))),
        ("unknown-state", AnsweredInPart, (Answered, None), (FailedAtSource, code("STANGT"))),
        ("unlisted", FailedAtSource, (FailedAtSource, None), (FailedAtSource, None)),
        ("avvikelse", AnsweredInPart, (AnsweredInPart, None), (Answered, None)),
        ("obehorig", AnsweredInPart, (AnsweredInPart, None), (Answered, None)),
        ("gepi-avvikelse", AnsweredInPart, (AnsweredInPart, None), (Answered, None)),
        ("unknown-avvikelse", AnsweredInPart, (AnsweredInPart, None), (Answered, None)),
        ("all-obehorig", NotPermitted, (NotPermitted, None), (NotPermitted, None)),
    ] {
        let answer = scripted(script).unwrap();
        assert_eq!(answer.outcome, whole, "{script}");
        assert_eq!(part(&answer, "FK"), fk, "{script}");
        assert_eq!(part(&answer, "PM"), pm, "{script}");
        assert_eq!(answer.section.is_some(), !matches!(whole, FailedAtSource | NotPermitted), "{script}");
    }
}

/// An answer that says "OK" of Försäkringskassan and has none of its facts: nobody has said that there are none.
#[test]
fn an_answer_without_forsakringskassans_own_facts_is_none_in_full_whatever_its_state_says() {
    let mock = Mock::new(1);
    let person = mock.person(|person| person.situation == Situation::Parent);
    let question = crate::test_world::question(person);
    let read = |more: &str| {
        let states = r#"[{"utlamnare":{"kod":"FK"},"tillstand":{"kod":"OK"}},{"utlamnare":{"kod":"PM"},"tillstand":{"kod":"OK"}}]"#;
        let body = format!(r#"{{"utlamnare":{states}{more}}}"#);
        super::lefi().answer(&question, crate::test_world::http(200, body)).unwrap()
    };
    for more in [
        "",
        r#","fel":"Tjänsten är stängd""#,
        r#","formansinformation":null"#,
        r#","formansinformation":"stängt""#,
    ] {
        let answer = read(more);
        assert_eq!(answer.outcome, Outcome::AnsweredInPart, "{more}");
        assert_eq!(part(&answer, "FK").0, Outcome::AnsweredInPart, "{more}");
        assert!(
            answer.notes.contains(&Note::NotUnderstood("formansinformation")),
            "{more}: {:?}",
            answer.notes
        );
    }
    assert_eq!(read(r#","formansinformation":{}"#).outcome, Outcome::Answered, "an empty one says so");
}

#[test]
fn each_deviation_is_a_part_of_its_own() {
    let single = |script, name| part(&scripted(script).unwrap(), name);
    let internal = (Outcome::FailedAtSource, Some("INTERNT_FEL".to_owned()));
    assert_eq!(single("avvikelse", "formansinformation/FK:SJP"), internal);
    assert_eq!(single("gepi-avvikelse", "ovrigInformation/FK:GEPI"), internal);
    assert_eq!(
        single("obehorig", "formansinformation/FK:BOB"),
        (Outcome::NotPermitted, Some("OBEHORIG".to_owned()))
    );
    let unknown = scripted("unknown-avvikelse").unwrap();
    assert_eq!(
        part(&unknown, "utbetalningar/FK:NYTT"),
        (Outcome::FailedAtSource, Some("STROMAVBROTT".to_owned()))
    );
    assert!(unknown.notes.contains(&Note::UnknownCode("avvikelse")));
    assert!(unknown.notes.contains(&Note::UnknownCode("avvikelser")));
}

#[test]
fn a_failing_status_is_a_failure_with_its_number_and_no_text() {
    for status in ["400", "403", "500", "503"] {
        let answer = scripted(status).unwrap();
        assert_eq!(answer.outcome, Outcome::FailedAtSource);
        assert_eq!(answer.fault_code.as_deref(), Some(status));
        assert!(answer.section.is_none() && answer.original.is_none());
    }
}

#[test]
fn an_answer_that_breaks_its_contract_is_refused_whole() {
    for (script, reason) in [
        ("other-person", "the answer is about another person"),
        ("duplicate-key", "JSON with a duplicate key"),
        ("utf-16", "not a JSON document in UTF-8"),
        ("html", "not a JSON document in UTF-8"),
    ] {
        assert_eq!(scripted(script).err().map(|refused| refused.0), Some(reason), "{script}");
    }
}

#[test]
fn another_media_type_or_status_is_refused() {
    use crate::{Codec, HttpAnswer, test_world::question};
    let mock = Mock::new(1);
    let person = mock.person(|_| true);
    let answer = |status, content_type: &str| {
        let content_type = Some(content_type.to_owned());
        super::lefi().answer(&question(person), HttpAnswer { status, content_type, body: b"{}".to_vec() })
    };
    assert!(answer(200, "application/json;charset=UTF-8").is_ok());
    assert!(answer(200, "text/html").is_err());
    assert!(answer(204, "application/json").is_err());
    assert!(answer(302, "application/json").is_err());
}

#[test]
fn the_protected_flag_is_heard_and_its_absence_is_no_denial() {
    let signal = |script: &str| {
        let answer = scripted(script).unwrap();
        answer.section.map(|section| section.facts().protection())
    };
    assert_eq!(signal("protected"), Some(ProtectionSignal::Sekretessmarkering));
    assert_eq!(signal("no-flag"), Some(ProtectionSignal::Unsaid));
    assert_eq!(signal("no-gepi"), Some(ProtectionSignal::Unsaid));
    assert_eq!(signal("gepi-avvikelse"), Some(ProtectionSignal::Unsaid));
    assert_eq!(signal("fk-down"), Some(ProtectionSignal::Unsaid));
    let mock = Mock::new(1);
    let open = mock.person(|person| person.protection == Protection::None);
    assert_eq!(facts_of(&ask(&mock, open).unwrap()).protection(), ProtectionSignal::NotProtected);
}

#[test]
fn numbers_come_through_exactly_however_they_are_written() {
    let exponent = scripted("exponent").unwrap();
    let plain = scripted("").unwrap();
    assert!(exponent.section == plain.section);
    assert!(exponent.original != plain.original);
}

#[test]
fn ten_digits_of_the_right_person_are_the_right_person() {
    let answer = scripted("ten-digits").unwrap();
    assert!(answer.section == scripted("").unwrap().section);
}

#[test]
fn unknown_codes_stay_visible_and_are_noted() {
    let mock = Mock::scripted("unknown-code");
    let pensioner = mock.person(|person| person.situation == Situation::Pensioner);
    let answer = ask(&mock, pensioner).unwrap();
    let code = facts_of(&answer).pm.paid[0].rows[0].amount_type.clone().unwrap();
    assert_eq!(code.id.as_deref(), Some("PM:NYTT"));
    assert_eq!(answer.notes, [Note::UnknownCode("beloppstyp")]);
    // What stands in it may be a list that was asked for.
    let unknown = scripted("unknown-list").unwrap();
    assert_eq!(
        unknown.notes,
        [Note::NotUnderstood("formansinformation"), Note::PassedOver("formansinformation")]
    );
    assert_eq!(unknown.outcome, Outcome::AnsweredInPart);
}

#[test]
fn an_amount_in_another_currency_makes_no_line_and_is_not_lost() {
    let answer = scripted("foreign-currency").unwrap();
    let section = facts_of(&answer);
    assert!(section.payments().iter().all(|line| line.state == PaymentState::Announced));
    assert!(!section.paid.is_empty());
    assert_eq!(answer.notes, [Note::UnknownCode("valuta")]);
    assert_eq!(answer.outcome, Outcome::AnsweredInPart);
    assert_eq!(part(&answer, "FK"), (Outcome::AnsweredInPart, None));
    assert_eq!(part(&answer, "PM"), (Outcome::Answered, None));
}

#[test]
fn somebody_unknown_is_an_empty_answer_and_nothing_more_is_claimed() {
    let mock = Mock::new(1);
    let mut stranger = mock.person(|_| true).clone();
    stranger.number = ssbtek_domain::Personnummer::parse_undated("189001019802").unwrap_or_else(|_| {
        (0..10)
            .find_map(|d| ssbtek_domain::Personnummer::parse_undated(&format!("18900101980{d}")).ok())
            .unwrap()
    });
    let answer = ask(&mock, &stranger).unwrap();
    assert_eq!(answer.outcome, Outcome::Answered);
    assert!(*facts_of(&answer) == sections::fk::Section::default());
}
