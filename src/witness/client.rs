//! The log's side: asking a witness to cosign a checkpoint.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ssbtek_pki::Connector;
use ssbtek_transparency::note::{NoteSignature, NoteVerifier};
use ssbtek_transparency::witness::{AddCheckpoint, LAST_CHECKPOINT_HEADER};
use ssbtek_transparency::{Checkpoint, Hash, SignedNote};

/// Bytes in an answer: a few signature lines.
const MAX_ANSWER_BYTES: usize = 16 << 10;

/// Why a witness's cosignature could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The witness cannot be reached, or its answer not be read, in time.
    #[error("the witness did not answer")]
    NotReachable,
    /// The witness says that it has cosigned a larger tree of this log, of this size. If so, the log has lost entries or another
    /// process signs for it; the answer itself is not signed, see [`WitnessClient::shown`].
    #[error("the witness has cosigned a larger tree of this log ({0} leaves)")]
    LogBehind(u64),
    /// The witness refuses, with this HTTP status: 403 and 404 are configuration; 409 (twice) and 422 mean that the log and the
    /// witness saw different trees.
    #[error("the witness refused with status {0}")]
    Refused(u16),
    /// The answer holds no valid cosignature by the witness's key.
    #[error("the witness's answer holds no valid cosignature")]
    BadAnswer,
    /// The caller could not make the consistency proof, or the note is no checkpoint.
    #[error("no consistency proof could be made")]
    NoProof,
}

/// One witness, as its log sees it.
pub struct WitnessClient {
    submit: Uri,
    key: NoteVerifier,
    http: Client<Connector, Full<Bytes>>,
    timeout: Duration,
    /// Each log at this witness, by origin, as far as is known here.
    logs: Mutex<HashMap<String, Known>>,
}

/// A log at a witness.
#[derive(Debug, Default)]
struct Known {
    /// The size cosigned last.
    last: u64,
    /// The checkpoint that the witness showed with its last refusal.
    shown: Option<SignedNote>,
}

