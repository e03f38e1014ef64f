//! Namespaces of CSN's schemas 4.0, and of all of its schemas of whatever version.

use crate::fields::Space;

/// The answer's own, whatever its version.
pub(super) const ANY_KOMMUNFRAGA: Space = Space("http://schema.csn.se/v*/kommunfraga");
/// Any of CSN's schemas, whatever its version.
pub(super) const ANY: Space = Space("http://schema.csn.se/v*/*");

/// Question, answer and the persons in it.
pub const KOMMUNFRAGA: &str = "http://schema.csn.se/v4.0/kommunfraga";
/// Inside a case of student aid.
pub(super) const STUDIEMEDEL: &str = "http://schema.csn.se/v4.0/studiemedel";
/// Inside a case of study grant.
pub(super) const STUDIEHJALP: &str = "http://schema.csn.se/v4.0/studiehjalp";
/// Inside a case of home-equipment loan.
pub(super) const HEMUTRUSTNINGSLAN: &str = "http://schema.csn.se/v4.0/hemutrustningslan";
/// Inside a case of study start support.
pub(super) const STUDIESTARTSSTOD: &str = "http://schema.csn.se/v4.0/studiestartsstod";
/// Inside a case of transition study support.
pub(super) const OMSTALLNINGSSTUDIESTOD: &str = "http://schema.csn.se/v4.0/omstallningsstudiestod";
/// The question's type; taken to hold its fields too.
pub const SAMBRUK: &str = "http://www.sambruk.se/SBNyttomeddelanden";
/// A person.
const PERSON: &str = "http://schema.csn.se/v4.0/person";
/// What all kinds of cases share.
const CSNTYPER: &str = "http://schema.csn.se/v4.0/csntyper";

/// CSN's schemas with the prefixes that are written; the first five in the order of the lists under a person.
pub(super) const PREFIXES: [(&str, &str); 7] = [
    ("sm", STUDIEMEDEL),
    ("sh", STUDIEHJALP),
    ("hut", HEMUTRUSTNINGSLAN),
    ("sss", STUDIESTARTSSTOD),
    ("oss", OMSTALLNINGSSTUDIESTOD),
    ("pers", PERSON),
    ("gem", CSNTYPER),
];
