//! `AccessLogService`.

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use ssbtek_access_log::{
    AccessLog, Criteria, ExportOptions, NowProtected, PageOf, PersonReportOptions, Reading, Standing,
};
use ssbtek_authorize::{AskError, Caller};
use ssbtek_domain::{EntryId, Personnummer, Protection};
use ssbtek_proto::broker::v1::{
    DrawSampleRequest, DrawSampleResponse, ExportEntriesRequest, ExportEntriesResponse, ExportFormat,
    GetCheckpointRequest, GetCheckpointResponse, GetPersonReportRequest, GetPersonReportResponse,
    GetProofsRequest, GetProofsResponse, GetReviewsRequest, GetReviewsResponse, GetUsageReportRequest,
    GetUsageReportResponse, ListEntriesRequest, ListEntriesResponse, RecordReviewRequest,
    RecordReviewResponse, access_log_service_server::AccessLogService,
};
use ssbtek_registry::DeskError;
use tonic::{Request, Response, Status};

use super::{
    Done, GrpcServices, Read, count, field, log_criteria, log_entry, log_entry::Who, log_report, log_review,
    month,
};
use crate::{Refusal, calls, encode};

/// Entries in a page when the caller does not say.
const DEFAULT_PAGE: u32 = 100;
/// Most entries in a page.
const MAX_PAGE: u32 = 500;
/// Most checkpoints made for an export.
const MAX_CHECKPOINTS: u32 = 10_000;

type Exported = Pin<Box<dyn Stream<Item = Result<ExportEntriesResponse, Status>> + Send>>;

