//! Every agency's facts with something unmistakable in every string and number. What there is to be filled is read from the
//! contract `ssbtek.agency.v1`, so that a field that is added is filled without anybody thinking of it.

use std::collections::{BTreeMap, BTreeSet};

use super::verdict::NO_RECORD;
use chrono::{Days, NaiveDate};
use mock_agencies::facts::skv::with_documents;
use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value,
};
use ssbtek_domain::{
    Agency,
    sections::{Section, fk::FIGURES, skv::Part},
};

/// One string or number.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) agency: Agency,
    /// Messages and their fields, from the section's down.
    pub(crate) steps: Vec<(String, String)>,
    /// What stands there.
    pub(crate) value: String,
    /// Of a figure: its name.
    pub(crate) figure: Option<String>,
    /// Whether the value is one that stands nowhere else; a percentage cannot be.
    pub(crate) unmistakable: bool,
}

impl Leaf {
    /// The fields' names, joined by points.
    pub(crate) fn path(&self) -> String {
        let names: Vec<&str> = self.steps.iter().map(|(_, field)| field.as_str()).collect();
        format!("{}.{}", self.agency, names.join("."))
    }
}

/// What the agencies say about protection.
#[derive(Debug, Clone)]
pub(crate) struct Flags {
    /// `sekretessmarkering`; `None`: left out.
    pub(crate) af: Option<bool>,
    /// Name of the mark.
    pub(crate) csn: &'static str,
    /// The person's own at FK.
    pub(crate) fk: Option<bool>,
    /// The list of other persons at FK whose flag is set.
    pub(crate) other: Option<&'static str>,
    /// FK says neither yes nor no of somebody else.
    pub(crate) open: bool,
}

impl Flags {
    /// Everybody says that the person is not protected.
    pub(crate) const NO: Flags =
        Flags { af: Some(false), csn: "CSN_MARK_BLANK", fk: Some(false), other: None, open: false };
}

/// What is left out or changed in a fill, by the leaf.
pub(crate) type Change<'a> = &'a dyn Fn(&Leaf) -> Left;

/// What becomes of one leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    AsItIs,
    /// Another value of the same form.
    Other,
    /// This value, where a text stands.
    Says(&'static str),
    Out,
}

/// The filled facts, and what stands in them.
pub(crate) struct Filled {
    pub(crate) sections: BTreeMap<Agency, Section>,
    pub(crate) leaves: Vec<Leaf>,
}

/// Forms of text that a field may want, tried in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Day,
    Amount,
    /// The number of the person asked about.
    Own,
}

const FORMS: [Form; 4] = [Form::Text, Form::Day, Form::Amount, Form::Own];

/// How far apart the other values are from the first ones.
const OTHERS: usize = 30_000;

/// Texts that FK and PM write as numbers.
const NUMBERED: [&str; 2] = ["FkCode.id", "FkPensionCompensation.extent"];

/// Fields that follow from others, and why they are not filled by themselves.
const FOLLOW: [(&str, &str); 2] = [
    ("SkvSection.documents", "written from all of Skatteverket's other facts"),
    ("CsnSpan.days", "the same as start and end"),
];

/// Reads the contract once: which form each field wants.
pub(crate) struct Contract {
    pool: DescriptorPool,
    forms: BTreeMap<String, usize>,
}

impl Contract {
    /// Finds every field's form: a text is tried first, and whatever the domain refuses is tried in the next form.
    pub(crate) fn read(own: &str) -> Self {
        let pool = DescriptorPool::decode(ssbtek_proto::DESCRIPTORS).unwrap();
        let mut contract = Self { pool, forms: BTreeMap::new() };
        for agency in Agency::ALL {
            while let Err((field, leaves)) = contract.of(agency, own, &Flags::NO, &|_| Left::AsItIs, &mut 0) {
                contract.next_form(&field, &leaves);
            }
        }
        contract
    }

