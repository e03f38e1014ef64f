//! The one way into a call and out of it, by the table of calls: who calls is established and judged, and what is refused or
//! read leaves its record before anything leaves.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use ssbtek_access_log::{Door, OperatorReader, PortalReader, Reading, Refused};
use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::{Caller, CertificateOwner, Denial, Duty, Portal};
use ssbtek_domain::{Agency, OrganisationNumber};
use ssbtek_registry::DeskError;
use tonic::{Request, Response, Status};

use super::GrpcServices;
use crate::{
    Refusal,
    calls::{Call, Records, Who},
    status::panicked,
};

/// Who was let into a call.
pub(super) enum Party {
    /// An account of a board.
    Account(Caller),
    /// An operator, by the certificate's fingerprint.
    Operator([u8; 32]),
    /// An agent.
    Agent(OrganisationNumber),
    /// An agency's contact.
    Agency(Agency),
    /// A citizen portal, by the certificate's fingerprint.
    Portal(Portal, [u8; 32]),
    /// Anybody with a good certificate.
    Anybody,
}

impl Party {
    /// The account, in a call that only accounts make.
    pub(super) fn account(&self) -> Result<&Caller, Refusal> {
        // The table let nobody else in.
        if let Party::Account(caller) = self { Ok(caller) } else { Err(Refusal::Unavailable) }
    }

    /// The operator, in a call that only operators make.
    pub(super) fn operator(&self) -> Result<&[u8; 32], Refusal> {
        if let Party::Operator(certificate) = self { Ok(certificate) } else { Err(Refusal::Unavailable) }
    }

    /// The portal, in a call that only portals make.
    pub(super) fn portal(&self) -> Result<(&Portal, [u8; 32]), Refusal> {
        if let Party::Portal(portal, certificate) = self {
            Ok((portal, *certificate))
        } else {
            Err(Refusal::Unavailable)
        }
    }
}

/// What a call came to.
pub(super) enum Done<R> {
    /// What it leaves in the log, if anything, is there already.
    As(R),
    /// The answer to a reading, which leaves only once this is recorded.
    Read(R, Read),
    /// The answer to a reading that was recorded before it began, because it tells its records one after another.
    Recorded(R),
}

impl<R> Done<R> {
    fn into_parts(self) -> (R, Record) {
        match self {
            Done::As(answer) => (answer, Record::Nothing),
            Done::Recorded(answer) => (answer, Record::There),
            Done::Read(answer, read) => (answer, Record::Of(read)),
        }
    }
}

/// What is to be recorded before an answer leaves.
enum Record {
    Nothing,
    There,
    Of(Read),
}

/// A reading to be recorded.
pub(super) enum Read {
    /// Of the account's own board.
    Own(Reading),
    /// By an operator, of this board.
    Of(OrganisationNumber, Reading),
    /// Through a portal, of this board.
    Through(OrganisationNumber, PortalReader, Reading),
}

impl GrpcServices {
    /// Makes a call as its row of the table says. `act` does what the call is for; everything else is done here.
    pub(super) async fn serve<M, R, F>(
        &self,
        call: &'static Call,
        request: Request<M>,
        act: impl FnOnce(Arc<Party>, M) -> F,
    ) -> Result<Response<R>, Status>
    where
        F: Future<Output = Result<Done<R>, Refusal>>,
    {
        let (metadata, extensions, message) = request.into_parts();
        let party = self.let_in(call, Request::from_parts(metadata, extensions, ())).await?;
        let refusal = match act(party.clone(), message).await {
            Ok(done) => {
                let (answer, record) = done.into_parts();
                match self.left(call, &party, record).await {
                    Ok(()) => return Ok(Response::new(answer)),
                    Err(refusal) => refusal,
                }
            }
            Err(refusal) => refusal,
        };
        Err(self.told(call, &party, refusal).await)
    }

    // What all calls do alike stands behind functions of its own that box it: an `async fn` is compiled anew into everything that
    // awaits it, and there are some sixty calls.

