//! One `Arende`.

use ssbtek_domain::{
    Amount, NaiveDate,
    sections::csn::{
        AmountRow, AppliedTime, Case, CaseStatus, CoBorrower, GrantedTime, Moment, PaidTime, PaymentStatus,
        PlanPayment,
    },
};
use ssbtek_xml::Writer;

use super::{BLANK, mark};

/// `prefix` is that of the benefit's own schema.
pub(super) fn write(case: &Case, prefix: &str, writer: &mut Writer) {
    let name = |local: &str| format!("{prefix}:{local}");
    writer.open("pers:Arende").attribute("lopnummer", &case.number);
    // A number that was withheld leaves no trace: the schema has no word for it.
    if let Some(CoBorrower::Number(number)) = &case.co_borrower {
        writer.attribute("medlanare", number);
    }
    writer
        .element_with_text(&name("stodform"), &case.support)
        .element_with_text(&name("klartext"), &case.label)
        .element_with_text(&name("status"), status(&case.status))
        .optional(&name("relarende"), case.related_case.as_deref());
    if prefix != "hut" {
        writer.open(&name("soktaTider"));
        case.applied.iter().for_each(|time| applied(time, &name("soktTid"), writer));
        writer.close().open(&name("BeviljadeTider"));
        case.granted.iter().for_each(|time| granted(time, &name("BeviljadTid"), writer));
        writer.close();
    }
    writer.open(&name("UtbetalningsPlan"));
    case.plan.iter().for_each(|planned| payment(planned, &name("Utbetalning"), writer));
    writer.close().close();
}

fn applied(time: &AppliedTime, name: &str, writer: &mut Writer) {
    writer
        .open(name)
        .element_with_text("gem:soktfrom", &day(time.from))
        .element_with_text("gem:sokttom", &day(time.to))
        .element_with_text("gem:soktomfattning", &time.extent.unwrap_or_default().to_string())
        .optional("gem:soktlan", mark(&time.loan, "J", " "))
        .close();
}

fn granted(time: &GrantedTime, name: &str, writer: &mut Writer) {
    let number = |number: Option<u16>| number.map(|number| number.to_string());
    writer
        .open(name)
        .element_with_text("gem:starttid", &time.span.start().map_or("0".to_owned(), moment))
        .element_with_text("gem:sluttid", &time.span.end().map_or("0".to_owned(), moment))
        .optional("gem:takt", number(time.pace).as_deref())
        .optional("gem:gr_takt", number(time.gr_takt).as_deref());
    rows(&time.amounts, writer);
    writer.element_with_text("gem:totbelopp", &amount(time.total)).close();
}

fn payment(planned: &PlanPayment, name: &str, writer: &mut Writer) {
    let status = match &planned.status {
        PaymentStatus::Planned => "Planerad",
        PaymentStatus::Paid => "Utbetald",
        PaymentStatus::Unknown(text) => text,
    };
    writer
        .open(name)
        .element_with_text("gem:utbetdatum", &day(planned.date))
        .element_with_text("gem:utbetstatus", status)
        .open("gem:Utbetaldatider");
    planned.times.iter().for_each(|time| paid_time(time, writer));
    writer.close().element_with_text("gem:totbelopp", &amount(planned.total)).close();
}

fn paid_time(time: &PaidTime, writer: &mut Writer) {
    writer
        .open("gem:Utbetaldtid")
        .optional("gem:startvecka", time.span.start().map(moment).as_deref())
        .optional("gem:slutvecka", time.span.end().map(moment).as_deref());
    rows(&time.amounts, writer);
    writer.element_with_text("gem:totbelopp", &amount(time.total)).close();
}

fn rows(rows: &[AmountRow], writer: &mut Writer) {
    writer.open("gem:Beloppen");
    for row in rows {
        writer
            .open("gem:Belopp")
            .element_with_text("gem:beloppstyp", &row.kind)
            .element_with_text("gem:klartext", &row.label)
            .element_with_text("gem:belopp", &amount(row.amount))
            .element_with_text("gem:totbelopp", &amount(row.total))
            .close();
    }
    writer.close();
}

fn status(status: &CaseStatus) -> &str {
    match status {
        CaseStatus::Unstated => BLANK,
        CaseStatus::Initiated => "INITIERAD",
        CaseStatus::Decided => "BESLUTAD",
        CaseStatus::Closed => "AVSLUTAD",
        CaseStatus::Unknown(text) => text,
    }
}

/// `YYYYMMDD`; `0` when not decided.
fn day(day: Option<NaiveDate>) -> String {
    day.map_or("0".to_owned(), |day| day.format("%Y%m%d").to_string())
}

fn moment(moment: Moment) -> String {
    match moment {
        Moment::Week(week) => format!("{:04}{:02}", week.year, week.week),
        Moment::Day(day) => day.format("%Y%m%d").to_string(),
    }
}

fn amount(amount: Option<Amount>) -> String {
    // CSN's amounts are whole kronor.
    amount
        .map(|amount| amount.whole_kronor().map_or_else(|| amount.to_string(), |kronor| kronor.to_string()))
        .unwrap_or_default()
}
