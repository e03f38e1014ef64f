//! Answers as people see them.

use ssbtek_proto::{
    agency::v1::{section::Agency, *},
    broker::v1::{net_amount::Kind, *},
};

use crate::{
    canned::{self, payment, period, source, with},
    double::Double,
};

async fn shown(answer: AskResponse) -> String {
    let broker = Double::start().await;
    broker.answers(Ok(answer));
    let ended = broker.ssbtek(&["ask", "--no-stream"]).await;
    assert_eq!(ended.err, "");
    ended.out
}

fn af() -> Agency {
    Agency::Af(AfSection {
        given_name: Some("Östen".to_owned()),
        family_name: Some("Wallin".to_owned()),
        sekretessmarkering: Some(false),
        registration: Some(AfRegistration {
            jobseeker: Some(true),
            registered_on: Some("2025-10-14".to_owned()),
            extent_percent: Some(50),
            activity_report_message: "501".to_owned(),
            ..AfRegistration::default()
        }),
        decisions: Some(AfDecisions::default()),
        ..AfSection::default()
    })
}

fn so() -> SourceReport {
    let part = |n: usize| PartOutcome {
        part: if n == 3 { "Unionens a-kassa".to_owned() } else { format!("Kassa {n}") },
        outcome: if n == 3 { Outcome::TimedOut } else { Outcome::Answered }.into(),
        code: None,
    };
    let fund = SoFund {
        name: "Kassa 1".to_owned(),
        suspensions: vec![period("2026-10-01", "2026-10-14")],
        application: Some(SoApplication {
            right_decided_on: None,
            claim_submitted: true,
            ..Default::default()
        }),
        ..SoFund::default()
    };
    let section = Agency::So(SoSection { person_number: None, funds: vec![fund] });
    SourceReport {
        parts: (1..=24).map(part).collect(),
        ..with(source("SO", Outcome::AnsweredInPart), section)
    }
}

/// FK is gone, a fund timed out: the whole page.
fn in_part() -> AskResponse {
    let csn = SourceReport {
        notes: vec![Note {
            kind: note::Kind::PeriodNarrowed.into(),
            detail: "CSN: two months back".to_owned(),
        }],
        period: Some(period("2026-09-22", "2026-11-22")),
        ..source("CSN", Outcome::Answered)
    };
    let tns = SourceReport {
        withheld: vec!["fordon".to_owned()],
        ..with(source("TNS", Outcome::Answered), Agency::Tns(TnsSection::default()))
    };
    let sources = [
        with(source("AF", Outcome::Answered), af()),
        csn,
        source("FK", Outcome::NotReachable),
        source("SKV", Outcome::NotAsked),
        so(),
        tns,
        source("MIV", Outcome::NoSuchPerson),
    ];
    let mut answer = canned::answer(Protection::NotKnown, sources);
    answer.protection.as_mut().unwrap().silent = vec!["FK".to_owned()];
    let nets = [(Kind::AfterTax, "9120.5"), (Kind::AfterDeductions, "8900")];
    answer.payments = vec![PaymentLine {
        covers: Some(period("2026-10-01", "2026-10-31")),
        days: Some("9.5".to_owned()),
        ..payment("SO", "Kassa 1", "Arbetslöshetsersättning", "2026-11-20", &nets)
    }];
    answer.discrepancies = vec![Discrepancy {
        kind: discrepancy::Kind::OverlappingBenefits.into(),
        sources: vec!["SO".to_owned(), "CSN".to_owned()],
        detail: "unemployment compensation and study support over the same days".to_owned(),
    }];
    answer
}

const IN_PART: &str = "
198001019804 · applicant (sökande) · case EB-1
asked 2026-11-22 11:15:32 CET about 2026-09-01 to 2026-11-22
ANSWERED IN PART: what the sources below did not answer is not known.

PROTECTED IDENTITY: NOT KNOWN. Treat the person as protected.
  Could have said so and did not: FK.
  What could locate the person is held back: TNS fordon.
  Named whether or not anything was there.

