//! RFC 7515, 7519, 7800 and 8725, point by point: what a token says is taken as the documents have it, or not at all.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{CERTIFICATE, World, world};
use crate::{
    AssertionRules, AuthenticationError, ReviewClaims, ReviewStatement, authenticate, review_is_signed,
    thumbprint,
};

const GOOD_HEADER: &str = r#"{"alg":"ES256","kid":"k1","typ":"JWT"}"#;

impl World {
    fn payload(&self) -> Value {
        serde_json::to_value(&self.claims).unwrap()
    }

    /// A token of exactly this header and payload, with a good signature.
    fn token(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let key = EncodingKey::from_ec_pem(self.key.serialize_pem().as_bytes()).unwrap();
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::ES256).unwrap();
        format!("{signed}.{signature}")
    }

    async fn judge(&self, token: &str) -> Result<(), AuthenticationError> {
        let rules = AssertionRules::default();
        authenticate(&self.registry, &CERTIFICATE, Some(token), &rules, self.now).await.map(|_| ())
    }

    async fn with_header(&self, header: &str) -> Result<(), AuthenticationError> {
        self.judge(&self.token(header, &self.payload().to_string())).await
    }

    /// With claims put in place of, or beside, those of a good assertion; `null` takes one away.
    async fn with_claims(&self, change: Value) -> Result<(), AuthenticationError> {
        let mut payload = self.payload();
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => payload.as_object_mut().unwrap().remove(name),
                value => payload.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        self.judge(&self.token(GOOD_HEADER, &payload.to_string())).await
    }
}

