//! One key: sealing (AES-256-GCM) and blind look-up terms (HMAC-SHA-256), derived apart from one secret.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac,
};
use serde::{Deserialize, Serialize};
use ssbtek_domain::Entropy;
use zeroize::Zeroizing;

/// Length of a secret, in bytes.
pub(crate) const SECRET_BYTES: usize = 32;
/// Length of what stands behind a secret in its file, in bytes.
pub(crate) const FILE_CHECK_BYTES: usize = 16;
/// What stands behind a secret in its file.
pub(crate) type FileCheck = [u8; FILE_CHECK_BYTES];
/// How many destroyed keys of its name a file may tell of beyond those that are known here, as where a purge ledger was lost.
const MAX_AHEAD: u32 = 16;
const TAG_BYTES: usize = 16;

/// A key's name, which is also its file's: lower-case letters, digits, `.` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyId(String);

impl KeyId {
    /// Puts a name together from its parts, such as `log`, an organisation number and `2026-11`. Characters that do not
    /// belong in a name become `-`.
    pub fn new(parts: &[&str]) -> Self {
        let fit = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
        let mut name = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
        for part in parts {
            if !name.is_empty() {
                name.push('.');
            }
            name.extend(part.chars().map(fit));
        }
        Self(name)
    }

    /// The name as it stands in a record or a file name; `None` if it has no such form.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= 128
            && !text.starts_with('.')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a key of this owner's: a board's organisation number, or `provider`.
    pub fn is_of(&self, owner: &str) -> bool {
        self.owner() == Some(owner)
    }

    /// Whose key it is: a board's organisation number, or `provider`.
    pub fn owner(&self) -> Option<&str> {
        self.0.split('.').nth(1)
    }

    /// What it is for, by the first part of its name, as events say it.
    pub fn kind(&self) -> &'static str {
        const KINDS: [&str; 6] = ["index", "registry", "sign", "log", "case", "receipt"];
        let first = self.0.split('.').next();
        KINDS.into_iter().find(|kind| Some(*kind) == first).unwrap_or("other")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret's bytes: on the heap from the beginning, so that handing it on moves no bytes and leaves no copy behind.
pub(crate) type Secret = Zeroizing<Box<[u8]>>;

/// Room for a secret.
pub(crate) fn empty_secret() -> Secret {
    Zeroizing::new(vec![0u8; SECRET_BYTES].into_boxed_slice())
}

/// A key that seals and blinds. Its secret cannot be had from it, and is wiped when the last user lets go.
pub struct Key {
    secret: Secret,
    aead: LessSafeKey,
    blind: hmac::Key,
}

impl Key {
    /// A key from its secret.
    #[expect(clippy::expect_used, reason = "all lengths are constants that the algorithms accept")]
    pub(crate) fn new(secret: Secret) -> Self {
        struct Bytes32;
        impl KeyType for Bytes32 {
            fn len(&self) -> usize {
                SECRET_BYTES
            }
        }
        let derive = |purpose: &[u8]| {
            let mut derived = empty_secret();
            let extracted = Salt::new(HKDF_SHA256, b"ssbtek-broker vault v1").extract(&secret);
            let info = [purpose];
            let expanded = extracted.expand(&info, Bytes32).expect("32 bytes can be expanded");
            expanded.fill(&mut derived).expect("the buffer has the stated length");
            derived
        };
        let unbound = UnboundKey::new(&AES_256_GCM, &derive(b"seal")).expect("32 bytes make an AES-256 key");
        let blind = hmac::Key::new(hmac::HMAC_SHA256, &derive(b"blind"));
        Self { secret, aead: LessSafeKey::new(unbound), blind }
    }

    /// Seals `plain` so that only this key opens it, bound to `context` (which is not stored). Output: 12-byte random
    /// nonce, ciphertext, 16-byte tag.
    pub fn seal(&self, entropy: &dyn Entropy, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut text = Unsealed::with_room(plain.len());
        text.extend_from_slice(plain);
        self.seal_in_place(entropy, context, text)
    }

    /// The same of a text that is overwritten with what it is sealed to, so that nothing of it is left to be wiped.
    #[expect(clippy::expect_used, reason = "AES-GCM refuses only texts beyond 64 GiB")]
    pub fn seal_in_place(&self, entropy: &dyn Entropy, context: &[u8], mut text: Unsealed) -> Vec<u8> {
        let mut sealed = std::mem::take(&mut *text.0);
        let mut nonce = [0u8; NONCE_LEN];
        entropy.fill(&mut nonce);
        sealed[..NONCE_LEN].copy_from_slice(&nonce);
        let (nonce, text) = (Nonce::assume_unique_for_key(nonce), &mut sealed[NONCE_LEN..]);
        let tag = self.aead.seal_in_place_separate_tag(nonce, Aad::from(context), text);
        sealed.extend_from_slice(tag.expect("a record is far below the limit").as_ref());
        sealed
    }

