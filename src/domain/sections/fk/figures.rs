//! Figures: the named values in which Försäkringskassan and Pensionsmyndigheten state what a decision was calculated from. Their
//! names differ between benefits, so they are a list and no record.

use crate::{
    HoldBack,
    sections::fk::common::{Figure, FigureValue},
    verdict::{FREE_TEXT, UNNAMED, Verdict, Withholding, is_known},
};

/// The verdict on figures under one name, wherever in a path it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureVerdict {
    /// LEFI's name.
    pub name: &'static str,
    /// The least that holds it back.
    pub held_from: Option<HoldBack>,
    /// Why; empty where a number, a day, a yes or no leads nowhere.
    pub because: &'static str,
}

const fn plain(name: &'static str, because: &'static str) -> FigureVerdict {
    FigureVerdict { name, held_from: None, because }
}

const fn held(name: &'static str, because: &'static str) -> FigureVerdict {
    FigureVerdict { name, held_from: Some(HoldBack::Home), because }
}

/// Amounts, and points, which are amounts divided by a base amount that everybody knows.
const BEFORE_TAX: &str = "before tax, or made of what is: with what is paid out it gives the tax";

/// Every name that a figure may have, sorted. A figure under any other name is not read, neither from LEFI nor over
/// `ssbtek.agency.v1`: above all those that lead to other persons.
pub const FIGURES: [FigureVerdict; 147] = [
    held("administrationskostnad", BEFORE_TAX),
    held("allmanpension", BEFORE_TAX),
    plain("andel", ""),
    plain("andringsanledning", "a code or a text: one of a known list stays"),
    held("ankep", BEFORE_TAX),
    held("antagandeinkomst", BEFORE_TAX),
    held("antagandepoang", BEFORE_TAX),
    plain("antal15delar", ""),
    plain("antal30delar", ""),
    plain("antal40delar", ""),
    plain("anvantCivilstand", "a code or a text: one of a known list stays"),
    plain("ar", ""),
    plain("arMedPensionspoang", ""),
    held("arbetsgivare", "a place of work"),
    held("arbetsgivarkod", "a place of work"),
    held("arbetsskadelivranta", BEFORE_TAX),
    held(
        "arsbruttokostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held("arsinkomstEfterSkada", BEFORE_TAX),
    held("arsinkomstInnanSkada", BEFORE_TAX),
    plain("artal", ""),
    held("arvsvinst", BEFORE_TAX),
    plain("aterlagt", ""),
    plain("atgardstyp", "a code or a text: one of a known list stays"),
    plain("basbelopp", ""),
    plain("bastaAlternativ", ""),
    held("bastaPoangPlusEtt", BEFORE_TAX),
    held("behallningsunderlag", BEFORE_TAX),
    held("belopp", BEFORE_TAX),
    held("beloppAlternativ1", BEFORE_TAX),
    held("beloppAlternativ2", BEFORE_TAX),
    held("beloppForeAvrundningTakbegransning", BEFORE_TAX),
    held("beloppForeSamordning", BEFORE_TAX),
    plain("berakningsunderlag", ""),
    plain("beskrivning", "a code or a text: one of a known list stays"),
    plain("bostadsInkomststod", ""),
    held(
        "bostadskostnadBrutto",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held(
        "bostadskostnadNettoBt",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held(
        "bostadskostnaddNettoAfs",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held(
        "bostadstillaggsnettokostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held("bp", BEFORE_TAX),
    held("bruttoforhojning", BEFORE_TAX),
    plain("dagar", ""),
    plain("delat", ""),
    plain("efterlevandeformaner", ""),
    held("efterlevandepensionsunderlag", BEFORE_TAX),
    plain("erforderligaAr", ""),
    held("faktiskaPensionsratter", BEFORE_TAX),
    plain("faktor", ""),
    plain("faststallelsear", ""),
    held("folkpensiontillagg", BEFORE_TAX),
    held("forsakringstid", "tells of another country"),
    held("forsakringstidGsaAr", "tells of another country"),
    held("forsakringstidGsaDag", "tells of another country"),
    held("forsakringstidGsaManad", "tells of another country"),
    held(
        "forsorjningsstodsarsnettokostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    plain("forvarvsvillkorsar", ""),
    plain("gallerFrom", ""),
    held("garantitillagg", BEFORE_TAX),
    held("garantitillaggForGarantipension", BEFORE_TAX),
    held("garp", BEFORE_TAX),
    held("garpAp37", BEFORE_TAX),
    held("garpEp", BEFORE_TAX),
    held("halvaMedelPGI", BEFORE_TAX),
    plain("id", "a code or a text: one of a known list stays"),
    held("indexforanding", BEFORE_TAX),
    held("inkomster", BEFORE_TAX),
    held("inkomstpensionForGarantipension", BEFORE_TAX),
    plain("intjanandear", ""),
    held("intjanandetak", BEFORE_TAX),
    held("ip", BEFORE_TAX),
    held("jamfarelseinkomst", BEFORE_TAX),
    held("jamforelsepoang", BEFORE_TAX),
    plain("kod", "a code or a text: one of a known list stays"),
    plain("kontohandelse", "a code or a text: one of a known list stays"),
    plain("kontohandelsetidpunkt", ""),
    plain("kontohandelsetyp", "a code or a text: one of a known list stays"),
    held("kontotransaktioner", BEFORE_TAX),
    plain("kontotransaktionstyp", "a code or a text: one of a known list stays"),
    plain("kontotyp", "a code or a text: one of a known list stays"),
    held("kontovarden", BEFORE_TAX),
    held("levnadsintygsstatus", "tells of another country"),
    held("livaranta", BEFORE_TAX),
    plain("livrantefaktor", ""),
    plain("manad", ""),
    held("manadsunderlag", BEFORE_TAX),
    held("medelpoang", BEFORE_TAX),
    held("myndighetsplacering", "that an authority has placed a child"),
    plain("namnare", ""),
    held("op", BEFORE_TAX),
    plain("orsak", "a code or a text: one of a known list stays"),
    held("pensionsbehallningar", BEFORE_TAX),
    held("pensionsbehallningsforandringar", BEFORE_TAX),
    held("pensionsgrundandeBeloppForArMedSmaBarn", BEFORE_TAX),
    held("pensionsgrundandeBeloppForFortidspension", BEFORE_TAX),
    held("pensionsgrundandeBeloppForPlikttjanst", BEFORE_TAX),
    held("pensionsgrundandeBeloppForSjukOchAktivitetsersattning", BEFORE_TAX),
    held("pensionsgrundandeBeloppForStudier", BEFORE_TAX),
    held("pensionsgrundandeInkomst", BEFORE_TAX),
    plain("pensionskonton", ""),
    held("pensionsratter", BEFORE_TAX),
    held("pensionstillskott", BEFORE_TAX),
    held("pensionsunderlag", BEFORE_TAX),
    held("pgiBedomd", BEFORE_TAX),
    held("pisa", BEFORE_TAX),
    held("pisaAnhorig", BEFORE_TAX),
    held("poang", BEFORE_TAX),
    held("poangunderlag", BEFORE_TAX),
    plain("procent", ""),
    held(
        "reduceradBostadskostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held("reduceringsbelopp", BEFORE_TAX),
    plain("samordning", "a code or a text: one of a known list stays"),
    held("samordningMedPensionFranAnnatLand", "tells of another country"),
    plain("samordningsandel", ""),
    plain("samordningsprocentAL", ""),
    plain("samordningstyper", "a code or a text: one of a known list stays"),
    plain("senastUppdaterad", "a code or a text: one of a known list stays"),
    held("sjoskattear", "a seafarer"),
    plain("skadedatum", ""),
    held("skadetillfalle", "an accident, with its place"),
    plain("skolgang", ""),
    plain("studiebidrag", ""),
    held("summa", BEFORE_TAX),
    held("summaBerakningsunderlag", BEFORE_TAX),
    held("svenskaNordiskaForsakringsmanader", "tells of another country"),
    plain("taljare", ""),
    held("tillaggspensionForGarantipension", BEFORE_TAX),
    held(
        "totalBostadskostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    held("tp", BEFORE_TAX),
    held("trefjardedelsMedelPGI", BEFORE_TAX),
    plain("tvaBidragsmottagare", ""),
    plain("typ", "a code or a text: one of a known list stays"),
    held("underlag", BEFORE_TAX),
    held("underlagPgbForAntagandepoang", BEFORE_TAX),
    held("underlagPgbForBarn", BEFORE_TAX),
    held("underlagPgbForPlikt", BEFORE_TAX),
    held("underlagPgbForSa", BEFORE_TAX),
    held("underlagPgbForStudier", BEFORE_TAX),
    plain("uppdaterades", "a code or a text: one of a known list stays"),
    plain("utbetalningsdatum", ""),
    held("utfyllnadsinkomst", BEFORE_TAX),
    plain("uttaget", ""),
    plain("uttagsprocent", ""),
    plain("uttagsprocentFp", ""),
    plain("valuta", "a code or a text: one of a known list stays"),
    plain("vardar", ""),
    held("varde", BEFORE_TAX),
    held("ylAvdrag", BEFORE_TAX),
];

impl FigureVerdict {
    fn of(name: &str) -> Option<&'static FigureVerdict> {
        FIGURES.binary_search_by(|row| row.name.cmp(name)).ok().and_then(|at| FIGURES.get(at))
    }
}

impl Figure {
    /// The names along a figure's path, without positions in lists.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.name.split('.').map(|part| part.split('[').next().unwrap_or(part))
    }

    /// Whether a figure may have this name on its path.
    pub fn is_named(name: &str) -> bool {
        FigureVerdict::of(name).is_some()
    }

    /// Whether the figure may be read at all.
    pub fn is_readable(&self) -> bool {
        self.names().all(Self::is_named)
    }
}

/// Takes out figures that are held back by a name on their path, and texts outside every known list.
pub(super) fn withhold(verdict: &Verdict, figures: &mut Vec<Figure>, to: &mut Withholding) {
    if !to.holds(verdict) {
        return;
    }
    let leads = |figure: &Figure| {
        figure.names().any(|name| FigureVerdict::of(name).is_none_or(|row| row.held_from.is_some()))
    };
    // Under a code's name a number is a code too.
    let is_code =
        |figure: &Figure| figure.names().last().is_some_and(|name| ["id", "kod", "typ"].contains(&name));
    let unknown = |figure: &Figure| match &figure.value {
        FigureValue::Text(text) => !is_known(text),
        FigureValue::Number(text) => is_code(figure) && !is_known(text),
        FigureValue::Flag(_) => false,
    };
    for (goes, name) in [(&leads as &dyn Fn(&Figure) -> bool, UNNAMED), (&unknown, FREE_TEXT)] {
        let before = figures.len();
        figures.retain(|figure| !goes(figure));
        if figures.len() < before {
            to.note(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_search_and_lead_to_nobody() {
        assert!(FIGURES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for personal in [
            "personnummer",
            "namn",
            "foddes",
            "barn",
            "Barn",
            "medsokande",
            "foralder",
            "person",
            "adress",
            "postort",
        ] {
            assert!(!Figure::is_named(personal), "{personal}");
        }
    }

    #[test]
    fn every_name_along_the_path_counts() {
        let figure = |name: &str| Figure { name: name.into(), value: FigureValue::Flag(true) };
        assert!(figure("inkomster[0].summa").is_readable());
        for name in ["adress.postort", "skola.namn", "barn[0].namn", "summa.adress", "", "summa."] {
            assert!(!figure(name).is_readable(), "{name}");
        }
    }
}
