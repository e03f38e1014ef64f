//! Writes `CSNSvar`.

use ssbtek_domain::{
    Amount, NaiveDate,
    sections::csn::{
        AmountRow, AppliedTime, Case, CaseStatus, CoBorrower, GrantedTime, Mark, Moment, PaidTime,
        PaymentStatus, PlanPayment, Section, SupportKinds,
    },
};
use ssbtek_xml::Writer;

pub(super) const KOMMUNFRAGA: &str = "http://schema.csn.se/v4.0/kommunfraga";
pub(super) const SAMBRUK: &str = "http://www.sambruk.se/SBNyttomeddelanden";

const NAMESPACES: [(&str, &str); 9] = [
    ("csn", KOMMUNFRAGA),
    ("sam", SAMBRUK),
    ("csnpers", "http://schema.csn.se/v4.0/person"),
    ("csngem", "http://schema.csn.se/v4.0/csntyper"),
    ("csnsm", "http://schema.csn.se/v4.0/studiemedel"),
    ("csnsh", "http://schema.csn.se/v4.0/studiehjalp"),
    ("csnhut", "http://schema.csn.se/v4.0/hemutrustningslan"),
    ("csnsss", "http://schema.csn.se/v4.0/studiestartsstod"),
    ("csnoss", "http://schema.csn.se/v4.0/omstallningsstudiestod"),
];

/// One `Person`.
pub(super) struct Person<'a> {
    pub(super) section: &'a Section,
    /// `@Status`; empty for blanks.
    pub(super) status: &'static str,
}

