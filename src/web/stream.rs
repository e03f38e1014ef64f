//! A page that is told as its answer comes: what is known at once, a line for each agency, and then the whole.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ssbtek_domain::NaiveDate;
use ssbtek_proto::broker::v1::{AskStreamResponse, MemberRefused, ask_stream_response::Part as Told};
use ssbtek_query::{Part, Parts, PartsAgain, QueryError};
use tokio::sync::mpsc;

use crate::{pages, questions::Asked, receipt, reply::Turn};

/// Silence after which something is sent that says nothing, so that nothing in between gives the connection up.
const SILENCE: Duration = Duration::from_secs(15);
/// Room for everything that one answer can come to.
const MAX_PARTS: usize = 32;

/// Where an answer's parts come from.
pub(crate) enum Source {
    /// From the question itself.
    First(Parts),
    /// From what is kept of it, each recorded and judged again.
    Again(Box<PartsAgain>),
}

/// Nobody asks about a household here.
fn of_no_household(_: &QueryError) -> MemberRefused {
    MemberRefused::default()
}

/// A part as it travels, for who comes back for it.
pub(crate) fn written(part: &Part) -> Vec<u8> {
    ssbtek_encode::written(part, of_no_household)
}

impl Source {
    async fn next(&mut self) -> Option<Result<AskStreamResponse, QueryError>> {
        match self {
            Source::First(parts) => {
                Some(parts.next().await?.map(|part| ssbtek_encode::part(&part, of_no_household)))
            }
            Source::Again(parts) => Some(
                parts
                    .next()
                    .await?
                    .and_then(|part| ssbtek_encode::again(&part).ok_or(QueryError::Unavailable)),
            ),
        }
    }
}

/// What an answer's page needs.
pub(crate) struct Showing {
    pub(crate) turn: Turn,
    pub(crate) asked: Arc<Asked>,
    /// The answer's address in this session.
    pub(crate) name: String,
    /// The case's.
    pub(crate) case_name: String,
    /// The token of the form that asks again.
    pub(crate) again: String,
    pub(crate) log_key: Option<String>,
    pub(crate) today: NaiveDate,
}

impl Showing {
    /// Begins to tell, in a task of its own that ends when nobody reads any more. The question does not end with it.
    pub(crate) fn begin(self, source: Source) -> mpsc::Receiver<Bytes> {
        let (to, parts) = mpsc::channel(MAX_PARTS);
        tokio::spawn(async move { self.tell(source, &to).await });
        parts
    }

    /// `None` once nobody reads.
    async fn tell(self, mut source: Source, to: &mpsc::Sender<Bytes>) -> Option<()> {
        let frame = pages::answer::frame(&self);
        send(to, frame.before).await?;
        loop {
            let part = {
                let mut next = std::pin::pin!(source.next());
                loop {
                    tokio::select! {
                        part = next.as_mut() => break part,
                        () = tokio::time::sleep(SILENCE) => send(to, "<!-- -->".to_owned()).await?,
                        () = to.closed() => return None,
                    }
                }
            };
            match part {
                Some(Ok(AskStreamResponse { part: Some(Told::Section(section)) })) => {
                    send(to, pages::answer::arrived(&self, &section).into_string()).await?;
                }
                Some(Ok(AskStreamResponse { part: Some(Told::Answer(answer)) })) => {
                    let check = receipt::check(&answer, self.log_key.as_deref());
                    send(to, pages::answer::done(&self.turn).into_string() + &frame.between).await?;
                    send(to, pages::answer::whole(&self, &answer, &check).into_string()).await?;
                    break;
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    send(to, frame.between).await?;
                    send(to, pages::answer::held_back(&self, &error).into_string()).await?;
                    return send(to, frame.after).await;
                }
                None => {
                    send(to, frame.between).await?;
                    break;
                }
            }
        }
        send(to, frame.after).await
    }
}

async fn send(to: &mpsc::Sender<Bytes>, text: String) -> Option<()> {
    to.send(Bytes::from(text)).await.ok()
}
