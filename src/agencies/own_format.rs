//! A source that is asked over HTTP in its own wire format.

use std::fmt;

use async_trait::async_trait;
use http::{Uri, uri::PathAndQuery};
use ssbtek_domain::{NaiveDate, Note, Outcome, Period, Question, Source, SourceAnswer};
use ssbtek_formats::{CaseBound, Codec, ReadAnswer, Refused, read_answer};
use tokio::time::{Instant, timeout_at};

use crate::{Connector, HttpClient, alarms, http::HttpFailure};

/// A source that is asked over HTTP in its own wire format.
pub struct OwnFormat {
    source: Source,
    codec: Box<dyn Codec>,
    client: HttpClient,
    base: Uri,
}

impl OwnFormat {
    /// `source`, speaking `codec`, at `base` (scheme, host, perhaps port and path).
    pub fn new(source: Source, codec: Box<dyn Codec>, client: HttpClient, base: Uri) -> Self {
        Self { source, codec, client, base }
    }

    /// How many questions were put once more, because the connection that was kept was dead before anything was sent.
    pub fn asked_again(&self) -> u64 {
        self.client.asked_again()
    }

    async fn exchange(&self, question: &Question) -> SourceAnswer {
        let sent = match self.codec.question(question) {
            Ok(sent) => sent,
            Err(rule) => return self.not_sent(rule.0),
        };
        let Some(uri) = below(&self.base, &sent.path) else {
            return self.not_sent("the agency's address and path do not fit together");
        };
        let answer = match self.client.post(&self.source, &uri, sent).await {
            Ok(answer) => answer,
            Err(failure) => {
                let unread_flag = matches!(failure, HttpFailure::BrokeOff(true) | HttpFailure::TooLong(true));
                let answer = SourceAnswer::without_facts(self.source.clone(), self.without(failure));
                return SourceAnswer { unread_flag, ..answer };
            }
        };
        let ReadAnswer { answer, refused } = read_answer(&*self.codec, &self.source, question, answer);
        if let Some(refused) = refused {
            alarms::alarm(&self.source, refused);
        }
        answer
    }

    fn without(&self, failure: HttpFailure) -> Outcome {
        match failure {
            // What breaks off is no answer, and nobody has said that there is none.
            HttpFailure::NotReachable | HttpFailure::BrokeOff(_) => Outcome::NotReachable,
            HttpFailure::Impostor(refusal) => {
                alarms::impostor(&self.source, refusal);
                Outcome::IdentityRefused
            }
            HttpFailure::TooLong(_) => self.refuse(Refused::TOO_LONG),
            HttpFailure::Refused(refused) => self.refuse(refused),
        }
    }

    /// The question breaks a rule of the agency's own; nothing was sent. The agency would have answered with an error,
    /// so that is the outcome, and everything that its silence means downstream (protection above all) holds.
    fn not_sent(&self, rule: &'static str) -> SourceAnswer {
        tracing::warn!(source = self.source.code(), rule, "question not sent");
        SourceAnswer {
            notes: vec![Note::CannotBeAsked(rule)],
            ..SourceAnswer::without_facts(self.source.clone(), Outcome::FailedAtSource)
        }
    }

    fn refuse(&self, refused: Refused) -> Outcome {
        alarms::alarm(&self.source, refused);
        Outcome::AnswerRefused
    }
}

#[async_trait]
impl Connector for OwnFormat {
    fn source(&self) -> &Source {
        &self.source
    }

    fn derive_period(&self, wanted: Period, today: NaiveDate) -> Option<(Period, Option<Note>)> {
        self.codec.derive_period(wanted, today)
    }

    fn case_bound(&self) -> Option<CaseBound> {
        self.codec.case_bound()
    }

    async fn reach(&self, deadline: Instant) -> Result<(), Outcome> {
        match timeout_at(deadline, self.client.reach(&self.base)).await {
            Ok(reached) => reached.map_err(|failure| self.without(failure)),
            Err(_) => Err(Outcome::TimedOut),
        }
    }

    async fn ask(&self, question: &Question, deadline: Instant) -> SourceAnswer {
        match timeout_at(deadline, self.exchange(question)).await {
            Ok(answer) => answer,
            Err(_) => SourceAnswer::without_facts(self.source.clone(), Outcome::TimedOut),
        }
    }
}

impl fmt::Debug for OwnFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnFormat({})", self.source)
    }
}

/// The address `path` below `base`. A path of `/` means the base itself, which may be a service's full address.
fn below(base: &Uri, path: &str) -> Option<Uri> {
    let mut parts = base.clone().into_parts();
    let prefix = base.path().trim_end_matches('/');
    let joined =
        if path == "/" && !prefix.is_empty() { base.path().to_owned() } else { format!("{prefix}{path}") };
    parts.path_and_query = Some(PathAndQuery::try_from(joined).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_below_the_base_and_a_bare_slash_means_the_base_itself() {
        let joined =
            |base: &'static str, path: &str| below(&Uri::from_static(base), path).unwrap().to_string();
        assert_eq!(joined("https://a.test", "/"), "https://a.test/");
        assert_eq!(joined("https://a.test/svc", "/"), "https://a.test/svc");
        assert_eq!(joined("https://a.test/svc/", "/v9/x?y=1"), "https://a.test/svc/v9/x?y=1");
        assert!(below(&Uri::from_static("https://a.test"), "/x y").is_none());
    }
}
