//! What each field of an agency's facts is called, where it is shown, and in which form.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::FieldDescriptor;

use crate::Language;

mod fk;
mod others;
mod values;

pub(super) use values::value;

/// Where a field is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At once.
    Shown,
    /// When somebody unfolds the line.
    Folded,
    /// A flag of protected identity: told at once where it is set, and loudly.
    Guard,
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it came; yes and no in words.
    Text,
    /// Kronor.
    Kr,
    /// Per cent.
    Percent,
    /// By its label alone, where it is true.
    Flag,
    /// `true` and `false` in words of their own: Swedish and English.
    Either([&'static str; 2], [&'static str; 2]),
    /// AF's code for the activity report.
    ActivityReport,
    /// MIV's validity.
    Validity,
}

/// A field's label. An empty one: the value speaks for itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub(super) place: Place,
    pub(super) form: Form,
    swedish: &'static str,
    english: &'static str,
}

impl Label {
    /// Of a field without one, which a test forbids: what it says is told all the same.
    pub(super) const NONE: Self = Self { place: Place::Shown, form: Form::Text, swedish: "", english: "" };

    pub(super) fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Swedish => self.swedish,
            Language::English => self.english,
        }
    }
}

/// `field` or `Message.field`, place, form, Swedish, English.
type Row = (&'static str, Place, Form, &'static str, &'static str);

static LABELS: LazyLock<HashMap<&'static str, Label>> = LazyLock::new(|| {
    let rows = others::ROWS.iter().chain(fk::ROWS);
    rows.map(|(key, place, form, swedish, english)| {
        (*key, Label { place: *place, form: *form, swedish, english })
    })
    .collect()
});

/// The label of a field: of this message's, else of every field so called.
pub(super) fn label(field: &FieldDescriptor) -> Option<Label> {
    let own = format!("{}.{}", field.parent_message().name(), field.name());
    LABELS.get(own.as_str()).or_else(|| LABELS.get(field.name())).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

    use super::*;

    /// Every message that a section can hold.
    fn messages() -> Vec<MessageDescriptor> {
        let pool = DescriptorPool::decode(ssbtek_proto::DESCRIPTORS).unwrap();
        let section = pool.get_message_by_name("ssbtek.agency.v1.Section").unwrap();
        let (mut found, mut next) = (vec![], vec![section]);
        while let Some(message) = next.pop() {
            if found.contains(&message) {
                continue;
            }
            next.extend(message.fields().filter_map(|field| match field.kind() {
                Kind::Message(of) => Some(of),
                _ => None,
            }));
            found.push(message);
        }
        found
    }

    #[test]
    fn every_field_of_every_agency_has_a_label_in_both_languages() {
        let fields: Vec<_> = messages()
            .iter()
            .filter(|message| message.name() != "Section")
            .flat_map(|message| message.fields().collect::<Vec<_>>())
            .collect();
        assert!(fields.len() > 200, "{}", fields.len());
        let without: Vec<_> = fields
            .iter()
            .filter(|field| label(field).is_none())
            .map(|field| field.full_name().to_owned())
            .collect();
        assert!(without.is_empty(), "{without:#?}");
        for field in &fields {
            let label = label(field).unwrap();
            assert_eq!(label.swedish.is_empty(), label.english.is_empty(), "{}", field.full_name());
        }
    }

    #[test]
    fn no_label_is_left_of_a_field_that_is_gone_and_none_stands_twice() {
        let messages = messages();
        let names: HashSet<String> = messages
            .iter()
            .flat_map(|message| message.fields().collect::<Vec<_>>())
            .flat_map(|field| {
                [field.name().to_owned(), format!("{}.{}", field.parent_message().name(), field.name())]
            })
            .collect();
        let mut seen = HashSet::new();
        for (key, ..) in others::ROWS.iter().chain(fk::ROWS) {
            assert!(names.contains(*key), "{key}");
            assert!(seen.insert(key), "{key}");
        }
    }

    #[test]
    fn every_value_of_every_enum_has_words_in_both_languages() {
        let enums: HashSet<String> = messages()
            .iter()
            .flat_map(|message| message.fields().collect::<Vec<_>>())
            .filter_map(|field| match field.kind() {
                Kind::Enum(of) => Some(
                    of.values().filter(|v| v.number() != 0).map(|v| v.name().to_owned()).collect::<Vec<_>>(),
                ),
                _ => None,
            })
            .flatten()
            .collect();
        assert!(enums.len() > 40, "{}", enums.len());
        for name in enums {
            for language in Language::ALL {
                assert!(value(language, &name).is_some(), "{name}");
            }
        }
    }
}
