//! `CaseRegistryService`.

use std::collections::BTreeSet;

use ssbtek_authorize::{AskError, Member};
use ssbtek_domain::{CaseId, CaseWorkerId, Personnummer};
use ssbtek_proto::broker::v1::{
    AssignCaseRequest, AssignCaseResponse, CloseCaseRequest, CloseCaseResponse, ConfirmCaseRequest,
    ConfirmCaseResponse, HouseholdMember, RegisterCaseRequest, RegisterCaseResponse, SetMembersRequest,
    SetMembersResponse, case_registry_service_server::CaseRegistryService,
};
use ssbtek_registry::NewCase;
use tonic::{Request, Response, Status};

use super::{Done, GrpcServices, field, listed};
use crate::{Refusal, calls, encode};

#[tonic::async_trait]
impl CaseRegistryService for GrpcServices {
    async fn register_case(
        &self,
        request: Request<RegisterCaseRequest>,
    ) -> Result<Response<RegisterCaseResponse>, Status> {
        self.serve(&calls::REGISTER_CASE, request, |by, message| async move {
            let caller = by.account()?;
            let id = field("case_id", CaseId::parse(&message.case_id))?;
            let members = listed("members", message.members)?;
            let members = members.iter().map(|member| self.member(member)).collect::<Result<Vec<_>, _>>()?;
            let case_workers: BTreeSet<_> =
                accounts("case_workers", &message.case_workers)?.into_iter().collect();
            let provisional_days = message.provisional.then_some(self.limits.provisional_days);
            let new = NewCase { id, members, case_workers, provisional_days };
            let version = self.desk.register_new_case(caller, new).await?;
            Ok(Done::As(RegisterCaseResponse { version }))
        })
        .await
    }

    async fn assign_case(
        &self,
        request: Request<AssignCaseRequest>,
    ) -> Result<Response<AssignCaseResponse>, Status> {
        self.serve(&calls::ASSIGN_CASE, request, |by, message| async move {
            let caller = by.account()?;
            let id = field("case_id", CaseId::parse(&message.case_id))?;
            let (add, remove) = (accounts("add", &message.add)?, accounts("remove", &message.remove)?);
            let version = self.desk.assign_case(caller, &id, add, &remove).await?;
            Ok(Done::As(AssignCaseResponse { version }))
        })
        .await
    }

    async fn confirm_case(
        &self,
        request: Request<ConfirmCaseRequest>,
    ) -> Result<Response<ConfirmCaseResponse>, Status> {
        self.serve(&calls::CONFIRM_CASE, request, |by, request| async move {
            let caller = by.account()?;
            let id = field("case_id", CaseId::parse(&request.case_id))?;
            let version = self.desk.confirm_case(caller, &id).await?;
            Ok(Done::As(ConfirmCaseResponse { version }))
        })
        .await
    }

    async fn set_members(
        &self,
        request: Request<SetMembersRequest>,
    ) -> Result<Response<SetMembersResponse>, Status> {
        self.serve(&calls::SET_MEMBERS, request, |by, message| async move {
            let caller = by.account()?;
            let id = field("case_id", CaseId::parse(&message.case_id))?;
            let members = listed("members", message.members)?;
            let members = members.iter().map(|member| self.member(member)).collect::<Result<Vec<_>, _>>()?;
            let desk = self.desk.having_read(message.expected_version);
            let version = desk.set_members(caller, &id, members).await?;
            Ok(Done::As(SetMembersResponse { version }))
        })
        .await
    }

    async fn close_case(
        &self,
        request: Request<CloseCaseRequest>,
    ) -> Result<Response<CloseCaseResponse>, Status> {
        self.serve(&calls::CLOSE_CASE, request, |by, request| async move {
            let caller = by.account()?;
            let id = field("case_id", CaseId::parse(&request.case_id))?;
            let version = self.desk.close_case(caller, &id).await?;
            Ok(Done::As(CloseCaseResponse { version }))
        })
        .await
    }
}

impl GrpcServices {
    fn member(&self, member: &HouseholdMember) -> Result<Member, Refusal> {
        let today = self.callers.clock.today();
        let person = field("members.person_number", Personnummer::parse(&member.person_number, today))?;
        let role = encode::role_from_proto(member.role)
            .ok_or_else(|| AskError::new("members.role", "must be applicant, co-applicant or child"))?;
        let day = |name: &'static str, text: &Option<String>| {
            text.as_ref().map(|text| super::day(name, text)).transpose()
        };
        let (from, to) = (day("members.from", &member.from)?, day("members.to", &member.to)?);
        Ok(Member { person, role, from, to, protected: member.protected })
    }
}

fn accounts(name: &'static str, accounts: &[String]) -> Result<Vec<CaseWorkerId>, Refusal> {
    let accounts = listed(name, accounts.iter().collect())?;
    accounts.into_iter().map(|account| field(name, CaseWorkerId::parse(account))).collect()
}
