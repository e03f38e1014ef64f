//! What two operators do together: the same call, by two certificates.

use prost::Message;
use ssbtek_access_log::ByTwo;
use ssbtek_authorize::Together;
use ssbtek_registry::{Concerns, Desk};

use super::{GrpcServices, Party};
use crate::Refusal;

/// How often what two have asked for is tried, when others change the same.
const ATTEMPTS: u32 = 16;

impl GrpcServices {
    /// Goes on to `act`: where another operator has made the very same call before, it confirms it; else what `act` would do is
    /// proposed by it, and refused as that. Either is one transaction with what waits; where that was not to be, it is tried anew.
    pub(super) async fn by_two<M: Message, R, F>(
        &self,
        operator: &[u8; 32],
        what: Together,
        concerns: Concerns,
        call: &M,
        act: impl Fn(ByTwo) -> F,
    ) -> Result<R, Refusal>
    where
        F: Future<Output = Result<R, Refusal>>,
    {
        for _ in 0..ATTEMPTS {
            let by_two = self.desk.together(operator, what, concerns, &call.encode_to_vec()).await?;
            match act(by_two).await {
                Err(Refusal::Raced) => {}
                other => return other,
            }
        }
        Err(Refusal::Raced)
    }

    /// The desk, at which the operator stands who calls, if it is one.
    pub(super) fn desk_for(&self, by: &Party) -> Desk {
        match by {
            Party::Operator(certificate) => self.desk.for_operator(certificate),
            _ => self.desk.clone(),
        }
    }

    /// Boards whose logs do not tell yet what concerns them, for an operator who has just done something.
    pub(super) async fn told_later(&self, by: &Party) -> Vec<String> {
        match by {
            // What cannot be read now is told of where it is read; what was done stands.
            Party::Operator(_) => {
                let boards = self.desk.told_later().await.unwrap_or_default();
                boards.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }
}
