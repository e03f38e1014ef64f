//! `PersonQueryService`.

use std::{pin::Pin, sync::Arc};

use futures::{Stream, StreamExt, stream};
use ssbtek_access_log::Door;
use ssbtek_authorize::{Ask, AskError, CertificateCheck, RawAsk};
use ssbtek_domain::EntryId;
use ssbtek_merge::OriginalsWanted;
use ssbtek_proto::broker::v1::{
    AskHouseholdRequest, AskRequest, AskResponse, AskStreamResponse, MemberRefused, ResumeAskRequest,
    person_query_service_server::PersonQueryService,
};
use ssbtek_query::{Asking, Part, Parts, PartsAgain, QueryError, TakingUp};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, Party, field};
use crate::{Refusal, calls, encode, under_way::UnderWay};

type Told = Pin<Box<dyn Stream<Item = Result<AskStreamResponse, Status>> + Send>>;

/// What a request brings beside its message.
struct Around {
    call: Option<Arc<UnderWay>>,
    certificate: CertificateCheck,
}

#[tonic::async_trait]
impl PersonQueryService for GrpcServices {
    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let around = self.around(&request);
        self.serve(&calls::ASK, request, |by, message| async move {
            let released = self.query.ask(self.asked(&by, &message, &around)?).await?;
            Ok(Done::As(encode::response(&released)))
        })
        .await
    }

    type AskStreamStream = Told;

    async fn ask_stream(&self, request: Request<AskRequest>) -> Result<Response<Told>, Status> {
        let around = self.around(&request);
        self.serve(&calls::ASK_STREAM, request, |by, message| async move {
            let asking = self.asked(&by, &message, &around)?;
            // The call's places are held for as long as the work goes on, whatever becomes of its stream.
            let mut parts = self.query.ask_as_it_comes(asking, around.call, written);
            // What is refused before anything leaves is refused like any call.
            let first = parts.next().await.ok_or(Refusal::Unavailable)??;
            Ok(Done::As(told(first, parts)))
        })
        .await
    }

    type AskHouseholdStream = Told;

    async fn ask_household(&self, request: Request<AskHouseholdRequest>) -> Result<Response<Told>, Status> {
        let around = self.around(&request);
        self.serve(&calls::ASK_HOUSEHOLD, request, |by, message| async move {
            let ask = self.parse_of_household(&message)?;
            let asking = self.asking(&by, ask, None, message.include_originals, &around)?;
            let mut parts = self.query.ask_household(asking, around.call, written);
            let first = parts.next().await.ok_or(Refusal::Unavailable)??;
            Ok(Done::As(told(first, parts)))
        })
        .await
    }

    type ResumeAskStream = Told;

    async fn resume_ask(&self, request: Request<ResumeAskRequest>) -> Result<Response<Told>, Status> {
        let Around { certificate, .. } = self.around(&request);
        self.serve(&calls::RESUME_ASK, request, |by, message| async move {
            let entry = field("entry_id", EntryId::parse(&message.entry_id))?;
            let (caller, call) = (by.account()?.clone(), calls::RESUME_ASK.refused());
            let taking = TakingUp { caller, entry, door: Door::Grpc, call, certificate };
            // What is told is recorded by now.
            Ok(Done::Recorded(told_again(self.query.take_up(taking).await?)))
        })
        .await
    }
}

/// Why there is no answer about a member of a household: what a question about that member alone would have ended with.
fn why(error: &QueryError) -> MemberRefused {
    let refusal = Refusal::from(error.clone());
    MemberRefused { code: refusal.grpc_code() as u32, reason: refusal.text() }
}

fn written(part: &Part) -> Vec<u8> {
    encode::written(part, why)
}

/// The parts as they travel.
fn told(first: Part, parts: Parts) -> Told {
    let first = encode::part(&first, why);
    let rest = stream::unfold(parts, |mut parts| async move {
        let part = parts.next().await?;
        let part = part.map(|part| encode::part(&part, why)).map_err(|error| Refusal::from(error).into());
        Some((part, parts))
    });
    stream::iter([Ok(first)]).chain(rest).boxed()
}

/// The parts of an answer that is taken up, as they travel.
fn told_again(parts: PartsAgain) -> Told {
    stream::unfold(parts, |mut parts| async move {
        let part = parts.next().await?.map_err(Refusal::from);
        Some((
            part.and_then(|part| encode::again(&part).ok_or(Refusal::Unavailable)).map_err(Status::from),
            parts,
        ))
    })
    .boxed()
}

impl GrpcServices {
    fn around<M>(&self, request: &Request<M>) -> Around {
        Around {
            call: request.extensions().get::<Arc<UnderWay>>().cloned(),
            certificate: self.callers.certificate_check(request.extensions().get().cloned()),
        }
    }

    fn asked(&self, by: &Party, message: &AskRequest, around: &Around) -> Result<Asking, Refusal> {
        let ask = self.parse(message)?;
        let follows = match message.follows_entry_id.as_str() {
            "" => None,
            entry => Some(field("follows_entry_id", EntryId::parse(entry))?),
        };
        self.asking(by, ask, follows, message.include_originals, around)
    }

    fn asking(
        &self,
        by: &Party,
        ask: Ask,
        follows: Option<EntryId>,
        originals: bool,
        around: &Around,
    ) -> Result<Asking, Refusal> {
        let originals = if originals { OriginalsWanted::Beside } else { OriginalsWanted::No };
        let within = self.within(around.call.as_deref());
        let (caller, certificate) = (by.account()?.clone(), around.certificate.clone());
        Ok(Asking { caller, ask, door: Door::Grpc, follows, originals, within, certificate })
    }

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

    fn parse_of_household(&self, message: &AskHouseholdRequest) -> Result<Ask, AskError> {
        let period = message.period.as_ref();
        let raw = RawAsk {
            case_id: &message.case_id,
            from: period.map_or("", |period| &period.from),
            to: period.map_or("", |period| &period.to),
            agencies: &message.agencies,
            purpose: &message.purpose,
            ..RawAsk::default()
        };
        Ask::parse_of_household(&raw, &self.limits.ask, self.callers.clock.today())
    }
}
