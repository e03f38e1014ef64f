//! What the wire formats' tests share: a small population, a question, and a mock in the same process.

use mock_agencies::{
    Population, TestPerson,
    own_format::{Request, Response, World},
};
use ssbtek_domain::{
    AskingParty, CaseId, CaseWorkerId, EntryId, LegalBasis, NaiveDate, OrganisationNumber, Period, Processor,
    Purpose, Question, SourceAnswer, Wanted,
};
use ssbtek_xml::{Document, Limits};

use crate::{Codec, HttpAnswer, Refused};

pub(crate) struct Mock {
    pub(crate) population: Population,
    pub(crate) script: Option<String>,
}

impl Mock {
    pub(crate) fn new(seed: u64) -> Self {
        Self { population: Population::generate(seed, 12, today()), script: None }
    }

    pub(crate) fn scripted(script: &str) -> Self {
        Self { script: Some(script.to_owned()), ..Self::new(1) }
    }

    /// The first person whom that fits.
    pub(crate) fn person(&self, fits: impl Fn(&TestPerson) -> bool) -> &TestPerson {
        self.population.persons().iter().find(|person| fits(person)).unwrap()
    }
}

impl World for Mock {
    fn find(&self, number: &str) -> Option<&TestPerson> {
        self.population.find(number)
    }
    fn today(&self) -> NaiveDate {
        today()
    }
    fn scripted(&self) -> Option<&str> {
        self.script.as_deref()
    }
}

pub(crate) fn today() -> NaiveDate {
    "2026-11-22".parse().unwrap()
}

pub(crate) fn period() -> Period {
    Period::new("2026-05-01".parse().unwrap(), "2026-12-31".parse().unwrap()).unwrap()
}

pub(crate) fn question(person: &TestPerson) -> Question {
    let organisation = OrganisationNumber::parse("212000-0142").unwrap();
    let processor = |name: &str| Processor { organisation, name: name.to_owned() };
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation,
            name: "Socialnämnden <Norr> & Söder".to_owned(),
            case_worker: CaseWorkerId::parse("hl0042").unwrap(),
            processors: vec![processor("Först AB"), processor("Sedan AB")],
        },
        case: CaseId::parse("EB-2026-17").unwrap(),
        person: person.number.clone(),
        period: period(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis("SFS 2008:975".to_owned()),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: "2026-11-22T08:00:00Z".parse().unwrap(),
        wanted: Wanted::Standard,
    }
}

/// Question → bytes → mock → bytes → answer.
pub(crate) fn ask(
    codec: &dyn Codec,
    mock: impl Fn(&Request<'_>, &dyn World) -> Response,
    world: &Mock,
    person: &TestPerson,
) -> Result<SourceAnswer, Refused> {
    let question = question(person);
    let asked = codec.question(&question).unwrap();
    let told = mock(&Request { path: &asked.path, body: &asked.body }, world);
    codec.answer(&question, http(told.status, told.body))
}

pub(crate) fn http(status: u16, body: impl Into<Vec<u8>>) -> HttpAnswer {
    HttpAnswer { status, content_type: None, body: body.into() }
}

/// The question's payload as text, without the envelope.
pub(crate) fn payload(codec: &dyn Codec, person: &TestPerson) -> String {
    let asked = codec.question(&question(person)).unwrap();
    let document = Document::parse(&asked.body, &Limits::default()).unwrap();
    let payload = &document.root().elements()[0].elements()[0];
    document.raw(payload).to_owned()
}

/// Over the gRPC contract the same facts arrive.
pub(crate) fn assert_survives_grpc(section: &ssbtek_domain::sections::Section) {
    let arrived = ssbtek_wire::section_from_proto(ssbtek_wire::section(section)).unwrap();
    assert!(arrived == *section);
}
