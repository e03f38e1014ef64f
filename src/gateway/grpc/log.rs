//! `AccessLogService`.

use ssbtek_access_log::Filter;
use ssbtek_authorize::{AskError, Duty};
use ssbtek_domain::{CaseId, CaseWorkerId, EntryId, Personnummer};
use ssbtek_proto::broker::v1::{
    ListEntriesRequest, ListEntriesResponse, access_log_service_server::AccessLogService,
    list_entries_request::Filter as ProtoFilter,
};
use ssbtek_registry::DeskError;
use tonic::{Request, Response, Status};

use super::{GrpcServices, field, log_entry};
use crate::Refusal;

/// Entries in a page when the caller does not say.
const DEFAULT_PAGE: u32 = 100;
/// Most entries in a page.
const MAX_PAGE: u32 = 500;

#[tonic::async_trait]
impl AccessLogService for GrpcServices {
    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        self.desk.require(&caller, Duty::Audits).await.map_err(Refusal::from)?;
        let message = request.into_inner();
        let filter = self.filter(message.filter)?;
        let limit = match message.page_size {
            0 => DEFAULT_PAGE,
            size if size <= MAX_PAGE => size,
            _ => return Err(Refusal::from(AskError::new("page_size", "must be at most 500")).into()),
        };
        let before = match message.page.as_str() {
            "" => None,
            page => {
                Some(field("page", page.parse::<u64>().map_err(|_| "must be `next_page` of another page"))?)
            }
        };
        let once = Some(caller.token.clone());
        let recorded = self.log.record_reading(&caller, "list", &filter, once).await;
        recorded.map_err(DeskError::from).map_err(Refusal::from)?;
        let (entries, next) =
            self.log.entries(caller.board, &filter, before, limit).await.map_err(Refusal::from)?;
        let checkpoint = self.log.checkpoint(caller.board).await.map_err(Refusal::from)?;
        Ok(Response::new(ListEntriesResponse {
            entries: entries.iter().map(log_entry::encode).collect(),
            next_page: next.map(|index| index.to_string()).unwrap_or_default(),
            checkpoint: checkpoint.unwrap_or_default(),
        }))
    }
}

impl GrpcServices {
    fn filter(&self, filter: Option<ProtoFilter>) -> Result<Filter, Refusal> {
        let today = self.callers.clock.today();
        Ok(match filter {
            None => Filter::All,
            Some(ProtoFilter::PersonNumber(text)) => {
                Filter::Person(field("person_number", Personnummer::parse(&text, today))?)
            }
            Some(ProtoFilter::CaseWorker(text)) => {
                Filter::CaseWorker(field("case_worker", CaseWorkerId::parse(&text))?)
            }
            Some(ProtoFilter::CaseId(text)) => Filter::Case(field("case_id", CaseId::parse(&text))?),
            Some(ProtoFilter::EntryId(text)) => Filter::Entry(field("entry_id", EntryId::parse(&text))?),
        })
    }
}
