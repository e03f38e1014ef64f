//! `RetentionService`.

use ssbtek_access_log::{ByTwo, LegalHold, TreeAt};
use ssbtek_authorize::{AskError, DocumentHash, StepKind, Together};
use ssbtek_domain::{DateTime, Deadline, EntryId, OrganisationNumber, Utc};
use ssbtek_proto::broker::v1::{
    BoardRetention, ConfirmHandoverRequest, ConfirmHandoverResponse, DuePurge, EndBoardAgreementRequest,
    EndBoardAgreementResponse, GetPurgeReceiptRequest, GetPurgeReceiptResponse, GetPurgeStatusRequest,
    GetPurgeStatusResponse, LiftLegalHoldRequest, LiftLegalHoldResponse, PlaceLegalHoldRequest,
    PlaceLegalHoldResponse, PlanPurgeRequest, PlanPurgeResponse, PurgeDone, RunPurgeRequest,
    RunPurgeResponse, SetLogRetentionRequest, SetLogRetentionResponse,
    retention_service_server::RetentionService,
};
use ssbtek_purge::{BoardStatus, Counting, Due, NoFaults, PlannedPurge, PurgeError, PurgeReceipt, Readiness};
use ssbtek_registry::{Concerns, DeskError};
use ssbtek_transparency::Hash;
use tokio::sync::watch;
use tonic::{Request, Response, Status};
use tonic_health::{ServingStatus, server::HealthReporter};

use super::{Done, GrpcServices, day, field, moment};
use crate::{Refusal, calls, status::panicked};

#[tonic::async_trait]
impl RetentionService for GrpcServices {
    async fn plan_purge(
        &self,
        request: Request<PlanPurgeRequest>,
    ) -> Result<Response<PlanPurgeResponse>, Status> {
        self.serve(&calls::PLAN_PURGE, request, |_, _| async move {
            let plan = self.purger.plan(self.callers.clock.now(), Counting::With).await;
            let plan = plan.map_err(|_| Refusal::Unavailable)?;
            Ok(Done::As(PlanPurgeResponse {
                due: plan.due.iter().map(due).collect(),
                unknown: plan.unknown.iter().map(|(board, _)| board.to_string()).collect(),
            }))
        })
        .await
    }

    async fn run_purge(
        &self,
        request: Request<RunPurgeRequest>,
    ) -> Result<Response<RunPurgeResponse>, Status> {
        self.serve(&calls::RUN_PURGE, request, |by, request| async move {
            let confirmed = match request.confirmed_time.as_str() {
                "" => None,
                text => self.by_word(by.operator()?, moment("confirmed_time", text)?).await?,
            };
            // In a task of its own: an operator who hangs up does not stop it half-way.
            let purger = self.purger.clone();
            let run = tokio::spawn(async move { purger.sweep(confirmed, &NoFaults).await });
            let ran = run.await.map_err(|_| panicked("a purge ended in a panic"))?.and_then(|mut ran| {
                let nothing_else = ran.receipts.is_empty() && ran.waiting.is_empty() && ran.held.is_empty();
                if nothing_else && !ran.failed.is_empty() { Err(ran.failed.remove(0).1) } else { Ok(ran) }
            });
            let ran = match ran {
                Ok(ran) => ran,
                Err(error @ PurgeError::Stated(_)) => return Err(misstated(&error)),
                Err(error @ (PurgeError::Clocks(_) | PurgeError::ReaderInTheWay | PurgeError::Elsewhere)) => {
                    return Err(Refusal::NotNow(error.to_string()));
                }
                Err(PurgeError::Tree(_)) => return Err(Refusal::Tampered),
                Err(_) => return Err(Refusal::Unavailable),
            };
            Ok(Done::As(RunPurgeResponse {
                done: ran.receipts.iter().map(done).collect(),
                waiting: ran.waiting.iter().map(|(board, _)| board.to_string()).collect(),
                held: ran.held.iter().map(ToString::to_string).collect(),
                failed: ran.failed.iter().map(|(board, _)| board.to_string()).collect(),
            }))
        })
        .await
    }

    async fn get_purge_status(
        &self,
        request: Request<GetPurgeStatusRequest>,
    ) -> Result<Response<GetPurgeStatusResponse>, Status> {
        self.serve(&calls::GET_PURGE_STATUS, request, |_, _| async move {
            let status = self
                .purger
                .status(self.callers.clock.now(), Counting::With)
                .await
                .map_err(|_| Refusal::Unavailable)?;
            let months = self.purger.policy().log_months;
            Ok(Done::As(GetPurgeStatusResponse {
                boards: status.boards.iter().map(|board| board_retention(board, months)).collect(),
                clocks: status.clocks.map(|clocks| clocks.to_string()).unwrap_or_default(),
                unfinished: status.unfinished.iter().map(|(purge, _)| purge.to_string()).collect(),
                done: status.receipts().map(done).collect(),
                failed: status.failed.iter().map(ToString::to_string).collect(),
            }))
        })
        .await
    }