#[tonic::async_trait]
impl AccessLogService for GrpcServices {
    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        self.serve(&calls::LIST_ENTRIES, request, |by, message| async move {
            let caller = by.account()?;
            let criteria = self.criteria(message.filter, message.criteria)?;
            let limit = count("page_size", message.page_size, DEFAULT_PAGE, MAX_PAGE)?;
            let selection = criteria.selection();
            let of = PageOf { board: caller.board, reader: "list", selection: &selection };
            let before = self.page(of, &message.page)?;
            let (entries, next) = self.log.find(caller.board, &criteria, before, limit as usize).await?;
            let mut now = NowProtected::new(&self.log, caller.board);
            let (told, protected) =
                log_entry::told(&mut now, caller.board, &entries, Who::of(&criteria)).await?;
            let is_protected = match &criteria.person {
                Some(person) => now.of(person).await? == Standing::Protected,
                None => false,
            };
            let reading = Reading::of("list", &criteria, Some(entries.len() as u64));
            let few = names_few(&criteria);
            let reading = match criteria.looks_for_protected() || few {
                true => {
                    let is_one = criteria.looks_for_protected() || is_protected || protected > 0;
                    let persons = if is_one { protected.max(1) } else { 0 };
                    self.of_protected(caller, reading, persons).await?
                }
                false => reading,
            };
            let checkpoint = self.log.checkpoint(caller.board).await?;
            let listed = ListEntriesResponse {
                entries: told,
                next_page: self.next_page(of, next)?,
                checkpoint: checkpoint.unwrap_or_default(),
            };
            Ok(Done::Read(listed, Read::Own(reading)))
        })
        .await
    }

    type ExportEntriesStream = Exported;

    async fn export_entries(
        &self,
        request: Request<ExportEntriesRequest>,
    ) -> Result<Response<Exported>, Status> {
        self.serve(&calls::EXPORT_ENTRIES, request, |by, message| async move {
            let caller = by.account()?;
            let format = message.format();
            let criteria =
                message.criteria.map(|criteria| self.criteria(None, Some(criteria))).transpose()?;
            let checkpoints = count("checkpoints", message.checkpoints, 0, MAX_CHECKPOINTS)?;
            if format == ExportFormat::Unspecified {
                return field("format", Err("must be bundle or entries"));
            }
            if format == ExportFormat::Bundle && criteria.as_ref().is_some_and(Criteria::looks_for_protected)
            {
                return field(
                    "criteria.protection",
                    Err("cannot select what a bundle holds; list the entries"),
                );
            }
            // How many there are is known only at the end, so a record then tells it.
            let reading = Reading::of("export", &criteria.clone().unwrap_or_default(), None);
            // A bundle proves what it holds, so that nothing can be taken out of it.
            let tells = criteria.as_ref().is_some_and(names_few)
                || (format == ExportFormat::Bundle && !message.sealed);
            let looks_for = criteria.as_ref().is_some_and(Criteria::looks_for_protected);
            let reading = match tells || looks_for {
                true => self.of_protected(caller, reading, 1).await?,
                false => reading,
            };
            self.reading(caller, reading).await?;
            match format {
                ExportFormat::Bundle => {
                    let options = ExportOptions {
                        criteria,
                        checkpoints: checkpoints.into(),
                        receipts: message.receipts,
                        sealed: message.sealed,
                    };
                    let selected = options.criteria.clone().unwrap_or_default();
                    let export = self.log.export(caller.board, options).await?;
                    let ended = (self.log.clone(), caller.clone(), selected);
                    let lines = stream::try_unfold((export, ended), |(mut export, ended)| async move {
                        let Some(text) = export.next().await.map_err(Refusal::from)? else {
                            export_ended(&ended, export.told()).await?;
                            return Ok(None);
                        };
                        let part = ExportEntriesResponse { bundle: text.into_bytes(), entries: Vec::new() };
                        Ok(Some((part, (export, ended))))
                    });
                    Ok(Done::Recorded(lines.boxed()))
                }
                ExportFormat::Entries | ExportFormat::Unspecified => {
                    Ok(Done::Recorded(self.pages(caller.clone(), criteria.unwrap_or_default()).await?))
                }
            }
        })
        .await
    }

    async fn get_checkpoint(
        &self,
        request: Request<GetCheckpointRequest>,
    ) -> Result<Response<GetCheckpointResponse>, Status> {
        self.serve(&calls::GET_CHECKPOINT, request, |by, request| async move {
            let caller = by.account()?;
            let old = request.old_size;
            let proven = self.log.proven_checkpoint(caller.board, old).await?;
            let proven = proven
                .ok_or_else(|| AskError::new("old_size", "is beyond the log"))
                .map_err(Refusal::from)?;
            let (cosigned_checkpoint, to_newest) =
                proven.cosigned.map(|cosigned| (cosigned.note, cosigned.to_newest)).unwrap_or_default();
            let gaps = self.log.gaps(caller.board).iter().map(serde_json::to_string);
            let gaps = gaps.collect::<Result<_, _>>().map_err(|_| Refusal::Unavailable)?;
            let answer = GetCheckpointResponse {
                gaps,
                cosigned_checkpoint,
                cosigned_consistency: to_newest.iter().map(|hash| hash.as_bytes().to_vec()).collect(),
                checkpoint: proven.note,
                log_keys: proven.log_keys.iter().map(|key| key.vkey()).collect(),
                witness_keys: proven.witness_keys.iter().map(|key| key.vkey()).collect(),
                quorum: u32::try_from(proven.quorum).unwrap_or(u32::MAX),
                consistency: proven.consistency.iter().map(|hash| hash.as_bytes().to_vec()).collect(),
            };
            Ok(Done::Read(answer, Read::Own(Reading::whole("checkpoint", Some(0)))))
        })
        .await
    }

    async fn get_proofs(
        &self,
        request: Request<GetProofsRequest>,
    ) -> Result<Response<GetProofsResponse>, Status> {
        self.serve(&calls::GET_PROOFS, request, |by, request| async move {
            let caller = by.account()?;
            let entry = field("entry_id", EntryId::parse(&request.entry_id))?;
            let proofs = self.log.proofs(caller.board, entry).await?;
            let reading = Reading::by("proofs", "entry", &entry.to_string(), Some(0));
            let proofs = proofs.iter().map(encode::receipt).collect();
            Ok(Done::Read(GetProofsResponse { proofs }, Read::Own(reading)))
        })
        .await
    }

    async fn get_person_report(
        &self,
        request: Request<GetPersonReportRequest>,
    ) -> Result<Response<GetPersonReportResponse>, Status> {
        self.serve(&calls::GET_PERSON_REPORT, request, |by, message| async move {
            let caller = by.account()?;
            let today = self.callers.clock.today();
            let person = field("person_number", Personnummer::parse(&message.person_number, today))?;
            let options = PersonReportOptions {
                with_case_worker: message.with_case_worker,
                with_delayed: message.with_delayed,
            };
            let report = self.log.person_report(caller.board, &person, options).await?;
            let held = self.desk.held_about(caller.board, &person, message.with_delayed).await?;
            let lines = Some((report.lines.len() + held.cases.len()) as u64);
            let reading = Reading::by("person_report", "person", person.expose(), lines);
            let is_marked = held.cases.iter().any(|case| case.member.protected);
            let is_protected =
                is_marked || held.remembered.as_ref().is_some_and(|known| known.level() > Protection::None);
            let reading = self.of_protected(caller, reading, u64::from(is_protected)).await?;
            Ok(Done::Read(log_report::person(caller.board, report, held), Read::Own(reading)))
        })
        .await
    }

    async fn draw_sample(
        &self,
        request: Request<DrawSampleRequest>,
    ) -> Result<Response<DrawSampleResponse>, Status> {
        self.serve(&calls::DRAW_SAMPLE, request, |by, request| async move {
            let caller = by.account()?;
            Ok(Done::As(log_review::draw(self, caller, request).await?))
        })
        .await
    }

    async fn record_review(
        &self,
        request: Request<RecordReviewRequest>,
    ) -> Result<Response<RecordReviewResponse>, Status> {
        self.serve(&calls::RECORD_REVIEW, request, |by, request| async move {
            let caller = by.account()?;
            Ok(Done::As(log_review::record(self, caller, request).await?))
        })
        .await
    }

    async fn get_reviews(
        &self,
        request: Request<GetReviewsRequest>,
    ) -> Result<Response<GetReviewsResponse>, Status> {
        self.serve(&calls::GET_REVIEWS, request, |by, request| async move {
            let caller = by.account()?;
            let month = request.month;
            let month = if month.is_empty() { month } else { super::month("month", &month)? };
            let reviews = log_review::state(self, caller, &month).await?;
            let entries = Some(reviews.entries.len() as u64);
            Ok(Done::Read(reviews, Read::Own(Reading::by("reviews", "month", &month, entries))))
        })
        .await
    }

    async fn get_usage_report(
        &self,
        request: Request<GetUsageReportRequest>,
    ) -> Result<Response<GetUsageReportResponse>, Status> {
        self.serve(&calls::GET_USAGE_REPORT, request, |by, request| async move {
            let caller = by.account()?;
            let month = month("month", &request.month)?;
            let report = self.log.usage(caller.board, &month).await?;
            let report =
                report.ok_or_else(|| AskError::new("month", "must be YYYY-MM")).map_err(Refusal::from)?;
            let reading = Reading::by("usage", "month", &month, Some(report.questions));
            Ok(Done::Read(log_report::usage(&report), Read::Own(reading)))
        })
        .await
    }
}

