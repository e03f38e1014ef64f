//! Documents of unknown form as one simple tree, whether JSON or XML. Numbers stay the text they came as.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use ssbtek_domain::Personnummer;
use ssbtek_xml::{Element, XSI};

use super::place::{self, Own};
use crate::{
    RefusalCode, Refused, failure,
    unknown::{self, Around},
    who::{self, Named},
};

/// Objects and arrays inside each other.
const MAX_DEPTH: usize = 64;
/// Values read out of one JSON document.
const MAX_NODES: usize = 32_768;

/// A named value: an XML element or attribute, a JSON member. A JSON array is several nodes of one name.
#[derive(Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
    /// Names of the JSON members in it that are empty lists: no node is theirs.
    pub(super) empty_lists: Vec<String>,
}

impl Node {
    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Whether anything stands in it.
    pub(super) fn says_anything(&self) -> bool {
        !self.text.trim().is_empty() || self.children.iter().any(Node::says_anything)
    }

    /// Whether nothing stands in it but the number of the person asked about.
    pub(super) fn only_names(&self, asked: &Personnummer) -> bool {
        let texts: Vec<&str> = self.texts(&[]).into_iter().filter(|text| !text.is_empty()).collect();
        !texts.is_empty() && texts.into_iter().all(|text| who::is_asked(asked, text))
    }

    /// Every text in it that tells of a failure.
    pub(super) fn failures(&self) -> Vec<&str> {
        self.texts(&[]).into_iter().filter(|text| failure::tells(text)).collect()
    }

    /// Whether it, where nobody knows it, may mean that something is missing. What holds one value is that value.
    pub(super) fn is_more(&self, around: &Around<'_>) -> bool {
        match self.children.as_slice() {
            [] => unknown::is_more(&self.name, &self.text, around),
            [only] if only.children.is_empty() && self.text.trim().is_empty() => {
                only.is_more(&around.within())
            }
            _ => self.says_anything(),
        }
    }

    /// How many children of one name stand in it, directly or deeper.
    pub(super) fn counts(&self) -> Vec<usize> {
        let mut counts = BTreeMap::<&str, usize>::new();
        self.children.iter().for_each(|child| *counts.entry(&child.name).or_default() += 1);
        counts.into_values().chain(self.children.iter().flat_map(Node::counts)).collect()
    }

    /// Whom the document names: the numbers in it, wherever they stand and whatever their fields are called.
    pub(super) fn names(&self, asked: &Personnummer) -> Named {
        match (place::own(self, asked), Named::in_texts(asked, self.texts(&[]))) {
            (Own::Another, _) => Named::Others,
            (Own::Asked, Named::Nobody) => Named::Asked,
            (_, named) => named,
        }
    }

    /// Whether a record names only somebody else, leaving aside where others stand in any document.
    pub(super) fn names_only_others(&self, asked: &Personnummer) -> bool {
        Named::in_texts(asked, self.texts(&OTHERS)) == Named::Others
    }

    /// Whether the field that names the person names somebody else too: then what is whose cannot be told.
    pub(super) fn names_two(&self, asked: &Personnummer) -> bool {
        if place::own(self, asked) == Own::Two {
            return true;
        }
        let mut places = vec![];
        self.places("", &mut places);
        let is_own = |(_, node): &&(&str, &Node)| who::is_asked(asked, node.text.trim());
        let own: Vec<(&str, &str)> =
            places.iter().filter(is_own).map(|(around, node)| (*around, node.name.as_str())).collect();
        let names_another = |node: &Node| {
            node.texts(&OTHERS).into_iter().any(|text| who::names_another_by_number(asked, text))
        };
        places
            .iter()
            .any(|(around, node)| own.contains(&(*around, node.name.as_str())) && names_another(node))
    }

    /// Takes out what names only somebody else, records as well as single values. Whether anything went.
    pub(super) fn leave_to_others(&mut self, asked: &Personnummer) -> bool {
        let before = self.children.len();
        let is_anothers =
            |child: &Node| child.names_only_others(asked) || place::own(child, asked) == Own::Another;
        self.children.retain(|child| is_of_others(child) || !is_anothers(child));
        let mut gone = self.children.len() < before;
        for child in self.children.iter_mut().filter(|child| !is_of_others(child)) {
            gone |= child.leave_to_others(asked);
        }
        gone
    }

