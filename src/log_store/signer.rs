//! Signs checkpoints: Ed25519 keys of each board, derived from keys in the vault.
//!
//! A board's first key is `sign.BOARD` in the vault, later ones `sign.BOARD.2` and so on. All that are in the vault sign; a key
//! that is retired is destroyed there, and its public half is remembered by the store.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{
    Checkpoint, Hash, NoteSigner, NoteVerifier, SignedNote,
    gap::{Gap, gaps_in},
    note::KeyName,
};
use ssbtek_vault::{DoomedKey, KeyId, KeyState, Proof, Vault, VaultError};

use crate::{
    Fault,
    engine::{Done, Rows},
};

/// A board has no key that signs now.
pub(crate) const NO_KEY: Fault = Fault::Vault(("sign", KeyState::Gone));

/// Signs checkpoints of boards' trees. The log's origin is `<deployment>/<organisation number>`.
#[derive(Debug)]
pub struct CheckpointSigner {
    deployment: String,
    /// Of logs with gaps: under which origin they go on.
    origins: HashMap<OrganisationNumber, String>,
    vault: Arc<dyn Vault>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Generations of each board's keys in the vault. Listed once, since a listing reads the name of every key there is.
    listed: Option<HashMap<OrganisationNumber, BTreeSet<u32>>>,
    keys: HashMap<OrganisationNumber, Keys>,
    /// Boards whose keys sign nothing before the next start.
    shut: HashSet<OrganisationNumber>,
}

/// One board's keys.
#[derive(Debug, Clone, Default)]
struct Keys {
    /// Those that sign, oldest first, with their generation.
    active: Vec<(u32, Arc<NoteSigner>)>,
    /// Those that no longer do.
    retired: Vec<NoteVerifier>,
}

impl CheckpointSigner {
    /// `deployment` is the first part of every origin, such as a host name; without spaces and plus signs.
    pub fn new(deployment: &str, vault: Arc<dyn Vault>) -> Self {
        Self { deployment: deployment.to_owned(), origins: HashMap::new(), vault, known: Mutex::default() }
    }

    /// The same, where some logs go on under other origins after a gap. Each origin has keys of its own.
    #[must_use]
    pub fn with_origins(&self, origins: HashMap<OrganisationNumber, String>) -> Self {
        Self { origins, ..Self::new(&self.deployment, self.vault.clone()) }
    }

    /// The origin line of a board's log.
    pub fn origin(&self, board: OrganisationNumber) -> String {
        let first = || format!("{}/{board}", self.deployment);
        self.origins.get(&board).cloned().unwrap_or_else(first)
    }

    /// The same as it signed before each gap in a board's log.
    pub(crate) fn before_gaps(&self, board: OrganisationNumber) -> Vec<Self> {
        let origin = self.origin(board);
        let (first, gaps) = gaps_in(&origin);
        let mut at = first.to_owned();
        let mut before = Vec::new();
        for _ in 0..gaps {
            before.push(self.with_origins([(board, at.clone())].into()));
            at = Gap::next_origin(&at);
        }
        before
    }

    /// The checkpoint over a board's tree as it is stored, or if it is of before a gap, under the origin of now.
    pub(crate) fn current(
        &self,
        board: OrganisationNumber,
        size: u64,
        stored: String,
        root: impl FnOnce() -> Option<Hash>,
    ) -> Option<String> {
        if of_origin(&stored, &self.origin(board)) { Some(stored) } else { self.sign(board, size, root()?) }
    }

    /// Makes a board's first key if it has none: for who begins its log, or must be able to name its key before that.
    pub fn create(&self, board: OrganisationNumber) -> Option<Arc<NoteSigner>> {
        if let Some(signer) = self.signer(board) {
            return Some(signer);
        }
        let first = self.derive(board, &*self.vault.create(&id(board, 1)).ok()?)?;
        self.with(board, |keys| match keys.active.last() {
            // Somebody else was first, with the same key.
            Some((_, signer)) => signer.clone(),
            None => {
                keys.active.push((1, first.clone()));
                first
            }
        })
    }

    /// Boards that have a key: their logs were begun once, even if nothing of them is left here.
    pub fn boards(&self) -> Result<Vec<OrganisationNumber>, VaultError> {
        let boards: BTreeSet<_> =
            self.vault.list()?.iter().filter_map(of_key).map(|(board, _)| board).collect();
        Ok(boards.into_iter().collect())
    }

    /// The newest key that signs a board's checkpoints; `None` if it has none.
    pub fn signer(&self, board: OrganisationNumber) -> Option<Arc<NoteSigner>> {
        self.with(board, |keys| keys.active.last().map(|(_, signer)| signer.clone())).flatten()
    }

