//! What a right answer is, known from the population that the mocks answer from.

use anyhow::{Context, Result, ensure};
use mock_agencies::{TestPerson, facts};
use ssbtek_domain::{
    Agency, FundCode, HoldBack, NaiveDate, Outcome, Period, Personnummer, Protection, Source,
    sections::Section, verdict::withhold,
};
use ssbtek_proto::broker::v1::{AskResponse, Role, SourceReport};
use ssbtek_transparency::{Hash, NoteVerifier, Receipt, Trust, verify_receipt};

/// One source's truth about one person.
struct Truth {
    source: Source,
    outcome: Outcome,
    section: Option<Section>,
}

/// The truth about one person.
pub(crate) struct Expected {
    person_number: String,
    person: Personnummer,
    protection: Protection,
    sources: Vec<Truth>,
}

impl Expected {
    pub(crate) fn of(
        person: &TestPerson,
        sources: &[String],
        period: &Period,
        today: NaiveDate,
    ) -> Result<Self> {
        let truth = |code: &String| {
            let source = source(code).context("an unknown source")?;
            if person.unknown_at.contains(&source.agency()) {
                return Ok(Truth { source, outcome: Outcome::NoSuchPerson, section: None });
            }
            let section = facts::section(&source, person, period, today);
            let parts = facts::parts(&source, &section);
            let outcome =
                Outcome::of_parts(parts.iter().map(|part| part.outcome)).unwrap_or(Outcome::Answered);
            Ok(Truth { source, outcome, section: Some(section) })
        };
        Ok(Self {
            person_number: person.number.expose().to_owned(),
            person: person.number.clone(),
            protection: person.protection,
            sources: sources.iter().map(truth).collect::<Result<_>>()?,
        })
    }

    /// The floor's answer: every source's own, in order. `deep`: every fact, too.
    pub(crate) fn check_floor(&self, answer: &AskResponse, deep: bool) -> Result<()> {
        ensure!(answer.person_number == self.person_number, "an answer about another person");
        ensure!(answer.sources.len() == self.sources.len(), "a source is missing");
        for (truth, said) in self.sources.iter().zip(&answer.sources) {
            truth.check(said)?;
            if deep {
                let section = truth.section.as_ref().map(ssbtek_wire::section);
                ensure!(said.section == section, "{}: other facts than the mock's", said.source);
            }
        }
        Ok(())
    }

    /// What is held back for somebody else's sake.
    fn for_another(&self) -> HoldBack {
        let sections = || self.sources.iter().filter_map(|truth| truth.section.as_ref());
        if sections().any(|section| section.facts().flags_another()) {
            HoldBack::Home
        } else {
            HoldBack::Nothing
        }
    }

    /// The broker's answer: merged, reduced, logged. `deep`: every fact and the receipt, too.
    pub(crate) fn check_broker(&self, answer: &AskResponse, trust: Option<&Trust>) -> Result<()> {
        ensure!(answer.person_number == self.person_number, "an answer about another person");
        ensure!(answer.entry_id.len() == 32 && answer.receipt.is_some(), "an answer that was not logged");
        ensure!(answer.sources.len() == Agency::ALL.len(), "an agency is missing");
        let conclusive = self.sources.iter().all(|truth| truth.outcome.is_conclusive());
        ensure!(answer.complete == conclusive, "the answer is not complete");
        let agencies = self.sources.iter().filter(|truth| matches!(truth.source, Source::Agency(_)));
        for truth in agencies {
            let said = self.report(answer, truth.source.agency())?;
            truth.check(said)?;
            if trust.is_some() {
                let level = said_protection(answer).context("no protection level")?;
                let held = level.hold_back().max(self.for_another());
                let section = truth.section.clone().map(|mut section| {
                    if let Section::Skv(skv) = &mut section {
                        ssbtek_formats::skv::reduce::documents(skv, &self.person);
                    }
                    section.facts_mut().withhold_third_parties();
                    withhold(section.facts_mut(), held, false);
                    ssbtek_wire::section(&section)
                });
                ensure!(said.section == section, "{}: other facts than the mock's", said.source);
            }
        }
        let funds = self.sources.iter().filter(|truth| matches!(truth.source, Source::Fund(_)));
        let so = self.report(answer, Agency::So)?;
        ensure!(so.parts.len() == funds.clone().count(), "a fund is missing");
        for (truth, part) in funds.zip(&so.parts) {
            ensure!(part.outcome == wire(truth.outcome), "SO: a fund has another outcome than the mock's");
        }
        let said = said_protection(answer).context("no protection level")?;
        ensure!(
            self.protection == Protection::None || said != Protection::None,
            "a protected person is said not to be"
        );
        trust.map_or(Ok(()), |trust| verify(answer, trust))
    }

    fn report<'a>(&self, answer: &'a AskResponse, agency: Agency) -> Result<&'a SourceReport> {
        answer.sources.iter().find(|report| report.source == agency.code()).context("an agency is missing")
    }
}

impl Truth {
    fn check(&self, said: &SourceReport) -> Result<()> {
        ensure!(said.source == self.source.code(), "a source is missing");
        ensure!(said.outcome == wire(self.outcome), "{}: another outcome than the mock's", said.source);
        ensure!(said.section.is_some() == self.section.is_some(), "{}: facts are missing", said.source);
        Ok(())
    }
}

/// Whom to trust for this log.
pub(crate) fn trust(log_key: &str) -> Result<Trust> {
    let key = NoteVerifier::parse(log_key)?;
    let origin = key.name().as_str().to_owned();
    Ok(Trust::new(origin, vec![key], vec![], 0)?)
}

fn verify(answer: &AskResponse, trust: &Trust) -> Result<()> {
    let receipt = answer.receipt.as_ref().context("an answer without a receipt")?;
    let hash = |bytes: &[u8]| Hash::try_from(bytes).map_err(|_| anyhow::anyhow!("no hash in the receipt"));
    let receipt = Receipt {
        leaf_hash: hash(&receipt.leaf_hash)?,
        index: receipt.leaf_index,
        proof: receipt.inclusion.iter().map(|step| hash(step)).collect::<Result<_>>()?,
        checkpoint: receipt.checkpoint.clone(),
    };
    verify_receipt(&receipt, trust).context("a receipt does not verify")?;
    Ok(())
}

fn said_protection(answer: &AskResponse) -> Option<Protection> {
    use ssbtek_proto::broker::v1::Protection as Said;
    Some(match Said::try_from(answer.protection.as_ref()?.level).ok()? {
        Said::Unspecified => return None,
        Said::None => Protection::None,
        Said::NotKnown => Protection::NotKnown,
        Said::Sekretessmarkering => Protection::Sekretessmarkering,
        Said::SkyddadFolkbokforing => Protection::SkyddadFolkbokforing,
    })
}

fn wire(outcome: Outcome) -> i32 {
    ssbtek_wire::outcome_to_proto(outcome).into()
}

fn source(code: &str) -> Option<Source> {
    let agency = Agency::ALL.into_iter().find(|agency| agency.code() == code).map(Source::Agency);
    agency.or_else(|| FundCode::parse(code).map(Source::Fund))
}

/// A person's role as the contract has it.
pub(crate) fn role(person: &TestPerson) -> Role {
    match person.role {
        ssbtek_domain::Role::Applicant => Role::Applicant,
        ssbtek_domain::Role::CoApplicant => Role::CoApplicant,
        ssbtek_domain::Role::Child => Role::Child,
    }
}
