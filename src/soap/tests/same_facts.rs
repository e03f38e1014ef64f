//! Whatever way an agency's answer takes into the contract's payload, a reader finds the same facts in it. The reader is
//! the agency's own codec, the agency a mock, the persons generated.

#![expect(clippy::unwrap_used, reason = "tests")]

use base64::{Engine, engine::general_purpose::STANDARD};
use mock_agencies::{
    Population, TestPerson,
    own_format::{self, Request, Response, World},
};
use ssbtek_domain::{
    Agency, AskingParty, CaseId, CaseWorkerId, EntryId, HoldBack, LegalBasis, NaiveDate, OrganisationNumber,
    Original, Outcome, Period, Purpose, Question, SourceAnswer, Wanted,
    sections::{Section, so::StatusTexts},
    verdict::withhold,
};
use ssbtek_formats::{
    Codec, HttpAnswer, af, csn,
    fk::{ActorId, Actors, InformationTypes, Lefi},
    miv, skv, so, tns,
};
use ssbtek_soap::{
    AGENCIES, AgencyAnswer, Answered, InformationQuestion, LIMITS, Origin, Reported, SoapQuestion, Version,
    answer, compose, parse, payload, relay,
};
use ssbtek_xml::{Document, Limits, soap};

struct Mocks(Population);

impl World for Mocks {
    fn find(&self, number: &str) -> Option<&TestPerson> {
        self.0.find(number)
    }
    fn today(&self) -> NaiveDate {
        today()
    }
    fn scripted(&self) -> Option<&str> {
        None
    }
}

fn today() -> NaiveDate {
    "2026-11-22".parse().unwrap()
}

fn mocks() -> Mocks {
    Mocks(Population::generate(4, 30, today()))
}

fn codec(agency: Agency) -> Box<dyn Codec> {
    match agency.code() {
        "AF" => Box::new(af::Codec::default()),
        "CSN" => Box::new(csn::Csn),
        "FK" => {
            let actors = Actors::Same(ActorId::parse("a-1").unwrap());
            Box::new(Lefi::new(actors, InformationTypes::default()))
        }
        "SKV" => Box::new(skv::Skv::v10()),
        "SO" => Box::new(so::Codec::all_funds(StatusTexts::default())),
        "TNS" => Box::new(tns::Codec::default()),
        "MIV" => Box::new(miv::Codec::default()),
        other => panic!("{other} has no place in the contract"),
    }
}

fn mock(agency: Agency, request: &Request<'_>, world: &dyn World) -> Response {
    match agency.code() {
        "AF" => own_format::af::answer(request, world),
        "CSN" => own_format::csn::answer(request, world),
        "FK" => own_format::fk::answer(request, world),
        "SKV" => own_format::skv::answer(request, world),
        "SO" => own_format::so::answer(request, world),
        "TNS" => own_format::tns::answer(request, world),
        "MIV" => own_format::miv::answer(request, world),
        other => panic!("{other} has no place in the contract"),
    }
}

/// The question as the agency is asked it.
fn question(person: &TestPerson) -> Question {
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse("162120000142").unwrap(),
            name: "Prövköping".to_owned(),
            case_worker: CaseWorkerId::parse("anna01").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-1").unwrap(),
        person: person.number.clone(),
        period: period(),
        purpose: Purpose::parse("Ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis("SFS 2008:975".to_owned()),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: "2026-11-22T08:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    }
}

