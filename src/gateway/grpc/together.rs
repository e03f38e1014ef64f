//! What two operators do together: the same call, by two certificates.

use prost::Message;
use ssbtek_authorize::Together;
use ssbtek_registry::{Concerns, Operators};

use super::GrpcServices;
use crate::Refusal;

impl GrpcServices {
    /// Goes on only where another operator has made the very same call before; else the call is proposed, and refused as that.
    pub(super) async fn together<T: Message>(
        &self,
        operator: &[u8; 32],
        what: Together,
        concerns: Concerns,
        call: &T,
    ) -> Result<Operators, Refusal> {
        Ok(self.desk.together(operator, what, concerns, &call.encode_to_vec()).await?)
    }
}