    /// Every text, but for what stands under the names given.
    fn texts(&self, but: &[&str]) -> Vec<&str> {
        let mut found = vec![self.text.trim()];
        let children = self.children.iter().filter(|child| !but.contains(&child.name.as_str()));
        children.for_each(|child| found.extend(child.texts(but)));
        found
    }

    /// Every node with the name of what is around it, but for where others stand.
    fn places<'a>(&'a self, around: &'a str, found: &mut Vec<(&'a str, &'a Node)>) {
        found.push((around, self));
        let children = self.children.iter().filter(|child| !is_of_others(child));
        children.for_each(|child| child.places(&self.name, found));
    }
}

/// Names under which others stand in any document: who paid, and companies.
const OTHERS: [&str; 3] = ["arbetsgivare", "betalare", "organisationsnummer"];

fn is_of_others(node: &Node) -> bool {
    OTHERS.contains(&node.name.as_str())
}

/// An XML element with its attributes and children, whatever their namespaces.
pub(super) fn of_xml(element: &Element) -> Node {
    // What only tells a parser how to read says nothing of anybody.
    let attributes = element.attributes().iter().filter(|attribute| attribute.namespace() != Some(XSI));
    let attributes = attributes.map(|attribute| Node {
        name: attribute.name().to_owned(),
        text: attribute.value().to_owned(),
        ..Node::default()
    });
    Node {
        name: element.name().to_owned(),
        text: element.trimmed().to_owned(),
        // The depth is bounded by the parser's limits.
        children: attributes.chain(element.elements().iter().map(of_xml)).collect(),
        empty_lists: vec![],
    }
}

const BROKEN: Refused = Refused("a part's data is no JSON", RefusalCode::NotWellFormed);

/// A JSON document; `name` is the root's.
pub(super) fn of_json(name: &str, text: &str) -> Result<Node, Refused> {
    check_depth(text.as_bytes())?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| BROKEN)?;
    let mut budget = MAX_NODES;
    let mut nodes = read(name, raw, &mut budget)?;
    match (nodes.pop(), nodes.is_empty()) {
        (Some(root), true) => Ok(root),
        (last, _) => {
            nodes.extend(last);
            Ok(Node { name: name.to_owned(), children: nodes, ..Node::default() })
        }
    }
}

/// Refuses JSON nested deeper, or with more values, than any contract needs, before anything is built.
pub(super) fn check_depth(json: &[u8]) -> Result<(), Refused> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut values = 0_usize;
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        values += usize::from(!in_string && matches!(byte, b',' | b'{' | b'['));
        if values > MAX_NODES {
            return Err(Refused::TOO_MANY);
        }
        if depth > MAX_DEPTH {
            return Err(Refused::TOO_DEEP);
        }
    }
    Ok(())
}

/// Each level costs a pass over the text; `check_depth` bounds them.
fn read(name: &str, raw: &RawValue, budget: &mut usize) -> Result<Vec<Node>, Refused> {
    let text = raw.get();
    *budget = budget
        .checked_sub(1)
        .ok_or(Refused("a part's data holds more values than allowed", RefusalCode::TooLarge))?;
    let node =
        |text: String, children| vec![Node { name: name.to_owned(), text, children, empty_lists: vec![] }];
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let mut object = Node { name: name.to_owned(), ..Node::default() };
            for (name, raw) in members(raw)? {
                let nodes = read(&name, raw, budget)?;
                if nodes.is_empty() && raw.get().starts_with('[') {
                    object.empty_lists.push(name);
                }
                object.children.extend(nodes);
            }
            vec![object]
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| BROKEN)?;
            let mut nodes = vec![];
            for raw in values {
                let told = read(name, raw, budget)?;
                // What is nothing among a list's is one of them all the same.
                let nothing = told.is_empty().then(|| Node { name: name.to_owned(), ..Node::default() });
                nodes.extend(told.into_iter().chain(nothing));
            }
            nodes
        }
        Some(b'"') => node(serde_json::from_str(text).map_err(|_| BROKEN)?, vec![]),
        Some(b'n') | None => vec![],
        Some(_) => node(text.to_owned(), vec![]),
    })
}

/// An object's members. Two values for one name are refused: two readers could see two answers.
pub(super) fn members(raw: &RawValue) -> Result<BTreeMap<String, &RawValue>, Refused> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(Members).map_err(|_| BROKEN)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = BTreeMap<String, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(members)
    }
}
