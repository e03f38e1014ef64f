//! How a mock source behaves: slow, failing, gone, or lying. Switchable while it runs.

use serde::{Deserialize, Serialize};

/// What one source does to every question from now on. The default is to answer at once and truthfully.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Milliseconds before anything else happens.
    pub delay_ms: u64,
    /// Up to this many milliseconds more, drawn from the seeded generator.
    pub jitter_ms: u64,
    /// Of a hundred questions, how many fail (gRPC `INTERNAL`, HTTP 500), drawn from the seeded generator. More than
    /// 100 counts as 100.
    pub failure_rate_percent: u8,
    /// Whether the source is there at all.
    pub outage: Outage,
    /// How the answer is distorted.
    pub lie: Option<Lie>,
    /// A failure of the agency's own kind, by the name its wire format documents, such as CSN's `-1101`. Over gRPC any
    /// text makes the outcome `FAILED_AT_SOURCE`.
    pub scripted: Option<String>,
}

/// Whether a source is there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// It is.
    #[default]
    None,
    /// It says that it is closed: gRPC `UNAVAILABLE`, HTTP 503.
    Refuse,
    /// It takes the question and never answers.
    Hang,
    /// It takes the question and closes the connection.
    CloseConnection,
}

/// How an answer is distorted. What each means on each wire is told in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// A complete and valid answer about somebody else.
    WrongPerson,
    /// Right names in the wrong namespace.
    WrongNamespace,
    /// The first half only.
    Truncated,
    /// The right answer, a minute later.
    Late,
    /// The whole answer twice.
    Duplicated,
    /// A document type declaration that refers to a file.
    Doctype,
    /// Entities that expand to gigabytes.
    EntityBomb,
    /// 100 000 levels of nesting.
    DeepNesting,
    /// Re-encoded as UTF-16 and declared so.
    Utf16,
    /// Bytes that are no text in the declared encoding.
    BrokenEncoding,
    /// A gigabyte, made as it is read.
    GigabyteLong,
    /// One byte a second.
    Drip,
    /// A redirect to another path of the same server.
    Redirect,
    /// A well-formed answer of another kind than asked for.
    OtherSection,
    /// A web page with status 200.
    HtmlPage,
    /// Nothing, with status 200.
    EmptyBody,
}

impl Lie {
    /// Every lie.
    pub const ALL: [Lie; 16] = [
        Lie::WrongPerson,
        Lie::WrongNamespace,
        Lie::Truncated,
        Lie::Late,
        Lie::Duplicated,
        Lie::Doctype,
        Lie::EntityBomb,
        Lie::DeepNesting,
        Lie::Utf16,
        Lie::BrokenEncoding,
        Lie::GigabyteLong,
        Lie::Drip,
        Lie::Redirect,
        Lie::OtherSection,
        Lie::HtmlPage,
        Lie::EmptyBody,
    ];
}

impl Behaviour {
    /// Answers truthfully after `delay_ms`.
    pub fn slow(delay_ms: u64) -> Self {
        Self { delay_ms, ..Self::default() }
    }

    /// Is not there, in the given way.
    pub fn out(outage: Outage) -> Self {
        Self { outage, ..Self::default() }
    }

    /// Distorts every answer.
    pub fn lying(lie: Lie) -> Self {
        Self { lie: Some(lie), ..Self::default() }
    }

    /// Fails in the agency's own way.
    pub fn scripted(failure: &str) -> Self {
        Self { scripted: Some(failure.to_owned()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_behaviour_survives_json_and_left_out_fields_are_harmless() {
        let behaviour: Behaviour = serde_json::from_str(r#"{"delay_ms":5,"lie":"wrong_person"}"#).unwrap();
        assert_eq!(behaviour, Behaviour { delay_ms: 5, ..Behaviour::lying(Lie::WrongPerson) });
        for lie in Lie::ALL {
            let json = serde_json::to_string(&Behaviour::lying(lie)).unwrap();
            assert_eq!(serde_json::from_str::<Behaviour>(&json).unwrap().lie, Some(lie));
        }
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        assert!(serde_json::from_str::<Behaviour>(r#"{"delay":5}"#).is_err());
    }
}