    /// Opens what [`Key::seal`] made with the same context; `None` if anything differs. Wiped after use.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
        self.open_into(context, sealed, &mut plain)?;
        Some(plain)
    }

    /// The same into a buffer, whose former content goes, for who opens many.
    pub fn open_into(&self, context: &[u8], sealed: &[u8], plain: &mut Zeroizing<Vec<u8>>) -> Option<()> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        plain.clear();
        plain.extend_from_slice(body);
        let length = self.aead.open_in_place(nonce, Aad::from(context), plain).ok()?.len();
        plain.truncate(length);
        Some(())
    }

    /// A look-up term for `value` that says nothing without this key: HMAC-SHA-256 over a domain name and the value.
    pub fn blind(&self, domain: &str, value: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.blind);
        context.update(&[domain.len() as u8]);
        context.update(domain.as_bytes());
        context.update(value);
        let mut term = [0; 32];
        term.copy_from_slice(context.sign().as_ref());
        term
    }

    /// Tells this key from a later one of the same name, and tells nothing else: 32 hexadecimal digits.
    pub fn check(&self) -> String {
        self.blind("key-check", b"").iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// What it is known by to who keeps that, over the life of the key; tells nothing of it.
    pub fn known_by(&self) -> [u8; 32] {
        self.blind("known_by", b"")
    }

    /// What stands behind the secret in the file of this name, of the key that was made after so many of the same name were destroyed.
    pub(crate) fn file_check(&self, id: &KeyId, generation: u32) -> FileCheck {
        let mut named = id.as_str().as_bytes().to_vec();
        if generation > 0 {
            named.push(b'\n');
            named.extend(generation.to_be_bytes());
        }
        let mut check = [0; FILE_CHECK_BYTES];
        check.copy_from_slice(&self.blind("key-file", &named)[..FILE_CHECK_BYTES]);
        check
    }

    /// After how many destroyed keys of its name this one was made, as its file's check says. `None`: the check is not its own.
    pub(crate) fn generation(&self, id: &KeyId, check: &FileCheck, known: u32) -> Option<u32> {
        let is_its = |generation: &u32| self.file_check(id, *generation) == *check;
        // Mostly it is the one that is known.
        let others = (0..known.saturating_add(MAX_AHEAD)).filter(|other| *other != known);
        std::iter::once(known).chain(others).find(is_its)
    }

    /// Whether it is the same key, not only one of the same name.
    pub fn is(&self, other: &Key) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.secret, &other.secret).is_ok()
    }
}

/// A key to be destroyed: its name, and by what a later key of the same name is told from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoomedKey {
    /// Its name.
    pub id: KeyId,
    /// [`Key::check`]; `None` if it cannot be had: it is not there, or is no key any more.
    pub check: Option<String>,
    /// How many keys of this name were destroyed before it: this one is meant, and whichever came before it, whether they can be had
    /// now or come back later. `None` in what was written before that was said: then only the key with the check is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
}

impl DoomedKey {
    /// The key that bears a name now, or bore it.
    pub fn now(vault: &dyn crate::Vault, id: &KeyId) -> Result<Self, crate::VaultError> {
        let check = match vault.open(id) {
            Ok(key) => Some(key.check()),
            Err(error) if error.fault().is_some() => None,
            Err(error) => return Err(error),
        };
        Ok(Self { id: id.clone(), check, generation: Some(vault.generation(id)) })
    }
}

/// A text about to be sealed, with room for what is added around it. Written to as to a file; wiped if it is not sealed.
pub struct Unsealed(Zeroizing<Vec<u8>>);

impl Unsealed {
    /// An empty text. What is longer than `bytes` is moved while it is written, and leaves a copy behind.
    pub fn with_room(bytes: usize) -> Self {
        let mut text = Vec::with_capacity(NONCE_LEN + bytes + TAG_BYTES);
        text.resize(NONCE_LEN, 0);
        Self(Zeroizing::new(text))
    }

    /// Adds to the text.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The text so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[NONCE_LEN..]
    }
}

impl std::io::Write for Unsealed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsealed(redacted)")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}
