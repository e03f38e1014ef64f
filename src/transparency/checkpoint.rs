//! C2SP tlog-checkpoint: which log, how many leaves, which root, signed as a note.

use crate::hash::Hash;
use crate::note::{NoteError, NoteSigner, SignError, SignedNote};
use crate::text::decimal;

/// What a log states about its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity: by custom a URL without scheme, the same as the name of the log's key.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root hash of the tree of these leaves.
    pub root: Hash,
    /// Further lines, opaque. The specification advises against them; none is written by this product.
    pub extensions: Vec<String>,
}

/// The text is not a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint: origin, size, root hash and no empty line")]
pub struct NotACheckpoint;

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Self {
        Self { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// The note's text: three lines and the extensions, each ended by a newline.
    pub fn encode(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64());
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads a note's text. Says nothing about who signed it: see [`crate::Trust::open`].
    pub fn parse(text: &str) -> Result<Self, NotACheckpoint> {
        let mut lines = text.strip_suffix('\n').ok_or(NotACheckpoint)?.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(NotACheckpoint);
        let origin = line()?.to_owned();
        let size = decimal(line()?).ok_or(NotACheckpoint)?;
        let root = Hash::from_base64(line()?).map_err(|_| NotACheckpoint)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(NotACheckpoint);
        }
        Ok(Self { origin, size, root, extensions })
    }

    /// The checkpoint as a note signed by each of `signers` (more than one while keys rotate).
    pub fn sign<'s>(
        &self,
        signers: impl IntoIterator<Item = &'s NoteSigner>,
    ) -> Result<SignedNote, SignError> {
        let text = self.encode();
        if Self::parse(&text).as_ref() != Ok(self) {
            return Err(SignError::Text); // an origin or extension with a newline in it would be another checkpoint
        }
        let lines = signers.into_iter().map(|signer| signer.sign(&text)).collect::<Result<Vec<_>, _>>()?;
        SignedNote::new(text, lines).map_err(|_: NoteError| SignError::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::KeyName;

    const EXAMPLE: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_published_example_is_read_and_written_back() {
        let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
        assert_eq!(
            (checkpoint.origin.as_str(), checkpoint.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(checkpoint.encode(), EXAMPLE);
    }

    #[test]
    fn what_is_not_a_checkpoint_is_refused() {
        for text in [
            "",
            "a\n1\n",
            "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
            "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
            "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
            "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nb\n",
        ] {
            assert_eq!(Checkpoint::parse(text), Err(NotACheckpoint), "{text:?}");
        }
    }

    #[test]
    fn an_origin_cannot_smuggle_in_another_size() {
        let signer = NoteSigner::from_seed(KeyName::parse("a").unwrap(), &[1; 32]).unwrap();
        let sneaky = Checkpoint::new("a\n7", 1, Hash::empty_root());
        assert_eq!(sneaky.sign([&signer]), Err(SignError::Text));
        assert_eq!(Checkpoint::new("a", 1, Hash::empty_root()).sign([]), Err(SignError::Text));
        assert!(Checkpoint::new("a", 1, Hash::empty_root()).sign([&signer]).is_ok());
    }
}