    async fn get_purge_receipt(
        &self,
        request: Request<GetPurgeReceiptRequest>,
    ) -> Result<Response<GetPurgeReceiptResponse>, Status> {
        self.serve(&calls::GET_PURGE_RECEIPT, request, |_, request| async move {
            let purge = field("purge_id", EntryId::parse(&request.purge_id))?;
            let receipt = self.purger.receipt(purge).ok_or(Refusal::Unknown("purge_id"))?;
            let bundle = receipt.bundle().transpose().map_err(|_| Refusal::Unavailable)?;
            Ok(Done::As(GetPurgeReceiptResponse {
                done: Some(done(&receipt)),
                bundle: bundle.unwrap_or_default(),
                json: serde_json::to_string_pretty(&receipt).map_err(|_| Refusal::Unavailable)?,
            }))
        })
        .await
    }

    async fn end_board_agreement(
        &self,
        request: Request<EndBoardAgreementRequest>,
    ) -> Result<Response<EndBoardAgreementResponse>, Status> {
        self.serve(&calls::END_BOARD_AGREEMENT, request, |by, message| async move {
            let operator = by.operator()?;
            let board = organisation(&message.organisation_number)?;
            let last_day = day("last_day", &message.last_day)?;
            let document = field("document_sha256", DocumentHash::parse(&message.document_sha256))?;
            let in_this_call = |error| match error {
                DeskError::Invalid(error) if error.field == "on" => {
                    Refusal::from(AskError { field: "last_day", ..error })
                }
                error => Refusal::from(error),
            };
            let (end, on) = (StepKind::End, Some(last_day));
            self.desk.may_take_step(board, end, &document, on).await.map_err(in_this_call)?;
            let concerns = Concerns::Board(board);
            let document = &document;
            let take = |by| async move {
                let desk = self.desk.for_two(by);
                desk.take_step(board, end, document.clone(), on).await.map_err(in_this_call)
            };
            self.by_two(operator, Together::EndBoard, concerns, &message, take).await?;
            let deadline = Deadline::after(last_day).ok_or(Refusal::Unavailable)?;
            Ok(Done::As(EndBoardAgreementResponse {
                limit_on: deadline.limit_on.to_string(),
                due_at: deadline.due_at.to_rfc3339(),
            }))
        })
        .await
    }

    async fn set_log_retention(
        &self,
        request: Request<SetLogRetentionRequest>,
    ) -> Result<Response<SetLogRetentionResponse>, Status> {
        self.serve(&calls::SET_LOG_RETENTION, request, |by, message| async move {
            let operator = by.operator()?;
            let board = organisation(&message.organisation_number)?;
            self.purger.may_set_log_months(board, message.months).await?;
            let concerns = Concerns::Board(board);
            let months = message.months;
            let set = |by| async move { Ok(self.purger.set_log_months(board, months, Some(by)).await?) };
            self.by_two(operator, Together::SetLogRetention, concerns, &message, set).await?;
            Ok(Done::As(SetLogRetentionResponse {}))
        })
        .await
    }

    async fn place_legal_hold(
        &self,
        request: Request<PlaceLegalHoldRequest>,
    ) -> Result<Response<PlaceLegalHoldResponse>, Status> {
        self.serve(&calls::PLACE_LEGAL_HOLD, request, |by, message| async move {
            let operator = by.operator()?;
            let board = organisation(&message.organisation_number)?;
            let until = day("until", &message.until)?;
            self.purger.may_place_hold(board, &message.reference, until).await?;
            let concerns = Concerns::Board(board);
            let message = &message;
            let place = |by: ByTwo| async move {
                let hold = LegalHold { by: by.by.clone(), reference: message.reference.clone(), until };
                Ok(self.purger.place_hold(board, hold, Some(by)).await?)
            };
            self.by_two(operator, Together::PlaceLegalHold, concerns, message, place).await?;
            Ok(Done::As(PlaceLegalHoldResponse {}))
        })
        .await
    }

    async fn lift_legal_hold(
        &self,
        request: Request<LiftLegalHoldRequest>,
    ) -> Result<Response<LiftLegalHoldResponse>, Status> {
        self.serve(&calls::LIFT_LEGAL_HOLD, request, |by, message| async move {
            let operator = by.operator()?;
            let board = organisation(&message.organisation_number)?;
            self.purger.may_lift_hold(board).await?;
            let concerns = Concerns::Board(board);
            let lift = |by| async move { Ok(self.purger.lift_hold(board, Some(by)).await?) };
            self.by_two(operator, Together::LiftLegalHold, concerns, &message, lift).await?;
            Ok(Done::As(LiftLegalHoldResponse {}))
        })
        .await
    }