Sources
  AF   Arbetsförmedlingen          answered
  CSN  Centrala studiestödsnämnden answered
      asked about less time than wanted: CSN: two months back (asked about 2026-09-22 – 2026-11-22)
  FK   Försäkringskassan           could not be checked: not reachable
      That an answer is missing says nothing about income. Ask Försäkringskassan again. If it fails again:
        telephone Försäkringskassan.
      ssbtek ask --case EB-1 --role applicant --from 2026-09-01 --to 2026-11-22 --agency FK
  SKV  Skatteverket                not asked
  SO   Sveriges a-kassor           answered in part
      24 funds: 23 answered, 1 timed out (Unionens a-kassa)
      That an answer is missing says nothing about income. Ask Sveriges a-kassor again. If it fails again:
        telephone Unionens a-kassa.
      ssbtek ask --case EB-1 --role applicant --from 2026-09-01 --to 2026-11-22 --agency SO
  TNS  Transportstyrelsen          answered
  MIV  Migrationsverket            says that it knows no such person

Facts
  AF Arbetsförmedlingen
    given name: Östen
    family name: Wallin
    jobseeker (arbetssökande): yes, registered 2025-10-14, extent 50 %, activity report (aktivitetsrapport)
      not submitted
    no economic decisions (beslut)
    folded lines: 1 (--all shows them)

Payments, newest first, by day of payment
  November 2026
    Date        State  Payer       Benefit                   Net, kr                   Period
    2026-11-20  paid   SO: Kassa   Arbetslöshetsersättning  9 120,50  after tax        2026-10-01 – 2026-10-31
                       1
                                                               8 900  after            (9,5 days)
                                                                      deductions
  No payments in the time asked about, say: CSN.
  NOT KNOWN, payments of: FK (not reachable); SO: Unionens a-kassa (timed out).
  Banks, Swish and income from abroad are not in SSBTEK: an empty table does not mean that there is no money.

Facts
  SO Sveriges a-kassor
    fund (a-kassa): Kassa 1, suspended (avstängd) 2026-10-01 – 2026-10-14, claim for payment handed in: yes
  TNS Transportstyrelsen
    vehicles (fordon): held back or not stated

Contradictions between sources
  SO and CSN: unemployment compensation and study support over the same days

Logged as entry 0123456789abcdef0123456789abcdef.
Receipt: record 6 of the board's log; not checked, the log's public key is not known here.
";

#[tokio::test]
async fn an_answer_in_part_says_what_is_not_known_and_never_calls_it_nothing() {
    let shown = shown(in_part()).await;
    assert_eq!(shown, IN_PART[1..]);
    assert!(!shown.replace("says nothing about income", "").to_lowercase().contains("nothing"));
}

#[tokio::test]
async fn a_protected_person_is_announced_before_anything_else_is_told() {
    for (level, told) in [
        (Protection::Sekretessmarkering, "PROTECTED IDENTITY: SEKRETESSMARKERING, said by AF, CSN.\n"),
        (Protection::SkyddadFolkbokforing, "PROTECTED IDENTITY: SKYDDAD FOLKBOKFÖRING, said by AF, CSN.\n"),
        (Protection::Unspecified, "PROTECTED IDENTITY: NOT KNOWN. Treat the person as protected.\n"),
    ] {
        let mut answer = canned::empty_answer();
        let report = answer.protection.as_mut().unwrap();
        report.level = level.into();
        report.said_by = vec!["AF".to_owned(), "CSN".to_owned()];
        let shown = shown(answer).await;
        assert!(shown.find(told).unwrap() < shown.find("Sources").unwrap(), "{shown}");
        assert!(shown.contains("is held back: no such field came."), "{shown}");
    }
}

