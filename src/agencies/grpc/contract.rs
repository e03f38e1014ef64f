//! What `ssbtek.agency.v1` has, by its own descriptors: every message and field, so that none can be forgotten where an answer is
//! walked through.

use std::{collections::HashMap, sync::LazyLock};

use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

/// The answer.
pub(super) const ANSWER: &str = ".ssbtek.agency.v1.GetPersonFactsResponse";
/// What a mark can be that does not say yes: nothing, or a text of its own beside it.
const NO_MARKS: [&str; 5] = ["UNSPECIFIED", "ABSENT", "BLANK", "UNKNOWN", "NO"];

/// Messages and enums, by their full names.
#[derive(Debug)]
pub(super) struct Contract {
    pub(super) messages: HashMap<String, Message>,
    /// By number: whether the value says yes where it stands under a flag's name.
    pub(super) enums: HashMap<String, HashMap<u64, bool>>,
}

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    /// Without its package.
    pub(super) name: String,
    pub(super) fields: HashMap<u32, Field>,
}

/// One field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Type,
    /// The message or enum that it is.
    pub(super) of: String,
    pub(super) repeated: bool,
    /// Whether it is one of several of which exactly one is told.
    pub(super) is_choice: bool,
}

/// Compiled with this program; a test would say if the descriptors could not be read.
pub(super) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let set = FileDescriptorSet::decode(ssbtek_proto::DESCRIPTORS).unwrap_or_default();
    let mut contract = Contract { messages: HashMap::new(), enums: HashMap::new() };
    for file in set.file.iter().filter(|file| file.package() == "ssbtek.agency.v1") {
        let within = format!(".{}", file.package());
        for declared in &file.enum_type {
            let says_yes = |name: &str| !NO_MARKS.iter().any(|no| name.ends_with(&format!("_{no}")));
            let values = declared.value.iter();
            let values =
                values.map(|value| (u64::from(value.number().unsigned_abs()), says_yes(value.name())));
            contract.enums.insert(format!("{within}.{}", declared.name()), values.collect());
        }
        file.message_type.iter().for_each(|declared| contract.take(&within, declared));
    }
    contract
});

impl Contract {
    fn take(&mut self, within: &str, declared: &DescriptorProto) {
        let name = format!("{within}.{}", declared.name());
        declared.nested_type.iter().for_each(|nested| self.take(&name, nested));
        let fields = declared.field.iter().map(|field| (field.number().unsigned_abs(), Field::of(field)));
        let message = Message { name: declared.name().to_owned(), fields: fields.collect() };
        self.messages.insert(name, message);
    }
}

impl Field {
    fn of(field: &FieldDescriptorProto) -> Self {
        Self {
            name: field.name().to_owned(),
            kind: field.r#type(),
            of: field.type_name().to_owned(),
            repeated: field.label() == Label::Repeated,
            is_choice: field.oneof_index.is_some() && !field.proto3_optional(),
        }
    }
}
