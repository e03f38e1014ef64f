//! Every way an assertion can be wrong, against a registry that holds one board.

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ssbtek_authorize::{
    AssertionKey, Board, CertificateOwner, DocumentHash, Facts, FactsKey, KeyAlgorithm,
    RegisteredCertificate, Registry, RegistryError, Step, StepKind, Versioned,
};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};

use crate::{AssertionRules, AuthenticationError, Claims, Confirmation, authenticate, thumbprint};

#[path = "tests_jose.rs"]
mod jose;

const CERTIFICATE: [u8; 32] = [7; 32];

struct OneBoard {
    board: Board,
    owner: Option<CertificateOwner>,
}

#[async_trait]
impl Registry for OneBoard {
    async fn certificate_owner(&self, _: &[u8; 32]) -> Result<Option<CertificateOwner>, RegistryError> {
        Ok(self.owner.clone())
    }
    async fn facts(&self, _: &FactsKey) -> Result<Facts, RegistryError> {
        let board = Some(Versioned { version: 1, body: self.board.clone() });
        Ok(Facts { board, ..Facts::default() })
    }
}

struct World {
    registry: OneBoard,
    key: rcgen::KeyPair,
    now: DateTime<Utc>,
    claims: Claims,
    header: Header,
}

fn world() -> World {
    let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let organisation = OrganisationNumber::parse("162120000142").unwrap();
    let application = Step {
        kind: StepKind::Apply,
        by: "operator".into(),
        at: now,
        document: DocumentHash::parse(&"a1".repeat(32)).unwrap(),
        on: None,
    };
    let assertion_key = AssertionKey {
        kid: "k1".into(),
        algorithm: KeyAlgorithm::Es256,
        public_pem: key.public_key_pem(),
        valid_from: now - chrono::TimeDelta::days(1),
        valid_until: None,
    };
    let own = RegisteredCertificate::new(&CERTIFICATE);
    let certificates = vec![RegisteredCertificate { proven_at: Some(now), ..own }];
    let board =
        Board::applied(organisation, "Testnämnden".into(), certificates, vec![assertion_key], application);
    let claims = Claims {
        iss: organisation.to_string(),
        sub: "anna".into(),
        aud: "ssbtek-broker".into(),
        iat: now.timestamp(),
        exp: now.timestamp() + 120,
        jti: "0123456789".into(),
        cnf: Confirmation { x5t_s256: thumbprint(&CERTIFICATE) },
    };
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".into());
    World {
        registry: OneBoard { board, owner: Some(CertificateOwner::Board { organisation }) },
        key,
        now,
        claims,
        header,
    }
}

impl World {
    async fn outcome(&self) -> Result<(), AuthenticationError> {
        let key = EncodingKey::from_ec_pem(self.key.serialize_pem().as_bytes()).unwrap();
        let token = jsonwebtoken::encode(&self.header, &self.claims, &key).unwrap();
        let rules = AssertionRules::default();
        authenticate(&self.registry, &CERTIFICATE, Some(&token), &rules, self.now).await.map(|_| ())
    }
}

async fn with(change: impl FnOnce(&mut World)) -> Result<(), AuthenticationError> {
    let mut world = world();
    change(&mut world);
    world.outcome().await
}

#[tokio::test]
async fn a_fresh_bound_assertion_from_a_registered_key_is_believed() {
    assert_eq!(with(|_| ()).await, Ok(()));
    assert_eq!(with(|w| w.header.kid = None).await, Ok(()));
}

#[tokio::test]
async fn a_missing_or_malformed_assertion_is_refused() {
    let world = world();
    let rules = AssertionRules::default();
    for (token, expected) in [
        (None, AuthenticationError::AssertionMissing),
        (Some("x"), AuthenticationError::AssertionMalformed),
        (Some("a.b.c"), AuthenticationError::AssertionMalformed),
        (Some("eyJhbGciOiJub25lIn0.e30."), AuthenticationError::AssertionMalformed),
    ] {
        let result = authenticate(&world.registry, &CERTIFICATE, token, &rules, world.now).await;
        assert_eq!(result.map(|_| ()), Err(expected));
    }
}

#[tokio::test]
async fn times_are_judged_by_the_given_clock_within_the_skew() {
    use AuthenticationError::*;
    assert_eq!(with(|w| w.now += chrono::TimeDelta::seconds(179)).await, Ok(()));
    assert_eq!(with(|w| w.now += chrono::TimeDelta::seconds(180)).await, Err(AssertionExpired));
    assert_eq!(with(|w| w.now -= chrono::TimeDelta::seconds(60)).await, Ok(()));
    assert_eq!(with(|w| w.now -= chrono::TimeDelta::seconds(61)).await, Err(AssertionNotYetValid));
    assert_eq!(with(|w| w.claims.exp = w.claims.iat + 301).await, Err(AssertionTooLong));
    assert_eq!(with(|w| w.claims.exp = w.claims.iat).await, Err(AssertionTooLong));
}

#[tokio::test]
async fn an_assertion_for_somebody_or_something_else_is_refused() {
    use AuthenticationError::*;
    assert_eq!(with(|w| w.claims.aud = "other".into()).await, Err(AssertionAudience));
    assert_eq!(with(|w| w.claims.cnf.x5t_s256 = thumbprint(&[8; 32])).await, Err(AssertionForeign));
    assert_eq!(with(|w| w.claims.iss = "162120000143".into()).await, Err(Claim("iss")));
    assert_eq!(with(|w| w.claims.jti = "short".into()).await, Err(Claim("jti")));
    assert_eq!(with(|w| w.claims.sub = " ".into()).await, Err(Claim("sub")));
}

#[tokio::test]
async fn only_a_registered_key_in_use_signs() {
    use AuthenticationError::*;
    let other = rcgen::KeyPair::generate().unwrap();
    assert_eq!(with(|w| w.key = other).await, Err(AssertionSignature));
    assert_eq!(with(|w| w.header.kid = Some("k2".into())).await, Err(AssertionSignature));
    assert_eq!(
        with(|w| w.registry.board.assertion_keys[0].valid_until = Some(w.now)).await,
        Err(AssertionSignature)
    );
    assert_eq!(
        with(|w| w.registry.board.assertion_keys[0].algorithm = KeyAlgorithm::EdDsa).await,
        Err(AssertionSignature)
    );
}

#[tokio::test]
async fn a_certificate_of_nobody_of_an_operator_or_of_another_board_is_refused() {
    use AuthenticationError::*;
    assert_eq!(with(|w| w.registry.owner = None).await, Err(CertificateOfNobody));
    assert_eq!(with(|w| w.registry.owner = Some(CertificateOwner::Operator)).await, Err(CertificateOfNobody));
    let another = OrganisationNumber::parse("212000-1355").unwrap();
    let owner = Some(CertificateOwner::Board { organisation: another });
    assert_eq!(with(|w| w.registry.owner = owner).await, Err(CertificateOfAnother));
}
