//! `DisclosureService`.

use std::collections::BTreeSet;

use ssbtek_authorize::{AskError, DocumentHash};
use ssbtek_domain::{
    CaseId, OrganisationNumber,
    calendar::{month_expires_at, month_of},
    stockholm_date,
};
use ssbtek_proto::broker::v1::{
    DecideDelayRequest, DecideDelayResponse, RegisterPortalRequest, RegisterPortalResponse,
    RevokePortalRequest, RevokePortalResponse, SetPortalsRequest, SetPortalsResponse,
    disclosure_service_server::DisclosureService,
};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, day, field};
use crate::{Refusal, calls};

#[tonic::async_trait]
impl DisclosureService for GrpcServices {
    async fn register_portal(
        &self,
        request: Request<RegisterPortalRequest>,
    ) -> Result<Response<RegisterPortalResponse>, Status> {
        self.serve(&calls::REGISTER_PORTAL, request, |by, m| async move {
            let portal = field("organisation_number", OrganisationNumber::parse(&m.organisation_number))?;
            let certificate = self.fingerprint(m.certificate)?;
            let version = self.desk_for(&by).register_portal(portal, &m.name, certificate).await?;
            Ok(Done::As(RegisterPortalResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn revoke_portal(
        &self,
        request: Request<RevokePortalRequest>,
    ) -> Result<Response<RevokePortalResponse>, Status> {
        self.serve(&calls::REVOKE_PORTAL, request, |by, m| async move {
            let portal = field("organisation_number", OrganisationNumber::parse(&m.organisation_number))?;
            let version = self.desk_for(&by).revoke_portal(portal, &m.sha256).await?;
            Ok(Done::As(RevokePortalResponse { version, told_later: self.told_later(&by).await }))
        })
        .await
    }

    async fn set_portals(
        &self,
        request: Request<SetPortalsRequest>,
    ) -> Result<Response<SetPortalsResponse>, Status> {
        self.serve(&calls::SET_PORTALS, request, |by, m| async move {
            let caller = by.account()?;
            let portals = m.portals.iter().map(|text| field("portals", OrganisationNumber::parse(text)));
            let portals = portals.collect::<Result<BTreeSet<_>, _>>()?;
            let certificates =
                m.certificates.iter().map(|text| field("certificates", DocumentHash::parse(text)));
            let certificates = certificates.collect::<Result<BTreeSet<_>, _>>()?;
            let desk = self.desk.having_read(m.expected_version);
            let version = desk.set_portals(caller, portals, certificates).await?;
            Ok(Done::As(SetPortalsResponse { version }))
        })
        .await
    }

    async fn decide_delay(
        &self,
        request: Request<DecideDelayRequest>,
    ) -> Result<Response<DecideDelayResponse>, Status> {
        self.serve(&calls::DECIDE_DELAY, request, |by, m| async move {
            let caller = by.account()?;
            let case = field("case_id", CaseId::parse(&m.case_id))?;
            let until = day("until", &m.until)?;
            // Not longer than the record of the decision is kept: without it the delay would end unsaid.
            let terms = self.purger.log().terms(caller.board).await.map_err(|_| Refusal::Unavailable)?.body;
            let kept = terms.log_months.unwrap_or(self.purger.policy().log_months);
            let forgotten = month_expires_at(&month_of(self.callers.clock.now()), kept).map(stockholm_date);
            if let Some(forgotten) = forgotten.filter(|forgotten| until > *forgotten) {
                let reason =
                    format!("must not lie after {forgotten}: until then the log keeps this decision");
                return Err(AskError::new("until", reason).into());
            }
            let why = (m.reason.as_str(), m.legal_basis.as_str());
            let decided = self.desk.decide_delay(caller, &case, why, until, self.limits.max_delay_days).await;
            Ok(Done::As(DecideDelayResponse { entry_id: decided.map_err(Refusal::from)?.to_string() }))
        })
        .await
    }
}
