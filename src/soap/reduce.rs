//! FK's own JSON with everything taken out that could locate a protected person, or that belongs to somebody else.
//!
//! LEFI's answer is too rich to be written anew without loss, so it is reduced in place: members are taken out by name
//! wherever they stand, and every value that stays is written as it came, digit for digit.

mod json;

use serde_json::value::RawValue;
use ssbtek_domain::{Agency, HoldBack, Original, Personnummer};

use self::json::{is_container, items, members};
use crate::{CannotRelay, Payload};

/// Deeper than LEFI goes by far.
const MAX_DEPTH: usize = 48;

/// Members that tell where somebody is: address, workplace, municipality, citizenship, foreign tax number.
const LOCATING: [&str; 16] = [
    "adress",
    "arbetsgivare",
    "arbetsstallen",
    "epost",
    "folkbokford",
    "institutionsplacering",
    "kommun",
    "kontakt",
    "lan",
    "land",
    "medborgarskap",
    "postnummer",
    "postort",
    "skatteredovisningsnummer",
    "telefon",
    "utdelningadress",
];

/// Members under which somebody else stands.
const OTHERS: [&str; 15] = [
    "avliden",
    "avlidna",
    "barn",
    "foralder",
    "hemmavarandeBarn",
    "kontakt",
    "medsokande",
    "ovrigaBerattigadeEfterlevande",
    "person",
    "personuppgift",
    "samhorig",
    "tidvisboendeBarn",
    "upplysning",
    "utbetalningsmottagare",
    "vaxelvisboendeBarn",
];

/// Members that say who somebody is.
const IDENTIFYING: [&str; 7] =
    ["avled", "dodsfallsdatum", "foddes", "fodelsedatum", "namn", "personnummer", "upplysning"];

/// LEFI's word for a payee that is an authority and nobody's number.
const AUTHORITY: &str = "MYNDIGHETSUTBETALNING";

/// What to take out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduction {
    /// What tells where somebody is.
    pub location: HoldBack,
    /// Who others are.
    pub third_parties: bool,
    /// General information about the person (`FK:GEPI`) but for the number and whether the person is protected. For
    /// callers who did not ask for it: the broker always does, to learn of the protection.
    pub general_information: bool,
}

impl Reduction {
    /// Takes nothing out.
    pub const NOTHING: Reduction =
        Reduction { location: HoldBack::Nothing, third_parties: false, general_information: false };
}

/// The list that `FK:GEPI` fills, and what stays of it when it is taken out.
const GENERAL: &str = "generellPersoninformation";
/// The list of citizenships in it.
const CITIZENSHIP: &str = "medborgarskap";
const KEPT_OF_GENERAL: [&str; 2] = ["personnummer", "skyddad"];

/// LEFI's answer about `person`, reduced. Whether somebody is protected (`skyddad`) always stays.
///
/// # Errors
/// The bytes are no JSON object, or nested deeper than LEFI's answers are.
pub fn relay_reduced(
    original: &Original,
    person: &Personnummer,
    reduction: Reduction,
) -> Result<Payload, CannotRelay> {
    let raw: &RawValue = serde_json::from_slice(&original.bytes).map_err(|_| CannotRelay)?;
    let mut out = String::with_capacity(original.bytes.len());
    Reducer { person, reduction }.value(raw, Place::Own, 0, &mut out)?;
    if out.starts_with('{') { Ok(Payload::Document(out.into_bytes())) } else { Err(CannotRelay) }
}

/// Whose facts are being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Own,
    /// General information about the person.
    General,
    Other,
    /// In the person's citizenships: the country there is not where anybody lives.
    Citizenship,
}

struct Reducer<'a> {
    person: &'a Personnummer,
    reduction: Reduction,
}

impl Reducer<'_> {
    fn value(&self, raw: &RawValue, place: Place, depth: usize, out: &mut String) -> Result<(), CannotRelay> {
        if depth > MAX_DEPTH {
            return Err(CannotRelay);
        }
        match raw.get().as_bytes().first() {
            Some(b'{') => self.object(raw, place, depth, out)?,
            Some(b'[') => self.array(raw, place, depth, out)?,
            _ => out.push_str(raw.get()),
        }
        Ok(())
    }

    fn object(
        &self,
        raw: &RawValue,
        place: Place,
        depth: usize,
        out: &mut String,
    ) -> Result<(), CannotRelay> {
        let members = members(raw)?;
        let place = self.whose(place, &members);
        out.push('{');
        let mut first = true;
        for (name, member) in members {
            if self.taken_out(&name, place) || self.tells_of_others(&name, member) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            out.push_str(&serde_json::to_string(&name).map_err(|_| CannotRelay)?);
            out.push(':');
            let others = self.reduction.third_parties && OTHERS.contains(&&*name) && is_container(member);
            let inside = match &*name {
                _ if others => Place::Other,
                GENERAL => Place::General,
                CITIZENSHIP if place != Place::Other => Place::Citizenship,
                _ => place,
            };
            self.value(member, inside, depth + 1, out)?;
        }
        out.push('}');
        Ok(())
    }

    fn array(&self, raw: &RawValue, place: Place, depth: usize, out: &mut String) -> Result<(), CannotRelay> {
        out.push('[');
        for (i, item) in items(raw)?.into_iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            if place == Place::Other && item.get().starts_with('"') {
                // A bare text in a list of others says who they are as well as an object does.
                out.push_str("null");
            } else {
                self.value(item, place, depth + 1, out)?;
            }
        }
        out.push(']');
        Ok(())
    }

    /// A number settles whose object it is, whatever it is called.
    fn whose(&self, place: Place, members: &[(String, &RawValue)]) -> Place {
        let number = members.iter().find(|(name, _)| name == "personnummer").map(|(_, value)| value.get());
        match number.and_then(|number| serde_json::from_str::<String>(number).ok()) {
            Some(digits) if self.is_own(&digits) && place == Place::Other => Place::Own,
            Some(digits) if self.is_own(&digits) => place,
            Some(_) => Place::Other,
            None => place,
        }
    }

    /// A bare text that names somebody else: anything under one of [`OTHERS`] but the person's own number and the word for
    /// an authority, and another's number anywhere.
    fn tells_of_others(&self, name: &str, member: &RawValue) -> bool {
        if !self.reduction.third_parties || !member.get().starts_with('"') {
            return false;
        }
        let Ok(text) = serde_json::from_str::<String>(member.get()) else { return true };
        let runs = || text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
        if OTHERS.contains(&name) {
            text != AUTHORITY && (runs().next().is_none() || runs().any(|run| !self.is_own(run)))
        } else {
            runs().any(|run| run.len() == 12 && !self.is_own(run) && Personnummer::parse_undated(run).is_ok())
        }
    }

    fn is_own(&self, digits: &str) -> bool {
        digits == self.person.expose() || digits == self.person.ten_digits()
    }

    fn taken_out(&self, name: &str, place: Place) -> bool {
        if self.reduction.general_information && place == Place::General && !KEPT_OF_GENERAL.contains(&name) {
            return true;
        }
        let held_back = match place {
            Place::Citizenship => self.reduction.location.holds(Agency::Fk, CITIZENSHIP),
            _ if name == CITIZENSHIP => self.reduction.location.holds(Agency::Fk, CITIZENSHIP),
            _ => self.reduction.location.is_something(),
        };
        let locates = held_back && LOCATING.contains(&name);
        let identifies = self.reduction.third_parties
            && ((place == Place::Other && (IDENTIFYING.contains(&name) || LOCATING.contains(&name)))
                || matches!(name, "kontakt" | "upplysning"));
        locates || identifies
    }
}
