use ssbtek_soap::{FaultClass, FaultCode, SoapFault, fault};

use super::support::*;

fn messages(draft: &Draft) -> Vec<String> {
    draft.read().unwrap_err().messages().to_vec()
}

#[test]
fn each_element_that_is_wrong_is_named_with_its_rule() {
    let case = |change: fn(&mut Draft), expected: &str| {
        let mut draft = Draft::new(V11);
        change(&mut draft);
        assert_eq!(messages(&draft), [expected]);
    };
    case(
        |d| d.person = "<personidentitet>198001019803</personidentitet>".into(),
        "personidentitet: kontrollsiffran stämmer inte",
    );
    case(
        |d| d.person = "<personidentitet>19800101-9804</personidentitet>".into(),
        "personidentitet: ska ha 12 siffror, ÅÅÅÅMMDDNNNK",
    );
    case(
        |d| d.person = "<personidentitet>19801301980x</personidentitet>".into(),
        "personidentitet: ska ha siffror och inget annat",
    );
    case(
        |d| d.person = "<personidentitet>198013019804</personidentitet>".into(),
        "personidentitet: börjar inte med ett datum som finns",
    );
    case(
        |d| d.person = "<personidentitet>202612249801</personidentitet>".into(),
        "personidentitet: födelsedatumet ligger i framtiden",
    );
    case(|d| d.person = String::new(), "personidentitet: saknas");
    case(|d| d.case = "<arendeidentitet> </arendeidentitet>".into(), "arendeidentitet: får inte vara tomt");
    case(
        |d| d.case = format!("<arendeidentitet>{}</arendeidentitet>", "x".repeat(65)),
        "arendeidentitet: får ha högst 64 tecken",
    );
    case(|d| d.purpose = String::new(), "syfte: saknas");
    case(|d| d.legal = "<lagtext/>".into(), "lagtext: får inte vara tomt");
    case(
        |d| d.asker = d.asker.replace("162120000142", "162120000143"),
        "ingivare/organisationsnummer: kontrollsiffran stämmer inte",
    );
    case(
        |d| d.asker = d.asker.replace("162120000142", "2120000142"),
        "ingivare/organisationsnummer: ska ha 12 siffror, 16 och organisationsnumrets tio",
    );
    case(
        |d| d.asker = d.asker.replace("<handlaggare>", "<roll/><handlaggare>"),
        "ingivare: har ett element som avtalet inte har på den platsen",
    );
    case(|d| d.asker = String::new(), "ingivare: saknas");
    case(
        |d| d.period = d.period.replace("2026-09-01", "2026-12-01"),
        "tidsperiod: tomDatum ligger före fromDatum",
    );
    case(
        |d| d.period = d.period.replace("2026-09-01", "2026-09-31"),
        "tidsperiod/fromDatum: ska vara ett datum, ÅÅÅÅ-MM-DD",
    );
    case(
        |d| d.before += "<frageTidpunkt>nu</frageTidpunkt>",
        "frageTidpunkt: ska vara en tidpunkt, ÅÅÅÅ-MM-DDTtt:mm:ss",
    );
    case(
        |d| d.before = d.before.replace("false", "nej"),
        "fraganSkallInkluderasISvaret: ska vara true, false, 1 eller 0",
    );
    case(|d| d.person = d.person.repeat(2), "personidentitet: får förekomma högst en gång");
    case(
        |d| d.person = d.person.replace("<personidentitet>", "<personidentitet xmlns=\"urn:x\">"),
        "personidentitet: har en annan namnrymd än frågan",
    );
    case(
        |d| d.person = "<personidentitet><a/></personidentitet>".into(),
        "personidentitet: ska ha text och inga element",
    );
    case(
        |d| *d = d.clone().asking("AF", "<tidsperiod><tomDatum>2026-11-30</tomDatum></tidsperiod>"),
        "AF/tidsperiod/fromDatum: saknas",
    );
    case(|d| *d = d.clone().asking("SKV", ""), "SKV/fraga: saknas: krävs i version 11 när SKV inkluderas");
    case(
        |d| *d = d.clone().asking("SKV", &skv().replace("<skattekonto>false</skattekonto>", "")),
        "SKV/fraga/skattekonto: saknas",
    );
    case(
        |d| *d = d.clone().asking("SKV", &skv().replace("2025", "i fjol")),
        "SKV/fraga/ar: ska vara ett år, ÅÅÅÅ",
    );
    case(
        |d| *d = d.clone().asking("SKV", &skv().replace("true", "false").replace(">1<", ">0<")),
        "SKV/fraga: ingen av de fem delarna är vald",
    );
    case(
        |d| *d = d.clone().asking("MIV", "<tidsperiod/>"),
        "MIV: har ett element som avtalet inte har på den platsen",
    );
    case(|d| *d = d.clone().asking("FK", &fk_raw("%%%")), "FK/fraga/lefiJsonFraga: är inte base64");
    case(
        |d| *d = d.clone().asking("FK", &fk("{\"personnummer\":")),
        "FK/fraga/lefiJsonFraga: är inte välformad JSON",
    );
    case(|d| *d = d.clone().asking("FK", &fk("[]")), "FK/fraga/lefiJsonFraga: är inte ett JSON-objekt");
    case(
        |d| *d = d.clone().asking("FK", &fk(&lefi_json()).replace("9255f428-4ba0", "../x")),
        "FK/fraga/aktorsid: har fel form (bokstäver, siffror och bindestreck)",
    );
}

