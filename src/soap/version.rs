//! Versions and operations of the contract.

/// How a version carries Skatteverket's answer: the one thing in which versions have differed so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkvForm {
    /// One XML document; nothing is chosen.
    Document,
    /// Chosen years, five parts of JSON.
    Parts,
}

/// The table of versions: a row is all that a further version takes, beside its schema.
macro_rules! versions {
    ($($(#[doc = $doc:literal])* $(#[cfg($cfg:meta)])? $name:ident = $number:literal, $schema:literal, $form:ident;)*) => {
        /// A version of the contract. The namespace of the element inside the SOAP body decides which one is spoken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Version {
            $($(#[doc = $doc])* $(#[cfg($cfg)])? $name,)*
        }

        impl Version {
            /// Every version, oldest first.
            pub const ALL: &'static [Version] = &[$($(#[cfg($cfg)])? Version::$name,)*];

            /// The contract's namespace.
            pub fn namespace(self) -> &'static str {
                match self {
                    $($(#[cfg($cfg)])? Version::$name => {
                        concat!("http://schema.forsakringskassan.se/integration/ssbt/", $number)
                    })*
                }
            }

            /// Its number, as the namespace has it.
            pub fn number(self) -> u8 {
                match self {
                    $($(#[cfg($cfg)])? Version::$name => $number,)*
                }
            }

            /// How it carries Skatteverket's answer.
            pub fn skv(self) -> SkvForm {
                match self {
                    $($(#[cfg($cfg)])? Version::$name => SkvForm::$form,)*
                }
            }

            /// Name and text of its own schema.
            pub(crate) fn main_schema(self) -> (&'static str, &'static str) {
                match self {
                    $($(#[cfg($cfg)])? Version::$name => {
                        (concat!("ssbt-", $number, ".xsd"), include_str!($schema))
                    })*
                }
            }
        }
    };
}

versions! {
    /// `…/ssbt/10`.
    V10 = 10, "contract/ssbt-10.xsd", Document;
    /// `…/ssbt/11`: as 10, but Skatteverket is asked for years and answers in five parts.
    V11 = 11, "contract/ssbt-11.xsd", Parts;
    /// One that does not exist yet: it shows what a further version takes.
    #[cfg(test)]
    V12 = 12, "tests/ssbt-12.xsd", Parts;
}

impl Version {
    /// The newest, described to whoever names none.
    pub fn newest() -> Self {
        Self::ALL.iter().copied().max().unwrap_or(Self::V11)
    }

    /// The version with that namespace.
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|version| version.namespace() == namespace)
    }

    /// The version with that number.
    pub fn parse(number: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|version| version.number().to_string() == number)
    }
}

/// What a message wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// `hamtaBastjanstInformation`: facts about a person.
    Hamta,
    /// `testaBastjanstInformation`: whether the agencies answer; no personal data.
    Testa,
}

impl Operation {
    /// Both.
    pub const ALL: [Operation; 2] = [Operation::Hamta, Operation::Testa];

    /// The element of the question.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Hamta => "hamtaBastjanstInformation",
            Operation::Testa => "testaBastjanstInformation",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }
}

/// Which operation of which version a message is; faults are answered in the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// The version spoken.
    pub version: Version,
    /// The operation called.
    pub operation: Operation,
}

#[cfg(test)]
mod tests {
    use ssbtek_domain::{Agency, Wanted};

    use super::*;
    use crate::{LIMITS, SoapQuestion, parse};

    /// With one row and one schema the version is read, answered in and described.
    #[test]
    fn a_further_version_takes_a_row_and_a_schema() {
        let asked = r#"<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><hamtaBastjanstInformation
            xmlns="http://schema.forsakringskassan.se/integration/ssbt/12"><generellaFrageparametrar>
            <fraganSkallInkluderasISvaret>false</fraganSkallInkluderasISvaret><ingivare>
            <organisationsnummer>162120000142</organisationsnummer><namn>N</namn><handlaggare>anna</handlaggare></ingivare>
            <personidentitet>198001019804</personidentitet><arendeidentitet>EB-1</arendeidentitet>
            <tidsperiod><fromDatum>2026-09-01</fromDatum><tomDatum>2026-11-30</tomDatum></tidsperiod><syfte>s</syfte>
            <lagtext>l</lagtext></generellaFrageparametrar><specifikaFrageparametrar><AF inkludera="false"/>
            <CSN inkludera="false"/><FK inkludera="false"/><SKV inkludera="true"><fraga><ar>2025</ar>
            <foretagsinformation>true</foretagsinformation><individuppgifter>true</individuppgifter>
            <skattekonto>true</skattekonto><skatteuppgifter>true</skatteuppgifter>
            <beskattningsbilagor>false</beskattningsbilagor></fraga></SKV><SO inkludera="false"/><TNS inkludera="false"/>
            <MIV inkludera="false"/></specifikaFrageparametrar></hamtaBastjanstInformation></S:Body></S:Envelope>"#;
        let today = "2026-11-22".parse().unwrap();
        let read = parse(asked.as_bytes(), Some("text/xml; charset=utf-8"), &LIMITS, today);
        let Ok(SoapQuestion::Information(question)) = read else { panic!("{read:?}") };
        assert_eq!(question.version, Version::V12);
        let Wanted::Skv(parts) = question.agencies[&Agency::Skv].asked.wanted() else {
            panic!("years and parts")
        };
        assert_eq!(parts.parts().len(), 4);
        let answer = String::from_utf8(crate::answer(&question, &Default::default())).unwrap();
        assert!(
            answer.contains("integration/ssbt/12") && !answer.contains("integration/ssbt/11"),
            "{answer}"
        );
        assert!(crate::wsdl(Version::V12, "https://b.example/ssbt/v12").contains("integration/ssbt/12"));
        assert!(crate::schema(Version::V12, "ssbt-12.xsd", "https://b.example").is_some());
        assert_eq!((Version::parse("12"), Version::newest()), (Some(Version::V12), Version::V12));
    }
}