    async fn confirm_handover(
        &self,
        request: Request<ConfirmHandoverRequest>,
    ) -> Result<Response<ConfirmHandoverResponse>, Status> {
        self.serve(&calls::CONFIRM_HANDOVER, request, |by, message| async move {
            let caller = by.account()?;
            let root = field("root", Hash::from_hex(&message.root))?;
            let has = TreeAt { size: message.size, root };
            let by = caller.case_worker.as_str();
            let confirmed = self.purger.confirm_handover(caller.board, by, caller.token.clone(), has).await;
            confirmed.map_err(Refusal::from)?;
            Ok(Done::As(ConfirmHandoverResponse {}))
        })
        .await
    }
}

impl GrpcServices {
    /// What operators say of the time, where a purge is to rest on it because no other clock can be asked: then it takes two of
    /// them, each with a time of their own, who would have the same erased. `None` where another clock tells.
    async fn by_word(
        &self,
        operator: &[u8; 32],
        time: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, Refusal> {
        self.purger.judge_stated(time).map_err(|error| misstated(&error))?;
        if !self.purger.is_alone().await {
            return Ok(None);
        }
        let due = self.purger.due_digest().await.map_err(|_| Refusal::Unavailable)?;
        // Not the time: each says it as they have it.
        let call = RunPurgeRequest::default();
        let record =
            |by| async move { Ok(self.desk.for_two(by).record_run_of_purge(Hash::from_bytes(due)).await?) };
        let by_two = self.by_two(operator, Together::RunPurge, Concerns::Purge(due), &call, record);
        self.purger.with_room(by_two).await.map_err(|_| Refusal::Unavailable)??;
        Ok(Some(time))
    }
}

/// Shows in the health service how boards stand, as `<of>/<organisation number>`: `ssbtek.board` is red while a purge is overdue,
/// `ssbtek.witness` while the newest records are not cosigned.
pub(super) async fn show_boards(
    of: &'static str,
    mut readiness: watch::Receiver<Readiness>,
    mut health: HealthReporter,
) {
    let service = |board: OrganisationNumber| format!("{of}/{board}");
    let mut shown = Readiness::new();
    loop {
        let now = readiness.borrow_and_update().clone();
        for board in shown.keys().filter(|board| !now.contains_key(board)) {
            health.clear_service_status(&service(*board)).await;
        }
        for (board, ready) in &now {
            let status = if *ready { ServingStatus::Serving } else { ServingStatus::NotServing };
            health.set_service_status(service(*board), status).await;
        }
        shown = now;
        if readiness.changed().await.is_err() {
            return;
        }
    }
}

fn misstated(error: &PurgeError) -> Refusal {
    Refusal::NotNow(format!("confirmed_time: {error}"))
}

fn organisation(text: &str) -> Result<OrganisationNumber, Refusal> {
    field("organisation_number", OrganisationNumber::parse(text))
}

fn due(plan: &PlannedPurge) -> DuePurge {
    DuePurge {
        organisation_number: plan.row.board.to_string(),
        scope: plan.scope.as_str().to_owned(),
        due_since: plan.since.to_rfc3339(),
        months: plan.months.clone(),
        records: plan.counts.leaves,
        documents: plan.counts.documents,
        keys: plan.target.keys.iter().map(ToString::to_string).collect(),
        held_until: match plan.due {
            Due::Now => String::new(),
            Due::Held(until) => until.to_string(),
        },
    }
}

fn done(receipt: &PurgeReceipt) -> PurgeDone {
    let record = &receipt.record;
    PurgeDone {
        purge_id: receipt.purge.to_string(),
        organisation_number: receipt.board.to_string(),
        scope: record.scope.as_str().to_owned(),
        begun_at: record.begun_at.to_rfc3339(),
        months: record.months.clone(),
        records: record.leaves,
        documents: record.documents,
        keys: record.keys.iter().map(ToString::to_string).collect(),
        root_before: record.before.root.to_hex(),
        root_after: record.after.root.to_hex(),
        keys_not_had: record.not_had.iter().map(ToString::to_string).collect(),
    }
}

fn board_retention(board: &BoardStatus, months: u32) -> BoardRetention {
    let terms = &board.row.terms;
    let text = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    BoardRetention {
        organisation_number: board.row.board.to_string(),
        log_months: terms.log_months.unwrap_or(months),
        ended_on: terms.ended_on.map(|day| day.to_string()).unwrap_or_default(),
        due_at: text(terms.due_at),
        limit_at: text(board.deadline.map(|deadline| deadline.limit_at)),
        handed_over_at: text(terms.handed_over_at),
        handover_missing: board.handover_missing,
        due: board.planned.as_ref().map(due),
        overdue: board.overdue,
        held_until: terms.held.as_ref().map(|held| held.until.to_string()).unwrap_or_default(),
    }
}
