//! What the answers say of protected identity, for the board's memory. Taken before anything is withheld.

use ssbtek_authorize::Learned;
use ssbtek_domain::{
    DateTime, Outcome, Personnummer, Protection, ProtectionSignal, Utc, sections::skv::person_numbers,
    stockholm_date,
};

use crate::{Named, SourceReport, protection::signal};

/// `settled`: nobody says of the person that the identity is protected, and everybody who can was heard.
pub(crate) fn learned(sources: &[SourceReport], settled: bool, named: Named, at: DateTime<Utc>) -> Learned {
    let Named { persons: named, protected: named_protected } = named;
    let mut learned = Learned { settled, named, named_protected, ..Learned::default() };
    for source in sources {
        learned.doubtful |= source.agency.can_flag_protection() && is_doubtful(source);
        if let Some(says) = own(source) {
            learned.own.insert(source.agency, says);
        }
        if let Some(flags) = others(source) {
            learned.others.insert(source.agency, flags);
        }
        let numbers = source.section.iter().flat_map(|section| section.facts().flagged_others());
        for person in numbers.flat_map(|number| whose(&number, at)) {
            learned.flagged.insert((person, source.agency));
        }
    }
    learned
}

/// The level that a source states of the person, `Some(None)` where it says that there is none.
fn own(source: &SourceReport) -> Option<Option<Protection>> {
    match signal(source) {
        said @ (ProtectionSignal::Sekretessmarkering | ProtectionSignal::SkyddadFolkbokforing) => {
            Some(Some(Protection::from_signal(said)))
        }
        ProtectionSignal::NotProtected => Some(None),
        // What has no field for it says no by an answer without a flag; who is not there is not marked there.
        ProtectionSignal::CannotSay if is_heard(source) => Some(None),
        ProtectionSignal::CannotSay | ProtectionSignal::Unsaid => None,
    }
}

/// Whether a source sent something from which it cannot be told whether it flags the person.
fn is_doubtful(source: &SourceReport) -> bool {
    let sent = matches!(source.outcome, Outcome::Answered | Outcome::AnsweredInPart | Outcome::AnswerRefused);
    sent && signal(source) == ProtectionSignal::Unsaid
}

/// Whether a source flags somebody else; not known of one that was not heard in full.
fn others(source: &SourceReport) -> Option<bool> {
    let flags = source.section.as_ref().is_some_and(|section| section.facts().flags_another());
    (flags || is_heard(source)).then_some(flags)
}

fn is_heard(source: &SourceReport) -> bool {
    matches!(source.outcome, Outcome::Answered | Outcome::NoSuchPerson)
}

/// Everybody who may be meant by a number as an agency writes it, and is born.
fn whose(number: &str, at: DateTime<Utc>) -> Vec<Personnummer> {
    let today = stockholm_date(at);
    let is_born = |person: &Personnummer| Personnummer::parse(person.expose(), today).is_ok();
    person_numbers(number).into_iter().filter(is_born).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_number_may_be_of_either_century_and_never_of_one_to_come() {
        let at: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let of =
            |number: &str| whose(number, at).iter().map(|one| one.expose().to_owned()).collect::<Vec<_>>();
        assert_eq!(of("198001019804"), ["198001019804"]);
        assert_eq!(of("19800101-9804"), ["198001019804"]);
        assert_eq!(of("1980 0101 9804"), ["198001019804"]);
        assert_eq!(of("\u{ff11}\u{ff19}80\u{2011}0101\u{a0}9804"), ["198001019804"]);
        assert_eq!(of("8001019804"), ["198001019804"]);
        assert_eq!(of("1301019814"), ["191301019814", "201301019814"]);
        assert!(of("8001019805").is_empty() && of("").is_empty() && of("okänt").is_empty());
    }
}
