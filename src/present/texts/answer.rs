//! The answer.

crate::texts! {
    applicant: "sökande", "applicant (sökande)";
    co_applicant: "medsökande", "co-applicant (medsökande)";
    child: "barn", "child (barn)";
    no_role: "okänd roll", "role not known";
    applicant_short: "sökande", "applicant";
    co_applicant_short: "medsökande", "co-applicant";
    child_short: "barn", "child";
    protected_mark: "SKYDDAD", "PROTECTED";
    not_known_mark: "SKYDD INTE KÄNT", "PROTECTION NOT KNOWN";
    who(number, role, case): "{number} · {role} · ärende {case}", "{number} · {role} · case {case}";
    asked(when, from, to): "frågat {when} om {from} till {to}", "asked {when} about {from} to {to}";
    provisional: "PRELIMINÄRT ÄRENDE: första kontakten, ännu inte bekräftat; det upphör om det inte bekräftas.",
        "PROVISIONAL CASE: first contact, not yet confirmed; it lapses unless it is.";
    complete: "Alla som frågades har svarat fullständigt.", "Every source that was asked has answered in full.";
    in_part: "SVARAT DELVIS: det som källorna nedan inte svarade på är inte känt.",
        "ANSWERED IN PART: what the sources below did not answer is not known.";

    not_protected: "Skyddade personuppgifter: nej. Alla som kan säga det har frågats och sagt nej.",
        "Protected identity: no. Every source that can say so was asked and said no.";
    sekretessmarkering(by): "SKYDDADE PERSONUPPGIFTER: SEKRETESSMARKERING, enligt {by}.",
        "PROTECTED IDENTITY: SEKRETESSMARKERING, said by {by}.";
    skyddad_folkbokforing(by): "SKYDDADE PERSONUPPGIFTER: SKYDDAD FOLKBOKFÖRING, enligt {by}.",
        "PROTECTED IDENTITY: SKYDDAD FOLKBOKFÖRING, said by {by}.";
    the_case: "ärendet eller ett tidigare svar", "the case or an earlier answer";
    protection_not_known: "SKYDDADE PERSONUPPGIFTER: INTE KÄNT. Behandla personen som skyddad.",
        "PROTECTED IDENTITY: NOT KNOWN. Treat the person as protected.";
    remembered: "Nämnden minns skyddet från ett tidigare svar eller ett annat ärende.",
        "The board remembers the protection from an earlier answer or another case.";
    silent(who): "Kunde ha sagt det och gjorde det inte: {who}.", "Could have said so and did not: {who}.";
    not_asked_now(who): "Kunde ha sagt det, men frågades inte den här gången: {who}.",
        "Could have said so, but not asked this time: {who}.";
    another_protected(by): "NÅGON ANNAN I SVARET HAR SKYDDADE PERSONUPPGIFTER, enligt {by}.",
        "ANOTHER PERSON IN THE ANSWER HAS A PROTECTED IDENTITY, said by {by}.";
    household_protected: "NÅGON I HUSHÅLLET HAR SKYDDADE PERSONUPPGIFTER, enligt ärendet eller ett tidigare svar.",
        "A MEMBER OF THE HOUSEHOLD HAS A PROTECTED IDENTITY, says the case or an earlier answer.";
    household_not_checked: "EN ANNAN VUXEN I HUSHÅLLET HAR INTE FRÅGATS OM PÅ SISTONE. Fråga om alla, och sedan igen.",
        "ANOTHER ADULT OF THE HOUSEHOLD HAS NOT BEEN ASKED ABOUT LATELY. Ask about everybody, then again.";
    another_not_known(by): "NÅGON ANNAN I SVARET KAN HA SKYDDADE PERSONUPPGIFTER: {by} säger varken ja eller nej.",
        "ANOTHER PERSON IN THE ANSWER MAY HAVE A PROTECTED IDENTITY: {by} says neither yes nor no.";
    household_held_back(what): "Det som visar var hushållet bor lämnas inte ut: {what}.",
        "What tells where the household lives is held back: {what}.";
    person_held_back(what): "Det som kan visa var personen finns lämnas inte ut: {what}.",
        "What could locate the person is held back: {what}.";
    no_such_field: "inget sådant fält kom", "no such field came";
    named_anyway: "Det nämns vare sig något fanns där eller inte.", "Named whether or not anything was there.";
    others_held_back(what): "Lämnas aldrig ut, eftersom det gäller andra: {what}.",
        "Held back, as always, as it is about others: {what}.";

    more_folded(count): "hopfällda rader: {count} (--all visar dem)", "folded lines: {count} (--all shows them)";
    facts_of(code, name): "{code} {name}", "{code} {name}";
    sources: "Vem har svarat", "Sources";
    told_note(kind, detail): "{kind}: {detail}", "{kind}: {detail}";
    told_note_asked(kind, detail, period): "{kind}: {detail} (frågat om {period})", "{kind}: {detail} (asked about {period})";
    others_here(what): "lämnas inte ut, eftersom det gäller andra: {what}", "held back, as it is about others: {what}";
    original: "1 original följde med", "1 original came along";
    originals(count): "{count} original följde med", "{count} originals came along";
    asked_on(period, basis): "frågat om {period}, med stöd av {basis}", "asked about {period}, on the ground of {basis}";
    asked_without_basis(period): "frågat om {period}", "asked about {period}";
    fault_code(code): "felkod {code}", "fault code {code}";
    a_code(code): "kod {code}", "code {code}";
    funds_one(groups): "1 a-kassa: {groups}", "1 fund: {groups}";
    funds(count, groups): "{count} a-kassor: {groups}", "{count} funds: {groups}";

    facts: "Uppgifter", "Facts";
    did_not_say(what, who): "{what}: {who} sade ingenting", "{what}: {who} did not say";
    none(what): "{what}: inga", "no {what}";
    none_in_part(what): "{what}: inga i den del som besvarades; resten är inte känt",
        "no {what} in the part that was answered; the rest is not known";
    decisions: "ekonomiska beslut", "economic decisions (beslut)";
    registration: "arbetssökande", "jobseeker (arbetssökande)";
    activity_report: "aktivitetsrapport", "activity report (aktivitetsrapport)";
    cases: "ärenden", "cases (ärenden)";
    fk_matters: "ärenden hos FK", "matters (ärenden) at FK";
    pm_matters: "ansökningar och beslut hos PM", "applications and decisions at PM";
    matters: "ärenden", "matters (ärenden)";
    vehicles: "fordon", "vehicles (fordon)";
    vehicles_not_told: "fordon: lämnas inte ut eller inte angivet", "vehicles (fordon): held back or not stated";
    af_failed(status): "AF:s egen slagning lyckades inte: status {status}", "AF's own look-up did not succeed: status {status}";
    as_sent: "Skatteverkets handlingar kan säga mer än vad som är utläst här",
        "Skatteverket's documents may state more than is read out here";
    no_more: "inget mer angivet", "nothing more stated";
    protected_here: "SKYDDADE PERSONUPPGIFTER", "PROTECTED IDENTITY";
    yes: "ja", "yes";
    no: "nej", "no";
    from(day): "från {day}", "from {day}";
    to(day): "till {day}", "to {day}";
    whole: "hel", "full";
    submitted: "inlämnad", "submitted";
    unknown_to_af: "inte känd hos AF", "not known to AF";
    not_submitted: "inte inlämnad", "not submitted";
    fault_at_af: "fel hos AF: om den är inlämnad är inte känt", "fault at AF: whether it was submitted is not known";
    permanent: "permanent", "permanent";
    limited: "tidsbegränsat", "limited in time (tidsbegränsat)";

    contradictions: "Källorna säger emot varandra", "Contradictions between sources";
    and: "och", "and";
    contradiction(who, what): "{who}: {what}", "{who}: {what}";

    logged(entry): "Loggat som post {entry}.", "Logged as entry {entry}.";
    no_receipt: "KVITTO: INGET KOM. Att svaret är loggat är inte bevisat.",
        "RECEIPT: NONE CAME. That this answer was logged is not proven.";
    receipt_holds(record): "Kvitto: nummer {record} i nämndens logg; det stämmer.",
        "Receipt: record {record} of the board's log; it holds.";
    receipt_not_checked(record): "Kvitto: nummer {record} i nämndens logg; inte kontrollerat, loggens publika nyckel är inte känd här.",
        "Receipt: record {record} of the board's log; not checked, the log's public key is not known here.";
    receipt_fails(why): "KVITTOT STÄMMER INTE: {why}.", "RECEIPT DOES NOT HOLD: {why}.";
    not_covered: "Bank, Swish och inkomster från utlandet ingår inte i SSBTEK: en tom tabell betyder inte att det inte finns pengar.",
        "Banks, Swish and income from abroad are not in SSBTEK: an empty table does not mean that there is no money.";
}
