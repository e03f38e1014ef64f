//! `Beloppen` and `belopp`: whole kronor, exactly.

use std::collections::BTreeSet;

use ssbtek_domain::{
    Amount, Note,
    sections::csn::{AmountRow, is_amount_code},
};

use super::namespaces::CSNTYPER;
use crate::{
    Refused,
    fields::{Field, Fields, field},
};

/// Rows at most; a list as long as this may have been cut.
const MAX_ROWS: usize = 10;

/// The rows of a time's `Beloppen`.
pub(super) fn rows(time: &Fields<'_>, notes: &mut BTreeSet<Note>) -> Result<Vec<AmountRow>, Refused> {
    let mut rows = vec![];
    for row in Fields::closed(time.required(field!("Beloppen"))?, CSNTYPER, &["Belopp"])?.all("Belopp") {
        let fields = Fields::closed(row, CSNTYPER, &["beloppstyp", "klartext", "belopp", "totbelopp"])?;
        let kind = fields.required_text(field!("beloppstyp"))?;
        if !is_amount_code(&kind) {
            notes.insert(Note::UnknownCode("beloppstyp"));
        }
        rows.push(AmountRow {
            kind,
            label: fields.required_text(field!("klartext"))?,
            amount: amount(&fields, field!("belopp"))?,
            total: amount(&fields, field!("totbelopp"))?,
        });
    }
    if rows.len() >= MAX_ROWS {
        notes.insert(Note::PerhapsTruncated("Belopp"));
    }
    Ok(rows)
}

/// `-?[0-9]+`. Empty is no amount: the payment stays, but makes no line.
pub(super) fn amount(fields: &Fields<'_>, field: Field) -> Result<Option<Amount>, Refused> {
    let text = fields.required_text(field)?;
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(field.refused);
    }
    text.parse().map(Some).map_err(|_| field.refused)
}
