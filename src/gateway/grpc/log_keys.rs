//! `LogKeyService`.

use ssbtek_access_log::{ChangeError, LogKey};
use ssbtek_authorize::{Board, Caller, DocumentRef, Duty, Together};
use ssbtek_domain::OrganisationNumber;
use ssbtek_proto::broker::v1::{
    self as proto, ListLogKeysRequest, ListLogKeysResponse, RetireLogKeyRequest, RetireLogKeyResponse,
    RotateLogKeyRequest, RotateLogKeyResponse, log_key_service_server::LogKeyService,
};
use ssbtek_registry::DeskError;
use tonic::{Request, Response, Status};

use super::{GrpcServices, field};
use crate::Refusal;

#[tonic::async_trait]
impl LogKeyService for GrpcServices {
    async fn list_log_keys(
        &self,
        request: Request<ListLogKeysRequest>,
    ) -> Result<Response<ListLogKeysResponse>, Status> {
        let board = match self.callers.operator(&request) {
            Ok(_) => self.log_of(&request.get_ref().organisation_number).await?,
            Err(_) => self.own_log(&request).await?,
        };
        let keys = self.log.log_keys(board).await.map_err(Refusal::from)?;
        Ok(Response::new(ListLogKeysResponse { keys: keys.iter().map(encode).collect() }))
    }

    async fn rotate_log_key(
        &self,
        request: Request<RotateLogKeyRequest>,
    ) -> Result<Response<RotateLogKeyResponse>, Status> {
        let operator = self.callers.operator(&request)?;
        let message = request.into_inner();
        let board = self.log_of(&message.organisation_number).await?;
        let by = self.together(&operator, Together::RotateLogKey, Some(board), &message).await?.join(" and ");
        let key = self.log.rotate_log_key(board, &by).await.map_err(refusal)?;
        Ok(Response::new(RotateLogKeyResponse { key: Some(encode(&key)) }))
    }

    async fn retire_log_key(
        &self,
        request: Request<RetireLogKeyRequest>,
    ) -> Result<Response<RetireLogKeyResponse>, Status> {
        let operator = self.callers.operator(&request)?;
        let message = request.into_inner();
        let board = self.log_of(&message.organisation_number).await?;
        let by = self.together(&operator, Together::RetireLogKey, Some(board), &message).await?.join(" and ");
        let retired = self.log.retire_log_key(board, &by).await.map_err(refusal)?;
        let key = field("organisation_number", retired.ok_or("has only one log key; make a new one first"))?;
        Ok(Response::new(RetireLogKeyResponse { key: Some(encode(&key)) }))
    }
}

impl GrpcServices {
    /// A registered board's log.
    async fn log_of(&self, board: &str) -> Result<OrganisationNumber, Refusal> {
        let board = field("organisation_number", OrganisationNumber::parse(board))?;
        let found = self.log.document::<Board>(&DocumentRef::board(board)).await;
        let found = found.map_err(DeskError::from).map_err(Refusal::from)?;
        found.map(|_| board).ok_or(Refusal::Unknown("organisation_number"))
    }

    /// The log of the calling auditor's own board.
    async fn own_log(&self, request: &Request<ListLogKeysRequest>) -> Result<OrganisationNumber, Refusal> {
        let caller: Caller = self.callers.account(request).await?;
        self.desk.require(&caller, Duty::Audits).await.map_err(Refusal::from)?;
        let asked = &request.get_ref().organisation_number;
        let own = asked.is_empty() || asked == caller.board.as_str();
        field("organisation_number", own.then_some(caller.board).ok_or("is not the caller's own"))
    }
}

fn refusal(error: ChangeError) -> Refusal {
    DeskError::from(error).into()
}

fn encode(key: &LogKey) -> proto::LogKey {
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
    };
    proto::LogKey {
        vkey: key.key.vkey(),
        since: at(key.since),
        first_size: key.first_size,
        until: at(key.until),
        last_size: key.last_size.unwrap_or_default(),
    }
}
