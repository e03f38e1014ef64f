//! What a message says is read in one way or refused: no field, value or number that is not the contract's is passed over in
//! silence. The cases are made from the contract's own descriptors, so that no new field is forgotten.

use std::collections::HashMap;

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};
use ssbtek_domain::Role;
use ssbtek_gateway::calls::CALLS;
use ssbtek_proto::broker::v1::{self as proto, EntryState};
use tonic::{Code, Status};

use crate::harness::{Wires, World};

/// A number that no message of the contract uses.
const NO_FIELD: u32 = 1_999;

struct Contract {
    messages: HashMap<String, DescriptorProto>,
    enums: HashMap<String, EnumDescriptorProto>,
}

impl Contract {
    fn new(set: &FileDescriptorSet) -> Self {
        let mut contract = Self { messages: HashMap::new(), enums: HashMap::new() };
        for file in &set.file {
            let package = format!(".{}", file.package());
            for declared in &file.enum_type {
                contract.enums.insert(format!("{package}.{}", declared.name()), declared.clone());
            }
            for message in &file.message_type {
                contract.take(&package, message);
            }
        }
        contract
    }

    fn take(&mut self, within: &str, message: &DescriptorProto) {
        let name = format!("{within}.{}", message.name());
        for declared in &message.enum_type {
            self.enums.insert(format!("{name}.{}", declared.name()), declared.clone());
        }
        for nested in &message.nested_type {
            self.take(&name, nested);
        }
        self.messages.insert(name, message.clone());
    }

    /// Every wrong message of a type that can be made by adding to an empty one: which field is to be named, and the bytes.
    fn wrong(&self, message: &str, path: &str) -> Vec<(String, Vec<u8>)> {
        let declared = &self.messages[message];
        let here = if path.is_empty() { "message".to_owned() } else { path.to_owned() };
        let mut wrong = vec![(here, varint_field(NO_FIELD, 1))];
        let mut groups = HashMap::<i32, Vec<&FieldDescriptorProto>>::new();
        for field in &declared.field {
            let number = field.number() as u32;
            let name = match path {
                "" => field.name().to_owned(),
                path => format!("{path}.{}", field.name()),
            };
            if let (Some(group), false) = (field.oneof_index, field.proto3_optional()) {
                groups.entry(group).or_default().push(field);
            }
            let once = some(field);
            if field.label() != Label::Repeated {
                wrong.push((name.clone(), [once.clone(), once].concat()));
            }
            match field.r#type() {
                Type::Enum => {
                    let known = &self.enums[field.type_name()].value;
                    let unknown = known.iter().map(|value| value.number()).max().unwrap() as u64 + 1;
                    for value in [unknown, 9_999, u64::MAX, (1 << 32) + 1] {
                        wrong.push((name.clone(), varint_field(number, value)));
                    }
                }
                Type::Bool => wrong.push((name, varint_field(number, 2))),
                Type::Uint32 => wrong.push((name, varint_field(number, (1 << 32) + 1))),
                Type::Int32 => wrong.push((name, varint_field(number, (1 << 32) + 1))),
                Type::String => wrong.push((name, bytes_field(number, &[0xff, 0xfe]))),
                Type::Message => {
                    let inside = self.wrong(field.type_name(), &name);
                    wrong.extend(inside.into_iter().map(|(name, bytes)| (name, bytes_field(number, &bytes))));
                }
                _ => {}
            }
        }
        for members in groups.values() {
            let two = [some(members[0]), some(members[1])].concat();
            wrong.push((members[1].name().to_owned(), two));
        }
        wrong
    }
}

fn varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

fn varint_field(number: u32, value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint(u64::from(number) << 3, &mut bytes);
    varint(value, &mut bytes);
    bytes
}

fn bytes_field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint(u64::from(number) << 3 | 2, &mut bytes);
    varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

/// A field with some value that its type has.
fn some(field: &FieldDescriptorProto) -> Vec<u8> {
    match field.r#type() {
        Type::String | Type::Bytes | Type::Message => bytes_field(field.number() as u32, &[]),
        _ => varint_field(field.number() as u32, 1),
    }
}

