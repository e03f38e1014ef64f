//! The LEFI question as the mock reads it.

use serde_json::Value;
use ssbtek_domain::Period;
use ssbtek_formats::fk::{InformationClass, write::Wanted};

/// A question that LEFI would answer.
pub(super) struct Asked {
    /// Person number, 12 digits.
    pub(super) number: String,
    /// At most two years.
    pub(super) period: Period,
    /// (class, information type) in the question's order.
    pub(super) types: Vec<(InformationClass, String)>,
}

/// `…/v9/aktorer/{aktorsId}/formansinformation/fraga`.
pub(super) fn is_known_path(path: &str) -> bool {
    let actor = path
        .strip_prefix("/lefi-extern-formansinformation/v9/aktorer/")
        .and_then(|rest| rest.strip_suffix("/formansinformation/fraga"));
    actor.is_some_and(|actor| !actor.is_empty() && !actor.contains('/'))
}

impl Asked {
    /// `None` for what LEFI answers with 400: nothing asked for, more than two years, something missing.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let question: Value = serde_json::from_slice(body).ok()?;
        let day = |name: &str| question.get("period")?.get(name)?.as_str()?.parse().ok();
        let period = Period::new(day("from")?, day("tom")?).ok()?;
        let two_years = period.from().checked_add_months(chrono::Months::new(24))?;
        let mut types = vec![];
        for class in InformationClass::ALL {
            for code in question.get(class.field_name()).and_then(Value::as_array).into_iter().flatten() {
                types.push((class, code.as_str()?.to_owned()));
            }
        }
        let number = question.get("personnummer")?.as_str()?.to_owned();
        (!types.is_empty() && period.to() < two_years).then_some(Self { number, period, types })
    }

    /// What to tell.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted::only(self.types.iter().map(|(class, code)| (*class, code.as_str())))
    }
}
