//! What holding back costs: for how many of the generated persons more is held back than when only what locates was, and by which
//! rule. Printed, and published in docs/PROTECTION.md.

use mock_agencies::{Population, TestPerson, facts};
use ssbtek_domain::{
    Agency, HoldBack, NaiveDate, Period, Protection, Source,
    sections::Section,
    verdict::{FREE_TEXT, UNNAMED, withhold},
};

use super::published;

/// As the mocks' README starts them, but more.
const SEED: u64 = 1;
const HOUSEHOLDS: usize = 1_000;

/// What `withhold` calls what a rule takes out that was told before. A vehicle went before for the person's own sake only.
const RULES: [(&str, &[&str]); 5] = [
    ("what the person is called", &["namn"]),
    (
        "amounts before tax, tax, a year's income",
        &["bruttobelopp", "skattebelopp", "avdragsbelopp", "inkomst", "skatt", "pensionsbehallning"],
    ),
    ("bases of decisions", &[UNNAMED]),
    ("words and codes outside the known ones", &[FREE_TEXT]),
    ("a vehicle, for another's sake", &["fordon"]),
];

/// Adults of one kind of answer, and for how many of them each rule takes something.
#[derive(Default)]
struct Count {
    persons: usize,
    by_rule: [usize; RULES.len()],
    nothing_more: usize,
}

#[test]
fn what_the_rules_cost_is_what_is_published() {
    let today: NaiveDate = "2026-11-22".parse().unwrap();
    let population = Population::generate(SEED, HOUSEHOLDS, today);
    let mut table = String::from("| answers | adults | held back |");
    RULES.iter().for_each(|(rule, _)| table.push_str(&format!(" {rule} |")));
    table.push_str(" nothing more |\n|---|---|---|");
    table.push_str(&"---|".repeat(RULES.len() + 1));
    table.push('\n');
    for (answers, silent) in [
        ("every source answers", None),
        ("FK is silent", Some(Agency::Fk)),
        ("CSN is silent", Some(Agency::Csn)),
    ] {
        for (held, whose) in [
            (HoldBack::Nothing, "nothing"),
            (HoldBack::Home, "for another's sake"),
            (HoldBack::Whereabouts, "for the person's own, or not known"),
        ] {
            let mut count = Count::default();
            for person in population.persons().iter().filter(|person| is_adult(person, today)) {
                let sections = sections(person, silent, today);
                if held_back(&sections, silent) == held {
                    count.add(sections, held);
                }
            }
            let rules: Vec<String> = count.by_rule.iter().map(ToString::to_string).collect();
            table.push_str(&format!(
                "| {answers} | {} | {whose} | {} | {} |\n",
                count.persons,
                rules.join(" | "),
                count.nothing_more
            ));
            assert!(held != HoldBack::Nothing || count.nothing_more == count.persons, "{answers}: {whose}");
        }
    }
    println!("{table}");
    published("costs", &table);
}

fn is_adult(person: &TestPerson, today: NaiveDate) -> bool {
    person.number.age_on(today).is_some_and(|age| age >= 18)
}

/// What each agency that knows the person and answers tells of the last three months.
fn sections(person: &TestPerson, silent: Option<Agency>, today: NaiveDate) -> Vec<Section> {
    let period = Period::new("2026-09-01".parse().unwrap(), today).unwrap();
    Agency::ALL
        .into_iter()
        .filter(|agency| Some(*agency) != silent && !person.unknown_at.contains(agency))
        .map(|agency| facts::section(&Source::Agency(agency), person, &period, today))
        .collect()
}

/// As the merge settles it (`merge/protection.rs`), for answers that either come or do not.
fn held_back(sections: &[Section], silent: Option<Agency>) -> HoldBack {
    let signals = || sections.iter().map(|section| Protection::from_signal(section.facts().protection()));
    // An agency that is silent does not say either that it knows nobody.
    let is_silent = silent.is_some_and(Agency::can_flag_protection);
    let level = signals().max().unwrap_or(Protection::NotKnown);
    let level = if is_silent { level.max(Protection::NotKnown) } else { level };
    let another = sections.iter().any(|one| one.facts().flags_another() || one.facts().leaves_another_open());
    level.hold_back().max(if another { HoldBack::Home } else { HoldBack::Nothing })
}

impl Count {
    fn add(&mut self, sections: Vec<Section>, held: HoldBack) {
        self.persons += 1;
        let mut names = vec![];
        for mut section in sections {
            let vehicle = matches!(&section, Section::Tns(tns) if tns.vehicles.as_ref().is_some_and(|all| !all.is_empty()));
            let found = withhold(section.facts_mut(), held, false);
            // A vehicle counts where there is one.
            names.extend(
                found.into_iter().filter(|name| *name != "fordon" || (vehicle && held == HoldBack::Home)),
            );
        }
        let mut more = false;
        for (rule, count) in RULES.iter().zip(&mut self.by_rule) {
            let takes = rule.1.iter().any(|name| names.contains(name));
            *count += usize::from(takes);
            more |= takes;
        }
        self.nothing_more += usize::from(!more);
    }
}
