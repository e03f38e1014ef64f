//! The question as an agency is told it, and as it repeats it.

use ssbtek_domain::{OrganisationNumber, Period, Personnummer, Processor, Question};
use ssbtek_xml::Element;

/// The question as one agency is told it.
pub struct Told<'a> {
    /// The board that asks.
    pub organisation: OrganisationNumber,
    /// Its name.
    pub name: &'a str,
    /// Who asks there.
    pub case_worker: &'a str,
    /// The case.
    pub case: &'a str,
    /// About whom.
    pub person: &'a Personnummer,
    /// The period that this agency is asked about.
    pub period: Period,
    /// Why.
    pub purpose: &'a str,
    /// On what basis this agency answers.
    pub legal_basis: &'a str,
    /// The chain of processors.
    pub processors: Vec<&'a Processor>,
    /// What correlates question and answer (MIV repeats it); empty if nothing does.
    pub correlation_id: String,
}

impl<'a> From<&'a Question> for Told<'a> {
    fn from(question: &'a Question) -> Self {
        Self {
            organisation: question.asking.organisation,
            name: &question.asking.name,
            case_worker: question.asking.case_worker.as_str(),
            case: question.case.as_str(),
            person: &question.person,
            period: question.period,
            purpose: question.purpose.as_str(),
            legal_basis: &question.legal_basis.0,
            processors: question.asking.processors.iter().collect(),
            correlation_id: question.entry.to_string(),
        }
    }
}

/// A question's fields as they are asked and as an answer repeats them: name and text, in their order.
#[derive(Clone)]
pub struct Repeated(Vec<(String, String)>);

impl Repeated {
    /// What stands in a question that was received.
    pub fn of(question: &Element) -> Self {
        let field = |field: &Element| (field.name().to_owned(), field.text().to_owned());
        Self(question.elements().iter().map(field).collect())
    }

    /// The text of a field; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }

    /// Puts another text into a field.
    pub fn set(&mut self, name: &str, text: &str) {
        self.0.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| text.clone_into(old));
    }

    /// Only the fields with these names.
    pub fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| names.contains(&name.as_str()));
        self
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

impl<'a> FromIterator<(&'a str, String)> for Repeated {
    fn from_iter<I: IntoIterator<Item = (&'a str, String)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
    }
}
