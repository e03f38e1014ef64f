//! What every test starts from: a small population on a fixed day.

use std::sync::Arc;

use mock_agencies::{GrpcMock, Mocks, TestPerson};
use ssbtek_domain::{Agency, FixedClock, Source};
use ssbtek_proto::agency::v1::{
    GetPersonFactsRequest, GetPersonFactsResponse, Period, agency_service_client::AgencyServiceClient,
};
use tonic::{Response, Status};

pub(crate) const FK: Source = Source::Agency(Agency::Fk);
pub(crate) const SO: Source = Source::Agency(Agency::So);
pub(crate) const CSN: Source = Source::Agency(Agency::Csn);

pub(crate) fn mocks() -> Mocks {
    let clock = FixedClock::at("2026-11-22T09:00:00Z".parse().unwrap());
    Mocks::generate(1, 20, Arc::new(clock))
}

/// The demo household's applicant, known everywhere.
pub(crate) fn applicant(mocks: &Mocks) -> TestPerson {
    mocks.population.demo_household()[0].clone()
}

pub(crate) fn question(source: &Source, person: &TestPerson) -> GetPersonFactsRequest {
    GetPersonFactsRequest {
        source: source.code().to_owned(),
        entry_id: "0123456789abcdef0123456789abcdef".to_owned(),
        organisation_number: "162120000142".to_owned(),
        organisation_name: "Socialnämnden i Provköping".to_owned(),
        case_worker: "anna.handlaggare".to_owned(),
        case_id: "2026-0001".to_owned(),
        processors: vec![],
        person_number: person.number.expose().to_owned(),
        period: Some(Period { from: "2026-10-01".to_owned(), to: "2026-11-22".to_owned() }),
        purpose: "Ekonomiskt bistånd".to_owned(),
        legal_basis: "SFS 2008:975".to_owned(),
        kinds: vec![],
    }
}

/// Asks without a socket.
pub(crate) async fn ask(
    mocks: &Mocks,
    question: GetPersonFactsRequest,
) -> Result<Response<GetPersonFactsResponse>, Status> {
    AgencyServiceClient::new(GrpcMock::new(mocks.clone(), None)).get_person_facts(question).await
}
