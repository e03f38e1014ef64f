//! What a client says while it asks.

crate::texts! {
    asking: "frågar", "asking";
    cut: "svaret bröts innan det var slut; frågan är loggad, och att fråga igen är en ny fråga",
        "the answer was cut before its end; the question is logged, and asking again is another";
    nothing_of(who, why): "{who}: inget svar ({why})", "{who}: no answer ({why})";
    case_registered(version): "ärendet är registrerat (version {version})", "case registered (version {version})";
    case_confirmed(version): "ärendet är bekräftat (version {version})", "case confirmed (version {version})";
    case_household(version): "ärendet har ett nytt hushåll (version {version})", "case has a new household (version {version})";
    case_assigned(version): "ärendet är fördelat (version {version})", "case assigned (version {version})";
    case_closed(version): "ärendet är avslutat (version {version})", "case closed (version {version})";
    account_registered(version): "kontot är registrerat (version {version})", "account registered (version {version})";
    account_blocked(version): "kontot är spärrat (version {version})", "account blocked (version {version})";
    account_changed(version): "kontot är ändrat (version {version})", "account changed (version {version})";
    account_followed_up(version): "kontot är uppföljt (version {version})", "account followed up (version {version})";
    account_confirmed(version): "kontot har bekräftat instruktionerna (version {version})",
        "account has confirmed the instructions (version {version})";
    instructions(version): "instruktioner, version {version}", "instructions, version {version}";
    type_figures: "Skriv en rad för varje uppgift, till exempel: barnbidrag 1 250. Avsluta med Ctrl-D.",
        "Write a line for each figure, such as: barnbidrag 1 250. End with Ctrl-D.";
    receipt_warning(why): "varning: svarets kvitto stämmer inte: {why}", "warning: the receipt of this answer does not hold: {why}";
}
