//! Versions and operations of the contract.

/// A version of the contract. The namespace of the element inside the SOAP body decides which one is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// `…/ssbt/10`.
    V10,
    /// `…/ssbt/11`: as 10, but Skatteverket is asked for years and answers in five parts.
    V11,
}

impl Version {
    /// Both.
    pub const ALL: [Version; 2] = [Version::V10, Version::V11];

    /// The contract's namespace.
    pub fn namespace(self) -> &'static str {
        match self {
            Version::V10 => "http://schema.forsakringskassan.se/integration/ssbt/10",
            Version::V11 => "http://schema.forsakringskassan.se/integration/ssbt/11",
        }
    }

    /// `10` or `11`.
    pub fn number(self) -> &'static str {
        match self {
            Version::V10 => "10",
            Version::V11 => "11",
        }
    }

    /// The version with that namespace.
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.namespace() == namespace)
    }

    /// The version with that number.
    pub fn parse(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }
}

/// What a message wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// `hamtaBastjanstInformation`: facts about a person.
    Hamta,
    /// `testaBastjanstInformation`: whether the agencies answer; no personal data.
    Testa,
}

impl Operation {
    /// Both.
    pub const ALL: [Operation; 2] = [Operation::Hamta, Operation::Testa];

    /// The element of the question.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Hamta => "hamtaBastjanstInformation",
            Operation::Testa => "testaBastjanstInformation",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }
}

/// Which operation of which version a message is; faults are answered in the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// The version spoken.
    pub version: Version,
    /// The operation called.
    pub operation: Operation,
}
