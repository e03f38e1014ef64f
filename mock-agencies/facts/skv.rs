//! What Skatteverket knows about a generated person, by whole income years. The documents' form is made up: the real one
//! is not public.

use chrono::{Datelike, Months};
use ssbtek_domain::{
    Amount, NaiveDate, Period,
    sections::skv::{
        Appendix, Company, IncomeYear, IndividualStatement, Part, Payer, Property, Section, TaxAccount,
    },
};
use ssbtek_formats::skv::write;

use crate::population::{Situation, TestPerson};

/// Made-up employers; their check digits are wrong on purpose.
const PAYERS: [(&str, &str); 3] = [
    ("169900000013", "Påhittade Bruket AB"),
    ("169900000021", "Ingenstans kommun"),
    ("169900000039", "Uppdiktade Livs AB"),
];

/// The facts of contract v11, all five parts, over the income years that a period touches.
pub fn section(person: &TestPerson, period: &Period, today: NaiveDate) -> Section {
    let years: Vec<i32> = (period.from().year()..=period.to().year()).collect();
    for_years(person, &years, &Part::ALL, today)
}

/// The facts of chosen income years and parts.
pub fn for_years(person: &TestPerson, years: &[i32], parts: &[Part], today: NaiveDate) -> Section {
    let wanted = |part: Part| parts.contains(&part);
    let mut section = Section { person: Some(person.number.clone()), ..Section::default() };
    for year in years {
        let adult = NaiveDate::from_ymd_opt(*year, 12, 31)
            .and_then(|end| person.number.age_on(end))
            .is_some_and(|age| age >= 18);
        if wanted(Part::TaxData) && adult && *year < today.year() {
            section.years.push(income_year(person, *year));
        }
        if wanted(Part::IndividualStatements) && adult {
            section.statements.extend(statements(person, *year, today));
        }
        if wanted(Part::TaxAppendices) && is_trader(person) && *year < today.year() {
            section.appendices.push(Appendix { year: Some(*year), kind: "NE".to_owned() });
        }
    }
    if wanted(Part::TaxAccount) && person.situation != Situation::Child {
        let balance = i64::try_from(person.seed % 4_000).unwrap_or_default() - 2_500;
        section.tax_account = Some(TaxAccount { balance: kronor(balance), as_of: Some(today) });
    }
    if wanted(Part::CompanyInformation) && is_trader(person) {
        section.companies.push(Company {
            // A sole trader's number is the person's own.
            number: Some(person.number.expose().to_owned()),
            name: Some(format!("{} snickeri", person.family_name)),
            approved_for_f_tax: Some(true),
            registered_for_vat: Some(person.seed.is_multiple_of(8)),
        });
    }
    with_documents(section, parts)
}

/// The facts with the documents that say so: of v11, the parts that are wanted.
pub fn with_documents(mut section: Section, parts: &[Part]) -> Section {
    section.documents = write::json(&section, parts);
    section
}

/// The same facts as the only document of contract v10.
pub fn as_xml(section: &Section) -> String {
    write::xml(section)
}

fn is_trader(person: &TestPerson) -> bool {
    person.situation != Situation::Child && person.seed.is_multiple_of(4)
}

fn income_year(person: &TestPerson, year: i32) -> IncomeYear {
    let draw = |step: u64, below: u64| {
        let mixed = person.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(step as u32 % 63) ^ step;
        i64::try_from(mixed.wrapping_add(year.unsigned_abs().into()) % below).unwrap_or_default()
    };
    let earned = 20_000 + draw(1, 280_000);
    let owner = person.seed.is_multiple_of(6);
    IncomeYear {
        year,
        earned_income: kronor(earned),
        business_surplus: is_trader(person).then(|| kronor(draw(2, 60_000))).flatten(),
        capital_surplus: person.seed.is_multiple_of(2).then(|| kronor(draw(3, 9_000))).flatten(),
        capital_deficit: (!person.seed.is_multiple_of(2)).then(|| kronor(draw(4, 20_000))).flatten(),
        property_fee_base: owner.then(|| kronor(400_000)).flatten(),
        final_tax: kronor(earned * 3 / 10),
        properties: owner
            .then(|| Property {
                designation: Some(format!("Påhittad {}:{}", person.seed % 9 + 1, person.seed % 31 + 1)),
                assessed_value: kronor(400_000),
            })
            .into_iter()
            .collect(),
    }
}

/// One statement a month: students in summer, the others until they stopped working.
fn statements(person: &TestPerson, year: i32, today: NaiveDate) -> Vec<IndividualStatement> {
    let months = match person.situation {
        Situation::Student => 6..=8,
        Situation::Jobseeker | Situation::SickListed | Situation::Parent => {
            1..=u32::try_from(person.seed % 9).unwrap_or_default() + 1
        }
        Situation::Pensioner | Situation::Newcomer | Situation::Child => return vec![],
    };
    let payer = PAYERS.get((person.seed % 3) as usize).copied();
    let gross = 14_000 + i64::try_from(person.seed % 16_000).unwrap_or_default();
    months
        .filter_map(|month| NaiveDate::from_ymd_opt(year, month, 1))
        .filter_map(|first| Period::new(first, first.checked_add_months(Months::new(1))?.pred_opt()?).ok())
        .filter(|month| month.to() <= today)
        .map(|month| IndividualStatement {
            month: Some(month),
            payer: payer.map(|(number, name)| Payer { number: Some(number.into()), name: Some(name.into()) }),
            gross: kronor(gross),
            tax: kronor(gross * 3 / 10),
        })
        .collect()
}

fn kronor(kronor: i64) -> Option<Amount> {
    Amount::from_kronor(kronor).ok()
}
