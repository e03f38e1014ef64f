use ssbtek_domain::{Agency, Wanted};
use ssbtek_soap::{AGENCIES, Asked, LIMITS, Operation, SoapQuestion, Version, parse};

use super::support::*;

#[test]
fn every_field_of_the_contract_is_read() {
    let mut draft = Draft::new(V11).asking_all();
    draft.before =
        "<frageTidpunkt>2026-11-22T10:15:00.5+01:00</frageTidpunkt><korrelationsid>k-1</korrelationsid>\
                    <fraganSkallInkluderasISvaret>1</fraganSkallInkluderasISvaret>"
            .to_owned();
    let question = draft.read().unwrap();
    assert_eq!(question.version, Version::V11);
    assert_eq!(question.asked_at.as_ref().unwrap().as_str(), "2026-11-22T10:15:00.5+01:00");
    assert_eq!(question.correlation_id.as_deref(), Some("k-1"));
    assert!(question.echo);
    assert_eq!(question.asker.organisation.as_str(), "162120000142");
    assert_eq!(question.asker.name, "Prövköpings kommun");
    assert_eq!(question.asker.case_worker.as_str(), "anna01");
    assert_eq!(question.person.expose(), PERSON);
    assert_eq!(question.case.as_str(), "EB-2026-17");
    assert_eq!(question.period.from().to_string(), "2026-09-01");
    assert_eq!(question.purpose.as_str(), "Ekonomiskt bistånd");
    assert_eq!(question.legal_basis.0, "SFS 2008:975");
    assert_eq!(question.agencies.keys().copied().collect::<Vec<_>>(), AGENCIES);
    assert!(question.agencies.values().all(|asked| asked.refusal.is_none()));

    let Asked::Lefi(lefi) = &question.agencies[&Agency::Fk].asked else { panic!("LEFI") };
    assert_eq!(lefi.actor_id(), "9255f428-4ba0");
    assert_eq!(lefi.json(), lefi_json().as_bytes());
    assert_eq!(lefi.period().from().to_string(), "2026-08-01");
    assert_eq!(
        lefi.information().iter().map(String::as_str).collect::<Vec<_>>(),
        ["FK:GEPI", "FK:SJP", "PM:AP"]
    );
    let Wanted::Skv(skv) = question.agencies[&Agency::Skv].asked.wanted() else { panic!("SKV") };
    assert_eq!(skv.years, [2025, 2024]);
    assert!(skv.company_information && skv.individual_statements && !skv.tax_account);
}

#[test]
fn a_lenient_clients_question_is_read() {
    // Prefixes of its own on every level, white space everywhere, nothing optional, zones on dates, an unused header, a
    // comment, a declaration; the content type and the charset in the client's own spelling.
    let text = format!(
        r#"<?xml version='1.0' encoding='utf-8' standalone="yes"?>
        <!-- from a case system -->
        <SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
          <SOAP-ENV:Header/>
          <SOAP-ENV:Body>
            <ns2:hamtaBastjanstInformation xmlns:ns2="{V10}" xmlns="{V11}">
              <ns2:generellaFrageparametrar>
                <ns2:korrelationsid xsi:nil="true"/>
                <ns2:ingivare>
                  <ns2:organisationsnummer> 162120000142 </ns2:organisationsnummer>
                  <ns2:namn>Prövköpings &amp; Testby <![CDATA[<kommun>]]></ns2:namn>
                  <x:handlaggare xmlns:x="{V10}">anna01</x:handlaggare>
                </ns2:ingivare>
                <ns2:personidentitet>
                  {PERSON}
                </ns2:personidentitet>
                <ns2:arendeidentitet>1</ns2:arendeidentitet>
                <ns2:tidsperiod>
                  <ns2:fromDatum>2026-09-01+02:00</ns2:fromDatum>
                  <ns2:tomDatum>2026-11-30Z</ns2:tomDatum>
                </ns2:tidsperiod>
                <ns2:syfte>EB</ns2:syfte>
                <ns2:lagtext>SoL</ns2:lagtext>
              </ns2:generellaFrageparametrar>
              <ns2:specifikaFrageparametrar>
                <ns2:AF inkludera=" 1 "/>
                <ns2:CSN inkludera="true"></ns2:CSN>
                <ns2:FK inkludera="true"/>
                <ns2:SKV inkludera="true"/>
                <ns2:SO inkludera="false"><ns2:tidsperiod/></ns2:SO>
                <ns2:TNS inkludera="0"/>
                <ns2:MIV inkludera="false"/>
              </ns2:specifikaFrageparametrar>
            </ns2:hamtaBastjanstInformation>
          </SOAP-ENV:Body>
        </SOAP-ENV:Envelope>
        "#
    );
    for content_type in ["text/xml", "text/xml;charset=UTF-8", "Text/XML; Charset=\"utf-8\"; action=\"\""] {
        let question = parse(text.trim().as_bytes(), Some(content_type), &LIMITS, today()).unwrap();
        let question = information(question).unwrap();
        assert_eq!(question.version, Version::V10);
        assert_eq!(question.asker.name, "Prövköpings & Testby <kommun>");
        assert_eq!(question.period.to().to_string(), "2026-11-30");
        assert!(!question.echo && question.asked_at.is_none() && question.correlation_id.is_none());
        let asked: Vec<_> = question.agencies.keys().copied().collect();
        assert_eq!(asked, [Agency::Af, Agency::Csn, Agency::Fk, Agency::Skv]);
        for (agency, asked) in &question.agencies {
            let document = matches!(asked.asked, Asked::SkvDocument);
            assert!(
                document == (*agency == Agency::Skv) && (document || matches!(asked.asked, Asked::Standard))
            );
        }
    }
}

