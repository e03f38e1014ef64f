//! `CitizenPortalService`.

use ssbtek_access_log::{PortalReader, Reading};
use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::{AskError, Board, Portal, RegisteredCertificate};
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Personnummer, Utc};
use ssbtek_proto::broker::v1::{
    FindUsageRequest, FindUsageResponse, HeartbeatRequest, HeartbeatResponse, UsagePeriodRequest,
    UsagePeriodResponse, citizen_portal_service_server::CitizenPortalService,
};
use ssbtek_registry::DeskError;
use tonic::{Request, Response, Status};

use super::{GrpcServices, field, log_report};
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
        let between = (moment("from", &m.from)?, moment("until", &m.until)?);
        let limit = match m.page_size {
            0 => DEFAULT_PAGE,
            size if size <= MAX_PAGE => size,
            _ => return Err(Refusal::from(AskError::new("page_size", "must be at most 100")).into()),
        };
        let before = match m.page.as_str() {
            "" => None,
            page => Some(field("page", EntryId::parse(page))?),
        };
        let found =
            self.log.find_usage(view.board.organisation, &view.person, between, before, limit as usize);
        let found = found.await.map_err(Refusal::from)?;
        let (usages, next) = found
            .ok_or_else(|| Refusal::from(AskError::new("page", "must be `next_page` of another page")))?;
        self.told(&view, "find_usage", usages.len()).await?;
        Ok(Response::new(FindUsageResponse {
            board_name: view.board.name,
            usages: usages.into_iter().map(log_report::told).collect(),
            next_page: next.map(|entry| entry.to_string()).unwrap_or_default(),
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
        let login = login.trim();
        if login.is_empty() || login.chars().count() > MAX_LOGIN_CHARS || login.chars().any(char::is_control)
        {
            return Err(AskError::new("login", "must have 1 to 100 characters").into());
        }
        let board = self.desk.board_for_portal(&portal, board).await?;
        let reader = PortalReader {
            organisation: portal.organisation,
            certificate: RegisteredCertificate::new(&calling.1).sha256,
            login: login.to_owned(),
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

fn moment(name: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| "must be a time, RFC 3339");
    field(name, parsed.map(|at| Some(at.to_utc())))
}
