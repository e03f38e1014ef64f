//! The agencies that can be asked. One file each, or one folder: its profile, its facts, and the verdict on each of them; and the one
//! list of them all.

pub mod af;
pub mod csn;
mod facts;
pub mod fk;
pub mod miv;
pub mod skv;
pub mod so;
pub mod tns;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use facts::Facts;

use crate::{Information, Kinds, Profile};

/// An agency's name in code, its short code, and its home.
macro_rules! agencies {
    ($($(#[doc = $doc:literal])* $name:ident = $code:tt, $home:ident;)*) => {
        /// The agencies that can be asked. `FK` carries Pensionsmyndigheten inside; `SO` stands for all unemployment funds. Which
        /// of them a published contract has is that contract's own list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Agency {
            $($(#[doc = $doc])* #[serde(rename = $code)] $name,)*
        }

        impl Agency {
            /// All of them, in the order in which answers are shown.
            pub const ALL: [Agency; [$($code),*].len()] = [$(Agency::$name),*];

            /// The short code.
            pub fn code(self) -> &'static str {
                match self { $(Agency::$name => $code),* }
            }

            /// What it states of itself.
            pub fn profile(self) -> &'static Profile {
                match self { $(Agency::$name => &$home::PROFILE),* }
            }
        }

        /// The typed facts of one agency.
        #[derive(Clone, PartialEq, Eq)]
        pub enum Section {
            $($(#[doc = $doc])* $name($home::Section),)*
        }

        impl Section {
            /// Whose facts these are.
            pub fn agency(&self) -> Agency {
                match self { $(Section::$name(_) => Agency::$name),* }
            }

            /// The facts, whatever the agency.
            pub fn facts(&self) -> &dyn Facts {
                match self { $(Section::$name(section) => section),* }
            }

            /// The facts, to be reduced.
            pub fn facts_mut(&mut self) -> &mut dyn Facts {
                match self { $(Section::$name(section) => section),* }
            }
        }
    };
}

agencies! {
    /// Arbetsförmedlingen.
    Af = "AF", af;
    /// Centrala studiestödsnämnden.
    Csn = "CSN", csn;
    /// Försäkringskassan, with Pensionsmyndigheten.
    Fk = "FK", fk;
    /// Skatteverket.
    Skv = "SKV", skv;
    /// Sveriges a-kassor (A-kassornas samorganisation): the unemployment funds.
    So = "SO", so;
    /// Transportstyrelsen.
    Tns = "TNS", tns;
    /// Migrationsverket.
    Miv = "MIV", miv;
}

/// An agency code outside the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", Agency::ALL.map(Agency::code).join(", "))]
pub struct UnknownAgency;

impl Agency {
    /// The agency with that code, upper or lower case.
    pub fn parse(code: &str) -> Result<Self, UnknownAgency> {
        Self::ALL.into_iter().find(|agency| agency.code().eq_ignore_ascii_case(code)).ok_or(UnknownAgency)
    }

    /// The agency's own name.
    pub fn name(self) -> &'static str {
        self.profile().name
    }

    /// Whether the agency's answer has a field for protected identity.
    pub fn can_flag_protection(self) -> bool {
        self.profile().can_flag_protection
    }
}

impl fmt::Display for Agency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Section {
    /// Takes out everything that is of none of these kinds. Returns the kinds of which there was something.
    pub fn keep_only(&mut self, kinds: &Kinds) -> Vec<Information> {
        let others = Information::of(self.agency()).into_iter().filter(|kind| !kinds.contains(kind));
        others.filter(|kind| self.facts_mut().take_out(*kind)).collect()
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({}, redacted)", self.agency())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agency_codes_match_exactly_and_never_by_prefix() {
        assert_eq!(Agency::parse("fk"), Ok(Agency::Fk));
        assert_eq!(Agency::parse("F"), Err(UnknownAgency));
        assert_eq!(Agency::parse("FKX"), Err(UnknownAgency));
    }
}
