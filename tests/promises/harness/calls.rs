//! Questions and assertions, good unless a test says otherwise.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ssbtek_authenticate::{Claims, Confirmation, thumbprint};
use ssbtek_domain::{Clock, Entropy, Role, SystemEntropy};
use ssbtek_pki::Issued;
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{
        self as proto, AskHouseholdRequest, AskRequest, AskResponse, SourceReport, ask_stream_response::Part,
    },
};
use tonic::{Request, Status, Streaming};

use super::world::{BOARD, World, hex};

/// An assertion on its way.
pub(crate) struct Assertion<'a> {
    world: &'a World,
    pub(crate) claims: Claims,
}

impl World {
    /// A fresh assertion for an account of the first board.
    pub(crate) fn assertion(&self, account: &str) -> Assertion<'_> {
        let now = self.clock.now().timestamp();
        let mut jti = [0; 16];
        SystemEntropy.fill(&mut jti);
        let claims = Claims {
            iss: BOARD.into(),
            sub: account.into(),
            aud: "ssbtek-broker".into(),
            iat: now,
            exp: now + 120,
            jti: hex(&jti),
            cnf: Confirmation { x5t_s256: thumbprint(&self.board.identity.fingerprint()) },
        };
        Assertion { world: self, claims }
    }

    /// A question about the applicant of `EB-1`.
    pub(crate) fn question(&self) -> AskRequest {
        AskRequest {
            case_id: "EB-1".into(),
            role: proto::Role::Applicant.into(),
            period: Some(Period { from: "2026-09-01".into(), to: "2026-11-22".into() }),
            ..AskRequest::default()
        }
    }
}

impl<'a> Assertion<'a> {
    pub(crate) fn issued_by(mut self, board: &str) -> Self {
        self.claims.iss = board.into();
        self
    }

    pub(crate) fn bound_to(mut self, certificate: &Issued) -> Self {
        self.claims.cnf.x5t_s256 = thumbprint(&certificate.identity.fingerprint());
        self
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Claims)) -> Self {
        change(&mut self.claims);
        self
    }

    /// The signed token.
    pub(crate) fn token(&self) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k1".into());
        let key = EncodingKey::from_ec_pem(self.world.key.serialize_pem().as_bytes()).unwrap();
        jsonwebtoken::encode(&header, &self.claims, &key).unwrap()
    }

    /// A call that carries it.
    pub(crate) fn on<T>(self, message: T) -> Request<T> {
        with_token(message, &self.token())
    }
}

/// A call that carries a token.
pub(crate) fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// Asking, in one line.
pub(crate) struct Ask;

impl Ask {
    /// As `anna` of the first board.
    pub(crate) async fn with(world: &World, question: AskRequest) -> Result<AskResponse, Status> {
        Self::send(world, &world.board, world.assertion("anna").on(question)).await
    }

    /// As `anna`, ready to be sent from a task of its own.
    pub(crate) fn outside(
        world: &World,
        question: AskRequest,
    ) -> impl Future<Output = Result<(), Status>> + Send + use<> {
        let channel = world.connect(&world.board.identity);
        let request = world.assertion("anna").on(question);
        async move {
            let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel);
            client.ask(request).await.map(|_| ())
        }
    }

    /// With a certificate and a call of one's own.
    pub(crate) async fn send(
        world: &World,
        certificate: &Issued,
        request: Request<AskRequest>,
    ) -> Result<AskResponse, Status> {
        Self::over(world.connect(&certificate.identity), request).await
    }

    /// As `anna` of the first board, told as it comes.
    pub(crate) async fn stream(world: &World, question: AskRequest) -> Result<Parts, Status> {
        Self::stream_over(world.connect(&world.board.identity), world.assertion("anna").on(question)).await
    }

    /// As `anna` of the first board, about everybody in a household.
    pub(crate) async fn household(world: &World, question: AskHouseholdRequest) -> Result<Parts, Status> {
        Self::household_with(world, world.assertion("anna").on(question)).await
    }

    /// The same with a call of one's own.
    pub(crate) async fn household_with(
        world: &World,
        request: Request<AskHouseholdRequest>,
    ) -> Result<Parts, Status> {
        let channel = world.connect(&world.board.identity);
        let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel);
        Ok(Parts(client.ask_household(request).await?.into_inner()))
    }

    /// As `anna` of the first board, over a connection of its own: what was cut off.
    pub(crate) async fn resume(world: &World, entry: &str) -> Result<Parts, Status> {
        Self::resume_as(world, &world.board, world.assertion("anna"), entry).await
    }

    /// The same with a certificate and an assertion of one's own.
    pub(crate) async fn resume_as(
        world: &World,
        certificate: &Issued,
        assertion: Assertion<'_>,
        entry: &str,
    ) -> Result<Parts, Status> {
        let channel = world.connect(&certificate.identity);
        let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel);
        let request = assertion.on(proto::ResumeAskRequest { entry_id: entry.into() });
        Ok(Parts(client.resume_ask(request).await?.into_inner()))
    }

    /// Over a connection that is there, told as it comes.
    pub(crate) async fn stream_over(
        channel: tonic::transport::Channel,
        request: Request<AskRequest>,
    ) -> Result<Parts, Status> {
        let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel);
        Ok(Parts(client.ask_stream(request).await?.into_inner()))
    }

    /// Over a connection that is there.
    pub(crate) async fn over(
        channel: tonic::transport::Channel,
        request: Request<AskRequest>,
    ) -> Result<AskResponse, Status> {
        let mut client = proto::person_query_service_client::PersonQueryServiceClient::new(channel);
        Ok(client.ask(request).await?.into_inner())
    }
}

/// An answer that is told as it comes.
pub(crate) struct Parts(Streaming<proto::AskStreamResponse>);

impl Parts {
    /// The next part; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Part>, Status> {
        Ok(self.0.message().await?.map(|message| message.part.unwrap()))
    }

    /// That the question is logged; its entry.
    pub(crate) async fn begun(&mut self) -> String {
        match self.next().await.unwrap().unwrap() {
            Part::Begun(begun) => begun.entry_id,
            other => panic!("{other:?} came first"),
        }
    }

    /// The next section.
    pub(crate) async fn section(&mut self) -> SourceReport {
        match self.next().await.unwrap().unwrap() {
            Part::Section(section) => section,
            other => panic!("{other:?} came where a section should"),
        }
    }

    /// The whole answer, with which it ends.
    pub(crate) async fn answer(&mut self) -> AskResponse {
        match self.next().await.unwrap().unwrap() {
            Part::Answer(answer) => {
                assert!(self.next().await.unwrap().is_none(), "something came after the answer");
                answer
            }
            other => panic!("{other:?} came where the answer should"),
        }
    }
}

pub(crate) fn role(role: Role) -> proto::Role {
    match role {
        Role::Applicant => proto::Role::Applicant,
        Role::CoApplicant => proto::Role::CoApplicant,
        Role::Child => proto::Role::Child,
    }
}
