//! A question, deadlines, and the mocks.

use std::{sync::Arc, time::Duration};

use mock_agencies::{MockAgencies, MockConfig, Mocks, Running, TestPerson};
use ssbtek_domain::{
    AskingParty, CaseId, CaseWorkerId, EntryId, FixedClock, LegalBasis, NaiveDate, OrganisationNumber,
    Period, Purpose, Question, Wanted,
};
use tokio::time::Instant;

pub(crate) const NOW: &str = "2026-11-22T08:00:00Z";

/// For answers that come.
pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// For answers that do not come.
pub(crate) fn at_once() -> Instant {
    Instant::now() + Duration::from_millis(300)
}

pub(crate) fn today() -> NaiveDate {
    "2026-11-22".parse().unwrap()
}

pub(crate) fn period() -> Period {
    Period::new("2026-10-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap()
}

pub(crate) fn mocks() -> Mocks {
    Mocks::generate(1, 4, Arc::new(FixedClock::at(NOW.parse().unwrap())))
}

pub(crate) async fn start(mocks: Mocks) -> Running {
    MockAgencies::start(&MockConfig { control_port: None, ..MockConfig::default() }, mocks).await.unwrap()
}

pub(crate) fn question(person: &TestPerson) -> Question {
    Question {
        entry: EntryId::from_bytes([7; 16]),
        asking: AskingParty {
            organisation: OrganisationNumber::parse("212000-0142").unwrap(),
            name: "Ankeborgs kommun".to_owned(),
            case_worker: CaseWorkerId::parse("hl0042").unwrap(),
            processors: vec![],
        },
        case: CaseId::parse("EB-2026-17").unwrap(),
        person: person.number.clone(),
        period: period(),
        purpose: Purpose::parse("ekonomiskt bistånd").unwrap(),
        legal_basis: LegalBasis("SFS 2008:975".to_owned()),
        kinds: ssbtek_domain::Information::all().collect(),
        asked_at: NOW.parse().unwrap(),
        wanted: Wanted::Standard,
    }
}
