//! Reads the question as strictly as CSN does.

use chrono::Months;
use ssbtek_domain::{NaiveDate, Personnummer};
use ssbtek_formats::csn::{KOMMUNFRAGA, SAMBRUK};
use ssbtek_xml::{Element, Limits};

/// The fields in their order, and whether they must be there.
const FIELDS: [(&str, bool); 15] = [
    ("SchemaVersion", true),
    ("Kommun", true),
    ("AppNamn", true),
    ("AppVersion", true),
    ("MaxAntalSvar", false),
    ("AnropsId", false),
    ("LastDataVersion", false),
    ("SubOrgKod", false),
    ("HandlaggareId", false),
    ("ArendeId", false),
    ("HushallsId", true),
    ("FromDatum", true),
    ("TomDatum", true),
    ("HushallsMedlemsIdSekel", true),
    ("HushallsMedlemsId", true),
];

/// Fields that hold 31 characters.
const SHORT: [&str; 4] = ["SubOrgKod", "HandlaggareId", "ArendeId", "HushallsId"];

/// What was asked.
pub(super) struct Asked {
    pub(super) century: String,
    pub(super) number: String,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    version: String,
    within_contract: bool,
}

impl Asked {
    /// `None` when it is no question of CSN's at all.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let root = ssbtek_xml::parse(body, &Limits::default()).ok()?;
        if !root.is(KOMMUNFRAGA, "SBNUppgEkBistandBegar") {
            return None;
        }
        let text = |name: &str| root.child_text(SAMBRUK, name).unwrap_or_default().to_owned();
        let day = |name: &str| NaiveDate::parse_from_str(&text(name), "%Y%m%d").ok();
        Some(Self {
            century: text("HushallsMedlemsIdSekel"),
            number: text("HushallsMedlemsId"),
            from: day("FromDatum")?,
            to: day("TomDatum")?,
            version: text("SchemaVersion"),
            within_contract: in_order(&root)
                && SHORT.iter().all(|name| text(name).chars().count() <= 31)
                && is_municipality(&text("Kommun")),
        })
    }

    /// All 12 digits.
    pub(super) fn person(&self) -> String {
        format!("{}{}", self.century, self.number)
    }

    /// CSN's code, if it does not take the question.
    pub(super) fn refusal(&self, today: NaiveDate) -> Option<&'static str> {
        let earliest = today.checked_sub_months(Months::new(2))?;
        let latest = today.checked_add_months(Months::new(1))?;
        if !self.within_contract {
            Some("-1005")
        } else if self.version != "4.0" {
            Some("-1007")
        } else if self.number.len() != 10 || Personnummer::parse_undated(&self.person()).is_err() {
            Some("-1004")
        } else if self.from < earliest || self.to > latest || self.to < self.from {
            Some("-1006")
        } else {
            None
        }
    }
}

/// Known fields only, each at most once, in order, and all that must be there.
fn in_order(root: &Element) -> bool {
    let names: Vec<&str> = root.elements().iter().map(Element::name).collect();
    let places: Option<Vec<usize>> =
        names.iter().map(|name| FIELDS.iter().position(|(field, _)| field == name)).collect();
    let ordered = places.is_some_and(|places| places.is_sorted_by(|a, b| a < b));
    ordered && FIELDS.iter().all(|(field, required)| !required || names.contains(field))
}

/// `NNNNNN-NNNN`.
fn is_municipality(text: &str) -> bool {
    text.len() == 11
        && text.bytes().enumerate().all(|(i, b)| if i == 6 { b == b'-' } else { b.is_ascii_digit() })
}
