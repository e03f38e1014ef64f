use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;
use ssbtek_domain::FixedClock;

use super::*;

const NOW: i64 = 1_795_341_600;

fn provider() -> OpenIdProvider {
    let clock = Arc::new(FixedClock::at(chrono::DateTime::from_timestamp(NOW, 0).unwrap()));
    let settings = OpenIdSettings {
        issuer: "https://idp.example".into(),
        client_id: "broker".into(),
        client_secret: Zeroizing::new("secret".into()),
        assurance: vec!["loa3".into(), "loa4".into()],
        organisation_claim: "org".into(),
        timeout: Duration::from_secs(1),
    };
    OpenIdProvider::new(settings, Connector::plain(Duration::from_secs(1)), clock)
}

fn claims() -> Map<String, Value> {
    let claims = json!({
        "iss": "https://idp.example", "sub": "anna", "aud": "broker", "exp": NOW + 60, "iat": NOW, "nonce": "n",
        "acr": "loa3", "org": "2120009994",
    });
    claims.as_object().unwrap().clone()
}

fn judged(change: impl FnOnce(&mut Map<String, Value>)) -> Result<Identity, SignInError> {
    let mut claims = claims();
    change(&mut claims);
    provider().judge(&claims, &Bound { redirect_uri: "r", state: "s", nonce: "n", verifier: "v" })
}

#[test]
fn a_token_in_order_says_who_and_of_which_board() {
    let identity = judged(|_| ()).unwrap();
    assert_eq!(identity.board.as_str(), "162120009994");
    assert!(judged(|claims| drop(claims.insert("aud".into(), json!(["broker"])))).is_ok());
    let several = judged(|claims| {
        claims.insert("aud".into(), json!(["other", "broker"]));
        claims.insert("azp".into(), json!("broker"));
    });
    assert!(several.is_ok());
}

#[test]
fn whatever_is_wrong_with_a_token_nobody_is_signed_in() {
    let wrong: [(&str, Value); 14] = [
        ("iss", json!("https://idp.example/")),
        ("iss", json!("https://other.example")),
        ("aud", json!("other")),
        ("aud", json!(["broker", "other"])),
        ("azp", json!("other")),
        ("exp", json!(NOW - 60)),
        ("exp", Value::Null),
        ("iat", json!(NOW + 61)),
        ("nbf", json!(NOW + 61)),
        ("nonce", json!("another")),
        ("nonce", json!("")),
        ("sub", json!("")),
        ("sub", json!("an na")),
        ("org", json!("2120009995")),
    ];
    for (name, value) in wrong {
        assert!(judged(|claims| drop(claims.insert(name.into(), value.clone()))).is_err(), "{name} {value}");
    }
    for name in ["acr", "org", "nonce", "iss", "aud", "sub", "iat", "exp"] {
        assert!(judged(|claims| drop(claims.remove(name))).is_err(), "without {name}");
    }
    let low = judged(|claims| drop(claims.insert("acr".into(), json!("loa2"))));
    assert_eq!(low.unwrap_err(), SignInError::Assurance);
}

fn key() -> (EncodingKey, JwkSet) {
    let pair =
        aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING)
            .unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    use aws_lc_rs::signature::KeyPair as _;
    let point = pair.public_key().as_ref().to_vec();
    let keys = json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    }]});
    (EncodingKey::from_ec_der(der.as_ref()), serde_json::from_value(keys).unwrap())
}

#[test]
fn only_what_a_published_key_signed_is_read_and_nothing_that_must_be_understood_is_passed_over() {
    let (own, keys) = key();
    let (other, _) = key();
    let header = |kid: &str| Header { kid: Some(kid.into()), ..Header::new(Algorithm::ES256) };
    let signed = |header: &Header, key: &EncodingKey| jsonwebtoken::encode(header, &claims(), key).unwrap();
    assert_eq!(verified(&signed(&header("k1"), &own), &keys).unwrap(), claims());
    assert!(verified(&signed(&header("k1"), &other), &keys).is_err());
    assert_eq!(verified(&signed(&header("k2"), &own), &keys), Err(SignInError::Token(UNKNOWN_KEY)));
    let good = signed(&header("k1"), &own);
    let (_, rest) = good.split_once('.').unwrap();
    let payload = rest.split('.').next().unwrap();
    for head in [
        json!({"alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": false}),
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "k1"}),
    ] {
        let head = URL_SAFE_NO_PAD.encode(head.to_string());
        assert!(verified(&format!("{head}.{rest}"), &keys).is_err());
        assert!(verified(&format!("{head}.{payload}."), &keys).is_err());
    }
    for malformed in ["", ".", "..", "a.b.c", "€"] {
        assert!(verified(malformed, &keys).is_err());
    }
}
