//! Writes what clients are served and answered, for checking against schemas: `contract_samples FOLDER`.
//! All persons in it are made up.

#![expect(clippy::unwrap_used, reason = "a tool for tests")]

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    Agency, HoldBack, NaiveDate, Original, Outcome, Period, Personnummer,
    sections::{Section, af, csn, miv, skv, so, tns},
    verdict::withhold,
};
use ssbtek_soap::{
    AGENCIES, AgencyAnswer, AgencyError, Answered, Call, FaultCode, InformationQuestion, LIMITS, Operation,
    Payload, SkvForm, SoapFault, SoapQuestion, TestResult, Version, answer, fault, parse, payload, relay,
    schema, schema_names, test_answer, wsdl,
};

const PERSON: &str = "198001019804";
const LEFI: &str = r#"{"utlamnare":[{"utlamnare":{"kod":"FK","namn":"Försäkringskassan"},"tillstand":{"kod":"OK"}}],"avvikelser":[],"formansinformation":{"generellPersoninformation":[{"personnummer":"198001019804","skyddad":true,"adress":[{"postort":"PÅHITTAD"}]}]}}"#;

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let folder = Path::new(&folder);
    for &version in Version::ALL {
        let number = version.number();
        let served = folder.join("served").join(number.to_string());
        fs::create_dir_all(&served).unwrap();
        fs::write(served.join("service.wsdl"), wsdl(version, "https://broker.example/ssbt")).unwrap();
        for name in schema_names(version) {
            fs::write(served.join(name), schema(version, name, "https://broker.example/ssbt").unwrap())
                .unwrap();
        }
        for (name, bytes) in samples(version) {
            fs::write(folder.join(format!("{number}-{name}.xml")), bytes).unwrap();
        }
    }
}

fn samples(version: Version) -> Vec<(String, Vec<u8>)> {
    let all = question(version, &AGENCIES, true);
    let mut written = vec![
        ("answer-all".to_owned(), answer(&all, &sections(&all, false))),
        ("answer-protected".to_owned(), answer(&all, &sections(&all, true))),
        ("answer-relayed".to_owned(), answer(&all, &relayed(&all))),
        ("answer-none".to_owned(), answer(&question(version, &[], false), &BTreeMap::new())),
    ];
    for agency in AGENCIES {
        let mut sections = sections(&all, false);
        let error = AgencyError::of_outcome(Outcome::TimedOut, None).unwrap().and("Försök igen senare");
        sections.insert(agency, AgencyAnswer::Error(error));
        written.push((format!("answer-without-{agency}"), answer(&all, &sections)));
    }
    let results: BTreeMap<_, _> = AGENCIES
        .map(|agency| {
            let error = (agency == Agency::Csn).then(|| AgencyError::of_agency("-1103", "Påhittat fel"));
            (agency, TestResult { called: true, error })
        })
        .into();
    written.push(("answer-test".to_owned(), test_answer(version, &results)));
    for operation in Operation::ALL {
        let refused = SoapFault::client(FaultCode::Missing, "syfte: saknas").and("lagtext: saknas");
        let written_fault = fault(&refused.in_reply_to(Call { version, operation }));
        written.push((format!("fault-{}", operation.name()), written_fault));
    }
    written
}

