//! One section with every kind of matter and every typed field that the contract gives it.

use ssbtek_domain::sections::{
    Section,
    fk::{
        self,
        common::{Code, Extent, Figure, FigureValue, Money, PartialDate, PersonRole, Span},
        matter::{ClaimedDay, Decision, DecisionDay, Matter, MatterKind, PeriodDecision, Placement},
        other::{
            ChildDecision, LifeCertificate, NamedMoney, PensionBalance, PensionYear, ProgramAssignment,
            ProgramJobDays, RECONCILIATION_AMOUNTS, Reconciliation, StudyNotice,
        },
        person::{Address, Person, PersonInRole},
        pm::{PmDecision, PmInformation},
    },
};

use super::lefi;
use crate::{
    Codec,
    test_world::{Mock, assert_survives_grpc, http, question},
};

#[test]
fn nothing_typed_is_lost_between_lefi_and_the_domain() {
    let mock = Mock::new(1);
    let question = question(mock.person(|_| true));
    let section = every_shape();
    let answer = lefi().answer(&question, http(200, mock_agencies::own_format::fk::told(&section))).unwrap();
    assert_eq!(answer.notes, []);
    let arrived = answer.section.unwrap();
    let Section::Fk(facts) = &arrived else { panic!("another agency's section") };
    for (told, found) in section.matters.iter().zip(&facts.matters) {
        assert!(told == found, "{:?}", told.kind);
    }
    assert!(section.pm == facts.pm);
    assert!(section == *facts);
    assert_survives_grpc(&arrived);
}

pub(super) fn every_shape() -> fk::Section {
    fk::Section {
        matters: MatterKind::ALL.iter().map(|kind| matter(*kind)).collect(),
        program_assignments: vec![ProgramAssignment {
            period: span("2026-01", ""),
            extent: Some(half()),
            program: digit("68"),
        }],
        program_job_days: vec![ProgramJobDays { used: Some(450), all_used: Some(true) }],
        reconciliations: vec![reconciliation(true), reconciliation(false)],
        tax_ids: vec!["XX-1234567".to_owned()],
        study_notices: vec![StudyNotice { kind: digit("1"), period: span("2026-01-01", "2026-06-30") }],
        maintenance_debts: vec![
            Money::sek("1234.56".parse().unwrap()),
            Money { amount: None, currency: Some("SEK".to_owned()) },
        ],
        life_certificates: vec![LifeCertificate {
            updated: Some("2026-01-02T03:04:05".to_owned()),
            status: digit("2"),
        }],
        pension_balances: vec![PensionBalance { amount: money("1.25"), premium_amount: money("0.0001") }],
        pension_years: vec![PensionYear {
            year: Some(2025),
            figures: vec![
                number("underlag.pensionsunderlag[0].underlagPgbForBarn[0].belopp.summa", "1000.5"),
                number("poang[0]", "0.123456789"),
            ],
            child_decisions: vec![ChildDecision {
                parent: Some(somebody()),
                parent_type: digit("1"),
                entitled: Some(false),
                remark: Some("\"Citat\" och \\ snedstreck".to_owned()),
            }],
        }],
        pm: fk::pm::PensionAgency {
            decisions: vec![PmDecision {
                persons: vec![
                    bare(PersonRole::Medsokande),
                    PersonInRole {
                        role: PersonRole::Avliden,
                        person: Person {
                            born: Some("1940-01-01".to_owned()),
                            died: vec!["Datum saknas".to_owned()],
                            ..bare(PersonRole::Avliden).person
                        },
                    },
                    bare(PersonRole::BerattigadEfterlevande),
                ],
                additions: vec![
                    flag("allmanpension.samordningMedPensionFranAnnatLand"),
                    text("allmanpension.anvantCivilstand.kod", "OGIFT"),
                    text("allmanpension.anvantCivilstand.beskrivning", "Ogift"),
                ],
                ..PmDecision::default()
            }],
            other: vec![information()],
            ..fk::pm::PensionAgency::default()
        },
        ..fk::Section::default()
    }
}

