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

/// Every name that a figure may have, sorted. A figure under any other name is not read, neither from LEFI nor over
/// `ssbtek.agency.v1`: above all those that lead to other persons.
pub const FIGURES: [FigureVerdict; 147] = [
    plain("administrationskostnad", ""),
    plain("allmanpension", ""),
    plain("andel", ""),
    plain("andringsanledning", "a code or a text: one of a known list stays"),
    plain("ankep", ""),
    plain("antagandeinkomst", ""),
    plain("antagandepoang", ""),
    plain("antal15delar", ""),
    plain("antal30delar", ""),
    plain("antal40delar", ""),
    plain("anvantCivilstand", "a code or a text: one of a known list stays"),
    plain("ar", ""),
    plain("arMedPensionspoang", ""),
    held("arbetsgivare", "a place of work"),
    held("arbetsgivarkod", "a place of work"),
    plain("arbetsskadelivranta", ""),
    held(
        "arsbruttokostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    plain("arsinkomstEfterSkada", ""),
    plain("arsinkomstInnanSkada", ""),
    plain("artal", ""),
    plain("arvsvinst", ""),
    plain("aterlagt", ""),
    plain("atgardstyp", "a code or a text: one of a known list stays"),
    plain("basbelopp", ""),
    plain("bastaAlternativ", ""),
    plain("bastaPoangPlusEtt", ""),
    plain("behallningsunderlag", ""),
    plain("belopp", ""),
    plain("beloppAlternativ1", ""),
    plain("beloppAlternativ2", ""),
    plain("beloppForeAvrundningTakbegransning", ""),
    plain("beloppForeSamordning", ""),
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
    plain("bp", ""),
    plain("bruttoforhojning", ""),
    plain("dagar", ""),
    plain("delat", ""),
    plain("efterlevandeformaner", ""),
    plain("efterlevandepensionsunderlag", ""),
    plain("erforderligaAr", ""),
    plain("faktiskaPensionsratter", ""),
    plain("faktor", ""),
    plain("faststallelsear", ""),
    plain("folkpensiontillagg", ""),
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
    plain("garantitillagg", ""),
    plain("garantitillaggForGarantipension", ""),
    plain("garp", ""),
    plain("garpAp37", ""),
    plain("garpEp", ""),
    plain("halvaMedelPGI", ""),
    plain("id", "a code or a text: one of a known list stays"),
    plain("indexforanding", ""),
    plain("inkomster", ""),
    plain("inkomstpensionForGarantipension", ""),
    plain("intjanandear", ""),
    plain("intjanandetak", ""),
    plain("ip", ""),
    plain("jamfarelseinkomst", ""),
    plain("jamforelsepoang", ""),
    plain("kod", "a code or a text: one of a known list stays"),
    plain("kontohandelse", "a code or a text: one of a known list stays"),
    plain("kontohandelsetidpunkt", ""),
    plain("kontohandelsetyp", "a code or a text: one of a known list stays"),
    plain("kontotransaktioner", ""),
    plain("kontotransaktionstyp", "a code or a text: one of a known list stays"),
    plain("kontotyp", "a code or a text: one of a known list stays"),
    plain("kontovarden", ""),
    held("levnadsintygsstatus", "tells of another country"),
    plain("livaranta", ""),
    plain("livrantefaktor", ""),
    plain("manad", ""),
    plain("manadsunderlag", ""),
    plain("medelpoang", ""),
    held("myndighetsplacering", "that an authority has placed a child"),
    plain("namnare", ""),
    plain("op", ""),
    plain("orsak", "a code or a text: one of a known list stays"),
    plain("pensionsbehallningar", ""),
    plain("pensionsbehallningsforandringar", ""),
    plain("pensionsgrundandeBeloppForArMedSmaBarn", ""),
    plain("pensionsgrundandeBeloppForFortidspension", ""),
    plain("pensionsgrundandeBeloppForPlikttjanst", ""),
    plain("pensionsgrundandeBeloppForSjukOchAktivitetsersattning", ""),
    plain("pensionsgrundandeBeloppForStudier", ""),
    plain("pensionsgrundandeInkomst", ""),
    plain("pensionskonton", ""),
    plain("pensionsratter", ""),
    plain("pensionstillskott", ""),
    plain("pensionsunderlag", ""),
    plain("pgiBedomd", ""),
    plain("pisa", ""),
    plain("pisaAnhorig", ""),
    plain("poang", ""),
    plain("poangunderlag", ""),
    plain("procent", ""),
    held(
        "reduceradBostadskostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    plain("reduceringsbelopp", ""),
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
    plain("summa", ""),
    plain("summaBerakningsunderlag", ""),
    held("svenskaNordiskaForsakringsmanader", "tells of another country"),
    plain("taljare", ""),
    plain("tillaggspensionForGarantipension", ""),
    held(
        "totalBostadskostnad",
        "the cost of the home, to be compared with rents and prices that anybody can look up",
    ),
    plain("tp", ""),
    plain("trefjardedelsMedelPGI", ""),
    plain("tvaBidragsmottagare", ""),
    plain("typ", "a code or a text: one of a known list stays"),
    plain("underlag", ""),
    plain("underlagPgbForAntagandepoang", ""),
    plain("underlagPgbForBarn", ""),
    plain("underlagPgbForPlikt", ""),
    plain("underlagPgbForSa", ""),
    plain("underlagPgbForStudier", ""),
    plain("uppdaterades", "a code or a text: one of a known list stays"),
    plain("utbetalningsdatum", ""),
    plain("utfyllnadsinkomst", ""),
    plain("uttaget", ""),
    plain("uttagsprocent", ""),
    plain("uttagsprocentFp", ""),
    plain("valuta", "a code or a text: one of a known list stays"),
    plain("vardar", ""),
    plain("varde", ""),
    plain("ylAvdrag", ""),
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
