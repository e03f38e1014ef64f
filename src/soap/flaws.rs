//! Gathers what is wrong with a question, so that a caller is told of everything at once.

use ssbtek_domain::{IdError, OrganisationNumberError, PeriodError, PersonnummerError};

use crate::{Call, FaultCode, SoapFault};

/// More than this many would help nobody.
const MAX_FLAWS: usize = 20;

/// A rule that was broken, in Swedish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    code: FaultCode,
    rule: String,
}

impl Flaw {
    pub(crate) fn missing() -> Self {
        Self { code: FaultCode::Missing, rule: "saknas".to_owned() }
    }

    pub(crate) fn missing_because(reason: &str) -> Self {
        Self { code: FaultCode::Missing, rule: format!("saknas: {reason}") }
    }

    pub(crate) fn invalid(rule: impl Into<String>) -> Self {
        Self { code: FaultCode::Invalid, rule: rule.into() }
    }

    pub(crate) fn unexpected(rule: &str) -> Self {
        Self { code: FaultCode::Unexpected, rule: rule.to_owned() }
    }
}

impl From<PersonnummerError> for Flaw {
    fn from(error: PersonnummerError) -> Self {
        Self::invalid(match error {
            PersonnummerError::Length => "ska ha 12 siffror, ÅÅÅÅMMDDNNNK",
            PersonnummerError::NotDigits => "ska ha siffror och inget annat",
            PersonnummerError::NotADate => "börjar inte med ett datum som finns",
            PersonnummerError::BirthNumber => "har födelsenumret 000, som ingen har",
            PersonnummerError::Future => "födelsedatumet ligger i framtiden",
            PersonnummerError::CheckDigit => "kontrollsiffran stämmer inte",
        })
    }
}

impl From<OrganisationNumberError> for Flaw {
    fn from(error: OrganisationNumberError) -> Self {
        Self::invalid(match error {
            OrganisationNumberError::Form => "ska ha 12 siffror, 16 och organisationsnumrets tio",
            OrganisationNumberError::CheckDigit => "kontrollsiffran stämmer inte",
        })
    }
}

impl From<IdError> for Flaw {
    fn from(error: IdError) -> Self {
        match error {
            IdError::Empty => Self::invalid("får inte vara tomt"),
            IdError::TooLong(max) => Self::invalid(format!("får ha högst {max} tecken")),
            IdError::Control => Self::invalid("får inte ha styrtecken"),
            IdError::Unseen => Self::invalid("får inte ha osynliga tecken eller tecken som vänder skriften"),
            IdError::NotPlain => Self::invalid("får bara ha latinska bokstäver, siffror och tecknen i ASCII"),
            IdError::NotAnEntryId => Self::invalid("har fel form"),
        }
    }
}

impl From<PeriodError> for Flaw {
    fn from(error: PeriodError) -> Self {
        Self::invalid(match error {
            PeriodError::Inverted => "tomDatum ligger före fromDatum",
            PeriodError::NotAWeek => "har fel form",
        })
    }
}

/// The flaws found so far. Paths are made of the contract's own names, never of names or values that were sent.
#[derive(Default)]
pub(crate) struct Flaws {
    found: Vec<(String, Flaw)>,
}

impl Flaws {
    pub(crate) fn add(&mut self, path: &str, flaw: Flaw) {
        if self.found.len() < MAX_FLAWS {
            self.found.push((path.to_owned(), flaw));
        }
    }

    /// The value, or `None` with its flaw noted.
    pub(crate) fn take<T, E: Into<Flaw>>(&mut self, path: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|flaw| self.add(path, flaw.into())).ok()
    }

    /// Whether nothing was found.
    pub(crate) fn none(&self) -> bool {
        self.found.is_empty()
    }

    /// One fault for all of them; its code is the first one's.
    pub(crate) fn into_fault(self, call: Call) -> SoapFault {
        let mut found =
            self.found.into_iter().map(|(path, flaw)| (flaw.code, format!("{path}: {}", flaw.rule)));
        let Some((code, message)) = found.next() else {
            return SoapFault::server(FaultCode::Internal, "Frågan kunde inte läsas").in_reply_to(call);
        };
        found
            .fold(SoapFault::client(code, message), |fault, (_, message)| fault.and(message))
            .in_reply_to(call)
    }
}
