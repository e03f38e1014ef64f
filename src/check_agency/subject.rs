//! What is put to the test, and what it is held to.

use std::{sync::Arc, time::Duration};

use ssbtek_agencies::Connector;
use ssbtek_authorize::Ground;
use ssbtek_domain::{AskingParty, Personnummer, PersonnummerError};

/// Birth dates long before any generated test person's, each with a birth number that is given to nobody.
const NOBODY: [&str; 3] = ["19010203980", "19020304981", "19030405982"];

/// A service, and who asks it about whom.
pub struct Subject {
    /// The connector that the broker would use.
    pub connector: Arc<dyn Connector>,
    /// The same without a client certificate, where there is TLS: it must be told nothing.
    pub without_certificate: Option<Arc<dyn Connector>>,
    /// Whom the questions are about.
    pub persons: Persons,
    /// In whose name they are asked.
    pub asking: AskingParty,
    /// On what basis, for which kinds of information.
    pub ground: Ground,
    /// What the service is held to.
    pub expectations: Expectations,
}

/// Test persons.
pub struct Persons {
    /// One that the service knows.
    pub known: Personnummer,
    /// Another that it knows, if there is one: asked about beside the first.
    pub second: Option<Personnummer>,
    /// One that nobody knows.
    pub absent: Personnummer,
}

impl Persons {
    /// `known` and `second`, and a made-up number that is neither and has a birth number given to nobody.
    pub fn with(known: Personnummer, second: Option<Personnummer>) -> Result<Self, PersonnummerError> {
        let candidates = NOBODY.iter().flat_map(|start| (0..10).map(move |digit| format!("{start}{digit}")));
        let absent = candidates
            .filter_map(|text| Personnummer::parse_undated(&text).ok())
            .find(|number| *number != known && Some(number) != second.as_ref())
            .ok_or(PersonnummerError::CheckDigit)?;
        let second = second.filter(|second| *second != known);
        Ok(Self { known, second, absent })
    }
}

/// What a service is held to.
#[derive(Debug, Clone, Copy)]
pub struct Expectations {
    /// Longest wait for an answer; the broker's own.
    pub deadline: Duration,
    /// An answer that takes longer is a deviation.
    pub slow: Duration,
    /// Questions under way at once.
    pub at_once: usize,
}

impl Default for Expectations {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(25), slow: Duration::from_secs(5), at_once: 8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_absent_person_has_a_birth_number_that_is_given_to_nobody() {
        let known = Personnummer::parse_undated("198001019804").unwrap_or_else(|_| panic!("valid"));
        let persons = Persons::with(known.clone(), Some(known.clone())).unwrap_or_else(|_| panic!("made up"));
        assert!(persons.absent != known && persons.second.is_none());
        assert!(matches!(persons.absent.expose().get(8..11), Some("980" | "981" | "982")));
    }
}
