//! `CitizenPortalService`.

use ssbtek_access_log::{Criteria, PageOf, PortalReader, Reading, Selection};
use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::{AskError, Board, Portal, RegisteredCertificate};
use ssbtek_domain::{DateTime, OrganisationNumber, Personnummer, Utc, normal_name};
use ssbtek_proto::broker::v1::{
    FindUsageRequest, FindUsageResponse, HeartbeatRequest, HeartbeatResponse, UsagePeriodRequest,
    UsagePeriodResponse, citizen_portal_service_server::CitizenPortalService,
};
use ssbtek_registry::DeskError;
use tonic::{Request, Response, Status};

use super::{GrpcServices, count, field, log_report, moment};
use crate::{Refusal, encode};

/// Usages in a page when the portal does not say.
const DEFAULT_PAGE: u32 = 50;
/// Most usages in a page.
const MAX_PAGE: u32 = 100;
/// Longest name of a log-in, in characters.
const MAX_LOGIN_CHARS: usize = 100;

#[tonic::async_trait]
impl CitizenPortalService for GrpcServices {
    async fn find_usage(
        &self,
        request: Request<FindUsageRequest>,
    ) -> Result<Response<FindUsageResponse>, Status> {
        let calling = self.callers.portal(&request).await?;
        let m = request.into_inner();
        let view = self.view(calling, &m.organisation_number, &m.person_number, &m.login).await?;
        let between = (time("from", &m.from)?, time("until", &m.until)?);
        let limit = count("page_size", m.page_size, DEFAULT_PAGE, MAX_PAGE)?;
        let (board, selection) = (view.board.organisation, selection(&view, between));
        let of = PageOf { board, reader: view.reader.organisation.as_str(), selection: &selection };
        let before = self.page(of, &m.page)?;
        let found = self.log.find_usage(board, &view.person, between, before, limit as usize).await;
        let (usages, next) = found.map_err(Refusal::from)?;
        let next_page = self.next_page(of, next)?;
        self.told(&view, "find_usage", usages.len()).await?;
        Ok(Response::new(FindUsageResponse {
            board_name: view.board.name,
            usages: usages.into_iter().map(log_report::told).collect(),
            next_page,
        }))
    }

    async fn usage_period(
        &self,
        request: Request<UsagePeriodRequest>,
    ) -> Result<Response<UsagePeriodResponse>, Status> {
        let calling = self.callers.portal(&request).await?;
        let m = request.into_inner();
        let view = self.view(calling, &m.organisation_number, &m.person_number, &m.login).await?;
        let period = self.log.usage_period(view.board.organisation, &view.person).await;
        let period = period.map_err(Refusal::from)?;
        self.told(&view, "usage_period", 0).await?;
        let (first, last) = period.unwrap_or_default();
        Ok(Response::new(UsagePeriodResponse { first, last }))
    }

    async fn heartbeat(
        &self,
        request: Request<HeartbeatRequest>,
    ) -> Result<Response<HeartbeatResponse>, Status> {
        let calling = self.callers.portal(&request).await?;
        self.portal(calling).await?;
        Ok(Response::new(HeartbeatResponse {
            at: encode::time(self.callers.clock.now()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }))
    }
}

/// Who runs the portal, and its certificate's fingerprint.
type Calling = (OrganisationNumber, [u8; 32]);

/// A portal's look into one board's log in one person's name.
struct View {
    board: Board,
    person: Personnummer,
    reader: PortalReader,
}

impl GrpcServices {
    /// Reads the registry, so that a heartbeat says whether it and the log beside it can be read.
    async fn portal(&self, (organisation, fingerprint): Calling) -> Result<Portal, Refusal> {
        let portal = self.desk.portal(organisation, &fingerprint).await?;
        portal.ok_or(Refusal::Authentication(AuthenticationError::CertificateRevoked))
    }

    async fn view(&self, calling: Calling, board: &str, person: &str, login: &str) -> Result<View, Refusal> {
        let portal = self.portal(calling).await?;
        let board = field("organisation_number", OrganisationNumber::parse(board))?;
        let person = field("person_number", Personnummer::parse(person, self.callers.clock.today()))?;
        let login = normal_name(login, MAX_LOGIN_CHARS)
            .map_err(|_| AskError::new("login", "must have 1 to 100 characters, none of them invisible"))?;
        let board = self.desk.board_for_portal(&portal, &calling.1, board).await?;
        let reader = PortalReader {
            organisation: portal.organisation,
            certificate: RegisteredCertificate::new(&calling.1).sha256,
            login,
        };
        Ok(View { board, person, reader })
    }

    /// Records what is about to be told.
    async fn told(&self, view: &View, action: &'static str, usages: usize) -> Result<(), Refusal> {
        let reading = Reading::by(action, "person", view.person.expose(), Some(usages as u64));
        let recorded = self.log.record_portal_reading(view.board.organisation, &view.reader, reading).await;
        recorded.map_err(DeskError::from).map_err(Refusal::from)
    }
}

/// What all pages of one search have in common.
fn selection(view: &View, (from, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) -> Selection {
    Criteria { from, until, ..Criteria::about(&view.person) }.selection()
}

fn time(name: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    if text.is_empty() { Ok(None) } else { moment(name, text).map(Some) }
}
