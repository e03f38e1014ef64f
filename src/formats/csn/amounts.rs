//! `Beloppen` and `belopp`: whole kronor, exactly.

use ssbtek_domain::{
    Amount, Note,
    sections::csn::{AmountRow, is_amount_code},
};

use super::namespaces::ANY;
use crate::fields::Fields;

/// Rows at most; a list as long as this may have been cut.
const MAX_ROWS: usize = 10;

/// The rows of a time's `Beloppen`.
pub(super) fn rows(time: &Fields<'_>) -> Vec<AmountRow> {
    let notes = time.notes();
    time.required("Beloppen");
    let lists = time.all("Beloppen").map(|list| Fields::of(list, ANY, &["Belopp"], "Beloppen", notes));
    let known = ["beloppstyp", "klartext", "belopp", "totbelopp"];
    let rows = lists.flat_map(|list| list.records("Belopp", &[])).map(|row| {
        let fields = Fields::of(row, ANY, &known, "Belopp", notes);
        let kind = fields.required_text("beloppstyp");
        notes.add_if(!is_amount_code(&kind), Note::UnknownCode("beloppstyp"));
        AmountRow {
            kind,
            label: fields.required_value("klartext").unwrap_or_default().to_owned(),
            amount: amount(&fields, "belopp"),
            total: amount(&fields, "totbelopp"),
        }
    });
    let rows: Vec<AmountRow> = rows.collect();
    notes.cut_if(rows.len() >= MAX_ROWS, "Belopp");
    rows
}

/// `-?[0-9]+`. Empty is no amount, and one that cannot be read is none either, with a note.
pub(super) fn amount(fields: &Fields<'_>, name: &'static str) -> Option<Amount> {
    fields.required_amount(name)
}
