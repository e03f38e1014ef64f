//! Writing a bundle, line by line.

use aws_lc_rs::digest::{Context, SHA256};

use super::line::{Begin, Covered, End, Line};
use super::{MAX_COVERED, MAX_LINE_BYTES};
use crate::hash::Hash;

/// Why a line was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// `bundle` and `end` lines are written by [`BundleWriter::begin`] and [`BundleWriter::end`] only.
    #[error("bundle and end lines are the writer's own")]
    Reserved,
    /// The line would be longer than a reader accepts.
    #[error("the line is too long for a bundle")]
    TooLong,
    /// The line could not be written as JSON.
    #[error("the line could not be encoded")]
    Encode,
}

/// Counts and digests what it writes, and so can end the bundle. Order and truth of the lines are the caller's: run the
/// verifier over what was written.
pub struct BundleWriter {
    digest: Context,
    end: End,
}

impl BundleWriter {
    /// A new bundle and its first line, newline included.
    pub fn begin(begin: Begin) -> Result<(Self, String), WriteError> {
        let end = End {
            entries: 0,
            covered: 0,
            checkpoints: 0,
            consistency: 0,
            receipts: 0,
            digest: Hash::empty_root(),
        };
        let mut writer = Self { digest: Context::new(&SHA256), end };
        let first = writer.encode(&Line::Bundle(begin))?;
        Ok((writer, first))
    }

    /// The next line, newline included.
    pub fn line(&mut self, line: &Line) -> Result<String, WriteError> {
        let text = self.encode(line)?;
        match line {
            Line::Gap(_) => {}
            Line::Bundle(_) | Line::End(_) => return Err(WriteError::Reserved),
            Line::Entry(_) => self.end.entries += 1,
            Line::Covered(covered) => self.end.covered += leaves(covered).ok_or(WriteError::TooLong)?,
            Line::Checkpoint(_) => self.end.checkpoints += 1,
            Line::Consistency(_) => self.end.consistency += 1,
            Line::Receipt(_) => self.end.receipts += 1,
        }
        Ok(text)
    }

    /// The last line, newline included.
    pub fn end(mut self) -> Result<String, WriteError> {
        let digest = Hash::try_from(self.digest.clone().finish().as_ref()).map_err(|_| WriteError::Encode)?;
        let end = Line::End(End { digest, ..self.end.clone() });
        self.encode(&end)
    }

    fn encode(&mut self, line: &Line) -> Result<String, WriteError> {
        let mut text = serde_json::to_string(line).map_err(|_| WriteError::Encode)?;
        if text.len() > MAX_LINE_BYTES {
            return Err(WriteError::TooLong);
        }
        text.push('\n');
        if !matches!(line, Line::End(_)) {
            self.digest.update(text.as_bytes());
        }
        Ok(text)
    }
}

/// How many leaves a `covered` line covers; `None` if it has no or too many hashes or covers more than can be counted.
pub(super) fn leaves(covered: &Covered) -> Option<u64> {
    let count = covered.hashes.len();
    let width = if covered.level < 63 { 1u64 << covered.level } else { return None };
    if count == 0 || count > MAX_COVERED { None } else { width.checked_mul(count as u64) }
}
