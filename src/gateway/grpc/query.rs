//! `PersonQueryService`.

use std::sync::Arc;

use ssbtek_access_log::Door;
use ssbtek_authorize::{Ask, AskError, RawAsk};
use ssbtek_merge::OriginalsWanted;
use ssbtek_proto::broker::v1::{AskRequest, AskResponse, person_query_service_server::PersonQueryService};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices};
use crate::{calls, encode, under_way::UnderWay};

#[tonic::async_trait]
impl PersonQueryService for GrpcServices {
    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let under_way = request.extensions().get::<Arc<UnderWay>>().cloned();
        let certificate = self.callers.certificate_check(request.extensions().get().cloned());
        self.serve(&calls::ASK, request, |by, message| async move {
            let ask = self.parse(&message)?;
            let originals =
                if message.include_originals { OriginalsWanted::Beside } else { OriginalsWanted::No };
            let caller = by.account()?.clone();
            let within = self.within(under_way.as_deref());
            let released = self.query.ask(caller, ask, Door::Grpc, originals, within, certificate).await?;
            Ok(Done::As(encode::response(&released)))
        })
        .await
    }
}

impl GrpcServices {
    fn parse(&self, message: &AskRequest) -> Result<Ask, AskError> {
        let period = message.period.as_ref();
        let raw = RawAsk {
            case_id: &message.case_id,
            role: encode::role_from_proto(message.role),
            person_number: message.person_number.as_deref(),
            from: period.map_or("", |period| &period.from),
            to: period.map_or("", |period| &period.to),
            agencies: &message.agencies,
            purpose: &message.purpose,
        };
        Ask::parse(&raw, &self.limits.ask, self.callers.clock.today())
    }
}
