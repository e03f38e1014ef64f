//! A document of unknown form, cut down to what is known to lead to no place and to nobody else: what is left to tell when
//! the document itself must be held back. Names that are not listed go, whatever they hold.

use serde_json::value::RawValue;
use ssbtek_domain::{
    Amount, Personnummer, parse_day,
    sections::skv::{Section, is_appendix, names_another},
};
use ssbtek_xml::{Element, Limits, Writer};

use super::tree;

/// Deeper than what is kept is nested.
const MAX_DEPTH: usize = 12;
/// What a value must be to stay. A value passes by what it is, never by how long it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Holds records, and no value of its own.
    Records,
    /// An amount, in kronor or öre.
    Amount,
    Year,
    /// A day or a month.
    Day,
    Flag,
    /// The number of the person asked about.
    Own,
    /// The name of an appendix's form.
    Appendix,
}

/// Names that are kept, sorted, each with what its values must be: those that are read (`facts.rs`).
const KEPT: [(&str, Kind); 23] = [
    ("ar", Kind::Year),
    ("avdragenSkatt", Kind::Amount),
    ("bilaga", Kind::Appendix),
    ("bilagor", Kind::Records),
    ("fastigheter", Kind::Records),
    ("faststalldForvarvsinkomst", Kind::Amount),
    ("foretag", Kind::Records),
    ("godkandForFskatt", Kind::Flag),
    ("individuppgifter", Kind::Records),
    ("inkomstar", Kind::Records),
    ("kontantErsattning", Kind::Amount),
    ("momsregistrerad", Kind::Flag),
    ("overskottKapital", Kind::Amount),
    ("overskottNaringsverksamhet", Kind::Amount),
    ("personnummer", Kind::Own),
    ("redovisningsperiod", Kind::Day),
    ("saldo", Kind::Amount),
    ("saldodatum", Kind::Day),
    ("skattekonto", Kind::Records),
    ("slutligSkatt", Kind::Amount),
    ("taxeringsvarde", Kind::Amount),
    ("underlagFastighetsavgift", Kind::Amount),
    ("underskottKapital", Kind::Amount),
];

/// Those of them from which the home can be worked out (`ssbtek_domain::verdicts`): they go where somebody is protected.
/// Pay goes with the payer, by whom alone it could be told whether it leads anywhere.
const LEADING: [&str; 7] = [
    "avdragenSkatt",
    "fastigheter",
    "faststalldForvarvsinkomst",
    "kontantErsattning",
    "slutligSkatt",
    "taxeringsvarde",
    "underlagFastighetsavgift",
];

/// Whether records stand under a name.
pub(super) fn holds_records(name: &str) -> bool {
    Kind::of(name) == Some(Kind::Records)
}

impl Kind {
    fn of(name: &str) -> Option<Kind> {
        let at = KEPT.binary_search_by(|(kept, _)| (*kept).cmp(name)).ok()?;
        KEPT.get(at).map(|(_, kind)| *kind)
    }

    /// Whether a value, as text, is one of this kind.
    fn admits(self, text: &str, person: &Personnummer) -> bool {
        // Twelve digits are an amount too, but not if they are somebody's.
        !names_another(text, Some(person))
            && match self {
                Kind::Records => false,
                Kind::Amount => text.parse::<Amount>().is_ok(),
                Kind::Year => text.len() == 4 && (1990..=2099).contains(&text.parse().unwrap_or(0)),
                Kind::Day => parse_day(text).is_some() || super::facts::month(text).is_some(),
                Kind::Flag => matches!(text, "true" | "false"),
                Kind::Own => text == person.expose(),
                Kind::Appendix => is_appendix(text),
            }
    }
}

/// Gives every document what is left of it about `person`, where somebody is protected and where it names somebody else; all
/// of it, if nothing need go.
pub fn documents(section: &mut Section, person: &Personnummer) {
    for document in &mut section.documents {
        let Some(text) = &document.text else { continue };
        let left = |protected| {
            let mut reducer = Reducer { person, protected, dropped: false };
            let left = match document.part {
                Some(_) => reducer.json(text),
                None => reducer.xml(text),
            };
            // Where somebody is protected it is written anew in any case: bytes as they came would tell that nothing had to go.
            if reducer.dropped || protected { left } else { left.map(|_| text.clone()) }
        };
        (document.reduced, document.own) = (left(true), left(false));
    }
}

struct Reducer<'a> {
    person: &'a Personnummer,
    /// Whether what leads to the home goes too.
    protected: bool,
    /// Whether anything was left out.
    dropped: bool,
}

