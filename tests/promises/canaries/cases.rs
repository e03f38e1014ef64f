//! For whose sake something is held back: every way in which that can come about.

use ssbtek_domain::{Agency, HoldBack, Role};

use super::fill::Flags;

/// What becomes of the bytes of an answer.
pub(crate) type Twist = fn(Vec<u8>) -> Vec<u8>;

/// One way.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) flags: Flags,
    /// What an agency does to what it sends, in its own format only.
    pub(crate) twist: Option<(Agency, Twist)>,
    /// Who says nothing, and whether for being gone or for failing.
    pub(crate) silent: Option<(Agency, Silence)>,
    /// What an earlier answer said, before this one says nothing of it.
    pub(crate) before: Option<Flags>,
    /// Whom the case itself marks.
    pub(crate) marked: Option<Role>,
    /// Whether the agencies' own formats can say it.
    pub(crate) own_format: bool,
    /// How much must be held back.
    pub(crate) held: HoldBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    Gone,
    Fails,
    LeavesTheFlagOut,
}

/// The lists of FK's answer in which others stand.
const OTHERS: [&str; 6] = [
    "general_information.children",
    "general_information.relatives",
    "matters.persons.person",
    "matters.decisions.persons.person",
    "pension_agency.decisions.persons.person",
    "pension_years.child_decisions.parent",
];

/// Whether every case is tried: `CANARY_CASES=all`.
pub(crate) fn are_all() -> bool {
    std::env::var("CANARY_CASES").is_ok_and(|which| which == "all")
}

/// Those that are tried: all, or one of each kind.
pub(crate) fn tried() -> Vec<Case> {
    let mut cases = all();
    if !are_all() {
        cases.dedup_by_key(|case| case.name);
    }
    cases
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = vec![
        Case::new("nobody", HoldBack::Nothing),
        Case { flags: Flags { af: Some(true), ..Flags::NO }, ..Case::own("AF flags the person") },
        Case { flags: Flags { csn: "CSN_MARK_YES", ..Flags::NO }, ..Case::own("CSN flags the person") },
        Case { flags: Flags { csn: "CSN_MARK_UNKNOWN", ..Flags::NO }, ..Case::own("CSN's mark is unknown") },
        Case { flags: Flags { fk: Some(true), ..Flags::NO }, ..Case::own("FK flags the person") },
        Case { marked: Some(Role::Applicant), ..Case::own("the case marks the person") },
        Case { marked: Some(Role::Child), ..Case::new("the case marks a child", HoldBack::Home) },
        Case {
            before: Some(Flags { fk: Some(true), ..Flags::NO }),
            ..Case::own("an earlier answer flagged the person")
        },
        Case {
            before: Some(Flags { other: Some(OTHERS[0]), ..Flags::NO }),
            ..Case::new("an earlier answer flagged somebody else", HoldBack::Home)
        },
    ];
    for other in OTHERS {
        let flags = Flags { other: Some(other), ..Flags::NO };
        // PM states persons by number alone in its own format: no flag of theirs is ever sent there.
        let own_format = other != "pension_agency.decisions.persons.person";
        cases.push(Case { flags, own_format, ..Case::new("FK flags somebody else", HoldBack::Home) });
    }
    let open = (Agency::Fk, leave_open as Twist);
    cases.push(Case {
        flags: Flags { other: Some("general_information.children"), ..Flags::NO },
        twist: Some(open),
        ..Case::new("FK says neither yes nor no of a child", HoldBack::Home)
    });
    cases.push(Case {
        flags: Flags { open: true, ..Flags::NO },
        own_format: false,
        ..Case::new("FK says neither yes nor no of somebody", HoldBack::Home)
    });
    for agency in Agency::ALL {
        let twist = (agency, flag as Twist);
        cases.push(Case { twist: Some(twist), ..Case::own("a flag stands where no reader looks") });
    }
    // Last: an agency that was gone is not asked for a while.
    for (how, name) in [
        (Silence::LeavesTheFlagOut, "an agency leaves its flag out"),
        (Silence::Fails, "an agency that can flag fails"),
        (Silence::Gone, "an agency that can flag is gone"),
    ] {
        for agency in [Agency::Af, Agency::Csn, Agency::Fk] {
            let mut flags = Flags::NO;
            match (how, agency) {
                (Silence::LeavesTheFlagOut, Agency::Af) => flags.af = None,
                (Silence::LeavesTheFlagOut, Agency::Csn) => flags.csn = "CSN_MARK_ABSENT",
                (Silence::LeavesTheFlagOut, _) => flags.fk = None,
                _ => {}
            }
            cases.push(Case { flags, silent: Some((agency, how)), ..Case::own(name) });
        }
    }
    cases
}

impl Case {
    /// One without any protection.
    pub(crate) fn open() -> Self {
        Self::new("nobody", HoldBack::Nothing)
    }

    fn new(name: &'static str, held: HoldBack) -> Self {
        Self {
            name,
            flags: Flags::NO,
            twist: None,
            silent: None,
            before: None,
            marked: None,
            own_format: true,
            held,
        }
    }

    fn own(name: &'static str) -> Self {
        Self::new(name, HoldBack::Whereabouts)
    }
}

/// Every child's flag says neither yes nor no.
fn leave_open(answer: Vec<u8>) -> Vec<u8> {
    String::from_utf8(answer).unwrap().replace(r#""skyddad":true"#, r#""skyddad":null"#).into_bytes()
}

/// Puts a flag into the outermost object or element.
fn flag(answer: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(answer).unwrap();
    if text.starts_with('{') {
        return text.replacen('{', r#"{"identitetsskydd":"J","#, 1).into_bytes();
    }
    let root = text.find("?>").map_or(0, |at| at + 2);
    let name = text[root..].find([' ', '>']).unwrap() + root;
    [&text[..name], r#" sekretess="J""#, &text[name..]].concat().into_bytes()
}
