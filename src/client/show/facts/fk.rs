//! Försäkringskassan.

use ssbtek_proto::agency::v1::{FkGeneralInformation, FkPerson, FkSection, FkSicknessIncome};

use super::{Facts, fk_matters, fk_pension};
use crate::show::phrases::{code, count, extent, joined, money, span, with};

pub(super) fn lines(section: &FkSection, facts: &mut Facts) {
    section.general_information.iter().for_each(|of| person(of, facts));
    section.matters.iter().for_each(|matter| fk_matters::lines(matter, facts));
    for assignment in &section.program_assignments {
        let text = joined([
            assignment.program.as_ref().and_then(code),
            assignment.period.as_ref().and_then(span),
            with("extent ", assignment.extent.as_ref().and_then(extent)),
        ]);
        facts.labelled("programme (programanvisning)", &text);
    }
    for days in &section.program_job_days {
        let text = joined([
            days.used.map(|used| format!("{used} used")),
            days.all_used
                .map(|all| if all { "all are used".to_owned() } else { "not all are used".to_owned() }),
        ]);
        facts.labelled("days in jobb- och utvecklingsgarantin", &text);
    }
    section.sickness_incomes.iter().for_each(|of| sickness_income(of, facts));
    for settled in &section.reconciliations {
        let amounts: Vec<String> = settled
            .amounts
            .iter()
            .filter_map(|named| Some(format!("{} {}", named.name, money(named.money.as_ref()?)?)))
            .collect();
        let text = joined([settled.year.clone(), Some(amounts.join(", "))]);
        facts.labelled("settlement of sjukersättning (steglös avräkning)", &text);
    }
    for notice in &section.study_notices {
        let text = joined([notice.kind.as_ref().and_then(code), notice.period.as_ref().and_then(span)]);
        facts.labelled("notice of student aid (studiemedelsavisering)", &text);
    }
    for debt in section.maintenance_debts.iter().filter_map(money) {
        facts.labelled("owes maintenance support (underhållsskuld)", &debt);
    }
    for certificate in &section.life_certificates {
        let text = joined([certificate.status.as_ref().and_then(code), certificate.updated.clone()]);
        facts.labelled("life certificate (levnadsintyg)", &text);
    }
    for balance in &section.pension_balances {
        let text = joined([
            with("income pension ", balance.amount.as_ref().and_then(money)),
            with("premium pension ", balance.premium_amount.as_ref().and_then(money)),
        ]);
        facts.labelled("pension balance (intjänandebehållning)", &text);
    }
    if !section.pension_years.is_empty() {
        let years: Vec<String> =
            section.pension_years.iter().filter_map(|of| of.year).map(|y| y.to_string()).collect();
        facts.labelled("pension earned (intjänande), years", &years.join(", "));
    }
    if let Some(pension) = &section.pension_agency {
        fk_pension::lines(pension, facts);
    }
    if section.matters.is_empty() {
        facts.none("matters (ärenden) at FK");
    }
}

fn person(of: &FkGeneralInformation, facts: &mut Facts) {
    facts.labelled("name", of.name.as_deref().unwrap_or_default());
    facts.labelled("died (avliden)", &of.died.join(", "));
    facts.labelled("civil status (civilstånd)", &of.civil_status.as_ref().and_then(code).unwrap_or_default());
    for address in &of.addresses {
        let roles: Vec<String> = address.roles.iter().filter_map(code).collect();
        let town = joined([address.postal_code.clone(), address.town.clone()]).replace(", ", " ");
        let text =
            joined([Some(address.lines.join(", ")), Some(town), address.country.as_ref().and_then(code)]);
        facts.labelled(&format!("address ({})", roles.join(", ")), &text);
    }
    for workplace in &of.workplaces {
        let text = joined([workplace.name.clone(), workplace.occupation.clone()]);
        facts.labelled("workplace (arbetsställe)", &text);
    }
    for place in &of.registered_in {
        let text = joined([
            with("county ", place.county.as_ref()),
            with("municipality ", place.municipality.as_ref()),
        ]);
        facts.labelled("registered in (folkbokförd)", &text);
    }
    let citizen: Vec<String> =
        of.citizenships.iter().filter_map(|citizen| citizen.country.as_ref().and_then(code)).collect();
    facts.labelled("citizenship (medborgarskap)", &citizen.join(", "));
    facts.labelled("children (barn)", &others(&of.children));
    facts.labelled("relatives (samhöriga)", &others(&of.relatives));
}

fn others(persons: &[FkPerson]) -> String {
    let protected = persons.iter().filter(|person| person.protected_identity == Some(true)).count();
    joined([
        (!persons.is_empty()).then(|| count(persons.len(), "person", "persons")),
        (protected > 0).then(|| format!("{protected} WITH PROTECTED IDENTITY")),
    ])
}

fn sickness_income(of: &FkSicknessIncome, facts: &mut Facts) {
    let text = joined([
        of.kind.as_ref().and_then(code),
        with("from employment ", of.employment.as_ref().and_then(money)),
        with("from own business ", of.business.as_ref().and_then(money)),
        with("established ", of.established.as_ref()),
    ]);
    facts.labelled("SGI, a year", &text);
}
