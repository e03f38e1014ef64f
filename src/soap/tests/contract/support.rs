//! Questions to take apart, and a way to look into what is written.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::NaiveDate;
use ssbtek_soap::{FaultCode, InformationQuestion, LIMITS, SoapFault, SoapQuestion, parse};
use ssbtek_xml::{Element, Limits};

/// A number that is never given to anyone.
pub(crate) const PERSON: &str = "198001019804";
pub(crate) const V10: &str = "http://schema.forsakringskassan.se/integration/ssbt/10";
pub(crate) const V11: &str = "http://schema.forsakringskassan.se/integration/ssbt/11";
pub(crate) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const CODES: [&str; 7] = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"];

pub(crate) fn today() -> NaiveDate {
    "2026-11-22".parse().unwrap()
}

pub(crate) fn lefi_json() -> String {
    format!(
        r#"{{"personnummer":"{PERSON}","period":{{"from":"2026-08-01","tom":"2026-11-30"}},"utbetalningar":["FK:SJP","PM:AP"],"ovrigInformation":["FK:GEPI"]}}"#
    )
}

/// A question whose parts can be replaced one at a time.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) namespace: &'static str,
    pub(crate) before: String,
    pub(crate) asker: String,
    pub(crate) person: String,
    pub(crate) case: String,
    pub(crate) period: String,
    pub(crate) processors: String,
    pub(crate) purpose: String,
    pub(crate) legal: String,
    /// Whole agency elements, for those that are included.
    pub(crate) agencies: Vec<(&'static str, String)>,
}

impl Draft {
    pub(crate) fn new(namespace: &'static str) -> Self {
        Self {
            namespace,
            before: "<fraganSkallInkluderasISvaret>false</fraganSkallInkluderasISvaret>".to_owned(),
            asker: "<ingivare><organisationsnummer>162120000142</organisationsnummer><namn>Prövköpings kommun</namn>\
                    <handlaggare>anna01</handlaggare></ingivare>"
                .to_owned(),
            person: format!("<personidentitet>{PERSON}</personidentitet>"),
            case: "<arendeidentitet>EB-2026-17</arendeidentitet>".to_owned(),
            period: "<tidsperiod><fromDatum>2026-09-01</fromDatum><tomDatum>2026-11-30</tomDatum></tidsperiod>"
                .to_owned(),
            processors: String::new(),
            purpose: "<syfte>Ekonomiskt bistånd</syfte>".to_owned(),
            legal: "<lagtext>SFS 2008:975</lagtext>".to_owned(),
            agencies: vec![],
        }
    }

    pub(crate) fn asking(mut self, code: &'static str, inside: &str) -> Self {
        self.agencies.push((code, inside.to_owned()));
        self
    }

    pub(crate) fn asking_all(mut self) -> Self {
        for code in CODES {
            let inside = match code {
                "FK" => fk(&lefi_json()),
                "SKV" if self.namespace == V11 => skv(),
                _ => String::new(),
            };
            self = self.asking(code, &inside);
        }
        self
    }

    pub(crate) fn body(&self) -> String {
        let mut specific = String::new();
        for code in CODES {
            match self.agencies.iter().find(|(asked, _)| *asked == code) {
                Some((_, inside)) => specific += &format!(r#"<{code} inkludera="true">{inside}</{code}>"#),
                None => specific += &format!(r#"<{code} inkludera="false"/>"#),
            }
        }
        let Self { namespace, before, asker, person, case, period, processors, purpose, legal, .. } = self;
        format!(
            r#"<hamtaBastjanstInformation xmlns="{namespace}"><generellaFrageparametrar>{before}{asker}{person}{case}{period}{processors}{purpose}{legal}</generellaFrageparametrar><specifikaFrageparametrar>{specific}</specifikaFrageparametrar></hamtaBastjanstInformation>"#
        )
    }

    pub(crate) fn envelope(&self) -> String {
        envelope(&self.body())
    }

    pub(crate) fn read(&self) -> Result<InformationQuestion, SoapFault> {
        information(read(self.envelope().as_bytes())?)
    }
}

pub(crate) fn information(question: SoapQuestion) -> Result<InformationQuestion, SoapFault> {
    match question {
        SoapQuestion::Information(question) => Ok(*question),
        SoapQuestion::Test(_) => Err(SoapFault::server(FaultCode::Internal, "not a question about a person")),
    }
}

pub(crate) fn read(bytes: &[u8]) -> Result<SoapQuestion, SoapFault> {
    parse(bytes, Some("text/xml; charset=utf-8"), &LIMITS, today())
}

pub(crate) fn envelope(body: &str) -> String {
    format!(r#"<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>"#)
}

pub(crate) fn fk(json: &str) -> String {
    fk_raw(&STANDARD.encode(json))
}

pub(crate) fn fk_raw(encoded: &str) -> String {
    format!(
        "<fraga><version>v9</version><aktorsid>9255f428-4ba0</aktorsid><lefiJsonFraga>{encoded}</lefiJsonFraga></fraga>"
    )
}

pub(crate) fn skv() -> String {
    "<fraga><ar>2025</ar><ar>2024</ar><foretagsinformation>true</foretagsinformation>\
     <individuppgifter>1</individuppgifter><skattekonto>false</skattekonto><skatteuppgifter>0</skatteuppgifter>\
     <beskattningsbilagor>false</beskattningsbilagor></fraga>"
        .to_owned()
}

/// Whatever was written, as a tree.
pub(crate) fn tree(bytes: &[u8]) -> Element {
    ssbtek_xml::parse(bytes, &Limits::default()).unwrap()
}

/// Walks down by names, whatever the namespaces.
pub(crate) fn at<'a>(element: &'a Element, path: &str) -> Option<&'a Element> {
    path.split('/').try_fold(element, |element, name| element.child_named(name))
}

pub(crate) fn text_at(element: &Element, path: &str) -> Option<String> {
    at(element, path).map(|found| found.text().to_owned())
}
