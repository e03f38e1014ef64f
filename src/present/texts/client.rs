//! What a client says while it asks.

crate::texts! {
    asking: "frågar", "asking";
    cut: "svaret bröts innan det var slut; frågan är loggad, och att fråga igen är en ny fråga",
        "the answer was cut before its end; the question is logged, and asking again is another";
    receipt_warning(why): "varning: svarets kvitto stämmer inte: {why}", "warning: the receipt of this answer does not hold: {why}";
}
