//! Payments by month, one month against another, and against what was stated.

crate::texts! {
    payments: "Betalningar, nyast först", "Payments, newest first";
    by_payment_day: "efter betalningsdag", "by day of payment";
    by_period: "efter den tid de avser", "by the time they cover";
    undated: "utan datum", "undated";
    over_months: "över flera månader", "over several months";
    without_period: "utan angiven tid", "no time stated";
    nothing_in(month): "Ingen betalning i {month} i svaret.", "No payment in {month} in the answer.";
    one_outside: "Utanför månaden, visas inte här: 1 betalning.", "Outside the month, not shown here: 1 payment.";
    outside(count): "Utanför månaden, visas inte här: {count} betalningar.", "Outside the month, not shown here: {count} payments.";
    paid: "utbetalt", "paid";
    announced: "aviserat", "announced";
    state_unknown: "okänt", "not known";
    after_tax: "efter skatt", "after tax";
    after_deductions: "efter avdrag", "after deductions";
    gross: "brutto", "gross";
    tax: "skatt", "tax";
    deduction: "avdrag", "deduction";
    basis: "grund", "basis";
    asked_at: "frågat", "asked";
    days(count): "({count}\u{a0}dagar)", "({count}\u{a0}days)";
    perhaps_duplicate: "* kanske samma betalning som på en annan rad", "* perhaps the same payment as in another line";
    none_say(who): "Inga betalningar under den frågade tiden, uppger: {who}.", "No payments in the time asked about, say: {who}.";
    not_known(who): "INTE KÄNT, betalningar från: {who}.", "NOT KNOWN, payments of: {who}.";
    day: "Dag", "Date";
    state: "Läge", "State";
    payer: "Från", "Payer";
    benefit: "Vad", "Benefit";
    net: "Netto, kr", "Net, kr";
    covers: "Avser", "Period";
    whose: "Vem", "Who";

    since(later, earlier, by): "{later} mot {earlier}, {by}", "{later} against {earlier}, {by}";
    new: "Nytt", "New";
    gone: "Borta", "Gone";
    not_yet: "Inte ännu", "Not yet";
    became_paid: "Har betalats ut", "Became paid";
    changed(percent): "Ändrat mer än {percent} %", "Changed by more than {percent} %";
    changed_less(percent): "Ändrat högst {percent} %", "Changed by {percent} % at most";
    unchanged: "Oförändrat", "Unchanged";
    not_compared: "Går inte att jämföra", "Cannot be compared";
    nothing: "Inget.", "Nothing.";
    month_not_over(month): "{month} är inte slut: det som saknas kan komma.", "{month} is not over: what is missing may still come.";
    not_checked(who): "INTE KONTROLLERAT: {who}. Vad som är nytt eller borta där är inte känt.",
        "NOT CHECKED: {who}. What is new or gone there is not known.";
    not_whole(who, month): "{who} har inte frågats om hela {month}.", "{who} was not asked about the whole of {month}.";
    may_be_paid_later: "kan betalas ut senare, inte frågat", "may be paid later, not asked about";
    later_not_asked(who, month): "{who}: det som avser {month} kan betalas ut senare, inte frågat.",
        "{who}: what covers {month} may be paid later, not asked about.";
    several(count, sum): "{count} betalningar, tillsammans {sum}", "{count} payments, together {sum}";
    other_kinds: "olika slags belopp", "amounts of different kinds";
    one_left_out: "Hör inte till någon av månaderna, jämförs inte: 1 betalning.",
        "Belongs to neither month, not compared: 1 payment.";
    left_out(count): "Hör inte till någon av månaderna, jämförs inte: {count} betalningar.",
        "Belong to neither month, not compared: {count} payments.";

    stated_heading(month): "Uppgivet av sökanden mot källorna, {month}", "As the applicant states, against the sources, {month}";
    not_kept: "Det uppgivna sparas inte och skickas inte någonstans.", "What was stated is not kept and not sent anywhere.";
    agrees: "stämmer", "agrees";
    agrees_as(kind): "stämmer ({kind})", "agrees ({kind})";
    differs: "SKILJER SIG", "DIFFERS";
    one_of(count): "SKILJER SIG: är en av {count} betalningar", "DIFFERS: is one of {count} payments";
    no_source: "ingen källa anger det", "no source states it";
    no_source_unknown(who): "ingen källa anger det, men {who} är inte kontrollerat", "no source states it, but {who} is not checked";
    not_a_payment(what): "inte bland betalningarna; {what}", "not among the payments; {what}";
    skv_states(what): "SKV uppger {what} före skatt", "SKV states {what} before tax";
    as_skv: "SKV, före skatt", "SKV, before tax";
    wage_not_compared: "lön jämförs inte med betalningar", "wages are not compared with payments";
    several_fit(what): "passar flera, skriv vilken: {what}", "fits several, say which: {what}";
    not_stated: "inte uppgivet", "not stated";
    column_stated: "Uppgivet", "Stated";
    column_sources: "Källorna", "Sources";
    column_what: "Vad", "What";
    too_many(most): "högst {most} rader med uppgifter", "{most} lines of figures at most";
    line_unread(line): "rad {line}: skriv månad (om flera), vad det är och belopp, till exempel: barnbidrag 1 250",
        "line {line}: write the month (if several), what it is and the amount, such as: barnbidrag 1 250";
    line_month(line): "rad {line}: månaden är inte den som jämförs", "line {line}: the month is not the one compared";
    line_long(line): "rad {line}: för lång", "line {line}: too long";
    nothing_stated: "inga uppgifter att jämföra med", "no figures to compare with";
}
