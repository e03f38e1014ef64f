//! `PersonQueryService`.

use ssbtek_access_log::Door;
use ssbtek_authorize::{Ask, AskError, RawAsk};
use ssbtek_merge::OriginalsWanted;
use ssbtek_proto::broker::v1::{AskRequest, AskResponse, person_query_service_server::PersonQueryService};
use tonic::{Request, Response, Status};

use super::GrpcServices;
use crate::{Refusal, encode};

#[tonic::async_trait]
impl PersonQueryService for GrpcServices {
    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let within = self.within(&request);
        let certificate = self.callers.certificate_check(request.extensions().get().cloned());
        let message = request.into_inner();
        let ask = match self.parse(&message) {
            Ok(ask) => ask,
            Err(error) => {
                let logged = self.query.refuse_malformed(&caller, error.field, Door::Grpc).await;
                return Err(logged.map_or_else(Refusal::from, |()| error.into()).into());
            }
        };
        let originals = if message.include_originals { OriginalsWanted::Beside } else { OriginalsWanted::No };
        let released = self
            .query
            .ask(caller, ask, Door::Grpc, originals, within, certificate)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(encode::response(&released)))
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
