//! Protected identity: what one source signals, and the level merged over all of them.

use serde::{Deserialize, Serialize};

use crate::HoldBack;

/// What one source says about protected identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtectionSignal {
    /// The source has no field for it, so its silence says nothing.
    CannotSay,
    /// The source could have said so and left the field out, or did not answer: absent is not false.
    Unsaid,
    /// The source says in so many words: not protected.
    NotProtected,
    /// Sekretessmarkering.
    Sekretessmarkering,
    /// Skyddad folkbokföring.
    SkyddadFolkbokforing,
}

/// The merged level. Ordered: merging takes the highest, so it only ever rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Every source that can say so was asked, answered, and said no.
    None,
    /// A source that could have said so did not: treat as protected.
    NotKnown,
    /// Sekretessmarkering (offentlighets- och sekretesslagen 22 kap. 1 §): a warning.
    Sekretessmarkering,
    /// Skyddad folkbokföring (folkbokföringslagen 16 §): stronger.
    SkyddadFolkbokforing,
}

impl Protection {
    /// The level a single signal leads to.
    pub fn from_signal(signal: ProtectionSignal) -> Self {
        match signal {
            ProtectionSignal::CannotSay | ProtectionSignal::NotProtected => Protection::None,
            ProtectionSignal::Unsaid => Protection::NotKnown,
            ProtectionSignal::Sekretessmarkering => Protection::Sekretessmarkering,
            ProtectionSignal::SkyddadFolkbokforing => Protection::SkyddadFolkbokforing,
        }
    }

    /// What must be held back for the person's own sake.
    pub fn hold_back(self) -> HoldBack {
        if self > Protection::None { HoldBack::Whereabouts } else { HoldBack::Nothing }
    }

    /// The name in records and machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Protection::None => "none",
            Protection::NotKnown => "not_known",
            Protection::Sekretessmarkering => "sekretessmarkering",
            Protection::SkyddadFolkbokforing => "skyddad_folkbokforing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_only_rises_and_silence_is_not_a_no() {
        let merged = |signals: &[ProtectionSignal]| {
            signals.iter().map(|s| Protection::from_signal(*s)).max().unwrap_or(Protection::NotKnown)
        };
        use ProtectionSignal::*;
        assert_eq!(merged(&[NotProtected, CannotSay]), Protection::None);
        assert_eq!(merged(&[NotProtected, Unsaid]), Protection::NotKnown);
        assert_eq!(merged(&[Unsaid, Sekretessmarkering]), Protection::Sekretessmarkering);
        assert_eq!(merged(&[SkyddadFolkbokforing, NotProtected]), Protection::SkyddadFolkbokforing);
        assert_eq!(Protection::NotKnown.hold_back(), HoldBack::Whereabouts);
        assert_eq!(Protection::None.hold_back(), HoldBack::Nothing);
    }
}
