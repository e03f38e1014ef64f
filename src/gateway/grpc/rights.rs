//! `PersonRightsService`.

use ssbtek_access_log::{NowProtected, Reading, Standing};
use ssbtek_authorize::{AskError, Remembered, Statement};
use ssbtek_domain::{Agency, CaseId, CaseWorkerId, DateTime, Personnummer, Protection, Utc};
use ssbtek_proto::broker::v1::{
    CorrectAccountRequest, CorrectAccountResponse, CorrectMemberRequest, CorrectMemberResponse,
    GetProtectionRequest, GetProtectionResponse, GetRestrictionRequest, GetRestrictionResponse,
    LiftProtectionRequest, LiftProtectionResponse, LiftRestrictionRequest, LiftRestrictionResponse,
    ProtectionInCase, ProtectionStatement, RestrictPersonRequest, RestrictPersonResponse,
    person_rights_service_server::PersonRightsService,
};
use ssbtek_registry::{AccountCorrection, DeskError};
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, Read, field};
use crate::{Refusal, calls, encode};

#[tonic::async_trait]
impl PersonRightsService for GrpcServices {
    async fn correct_member(
        &self,
        request: Request<CorrectMemberRequest>,
    ) -> Result<Response<CorrectMemberResponse>, Status> {
        self.serve(&calls::CORRECT_MEMBER, request, |by, message| async move {
            let caller = by.account()?;
            let case = field("case_id", CaseId::parse(&message.case_id))?;
            // Undated: what was registered was checked against the day of its registration.
            let wrong = field("person_number", Personnummer::parse_twelve(&message.person_number))?;
            let person = self.person("right_person_number", &message.right_person_number)?;
            let role = encode::role_from_proto(message.right_role)
                .ok_or_else(|| AskError::new("right_role", "must be applicant, co-applicant or child"))
                .map_err(Refusal::from)?;
            let version = self.desk.correct_member(caller, &case, &wrong, (person, role)).await;
            Ok(Done::As(CorrectMemberResponse { version: version.map_err(Refusal::from)? }))
        })
        .await
    }

    async fn correct_account(
        &self,
        request: Request<CorrectAccountRequest>,
    ) -> Result<Response<CorrectAccountResponse>, Status> {
        self.serve(&calls::CORRECT_ACCOUNT, request, |by, request| async move {
            let caller = by.account()?;
            let CorrectAccountRequest { id, name, unit } = request;
            let id = field("id", CaseWorkerId::parse(&id))?;
            let version = self.desk.correct_account(caller, &id, AccountCorrection { name, unit }).await;
            Ok(Done::As(CorrectAccountResponse { version: version.map_err(Refusal::from)? }))
        })
        .await
    }

    async fn restrict_person(
        &self,
        request: Request<RestrictPersonRequest>,
    ) -> Result<Response<RestrictPersonResponse>, Status> {
        self.serve(&calls::RESTRICT_PERSON, request, |by, message| async move {
            let caller = by.account()?;
            let person = self.person("person_number", &message.person_number)?;
            let version = self.desk.restrict_person(caller, &person, &message.reference).await;
            Ok(Done::As(RestrictPersonResponse { version: version.map_err(Refusal::from)? }))
        })
        .await
    }

    async fn lift_restriction(
        &self,
        request: Request<LiftRestrictionRequest>,
    ) -> Result<Response<LiftRestrictionResponse>, Status> {
        self.serve(&calls::LIFT_RESTRICTION, request, |by, request| async move {
            let caller = by.account()?;
            let person = self.person("person_number", &request.person_number)?;
            let version = self.desk.lift_restriction(caller, &person).await?;
            Ok(Done::As(LiftRestrictionResponse { version }))
        })
        .await
    }

    async fn get_restriction(
        &self,
        request: Request<GetRestrictionRequest>,
    ) -> Result<Response<GetRestrictionResponse>, Status> {
        self.serve(&calls::GET_RESTRICTION, request, |by, request| async move {
            let caller = by.account()?;
            let person = self.person("person_number", &request.person_number)?;
            let found = self.desk.restriction(caller, &person).await?;
            let reading =
                Reading::by("restriction", "person", person.expose(), Some(u64::from(found.is_some())));
            let standing = NowProtected::new(&self.log, caller.board).of(&person).await;
            let is_protected = standing? == Standing::Protected;
            let reading = self.of_protected(caller, reading, u64::from(is_protected)).await?;
            let answer = found.map_or_else(GetRestrictionResponse::default, |found| GetRestrictionResponse {
                in_force: found.is_in_force(),
                reference: found.reference,
                by: found.by.as_str().to_owned(),
                since: found.since.to_rfc3339(),
                lifted_at: found.lifted.map(|(at, _)| at.to_rfc3339()).unwrap_or_default(),
            });
            Ok(Done::Read(answer, Read::Own(reading)))
        })
        .await
    }