    /// The names of a board's keys in the vault, as they were listed first; of one that began to sign since, none.
    pub(crate) fn ids(&self, board: OrganisationNumber) -> Vec<KeyId> {
        let mut known = self.known();
        if self.list(&mut known).is_err() {
            return Vec::new();
        }
        let generations = known.listed.as_ref().and_then(|listed| listed.get(&board)).into_iter().flatten();
        generations.map(|generation| id(board, *generation)).collect()
    }

    /// What is wrong with a board's keys that do not sign.
    pub(crate) fn state(&self, board: OrganisationNumber) -> KeyState {
        let ids = self.ids(board);
        match ids.iter().find_map(|id| self.vault.open(id).err()) {
            Some(error) => error.told().1,
            None if ids.is_empty() => KeyState::Gone,
            // Another than has signed.
            None => KeyState::Damaged,
        }
    }

    /// Whether there is a key for every checkpoint of a board's log. An error if it cannot be told which keys there are at all.
    pub(crate) fn signs(&self, board: OrganisationNumber) -> Result<bool, VaultError> {
        self.list(&mut self.known())?;
        Ok(self.with(board, |keys| !keys.active.is_empty()).unwrap_or(false))
    }

    /// Whether one of a board's keys has signed a checkpoint of its log; of one from before a gap that is not asked.
    pub(crate) fn has_signed(&self, board: OrganisationNumber, checkpoint: &str) -> bool {
        let by_one = |note: SignedNote| note.verify(&self.verifiers(board)).is_ok();
        !of_origin(checkpoint, &self.origin(board)) || SignedNote::parse(checkpoint).is_ok_and(by_one)
    }

    /// From here on nothing is signed for a board, whatever becomes of its keys, before the next start: only there is its log held
    /// against what the witnesses saw.
    pub(crate) fn shut(&self, board: OrganisationNumber) {
        self.known().shut.insert(board);
    }

    /// Those boards.
    pub(crate) fn shut_boards(&self) -> Vec<OrganisationNumber> {
        self.known().shut.iter().copied().collect()
    }

    /// Every key that signs or signed a board's checkpoints, those that sign now last; none where they cannot be told.
    pub fn verifiers(&self, board: OrganisationNumber) -> Vec<NoteVerifier> {
        self.known_verifiers(board).unwrap_or_default()
    }

    /// The same; `None` where they cannot be told.
    pub(crate) fn known_verifiers(&self, board: OrganisationNumber) -> Option<Vec<NoteVerifier>> {
        self.with(board, |keys| {
            let active = keys.active.iter().map(|(_, signer)| signer.verifier());
            keys.retired.iter().chain(active).cloned().collect()
        })
    }

    /// A signed checkpoint over a board's tree, by every key that signs now.
    pub fn checkpoint(&self, board: OrganisationNumber, size: u64, root: Hash) -> Option<String> {
        self.sign(board, size, root)
    }

    /// As [`CheckpointSigner::checkpoint`].
    pub(crate) fn sign(&self, board: OrganisationNumber, size: u64, root: Hash) -> Option<String> {
        let signers: Vec<_> =
            self.with(board, |keys| keys.active.iter().map(|(_, signer)| signer.clone()).collect())?;
        if signers.is_empty() {
            return None;
        }
        let signers = signers.iter().map(|signer: &Arc<NoteSigner>| &**signer);
        let note = Checkpoint::new(self.origin(board), size, root).sign(signers).ok()?;
        Some(note.encode())
    }

    /// Makes the next key. It signs nothing before [`CheckpointSigner::begin`].
    pub(crate) fn next(&self, board: OrganisationNumber) -> Option<(u32, Arc<NoteSigner>)> {
        let newest = self.with(board, |keys| keys.active.last().map(|(generation, _)| *generation))??;
        let generation = newest.checked_add(1)?;
        let id = id(board, generation);
        Some((generation, self.derive(board, &*self.vault.create(&id).ok()?)?))
    }

    /// From now on this key signs too.
    pub(crate) fn begin(&self, board: OrganisationNumber, next: (u32, Arc<NoteSigner>)) {
        self.with(board, |keys| keys.active.push(next));
    }

    /// The oldest key that signs, if it is not the only one.
    pub(crate) fn oldest_of_several(&self, board: OrganisationNumber) -> Option<Arc<NoteSigner>> {
        self.with(board, |keys| match &keys.active[..] {
            [(_, oldest), _, ..] => Some(oldest.clone()),
            _ => None,
        })
        .flatten()
    }

