//! Bases for calculation, whose fields differ between benefits, as named values.

use ssbtek_domain::sections::fk::common::{Figure, FigureValue};

use super::json::Json;

/// Field names that a basis may hold, sorted. Others are left out, above all those that lead to other persons: these are
/// read by name where the contract has them, so that none can slip through unmarked.
const NAMES: [&str; 147] = [
    "administrationskostnad",
    "allmanpension",
    "andel",
    "andringsanledning",
    "ankep",
    "antagandeinkomst",
    "antagandepoang",
    "antal15delar",
    "antal30delar",
    "antal40delar",
    "anvantCivilstand",
    "ar",
    "arMedPensionspoang",
    "arbetsgivare",
    "arbetsgivarkod",
    "arbetsskadelivranta",
    "arsbruttokostnad",
    "arsinkomstEfterSkada",
    "arsinkomstInnanSkada",
    "artal",
    "arvsvinst",
    "aterlagt",
    "atgardstyp",
    "basbelopp",
    "bastaAlternativ",
    "bastaPoangPlusEtt",
    "behallningsunderlag",
    "belopp",
    "beloppAlternativ1",
    "beloppAlternativ2",
    "beloppForeAvrundningTakbegransning",
    "beloppForeSamordning",
    "berakningsunderlag",
    "beskrivning",
    "bostadsInkomststod",
    "bostadskostnadBrutto",
    "bostadskostnadNettoBt",
    "bostadskostnaddNettoAfs",
    "bostadstillaggsnettokostnad",
    "bp",
    "bruttoforhojning",
    "dagar",
    "delat",
    "efterlevandeformaner",
    "efterlevandepensionsunderlag",
    "erforderligaAr",
    "faktiskaPensionsratter",
    "faktor",
    "faststallelsear",
    "folkpensiontillagg",
    "forsakringstid",
    "forsakringstidGsaAr",
    "forsakringstidGsaDag",
    "forsakringstidGsaManad",
    "forsorjningsstodsarsnettokostnad",
    "forvarvsvillkorsar",
    "gallerFrom",
    "garantitillagg",
    "garantitillaggForGarantipension",
    "garp",
    "garpAp37",
    "garpEp",
    "halvaMedelPGI",
    "id",
    "indexforanding",
    "inkomster",
    "inkomstpensionForGarantipension",
    "intjanandear",
    "intjanandetak",
    "ip",
    "jamfarelseinkomst",
    "jamforelsepoang",
    "kod",
    "kontohandelse",
    "kontohandelsetidpunkt",
    "kontohandelsetyp",
    "kontotransaktioner",
    "kontotransaktionstyp",
    "kontotyp",
    "kontovarden",
    "levnadsintygsstatus",
    "livaranta",
    "livrantefaktor",
    "manad",
    "manadsunderlag",
    "medelpoang",
    "myndighetsplacering",
    "namnare",
    "op",
    "orsak",
    "pensionsbehallningar",
    "pensionsbehallningsforandringar",
    "pensionsgrundandeBeloppForArMedSmaBarn",
    "pensionsgrundandeBeloppForFortidspension",
    "pensionsgrundandeBeloppForPlikttjanst",
    "pensionsgrundandeBeloppForSjukOchAktivitetsersattning",
    "pensionsgrundandeBeloppForStudier",
    "pensionsgrundandeInkomst",
    "pensionskonton",
    "pensionsratter",
    "pensionstillskott",
    "pensionsunderlag",
    "pgiBedomd",
    "pisa",
    "pisaAnhorig",
    "poang",
    "poangunderlag",
    "procent",
    "reduceradBostadskostnad",
    "reduceringsbelopp",
    "samordning",
    "samordningMedPensionFranAnnatLand",
    "samordningsandel",
    "samordningsprocentAL",
    "samordningstyper",
    "senastUppdaterad",
    "sjoskattear",
    "skadedatum",
    "skadetillfalle",
    "skolgang",
    "studiebidrag",
    "summa",
    "summaBerakningsunderlag",
    "svenskaNordiskaForsakringsmanader",
    "taljare",
    "tillaggspensionForGarantipension",
    "totalBostadskostnad",
    "tp",
    "trefjardedelsMedelPGI",
    "tvaBidragsmottagare",
    "typ",
    "underlag",
    "underlagPgbForAntagandepoang",
    "underlagPgbForBarn",
    "underlagPgbForPlikt",
    "underlagPgbForSa",
    "underlagPgbForStudier",
    "uppdaterades",
    "utbetalningsdatum",
    "utfyllnadsinkomst",
    "uttaget",
    "uttagsprocent",
    "uttagsprocentFp",
    "valuta",
    "vardar",
    "varde",
    "ylAvdrag",
];

/// The values under `json`, each under its path. `prefix` is put in front of every name.
pub(super) fn figures(prefix: &str, json: Option<&Json>) -> Vec<Figure> {
    let mut found = vec![];
    if let Some(json) = json {
        flatten(prefix.to_owned(), json, &mut found);
    }
    found
}

fn flatten(path: String, json: &Json, found: &mut Vec<Figure>) {
    let value = match json {
        Json::Null => return,
        Json::Object(members) => {
            for (name, value) in members {
                if NAMES.binary_search(&name.as_str()).is_ok() {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    flatten(path, value, found);
                }
            }
            return;
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{path}[{index}]"), item, found);
            }
            return;
        }
        Json::Flag(flag) => FigureValue::Flag(*flag),
        Json::Number(number) => FigureValue::Number(number.clone()),
        Json::Text(text) => FigureValue::Text(text.clone()),
    };
    found.push(Figure { name: path, value });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_search_and_lead_to_nobody() {
        assert!(NAMES.windows(2).all(|pair| pair[0] < pair[1]));
        for personal in
            ["personnummer", "namn", "foddes", "barn", "Barn", "medsokande", "foralder", "person", "adress"]
        {
            assert!(NAMES.binary_search(&personal).is_err(), "{personal}");
        }
    }
}