/// The whole answer. Of the question it repeats the person and nothing else that matters.
pub(super) fn document(code: &str, century: &str, number: &str, persons: &[Person<'_>]) -> String {
    let mut xml = Writer::with_declaration();
    xml.open("csn:CSNSvar");
    for (prefix, namespace) in NAMESPACES {
        xml.namespace(prefix, namespace);
    }
    xml.attribute("schemaVersion", "4.0")
        .open("csn:GemensamtSvarEkbistand")
        .open("csn:Resultat")
        .element_with_text("csn:ResultatKod", code)
        .element_with_text("csn:ResultatText", if code == "0" { "OK" } else { "Påhittad feltext" })
        .close()
        .close()
        .open("csn:GemensamtFragaEkbistand")
        .element_with_text("sam:SchemaVersion", "4.0")
        .element_with_text("sam:HushallsMedlemsIdSekel", century)
        .element_with_text("sam:HushallsMedlemsId", number)
        .close()
        .open("csn:Personer");
    for person in persons {
        write_person(&mut xml, person);
    }
    xml.finish()
}

fn write_person(xml: &mut Writer, Person { section, status }: &Person<'_>) {
    let number = section.person.as_ref();
    xml.open("csn:Person").attribute("personnummer", number.map_or("", |number| number.ten_digits()));
    xml.attribute("Status", if status.is_empty() { "          " } else { status });
    if let Some(text) = mark(&section.sekretess, "Ja", "  ") {
        xml.attribute("sekretess", text);
    }
    xml.attribute("sekel", number.map_or("", |number| number.century()));
    if let Some(kinds) = &section.support_kinds {
        write_kinds(xml, kinds);
    }
    let prefixes = ["csnsm", "csnsh", "csnhut", "csnsss", "csnoss"];
    for ((name, cases), prefix) in section.lists().into_iter().zip(prefixes) {
        xml.open(&format!("csnpers:{name}"));
        if !cases.is_empty() {
            xml.open("csnpers:Arenden");
            cases.iter().for_each(|case| write_case(xml, prefix, case));
            xml.close();
        }
        xml.close();
    }
    xml.close();
}

fn write_kinds(xml: &mut Writer, kinds: &SupportKinds) {
    xml.open("csnpers:Studiestodstypforteckning")
        .element_with_text("csngem:studiemedel", &kinds.studiemedel)
        .element_with_text("csngem:studiehjalp", &kinds.studiehjalp)
        .element_with_text("csngem:hemutrustningslan", &kinds.hemutrustningslan)
        .element_with_text("csngem:studiestartsstod", &kinds.studiestartsstod)
        .element_with_text("csngem:omstallningsstudiestod", &kinds.omstallningsstudiestod)
        .close();
}

/// `prefix` is that of the case's kind.
fn write_case(xml: &mut Writer, prefix: &str, case: &Case) {
    let name = |local: &str| format!("{prefix}:{local}");
    xml.open("csnpers:Arende").attribute("lopnummer", &case.number);
    if let Some(CoBorrower::Number(number)) = &case.co_borrower {
        xml.attribute("medlanare", number);
    }
    xml.element_with_text(&name("stodform"), &case.support)
        .element_with_text(&name("klartext"), &case.label)
        .element_with_text(&name("status"), status(&case.status))
        .optional(&name("relarende"), case.related_case.as_deref());
    if prefix != "csnhut" {
        xml.open(&name("soktaTider"));
        case.applied.iter().for_each(|time| write_applied(xml, &name("soktTid"), time));
        xml.close().open(&name("BeviljadeTider"));
        case.granted.iter().for_each(|time| write_granted(xml, &name("BeviljadTid"), time));
        xml.close();
    }
    xml.open(&name("UtbetalningsPlan"));
    case.plan.iter().for_each(|payment| write_payment(xml, &name("Utbetalning"), payment));
    xml.close().close();
}

fn write_applied(xml: &mut Writer, name: &str, time: &AppliedTime) {
    xml.open(name)
        .element_with_text("csngem:soktfrom", &day(time.from))
        .element_with_text("csngem:sokttom", &day(time.to))
        .element_with_text("csngem:soktomfattning", &time.extent.unwrap_or_default().to_string())
        .optional("csngem:soktlan", mark(&time.loan, "J", " "))
        .close();
}

fn write_granted(xml: &mut Writer, name: &str, time: &GrantedTime) {
    let number = |number: Option<u16>| number.map(|number| number.to_string());
    xml.open(name)
        .element_with_text("csngem:starttid", &time.span.start().map_or("0".into(), digits))
        .element_with_text("csngem:sluttid", &time.span.end().map_or("0".into(), digits))
        .optional("csngem:takt", number(time.pace).as_deref())
        .optional("csngem:gr_takt", number(time.gr_takt).as_deref());
    write_rows(xml, &time.amounts);
    xml.element_with_text("csngem:totbelopp", &amount(time.total)).close();
}

fn write_payment(xml: &mut Writer, name: &str, payment: &PlanPayment) {
    let status = match &payment.status {
        PaymentStatus::Planned => "Planerad",
        PaymentStatus::Paid => "Utbetald",
        PaymentStatus::Unknown(text) => text,
    };
    xml.open(name)
        .element_with_text("csngem:utbetdatum", &day(payment.date))
        .element_with_text("csngem:utbetstatus", status)
        .open("csngem:Utbetaldatider");
    payment.times.iter().for_each(|time| write_paid_time(xml, time));
    xml.close().element_with_text("csngem:totbelopp", &amount(payment.total)).close();
}

fn write_paid_time(xml: &mut Writer, time: &PaidTime) {
    xml.open("csngem:Utbetaldtid")
        .optional("csngem:startvecka", time.span.start().map(digits).as_deref())
        .optional("csngem:slutvecka", time.span.end().map(digits).as_deref());
    write_rows(xml, &time.amounts);
    xml.element_with_text("csngem:totbelopp", &amount(time.total)).close();
}

fn write_rows(xml: &mut Writer, rows: &[AmountRow]) {
    xml.open("csngem:Beloppen");
    for row in rows {
        xml.open("csngem:Belopp")
            .element_with_text("csngem:beloppstyp", &row.kind)
            .element_with_text("csngem:klartext", &row.label)
            .element_with_text("csngem:belopp", &amount(row.amount))
            .element_with_text("csngem:totbelopp", &amount(row.total))
            .close();
    }
    xml.close();
}

fn mark<'a>(mark: &'a Mark, set: &'a str, blank: &'a str) -> Option<&'a str> {
    match mark {
        Mark::Absent => None,
        Mark::Blank => Some(blank),
        Mark::Yes => Some(set),
        Mark::Unknown(text) => Some(text),
    }
}

fn status(status: &CaseStatus) -> &str {
    match status {
        CaseStatus::Unstated => "          ",
        CaseStatus::Initiated => "INITIERAD",
        CaseStatus::Decided => "BESLUTAD",
        CaseStatus::Closed => "AVSLUTAD",
        CaseStatus::Unknown(text) => text,
    }
}

/// `YYYYMMDD`, "0" when not decided.
fn day(day: Option<NaiveDate>) -> String {
    day.map_or("0".to_owned(), |day| day.format("%Y%m%d").to_string())
}

/// `YYYYWW` or `YYYYMMDD`.
fn digits(moment: Moment) -> String {
    match moment {
        Moment::Week(week) => format!("{:04}{:02}", week.year, week.week),
        Moment::Day(day) => day.format("%Y%m%d").to_string(),
    }
}

fn amount(amount: Option<Amount>) -> String {
    amount.map(|amount| amount.to_string()).unwrap_or_default()
}
