//! FK's own JSON without the general information that the caller did not ask for: the broker always asks for it, to learn
//! whether the person is protected. Everything else stays as it came, digit for digit.

pub(crate) mod json;

use serde_json::value::RawValue;
use ssbtek_domain::Original;

use self::json::{is_container, items, members};
use crate::{CannotRelay, Payload};

/// Deeper than LEFI goes by far.
const MAX_DEPTH: usize = 48;

/// The list that `FK:GEPI` fills.
const GENERAL: &str = "generellPersoninformation";
/// What stays of it: about whom it is, and the flag.
const KEPT_OF_GENERAL: [&str; 2] = ["personnummer", "skyddad"];

/// LEFI's answer without general information about the person.
///
/// # Errors
/// The bytes are no JSON object, or nested deeper than LEFI's answers are.
pub fn relay_without_general(original: &Original) -> Result<Payload, CannotRelay> {
    let raw: &RawValue = serde_json::from_slice(&original.bytes).map_err(|_| CannotRelay)?;
    let mut out = String::with_capacity(original.bytes.len());
    value(raw, false, 0, &mut out)?;
    if out.starts_with('{') { Ok(Payload::Document(out.into_bytes())) } else { Err(CannotRelay) }
}

/// Writes a value. `general`: it stands in the list of general information.
fn value(raw: &RawValue, general: bool, depth: usize, out: &mut String) -> Result<(), CannotRelay> {
    if depth > MAX_DEPTH {
        return Err(CannotRelay);
    }
    match raw.get().as_bytes().first() {
        Some(b'{') => object(raw, general, depth, out),
        Some(b'[') => array(raw, general, depth, out),
        _ => {
            out.push_str(raw.get());
            Ok(())
        }
    }
}

fn object(raw: &RawValue, general: bool, depth: usize, out: &mut String) -> Result<(), CannotRelay> {
    out.push('{');
    let kept = members(raw)?
        .into_iter()
        .filter(|(name, member)| !general || KEPT_OF_GENERAL.contains(&&**name) && !is_container(member));
    for (i, (name, member)) in kept.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(&name).map_err(|_| CannotRelay)?);
        out.push(':');
        value(member, general || name == GENERAL, depth + 1, out)?;
    }
    out.push('}');
    Ok(())
}

fn array(raw: &RawValue, general: bool, depth: usize, out: &mut String) -> Result<(), CannotRelay> {
    out.push('[');
    for (i, item) in items(raw)?.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        value(item, general, depth + 1, out)?;
    }
    out.push(']');
    Ok(())
}
