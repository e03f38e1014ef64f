//! What two operators do together: the same call, by two certificates.

use prost::Message;
use ssbtek_access_log::Confirmed;
use ssbtek_authorize::Together;
use ssbtek_registry::{Concerns, Desk};

use super::{GrpcServices, Party};
use crate::Refusal;

/// How often what two have asked for is tried, when others change the same.
const ATTEMPTS: u32 = 16;

impl GrpcServices {
    /// Goes on to `act` only where another operator has made the very same call before; else the call is proposed, and refused as
    /// that. What `act` does spends the proposal in its own transaction; where that was not to be, it is confirmed anew.
    pub(super) async fn by_two<M: Message, R, F>(
        &self,
        operator: &[u8; 32],
        what: Together,
        concerns: Concerns,
        call: &M,
        act: impl Fn(Confirmed) -> F,
    ) -> Result<R, Refusal>
    where
        F: Future<Output = Result<R, Refusal>>,
    {
        for _ in 0..ATTEMPTS {
            let confirmed = self.desk.together(operator, what, concerns, &call.encode_to_vec()).await?;
            match act(confirmed).await {
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
}
