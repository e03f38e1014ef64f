//! Signs checkpoints: one Ed25519 key per board, derived from a key in the vault.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{Checkpoint, Hash, NoteSigner, note::KeyName};
use ssbtek_vault::{KeyId, Vault};

/// Signs checkpoints of boards' trees. The log's origin is `<deployment>/<organisation number>`.
#[derive(Debug)]
pub struct CheckpointSigner {
    deployment: String,
    vault: Arc<dyn Vault>,
    signers: Mutex<HashMap<OrganisationNumber, Arc<NoteSigner>>>,
}

impl CheckpointSigner {
    /// `deployment` is the first part of every origin, such as a host name; without spaces and plus signs.
    pub fn new(deployment: &str, vault: Arc<dyn Vault>) -> Self {
        Self { deployment: deployment.to_owned(), vault, signers: Mutex::default() }
    }

    /// The origin line of a board's log.
    pub fn origin(&self, board: OrganisationNumber) -> String {
        format!("{}/{board}", self.deployment)
    }

    /// The key that signs a board's checkpoints, made on first use. `None` if the vault or the name is unusable.
    pub fn signer(&self, board: OrganisationNumber) -> Option<Arc<NoteSigner>> {
        let mut signers = self.signers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = signers.get(&board) {
            return Some(signer.clone());
        }
        let origin = self.origin(board);
        let key = self.vault.get_or_create(&KeyId::new(&["sign", board.as_str()])).ok()?;
        let seed = zeroize::Zeroizing::new(key.blind("checkpoint-signing", origin.as_bytes()));
        let signer = Arc::new(NoteSigner::from_seed(KeyName::parse(&origin).ok()?, &seed).ok()?);
        signers.insert(board, signer.clone());
        Some(signer)
    }

    /// A signed checkpoint over a board's tree.
    pub(crate) fn sign(&self, board: OrganisationNumber, size: u64, root: Hash) -> Option<String> {
        let signer = self.signer(board)?;
        let note = Checkpoint::new(self.origin(board), size, root).sign([&*signer]).ok()?;
        Some(note.encode())
    }
}
