//! The own-format side: routing, behaviour and lies around whatever the wire formats answer.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use mock_agencies::{Behaviour, Did, Lie, MockBody, Mocks, Outage, OwnFormatMock, path_prefix};
use tokio::time::{Instant, timeout};

use crate::world::{FK, SO, applicant, mocks};

/// Asks Samorganisationen, in its own format, about the applicant.
async fn ask_so(mocks: &Mocks) -> (StatusCode, String, Vec<u8>) {
    let question = format!(
        concat!(
            r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>"#,
            r#"<GetUnemploymentBenefitPaymentRequest xmlns="http://INT014.UBPService.Schemas">"#,
            "<IdentificationNumber>{}</IdentificationNumber><From>2026-10-01</From><Tom>2026-11-22</Tom>",
            "</GetUnemploymentBenefitPaymentRequest></e:Body></e:Envelope>"
        ),
        applicant(mocks).number.expose()
    );
    let request = Request::post("/so").body(Full::new(Bytes::from(question))).unwrap();
    let response = OwnFormatMock::new(mocks.clone()).handle(request).await;
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let status = response.status();
    (status, content_type, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

fn is_xml(bytes: &[u8]) -> bool {
    ssbtek_xml::parse(bytes, &ssbtek_xml::Limits::default()).is_ok()
}

#[tokio::test]
async fn an_own_format_answers_about_the_person_asked_for_and_is_counted() {
    let mocks = mocks();
    let (status, content_type, body) = ask_so(&mocks).await;
    assert_eq!(status, StatusCode::OK);
    assert!(content_type.starts_with("text/xml") && is_xml(&body));
    assert!(String::from_utf8(body).unwrap().contains(applicant(&mocks).number.expose()));
    assert_eq!(mocks.control.did(&SO, Did::Answered), Ok(1));
}

#[tokio::test]
async fn a_lie_about_the_person_never_names_the_one_asked_for() {
    let mocks = mocks();
    mocks.control.set(&SO, Behaviour::lying(Lie::WrongPerson)).unwrap();
    let (status, _, body) = ask_so(&mocks).await;
    let (asked, body) = (applicant(&mocks).number, String::from_utf8(body).unwrap());
    assert_eq!(status, StatusCode::OK);
    assert!(is_xml(body.as_bytes()) && !body.contains(asked.expose()) && !body.contains(asked.ten_digits()));
    let other =
        mocks.population.persons().iter().find(|person| body.contains(person.number.expose())).unwrap();
    assert_ne!(other.number, asked);
    assert_eq!(mocks.control.did(&SO, Did::Lied), Ok(1));
}

#[tokio::test]
async fn a_lie_about_the_form_is_no_document_that_a_careful_reader_takes() {
    let mocks = mocks();
    for lie in [
        Lie::Truncated,
        Lie::Duplicated,
        Lie::Doctype,
        Lie::EntityBomb,
        Lie::DeepNesting,
        Lie::BrokenEncoding,
        Lie::HtmlPage,
        Lie::EmptyBody,
    ] {
        mocks.control.set(&SO, Behaviour::lying(lie)).unwrap();
        assert!(!is_xml(&ask_so(&mocks).await.2), "{lie:?}");
    }
    for lie in [Lie::WrongNamespace, Lie::OtherSection] {
        mocks.control.set(&SO, Behaviour::lying(lie)).unwrap();
        let (_, _, body) = ask_so(&mocks).await;
        let text = String::from_utf8(body.clone()).unwrap();
        assert!(is_xml(&body) && !text.contains("\"http://INT014.UBPService.Schemas\""), "{lie:?} {text}");
    }
}

#[tokio::test]
async fn utf16_is_declared_and_can_be_read_back() {
    let mocks = mocks();
    let (_, _, plain) = ask_so(&mocks).await;
    mocks.control.set(&SO, Behaviour::lying(Lie::Utf16)).unwrap();
    let (_, content_type, body) = ask_so(&mocks).await;
    assert!(content_type.ends_with("charset=utf-16"));
    let units: Vec<u16> = body[2..].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let back = String::from_utf16(&units).unwrap();
    assert_eq!(back.replacen("UTF-16", "UTF-8", 1).replacen("utf-16", "utf-8", 1).into_bytes(), plain);
}

#[tokio::test(start_paused = true)]
async fn a_late_or_dripping_document_is_right_in_the_end() {
    let mocks = mocks();
    let (_, _, plain) = ask_so(&mocks).await;
    for lie in [Lie::Late, Lie::Drip] {
        mocks.control.set(&SO, Behaviour::lying(lie)).unwrap();
        let started = Instant::now();
        assert_eq!(ask_so(&mocks).await.2, plain);
        assert!(started.elapsed() >= Duration::from_secs(60), "{lie:?}");
    }
}

async fn post(mocks: &Mocks, path: &str) -> Response<MockBody> {
    let request = Request::post(path).body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    OwnFormatMock::new(mocks.clone()).handle(request).await
}

#[tokio::test]
async fn each_source_has_its_own_path_and_is_counted_there() {
    let mocks = mocks();
    for source in mocks.control.sources() {
        post(&mocks, &format!("{}/x", path_prefix(source))).await;
        assert_eq!(mocks.control.calls(source), Ok(1), "{source}");
    }
    assert_eq!(mocks.control.strays(), 0);
}

#[tokio::test]
async fn a_path_that_names_no_source_is_counted_as_a_stray() {
    let mocks = mocks();
    for path in ["/", "/fkx", "/unionen", "/fund/fk", "/fund/", "/redirected"] {
        assert_eq!(post(&mocks, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!((mocks.control.strays(), mocks.control.total_calls()), (6, 6));
}

#[tokio::test(start_paused = true)]
async fn delay_outage_and_failure_work_as_over_grpc() {
    let mocks = mocks();
    mocks.control.set(&FK, Behaviour { failure_rate_percent: 100, ..Behaviour::slow(3_000) }).unwrap();
    let started = Instant::now();
    assert_eq!(post(&mocks, "/fk").await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(started.elapsed() >= Duration::from_secs(3));
    mocks.control.set(&FK, Behaviour::out(Outage::Refuse)).unwrap();
    assert_eq!(post(&mocks, "/fk").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    mocks.control.set(&FK, Behaviour::out(Outage::Hang)).unwrap();
    assert!(timeout(Duration::from_secs(3600), post(&mocks, "/fk")).await.is_err());
    assert_eq!(mocks.control.calls(&FK), Ok(3));
}

#[tokio::test]
async fn a_redirect_leads_where_a_follower_is_noticed() {
    let mocks = mocks();
    mocks.control.set(&FK, Behaviour::lying(Lie::Redirect)).unwrap();
    let response = post(&mocks, "/fk").await;
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    post(&mocks, response.headers()["location"].to_str().unwrap()).await;
    assert_eq!(mocks.control.strays(), 1);
}

#[tokio::test]
async fn a_gigabyte_is_made_only_as_it_is_read() {
    let mocks = mocks();
    mocks.control.set(&FK, Behaviour::lying(Lie::GigabyteLong)).unwrap();
    let mut body = post(&mocks, "/fk").await.into_body();
    let mut read = 0;
    while read < 4 << 20 {
        read += body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    assert_eq!(mocks.control.did(&FK, Did::Lied), Ok(1));
}

#[tokio::test]
async fn a_question_over_a_megabyte_is_refused() {
    let mocks = mocks();
    let request = Request::post("/fk").body(Full::new(Bytes::from(vec![b' '; 1 << 21]))).unwrap();
    let response = OwnFormatMock::new(mocks.clone()).handle(request).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(mocks.control.did(&FK, Did::BadQuestion), Ok(1));
}