#[tokio::test]
async fn extensions_that_must_be_understood_are_refused_whatever_they_are() {
    let world = world();
    for crit in
        [r#"["exp"]"#, r#"["b64"],"b64":true"#, r#"["http://example.org/x"]"#, "[]", "null", r#""exp""#]
    {
        let header = format!(r#"{{"alg":"ES256","crit":{crit}}}"#);
        assert_eq!(
            world.with_header(&header).await,
            Err(AuthenticationError::AssertionHeader("crit")),
            "{crit}"
        );
    }
}

#[tokio::test]
async fn headers_that_change_what_a_token_means_are_refused_and_others_ignored() {
    let world = world();
    for (name, value) in
        [("b64", "false"), ("b64", "true"), ("zip", r#""DEF""#), ("enc", r#""A128GCM""#), ("cty", r#""JWT""#)]
    {
        let header = format!(r#"{{"alg":"ES256","{name}":{value}}}"#);
        assert_eq!(
            world.with_header(&header).await,
            Err(AuthenticationError::AssertionHeader(name)),
            "{name}"
        );
    }
    // A key that a token brings or points to is never looked at: the registered one verifies, or nothing does.
    for other in
        [r#""jku":"https://attacker.example/keys""#, r#""x5u":"file:///etc/passwd""#, r#""x-own":{"a":[1]}"#]
    {
        assert_eq!(world.with_header(&format!(r#"{{"alg":"ES256",{other}}}"#)).await, Ok(()), "{other}");
    }
}

#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let world = world();
    for typ in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
        assert_eq!(
            world.with_header(&json!({"alg": "ES256", "typ": typ}).to_string()).await,
            Ok(()),
            "{typ}"
        );
    }
    for typ in [
        json!("at+jwt"),
        json!("JOSE"),
        json!("secevent+jwt"),
        json!(""),
        json!(" JWT"),
        json!(1),
        json!(null),
    ] {
        let header = json!({"alg": "ES256", "typ": typ}).to_string();
        assert_eq!(
            world.with_header(&header).await,
            Err(AuthenticationError::AssertionHeader("typ")),
            "{typ}"
        );
    }
}

#[tokio::test]
async fn only_the_two_algorithms_by_their_own_names_are_taken() {
    let world = world();
    for alg in ["none", "None", "HS256", "RS256", "ES384", "es256", "ES256 ", ""] {
        let header = json!({"alg": alg}).to_string();
        assert_eq!(world.with_header(&header).await, Err(AuthenticationError::AssertionAlgorithm), "{alg}");
    }
    // The key was registered for another one.
    assert_eq!(world.with_header(r#"{"alg":"EdDSA"}"#).await, Err(AuthenticationError::AssertionSignature));
    for header in ["{}", r#"{"alg":null}"#, r#"{"alg":["ES256"]}"#] {
        assert_eq!(world.with_header(header).await, Err(AuthenticationError::AssertionMalformed), "{header}");
    }
    for kid in ["1", "null", r#"["k1"]"#] {
        let header = format!(r#"{{"alg":"ES256","kid":{kid}}}"#);
        assert_eq!(
            world.with_header(&header).await,
            Err(AuthenticationError::AssertionHeader("kid")),
            "{kid}"
        );
    }
}

#[tokio::test]
async fn a_name_that_stands_twice_is_refused_wherever_it_stands() {
    let world = world();
    let payload = world.payload().to_string();
    for header in [
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","x":1,"x":1}"#,
        r#"{"alg":"ES256","\u0061lg":"ES256"}"#,
    ] {
        assert_eq!(world.with_header(header).await, Err(AuthenticationError::AssertionMalformed), "{header}");
    }
    for twice in [
        payload.replacen('{', r#"{"sub":"bo","#, 1),
        payload.replacen('{', r#"{"x":1,"x":2,"#, 1),
        payload.replace(r#""cnf":{"#, r#""cnf":{"x5t#S256":"x","#),
    ] {
        let token = world.token(GOOD_HEADER, &twice);
        assert_eq!(world.judge(&token).await, Err(AuthenticationError::AssertionMalformed), "{twice}");
    }
}

#[tokio::test]
async fn header_and_payload_are_objects_and_nothing_else() {
    let world = world();
    let payload = world.payload().to_string();
    let as_list = json!(["162120000142", "anna", "ssbtek-broker", 1, 2, "0123456789", ["x"]]).to_string();
    for payload in [
        as_list,
        "null".into(),
        r#""x""#.into(),
        String::new(),
        format!("{payload}x"),
        format!("\u{feff}{payload}"),
    ] {
        let token = world.token(GOOD_HEADER, &payload);
        assert_eq!(world.judge(&token).await, Err(AuthenticationError::AssertionMalformed), "{payload}");
    }
    for header in [r#"["ES256"]"#, "null", ""] {
        assert_eq!(world.with_header(header).await, Err(AuthenticationError::AssertionMalformed), "{header}");
    }
    assert_eq!(
        world.with_claims(json!({"cnf": [thumbprint(&CERTIFICATE)]})).await,
        Err(AuthenticationError::Claim("cnf"))
    );
}

#[tokio::test]
async fn the_compact_form_is_three_parts_of_plain_base64url() {
    let world = world();
    let good = world.token(GOOD_HEADER, &world.payload().to_string());
    assert_eq!(world.judge(&good).await, Ok(()));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    for bad in [
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good} "),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.+/{signature}"),
        format!("{{\"payload\":\"{payload}\"}}"),
    ] {
        assert_eq!(world.judge(&bad).await, Err(AuthenticationError::AssertionMalformed), "{bad}");
    }
}

#[tokio::test]
async fn a_token_is_not_valid_before_it_says_so() {
    let world = world();
    let now = world.now.timestamp();
    for at in [now, now + 60, now - 100, 0] {
        assert_eq!(world.with_claims(json!({"nbf": at})).await, Ok(()), "{at}");
    }
    for at in [now + 61, now + 3600] {
        assert_eq!(
            world.with_claims(json!({"nbf": at})).await,
            Err(AuthenticationError::AssertionNotYetValid),
            "{at}"
        );
    }
    for odd in [json!("soon"), json!([1]), json!(true), json!({})] {
        assert_eq!(
            world.with_claims(json!({"nbf": odd})).await,
            Err(AuthenticationError::Claim("nbf")),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn moments_are_numbers_and_may_have_parts_of_seconds() {
    let world = world();
    let now = world.now.timestamp() as f64;
    assert_eq!(world.with_claims(json!({"iat": now + 0.25, "exp": now + 100.75})).await, Ok(()));
    for (name, odd) in
        [("iat", json!("1")), ("exp", json!(1e300)), ("exp", json!(i64::MAX)), ("iat", json!(-1e18))]
    {
        assert_eq!(
            world.with_claims(json!({name: odd})).await,
            Err(AuthenticationError::Claim(name)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_audience_is_one_text_or_a_list_that_has_it() {
    let world = world();
    for aud in [json!("ssbtek-broker"), json!(["ssbtek-broker"]), json!(["another", "ssbtek-broker"])] {
        assert_eq!(world.with_claims(json!({"aud": aud})).await, Ok(()), "{aud}");
    }
    for aud in [json!("SSBTEK-broker"), json!("ssbtek broker"), json!([]), json!(["another"])] {
        assert_eq!(
            world.with_claims(json!({"aud": aud})).await,
            Err(AuthenticationError::AssertionAudience),
            "{aud}"
        );
    }
    for aud in [json!(1), json!([1]), json!({"ssbtek-broker": 1})] {
        assert_eq!(
            world.with_claims(json!({"aud": aud})).await,
            Err(AuthenticationError::Claim("aud")),
            "{aud}"
        );
    }
}

#[tokio::test]
async fn names_are_taken_as_they_are_written_and_not_trimmed() {
    let world = world();
    for sub in [" anna", "anna ", "\tanna", "anna\n", "\u{a0}anna", "", " "] {
        assert_eq!(
            world.with_claims(json!({"sub": sub})).await,
            Err(AuthenticationError::Claim("sub")),
            "{sub:?}"
        );
    }
    let iss = world.claims.iss.clone();
    for other in
        [format!(" {iss}"), format!("{iss} "), iss[2..].to_owned(), format!("{}-{}", &iss[2..8], &iss[8..])]
    {
        assert_eq!(
            world.with_claims(json!({"iss": other})).await,
            Err(AuthenticationError::Claim("iss")),
            "{other}"
        );
    }
    let blanks =
        [" ".repeat(8), "\u{a0}".repeat(8), "\u{200b}".repeat(8), "0123 567".into(), " 1234567 ".into()];
    let jtis = [json!("short"), json!("x".repeat(129)), json!("0123456\n"), json!(123_456_789), json!("")];
    for jti in jtis.into_iter().chain(blanks.map(Value::from)) {
        assert_eq!(
            world.with_claims(json!({"jti": jti})).await,
            Err(AuthenticationError::Claim("jti")),
            "{jti}"
        );
    }
    assert_eq!(world.with_claims(json!({"jti": "å".repeat(128)})).await, Ok(()), "characters are counted");
}

#[tokio::test]
async fn every_text_of_a_token_is_bounded_and_none_is_blank() {
    let world = world();
    for kid in [String::new(), " ".into(), "\u{a0}".into(), "k".repeat(65), "k".repeat(500)] {
        let header = json!({"alg": "ES256", "kid": kid}).to_string();
        assert_eq!(
            world.with_header(&header).await,
            Err(AuthenticationError::AssertionHeader("kid")),
            "{kid:?}"
        );
    }
    for typ in ["", " ", "JWT ", " JWT"] {
        let header = json!({"alg": "ES256", "typ": typ}).to_string();
        assert_eq!(
            world.with_header(&header).await,
            Err(AuthenticationError::AssertionHeader("typ")),
            "{typ:?}"
        );
    }
    for alg in ["", " ", "ES256 "] {
        let header = json!({"alg": alg}).to_string();
        assert_eq!(world.with_header(&header).await, Err(AuthenticationError::AssertionAlgorithm), "{alg:?}");
    }
    for aud in ["", " ", " ssbtek-broker", "ssbtek-broker "] {
        for aud in [json!(aud), json!([aud, "ssbtek-broker"])] {
            let told = world.with_claims(json!({"aud": aud})).await;
            assert_eq!(told, Err(AuthenticationError::Claim("aud")), "{aud:?}");
        }
    }
    for thumb in ["", " "] {
        let told = world.with_claims(json!({"cnf": {"x5t#S256": thumb}})).await;
        assert_eq!(told, Err(AuthenticationError::AssertionForeign), "{thumb:?}");
    }
}

#[tokio::test]
async fn every_claim_is_required_but_one_and_those_that_are_not_known_are_ignored() {
    let world = world();
    for name in ["iss", "sub", "aud", "iat", "exp", "jti", "cnf"] {
        assert_eq!(
            world.with_claims(json!({name: null})).await,
            Err(AuthenticationError::Claim(name)),
            "{name}"
        );
    }
    assert_eq!(
        world
            .with_claims(json!({"scope": "x", "cnf": {"x5t#S256": thumbprint(&CERTIFICATE), "jkt": "y"}}))
            .await,
        Ok(())
    );
}

#[tokio::test]
async fn an_assertion_is_no_review_and_a_review_no_assertion() {
    let world = world();
    let statement = ReviewStatement {
        sub: "anna".into(),
        review: ReviewClaims { month: "2026-10".into(), entry: "0".repeat(32), outcome: "no_remark".into() },
    };
    let payload = serde_json::to_value(&statement).unwrap();
    let is_signed = |header: &str, payload: &Value| {
        review_is_signed(
            &world.token(header, &payload.to_string()),
            &statement,
            &world.registry.board,
            world.now,
        )
    };
    assert!(is_signed(GOOD_HEADER, &payload));
    assert_eq!(
        world.judge(&world.token(GOOD_HEADER, &payload.to_string())).await,
        Err(AuthenticationError::Claim("iss"))
    );
    let mut both = world.payload();
    both["review"] = payload["review"].clone();
    assert!(!is_signed(GOOD_HEADER, &both), "an assertion that holds a review too");
    assert!(!is_signed(r#"{"alg":"ES256","crit":["x"]}"#, &payload));
    assert!(!is_signed(r#"{"alg":"ES256","typ":"at+jwt"}"#, &payload));
}
