//! What a message may hold, from the contract's own descriptors: known fields, each in its own type and once, of a oneof one, of an
//! enum a value that it has. What the library that decodes would pass over or cut short is refused, and the field is named.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

use super::message::{FIELD, Unreadable};

/// Messages within messages; the contract has fewer.
const MAX_DEPTH: usize = 16;

/// The forms of all requests, by the call's path.
static FORMS: LazyLock<HashMap<String, Form>> = LazyLock::new(|| {
    // Our own descriptors, compiled with this program; without them no call has a form, and a test would say so.
    let set = FileDescriptorSet::decode(ssbtek_proto::DESCRIPTORS).unwrap_or_default();
    let contract = Contract::new(&set);
    let mut forms = HashMap::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                forms.insert(path, contract.form(method.input_type(), "", 0));
            }
        }
    }
    forms
});

/// Checks a message, without its prefix, of the call with this path. Calls of other contracts have no form here.
pub(super) fn check(path: &str, message: &[u8]) -> Result<(), Unreadable> {
    FORMS.get(path).map_or(Ok(()), |form| form.check(message, FIELD))
}

/// One message.
#[derive(Debug, Default)]
struct Form {
    fields: BTreeMap<u32, Field>,
}

#[derive(Debug)]
struct Field {
    /// With the fields that it is in: `criteria.outcome`.
    name: String,
    kind: Kind,
    is_list: bool,
    /// Of these only one may be there.
    one_of: Option<i32>,
}

#[derive(Debug)]
enum Kind {
    Bool,
    Unsigned32,
    Signed32,
    Number64,
    Enum(BTreeSet<i32>),
    Fixed32,
    Fixed64,
    Text,
    Bytes,
    Message(Form),
}

struct Contract<'a> {
    messages: HashMap<String, &'a DescriptorProto>,
    enums: HashMap<String, &'a EnumDescriptorProto>,
}

impl<'a> Contract<'a> {
    fn new(set: &'a FileDescriptorSet) -> Self {
        let mut contract = Self { messages: HashMap::new(), enums: HashMap::new() };
        for file in &set.file {
            let within = format!(".{}", file.package());
            contract.take(&within, &file.message_type, &file.enum_type);
        }
        contract
    }

    fn take(&mut self, within: &str, messages: &'a [DescriptorProto], enums: &'a [EnumDescriptorProto]) {
        for declared in enums {
            self.enums.insert(format!("{within}.{}", declared.name()), declared);
        }
        for message in messages {
            let name = format!("{within}.{}", message.name());
            self.take(&name, &message.nested_type, &message.enum_type);
            self.messages.insert(name, message);
        }
    }

    /// A message that is not known, or too deep, has no field.
    fn form(&self, message: &str, within: &str, depth: usize) -> Form {
        let declared = self.messages.get(message).filter(|_| depth < MAX_DEPTH);
        let fields = declared.map(|message| message.field.as_slice()).unwrap_or_default();
        let of = |field: &FieldDescriptorProto| {
            let name = match within {
                "" => field.name().to_owned(),
                within => format!("{within}.{}", field.name()),
            };
            let one_of = field.oneof_index.filter(|_| !field.proto3_optional());
            let kind = self.kind(field, &name, depth);
            (
                field.number().unsigned_abs(),
                Field { kind, is_list: field.label() == Label::Repeated, one_of, name },
            )
        };
        Form { fields: fields.iter().map(of).collect() }
    }

    fn kind(&self, field: &FieldDescriptorProto, name: &str, depth: usize) -> Kind {
        match field.r#type() {
            Type::Bool => Kind::Bool,
            Type::Uint32 | Type::Sint32 => Kind::Unsigned32,
            Type::Int32 => Kind::Signed32,
            Type::Int64 | Type::Uint64 | Type::Sint64 => Kind::Number64,
            Type::Enum => {
                let declared = self.enums.get(field.type_name());
                let values = declared.map(|declared| declared.value.as_slice()).unwrap_or_default();
                Kind::Enum(values.iter().map(|value| value.number()).collect())
            }
            Type::Fixed32 | Type::Sfixed32 | Type::Float => Kind::Fixed32,
            Type::Fixed64 | Type::Sfixed64 | Type::Double => Kind::Fixed64,
            Type::String => Kind::Text,
            Type::Bytes => Kind::Bytes,
            Type::Message | Type::Group => Kind::Message(self.form(field.type_name(), name, depth + 1)),
        }
    }
}

