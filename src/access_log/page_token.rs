//! Pages of a board's log. Where the next page begins is told as a token: sealed under the board's own key, bound to what is
//! read and by what it is selected. It says nothing to its reader, and nobody but the board it was given to can use it.

use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::KeyId;

use crate::{
    AccessLog, ReadError, Selection,
    fault::{OrTell, Told},
};

/// Length of the place that is sealed: the index of a leaf.
const PLACE_BYTES: usize = 8;
/// Longest token read, in characters; every token is shorter.
const MAX_CHARS: usize = 128;

/// What a page belongs to.
#[derive(Debug, Clone, Copy)]
pub struct PageOf<'a> {
    /// The board whose log is read.
    pub board: OrganisationNumber,
    /// By whom or through what, a fixed word or an organisation number.
    pub reader: &'a str,
    /// What every page is selected by.
    pub selection: &'a Selection,
}

impl PageOf<'_> {
    /// What a token is sealed to.
    fn context(&self) -> Result<Vec<u8>, Told> {
        let parts = ("page 1", self.board.as_str(), self.reader, self.selection);
        serde_json::to_vec(&parts).or_tell(self.board)
    }
}

impl AccessLog {
    /// The token for the page before leaf `before`.
    pub fn page_token(&self, of: PageOf<'_>, before: u64) -> Result<String, ReadError> {
        let key = self.vault.open(&key_of(of.board)).or_tell(of.board)?;
        let sealed = key.seal(&*self.entropy, &of.context()?, &before.to_be_bytes());
        Ok(sealed.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The leaf before which a page begins; `None` if the token was not given for this.
    pub fn page_before(&self, of: PageOf<'_>, token: &str) -> Result<Option<u64>, ReadError> {
        let Some(sealed) = from_hex(token) else { return Ok(None) };
        let key = match self.vault.open(&key_of(of.board)) {
            Err(error) if error.is_absence() => return Ok(None),
            key => key.or_tell(of.board)?,
        };
        let place = key.open(&of.context()?, &sealed);
        Ok(place
            .and_then(|place| <[u8; PLACE_BYTES]>::try_from(place.as_slice()).ok())
            .map(u64::from_be_bytes))
    }
}

fn key_of(board: OrganisationNumber) -> KeyId {
    KeyId::new(&["index", board.as_str()])
}

/// Lower-case hexadecimal digits, whole bytes.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4) | digit(*low)?);
    if text.len() > MAX_CHARS { None } else { pairs.iter().map(byte).collect() }
}
