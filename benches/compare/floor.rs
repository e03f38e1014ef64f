//! The floor: a bare gateway on tonic and prost. Asks every source, decodes, concatenates. No TLS, permit, log or merge.

use anyhow::{Context, Result};
use futures::{future::join_all, stream};
use serde_json::json;
use ssbtek_proto::{
    agency::v1::{GetPersonFactsRequest, agency_service_client::AgencyServiceClient},
    broker::v1::{
        AskHouseholdRequest, AskRequest, AskResponse, AskStreamResponse, ResumeAskRequest, SourceReport,
        person_query_service_server::{PersonQueryService, PersonQueryServiceServer},
    },
};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};

use super::{
    process::{orders, say},
    world::{BOARD, BOARD_NAME, CASE_WORKER, World},
};

struct Floor {
    sources: Vec<(String, AgencyServiceClient<Channel>)>,
}

pub(crate) async fn play(world: &World) -> Result<()> {
    let addresses = world.mocks()?.plain;
    let mut channels: Vec<(String, Channel)> = Vec::new();
    let mut sources = Vec::new();
    for code in world.sources()? {
        let address = addresses.get(&code).context("a source has no address")?;
        let known = channels.iter().find(|(known, _)| known == address).map(|(_, channel)| channel.clone());
        let channel = match known {
            Some(channel) => channel,
            None => Endpoint::from_shared(address.clone())?.connect_lazy(),
        };
        channels.push((address.clone(), channel.clone()));
        sources.push((code, AgencyServiceClient::new(channel)));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&json!({ "url": format!("http://{}", listener.local_addr()?) }));
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = Server::builder()
        .add_service(PersonQueryServiceServer::new(Floor { sources }))
        .serve_with_incoming(incoming);
    let mut orders = orders();
    tokio::select! {
        served = serving => served?,
        _ = orders.recv() => {}
    }
    Ok(())
}

#[tonic::async_trait]
impl PersonQueryService for Floor {
    type AskStreamStream = stream::Empty<Result<AskStreamResponse, Status>>;
    type ResumeAskStream = stream::Empty<Result<AskStreamResponse, Status>>;

    async fn ask_stream(&self, _: Request<AskRequest>) -> Result<Response<Self::AskStreamStream>, Status> {
        Err(Status::unimplemented("nothing is measured that is told as it comes"))
    }

    type AskHouseholdStream = stream::Empty<Result<AskStreamResponse, Status>>;

    async fn ask_household(
        &self,
        _: Request<AskHouseholdRequest>,
    ) -> Result<Response<Self::AskHouseholdStream>, Status> {
        Err(Status::unimplemented("nothing is measured about households"))
    }

    async fn resume_ask(
        &self,
        _: Request<ResumeAskRequest>,
    ) -> Result<Response<Self::ResumeAskStream>, Status> {
        Err(Status::unimplemented("nothing is measured that is taken up again"))
    }

    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let ask = request.into_inner();
        let person_number = ask.person_number.clone().unwrap_or_default();
        let asking = self.sources.iter().map(|(code, client)| {
            let question = question(code, &ask);
            let mut client = client.clone();
            async move { client.get_person_facts(question).await }
        });
        let answers = join_all(asking).await;
        let mut sources = Vec::with_capacity(answers.len());
        for ((code, _), answer) in self.sources.iter().zip(answers) {
            let answer = answer?.into_inner();
            if answer.person_number != person_number {
                return Err(Status::internal("another person"));
            }
            sources.push(SourceReport {
                source: code.clone(),
                outcome: answer.outcome,
                parts: answer.parts,
                section: answer.section,
                ..SourceReport::default()
            });
        }
        Ok(Response::new(AskResponse { person_number, sources, ..AskResponse::default() }))
    }
}

fn question(source: &str, ask: &AskRequest) -> GetPersonFactsRequest {
    GetPersonFactsRequest {
        source: source.to_owned(),
        entry_id: "0".repeat(32),
        organisation_number: BOARD.to_owned(),
        organisation_name: BOARD_NAME.to_owned(),
        case_worker: CASE_WORKER.to_owned(),
        case_id: ask.case_id.clone(),
        processors: vec![],
        person_number: ask.person_number.clone().unwrap_or_default(),
        period: ask.period.clone(),
        purpose: "ekonomiskt bistånd".to_owned(),
        legal_basis: "SFS 2008:975".to_owned(),
        kinds: vec![],
    }
}