/// What stands on the wire behind a field's number.
enum Value<'a> {
    Number(u64),
    Fixed32,
    Fixed64,
    Bytes(&'a [u8]),
}

impl Form {
    fn check(&'static self, mut message: &[u8], name: &'static str) -> Result<(), Unreadable> {
        let (mut there, mut chosen) = (BTreeSet::new(), BTreeSet::new());
        while !message.is_empty() {
            let (number, value) = next(&mut message)?;
            let Some(field) = self.fields.get(&number) else {
                return Err(Unreadable::Misfit(name, "holds a field that is not known"));
            };
            let wrong = |why| Err(Unreadable::Misfit(&field.name, why));
            if !there.insert(number) && !field.is_list {
                return wrong("stands twice");
            }
            if let Some(group) = field.one_of
                && !chosen.insert(group)
            {
                return wrong("stands beside another of which only one may");
            }
            field.check(value)?;
        }
        Ok(())
    }
}

impl Field {
    fn check(&'static self, value: Value<'_>) -> Result<(), Unreadable> {
        let fits = |fits: bool, why| if fits { Ok(()) } else { Err(Unreadable::Misfit(&self.name, why)) };
        match (&self.kind, value) {
            (Kind::Message(form), Value::Bytes(message)) => form.check(message, &self.name),
            (Kind::Text, Value::Bytes(text)) => fits(std::str::from_utf8(text).is_ok(), "is not UTF-8"),
            (Kind::Bytes, Value::Bytes(_))
            | (Kind::Fixed32, Value::Fixed32)
            | (Kind::Fixed64, Value::Fixed64) => Ok(()),
            (kind, Value::Number(number)) => {
                let why = kind.misfit(number);
                why.map_or(Ok(()), |why| Err(Unreadable::Misfit(&self.name, why)))
            }
            // Numbers one after another, without each its field.
            (_, Value::Bytes(mut numbers)) if self.is_list => {
                while !numbers.is_empty() {
                    let value = match self.kind {
                        Kind::Fixed32 => taken(&mut numbers, 4).map(|_| Value::Fixed32),
                        Kind::Fixed64 => taken(&mut numbers, 8).map(|_| Value::Fixed64),
                        _ => varint(&mut numbers).map(Value::Number),
                    };
                    self.check(value?)?;
                }
                Ok(())
            }
            _ => Err(Unreadable::Misfit(&self.name, "is of another type")),
        }
    }
}

impl Kind {
    /// Why a number does not fit.
    fn misfit(&self, number: u64) -> Option<&'static str> {
        let signed32 = i32::try_from(number.cast_signed());
        match self {
            Kind::Bool if number > 1 => Some("must be true or false"),
            Kind::Unsigned32 if u32::try_from(number).is_err() => Some("is too large"),
            Kind::Signed32 if signed32.is_err() => Some("is too large"),
            Kind::Enum(known) if !signed32.is_ok_and(|number| known.contains(&number)) => {
                Some("has a value that is not known")
            }
            Kind::Bool | Kind::Unsigned32 | Kind::Signed32 | Kind::Enum(_) | Kind::Number64 => None,
            Kind::Fixed32 | Kind::Fixed64 | Kind::Text | Kind::Bytes | Kind::Message(_) => {
                Some("is of another type")
            }
        }
    }
}