impl GrpcServices {
    /// Records the reading. What was read leaves only once this has returned.
    async fn reading(&self, caller: &Caller, reading: Reading) -> Result<(), Refusal> {
        let recorded = self.log.record_reading(caller, reading, Some(caller.token.clone())).await;
        recorded.map_err(DeskError::from).map_err(Refusal::from)
    }

    /// A reading that may be one of protected persons: of so many it is. An account has only so many of them within an hour, and then none
    /// that may be one, whoever it is about: what is refused of protected persons alone would tell who they are.
    pub(super) async fn of_protected(
        &self,
        caller: &Caller,
        reading: Reading,
        persons: u64,
    ) -> Result<Reading, Refusal> {
        let most = self.limits.max_protected_reads_an_hour as usize;
        if self.log.protected_reads_within_the_hour(caller).await? >= most {
            tracing::warn!(alarm = "protected_reads", board = %caller.board, "an account has read of too many protected persons");
            let text = "case_worker: has read of as many protected persons as an account may within an hour";
            return Err(Refusal::NotNow(text.to_owned()));
        }
        Ok(reading.of_protected(persons))
    }

    /// Entries oldest first, as the log stands now; each part is read only when the one before has been taken.
    async fn pages(&self, caller: Caller, criteria: Criteria) -> Result<Exported, Refusal> {
        let walk = self.log.walk(caller.board, criteria.clone(), None).await?;
        let ended = (self.log.clone(), caller, criteria);
        Ok(stream::try_unfold((walk, 0, ended), |(mut walk, count, ended)| async move {
            let (log, caller, criteria) = &ended;
            let mut now = NowProtected::new(log, caller.board);
            loop {
                let Some(entries) = walk.next().await.map_err(Refusal::from)? else {
                    export_ended(&ended, count).await?;
                    return Ok(None);
                };
                // Most records of a rare selection fulfil nothing; an empty part would tell how many were passed over.
                if !entries.is_empty() {
                    let count = count + entries.len() as u64;
                    let told = log_entry::told(&mut now, caller.board, &entries, Who::of(criteria)).await;
                    let (entries, _) = told.map_err(Refusal::from)?;
                    let part = ExportEntriesResponse { bundle: Vec::new(), entries };
                    return Ok(Some((part, (walk, count, ended))));
                }
            }
        })
        .boxed())
    }

    /// The leaf before which the page begins; `None` for the first page.
    pub(super) fn page(&self, of: PageOf<'_>, token: &str) -> Result<Option<u64>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        let before = self.log.page_before(of, token)?;
        field("page", before.ok_or("must be `next_page` of the page before, in the same search")).map(Some)
    }

    /// The next page's token; empty where there is none.
    pub(super) fn next_page(&self, of: PageOf<'_>, before: Option<u64>) -> Result<String, Refusal> {
        Ok(before.map(|before| self.log.page_token(of, before)).transpose()?.unwrap_or_default())
    }

    fn criteria(
        &self,
        filter: Option<ssbtek_proto::broker::v1::list_entries_request::Filter>,
        criteria: Option<ssbtek_proto::broker::v1::Criteria>,
    ) -> Result<Criteria, Refusal> {
        log_criteria::parse(filter, criteria, self.callers.clock.today())
    }
}

/// Whether whoever asks so names one entry, one person, or one case, whose household is few: that one of them is protected is then told
/// of them, also where no name is.
fn names_few(criteria: &Criteria) -> bool {
    criteria.entry.is_some() || criteria.person.is_some() || criteria.case.is_some()
}

/// Records how much an export told in the end.
async fn export_ended(
    (log, caller, criteria): &(AccessLog, Caller, Criteria),
    count: u64,
) -> Result<(), Refusal> {
    let recorded = log.record_reading(caller, Reading::of("export_ended", criteria, Some(count)), None).await;
    recorded.map_err(DeskError::from).map_err(Refusal::from)
}
