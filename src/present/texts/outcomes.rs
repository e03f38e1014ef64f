//! What became of a source.

crate::texts! {
    not_asked: "inte frågad", "not asked";
    not_permitted: "inte frågad: tillståndet omfattar den inte", "not asked: the permit does not cover it";
    answered: "svarade", "answered";
    in_part: "svarade delvis", "answered in part";
    no_such_person: "uppger att personen inte finns där", "says that it knows no such person";
    failed: "kunde inte kontrolleras: fel hos källan", "could not be checked: failed at the source";
    timed_out: "kunde inte kontrolleras: svarade inte i tid", "could not be checked: timed out";
    not_reachable: "kunde inte kontrolleras: gick inte att nå", "could not be checked: not reachable";
    identity_refused: "inte frågad: den som svarade kunde inte visa att den var källan",
        "not asked: who answered there could not prove to be the source";
    answer_refused: "kunde inte kontrolleras: svaret underkändes, det bröt mot kontraktet eller gällde någon annan",
        "could not be checked: answer refused, it broke the contract or was about another person";
    not_known: "okänt", "not known";

    not_asked_short: "inte frågad", "not asked";
    not_permitted_short: "får inte frågas", "not permitted";
    in_part_short: "delvis", "answered in part";
    no_such_person_short: "personen finns inte där", "no such person";
    failed_short: "fel hos källan", "failed at source";
    timed_out_short: "svarade inte i tid", "timed out";
    not_reachable_short: "gick inte att nå", "not reachable";
    identity_refused_short: "kunde inte visa vem den var", "identity refused";
    answer_refused_short: "svaret underkändes", "answer refused";

    says_nothing: "Att svar saknas säger ingenting om inkomster.",
        "That an answer is missing says nothing about income.";
    ask_again(who): "Fråga {who} igen.", "Ask {who} again.";
    then_telephone(whom): "Svarar den inte då heller: ring {whom}.", "If it fails again: telephone {whom}.";
    telephone(whom): "Ring {whom}.", "Telephone {whom}.";
    tell_operator: "Meddela den som driver förmedlingen: att fråga igen hjälper troligen inte.",
        "Tell whoever runs the broker: asking again will hardly help.";
    ask_if_needed(who): "Fråga {who} om ärendet kräver det.", "Ask {who} if the case needs it.";
    after_ms(ms): ", efter {ms} ms", ", after {ms} ms";
    see_agreement: "Nämndens grunder och regler visar varför: fråga nämndens administratör.",
        "The board's grounds and rules say why: ask the board's administrator.";
}