fn question(version: Version, agencies: &[Agency], echo: bool) -> InformationQuestion {
    let lefi = format!(
        r#"{{"personnummer":"{PERSON}","period":{{"from":"2026-09-01","tom":"2026-11-30"}},"ovrigInformation":["FK:GEPI"]}}"#
    );
    let inside = |agency: Agency| {
        match agency {
        Agency::Fk => format!(
            "<fraga><version>v9</version><aktorsid>a-1</aktorsid><lefiJsonFraga>{}</lefiJsonFraga></fraga>",
            STANDARD.encode(&lefi)
        ),
        Agency::Skv if version.skv() == SkvForm::Parts => "<fraga><ar>2025</ar><foretagsinformation>true</foretagsinformation>\
            <individuppgifter>true</individuppgifter><skattekonto>true</skattekonto><skatteuppgifter>true</skatteuppgifter>\
            <beskattningsbilagor>true</beskattningsbilagor></fraga>"
            .to_owned(),
        Agency::So => {
            "<tidsperiod><fromDatum>2026-10-01</fromDatum><tomDatum>2026-10-31</tomDatum></tidsperiod>".to_owned()
        }
        _ => String::new(),
    }
    };
    let blocks: String = AGENCIES
        .iter()
        .map(|agency| match agencies.contains(agency) {
            true => format!(r#"<{agency} inkludera="true">{}</{agency}>"#, inside(*agency)),
            false => format!(r#"<{agency} inkludera="false"/>"#),
        })
        .collect();
    let namespace = version.namespace();
    let text = format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><hamtaBastjanstInformation xmlns="{namespace}"><generellaFrageparametrar><frageTidpunkt>2026-11-22T10:00:00+01:00</frageTidpunkt><korrelationsid>k-1</korrelationsid><fraganSkallInkluderasISvaret>{echo}</fraganSkallInkluderasISvaret><ingivare><organisationsnummer>162120000142</organisationsnummer><namn>Prövköping</namn><handlaggare>anna01</handlaggare></ingivare><personidentitet>{PERSON}</personidentitet><arendeidentitet>EB-1</arendeidentitet><tidsperiod><fromDatum>2026-09-01</fromDatum><tomDatum>2026-11-30</tomDatum></tidsperiod><personuppgiftsbitrade><ordningsnummer>1</ordningsnummer><organisationsnummer>162120000142</organisationsnummer><namn>Ombud</namn></personuppgiftsbitrade><syfte>Ekonomiskt bistånd</syfte><lagtext>SFS 2008:975</lagtext></generellaFrageparametrar><specifikaFrageparametrar>{blocks}</specifikaFrageparametrar></hamtaBastjanstInformation></e:Body></e:Envelope>"#
    );
    match parse(text.as_bytes(), Some("text/xml"), &LIMITS, day("2026-11-22")) {
        Ok(SoapQuestion::Information(question)) => *question,
        Ok(SoapQuestion::Test(_)) => panic!("not a trial"),
        Err(refused) => panic!("{:?}", refused.messages()),
    }
}

fn sections(question: &InformationQuestion, protected: bool) -> BTreeMap<Agency, AgencyAnswer> {
    let held_back = if protected { HoldBack::Whereabouts } else { HoldBack::Nothing };
    let mut written: BTreeMap<_, _> = facts(question.version, protected)
        .into_iter()
        .map(|mut section| {
            let withheld = !withhold(section.facts_mut(), held_back, false).is_empty();
            let agency = section.agency();
            let answered =
                Answered { section: &section, parts: &[], faults: &[], original: None, withheld, held_back };
            let asked = &question.agencies[&agency].asked;
            (agency, payload(question.version, &question.told(agency), asked, &answered))
        })
        .collect();
    let original = Original { media_type: "application/json", bytes: LEFI.as_bytes().to_vec() };
    written.insert(Agency::Fk, AgencyAnswer::Data(relay(Agency::Fk, &original).unwrap()));
    written
}

fn facts(version: Version, protected: bool) -> Vec<Section> {
    let person = Personnummer::parse_undated(PERSON).ok();
    let text = |text: &str| Some(text.to_owned());
    let october = Period::new(day("2026-10-01"), day("2026-10-31")).unwrap();
    let report =
        af::ActivityReport { message: af::ReportMessage::Submitted, latest_on: Some(day("2026-11-12")) };
    let registration = af::Registration {
        jobseeker: Some(true),
        category: text("11"),
        registered_on: Some(day("2026-01-01")),
        extent_percent: Some(100),
        deactivated_on: None,
        activity_report: Some(report),
    };
    let decision = af::Decision {
        kind: "AS".into(),
        extent_percent: Some(50),
        from: Some(october.from()),
        to: Some(october.to()),
    };
    let payment = so::FundPayment {
        paid_on: Some(day("2026-10-25")),
        net_after_tax: "8123.50".parse().ok(),
        net_after_deductions: "7000".parse().ok(),
        days: "21.5".parse().ok(),
        covers: Some(october),
    };
    let fund = so::Fund {
        name: "Påhittade kassan".into(),
        status: "OK".into(),
        payments: vec![payment],
        suspensions: vec![october.into()],
        application: Some(so::Application {
            right_decided_on: None,
            right_not_told: false,
            claim_submitted: Some(true),
        }),
    };
    let vehicle = tns::Vehicle {
        registration_number: "ABC123".into(),
        make: "Påhittad".into(),
        year: "2001".into(),
        kind: "PB".into(),
        trade_name: "X".into(),
    };
    let matter = miv::Matter {
        kind: text("UT"),
        decided_on: Some(day("2025-01-01")),
        valid_from: Some(day("2025-01-01")),
        validity: Some(miv::Validity::Permanent),
        ..miv::Matter::default()
    };
    let document = |part: Option<skv::Part>, content: &str| skv::Document {
        part,
        text: text(content),
        reduced: None,
        own: None,
    };
    let documents = match version.skv() {
        SkvForm::Document => vec![document(None, "<Beskattningsuppgifter/>")],
        SkvForm::Parts => skv::Part::ALL.iter().map(|part| document(Some(*part), "{}")).collect(),
    };
    vec![
        Section::Af(af::Section {
            person: person.clone(),
            given_name: text("Test"),
            family_name: text("Person"),
            protected: Some(protected),
            registration: Some(registration),
            decisions: Some(vec![decision]),
            fund_membership: text("Påhittade kassan"),
            status_code: 0,
            status_text: text("OK"),
        }),
        Section::Csn(csn_facts(person.clone(), protected)),
        Section::Skv(skv::Section { person: person.clone(), documents, ..skv::Section::default() }),
        Section::So(so::Section { person: person.clone(), funds: vec![fund, so::Fund::default()] }),
        Section::Tns(tns::Section { person: person.clone(), vehicles: Some(vec![vehicle]) }),
        Section::Miv(miv::Section {
            person,
            home_country: text("X"),
            matters: vec![matter],
            ..miv::Section::default()
        }),
    ]
}

fn csn_facts(person: Option<Personnummer>, protected: bool) -> csn::Section {
    let total = "4711".parse().ok();
    let week = |text| csn::Moment::parse(text).unwrap();
    let span = csn::Span::new(week("202640"), week("202643")).unwrap();
    let row = csn::AmountRow { kind: "GRUNDB".into(), label: "Bidrag".into(), amount: total, total };
    let time = csn::PaidTime { span, amounts: vec![row.clone()], total };
    let paid = csn::PlanPayment { date: None, status: csn::PaymentStatus::Planned, times: vec![time], total };
    let applied =
        csn::AppliedTime { from: Some(day("2026-09-01")), extent: Some(100), ..csn::AppliedTime::default() };
    let granted =
        csn::GrantedTime { span, pace: Some(100), amounts: vec![row], total, ..csn::GrantedTime::default() };
    let case = csn::Case {
        number: "1".into(),
        support: "GRUND".into(),
        label: "Studiemedel".into(),
        status: csn::CaseStatus::Decided,
        applied: vec![applied],
        granted: vec![granted],
        plan: vec![paid.clone()],
        ..csn::Case::default()
    };
    let loan = csn::Case { applied: vec![], granted: vec![], support: "HUT".into(), ..case.clone() };
    csn::Section {
        person,
        sekretess: if protected { csn::Mark::Yes } else { csn::Mark::Blank },
        studiemedel: vec![case.clone()],
        hemutrustningslan: vec![loan],
        omstallningsstudiestod: vec![case],
        ..csn::Section::default()
    }
}

/// Answers as agencies may write them, with prefixes of their own, default namespaces and declarations far out.
fn relayed(question: &InformationQuestion) -> BTreeMap<Agency, AgencyAnswer> {
    let mut sections = sections(question, false);
    let texts = [
        (
            Agency::Tns,
            r#"<ssbt:HamtaUppgifterResponse xmlns:ssbt="http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1" xmlns="http://schema.transportstyrelsen.se/ssbtek/fordon/1"><ssbt:resultat>OK</ssbt:resultat><ssbt:fordonsinnehav><fordon><regnr>A</regnr><fabrikat/><fordonsar/><fordonsslag/><handelsbeteckning><![CDATA[<&]]></handelsbeteckning></fordon></ssbt:fordonsinnehav></ssbt:HamtaUppgifterResponse>"#,
        ),
        (
            Agency::Miv,
            r#"<ns2:findByPersonnummerResponse xmlns:ns2="http://schema.migrationsverket.se/ssbtek/1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><response><correlationid>1</correlationid><svarCollection><svar xsi:nil="true"/></svarCollection></response></ns2:findByPersonnummerResponse>"#,
        ),
    ];
    for (agency, text) in texts {
        let original = Original { media_type: "text/xml", bytes: text.as_bytes().to_vec() };
        let relayed: Payload = relay(agency, &original).unwrap();
        sections.insert(agency, AgencyAnswer::Data(relayed));
    }
    sections
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
