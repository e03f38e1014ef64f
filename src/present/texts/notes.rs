//! What the reader must know of a source's answer.

crate::texts! {
    narrowed: "frågat om kortare tid än önskat", "asked about less time than wanted";
    widened: "frågat om längre tid än önskat", "asked about more time than wanted";
    truncated: "en lista är så lång som källan tillåter; det kan finnas mer",
        "a list is as long as the source allows; there may be more";
    unknown_code: "en kod utanför den publicerade listan, återgiven som den kom",
        "a code outside the published list, kept as it came";
    not_asked_for: "svaret innehöll något som inte efterfrågats, och det är utelämnat",
        "the answer held what was not asked for, and it is left behind";
    case_alias: "ärendet har en annan beteckning hos källan, som inte tar emot en så lång",
        "the case has another identity towards the source, which takes no longer one";
    cannot_be_asked: "frågan bryter mot källans egen regel och skickades inte",
        "the question breaks the source's own rule and was not sent";
    missing: "ett fält som källans kontrakt kräver saknades",
        "a field that the source's contract requires was not there";
    not_understood: "ett fält gick inte att förstå och är utelämnat",
        "a field could not be understood and is left out";
    passed_over: "något som inte finns i källans kontrakt är förbigått",
        "something that the source's contract does not have was passed over";
    rounded: "inget exakt belopp: avrundat till ören", "no exact amount: rounded to öre";
    other_version: "av en annan version av källans kontrakt; läst så långt det går",
        "of another version of the source's contract; read as far as it goes";
    note: "anmärkning", "note";

    rule_csn_period: "CSN svarar för två månader bakåt och en månad framåt",
        "CSN answers for two months back and one month ahead";
    rule_lefi_period: "LEFI: högst två år", "LEFI: at most two years";
    rule_none: "inget av tiden får frågas enligt källans egen regel",
        "nothing of the period may be asked under the source's own rule";
    rule_skv_years: "Skatteverket känner bara hela inkomstår: de som tiden berör",
        "Skatteverket knows whole income years: those that the period touches";
    rule_csn_case: "CSN tar emot högst 31 tecken av ärendets beteckning",
        "CSN takes at most 31 characters of a case's identity";
    rule_csn_officer: "handläggarens beteckning är längre än de 31 tecken som CSN tar emot, eller har ett som XML inte kan bära",
        "handlaggare has more than the 31 characters that CSN takes, or one that XML cannot carry";
    rule_csn_case_asked: "ärendets beteckning är längre än de 31 tecken som CSN tar emot, eller har ett som XML inte kan bära",
        "arendeidentitet has more than the 31 characters that CSN takes, or one that XML cannot carry";
    rule_case_length: "ärendets beteckning är längre än 31 tecken",
        "the case's identity is longer than 31 characters";
    overlap_study_more: "arbetslöshetsersättning och studiestöd för samma dagar, tillsammans mer än heltid",
        "unemployment compensation and study support over the same days, together more than full time";
    overlap_study_open: "arbetslöshetsersättning och studiestöd för samma dagar; omfattningen är inte känd",
        "unemployment compensation and study support over the same days; the extent is not known";
    overlap_work_more: "arbetslöshetsersättning och en förmån i stället för arbete för samma dagar, tillsammans mer än heltid",
        "unemployment compensation and a benefit in place of work over the same days, together more than full time";
    overlap_work_open: "arbetslöshetsersättning och en förmån i stället för arbete för samma dagar; omfattningen är inte känd",
        "unemployment compensation and a benefit in place of work over the same days; the extent is not known";
    other_family_name: "myndigheterna har olika efternamn för personen",
        "the agencies have different family names for the person";
    other_given_name: "myndigheterna har inget förnamn gemensamt för personen",
        "the agencies have no given name in common for the person";
    other_number: "myndigheten svarade om ett annat nummer än det frågade; svaret underkändes",
        "the agency answered about another number than it was asked about; its answer was refused";
}

/// The broker's own fixed texts, which come in English; one that this table does not have stays as it came.
const FIXED: [fn(crate::Language) -> &'static str; 15] = [
    rule_csn_period,
    rule_lefi_period,
    rule_none,
    rule_skv_years,
    rule_csn_case,
    rule_csn_officer,
    rule_csn_case_asked,
    rule_case_length,
    overlap_study_more,
    overlap_study_open,
    overlap_work_more,
    overlap_work_open,
    other_family_name,
    other_given_name,
    other_number,
];

/// A fixed text of the broker's, in this language.
pub(crate) fn fixed(language: crate::Language, text: &str) -> &str {
    let known = FIXED.into_iter().find(|of| of(crate::Language::English) == text);
    known.map_or(text, |of| of(language))
}
