//! What is made of the members of one object, the attributes and children of one element, or the items of one list.

use super::{
    Found, Names,
    words::{is_flag, letters},
};

/// Objects within objects that are told apart; what is deeper counts as standing in the last of them.
const MAX_DEPTH: usize = 256;
/// Parts of names of members that hold the name of something: `{"attributnamn": "skyddad", "varde": "J"}`.
const NAMING: [&str; 24] = [
    "namn",
    "name",
    "nyckel",
    "key",
    "kod",
    "code",
    "typ",
    "id",
    "falt",
    "field",
    "egenskap",
    "property",
    "attribut",
    "parameter",
    "variab",
    "beskrivning",
    "benamning",
    "rubrik",
    "label",
    "klartext",
    "markering",
    "uppgift",
    "begrepp",
    "term",
];
/// Names of members that hold the value of what another one names; in XML also the text between the tags.
const VALUES: [&str; 32] = [
    "",
    "varde",
    "value",
    "val",
    "flagga",
    "flag",
    "satt",
    "set",
    "aktiv",
    "active",
    "galler",
    "giltig",
    "valid",
    "finns",
    "forekommer",
    "exists",
    "ar",
    "is",
    "har",
    "has",
    "on",
    "enabled",
    "svar",
    "answer",
    "resultat",
    "utfall",
    "innehall",
    "content",
    "data",
    "text",
    "number",
    "bool",
];
/// Those of them beside which a word that says "protected" is a name too, whatever the member that holds it is called.
const SURELY_VALUES: [&str; 4] = ["varde", "value", "val", "flagga"];

#[derive(Default)]
struct Members {
    list: bool,
    /// How many items a list has.
    count: usize,
    all: Found,
    /// Flags that stand in it by name.
    raised: usize,
    /// A member that names something names a flag.
    named: bool,
    /// A member says by itself that somebody is protected.
    stated: bool,
    /// The first item of a list does.
    stated_first: bool,
    /// What the others say where they are the value of what is named.
    values: Option<Found>,
    /// The same of what is certainly one.
    sure_values: Option<Found>,
}

impl Members {
    fn add(&mut self, name: &str, found: Found) {
        self.count += 1;
        let known = letters(name);
        if is_flag(&known) {
            self.raised += found.under;
            self.all.and(Found { plain: found.under, ..found });
            return;
        }
        let is_naming = || !self.list && NAMING.iter().any(|part| known.contains(part));
        let naming = found.names != Names::Nothing && is_naming();
        if found.names == Names::Flag || (naming && found.names == Names::Word) {
            self.named |= naming;
            self.stated |= found.names == Names::Flag;
            self.stated_first |= self.list && self.count == 1;
            return;
        }
        if VALUES.contains(&known.as_str()) {
            self.values.get_or_insert_default().and(found);
        }
        let second = self.list && self.stated_first && self.count == 2;
        if second || (!self.list && SURELY_VALUES.contains(&known.as_str())) {
            self.sure_values.get_or_insert_default().and(found);
        }
        self.all.and(found);
    }

    /// Where a member names a flag, the value beside it says yes or no; where there is none, that it stands there says yes.
    fn done(self) -> Found {
        let denied = |values: &Option<Found>| values.as_ref().is_some_and(|values| values.under == 0);
        let raised = match (self.named, self.stated) {
            (true, _) => !denied(&self.values),
            (false, true) => !denied(&self.sure_values) || (self.list && self.count > 2),
            (false, false) => false,
        };
        // What is said once by name and once in words is said once.
        let more = usize::from(raised && self.raised == 0);
        let under = self.all.under.max(more);
        Found { plain: self.all.plain + more, under, names: Names::Nothing }
    }
}

/// A document on its way through a reader: what is open, innermost last.
#[derive(Default)]
pub struct Walk {
    root: Members,
    open: Vec<(String, Members)>,
    /// Opened beyond the bound.
    deeper: usize,
}

impl Walk {
    /// A list of whatever stands in the document.
    pub fn new() -> Self {
        Self { root: Members { list: true, ..Members::default() }, ..Self::default() }
    }

    /// Begins an object, an element, or a list.
    pub fn open(&mut self, name: String, list: bool) {
        if self.open.len() >= MAX_DEPTH {
            self.deeper += 1;
        } else {
            self.open.push((name, Members { list, ..Members::default() }));
        }
    }

    pub(super) fn value(&mut self, name: &str, found: Found) {
        self.open.last_mut().map_or(&mut self.root, |(_, members)| members).add(name, found);
    }

    /// Ends the innermost.
    pub fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some((name, members)) = self.open.pop() {
            self.value(&name, members.done());
        }
    }

    /// Ends the innermost as if it were that value alone.
    pub(super) fn close_as(&mut self, found: Found) {
        if self.deeper > 0 {
            self.deeper -= 1;
            self.value("", found);
        } else if let Some((name, _)) = self.open.pop() {
            self.value(&name, found);
        }
    }

    /// How many are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len() + self.deeper
    }

    /// A yes or a no.
    pub fn yes_or_no(&mut self, name: &str, yes: bool) {
        self.value(name, Found::value(yes));
    }

    /// A text, or what may be one; and whether it is whole: one that is cut off says neither yes nor no.
    pub fn text(&mut self, name: &str, text: &[u8], whole: bool) {
        let found = Found::text(&ssbtek_domain::text_of(text), 0);
        self.value(name, if whole { found } else { found.cut() });
    }

    /// How many flags say yes in all of it.
    pub fn end(mut self) -> usize {
        self.deeper = 0;
        while !self.open.is_empty() {
            self.close();
        }
        self.root.done().plain
    }
}
