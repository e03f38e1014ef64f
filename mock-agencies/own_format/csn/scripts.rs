//! Failures that hide inside a successful answer.

use ssbtek_domain::{
    Personnummer,
    sections::csn::{
        AmountRow, AppliedTime, Case, CaseStatus, GrantedTime, Mark, PaidTime, PaymentStatus, PlanPayment,
        Section, SupportKinds,
    },
};

use ssbtek_formats::csn::write::{Answer, document};

use super::question::Asked;

/// The answer as `script` has it; without one, the truth.
pub(super) fn apply(script: &str, asked: &Asked, mut section: Section) -> String {
    let mut code = "0";
    match script {
        "-1101" => {
            code = "-1101";
            section.hemutrustningslan.clear();
        }
        "-1102" => {
            code = "-1102";
            section.studiemedel.clear();
            section.studiehjalp.clear();
            section.studiestartsstod.clear();
        }
        "-1104" => {
            code = "-1104";
            section.omstallningsstudiestod.clear();
        }
        "ej-traff" | "ej-traff-sekretess" => {
            section = Section { unknown_status: not_found(), ..without_cases(&section) };
            section.sekretess = if script == "ej-traff" { Mark::Blank } else { Mark::Yes };
        }
        "ej-traff-with-cases" => {
            section.unknown_status = not_found();
            section.studiemedel = vec![plan(vec![one_amount()])];
        }
        "unknown-status" => section.unknown_status = Some("Oklar".to_owned()),
        "sekretess-ja" => section.sekretess = Mark::Yes,
        "sekretess-blank" => section.sekretess = Mark::Blank,
        "sekretess-absent" => section.sekretess = Mark::Absent,
        "sekretess-unknown" => section.sekretess = Mark::Unknown("X".to_owned()),
        "capped" => section.studiemedel = vec![capped(); 10],
        "unknown-codes" => section.studiemedel = vec![unknown_codes()],
        "undecided" => section.studiemedel = vec![plan(vec![undecided()])],
        "bad-amount" | "bad-week" | "stray-namespace" => {
            section.studiemedel = vec![plan(vec![one_amount()])];
        }
        _ => {}
    }
    let other = somebody_else(asked);
    let stranger = Section { person: other.clone(), ..section.clone() };
    let subject = if script == "other-person" { &stranger } else { &section };
    let mut persons = vec![(subject.person.as_ref(), subject)];
    if script == "two-persons" {
        persons.push((stranger.person.as_ref(), &stranger));
    }
    let echoed = other.as_ref().filter(|_| script == "other-echo");
    let own = (asked.century.as_str(), asked.number.as_str());
    let (century, number) = echoed.map_or(own, |other| (other.century(), other.ten_digits()));
    let xml = told(code, century, number, &persons);
    let beloppen = "<gem:Beloppen";
    match script {
        "bad-amount" => xml.replace(">4711<", ">4711 kr<"),
        "bad-week" => xml.replace(beloppen, &format!("<gem:startvecka>202554</gem:startvecka>{beloppen}")),
        "stray-namespace" => xml
            .replace("<sm:Utbetalning>", "<sh:Utbetalning>")
            .replace("</sm:Utbetalning>", "</sh:Utbetalning>"),
        _ => xml,
    }
}

/// A number that is surely another person's.
fn somebody_else(asked: &Asked) -> Option<Personnummer> {
    let own = asked.person();
    ["19800101980", "19800202980"]
        .iter()
        .flat_map(|base| (0..10).map(move |digit| format!("{base}{digit}")))
        .filter(|other| *other != own)
        .find_map(|other| Personnummer::parse_undated(&other).ok())
}

fn not_found() -> Option<String> {
    Some("Ej träff".to_owned())
}

/// The whole answer. Of the question it repeats the person and nothing else that matters.
pub(super) fn told(
    code: &str,
    century: &str,
    number: &str,
    persons: &[(Option<&Personnummer>, &Section)],
) -> String {
    let asked = [
        ("SchemaVersion", "4.0".to_owned()),
        ("HushallsMedlemsIdSekel", century.to_owned()),
        ("HushallsMedlemsId", number.to_owned()),
    ];
    let text = if code == "0" { "OK" } else { "Påhittad feltext" };
    document(&Answer { code, text, asked: &asked.into_iter().collect(), persons })
}

fn without_cases(section: &Section) -> Section {
    Section {
        person: section.person.clone(),
        sekretess: section.sekretess.clone(),
        support_kinds: section.support_kinds.as_ref().map(|_| SupportKinds::default()),
        ..Section::default()
    }
}

fn plan(plan: Vec<PlanPayment>) -> Case {
    Case {
        number: "7".into(),
        support: "GRUND".into(),
        label: "Studiemedel".into(),
        status: CaseStatus::Decided,
        plan,
        ..Case::default()
    }
}

fn one_amount() -> PlanPayment {
    let total = "4711".parse().ok();
    PlanPayment {
        status: PaymentStatus::Paid,
        times: vec![PaidTime { total, ..PaidTime::default() }],
        total,
        ..PlanPayment::default()
    }
}

fn undecided() -> PlanPayment {
    PlanPayment { status: PaymentStatus::Unknown("Stoppad".into()), ..one_amount() }
}

fn row(kind: &str) -> AmountRow {
    AmountRow { kind: kind.into(), label: "Belopp".into(), amount: "1".parse().ok(), total: "1".parse().ok() }
}

/// Every list as long as CSN lets it be.
fn capped() -> Case {
    let total = "10".parse().ok();
    let time = PaidTime { amounts: vec![row("GRUNDB"); 10], total, ..PaidTime::default() };
    let mut payments = vec![one_amount(); 49];
    payments.push(PlanPayment { times: vec![time; 10], ..one_amount() });
    let applied = AppliedTime { extent: Some(100), ..AppliedTime::default() };
    let granted = GrantedTime { amounts: vec![row("GRUNDL")], total, ..GrantedTime::default() };
    Case { applied: vec![applied; 5], granted: vec![granted; 10], ..plan(payments) }
}

fn unknown_codes() -> Case {
    let total = "1".parse().ok();
    let time = PaidTime { amounts: vec![row("NYTT")], total, ..PaidTime::default() };
    let applied = AppliedTime { extent: Some(33), loan: Mark::Unknown("N".into()), ..AppliedTime::default() };
    Case {
        support: "NY".into(),
        status: CaseStatus::Unknown("VILANDE".into()),
        applied: vec![applied],
        granted: vec![GrantedTime { pace: Some(33), total, ..GrantedTime::default() }],
        ..plan(vec![PlanPayment { times: vec![time], ..undecided() }])
    }
}
