//! `CitizenPortalService`.

use ssbtek_access_log::{ByMachine, Criteria, PageOf, PortalReader, Reading, Selection};
use ssbtek_authorize::{AskError, Board, Portal, RegisteredCertificate};
use ssbtek_domain::{DateTime, OrganisationNumber, Personnummer, Utc, normal_name};
use ssbtek_proto::broker::v1::{
    FindUsageRequest, FindUsageResponse, HeartbeatRequest, HeartbeatResponse, UsagePeriodRequest,
    UsagePeriodResponse, citizen_portal_service_server::CitizenPortalService,
};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, Read, count, field, log_report, moment};
use crate::{Refusal, calls, encode};

/// Usages in a page when the portal does not say.
const DEFAULT_PAGE: u32 = 50;
/// Most usages in a page.
const MAX_PAGE: u32 = 100;
/// What whoever is shown nothing is told, for whatever reason that is.
const NOTICE: &str = "Här visas inga frågor. Frågor kan ha ställts utan att de visas här. Vill du veta mer, kontakta den kommun \
                      som du har haft kontakt med.";
/// Longest name of a log-in, in characters.
const MAX_LOGIN_CHARS: usize = 100;

#[tonic::async_trait]
impl CitizenPortalService for GrpcServices {
    async fn find_usage(
        &self,
        request: Request<FindUsageRequest>,
    ) -> Result<Response<FindUsageResponse>, Status> {
        self.serve(&calls::FIND_USAGE, request, |by, m| async move {
            let view = self.view(by.portal()?, &m.organisation_number, &m.person_number, &m.login).await?;
            let between = (time("from", &m.from)?, time("until", &m.until)?);
            let limit = count("page_size", m.page_size, DEFAULT_PAGE, MAX_PAGE)?;
            let (board, selection) = (view.board.organisation, selection(&view, between));
            // A page is one log-in's: another person at the same portal does not read on.
            let reader = format!("{} {}", view.reader.organisation, view.reader.login);
            let of = PageOf { board, reader: &reader, selection: &selection };
            let before = self.page(of, &m.page)?;
            let told = self.by_machine(&view).await?;
            let (usages, next) = match told {
                ByMachine::Told => {
                    let found = self.log.find_usage(board, &view.person, between, before, limit as usize);
                    found.await.map_err(Refusal::from)?
                }
                // As if there were nothing: whoever holds the log-in, or a guardian's, learns no more than of anybody.
                ByMachine::NotKnown | ByMachine::Protected | ByMachine::Nothing => (Vec::new(), None),
            };
            let next_page = self.next_page(of, next)?;
            let read = view.read("find_usage", usages.len(), told);
            let is_empty = usages.is_empty();
            let answer = FindUsageResponse {
                board_name: if is_empty { String::new() } else { view.board.name },
                notice: if is_empty { NOTICE.to_owned() } else { String::new() },
                usages: usages.into_iter().map(log_report::told).collect(),
                next_page,
            };
            Ok(Done::Read(answer, read))
        })
        .await
    }

    async fn usage_period(
        &self,
        request: Request<UsagePeriodRequest>,
    ) -> Result<Response<UsagePeriodResponse>, Status> {
        self.serve(&calls::USAGE_PERIOD, request, |by, m| async move {
            let view = self.view(by.portal()?, &m.organisation_number, &m.person_number, &m.login).await?;
            let told = self.by_machine(&view).await?;
            let period = match told {
                ByMachine::Told => {
                    let period = self.log.usage_period(view.board.organisation, &view.person).await;
                    period.map_err(Refusal::from)?
                }
                ByMachine::NotKnown | ByMachine::Protected | ByMachine::Nothing => None,
            };
            let (first, last) = period.unwrap_or_default();
            Ok(Done::Read(UsagePeriodResponse { first, last }, view.read("usage_period", 0, told)))
        })
        .await
    }

    async fn heartbeat(
        &self,
        request: Request<HeartbeatRequest>,
    ) -> Result<Response<HeartbeatResponse>, Status> {
        self.serve(&calls::HEARTBEAT, request, |by, _| async move {
            // Read with the portal's own document, which says whether the registry, and the log beside it, can be read.
            by.portal()?;
            Ok(Done::As(HeartbeatResponse {
                at: encode::time(self.callers.clock.now()),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }))
        })
        .await
    }
}

/// A portal's look into one board's log in one person's name.
struct View {
    board: Board,
    person: Personnummer,
    reader: PortalReader,
}

impl View {
    /// What is about to be told, for the board's log.
    fn read(&self, action: &'static str, usages: usize, told: ByMachine) -> Read {
        let reading = Reading::by(action, "person", self.person.expose(), Some(usages as u64));
        let reading = match told {
            ByMachine::Told | ByMachine::Nothing => reading,
            ByMachine::NotKnown => reading.held_back(true),
            ByMachine::Protected => reading.held_back(true).of_protected(1),
        };
        Read::Through(self.board.organisation, self.reader.clone(), reading)
    }
}

impl GrpcServices {
    /// Whether the person is told; where something is held back, the board is told so, by its log and by an event.
    async fn by_machine(&self, view: &View) -> Result<ByMachine, Refusal> {
        let board = view.board.organisation;
        let told = self.log.by_machine(board, &view.person).await?;
        if matches!(told, ByMachine::NotKnown | ByMachine::Protected) {
            tracing::warn!(alarm = "portal_held_back", %board, "a person was not told through a portal; the board's log says who");
        }
        Ok(told)
    }

    async fn view(
        &self,
        (portal, certificate): (&Portal, [u8; 32]),
        board: &str,
        person: &str,
        login: &str,
    ) -> Result<View, Refusal> {
        let board = field("organisation_number", OrganisationNumber::parse(board))?;
        let person = field("person_number", Personnummer::parse(person, self.callers.clock.today()))?;
        let login = normal_name(login, MAX_LOGIN_CHARS)
            .map_err(|_| AskError::new("login", "must have 1 to 100 characters, none of them invisible"))?;
        let board = self.desk.board_for_portal(portal, &certificate, board).await?;
        let reader = PortalReader {
            organisation: portal.organisation,
            certificate: RegisteredCertificate::new(&certificate).sha256,
            login,
        };
        Ok(View { board, person, reader })
    }
}

/// What all pages of one search have in common.
fn selection(view: &View, (from, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) -> Selection {
    Criteria { from, until, ..Criteria::about(&view.person) }.selection()
}

fn time(name: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    if text.is_empty() { Ok(None) } else { moment(name, text).map(Some) }
}