fn information() -> PmInformation {
    let account = "pensionsbehallning.pensionskonton[0]";
    PmInformation {
        kind: Some(Code::new("PM:PBH", "Pensionsbehållning")),
        figures: vec![
            text(&format!("{account}.kontotyp.kod"), "IP"),
            text(&format!("{account}.kontotyp.beskrivning"), "Inkomstpension"),
            number(&format!("{account}.kontovarden[0].varde"), "123456"),
        ],
    }
}

fn reconciliation(historical: bool) -> Reconciliation {
    let amounts = RECONCILIATION_AMOUNTS
        .iter()
        .map(|name| NamedMoney { name: (*name).to_owned(), money: money("12.5").unwrap() })
        .collect();
    Reconciliation { historical, year: Some("2025".to_owned()), amounts }
}

/// What the contract gives each kind of matter.
fn matter(kind: MatterKind) -> Matter {
    use MatterKind as K;
    let mut matter = Matter::new(kind);
    let undated = [
        K::AllmanPension,
        K::Barnbidrag,
        K::Efterlevandepension,
        K::MottagareAvBarnbidrag,
        K::Programersattning,
    ];
    if !undated.contains(&kind) {
        matter.started = PartialDate::parse("2025-12-31");
        matter.active = Some(true);
        let never_rejected = [K::ForebyggandeSjukpenning, K::Rehabersattning, K::Sjukpenning];
        matter.rejected = (!never_rejected.contains(&kind)).then_some(false);
    }
    let mut decision = Decision {
        decided: PartialDate::parse("2026-01-02"),
        definitive: Some(true),
        benefit: Some(Code::new("F", "Förmån")),
        period: span("2026-01-02", "2026-02"),
        ..Decision::default()
    };
    let paid_by_day = [
        K::Foraldrapenning,
        K::ForebyggandeSjukpenning,
        K::Graviditetspenning,
        K::Narstaendepenning,
        K::Rehabersattning,
        K::Sjukpenning,
        K::Smittbararersattning,
        K::TillfalligForaldrapenning,
        K::Totalforsvarsplikt,
    ];
    if paid_by_day.contains(&kind) {
        decision.days = Some(3);
        decision.extents = vec![half()];
    } else {
        decision.sub_benefit = Some(Code::new("D", "Delförmån"));
        decision.periodicity = digit("1");
        decision.gross = money("1000.01");
    }
    detail(kind, &mut matter, &mut decision);
    matter.decisions = vec![decision];
    matter
}