fn period() -> Period {
    Period::new("2026-10-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap()
}

/// The same question as a case system asks it; `MIV` repeats the entry's number.
fn soap_question(person: &TestPerson, agency: Agency) -> InformationQuestion {
    asked_with(person, |code| format!(r#"<{code} inkludera="{}"/>"#, code == agency))
}

/// The same with a LEFI question of the caller's own.
fn lefi_question(person: &TestPerson, lefi: &str) -> InformationQuestion {
    let encoded = STANDARD.encode(lefi);
    asked_with(person, |code| match code {
        Agency::Fk => format!(
            r#"<FK inkludera="true"><fraga><aktorsid>a</aktorsid><lefiJsonFraga>{encoded}</lefiJsonFraga></fraga></FK>"#
        ),
        _ => String::new(),
    })
}

fn asked_with(person: &TestPerson, block: impl Fn(Agency) -> String) -> InformationQuestion {
    let blocks: String = AGENCIES.map(block).concat();
    let text = format!(
        r#"<e:Envelope xmlns:e="{}"><e:Body><hamtaBastjanstInformation xmlns="{}"><generellaFrageparametrar><korrelationsid>{}</korrelationsid><ingivare><organisationsnummer>162120000142</organisationsnummer><namn>Prövköping</namn><handlaggare>anna01</handlaggare></ingivare><personidentitet>{}</personidentitet><arendeidentitet>EB-1</arendeidentitet><tidsperiod><fromDatum>2026-10-01</fromDatum><tomDatum>2026-11-30</tomDatum></tidsperiod><syfte>Ekonomiskt bistånd</syfte><lagtext>SFS 2008:975</lagtext></generellaFrageparametrar><specifikaFrageparametrar>{blocks}</specifikaFrageparametrar></hamtaBastjanstInformation></e:Body></e:Envelope>"#,
        soap::NAMESPACE,
        Version::V10.namespace(),
        EntryId::from_bytes([7; 16]),
        person.number.expose(),
    );
    match parse(text.as_bytes(), Some("text/xml"), &LIMITS, today()).unwrap() {
        SoapQuestion::Information(question) => *question,
        SoapQuestion::Test(_) => panic!("not a trial"),
    }
}

/// What the agency answers, read by its codec.
fn told(agency: Agency, person: &TestPerson, world: &Mocks) -> SourceAnswer {
    let (codec, question) = (codec(agency), question(person));
    let asked = codec.question(&question).unwrap();
    let told = mock(agency, &Request { path: &asked.path, body: &asked.body }, world);
    codec.answer(&question, HttpAnswer { status: told.status, content_type: None, body: told.body }).unwrap()
}

/// Writes the payload into a whole answer, takes it out again as a client would, and has the agency's codec read it.
fn read_back(agency: Agency, person: &TestPerson, payload: AgencyAnswer) -> Section {
    let AgencyAnswer::Data(_) = &payload else { panic!("{agency}: data expected, not {payload:?}") };
    let soap_question = soap_question(person, agency);
    let message = answer(&soap_question, &[(agency, payload)].into());
    let limits = Limits { max_bytes: 8 << 20, max_nodes: 500_000, ..Limits::default() };
    let document = Document::parse(&message, &limits).unwrap();
    let down = |path: &str| {
        path.split('/').fold(document.root(), |element, name| element.child_named(name).unwrap())
    };
    let data = down(&format!("Body/hamtaBastjanstInformationResponse/svarsdata/{agency}/data"));
    let inside: String = data.elements().iter().map(|child| document.standalone(child)).collect();
    let body = match root_of(agency) {
        Some((namespace, name)) => format!(
            r#"<e:Envelope xmlns:e="{}"><e:Body><r:{name} xmlns:r="{namespace}">{inside}</r:{name}></e:Body></e:Envelope>"#,
            soap::NAMESPACE
        )
        .into_bytes(),
        None => STANDARD.decode(data.elements()[0].text()).unwrap(),
    };
    let answer = HttpAnswer { status: 200, content_type: None, body };
    codec(agency).answer(&question(person), answer).unwrap().section.unwrap()
}

fn root_of(agency: Agency) -> Option<(&'static str, &'static str)> {
    match agency.code() {
        "AF" => Some(("http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2", "SvarMeddelande")),
        "SO" => Some(("http://INT014.UBPService.Schemas", "GetUnemploymentBenefitPaymentResponse")),
        "TNS" => Some((
            "http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1",
            "HamtaUppgifterResponse",
        )),
        "MIV" => Some(("http://schema.migrationsverket.se/ssbtek/1/", "findByPersonnummerResponse")),
        "SKV" => Some(("http://beskattningws.ws.service.bs.zg.rsv.se/", "BeskattningsuppgifterResponse")),
        "CSN" | "FK" => None,
        other => panic!("{other} has no place in the contract"),
    }
}

/// Every person at every agency that has facts about them.
fn each(mut check: impl FnMut(Agency, &TestPerson, SourceAnswer)) {
    let world = mocks();
    for agency in AGENCIES {
        let mut seen = 0;
        for person in world.0.persons() {
            let told = told(agency, person, &world);
            if told.section.is_some() {
                seen += 1;
                check(agency, person, told);
            }
        }
        assert!(seen > 10, "{agency}: {seen} answers with facts are too few to prove anything");
    }
}

#[test]
fn an_answer_relayed_unchanged_holds_the_same_facts() {
    each(|agency, person, told| {
        let payload = relay(agency, &told.original.unwrap()).unwrap();
        assert!(read_back(agency, person, AgencyAnswer::Data(payload)) == told.section.unwrap(), "{agency}");
    });
}

#[test]
fn an_answer_written_from_its_facts_holds_the_same_facts() {
    each(|agency, person, told| {
        let question = soap_question(person, agency);
        let section = told.section.unwrap();
        let answered = Answered {
            section: &section,
            parts: &told.parts,
            faults: &[],
            original: None,
            withheld: false,
            held_back: HoldBack::Nothing,
        };
        let written =
            payload(Version::V10, &question.told(agency), &question.agencies[&agency].asked, &answered);
        assert!(read_back(agency, person, written) == section, "{agency}");
    });
}

#[test]
fn fks_answer_written_anew_holds_nothing_that_is_withheld_and_every_payment() {
    let mut withheld = (0, 0);
    each(|agency, person, told| {
        if agency != Agency::Fk {
            return;
        }
        let whole = told.section.unwrap();
        for held in [HoldBack::Nothing, HoldBack::Home, HoldBack::Whereabouts] {
            let mut hidden = whole.clone();
            withheld.1 += usize::from(!hidden.facts_mut().withhold_third_parties().is_empty());
            withheld.0 += usize::from(!withhold(hidden.facts_mut(), held, false).is_empty());
            let question = soap_question(person, agency);
            let answered = Answered {
                section: &hidden,
                parts: &told.parts,
                faults: &[],
                original: None,
                withheld: true,
                held_back: held,
            };
            let asked = &question.agencies[&agency].asked;
            let written = payload(Version::V10, &question.told(agency), asked, &answered);
            let mut read = read_back(agency, person, written);
            assert!(read.facts().protection() == whole.facts().protection());
            assert!(read.facts().payments() == hidden.facts().payments());
            assert_eq!(withhold(read.facts_mut(), held, false), [""; 0]);
            assert_eq!(read.facts_mut().withhold_third_parties(), [""; 0]);
            assert_eq!(read.facts().payments().len(), whole.facts().payments().len());
        }
    });
    assert!(withheld.0 > 0 && withheld.1 > 0, "the population has something to withhold");
}

#[test]
fn fks_facts_written_anew_tell_only_what_the_callers_own_question_asked_for() {
    let (mut told_something, mut other_left_out) = (0, 0);
    each(|agency, person, told| {
        if agency != Agency::Fk {
            return;
        }
        let Some(Section::Fk(whole)) = told.section else { panic!("FK's facts") };
        let lefi = format!(
            r#"{{"personnummer":"{}","period":{{"from":"2026-10-01","tom":"2026-11-30"}},"utbetalningar":["FK:SJP","PM:AP"]}}"#,
            person.number.expose()
        );
        let question = lefi_question(person, &lefi);
        let section = Section::Fk(whole.clone());
        let answered = Answered {
            section: &section,
            parts: &told.parts,
            faults: &[],
            original: None,
            withheld: false,
            held_back: HoldBack::Nothing,
        };
        let asked = &question.agencies[&agency].asked;
        let written = payload(Version::V10, &question.told(agency), asked, &answered);
        let Section::Fk(read) = read_back(agency, person, written) else { panic!("FK's facts") };
        assert!(read.paid == whole.paid && read.pm.paid.len() <= whole.pm.paid.len());
        assert!(read.matters.is_empty() && read.announced.is_empty() && read.pm.decisions.is_empty());
        assert!(read.general.iter().all(|known| known.addresses.is_empty() && known.name.is_none()));
        assert!(Section::Fk(read).facts().protection() == section.facts().protection());
        told_something += usize::from(!whole.paid.is_empty());
        other_left_out += usize::from(!whole.matters.is_empty());
    });
    assert!(told_something > 0 && other_left_out > 0);
}

#[test]
fn bytes_of_the_brokers_own_agency_contract_are_never_relayed() {
    for agency in AGENCIES {
        let original = Original { media_type: "application/protobuf", bytes: b"<a/>".to_vec() };
        assert!(relay(agency, &original).is_err());
        let person = &mocks().0.persons()[0].number.clone();
        let question = soap_question(&mocks().0.persons()[0], agency);
        let mut told = question.told(agency);
        told.person = person;
        let reported = Reported {
            faults: &[],
            household: &[],
            outcome: Outcome::NoSuchPerson,
            parts: &[],
            fault_code: None,
            section: None,
            original: Some(&original),
            held_back: HoldBack::Nothing,
            withheld: false,
            not_sent: false,
        };
        assert!(matches!(compose(&question, agency, &told, &reported), AgencyAnswer::Error(_)), "{agency}");
    }
}

#[test]
fn a_question_that_was_not_sent_is_told_as_such_and_not_as_a_failure_of_the_agency() {
    let question = soap_question(&mocks().0.persons()[0], Agency::Skv);
    let reported = Reported {
        faults: &[],
        household: &[],
        outcome: Outcome::FailedAtSource,
        parts: &[],
        fault_code: None,
        section: None,
        original: None,
        held_back: HoldBack::Nothing,
        withheld: false,
        not_sent: true,
    };
    let told = question.told(Agency::Skv);
    let AgencyAnswer::Error(error) = compose(&question, Agency::Skv, &told, &reported) else { panic!() };
    assert_eq!((error.origin, error.code.as_str()), (Origin::Ssbt, "SSBT_ANNAN_VERSION"));
}