#[tokio::test]
async fn no_unknown_field_value_or_number_of_any_call_is_passed_over() {
    let world = World::start_with(Wires::Grpc, |config| config.refusals.max_recorded = u32::MAX).await;
    let set = FileDescriptorSet::decode(ssbtek_proto::DESCRIPTORS).unwrap();
    let contract = Contract::new(&set);
    let mut wire = world.http2(&world.board.identity).await;
    let mut expected = Vec::new();
    let services = set.file.iter().flat_map(|file| {
        file.service.iter().map(move |service| (format!("{}.{}", file.package(), service.name()), service))
    });
    for (service, declared) in services.filter(|(name, _)| name.starts_with("ssbtek.broker.")) {
        for method in &declared.method {
            let call = CALLS.iter().find(|call| {
                service.ends_with(&format!(".{}", call.service)) && call.method == method.name()
            });
            assert!(call.is_some(), "{service}/{}", method.name());
            for (field, bytes) in contract.wrong(method.input_type(), "") {
                let what = format!("{service}/{}, {field}: {bytes:02x?}", method.name());
                let path = format!("/{service}/{}", method.name());
                let bearer = format!("Bearer {}", world.assertion("anna").token());
                let head = crate::doors::client::plain(&path).header("authorization", bearer);
                let body = crate::doors::client::whole(crate::doors::client::prefixed(&bytes));
                let told = wire.tell(head, body).await.unwrap();
                assert_eq!(told.code(), Some(Code::InvalidArgument), "{what}: {told:?}");
                assert!(told.text().starts_with(&format!("{field}: ")), "{what}: {told:?}");
                expected.push((method.name().to_owned(), field));
            }
        }
    }
    assert!(expected.len() > 300, "{}", expected.len());
    // Each stands in the log, with its call and its field.
    let log = world.log().await;
    let mut denied: Vec<_> = log
        .into_iter()
        .filter(|entry| entry.state() == EntryState::Denied && entry.denial == "malformed")
        .map(|entry| (entry.action, entry.malformed_field))
        .collect();
    denied.sort();
    expected.sort();
    assert_eq!(denied, expected);
}

/// What was told of a call with this message.
async fn told(world: &World, account: &str, method: &str, message: impl Message) -> Status {
    let request = world.assertion(account).on(message.encode_to_vec());
    world.call(&world.board, method, request).await.unwrap_err()
}

#[tokio::test]
async fn a_person_number_is_twelve_digits_on_the_wire_and_nothing_else() {
    let world = World::start(Wires::Grpc).await;
    let number = world.member(Role::Applicant).number.expose().to_owned();
    let (date, last) = number.split_at(8);
    let member = |person_number: &str| proto::HouseholdMember {
        person_number: person_number.into(),
        role: proto::Role::Applicant.into(),
        ..Default::default()
    };
    for text in
        [format!("{date}-{last}"), format!("{date}+{last}"), number[2..].to_owned(), format!(" {number}")]
    {
        let person = text.as_str();
        let ask = proto::AskRequest { person_number: Some(person.into()), ..world.question() };
        let case = proto::RegisterCaseRequest {
            case_id: "NEW".into(),
            members: vec![member(person)],
            ..Default::default()
        };
        let members = proto::SetMembersRequest {
            case_id: "EB-1".into(),
            members: vec![member(person)],
            ..Default::default()
        };
        let filter = proto::list_entries_request::Filter::PersonNumber(person.into());
        let filtered = proto::ListEntriesRequest { filter: Some(filter), ..Default::default() };
        let criteria = proto::Criteria { person_number: person.into(), ..Default::default() };
        let searched = proto::ListEntriesRequest { criteria: Some(criteria), ..Default::default() };
        let report = proto::GetPersonReportRequest { person_number: person.into(), ..Default::default() };
        let own = proto::SetOwnNumberRequest {
            id: "anna".into(),
            person_number: person.into(),
            ..Default::default()
        };
        let restrict = proto::RestrictPersonRequest { person_number: person.into(), ..Default::default() };
        let correct = proto::CorrectMemberRequest {
            case_id: "EB-1".into(),
            person_number: person.into(),
            ..Default::default()
        };
        let refusals = [
            told(&world, "anna", "PersonQueryService/Ask", ask).await,
            told(&world, "system", "CaseRegistryService/RegisterCase", case).await,
            told(&world, "system", "CaseRegistryService/SetMembers", members).await,
            told(&world, "greta", "AccessLogService/ListEntries", filtered).await,
            told(&world, "greta", "AccessLogService/ListEntries", searched).await,
            told(&world, "greta", "AccessLogService/GetPersonReport", report).await,
            told(&world, "admin", "AdministrationService/SetOwnNumber", own).await,
            told(&world, "admin", "PersonRightsService/RestrictPerson", restrict).await,
            told(&world, "admin", "PersonRightsService/CorrectMember", correct).await,
        ];
        for refused in refusals {
            assert_eq!(refused.code(), Code::InvalidArgument, "{text}: {refused:?}");
            assert!(refused.message().contains("person_number: must be 12 digits"), "{text}: {refused:?}");
        }
    }
}