    /// Gives every leaf that the refused field may mean another form.
    fn next_form(&mut self, refused: &str, leaves: &[Leaf]) {
        let name = refused.rsplit('.').next().unwrap();
        let name = if name == "person" { "person_number" } else { name };
        let meant: BTreeSet<String> = leaves
            .iter()
            .filter(|leaf| leaf.steps.iter().any(|(_, field)| field == name))
            .map(Leaf::path)
            .collect();
        let mut found = false;
        for path in meant {
            let form = self.forms.entry(path).or_default();
            found |= *form + 1 < FORMS.len();
            *form = (*form + 1).min(FORMS.len() - 1);
        }
        assert!(found, "{refused} is refused, and no form is left to try");
    }

    /// Everything of every agency.
    pub(crate) fn fill(&self, own: &str, flags: &Flags, change: Change<'_>) -> Filled {
        let mut filled = Filled { sections: BTreeMap::new(), leaves: vec![] };
        let mut count = 0;
        for agency in Agency::ALL {
            let (section, leaves) =
                self.of(agency, own, flags, change, &mut count).map_err(|(field, _)| field).unwrap();
            filled.sections.insert(agency, section);
            filled.leaves.extend(leaves);
        }
        filled
    }

    /// Everything of one agency, or the field that is refused.
    pub(crate) fn of(
        &self,
        agency: Agency,
        own: &str,
        flags: &Flags,
        change: Change<'_>,
        count: &mut usize,
    ) -> Result<(Section, Vec<Leaf>), (String, Vec<Leaf>)> {
        let whole = self.pool.get_message_by_name("ssbtek.agency.v1.Section").unwrap();
        let field = whole.get_field_by_name(&agency.code().to_ascii_lowercase()).unwrap();
        let Kind::Message(section) = field.kind() else { panic!("a section is a message") };
        let mut filler = Filler {
            contract: self,
            agency,
            own,
            flags,
            change,
            leaves: vec![],
            count: *count,
            out: 0,
            all_figures: true,
        };
        let filled = filler.message(&section, &mut vec![]);
        *count = filler.count;
        let mut message = DynamicMessage::new(whole);
        message.set_field(&field, Value::Message(filled));
        let message = message.transcode_to::<ssbtek_proto::agency::v1::Section>().unwrap();
        match ssbtek_wire::section_from_proto(message) {
            Ok(Section::Skv(skv)) => Ok((Section::Skv(with_documents(skv, &Part::ALL)), filler.leaves)),
            Ok(section) => Ok((section, filler.leaves)),
            Err(error) => Err((error.0.to_owned(), filler.leaves)),
        }
    }
}

struct Filler<'a> {
    contract: &'a Contract,
    agency: Agency,
    own: &'a str,
    flags: &'a Flags,
    change: Change<'a>,
    leaves: Vec<Leaf>,
    count: usize,
    /// How many were left out.
    out: usize,
    /// Whether the list of every figure has yet to come.
    all_figures: bool,
}

