//! How much memory a large message may turn into. An empty message takes two bytes on the wire and hundreds once
//! decoded, so bytes alone are no bound.

use ssbtek_formats::Refused;

use super::raw::{take, varint};

/// Messages up to this size are decoded without being weighed: they cannot become more than some 16 MiB.
const HARMLESS_BYTES: usize = 64 * 1024;
/// Fields in one message, those of nested messages included.
const MAX_FIELDS: usize = 32_768;
/// The contract nests less deep.
const MAX_DEPTH: u32 = 16;

/// Refuses a large message with very many fields. Needs no schema: whatever can be read as a nested message is counted
/// as one.
pub(super) fn check(message: &[u8]) -> Result<(), Refused> {
    if message.len() <= HARMLESS_BYTES {
        return Ok(());
    }
    match fields(message, 0) {
        Some(fields) if fields <= MAX_FIELDS => Ok(()),
        Some(_) => Err(Refused::TOO_MANY),
        None => Err(Refused::breach("the answer is not the contract's message")),
    }
}

/// Fields in `bytes`, read as a message; `None` if they are none. Stops counting soon after the limit.
fn fields(mut bytes: &[u8], depth: u32) -> Option<usize> {
    let mut count = 0;
    while !bytes.is_empty() && count <= MAX_FIELDS {
        let tag = varint(&mut bytes)?;
        if tag >> 3 == 0 {
            return None;
        }
        count += 1;
        match tag & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => drop(take(&mut bytes, 8)?),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let nested = take(&mut bytes, length)?;
                if depth < MAX_DEPTH {
                    count += fields(nested, depth + 1).unwrap_or(0);
                }
            }
            5 => drop(take(&mut bytes, 4)?),
            _ => return None,
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_empty_messages_are_refused_before_they_are_decoded() {
        let empty = [0x1A, 0x00].repeat(400_000);
        assert_eq!(check(&empty), Err(Refused::TOO_MANY));
        // The same one level down.
        let mut nested = vec![0x22];
        prost::encoding::encode_varint(empty.len() as u64, &mut nested);
        nested.extend_from_slice(&empty);
        assert_eq!(check(&nested), Err(Refused::TOO_MANY));
    }

    #[test]
    fn a_long_text_is_no_message_and_weighs_one_field() {
        let text = "Å".repeat(100_000);
        let mut message = vec![0x0A];
        prost::encoding::encode_varint(text.len() as u64, &mut message);
        message.extend_from_slice(text.as_bytes());
        assert_eq!(check(&message), Ok(()));
        message.pop();
        assert!(check(&message).is_err());
    }
}
