//! Why an answer is refused whole.

/// What is wrong with an answer that is refused whole: the code by which an operator can tell the agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusalCode {
    /// It is about another person than the one asked about.
    AnotherPerson,
    /// It is about more than one person.
    SeveralPersons,
    /// It does not say whom it is about, where its contract says that it does.
    NobodyNamed,
    /// It repeats another question than the one that was put.
    AnotherQuestion,
    /// It holds another agency's facts.
    AnotherAgency,
    /// Its bytes are compressed.
    Compressed,
    /// It is larger, deeper, or holds more than is allowed.
    TooLarge,
    /// It holds a DOCTYPE or an entity reference.
    Doctype,
    /// Its encoding is broken, or none of those that are read.
    Encoding,
    /// It is not well-formed.
    NotWellFormed,
    /// It is well-formed, and none of the contract's answers.
    NotTheContract,
    /// It sends the broker elsewhere.
    Redirect,
    /// It contradicts itself about whether anything is there.
    Contradiction,
}

impl RefusalCode {
    /// Every code.
    pub const ALL: [RefusalCode; 13] = [
        RefusalCode::AnotherPerson,
        RefusalCode::SeveralPersons,
        RefusalCode::NobodyNamed,
        RefusalCode::AnotherQuestion,
        RefusalCode::AnotherAgency,
        RefusalCode::Compressed,
        RefusalCode::TooLarge,
        RefusalCode::Doctype,
        RefusalCode::Encoding,
        RefusalCode::NotWellFormed,
        RefusalCode::NotTheContract,
        RefusalCode::Redirect,
        RefusalCode::Contradiction,
    ];

    /// The name in events and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            RefusalCode::AnotherPerson => "another_person",
            RefusalCode::SeveralPersons => "several_persons",
            RefusalCode::NobodyNamed => "nobody_named",
            RefusalCode::AnotherQuestion => "another_question",
            RefusalCode::AnotherAgency => "another_agency",
            RefusalCode::Compressed => "compressed",
            RefusalCode::TooLarge => "too_large",
            RefusalCode::Doctype => "doctype",
            RefusalCode::Encoding => "encoding",
            RefusalCode::NotWellFormed => "not_well_formed",
            RefusalCode::NotTheContract => "not_the_contract",
            RefusalCode::Redirect => "redirect",
            RefusalCode::Contradiction => "contradiction",
        }
    }
}

/// Why an answer was refused whole. A fixed text, no content, and the code of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str, pub RefusalCode);

impl Refused {
    /// It is about another person.
    pub const ANOTHER_PERSON: Refused =
        Refused("the answer is about another person", RefusalCode::AnotherPerson);
    /// It does not say whom it is about.
    pub const NOBODY_NAMED: Refused =
        Refused("the answer does not say whom it is about", RefusalCode::NobodyNamed);
    /// It is about more than one person.
    pub const SEVERAL_PERSONS: Refused =
        Refused("the answer is about several persons", RefusalCode::SeveralPersons);
    /// Its bytes are compressed.
    pub const COMPRESSED: Refused = Refused("the answer is compressed", RefusalCode::Compressed);
    /// It is a redirect.
    pub const REDIRECT: Refused = Refused("the answer is a redirect", RefusalCode::Redirect);
    /// It is longer than allowed.
    pub const TOO_LONG: Refused = Refused("the answer is longer than allowed", RefusalCode::TooLarge);
    /// It holds more fields than allowed.
    pub const TOO_MANY: Refused = Refused("the answer has more fields than allowed", RefusalCode::TooLarge);
    /// It is nested deeper than allowed.
    pub const TOO_DEEP: Refused = Refused("the answer is nested deeper than allowed", RefusalCode::TooLarge);

    /// None of the contract's answers.
    pub const fn breach(reason: &'static str) -> Self {
        Self(reason, RefusalCode::NotTheContract)
    }

    /// The code of its kind.
    pub fn code(self) -> RefusalCode {
        self.1
    }
}