    fn let_in<'a>(
        &'a self,
        call: &'static Call,
        head: Request<()>,
    ) -> BoxFuture<'a, Result<Arc<Party>, Refusal>> {
        async move { self.enter(call, &head).await.map(Arc::new) }.boxed()
    }

    fn left<'a>(
        &'a self,
        call: &'static Call,
        party: &'a Party,
        record: Record,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        self.recorded(call, party, record).boxed()
    }

    fn told<'a>(&'a self, call: &'static Call, party: &'a Party, refusal: Refusal) -> BoxFuture<'a, Status> {
        async move { self.refused(call, party, refusal).await.into() }.boxed()
    }

    /// Who calls, if the table lets them in.
    async fn enter(&self, call: &'static Call, request: &Request<()>) -> Result<Party, Refusal> {
        let certificate = self.callers.certificate(request)?;
        let asserts = request.metadata().contains_key("authorization");
        let is = |wanted: Who| call.who.contains(&wanted);
        if is(Who::Anybody) {
            return Ok(Party::Anybody);
        }
        if (is(Who::Operator) || is(Who::TwoOperators)) && self.callers.operators.contains(&certificate) {
            return Ok(Party::Operator(certificate));
        }
        let duties = call.who.iter().find_map(|who| match who {
            Who::Account(duties) => Some(*duties),
            Who::Asker | Who::Confirming => Some(&[] as &[Duty]),
            _ => None,
        });
        let by_certificate = is(Who::Agent) || is(Who::Agency) || is(Who::Portal);
        if by_certificate && !(asserts && duties.is_some()) {
            match self.callers.owner(request).await? {
                CertificateOwner::Agent { organisation } if is(Who::Agent) => {
                    let (_, agent) = self.desk.agent(organisation).await?;
                    let accepts = agent.accepts_certificate(&certificate, self.callers.clock.now());
                    return if accepts { Ok(Party::Agent(organisation)) } else { Err(revoked()) };
                }
                CertificateOwner::Agency { agency } if is(Who::Agency) => return Ok(Party::Agency(agency)),
                CertificateOwner::Portal { organisation } if is(Who::Portal) => {
                    let portal = self.desk.portal(organisation, &certificate).await?;
                    return Ok(Party::Portal(portal.ok_or_else(revoked)?, certificate));
                }
                _ => {}
            }
        }
        let Some(duties) = duties else { return Err(self.not_theirs(call, request).await) };
        let caller = self.callers.account(request).await?;
        // A question is judged whole where it is asked: a refusal then says what was asked.
        if !is(Who::Asker) {
            let judged = match is(Who::Confirming) {
                true => self.desk.judge_confirming(&caller).await?,
                false => self.desk.judge(&caller, duties).await?,
            };
            if let Err((denial, versions)) = judged {
                let refused = Refused { call: Some(call.refused()), ..self.refusal_of(denial) };
                let denial = self.record(&caller, Refused { versions, ..refused }).await?;
                return Err(Refusal::Denied(denial));
            }
        }
        Ok(Party::Account(caller))
    }

    /// The refusal of a call that is not an account's to make; an account that tries is recorded.
    async fn not_theirs(&self, call: &'static Call, request: &Request<()>) -> Refusal {
        let refusal = match call.who.last() {
            Some(Who::Agent) => Refusal::AgentsOnly,
            Some(Who::Portal) => Refusal::PortalsOnly,
            _ => Refusal::OperatorsOnly,
        };
        if !request.metadata().contains_key("authorization") {
            return refusal;
        }
        match self.callers.account(request).await {
            Ok(caller) => self.refused(call, &Party::Account(caller), refusal).await,
            Err(_) => refusal,
        }
    }

    /// Lets an answer go, once its reading stands in the log. What the table calls a reading does not leave without one.
    async fn recorded(&self, call: &'static Call, party: &Party, record: Record) -> Result<(), Refusal> {
        let read = match record {
            Record::Nothing if call.records == Records::Reading => {
                tracing::error!(call = call.method, "a reading had no record, and its answer was held back");
                return Err(Refusal::Unavailable);
            }
            Record::Nothing | Record::There => return Ok(()),
            Record::Of(read) => read,
        };
        let recorded = match (read, party) {
            (Read::Own(reading), Party::Account(caller)) => {
                self.log.record_reading(caller, reading, Some(caller.token.clone())).await
            }
            (Read::Of(board, reading), Party::Operator(certificate)) => {
                let by = OperatorReader::new(*certificate);
                self.log.record_operator_reading(board, &by, reading).await
            }
            (Read::Through(board, portal, reading), Party::Portal(..)) => {
                self.log.record_portal_reading(board, &portal, reading).await
            }
            _ => return Err(Refusal::Unavailable),
        };
        Ok(recorded.map_err(DeskError::from)?)
    }

    /// What is told of a refusal, once it stands in the log of the board whose account it was, and its assertion is spent.
    async fn refused(&self, call: &'static Call, party: &Party, refusal: Refusal) -> Refusal {
        let (Party::Account(caller), Some((denial, field))) = (party, unrecorded(&refusal)) else {
            return refusal;
        };
        let refused = Refused { field, call: Some(call.refused()), ..self.refusal_of(denial) };
        match self.record(caller, refused).await {
            // Whatever else was wrong: a spent assertion is told of, as everywhere.
            Ok(Denial::AssertionUsed) => Refusal::Denied(Denial::AssertionUsed),
            Ok(_) => refusal,
            Err(error) => error,
        }
    }

    fn refusal_of(&self, denial: Denial) -> Refused<'static> {
        Refused::new(None, denial, Vec::new(), self.callers.clock.now(), Door::Grpc)
    }

    /// Records a refusal, in a task of its own: a caller that hangs up does not keep it out of the log.
    async fn record(&self, caller: &Caller, refused: Refused<'static>) -> Result<Denial, Refusal> {
        tracing::info!(denial = refused.denial.as_str(), "a call was refused");
        let (log, caller) = (self.log.clone(), caller.clone());
        let recorded = tokio::spawn(async move { log.refuse(&caller, refused).await }).await;
        recorded
            .map_err(|_| panicked("a refusal's record ended in a panic"))?
            .map_err(|error| DeskError::from(error).into())
    }
}