impl WitnessClient {
    /// The witness with this key, whose `add-checkpoint` is at `submit`. One call takes at most `timeout`.
    pub fn new(submit: Uri, key: NoteVerifier, connector: Connector, timeout: Duration) -> Self {
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(4))
            .pool_max_idle_per_host(1)
            .build(connector);
        Self { submit, key, http, timeout, logs: Mutex::default() }
    }

    /// The witness's key.
    pub const fn key(&self) -> &NoteVerifier {
        &self.key
    }

    /// Asks for a cosignature on a checkpoint. `prove` makes the consistency proof from a smaller size to the checkpoint's; the
    /// client asks it once or, if the witness is elsewhere than thought, twice.
    pub async fn cosign<P: Future<Output = Option<Vec<Hash>>> + Send>(
        &self,
        checkpoint: &SignedNote,
        prove: impl Fn(u64) -> P + Sync,
    ) -> Result<NoteSignature, ClientError> {
        let Checkpoint { origin, size, .. } =
            Checkpoint::parse(checkpoint.text()).map_err(|_| ClientError::NoProof)?;
        let believed = self.logs().get(&origin).map_or(0, |known| known.last).min(size);
        let outcome = match self.attempt(&origin, checkpoint, believed, &prove).await? {
            Outcome::Conflict(theirs) if theirs > size => return Err(ClientError::LogBehind(theirs)),
            Outcome::Conflict(theirs) if theirs != believed => {
                self.attempt(&origin, checkpoint, theirs, &prove).await?
            }
            outcome => outcome,
        };
        match outcome {
            Outcome::Cosigned(line) => {
                self.logs().insert(origin, Known { last: size, shown: None });
                Ok(line)
            }
            Outcome::Conflict(theirs) if theirs > size => Err(ClientError::LogBehind(theirs)),
            Outcome::Conflict(_) => Err(ClientError::Refused(StatusCode::CONFLICT.as_u16())),
        }
    }

    /// The checkpoint that the witness showed when it refused last. Signed by the log it is proof of what the log once was;
    /// whether it is, and whether it contradicts the log, is the caller's to judge. Witnesses of other makes show none.
    pub fn shown(&self, origin: &str) -> Option<SignedNote> {
        self.logs().get(origin)?.shown.clone()
    }

    async fn attempt<P: Future<Output = Option<Vec<Hash>>> + Send>(
        &self,
        origin: &str,
        checkpoint: &SignedNote,
        old_size: u64,
        prove: impl Fn(u64) -> P + Sync,
    ) -> Result<Outcome, ClientError> {
        let proof = prove(old_size).await.ok_or(ClientError::NoProof)?;
        let request = AddCheckpoint { old_size, proof, checkpoint: checkpoint.clone() };
        let (status, shown, body) = tokio::time::timeout(self.timeout, self.post(request.encode()))
            .await
            .map_err(|_| ClientError::NotReachable)??;
        match status {
            StatusCode::OK => {
                self.cosignature(checkpoint, &body).map(Outcome::Cosigned).ok_or(ClientError::BadAnswer)
            }
            StatusCode::CONFLICT => {
                let size =
                    std::str::from_utf8(&body).ok().and_then(|text| text.strip_suffix('\n')?.parse().ok());
                let last = size.ok_or(ClientError::BadAnswer)?;
                self.logs().insert(origin.to_owned(), Known { last, shown });
                Ok(Outcome::Conflict(last))
            }
            other => {
                self.logs().entry(origin.to_owned()).or_default().shown = shown;
                Err(ClientError::Refused(other.as_u16()))
            }
        }
    }

    async fn post(&self, body: String) -> Result<(StatusCode, Option<SignedNote>, Bytes), ClientError> {
        let request = Request::post(self.submit.clone())
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| ClientError::NotReachable)?;
        let response = self.http.request(request).await.map_err(|_| ClientError::NotReachable)?;
        let status = response.status();
        let shown = response.headers().get(LAST_CHECKPOINT_HEADER).and_then(|value| {
            let note = STANDARD.decode(value.as_bytes()).ok()?;
            SignedNote::parse(std::str::from_utf8(&note).ok()?).ok()
        });
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
        Ok((status, shown, body.map_err(|_| ClientError::BadAnswer)?.to_bytes()))
    }

    /// The line by this witness's key, if it holds for this checkpoint. Others are ignored.
    fn cosignature(&self, checkpoint: &SignedNote, body: &[u8]) -> Option<NoteSignature> {
        let lines = std::str::from_utf8(body).ok()?.strip_suffix('\n')?;
        let line = lines
            .split('\n')
            .filter_map(|line| NoteSignature::parse(line).ok())
            .find(|l| self.key.made(l))?;
        let note = SignedNote::new(checkpoint.text().to_owned(), vec![line.clone()]).ok()?;
        note.verify([&self.key]).ok().map(|_| line)
    }

    fn logs(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks all witnesses at once, adds the cosignatures that came to `checkpoint`, and returns whose did not come and why. Whether
/// there are enough, [`ssbtek_transparency::Trust::open_note`] tells.
pub async fn gather<P: Future<Output = Option<Vec<Hash>>> + Send>(
    witnesses: &[WitnessClient],
    checkpoint: &mut SignedNote,
    prove: impl Fn(u64) -> P + Sync,
) -> Vec<(String, ClientError)> {
    let asked: &SignedNote = checkpoint;
    let answers =
        futures::future::join_all(witnesses.iter().map(|witness| witness.cosign(asked, &prove))).await;
    let mut missing = Vec::new();
    for (witness, answer) in witnesses.iter().zip(answers) {
        let added = answer.and_then(|line| checkpoint.add(line).map_err(|_| ClientError::BadAnswer));
        if let Err(error) = added {
            missing.push((witness.key.name().as_str().to_owned(), error));
        }
    }
    missing
}

enum Outcome {
    Cosigned(NoteSignature),
    Conflict(u64),
}