#[tokio::test]
async fn a_provisional_case_is_called_one() {
    let told = "PROVISIONAL CASE";
    let confirmed = canned::empty_answer();
    assert!(!shown(confirmed.clone()).await.contains(told));
    assert!(shown(AskResponse { provisional_case: true, ..confirmed }).await.contains(told));
}

#[tokio::test]
async fn anothers_protection_is_announced_with_what_is_held_back_for_it() {
    let flagged = "ANOTHER PERSON IN THE ANSWER HAS A PROTECTED IDENTITY, said by FK.\n";
    let marked = "A MEMBER OF THE HOUSEHOLD HAS A PROTECTED IDENTITY, says the case or an earlier answer.\n";
    for (others_said_by, household_protected) in [(vec!["FK".to_owned()], false), (vec![], true)] {
        let mut answer = canned::empty_answer();
        let report = answer.protection.as_mut().unwrap();
        (report.others_said_by, report.household_protected) = (others_said_by.clone(), household_protected);
        answer.sources[2].withheld = vec!["barn".to_owned(), "adress".to_owned()];
        let shown = shown(answer).await;
        assert!(shown.contains("Protected identity: no."), "the person's own is another matter: {shown}");
        assert_eq!(shown.contains(flagged), !others_said_by.is_empty(), "{shown}");
        assert_eq!(shown.contains(marked), household_protected, "{shown}");
        let held_back = "What tells where the household lives is held back: FK adress.";
        assert!(shown.contains(held_back), "{shown}");
        assert!(shown.contains("as it is about others: FK barn."), "{shown}");
    }
}

#[tokio::test]
async fn payments_are_absent_only_in_the_name_of_sources_that_answered() {
    let all = shown(canned::empty_answer()).await;
    assert!(all.contains("No payments in the time asked about, say: CSN, FK, SO.\n"), "{all}");
    assert!(!all.contains("NOT KNOWN"));
    let silent =
        ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"].map(|code| source(code, Outcome::AnswerRefused));
    let none = shown(canned::answer(Protection::None, silent)).await;
    assert!(!none.contains("No payments"), "{none}");
    let told = "NOT KNOWN, payments of: CSN (answer refused); FK (answer refused); SO (answer refused).\n";
    assert!(none.contains(told), "{none}");
}

#[tokio::test]
async fn lists_are_empty_only_in_the_name_of_a_source_that_answered_in_full() {
    let csn = |outcome| {
        let mut answer = canned::empty_answer();
        answer.sources[1] = with(source("CSN", outcome), Agency::Csn(CsnSection::default()));
        shown(answer)
    };
    assert!(csn(Outcome::Answered).await.contains("    no cases (ärenden)\n"));
    let in_part = csn(Outcome::AnsweredInPart).await;
    assert!(
        in_part.contains("    no cases (ärenden) in the part that was answered; the rest is not known\n")
    );
}

#[tokio::test]
async fn marks_and_undated_payments_are_told() {
    let mut answer = canned::empty_answer();
    let line = payment("FK", "PM", "Bostadstillägg", "", &[(Kind::Net, "1234567")]);
    answer.payments = vec![PaymentLine {
        perhaps_duplicate: true,
        state: PaymentState::Announced.into(),
        sub_benefit: Some("Del".to_owned()),
        ..line
    }];
    let shown = shown(answer).await;
    let expected = "  \
  undated
    Date     State        Payer   Benefit                 Net, kr    Period
    undated  announced *  FK: PM  Bostadstillägg (Del)  1 234 567
  * perhaps the same payment as in another line
";
    assert!(shown.contains(expected), "{shown}");
}