    /// This key signs no longer, and is destroyed; what it signed still verifies. Repeatable.
    pub(crate) fn retire(&self, board: OrganisationNumber, key: &NoteVerifier) -> Option<()> {
        let signing = self.with(board, |keys| {
            let at = keys.active.iter().position(|(_, signer)| signer.verifier() == key);
            let generation = at.map(|at| keys.active.remove(at).0);
            if !keys.retired.contains(key) {
                keys.retired.push(key.clone());
            }
            generation
        })?;
        if let Some(generation) = signing {
            let doomed = DoomedKey::now(&*self.vault, &id(board, generation)).ok()?;
            self.vault.destroy(&[doomed]).ok()?;
        }
        Some(())
    }

    /// Whether it is one of a board's: listed, or the newest checkpoint is signed with it.
    pub(crate) fn says(
        &self,
        rows: &dyn Rows,
        board: OrganisationNumber,
        key: &ssbtek_vault::Key,
    ) -> Done<Proof> {
        let Some(tree) = rows.tree(board)?.filter(|tree| tree.size > 0) else {
            return Ok(Proof::NothingRests);
        };
        let Some(signer) = self.derive(board, key) else { return Ok(Proof::NotKnown) };
        if !of_origin(&tree.checkpoint, &self.origin(board)) {
            // Of before a gap, and each origin has keys of its own.
            return Ok(Proof::NothingRests);
        }
        let vkey = signer.verifier().vkey();
        let listed = rows.log_keys(Some(board.as_str()))?.iter().any(|row| row.vkey == vkey);
        let note = SignedNote::parse(&tree.checkpoint);
        let has_signed = note.is_ok_and(|note| note.verify(std::slice::from_ref(signer.verifier())).is_ok());
        Ok(if listed || has_signed { Proof::Opens } else { Proof::OpensNot })
    }

    fn with<R>(&self, board: OrganisationNumber, act: impl FnOnce(&mut Keys) -> R) -> Option<R> {
        let mut known = self.known();
        if known.shut.contains(&board) {
            return None;
        }
        if !known.keys.contains_key(&board) {
            let keys = self.in_vault(board, &mut known)?;
            known.keys.insert(board, keys);
        }
        known.keys.get_mut(&board).map(act)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_vault(&self, board: OrganisationNumber, known: &mut Known) -> Option<Keys> {
        self.list(known).ok()?;
        let signer = |generation: &u32| {
            let key = self.vault.open(&id(board, *generation)).ok()?;
            Some((*generation, self.derive(board, &key)?))
        };
        let generations = known.listed.as_ref()?.get(&board).into_iter().flatten();
        Some(Keys { active: generations.map(signer).collect::<Option<_>>()?, retired: Vec::new() })
    }

    fn list(&self, known: &mut Known) -> Result<(), VaultError> {
        if known.listed.is_none() {
            let mut all: HashMap<_, BTreeSet<u32>> = HashMap::new();
            for (owner, generation) in self.vault.list()?.iter().filter_map(of_key) {
                all.entry(owner).or_default().insert(generation);
            }
            known.listed = Some(all);
        }
        Ok(())
    }

    fn derive(&self, board: OrganisationNumber, key: &ssbtek_vault::Key) -> Option<Arc<NoteSigner>> {
        let origin = self.origin(board);
        let seed = zeroize::Zeroizing::new(key.blind("checkpoint-signing", origin.as_bytes()));
        Some(Arc::new(NoteSigner::from_seed(KeyName::parse(&origin).ok()?, &seed).ok()?))
    }
}

/// Whether a note is a checkpoint of this origin.
pub(crate) fn of_origin(note: &str, origin: &str) -> bool {
    note.strip_prefix(origin).is_some_and(|rest| rest.starts_with('\n'))
}

fn id(board: OrganisationNumber, generation: u32) -> KeyId {
    match generation {
        1 => KeyId::new(&["sign", board.as_str()]),
        later => KeyId::new(&["sign", board.as_str(), &later.to_string()]),
    }
}

/// Whose signing key this is, and which one; `None` if it is none.
pub(crate) fn of_key(key: &KeyId) -> Option<(OrganisationNumber, u32)> {
    let (owner, generation) = match key.as_str().strip_prefix("sign.")?.split_once('.') {
        Some((owner, generation)) => (owner, generation.parse().ok().filter(|later| *later > 1)?),
        None => (key.as_str().strip_prefix("sign.")?, 1),
    };
    Some((OrganisationNumber::parse(owner).ok()?, generation))
}