#[test]
fn a_question_in_utf_16_is_read() {
    let text = Draft::new(V10).envelope();
    let bytes: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let question = parse(&bytes, Some("text/xml; charset=utf-16"), &LIMITS, today()).unwrap();
    assert_eq!(information(question).unwrap().asker.name, "Prövköpings kommun");
}

#[test]
fn an_agencys_own_period_stands_before_the_general_one() {
    let own = "<tidsperiod><fromDatum>2026-10-01</fromDatum><tomDatum>2026-10-31</tomDatum></tidsperiod>";
    let question = Draft::new(V10).asking("SO", own).asking("AF", "").read().unwrap();
    assert_eq!(question.period_for(Agency::So).from().to_string(), "2026-10-01");
    assert_eq!(question.period_for(Agency::Af).from().to_string(), "2026-09-01");
}

#[test]
fn processors_stand_in_the_order_of_their_numbers() {
    let mut draft = Draft::new(V10);
    let one = |number: &str, name: &str| {
        format!(
            "<personuppgiftsbitrade>{number}<organisationsnummer>162120000142</organisationsnummer><namn>{name}</namn></personuppgiftsbitrade>"
        )
    };
    draft.processors = one("", "sist")
        + &one("<ordningsnummer>2</ordningsnummer>", "b")
        + &one("<ordningsnummer>-1</ordningsnummer>", "a")
        + &one("", "allra sist");
    let names: Vec<_> =
        draft.read().unwrap().sender().processors.into_iter().map(|processor| processor.name).collect();
    assert_eq!(names, ["a", "b", "sist", "allra sist"]);
}

#[test]
fn a_long_case_identity_stops_nobody_and_a_long_case_worker_stops_csn_and_no_one_else() {
    let mut draft = Draft::new(V10).asking("CSN", "").asking("AF", "");
    draft.case = format!("<arendeidentitet>{}</arendeidentitet>", "Å".repeat(64));
    assert!(draft.read().unwrap().agencies[&Agency::Csn].refusal.is_none(), "CSN is told an alias");
    draft.asker = draft.asker.replace("anna01", &"å".repeat(31));
    assert!(draft.read().unwrap().agencies[&Agency::Csn].refusal.is_none());
    draft.asker = draft.asker.replace(&"å".repeat(31), &"å".repeat(32));
    let question = draft.read().unwrap();
    let refusal = question.agencies[&Agency::Csn].refusal.as_ref().unwrap();
    assert_eq!(refusal.code, "-1005");
    assert_eq!(refusal.messages(), ["ingivare/handlaggare: får ha högst 31 tecken hos CSN"]);
    assert!(question.agencies[&Agency::Af].refusal.is_none());
}

#[test]
fn another_lefi_version_stops_fk_and_no_one_else() {
    let inside = fk(&lefi_json()).replace("v9", "v10");
    let question = Draft::new(V10).asking("FK", &inside).asking("AF", "").read().unwrap();
    assert_eq!(question.agencies[&Agency::Fk].refusal.as_ref().unwrap().code, "SSBT_LEFI_VERSION");
    assert!(question.agencies[&Agency::Af].refusal.is_none());
}

#[test]
fn lefi_questions_are_read_however_they_are_laid_out() {
    let spread = format!(
        "{{\n \"ansprak\": null, \"period\": {{\"tom\": \"2026-11-30\", \"from\": \"2026-08-01\"}},\n \"personnummer\": \"{}\", \"beslut\": [\"PM:AP\"] }}",
        &PERSON[2..]
    );
    let encoded: String =
        fk(&spread).replace("</lefi", "\n  </lefi").replace("<lefiJsonFraga>", "<lefiJsonFraga>\r\n ");
    assert!(Draft::new(V10).asking("FK", &encoded).read().is_ok());
}

#[test]
fn the_trial_question_needs_nothing_but_itself() {
    for (namespace, version) in [(V10, Version::V10), (V11, Version::V11)] {
        let text = envelope(&format!(
            r#"<t:testaBastjanstInformation xmlns:t="{namespace}"> </t:testaBastjanstInformation>"#
        ));
        let question = read(text.as_bytes()).unwrap();
        assert!(matches!(question, SoapQuestion::Test(spoken) if spoken == version));
        assert_eq!(question.call().operation, Operation::Testa);
    }
}