#[tokio::test]
async fn facts_of_every_agency_come_in_short_lines() {
    let code = |text: &str| Some(FkCode { id: None, description: Some(text.to_owned()) });
    let money = |text: &str| Some(FkMoney { amount: Some(text.to_owned()), currency: None });
    let span = |from: &str| Some(FkSpan { from: Some(from.to_owned()), to: None });
    let fk = FkSection {
        general_information: vec![FkGeneralInformation {
            children: vec![
                FkPerson { protected_identity: Some(true), ..FkPerson::default() },
                FkPerson::default(),
            ],
            ..FkGeneralInformation::default()
        }],
        matters: vec![FkMatter {
            kind: FkMatterKind::Bostadsbidragsarende.into(),
            active: Some(true),
            decisions: vec![FkDecision {
                decided: Some("2026-08-31".to_owned()),
                definitive: Some(false),
                gross: money("2051"),
                periodicity: code("Månad"),
                period: span("2026-09-01"),
                ..FkDecision::default()
            }],
            ..FkMatter::default()
        }],
        maintenance_debts: vec![money("9435").unwrap()],
        ..FkSection::default()
    };
    let csn = CsnSection {
        studiemedel: vec![CsnCase {
            label: "Grundläggande vuxenutbildning".to_owned(),
            status: CsnCaseStatus::Decided.into(),
            granted: vec![CsnGrantedTime {
                span: Some(CsnSpan {
                    start: Some("2026-W36".to_owned()),
                    end: Some("2027-W02".to_owned()),
                    days: None,
                }),
                pace_percent: Some(50),
                total: Some("46000".to_owned()),
                ..CsnGrantedTime::default()
            }],
            plan: vec![CsnPlanPayment::default()],
            ..CsnCase::default()
        }],
        ..CsnSection::default()
    };
    let skv = SkvSection {
        years: vec![SkvIncomeYear {
            year: 2025,
            earned_income: Some("210000".to_owned()),
            ..SkvIncomeYear::default()
        }],
        documents: vec![SkvDocument { part: SkvPart::Whole.into(), text: None }],
        ..SkvSection::default()
    };
    let tns = TnsSection {
        vehicles: Some(TnsVehicles {
            vehicles: vec![TnsVehicle {
                registration_number: "ABC123".to_owned(),
                make: "VOLVO".to_owned(),
                ..TnsVehicle::default()
            }],
        }),
        ..TnsSection::default()
    };
    let miv = MivSection {
        home_country: Some("SYRIEN".to_owned()),
        matters: vec![MivMatter {
            kind: Some("Uppehållstillstånd".to_owned()),
            decision: Some("Bifall".to_owned()),
            valid_from: Some("2024-05-01".to_owned()),
            validity: Some("PERMANENT".to_owned()),
            ..MivMatter::default()
        }],
        ..MivSection::default()
    };
    let mut answer = canned::empty_answer();
    for (n, section) in [
        (1, Agency::Csn(csn)),
        (2, Agency::Fk(fk)),
        (3, Agency::Skv(skv)),
        (5, Agency::Tns(tns)),
        (6, Agency::Miv(miv)),
    ] {
        answer.sources[n].section = Some(Section { agency: Some(section) });
    }
    let shown = shown(answer).await;
    let expected = "
  CSN Centrala studiestödsnämnden
    studiemedel: Grundläggande vuxenutbildning, decided (beslutat)
      granted: 2026-W36 – 2027-W02, pace 50 %, in all 46 000 kr
    folded lines: 1 (--all shows them)
  FK Försäkringskassan
    the person
      child (barn): PROTECTED IDENTITY
      child (barn): nothing more stated
    bostadsbidrag: active
      decision (beslut): decided 2026-08-31, provisional, per Månad, from 2026-09-01, gross 2 051 kr
    owes maintenance support (underhållsskuld): 9 435 kr
  SKV Skatteverket
    income year: 2025, earned income (fastställd förvärvsinkomst) 210 000 kr
    Skatteverket's documents may state more than is read out here
    folded lines: 1 (--all shows them)
  TNS Transportstyrelsen
    vehicle (fordon): ABC123, VOLVO
  MIV Migrationsverket
    home country (hemland): SYRIEN
    matter (ärende): Uppehållstillstånd, decision Bifall, valid from 2024-05-01, permanent
";
    assert!(shown.contains(&expected[1..]), "{shown}");
}
