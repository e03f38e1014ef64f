//! Roles in the household of a case.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The role through which a person may be asked about. The case decides; the caller only names the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sökande.
    Applicant,
    /// Medsökande.
    CoApplicant,
    /// Barn i hushållet.
    Child,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 3] = [Role::Applicant, Role::CoApplicant, Role::Child];

    /// The role's name in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Applicant => "applicant",
            Role::CoApplicant => "co_applicant",
            Role::Child => "child",
        }
    }

    /// The role with that name (`-` and `_` are the same).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.replace('-', "_");
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