/// The denial that a refusal is recorded as; `None` if it was recorded where it was decided, or is a failure of ours.
fn unrecorded(refusal: &Refusal) -> Option<(Denial, Option<&'static str>)> {
    match refusal {
        Refusal::Replayed => Some((Denial::AssertionUsed, None)),
        Refusal::Invalid(error) => Some((Denial::Malformed, Some(error.field))),
        Refusal::Exists(field) => Some((Denial::RegisteredAlready, Some(field))),
        Refusal::Unknown(field) => Some((Denial::NotRegistered, Some(field))),
        Refusal::NotKept => Some((Denial::NotRegistered, Some("entry_id"))),
        Refusal::Raced | Refusal::HasChanged(_) => Some((Denial::ChangedMeanwhile, None)),
        Refusal::NotRead(_) => Some((Denial::Malformed, Some("expected_version"))),
        Refusal::OperatorsOnly | Refusal::AgentsOnly | Refusal::PortalsOnly => {
            Some((Denial::CaseWorkerMayNot, None))
        }
        Refusal::Denied(_)
        | Refusal::Authentication(_)
        | Refusal::AwaitsSecond(_)
        | Refusal::NotNow(_)
        | Refusal::TooManyUnderWay
        | Refusal::TooLate
        | Refusal::NotArrived
        | Refusal::Unavailable
        | Refusal::Unrecorded
        | Refusal::Tampered => None,
    }
}

fn revoked() -> Refusal {
    AuthenticationError::CertificateRevoked.into()
}
