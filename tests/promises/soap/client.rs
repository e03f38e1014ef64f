//! A client of the SOAP door that writes HTTP/1.1 by hand, so that it can be as lenient or as wrong as it likes.

use std::{net::SocketAddr, time::Duration};

use ssbtek_domain::{Agency, Role};
use ssbtek_pki::{ALPN_HTTP11, Connector, Identity, Roots, Stream, client_config};
use ssbtek_proto::broker::v1::{EntryState, LogEntry};
use ssbtek_soap::AGENCIES;
use ssbtek_xml::{Document, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{BOARD, World};

/// Far longer than any answer here takes; an answer that does not come fails the test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The fault's code and texts, after checking that it is one as clients expect it.
    pub(crate) fn fault(&self) -> String {
        assert!(self.body.contains("<faultcode>"), "a fault is expected: {}", self.body);
        assert!(self.head.contains("content-type: text/xml"), "{}", self.head);
        self.body.clone()
    }

    /// One agency's section, read.
    pub(crate) fn section(&self, agency: &str) -> Option<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        let limits = Limits { max_bytes: 8 << 20, max_nodes: 500_000, ..Limits::default() };
        let document = Document::parse(self.body.as_bytes(), &limits).unwrap();
        let path = ["Body", "hamtaBastjanstInformationResponse", "svarsdata"];
        let told = path.iter().fold(document.root(), |at, name| at.child_named(name).unwrap());
        told.child_named(agency).map(|section| document.standalone(section))
    }
}

impl World {
    /// A TLS connection to the SOAP door with a certificate.
    pub(crate) async fn soap_connection(&self, identity: &Identity) -> Stream {
        self.tls_connection(self.broker().ports.soap.unwrap(), ALPN_HTTP11, identity).await
    }

    /// A TLS connection to any door, on which nothing has been said.
    pub(crate) async fn tls_connection(&self, door: SocketAddr, alpn: &[u8], identity: &Identity) -> Stream {
        let roots = Roots::from_pem(self.authority.root_pem().as_bytes()).unwrap();
        let tls = client_config(Some(identity), &roots, self.clock.clone(), &[alpn]).unwrap();
        let uri = format!("https://{door}").parse().unwrap();
        Connector::tls(tls, Duration::from_secs(5), Duration::from_secs(5)).connect(&uri).await.unwrap()
    }