#[test]
fn a_lefi_question_that_could_be_understood_in_two_ways_is_refused() {
    let refused = |json: &str, rule: &str| {
        let expected = format!("FK/fraga/lefiJsonFraga: {rule}");
        assert_eq!(messages(&Draft::new(V10).asking("FK", &fk(json))), [expected]);
    };
    let form = "följer inte LEFI-frågans form (okänt, saknat eller upprepat fält)";
    let json = lefi_json();
    refused(&json.replacen('{', r#"{"personnummer":"198001019804","#, 1), form);
    refused(&json.replacen('{', r#"{"person\u006eummer":"198001019804","#, 1), form);
    refused(&json.replacen('{', r#"{"medlanare":"198001019804","#, 1), form);
    refused(&json.replace("2026-08-01", "2027-08-01"), "period har fel form");
    refused(&json.replace("FK:SJP", "FK:SJP/../x"), "har en kod med fel form");
    refused(
        &json.replace(r#""FK:SJP","PM:AP""#, "").replace(r#""FK:GEPI""#, ""),
        "frågar inte efter någonting",
    );
}

#[test]
fn a_lefi_question_about_another_person_is_refused() {
    let other = lefi_json().replace(PERSON, "198001029803");
    let expected = "FK/fraga/lefiJsonFraga: personnummer är inte detsamma som personidentitet";
    assert_eq!(messages(&Draft::new(V10).asking("FK", &fk(&other))), [expected]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut draft = Draft::new(V11).asking("SKV", "");
    draft.person = "<personidentitet>1</personidentitet>".into();
    draft.legal = String::new();
    let told = messages(&draft);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(draft.read().unwrap_err().code, FaultCode::Invalid);
}

#[test]
fn an_agency_without_inkludera_is_named() {
    let text = Draft::new(V10).envelope().replace(r#"<SO inkludera="false"/>"#, "<SO/>");
    assert_eq!(read(text.as_bytes()).unwrap_err().messages(), ["SO/@inkludera: saknas"]);
    let text = Draft::new(V10).envelope().replace(r#"<SO inkludera="false"/>"#, r#"<SO inkludera="ja"/>"#);
    assert_eq!(
        read(text.as_bytes()).unwrap_err().messages(),
        ["SO/@inkludera: ska vara true, false, 1 eller 0"]
    );
}

#[test]
fn nothing_that_was_sent_comes_back_in_a_fault() {
    let secret = "hemlig98";
    let mut draft = Draft::new(V11)
        .asking("FK", &fk(&format!(r#"{{"{secret}":1}}"#)))
        .asking("SKV", &skv().replace("2025", secret));
    draft.before = format!("<frageTidpunkt>{secret}</frageTidpunkt><{secret}>1</{secret}>");
    draft.person = format!("<personidentitet>{secret}</personidentitet>");
    draft.asker = draft.asker.replace("162120000142", secret);
    draft.period = draft.period.replace("2026-09-01", secret);
    draft.case = format!("<arendeidentitet>{}</arendeidentitet>", secret.repeat(20));
    let refused = draft.read().unwrap_err();
    assert!(refused.messages().len() >= 7);
    let written = String::from_utf8(fault(&refused)).unwrap();
    assert!(!written.contains(secret) && !format!("{refused:?} {refused}").contains(secret));
}

#[test]
fn debug_of_a_question_holds_nothing_personal() {
    let shown = format!("{:?}", Draft::new(V11).asking_all().read().unwrap());
    assert!(!shown.contains("1980") && !shown.contains("anna01") && !shown.contains("EB-2026"), "{shown}");
}

#[test]
fn a_fault_carries_the_contracts_own_detail() {
    let mut draft = Draft::new(V10);
    draft.person = String::new();
    draft.purpose = String::new();
    let written = tree(&fault(&draft.read().unwrap_err()));
    let told = at(&written, "Body/Fault").unwrap();
    assert_eq!(text_at(told, "faultcode").as_deref(), Some("soap:Client"));
    let detail = told.child_named("detail").unwrap().child(V10, "hamtaBastjanstInformationFault").unwrap();
    assert_eq!(detail.child_text(V10, "felkod"), Some("SSBT_SAKNAS"));
    let told: Vec<_> = detail.children(V10, "felmeddelande").map(|m| m.text()).collect();
    assert_eq!(told, ["personidentitet: saknas", "syfte: saknas"]);
}

#[test]
fn a_fault_before_the_body_was_read_has_no_detail() {
    let written = tree(&fault(&SoapFault::server(FaultCode::Busy, "Förmedlaren är upptagen")));
    let told = at(&written, "Body/Fault").unwrap();
    assert_eq!(text_at(told, "faultcode").as_deref(), Some("soap:Server"));
    assert!(told.child_named("detail").is_none());
}

#[test]
fn a_trial_question_with_something_inside_is_refused_in_its_own_words() {
    let text = envelope(&format!(
        r#"<testaBastjanstInformation xmlns="{V11}"><personidentitet/></testaBastjanstInformation>"#
    ));
    let refused = read(text.as_bytes()).unwrap_err();
    assert_eq!(refused.class, FaultClass::Client);
    let written = tree(&fault(&refused));
    assert!(at(&written, "Body/Fault/detail/testaBastjanstInformationFault").is_some());
}

#[test]
fn codes_are_stable_and_unlike_each_other() {
    let mut codes: Vec<_> = FaultCode::ALL.iter().map(|code| code.as_str()).collect();
    assert!(codes.iter().all(|code| code.starts_with("SSBT_")));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), FaultCode::ALL.len());
}
