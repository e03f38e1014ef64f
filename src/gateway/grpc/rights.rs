//! `PersonRightsService`.

use ssbtek_authorize::AskError;
use ssbtek_domain::{CaseId, CaseWorkerId, Personnummer};
use ssbtek_proto::broker::v1::{
    CorrectAccountRequest, CorrectAccountResponse, CorrectMemberRequest, CorrectMemberResponse,
    GetRestrictionRequest, GetRestrictionResponse, LiftRestrictionRequest, LiftRestrictionResponse,
    RestrictPersonRequest, RestrictPersonResponse, person_rights_service_server::PersonRightsService,
};
use ssbtek_registry::AccountCorrection;
use tonic::{Request, Response, Status};

use super::{GrpcServices, field};
use crate::{Refusal, encode};

#[tonic::async_trait]
impl PersonRightsService for GrpcServices {
    async fn correct_member(
        &self,
        request: Request<CorrectMemberRequest>,
    ) -> Result<Response<CorrectMemberResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let message = request.into_inner();
        let case = field("case_id", CaseId::parse(&message.case_id))?;
        // Undated: what was registered was checked against the day of its registration.
        let wrong = field("person_number", Personnummer::parse_undated(&message.person_number))?;
        let person = self.person("right_person_number", &message.right_person_number)?;
        let role = encode::role_from_proto(message.right_role)
            .ok_or_else(|| AskError::new("right_role", "must be applicant, co-applicant or child"))
            .map_err(Refusal::from)?;
        let version = self.desk.correct_member(&caller, &case, &wrong, (person, role)).await;
        Ok(Response::new(CorrectMemberResponse { version: version.map_err(Refusal::from)? }))
    }

    async fn correct_account(
        &self,
        request: Request<CorrectAccountRequest>,
    ) -> Result<Response<CorrectAccountResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let CorrectAccountRequest { id, name, unit } = request.into_inner();
        let id = field("id", CaseWorkerId::parse(&id))?;
        let version = self.desk.correct_account(&caller, &id, AccountCorrection { name, unit }).await;
        Ok(Response::new(CorrectAccountResponse { version: version.map_err(Refusal::from)? }))
    }

    async fn restrict_person(
        &self,
        request: Request<RestrictPersonRequest>,
    ) -> Result<Response<RestrictPersonResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let message = request.into_inner();
        let person = self.person("person_number", &message.person_number)?;
        let version = self.desk.restrict_person(&caller, &person, &message.reference).await;
        Ok(Response::new(RestrictPersonResponse { version: version.map_err(Refusal::from)? }))
    }

    async fn lift_restriction(
        &self,
        request: Request<LiftRestrictionRequest>,
    ) -> Result<Response<LiftRestrictionResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let person = self.person("person_number", &request.into_inner().person_number)?;
        let version = self.desk.lift_restriction(&caller, &person).await.map_err(Refusal::from)?;
        Ok(Response::new(LiftRestrictionResponse { version }))
    }

    async fn get_restriction(
        &self,
        request: Request<GetRestrictionRequest>,
    ) -> Result<Response<GetRestrictionResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let person = self.person("person_number", &request.into_inner().person_number)?;
        let found = self.desk.restriction(&caller, &person).await.map_err(Refusal::from)?;
        Ok(Response::new(found.map_or_else(GetRestrictionResponse::default, |found| {
            GetRestrictionResponse {
                in_force: found.is_in_force(),
                reference: found.reference,
                by: found.by.as_str().to_owned(),
                since: found.since.to_rfc3339(),
                lifted_at: found.lifted.map(|(at, _)| at.to_rfc3339()).unwrap_or_default(),
            }
        })))
    }
}

impl GrpcServices {
    fn person(&self, name: &'static str, text: &str) -> Result<Personnummer, Refusal> {
        field(name, Personnummer::parse(text, self.callers.clock.today()))
    }
}
