//! The contract's enums in words.

use crate::Language;

/// A value of an enum, in words; `None` where this table is older than the value.
pub(in crate::facts) fn value(language: Language, name: &str) -> Option<&'static str> {
    let (_, swedish, english) = VALUES.iter().find(|(known, ..)| *known == name)?;
    Some(match language {
        Language::Swedish => swedish,
        Language::English => english,
    })
}

/// The contract's name, Swedish, English.
const VALUES: &[(&str, &str, &str)] = &[
    ("CSN_MARK_ABSENT", "inte angivet", "not stated"),
    ("CSN_MARK_BLANK", "nej", "no"),
    ("CSN_MARK_YES", "ja", "yes"),
    ("CSN_MARK_UNKNOWN", "okänd markering", "unknown mark"),
    ("CSN_CASE_STATUS_UNSTATED", "status inte angiven", "status not stated"),
    ("CSN_CASE_STATUS_INITIATED", "initierat", "initiated (initierat)"),
    ("CSN_CASE_STATUS_DECIDED", "beslutat", "decided (beslutat)"),
    ("CSN_CASE_STATUS_CLOSED", "avslutat", "closed (avslutat)"),
    ("CSN_CASE_STATUS_UNKNOWN", "okänd status", "unknown status"),
    ("CSN_PAYMENT_STATUS_PLANNED", "planerad", "planned"),
    ("CSN_PAYMENT_STATUS_PAID", "utbetald", "paid"),
    ("CSN_PAYMENT_STATUS_UNKNOWN", "okänd status", "unknown status"),
    ("SKV_PART_WHOLE", "hela svaret", "the whole answer"),
    ("SKV_PART_COMPANY_INFORMATION", "företagsinformation", "company information (företagsinformation)"),
    ("SKV_PART_INDIVIDUAL_STATEMENTS", "individuppgifter", "individual statements (individuppgifter)"),
    ("SKV_PART_TAX_ACCOUNT", "skattekonto", "tax account (skattekonto)"),
    ("SKV_PART_TAX_DATA", "skatteuppgifter", "tax data (skatteuppgifter)"),
    ("SKV_PART_TAX_APPENDICES", "beskattningsbilagor", "tax appendices (beskattningsbilagor)"),
    ("FK_PERSON_ROLE_BARN", "barn", "child (barn)"),
    ("FK_PERSON_ROLE_HEMMAVARANDEBARN", "hemmavarande barn", "child living at home"),
    ("FK_PERSON_ROLE_TIDVISBOENDEBARN", "tidvis boende barn", "child staying some of the time"),
    ("FK_PERSON_ROLE_VAXELVISBOENDEBARN", "växelvis boende barn", "child living alternately"),
    ("FK_PERSON_ROLE_MEDSOKANDE", "medsökande", "co-applicant (medsökande)"),
    ("FK_PERSON_ROLE_AVLIDEN", "avliden", "deceased (avliden)"),
    ("FK_PERSON_ROLE_PERSONUPPGIFT", "den som bidraget gäller", "whom the allowance is about"),
    ("FK_PERSON_ROLE_UTBETALNINGSMOTTAGARE", "utbetalningsmottagare", "payee (utbetalningsmottagare)"),
    ("FK_PERSON_ROLE_OVRIGABERATTIGADEEFTERLEVANDE", "annan efterlevande", "another survivor"),
    ("FK_MATTER_KIND_AKTIVITETSSTODSARENDE", "aktivitetsstöd", "aktivitetsstöd"),
    ("FK_MATTER_KIND_ALLMANPENSIONSARENDE", "allmän pension", "allmän pension"),
    (
        "FK_MATTER_KIND_ARBETSSKADEEFTERLEVANDEARENDE",
        "arbetsskadelivränta, efterlevande",
        "arbetsskadelivränta, efterlevande",
    ),
    (
        "FK_MATTER_KIND_ARBETSSKADEEGENLIVRANTEARENDE",
        "arbetsskadelivränta, egen",
        "arbetsskadelivränta, egen",
    ),
    ("FK_MATTER_KIND_BARNBIDRAGSARENDE", "barnbidrag", "barnbidrag"),
    ("FK_MATTER_KIND_BOSTADSBIDRAGSARENDE", "bostadsbidrag", "bostadsbidrag"),
    ("FK_MATTER_KIND_BOSTADSTILLAGGSARENDE", "bostadstillägg", "bostadstillägg"),
    ("FK_MATTER_KIND_EFTERLEVANDEPENSIONSARENDE", "efterlevandepension", "efterlevandepension"),
    ("FK_MATTER_KIND_MOTTAGAREAVBARNBIDRAG", "mottagare av barnbidrag", "mottagare av barnbidrag"),
    ("FK_MATTER_KIND_FORALDRAPENNINGARENDE", "föräldrapenning", "föräldrapenning"),
    ("FK_MATTER_KIND_FOREBYGGANDESJUKPENNINGSARENDE", "förebyggande sjukpenning", "förebyggande sjukpenning"),
    ("FK_MATTER_KIND_HANDIKAPPERSATTNINGSARENDE", "handikappersättning", "handikappersättning"),
    ("FK_MATTER_KIND_GRAVIDITETSPENNINGSARENDE", "graviditetspenning", "graviditetspenning"),
    ("FK_MATTER_KIND_MERKOSTNADSERSATTNINGSARENDE", "merkostnadsersättning", "merkostnadsersättning"),
    ("FK_MATTER_KIND_NARSTAENDEPENNINGARENDE", "närståendepenning", "närståendepenning"),
    ("FK_MATTER_KIND_OMVARDNADSBIDRAGSARENDE", "omvårdnadsbidrag", "omvårdnadsbidrag"),
    ("FK_MATTER_KIND_PROGRAMERSATTNINGSARENDE", "programersättning", "programersättning"),
    ("FK_MATTER_KIND_REHABERSATTNINGSARENDE", "rehabiliteringsersättning", "rehabiliteringsersättning"),
    (
        "FK_MATTER_KIND_SJUKOCHAKTIVITETSERSATTNINGSARENDE",
        "sjuk- och aktivitetsersättning",
        "sjuk- och aktivitetsersättning",
    ),
    ("FK_MATTER_KIND_SJUKPENNINGARENDE", "sjukpenning", "sjukpenning"),
    ("FK_MATTER_KIND_SMITTBARARERSATTNINGSARENDE", "smittbärarersättning", "smittbärarersättning"),
    (
        "FK_MATTER_KIND_TILLFALLIGFORALDRAPENNINGARENDE",
        "tillfällig föräldrapenning",
        "tillfällig föräldrapenning",
    ),
    (
        "FK_MATTER_KIND_TOTALFORSVARSPLIKTSARENDE",
        "dagpenning för totalförsvarspliktiga",
        "dagpenning för totalförsvarspliktiga",
    ),
    ("FK_MATTER_KIND_UNDERHALLSSTODSKRAV", "underhållsstöd, krav", "underhållsstöd, krav"),
    ("FK_MATTER_KIND_UNDERHALLSSTODSMOTTAG", "underhållsstöd, mottaget", "underhållsstöd, mottaget"),
    ("FK_MATTER_KIND_VARDBIDRAGSARENDE", "vårdbidrag", "vårdbidrag"),
    (
        "FK_MATTER_KIND_YRKESSKADEEFTERLEVANDEARENDE",
        "yrkesskadelivränta, efterlevande",
        "yrkesskadelivränta, efterlevande",
    ),
    ("FK_MATTER_KIND_YRKESSKADEEGENLIVRANTEARENDE", "yrkesskadelivränta, egen", "yrkesskadelivränta, egen"),
];
