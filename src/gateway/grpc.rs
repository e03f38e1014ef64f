//! The gRPC services, together with health and reflection.

mod administration;
mod agreements;
mod cases;
mod disclosure;
mod enter;
mod fields;
mod log;
mod log_criteria;
mod log_entry;
mod log_keys;
mod log_report;
mod log_review;
mod portal;
mod query;
mod retention;
mod rights;
mod together;

use std::{sync::Arc, time::Duration};

use ssbtek_access_log::AccessLog;
use ssbtek_authorize::AskLimits;
use ssbtek_proto::broker::v1::{
    access_log_service_server::AccessLogServiceServer,
    administration_service_server::AdministrationServiceServer,
    agreement_service_server::AgreementServiceServer,
    case_registry_service_server::CaseRegistryServiceServer,
    citizen_portal_service_server::CitizenPortalServiceServer,
    disclosure_service_server::DisclosureServiceServer, log_key_service_server::LogKeyServiceServer,
    person_query_service_server::PersonQueryServiceServer,
    person_rights_service_server::PersonRightsServiceServer,
    retention_service_server::RetentionServiceServer,
};
use ssbtek_purge::{Purger, Readiness};
use ssbtek_query::QueryPath;
use ssbtek_registry::Desk;
use tokio::sync::watch;
use tonic::{server::NamedService, service::Routes};

use crate::{Callers, under_way::UnderWay};
use enter::{Done, Party, Read};
use fields::{count, day, field, listed, moment, month};

/// Bounds of the services.
#[derive(Debug, Clone, Copy)]
pub struct ServiceLimits {
    /// Largest message taken, in bytes.
    pub max_question_bytes: usize,
    /// Longest a message may take to arrive, in milliseconds.
    pub read_timeout_ms: u64,
    /// Longest a whole question may take, in milliseconds; a caller's own deadline can only shorten it.
    pub query_deadline_ms: u64,
    /// Bounds on a question's form.
    pub ask: AskLimits,
    /// After how many days a provisional case lapses.
    pub provisional_days: u16,
    /// Longest that one decision may delay telling a person, in days.
    pub max_delay_days: u16,
    /// Most readings of protected persons of one account within an hour.
    pub max_protected_reads_an_hour: u32,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            max_question_bytes: 256 * 1024,
            read_timeout_ms: 5_000,
            query_deadline_ms: 30_000,
            ask: AskLimits::default(),
            provisional_days: 14,
            max_delay_days: 365,
            max_protected_reads_an_hour: 20,
        }
    }
}

/// Everything the services need.
#[derive(Clone)]
pub struct GrpcServices {
    /// Establishes callers.
    pub callers: Callers,
    /// Answers questions.
    pub query: Arc<QueryPath>,
    /// Changes the registry.
    pub desk: Desk,
    /// Is read by auditors.
    pub log: AccessLog,
    /// Keeps the limits of what is kept.
    pub purger: Arc<Purger>,
    /// For each board, whether its log is cosigned in time; `None` without witnesses.
    pub cosigned: Option<watch::Receiver<Readiness>>,
    /// Bounds.
    pub limits: ServiceLimits,
}

impl GrpcServices {
    /// All services behind one router.
    pub async fn routes(self) -> Routes {
        let max = self.limits.max_question_bytes;
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<PersonQueryServiceServer<GrpcServices>>().await;
        if let Some(cosigned) = self.cosigned.clone() {
            tokio::spawn(retention::show_boards("ssbtek.witness", cosigned, health.clone()));
        }
        tokio::spawn(retention::show_boards("ssbtek.board", self.purger.readiness(), health));
        let mut routes = Routes::builder();
        routes
            .add_service(PersonQueryServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(CaseRegistryServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(AdministrationServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(RetentionServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(PersonRightsServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(AgreementServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(LogKeyServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(CitizenPortalServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(DisclosureServiceServer::new(self.clone()).max_decoding_message_size(max))
            .add_service(AccessLogServiceServer::new(self).max_decoding_message_size(max))
            .add_service(health_service);
        // What is served, and not whatever else the descriptors hold.
        let names = [
            PersonQueryServiceServer::<GrpcServices>::NAME,
            CaseRegistryServiceServer::<GrpcServices>::NAME,
            AdministrationServiceServer::<GrpcServices>::NAME,
            RetentionServiceServer::<GrpcServices>::NAME,
            PersonRightsServiceServer::<GrpcServices>::NAME,
            AgreementServiceServer::<GrpcServices>::NAME,
            CitizenPortalServiceServer::<GrpcServices>::NAME,
            DisclosureServiceServer::<GrpcServices>::NAME,
            AccessLogServiceServer::<GrpcServices>::NAME,
            LogKeyServiceServer::<GrpcServices>::NAME,
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
        ];
        let builder = tonic_reflection::server::Builder::configure();
        let reflection = names
            .into_iter()
            .fold(builder, |builder, name| builder.with_service_name(name))
            .register_encoded_file_descriptor_set(ssbtek_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1();
        match reflection {
            Ok(reflection) => {
                routes.add_service(reflection);
            }
            Err(_) => {
                tracing::error!("gRPC reflection is not available: the descriptors do not fit together")
            }
        }
        routes.routes().prepare()
    }

    /// How much longer this question may take.
    fn within(&self, call: Option<&UnderWay>) -> Duration {
        let own = Duration::from_millis(self.limits.query_deadline_ms);
        call.map_or(own, |call| call.left(own))
    }
}
