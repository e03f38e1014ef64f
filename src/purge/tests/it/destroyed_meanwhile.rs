//! A key that is destroyed between sealing and storing: what it sealed is not stored, and its caller is told.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ssbtek_access_log::{ChangeError, DocumentWrite, Filter};
use ssbtek_authorize::{Case, DocumentRef, Member};
use ssbtek_domain::{CaseId, CaseWorkerId, FixedClock, Role, SystemEntropy};
use ssbtek_vault::{DirectoryVault, DoomedKey, Key, KeyId, Looked, Proof, Proven, Vault, VaultError};

use crate::world::{World, board, person};

/// Destroys the next key whose name begins so, right after giving it.
#[derive(Debug)]
struct Hasty {
    vault: DirectoryVault,
    begins: &'static str,
    armed: AtomicBool,
}

impl Vault for Hasty {
    fn create(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        let key = self.vault.create(id)?;
        if id.as_str().starts_with(self.begins) && self.armed.swap(false, Ordering::Relaxed) {
            self.vault.destroy(&[DoomedKey::now(&self.vault, id)?])?;
        }
        Ok(key)
    }

    fn open(&self, id: &KeyId) -> Result<Arc<Key>, VaultError> {
        self.vault.open(id)
    }

    fn destroy(&self, doomed: &[DoomedKey]) -> Result<usize, VaultError> {
        self.vault.destroy(doomed)
    }

    fn list(&self) -> Result<Vec<KeyId>, VaultError> {
        self.vault.list()
    }

    fn expect(&self, id: &KeyId, known_by: Option<[u8; 32]>) {
        self.vault.expect(id, known_by);
    }

    fn demand_checks(&self) -> Result<usize, VaultError> {
        self.vault.demand_checks()
    }

    fn unproven(&self) -> Vec<KeyId> {
        self.vault.unproven()
    }

    fn prove(&self, id: &KeyId, proof: &mut dyn FnMut(&Key) -> Proof) -> Result<Proven, VaultError> {
        self.vault.prove(id, proof)
    }

    fn generation(&self, id: &KeyId) -> u32 {
        self.vault.generation(id)
    }

    fn have_been_destroyed(&self, doomed: &[DoomedKey]) {
        self.vault.have_been_destroyed(doomed);
    }

    fn purge_begins(&self, doomed: &[DoomedKey]) {
        self.vault.purge_begins(doomed);
    }

    fn purge_ended(&self, doomed: &[DoomedKey]) {
        self.vault.purge_ended(doomed);
    }

    fn forget_destroyed(&self, ids: &[KeyId]) {
        self.vault.forget_destroyed(ids);
    }

    fn look(&self) -> Looked {
        self.vault.look()
    }
}

#[tokio::test]
async fn what_a_destroyed_key_sealed_is_not_stored() {
    for begins in ["case.", "log."] {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
        let vault = DirectoryVault::open(&directory.path().join("keys"), Arc::new(SystemEntropy)).unwrap();
        let vault = Arc::new(Hasty { vault, begins, armed: AtomicBool::new(false) });
        let world = World::open_over(vault.clone(), directory.path(), clock.clone(), clock);
        world.register(board(0), "EB-1", &person(0)).await;
        let before = world.records(board(0), &Filter::All).await.len();
        let id = CaseId::parse("EB-2").unwrap();
        let register = || async {
            let worker = CaseWorkerId::parse("anna.berg").unwrap();
            let member = Member::new(person(1), Role::Applicant);
            let case = Case::register(id.clone(), vec![member], [worker].into()).unwrap();
            let write = DocumentWrite::new(DocumentRef::case(board(0), &id), 0, &case).unwrap();
            world.log.change(board(0), "anna.berg", "register_case", None, vec![write]).await
        };
        // A month without records yet, so that only this one is under its key.
        world.at("2026-02-02T11:00:00Z");
        vault.armed.store(true, Ordering::Relaxed);
        let refused = register().await;
        assert!(matches!(refused, Err(ChangeError::Conflict | ChangeError::Log(_))), "{begins} {refused:?}");
        assert!(world.case(board(0), "EB-2").await.is_none());
        register().await.unwrap();
        assert!(world.case(board(0), "EB-2").await.is_some(), "{begins}");
        assert_eq!(world.records(board(0), &Filter::All).await.len(), before + 1);
        assert!(world.records(board(0), &Filter::All).await[0].payload.is_some());
    }
}