/// The next field's number and value.
fn next<'a>(message: &mut &'a [u8]) -> Result<(u32, Value<'a>), Unreadable> {
    let key = varint(message)?;
    let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0).ok_or(Unreadable::Undecodable)?;
    let value = match key & 7 {
        0 => Value::Number(varint(message)?),
        1 => taken(message, 8).map(|_| Value::Fixed64)?,
        2 => {
            let length = varint(message)?;
            Value::Bytes(taken(message, usize::try_from(length).unwrap_or(usize::MAX))?)
        }
        5 => taken(message, 4).map(|_| Value::Fixed32)?,
        // Groups, which this contract has none of, and what is no type.
        _ => return Err(Unreadable::Undecodable),
    };
    Ok((number, value))
}

fn taken<'a>(from: &mut &'a [u8], count: usize) -> Result<&'a [u8], Unreadable> {
    from.split_off(..count).ok_or(Unreadable::Undecodable)
}

fn varint(from: &mut &[u8]) -> Result<u64, Unreadable> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *from.split_off_first().ok_or(Unreadable::Undecodable)?;
        if shift == 63 && byte > 1 {
            break;
        }
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Unreadable::Undecodable)
}

#[cfg(test)]
mod tests {
    use ssbtek_proto::broker::v1 as proto;

    use super::*;
    use crate::calls::CALLS;

    const ASK: &str = "/ssbtek.broker.v1.PersonQueryService/Ask";
    const LIST: &str = "/ssbtek.broker.v1.AccessLogService/ListEntries";

    #[test]
    fn every_call_has_a_form() {
        for call in CALLS {
            assert!(
                FORMS.contains_key(&format!("/ssbtek.broker.v1.{}/{}", call.service, call.method)),
                "{call:?}"
            );
        }
    }

    #[test]
    fn what_a_client_writes_fits_in_whatever_order() {
        let criteria = proto::Criteria {
            person_number: "198001019804".into(),
            attested: Some(false),
            outcome: 1,
            ..Default::default()
        };
        let list = proto::ListEntriesRequest { criteria: Some(criteria), page_size: 7, ..Default::default() };
        assert_eq!(check(LIST, &list.encode_to_vec()), Ok(()));
        let question = proto::AskRequest {
            case_id: "EB-1".into(),
            role: 1,
            agencies: vec!["FK".into(), "FK".into()],
            ..Default::default()
        };
        assert_eq!(check(ASK, &question.encode_to_vec()), Ok(()));
        assert_eq!(check(ASK, &[]), Ok(()));
        assert_eq!(check("/grpc.health.v1.Health/Check", &[0xff]), Ok(()), "not ours");
    }

    #[test]
    fn a_list_of_numbers_fits_one_by_one_and_together() {
        let register = "/ssbtek.broker.v1.AdministrationService/RegisterCaseWorker";
        let account = proto::Account { duties: vec![1, 2], ..Default::default() };
        let message = proto::RegisterCaseWorkerRequest { account: Some(account) };
        let together = message.encode_to_vec();
        assert_eq!(check(register, &together), Ok(()));
        let duties = together[2] >> 3 << 3;
        assert_eq!(check(register, &[together[0], 4, duties, 1, duties, 2]), Ok(()));
        let misfit = Err(Unreadable::Misfit("account.duties", "has a value that is not known"));
        assert_eq!(check(register, &[together[0], 4, duties, 1, duties, 99]), misfit);
        assert_eq!(check(register, &[together[0], 4, duties | 2, 2, 1, 99]), misfit);
    }

    #[test]
    fn what_cannot_be_taken_apart_is_told_as_such_and_never_panics() {
        for bytes in
            [&[0x0a][..], &[0x0a, 5, 1], &[0xff; 11], &[0x00], &[0x0b], &[0x0c], &[0x07], &[0xff, 0xff, 0xff]]
        {
            assert_eq!(check(ASK, bytes), Err(Unreadable::Undecodable), "{bytes:?}");
        }
        assert_eq!(varint(&mut &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1][..]), Ok(u64::MAX));
        assert!(varint(&mut &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2][..]).is_err());
    }
}
