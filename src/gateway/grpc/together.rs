//! What two operators do together: the same call, by two certificates.

use prost::Message;
use ssbtek_authorize::Together;
use ssbtek_domain::OrganisationNumber;
use ssbtek_registry::Operators;

use super::GrpcServices;
use crate::Refusal;

impl GrpcServices {
    /// Goes on only where another operator has made the very same call before; else the call is proposed, and refused as that.
    /// `board` is the one concerned, if it is registered.
    pub(super) async fn together<T: Message>(
        &self,
        operator: &[u8; 32],
        what: Together,
        board: Option<OrganisationNumber>,
        call: &T,
    ) -> Result<Operators, Refusal> {
        Ok(self.desk.together(operator, what, board, &call.encode_to_vec()).await?)
    }
}
