//! What an agency's own wire format must offer: pure functions between domain and bytes, no I/O.

use ssbtek_domain::{NaiveDate, Note, Period, Question, SourceAnswer};

use crate::Refused;

/// A source's own bound on a case's identity. Towards it a longer one is replaced by a short alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseBound {
    /// Most characters.
    pub max_chars: usize,
    /// The rule in words.
    pub rule: &'static str,
}

/// A question as it goes over HTTP.
pub struct HttpQuestion {
    /// Path and query below the agency's base URL, beginning with `/`.
    pub path: String,
    /// `Content-Type` header.
    pub content_type: &'static str,
    /// `SOAPAction` header, where the protocol wants one.
    pub soap_action: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer as it came over HTTP, already within the byte limit.
pub struct HttpAnswer {
    /// HTTP status; 206 where a header says that this is a part.
    pub status: u16,
    /// `Content-Type` header, where there was one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a question cannot be put to this agency; the agency is not asked. Names the field and the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotAsk(pub &'static str);

/// One agency's own wire format.
pub trait Codec: Send + Sync {
    /// The period this agency can be asked about, by its own rule, with a note where it is narrower than `wanted`. `None` when
    /// nothing of `wanted` may be asked.
    fn derive_period(&self, wanted: Period, today: NaiveDate) -> Option<(Period, Option<Note>)> {
        let _ = today;
        Some((wanted, None))
    }

    /// How long a case's identity this agency takes; `None` where it takes every one.
    fn case_bound(&self) -> Option<CaseBound> {
        None
    }

    /// Domain → bytes. Checks the agency's own limits (lengths, characters) before anything is sent.
    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk>;

    /// Bytes → domain: outcome, parts, facts, original bytes. A failure that the agency itself reports is an `Ok` with
    /// its outcome; `Err` means that the answer is refused whole.
    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused>;
}