impl Reducer<'_> {
    fn keeps(&mut self, keep: bool) -> bool {
        self.dropped |= !keep;
        keep
    }

    /// What the values under a name must be; `None`: the name goes, whatever it holds.
    fn kind(&mut self, name: &str) -> Option<Kind> {
        let kind = Kind::of(name).filter(|_| !(self.protected && LEADING.contains(&name)));
        self.keeps(kind.is_some());
        kind
    }

    fn keeps_value(&mut self, kind: Kind, text: &str) -> bool {
        self.keeps(kind.admits(text, self.person))
    }

    fn json(&mut self, text: &str) -> Option<String> {
        tree::check_depth(text.as_bytes()).ok()?;
        let mut out = String::new();
        let root: &RawValue = serde_json::from_str(text).ok()?;
        if !self.keeps_json(Kind::Records, root) {
            return None;
        }
        self.json_value(Kind::Records, root, MAX_DEPTH, &mut out)?;
        Some(out)
    }

    /// Writes a value; `None` where it cannot be read or is nested too deep, and then nothing is left of the document.
    fn json_value(&mut self, kind: Kind, raw: &RawValue, depth: usize, out: &mut String) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let (open, close) = match raw.get().as_bytes().first()? {
            b'{' => ('{', '}'),
            b'[' => ('[', ']'),
            _ => {
                out.push_str(raw.get());
                return Some(());
            }
        };
        let values: Vec<(Option<String>, &RawValue)> = if open == '{' {
            tree::members(raw).ok()?.into_iter().map(|(name, raw)| (Some(name), raw)).collect()
        } else {
            serde_json::from_str::<Vec<&RawValue>>(raw.get())
                .ok()?
                .into_iter()
                .map(|raw| (None, raw))
                .collect()
        };
        out.push(open);
        let mut first = true;
        for (member, raw) in values {
            let kind = match &member {
                Some(name) => match self.kind(name) {
                    Some(kind) => kind,
                    None => continue,
                },
                None => kind,
            };
            if !self.keeps_json(kind, raw) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            if let Some(name) = &member {
                // A name that is kept needs no escape.
                out.extend(["\"", name, "\":"]);
            }
            self.json_value(kind, raw, depth, out)?;
        }
        out.push(close);
        Some(())
    }

    /// Whether a value stays: records where there must be records, and a value of its kind anywhere else.
    fn keeps_json(&mut self, kind: Kind, raw: &RawValue) -> bool {
        match raw.get().as_bytes().first() {
            Some(b'{') => {
                let theirs =
                    tree::of_json("", raw.get()).is_ok_and(|record| !record.names_only_others(self.person));
                self.keeps(kind == Kind::Records && theirs)
            }
            Some(b'[') => true,
            Some(b'"') => match serde_json::from_str::<String>(raw.get()) {
                Ok(text) => self.keeps_value(kind, &text),
                Err(_) => self.keeps(false),
            },
            _ => raw.get() == "null" || self.keeps_value(kind, raw.get()),
        }
    }

    fn xml(&mut self, text: &str) -> Option<String> {
        let root = ssbtek_xml::parse_str(text.trim(), &Limits::of_answers()).ok()?;
        if tree::of_xml(&root).names_only_others(self.person) {
            return None;
        }
        let mut writer = Writer::with_declaration();
        writer.open(root.name());
        if let Some(namespace) = root.namespace() {
            writer.namespace("", namespace);
        }
        self.xml_children(&root, MAX_DEPTH, &mut writer)?;
        Some(writer.finish())
    }

    /// Elements without their attributes; text only where there are no elements.
    fn xml_children(&mut self, element: &Element, depth: usize, writer: &mut Writer) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mixed = !element.elements().is_empty() && !element.trimmed().is_empty();
        self.keeps(element.attributes().is_empty() && !mixed);
        for child in element.elements() {
            let Some(kind) = self.kind(child.name()) else { continue };
            if !child.elements().is_empty() {
                let theirs = !tree::of_xml(child).names_only_others(self.person);
                if self.keeps(kind == Kind::Records && theirs) {
                    writer.open(child.name());
                    self.xml_children(child, depth, writer)?;
                    writer.close();
                }
            } else if self.keeps(child.attributes().is_empty())
                && (kind == Kind::Records && child.trimmed().is_empty()
                    || self.keeps_value(kind, child.trimmed()))
            {
                writer.element_with_text(child.name(), child.trimmed());
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use ssbtek_domain::sections::skv::{Document, Part};

    use super::*;

    fn person() -> Personnummer {
        Personnummer::parse_undated("198001019804").unwrap()
    }

    fn left(part: Option<Part>, text: &str) -> Option<String> {
        let documents = vec![Document::verbatim(part, text.to_owned())];
        let mut section = Section { documents, ..Section::default() };
        super::documents(&mut section, &person());
        section.documents.remove(0).reduced
    }

    fn json(text: &str) -> Option<String> {
        left(Some(Part::TaxData), text)
    }

    #[test]
    fn the_names_are_sorted_for_the_search_and_none_names_anybody() {
        assert!(KEPT.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for other in ["namn", "organisationsnummer", "ort", "kommun", "fastighetsbeteckning", "arbetsgivare"]
        {
            assert!(Kind::of(other).is_none(), "{other}");
        }
        assert!(LEADING.iter().all(|name| Kind::of(name).is_some()));
    }

    #[test]
    fn a_value_stays_by_what_it_is_and_never_by_how_long_it_is() {
        for (text, expected) in [
            (r#"{"foretag":"Ön"}"#, "{}"),
            (r#"{"foretag":["Ön",{"momsregistrerad":true}]}"#, r#"{"foretag":[{"momsregistrerad":true}]}"#),
            (r#"{"inkomstar":[[["Ön"]]]}"#, r#"{"inkomstar":[[[]]]}"#),
            (r#"{"saldo":"Ön","saldodatum":"Ön","ar":"Ön","momsregistrerad":"Ön"}"#, "{}"),
            (
                r#"{"saldo":"-12.50","saldodatum":"2026-11-22","ar":2025}"#,
                r#"{"ar":2025,"saldo":"-12.50","saldodatum":"2026-11-22"}"#,
            ),
            (r#"{"ar":{"saldo":1},"saldo":[[1,"x"]]}"#, r#"{"saldo":[[1]]}"#),
            (r#"{"bilagor":[{"bilaga":"K10"},{"bilaga":"Ön"}]}"#, r#"{"bilagor":[{"bilaga":"K10"},{}]}"#),
        ] {
            assert_eq!(json(text).unwrap(), expected);
        }
        assert_eq!(json(r#""Ön""#), None);
        let text = "<u><foretag>Ön</foretag><saldo>Ön</saldo><ar>2025</ar></u>";
        assert!(left(None, text).unwrap().ends_with("<u><ar>2025</ar></u>"));
    }

    #[test]
    fn amounts_stay_digit_for_digit_and_places_and_names_go() {
        let text = r#"{"personnummer":"198001019804","hemort":"Ön","inkomstar":[{"ar":2025,"slutligSkatt":3,"overskottKapital":-1.50,
            "fastigheter":[{"fastighetsbeteckning":"Ön 1:1","taxeringsvarde":900000}]}],
            "individuppgifter":[{"arbetsgivare":{"namn":"Bruket"},"avdragenSkatt":1,"kontantErsattning":1}],"bilaga":"Storgatan 1 i Ön"}"#;
        let expected = r#"{"individuppgifter":[{}],"inkomstar":[{"ar":2025,"overskottKapital":-1.50}],"personnummer":"198001019804"}"#;
        assert_eq!(json(text).unwrap(), expected);
        let own =
            "<personnummer>198001019804</personnummer><inkomstar><ar>2025</ar><saldo>7</saldo></inkomstar>";
        let text = format!(r#"<u xmlns="urn:u" ort="Ön">{own}<adress>Ön</adress></u>"#);
        assert!(left(None, &text).unwrap().ends_with(&format!(r#"<u xmlns="urn:u">{own}</u>"#)));
    }

    #[test]
    fn what_is_left_of_a_document_does_not_tell_whether_anything_had_to_go() {
        let left_of = |text: &str| json(text).unwrap();
        assert_eq!(
            left_of(r#"{ "saldo": 12,  "hemort": "Ön", "saldodatum": "2026-11-22" }"#),
            left_of(r#"{ "saldo": 12,  "saldodatum": "2026-11-22" }"#)
        );
        let left_of = |text: &str| left(None, text).unwrap();
        assert_eq!(left_of("<u><saldo>12</saldo>\n<ort>Ön</ort></u>"), left_of("<u><saldo>12</saldo>\n</u>"));
    }

    #[test]
    fn another_persons_number_and_what_cannot_be_read_leave_nothing() {
        assert_eq!(json(r#"{"personnummer":"199001019802","ar":2025}"#), None);
        assert_eq!(left(None, "<u><id>199001019802</id><ar>2025</ar></u>"), None);
        let beside = |record: &str| {
            json(&format!(r#"{{"personnummer":"198001019804","ar":2025,"inkomstar":[{record}]}}"#)).unwrap()
        };
        let nothing = r#"{"ar":2025,"inkomstar":[],"personnummer":"198001019804"}"#;
        assert_eq!(beside(r#"{"ar":2024,"make":"199001019802","overskottKapital":1}"#), nothing);
        // Twelve digits are an amount too.
        assert_eq!(beside(r#"{"ar":2024,"overskottKapital":199001019802}"#), nothing);
        assert_eq!(
            beside(r#"{"ar":2024,"identitet":"198001019804","overskottKapital":199001019802}"#),
            r#"{"ar":2025,"inkomstar":[{"ar":2024}],"personnummer":"198001019804"}"#
        );
        assert!(json("{").is_none() && left(None, "<a>").is_none());
        assert!(json(&format!("{}1{}", r#"{"foretag":"#.repeat(20), "}".repeat(20))).is_none());
    }
}