    async fn get_protection(
        &self,
        request: Request<GetProtectionRequest>,
    ) -> Result<Response<GetProtectionResponse>, Status> {
        self.serve(&calls::GET_PROTECTION, request, |by, request| async move {
            let caller = by.account()?;
            let person = self.person("person_number", &request.person_number)?;
            let found = self.desk.remembered(caller, &person).await?;
            let told = u64::from(found.said.is_some() || found.in_cases.is_some());
            let reading = Reading::by("protection", "person", person.expose(), Some(told));
            let is_protected = found.level() > Protection::None || found.protects_beside();
            let reading = self.of_protected(caller, reading, u64::from(is_protected)).await?;
            Ok(Done::Read(protection(found), Read::Own(reading)))
        })
        .await
    }

    async fn lift_protection(
        &self,
        request: Request<LiftProtectionRequest>,
    ) -> Result<Response<LiftProtectionResponse>, Status> {
        self.serve(&calls::LIFT_PROTECTION, request, |by, request| async move {
            let caller = by.account()?;
            let person = self.person("person_number", &request.person_number)?;
            let lifted = self.desk.lift_protection(caller, &person, &request.ground).await;
            // What is not lifted tells whether there is something: a reading like any other.
            let told = match &lifted {
                Err(DeskError::Unknown(_)) => Some(0),
                Err(DeskError::Invalid(error)) if error.field == "person_number" => Some(1),
                _ => None,
            };
            if let Some(told) = told {
                let reading = Reading::by("protection", "person", person.expose(), Some(told));
                let reading = self.of_protected(caller, reading, told).await?;
                // The refusal spends the assertion.
                self.log.record_reading(caller, reading, None).await.map_err(DeskError::from)?;
            }
            lifted?;
            Ok(Done::As(LiftProtectionResponse {}))
        })
        .await
    }
}

fn protection(found: Remembered) -> GetProtectionResponse {
    let (level, household_protected) = (encode::protection(found.level()).into(), found.protects_beside());
    let said = found.said.map(|said| said.body).unwrap_or_default();
    let in_cases = found.in_cases.map(|found| found.body).unwrap_or_default();
    let time = |at: Option<DateTime<Utc>>| at.map(encode::time).unwrap_or_default();
    let statement = |(agency, said): (Agency, &Statement)| ProtectionStatement {
        source: agency.code().to_owned(),
        level: encode::protection(said.level).into(),
        since: encode::time(said.since),
        at: encode::time(said.at),
        entry_id: said.entry.to_string(),
        taken_back_at: time(said.taken_back),
    };
    let lifted = said.lifted.iter().chain(&in_cases.lifted).max_by_key(|lifted| lifted.at);
    let cases = in_cases.protected_in.iter().map(|(id, case)| ProtectionInCase {
        case_id: id.as_str().to_owned(),
        marked_since: time(
            in_cases.marks(&found.person).find(|(marked, _)| *marked == id).map(|(_, since)| since),
        ),
        beside_since: time(case.beside),
    });
    GetProtectionResponse {
        level,
        household_protected,
        said: said.own(&found.person).map(statement).collect(),
        said_of_others: said.others(&found.person).map(statement).collect(),
        cases: cases.collect(),
        settled_at: time(said.settled_at),
        lifted_at: time(lifted.as_ref().map(|lifted| lifted.at)),
        lifted_by: lifted.as_ref().map(|lifted| lifted.by.as_str().to_owned()).unwrap_or_default(),
        lifted_ground: lifted.map(|lifted| lifted.ground.clone()).unwrap_or_default(),
        named_since: time(said.named_since()),
    }
}

impl GrpcServices {
    fn person(&self, name: &'static str, text: &str) -> Result<Personnummer, Refusal> {
        field(name, Personnummer::parse(text, self.callers.clock.today()))
    }
}