impl Filler<'_> {
    fn message(&mut self, message: &MessageDescriptor, steps: &mut Vec<(String, String)>) -> DynamicMessage {
        self.variant(message, None, steps)
    }

    /// `chosen`: the value of the message's own kind.
    fn variant(
        &mut self,
        message: &MessageDescriptor,
        chosen: Option<i32>,
        steps: &mut Vec<(String, String)>,
    ) -> DynamicMessage {
        let mut filled = DynamicMessage::new(message.clone());
        for field in message.fields() {
            if FOLLOW.iter().any(|(name, _)| *name == format!("{}.{}", message.name(), field.name())) {
                continue;
            }
            let unknown_mark = field.name() == "unknown_sekretess" && self.flags.csn != "CSN_MARK_UNKNOWN";
            if unknown_mark || beyond_the_list(message, &field, chosen) {
                continue;
            }
            steps.push((message.name().to_owned(), field.name().to_owned()));
            if let Some(value) = self.field(&field, chosen, steps) {
                filled.set_field(&field, value);
            }
            steps.pop();
        }
        filled
    }

    fn field(
        &mut self,
        field: &FieldDescriptor,
        chosen: Option<i32>,
        steps: &mut Vec<(String, String)>,
    ) -> Option<Value> {
        let one = match field.kind() {
            Kind::Message(inside) if inside.name() == "FkFigure" => {
                return Some(Value::List(self.figures(&inside, steps)));
            }
            Kind::Message(inside) if field.is_list() => {
                return Some(Value::List(self.list(&inside, steps)));
            }
            Kind::Message(inside) if NO_RECORD.contains(&inside.name()) => {
                Value::Message(self.message(&inside, steps))
            }
            Kind::Message(inside) => Value::Message(self.unless_empty(&inside, None, steps)?),
            Kind::Enum(values) => {
                self.mistakable(steps, "a kind");
                Value::EnumNumber(self.choice(&values, field, chosen))
            }
            Kind::Bool => {
                self.mistakable(steps, "yes or no");
                Value::Bool(self.flag(field, steps)?)
            }
            Kind::String => Value::String(self.text(steps, None)?),
            Kind::Int64 => Value::I64(self.number(steps)?),
            Kind::Int32 => Value::I32(self.small(field, steps)),
            Kind::Uint32 => Value::U32(self.small(field, steps).unsigned_abs()),
            other => panic!("nobody knows how to fill {other:?}"),
        };
        Some(if field.is_list() { Value::List(vec![one]) } else { one })
    }

    /// One of each kind, where there are kinds.
    fn list(&mut self, inside: &MessageDescriptor, steps: &mut Vec<(String, String)>) -> Vec<Value> {
        let kinds = inside.fields().find_map(|field| match field.kind() {
            Kind::Enum(values) if values.name() != "CsnMark" => Some(values),
            _ => None,
        });
        let numbers: Vec<Option<i32>> = match kinds {
            Some(values) => values.values().map(|one| one.number()).filter(|n| *n != 0).map(Some).collect(),
            None => vec![None],
        };
        let filled = numbers.into_iter().filter_map(|number| self.unless_empty(inside, number, steps));
        filled.map(Value::Message).collect()
    }

    /// A message; none where everything in it is left out.
    fn unless_empty(
        &mut self,
        message: &MessageDescriptor,
        chosen: Option<i32>,
        steps: &mut Vec<(String, String)>,
    ) -> Option<DynamicMessage> {
        let before = (self.leaves.len(), self.out);
        let filled = self.variant(message, chosen, steps);
        (self.leaves.len() > before.0 || self.out == before.1).then_some(filled)
    }

    fn choice(&self, values: &EnumDescriptor, field: &FieldDescriptor, chosen: Option<i32>) -> i32 {
        if values.name() == "CsnMark" {
            let name = if field.name() == "sekretess" { self.flags.csn } else { "CSN_MARK_UNKNOWN" };
            return values.get_value_by_name(name).unwrap().number();
        }
        chosen.unwrap_or(1)
    }

    fn flag(&self, field: &FieldDescriptor, steps: &[(String, String)]) -> Option<bool> {
        match (field.name(), steps.last().unwrap().0.as_str()) {
            ("sekretessmarkering", _) => self.flags.af,
            ("protected_identity", "FkGeneralInformation") => self.flags.fk,
            ("protected_identity", _) => {
                let list = steps.get(..steps.len() - 1).unwrap();
                let list: Vec<&str> = list.iter().map(|(_, field)| field.as_str()).collect();
                self.flags.other.filter(|other| list.join(".") == *other).map(|_| true)
            }
            ("historical", _) => Some(false),
            ("others_not_known", _) => Some(self.flags.open),
            _ => Some(true),
        }
    }

    fn text(&mut self, steps: &[(String, String)], figure: Option<&str>) -> Option<String> {
        let numbered = steps.last().map(|(message, field)| format!("{message}.{field}"));
        let mut leaf = Leaf {
            agency: self.agency,
            steps: steps.to_vec(),
            value: String::new(),
            figure: figure.map(str::to_owned),
            unmistakable: true,
        };
        let form = match self.contract.forms.get(&leaf.path()) {
            _ if numbered.is_some_and(|name| NUMBERED.contains(&name.as_str())) => Form::Amount,
            Some(form) => FORMS[*form],
            None => Form::Text,
        };
        leaf.unmistakable = form != Form::Own;
        self.put(leaf, form)
    }

    /// Notes the leaf with a value of its own, if it is to be there.
    fn put(&mut self, mut leaf: Leaf, form: Form) -> Option<String> {
        self.count += 1;
        leaf.value = self.value(form, 0);
        match (self.change)(&leaf) {
            Left::AsItIs => {}
            Left::Other => leaf.value = self.value(form, OTHERS),
            Left::Says(text) => leaf.value = text.to_owned(),
            Left::Out => {
                self.out += 1;
                return None;
            }
        }
        let value = leaf.value.clone();
        self.leaves.push(leaf);
        Some(value)
    }

    fn value(&self, form: Form, offset: usize) -> String {
        let n = self.count + offset;
        match form {
            // Told from others even where two letters are lost at either end, as in base64.
            Form::Text => format!("{0}kana{0}", letters(n)),
            Form::Day => {
                let first = NaiveDate::from_ymd_opt(1850, 1, 1).unwrap();
                first.checked_add_days(Days::new(n as u64)).unwrap().to_string()
            }
            Form::Amount => (71_000_000 + n * 7).to_string(),
            Form::Own => self.own.to_owned(),
        }
    }

    fn number(&mut self, steps: &[(String, String)]) -> Option<i64> {
        let leaf = Leaf {
            agency: self.agency,
            steps: steps.to_vec(),
            value: String::new(),
            figure: None,
            unmistakable: true,
        };
        self.put(leaf, Form::Amount).map(|text| text.parse().unwrap())
    }

    /// A percentage, a year, a status: too small to be unmistakable.
    fn small(&mut self, field: &FieldDescriptor, steps: &[(String, String)]) -> i32 {
        let value = match field.name() {
            "status_code" => 0,
            "year" => 2025,
            _ => 77,
        };
        self.mistakable(steps, &value.to_string());
        value
    }

    /// Notes a value that many fields may have.
    fn mistakable(&mut self, steps: &[(String, String)], value: &str) {
        self.leaves.push(Leaf {
            agency: self.agency,
            steps: steps.to_vec(),
            value: value.to_owned(),
            figure: None,
            unmistakable: false,
        });
    }

    /// Under every name that a figure may have, a number and a text; after the first list, under a few.
    fn figures(&mut self, figure: &MessageDescriptor, steps: &mut Vec<(String, String)>) -> Vec<Value> {
        let all = std::mem::take(&mut self.all_figures);
        let mut list = vec![];
        for row in FIGURES.iter().filter(|row| all || ["faktor", "totalBostadskostnad"].contains(&row.name)) {
            for (position, kind) in ["number", "text", "flag"].into_iter().enumerate() {
                let mut one = DynamicMessage::new(figure.clone());
                let name = format!("{}[{position}]", row.name);
                steps.push((figure.name().to_owned(), kind.to_owned()));
                let leaf = Leaf {
                    agency: self.agency,
                    steps: steps.clone(),
                    value: String::new(),
                    figure: Some(name.clone()),
                    unmistakable: true,
                };
                steps.pop();
                let value = match kind {
                    "number" => self.put(leaf, Form::Amount).map(Value::String),
                    "text" => self.put(leaf, Form::Text).map(Value::String),
                    _ => Some(Value::Bool(true)),
                };
                let Some(value) = value else { continue };
                one.set_field_by_name("name", Value::String(name));
                one.set_field_by_name(kind, value);
                list.push(Value::Message(one));
            }
        }
        list
    }
}

/// `unknown_status` and its like mean something only where the status is the unknown one.
fn beyond_the_list(message: &MessageDescriptor, field: &FieldDescriptor, chosen: Option<i32>) -> bool {
    let Some(of) = field.name().strip_prefix("unknown_") else { return false };
    let Some(Kind::Enum(values)) = message.get_field_by_name(of).map(|field| field.kind()) else {
        return false;
    };
    let unknown =
        values.values().find(|value| value.name().ends_with("_UNKNOWN")).map(|value| value.number());
    values.name() != "CsnMark" && chosen != unknown
}

/// Four letters and digits, others for every number. Neighbours differ in the beginning, by which they are looked for.
fn letters(n: usize) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz0123456";
    [n % 27, n / 27 % 27, n / 729 % 27, n / 19_683 % 27].iter().map(|at| char::from(LETTERS[*at])).collect()
}
