//! `CaseRegistryService`.

use std::collections::BTreeSet;

use ssbtek_authorize::{AskError, Member};
use ssbtek_domain::{CaseId, CaseWorkerId, Personnummer};
use ssbtek_proto::broker::v1::{
    AssignCaseRequest, AssignCaseResponse, CloseCaseRequest, CloseCaseResponse, HouseholdMember,
    RegisterCaseRequest, RegisterCaseResponse, case_registry_service_server::CaseRegistryService,
};
use tonic::{Request, Response, Status};

use super::{GrpcServices, field};
use crate::{Refusal, encode};

#[tonic::async_trait]
impl CaseRegistryService for GrpcServices {
    async fn register_case(
        &self,
        request: Request<RegisterCaseRequest>,
    ) -> Result<Response<RegisterCaseResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let message = request.into_inner();
        let id = field("case_id", CaseId::parse(&message.case_id))?;
        let members =
            message.members.iter().map(|member| self.member(member)).collect::<Result<Vec<_>, _>>()?;
        let case_workers: BTreeSet<_> =
            accounts("case_workers", &message.case_workers)?.into_iter().collect();
        let version =
            self.desk.register_case(&caller, id, members, case_workers).await.map_err(Refusal::from)?;
        Ok(Response::new(RegisterCaseResponse { version }))
    }

    async fn assign_case(
        &self,
        request: Request<AssignCaseRequest>,
    ) -> Result<Response<AssignCaseResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let message = request.into_inner();
        let id = field("case_id", CaseId::parse(&message.case_id))?;
        let (add, remove) = (accounts("add", &message.add)?, accounts("remove", &message.remove)?);
        let version = self.desk.assign_case(&caller, &id, add, &remove).await.map_err(Refusal::from)?;
        Ok(Response::new(AssignCaseResponse { version }))
    }

    async fn close_case(
        &self,
        request: Request<CloseCaseRequest>,
    ) -> Result<Response<CloseCaseResponse>, Status> {
        let caller = self.callers.account(&request).await?;
        let id = field("case_id", CaseId::parse(&request.into_inner().case_id))?;
        let version = self.desk.close_case(&caller, &id).await.map_err(Refusal::from)?;
        Ok(Response::new(CloseCaseResponse { version }))
    }
}

impl GrpcServices {
    fn member(&self, member: &HouseholdMember) -> Result<Member, Refusal> {
        let today = self.callers.clock.today();
        let person = field("members.person_number", Personnummer::parse(&member.person_number, today))?;
        let role = encode::role_from_proto(member.role)
            .ok_or_else(|| AskError::new("members.role", "must be applicant, co-applicant or child"))?;
        Ok(Member { person, role })
    }
}

fn accounts(name: &'static str, accounts: &[String]) -> Result<Vec<CaseWorkerId>, Refusal> {
    accounts.iter().map(|account| field(name, CaseWorkerId::parse(account))).collect()
}