    /// Sends bytes as they are and reads one answer. What the door no longer wants to read may stay unsent.
    pub(crate) async fn soap_raw(&self, identity: &Identity, request: &[u8]) -> Reply {
        let mut stream = self.soap_connection(identity).await;
        let exchange = async {
            // The door may close its reading side before all is sent: what it answers counts.
            let _ = stream.write_all(request).await;
            let _ = stream.flush().await;
            read(&mut stream).await
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("an answer within bounds")
    }

    /// Posts a body with headers of the caller's choosing.
    pub(crate) async fn soap_post(&self, headers: &str, body: &[u8]) -> Reply {
        let mut request = format!(
            "POST /ssbt HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.soap_raw(&self.board.identity, &request).await
    }

    /// Asks as real clients do.
    pub(crate) async fn soap_ask(&self, question: &Question) -> Reply {
        self.soap_post(PLAIN, question.envelope().as_bytes()).await
    }

    /// The newest entry of a question, answered or refused; `None` if there is none.
    pub(crate) async fn newest_question(&self) -> Option<LogEntry> {
        let is_question =
            |entry: &LogEntry| !matches!(entry.state(), EntryState::RegistryChange | EntryState::LogRead);
        self.log().await.into_iter().find(is_question)
    }

    /// A question about the household's member with a role.
    pub(crate) fn soap_question(&self, version: u8, role: Role) -> Question {
        Question::about(version, self.member(role).number.expose())
    }
}

/// Headers of a real client: quoted charset left out, an empty `SOAPAction`.
pub(crate) const PLAIN: &str = "Content-Type: text/xml;charset=UTF-8\r\nSOAPAction: \"\"\r\nAccept: text/xml, multipart/related\r\nUser-Agent: Apache-CXF/3.5\r\n";

pub(crate) async fn read(stream: &mut Stream) -> Reply {
    let mut bytes = vec![];
    let mut buffer = [0; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if head.starts_with("http/1.1 100") {
                bytes = body.as_bytes().to_vec();
                continue;
            }
            if body.len() >= length {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return Reply { status, head, body: body.to_owned() };
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return Reply { status: 0, head: String::new(), body: text },
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

/// A question in the form that a lenient client sends: no optional element, a prefix of its own for one block, the
/// default namespace for the rest.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) version: u8,
    pub(crate) person: String,
    pub(crate) organisation: String,
    pub(crate) case_worker: String,
    pub(crate) case: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) legal_basis: String,
    /// Whole `personuppgiftsbitrade` elements; none when empty.
    pub(crate) processors: String,
    /// `korrelationsid`; left out when empty.
    pub(crate) correlation: String,
    pub(crate) agencies: Vec<(Agency, String)>,
}

impl Question {
    pub(crate) fn about(version: u8, person: &str) -> Self {
        let inside = |agency| match (agency, version) {
            (Agency::Skv, 11) => {
                "<fraga><ar>2025</ar><foretagsinformation>true</foretagsinformation><individuppgifter>1</individuppgifter><skattekonto>true</skattekonto><skatteuppgifter>true</skatteuppgifter><beskattningsbilagor>true</beskattningsbilagor></fraga>"
            }
            _ => "",
        };
        Self {
            version,
            person: person.into(),
            organisation: BOARD.into(),
            case_worker: "anna".into(),
            case: "EB-1".into(),
            from: "2026-09-01".into(),
            to: "2026-11-22".into(),
            legal_basis: "SFS 2008:975".into(),
            processors: String::new(),
            correlation: String::new(),
            agencies: AGENCIES.map(|agency| (agency, inside(agency).to_owned())).into(),
        }
    }

    pub(crate) fn only(mut self, agencies: &[Agency]) -> Self {
        self.agencies.retain(|(agency, _)| agencies.contains(agency));
        self
    }

    pub(crate) fn envelope(&self) -> String {
        let blocks: String = self
            .agencies
            .iter()
            .map(|(agency, inside)| format!(r#"<{agency} inkludera="true">{inside}</{agency}>"#))
            .collect();
        let correlation = match self.correlation.as_str() {
            "" => String::new(),
            id => format!("<korrelationsid>{id}</korrelationsid>"),
        };
        let Self {
            version, person, organisation, case_worker, case, from, to, legal_basis, processors, ..
        } = self;
        format!(
            r#"<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header/><S:Body><q:hamtaBastjanstInformation xmlns:q="http://schema.forsakringskassan.se/integration/ssbt/{version}"><q:generellaFrageparametrar xmlns="http://schema.forsakringskassan.se/integration/ssbt/{version}">{correlation}<fraganSkallInkluderasISvaret>false</fraganSkallInkluderasISvaret><ingivare><organisationsnummer>{organisation}</organisationsnummer><namn>Nämnden</namn><handlaggare>{case_worker}</handlaggare></ingivare><personidentitet>{person}</personidentitet><arendeidentitet>{case}</arendeidentitet><tidsperiod><fromDatum>{from}</fromDatum><tomDatum>{to}</tomDatum></tidsperiod>{processors}<syfte>ekonomiskt bistånd</syfte><lagtext>{legal_basis}</lagtext></q:generellaFrageparametrar><specifikaFrageparametrar xmlns="http://schema.forsakringskassan.se/integration/ssbt/{version}">{blocks}</specifikaFrageparametrar></q:hamtaBastjanstInformation></S:Body></S:Envelope>"#
        )
    }
}