fn detail(kind: MatterKind, matter: &mut Matter, decision: &mut Decision) {
    use MatterKind as K;
    let role = |role| PersonInRole { role, person: somebody() };
    match kind {
        K::Aktivitetsstod => {
            decision.waiting = Some(true);
            decision.compensation = digit("1");
            matter.basics = vec![number("atgardstyp.id", "7")];
        }
        K::AllmanPension | K::SjukOchAktivitetsersattning => {
            decision.coordinated_gross = money("900");
            decision.extents = vec![half()];
        }
        K::ArbetsskadeEfterlevande => matter.persons = vec![role(PersonRole::Avliden)],
        K::ArbetsskadeEgenLivranta => decision.basis = vec![number("faktor", "0.12345")],
        K::Barnbidrag | K::UnderhallsstodKrav | K::UnderhallsstodMottag => {
            matter.persons = vec![role(PersonRole::Barn)];
        }
        K::Bostadsbidrag => {
            matter.persons = vec![role(PersonRole::Medsokande), role(PersonRole::Medsokande)];
            decision.persons = vec![
                role(PersonRole::HemmavarandeBarn),
                role(PersonRole::TidvisboendeBarn),
                role(PersonRole::VaxelvisboendeBarn),
            ];
            decision.basis = vec![number("inkomster[0].summa", "1"), number("inkomster[1].summa", "2.5")];
        }
        K::Efterlevandepension => decision.extents = vec![half()],
        K::MottagareAvBarnbidrag => {
            decision.persons =
                vec![bare(PersonRole::Utbetalningsmottagare), bare(PersonRole::Utbetalningsmottagare)];
            decision.placements = vec![Placement {
                kind: digit("1"),
                name: Some("Hemmet".to_owned()),
                address: Some(Address::default()),
            }];
            decision.basis = vec![flag("skolgang")];
        }
        K::Foraldrapenning => {
            matter.persons = vec![role(PersonRole::Barn)];
            matter.claimed_days = vec![ClaimedDay {
                day: day(),
                level: Some(Code::new("GN", "Grundnivå")),
                extent: Some(half()),
            }];
            decision.compensation = digit("1");
            decision.calendar_days = vec![calendar_day(false)];
        }
        K::ForebyggandeSjukpenning | K::Rehabersattning | K::Sjukpenning => {
            decision.waiting = Some(false);
            decision.outcome = Some(Code::bare("AVSLAG"));
            decision.decision_type = Some("INTERMISTISKT".to_owned());
            decision.compensation = Some(Code::bare("NY_SORT"));
            decision.level = Some("NORMAL".to_owned());
            decision.calendar_days = vec![calendar_day(true)];
        }
        K::Merkostnadsersattning | K::Omvardnadsbidrag => {
            decision.status = Some(Code::new("B", "Beslutad"));
            decision.outcome = digit("1");
            decision.ends_from_months = vec!["2027-01".to_owned()];
            decision.persons = vec![role(PersonRole::Barn)];
            decision.period_decisions = vec![PeriodDecision {
                period: span("", "2026-12-31"),
                extent: Some(half()),
                share: Some(half()),
                payout_type: Some(Code::new("M", "Månad")),
            }];
        }
        K::Programersattning => {
            decision.compensation = Some(Code::new("ETA", "Etableringsersättning"));
            decision.day_texts = vec!["2026-01-02".to_owned()];
            decision.calendar_days = vec![DecisionDay { day: day(), ..calendar_day(false) }];
        }
        K::TillfalligForaldrapenning => {
            matter.persons = vec![role(PersonRole::Barn)];
            decision.calendar_days = vec![DecisionDay {
                level: None,
                income_type: digit("1"),
                calculation: digit("2"),
                ..calendar_day(false)
            }];
        }
        K::Vardbidrag => {
            decision.persons = vec![role(PersonRole::Barn), role(PersonRole::Barn)];
            decision.basis = vec![flag("delat")];
        }
        K::YrkesskadeEfterlevande | K::YrkesskadeEgenLivranta => {
            matter.basics = vec![number("orsak[0].id", "1"), number("orsak[1].id", "4")];
            decision.basis = vec![number("faktor.taljare", "1"), number("faktor.namnare", "15")];
        }
        _ => {}
    }
}

fn calendar_day(with_waiting: bool) -> DecisionDay {
    DecisionDay {
        day: day(),
        level: (!with_waiting).then(|| Code::new("SN", "Sjukpenningnivå")),
        amount: money("500.5"),
        waiting_deduction: with_waiting.then(|| money("100")).flatten(),
        ..DecisionDay::default()
    }
}

fn day() -> Option<ssbtek_domain::NaiveDate> {
    "2026-01-02".parse().ok()
}

fn somebody() -> Person {
    Person {
        number: Some("201001019802".to_owned()),
        born: Some("2010-01-01".to_owned()),
        name: Some("Annan Person".to_owned()),
        protected: Some(true),
        died: vec!["2026-01-01".to_owned()],
    }
}

fn bare(role: PersonRole) -> PersonInRole {
    PersonInRole { role, person: Person { number: somebody().number, ..Person::default() } }
}

fn half() -> Extent {
    Extent { numerator: Some(1), denominator: Some(2) }
}

fn digit(id: &str) -> Option<Code> {
    Some(Code::new(id, "Beskrivning"))
}

fn money(amount: &str) -> Option<Money> {
    Some(Money::sek(amount.parse().unwrap()))
}

fn span(from: &str, to: &str) -> Option<Span> {
    Some(Span { from: PartialDate::parse(from), to: PartialDate::parse(to) })
}

fn number(name: &str, value: &str) -> Figure {
    Figure { name: name.to_owned(), value: FigureValue::Number(value.to_owned()) }
}

fn text(name: &str, value: &str) -> Figure {
    Figure { name: name.to_owned(), value: FigureValue::Text(value.to_owned()) }
}

fn flag(name: &str) -> Figure {
    Figure { name: name.to_owned(), value: FigureValue::Flag(true) }
}
