//! A board's agreement and its accounts, one fact a line.

use ssbtek_proto::broker::v1::{
    AccountKind, AccountReport, AgentNotice, GetBoardResponse, ProcessorAgreementVariant,
    PublishedLegalBasis, RegisteredCertificate, SetRulesRequest, SystemAccount, TakenStep,
};

/// One provision: what it covers, when it holds, its text.
pub fn legal_basis(told: &PublishedLegalBasis) -> String {
    let PublishedLegalBasis { information, text, valid_from, valid_to } = told;
    let until = if valid_to.is_empty() { "on" } else { valid_to };
    format!("{information:<24}  {valid_from} – {until:<10}  {text}")
}

/// Where a board's connection stands, every step that led there, and what it rests on.
pub fn agreement(told: &GetBoardResponse) -> Vec<String> {
    let mut lines = vec![format!("{}: {} (version {})", told.name, told.state, told.version)];
    for TakenStep { step, by, at, document_sha256, on } in &told.history {
        let on = if on.is_empty() { String::new() } else { format!(" on {on}") };
        lines.push(format!("{at}  {step}{on} by {by}, document {document_sha256}"));
    }
    lines.extend(told.ended_on.iter().map(|on| format!("last day {on}")));
    lines.extend(told.purge_due_on.iter().map(|due| format!("purge due {due}")));
    lines.push(match &told.contact {
        Some(contact) => format!("contact  {}, {}, {}", contact.name, contact.email, contact.phone),
        None => "contact  none".to_owned(),
    });
    lines.push(processor_agreement(told));
    if told.power_of_attorney_needed {
        let sha256 = &told.power_of_attorney_sha256;
        let there =
            if sha256.is_empty() { "NONE, and needed".to_owned() } else { format!("document {sha256}") };
        lines.push(format!("power of attorney  {there}"));
    }
    lines.extend(told.certificates.iter().map(own_certificate));
    lines.extend(told.approved_sub_processors.iter().map(|sub| format!("sub-processor  {sub}  approved")));
    lines.extend(
        told.unapproved_sub_processors.iter().map(|sub| format!("sub-processor  {sub}  NOT approved")),
    );
    lines.extend(told.rules.iter().flat_map(rules));
    lines.extend(told.notifications.iter().map(notice));
    lines.extend(who_asks(told));
    lines
}

/// What the log can and cannot say of who asked, where a system asks or the board attests its cases itself.
fn who_asks(told: &GetBoardResponse) -> Vec<String> {
    let attests = !told.attests_cases_from.is_empty();
    let mut lines = vec![];
    if attests {
        let (from, until) = (&told.attests_cases_from, &told.attests_cases_until);
        lines.push(format!("attestation  the board attests its cases itself, {from} – {until}"));
    }
    for SystemAccount { id, responsible, blocked } in &told.system_accounts {
        let blocked = if *blocked { "  BLOCKED" } else { "" };
        lines.push(format!("system account  {id}  {responsible} answers for it{blocked}"));
    }
    if !told.system_accounts.is_empty() {
        lines.push(
            "the log says of what a system asked: the board, the system, who answers for it, about whom, when, in which case, on what \
             basis, and which agencies answered"
                .to_owned(),
        );
        lines.push(
            "the log CANNOT say which person at the board asked: only the board's own system can".to_owned(),
        );
    }
    if attests {
        lines.push(
            "the log CANNOT say of an attested case in which role the person stands, or who lives with the person: only the board's own \
             system can"
                .to_owned(),
        );
    }
    lines
}

fn notice(told: &AgentNotice) -> String {
    let AgentNotice { agent, from, document_sha256, signed_by_board_at, ended_at, .. } = told;
    let stands = match (ended_at.as_str(), signed_by_board_at.as_str()) {
        ("", "") => "PENDING: not signed by the board".to_owned(),
        ("", at) => format!("signed by the board {at}"),
        (at, _) => format!("ended {at}"),
    };
    format!("agent  {agent}  from {from}  document {document_sha256}  {stands}")
}

fn processor_agreement(told: &GetBoardResponse) -> String {
    let (version, instructions) = (&told.processor_agreement_version, &told.processor_instructions_version);
    let variant = match told.processor_agreement_variant() {
        ProcessorAgreementVariant::Unspecified => return "processor agreement  none".to_owned(),
        ProcessorAgreementVariant::Provider => "the provider's text",
        ProcessorAgreementVariant::Common => "the common text",
    };
    format!("processor agreement  {variant}, version {version}, instructions {instructions}")
}

fn rules(rules: &SetRulesRequest) -> Vec<String> {
    let hours = rules.hours_from.iter().zip(&rules.hours_to).map(|(from, to)| {
        let days = if rules.weekdays_only { " on weekdays" } else { "" };
        format!("rule  asks from {from} to {to}{days}")
    });
    let most =
        rules.max_questions_an_hour.iter().map(|most| format!("rule  at most {most} questions an hour"));
    let days =
        rules.max_provisional_days.iter().map(|days| format!("rule  provisional cases {days} days at most"));
    let checked = rules
        .household_check_days
        .iter()
        .map(|days| format!("rule  other adults of a household asked about within {days} days"));
    let mut lines: Vec<String> = hours.chain(most).chain(days).chain(checked).collect();
    if rules.names_of_protected {
        lines.push("rule  tells what a protected person asked about is called".to_owned());
    }
    if rules.protected_named_only {
        lines.push(format!("rule  protected persons only for: {}", rules.protected_accounts.join(", ")));
    }
    if !rules.never_asked.is_empty() {
        lines.push(format!("rule  never asks {}", rules.never_asked.join(", ")));
    }
    lines
}

/// One certificate of a board, which its administrator confirms.
fn own_certificate(told: &RegisteredCertificate) -> String {
    let waits = told.confirmed_at.is_empty() && told.revoked_at.is_empty();
    let waits = if waits { "  NOT CONFIRMED by the board's administrator: opens no door" } else { "" };
    certificate(told) + waits
}

/// One registered certificate.
pub fn certificate(told: &RegisteredCertificate) -> String {
    let RegisteredCertificate { sha256, proven_at, revoked_at, .. } = told;
    match (revoked_at.as_str(), proven_at.as_str()) {
        ("", "") => format!("certificate  {sha256}"),
        ("", proven) => format!("certificate  {sha256}  proven {proven}"),
        (revoked, _) => format!("certificate  {sha256}  REVOKED {revoked}"),
    }
}

/// One line of the report on accounts.
pub fn account(told: &AccountReport) -> String {
    let when = |at: &str| if at.is_empty() { "never".to_owned() } else { at.to_owned() };
    let mut line = format!(
        "{}  {}  last question {}, followed up {}",
        told.id,
        told.name,
        when(&told.last_question_at),
        when(&told.followed_up_at)
    );
    for (marked, mark) in [
        (told.blocked, "BLOCKED"),
        (!told.confirmed, "instructions NOT confirmed"),
        (told.dormant, "DORMANT"),
        (told.not_nameable, "its id is in a form that NOBODY CAN NAME any more: register it anew"),
        (!told.twins.is_empty(), "READS LIKE ANOTHER account's id"),
    ] {
        if marked {
            line.push_str("; ");
            line.push_str(mark);
        }
    }
    if told.kind() == AccountKind::System {
        line.push_str(&format!("; a SYSTEM: does not say who asks; {} answers for it", told.responsible));
    }
    line
}
