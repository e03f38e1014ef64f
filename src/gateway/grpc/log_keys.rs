//! `LogKeyService`.

use ssbtek_access_log::{ChangeError, LogKey, Reading};
use ssbtek_authorize::{Board, DocumentRef, Together};
use ssbtek_domain::OrganisationNumber;
use ssbtek_proto::broker::v1::{
    self as proto, ListLogKeysRequest, ListLogKeysResponse, RetireLogKeyRequest, RetireLogKeyResponse,
    RotateLogKeyRequest, RotateLogKeyResponse, log_key_service_server::LogKeyService,
};
use ssbtek_registry::{Concerns, DeskError};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, Read, field};
use crate::{Refusal, calls};

#[tonic::async_trait]
impl LogKeyService for GrpcServices {
    async fn list_log_keys(
        &self,
        request: Request<ListLogKeysRequest>,
    ) -> Result<Response<ListLogKeysResponse>, Status> {
        self.serve(&calls::LIST_LOG_KEYS, request, |by, request| async move {
            let named = &request.organisation_number;
            let own = by.account().ok().map(|caller| caller.board);
            let board = match own {
                Some(own) if named.is_empty() || named == own.as_str() => own,
                Some(_) => return field("organisation_number", Err("is not the caller's own")),
                None => self.log_of(named).await?,
            };
            let keys = self.log.log_keys(board).await?;
            let reading = Reading::whole("log_keys", Some(keys.len() as u64));
            let read = if own.is_some() { Read::Own(reading) } else { Read::Of(board, reading) };
            Ok(Done::Read(ListLogKeysResponse { keys: keys.iter().map(encode).collect() }, read))
        })
        .await
    }

    async fn rotate_log_key(
        &self,
        request: Request<RotateLogKeyRequest>,
    ) -> Result<Response<RotateLogKeyResponse>, Status> {
        self.serve(&calls::ROTATE_LOG_KEY, request, |by, message| async move {
            let operator = by.operator()?;
            let board = self.log_of(&message.organisation_number).await?;
            let concerns = Concerns::Board(board);
            let rotate = |by| async move { self.log.rotate_log_key(board, by).await.map_err(refusal) };
            let key = self.by_two(operator, Together::RotateLogKey, concerns, &message, rotate).await?;
            Ok(Done::As(RotateLogKeyResponse { key: Some(encode(&key)) }))
        })
        .await
    }

    async fn retire_log_key(
        &self,
        request: Request<RetireLogKeyRequest>,
    ) -> Result<Response<RetireLogKeyResponse>, Status> {
        self.serve(&calls::RETIRE_LOG_KEY, request, |by, message| async move {
            let operator = by.operator()?;
            let board = self.log_of(&message.organisation_number).await?;
            let only_one = "has only one log key; make a new one first";
            let signing = self.log.log_keys(board).await?.iter().filter(|key| key.until.is_none()).count();
            field("organisation_number", (signing > 1).then_some(()).ok_or(only_one))?;
            let concerns = Concerns::Board(board);
            let retire = |by| async move { self.log.retire_log_key(board, by).await.map_err(refusal) };
            let retired = self.by_two(operator, Together::RetireLogKey, concerns, &message, retire).await?;
            let key = field("organisation_number", retired.ok_or(only_one))?;
            Ok(Done::As(RetireLogKeyResponse { key: Some(encode(&key)) }))
        })
        .await
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
