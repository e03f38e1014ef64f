//! What an operator is told of sources' answers: which source and why, nothing of the question.

use ssbtek_domain::Source;
use ssbtek_formats::Refused;
use ssbtek_pki::IdentityRefusal;

/// Tells the operator that somebody else answered in a source's name: which source and why, nothing of the question.
pub(crate) fn impostor(source: &Source, refusal: IdentityRefusal) {
    let reason = refusal.to_string();
    tracing::error!(
        alarm = "identity_refused",
        source = source.code(),
        reason,
        "source could not prove who it is"
    );
}

/// Tells that a question was put once more, since the first time it was certainly not processed; and why that is certain.
pub(crate) fn asked_again(source: &Source, because: Unprocessed) {
    tracing::info!(source = source.code(), reason = because.as_str(), "asked once more");
}

/// Why a question was certainly not processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unprocessed {
    /// The connection that was kept turned out to be dead before anything was sent.
    DeadConnection,
    /// The source refused the stream.
    RefusedStream,
    /// The source is going away, and the last stream it looks at is an earlier one.
    GoAway,
}

impl Unprocessed {
    fn as_str(self) -> &'static str {
        match self {
            Unprocessed::DeadConnection => "dead_connection",
            Unprocessed::RefusedStream => "refused_stream",
            Unprocessed::GoAway => "go_away",
        }
    }
}

/// Tells the operator that a source's answer was refused whole: which source and which rule, nothing else.
pub(crate) fn alarm(source: &Source, refused: Refused) {
    tracing::warn!(
        alarm = "answer_refused",
        source = source.code(),
        reason = refused.0,
        code = refused.code().as_str(),
        "answer refused"
    );
}
