//! What may become of an answer in which one field departs.

use ssbtek_domain::{Note, Outcome, ProtectionSignal, sections::Section};
use ssbtek_formats::ReadAnswer;

use super::{Change, How};

/// Fields that tell whom the answer is about, whether it is an answer, or whether it failed: what departs there may refuse the
/// answer, or leave nothing of it.
const STRICT: [(&str, &[&str]); 9] = [
    (
        "af.xml",
        &[
            "Envelope",
            "Body",
            "SvarMeddelande",
            "Svar",
            "IdentitetsbeteckningFysiskPerson",
            "StatusSokandeinformationKod",
        ],
    ),
    ("csn.xml", CSN),
    ("csn-3.0.xml", CSN),
    ("fk.json", &["personnummer", "generellPersoninformation", "utlamnare", "kod", "tillstand"]),
    (
        "so.xml",
        &[
            "Envelope",
            "Body",
            "GetUnemploymentBenefitPaymentResponse",
            "IdentificationNumber",
            "ArbetsloshetsersattningLista",
            "StatusSvarandeOrganisation",
            "Arbetsloshetsersattning",
        ],
    ),
    ("tns.xml", &["Envelope", "Body", "HamtaUppgifterResponse", "resultat", "fordonsinnehav"]),
    ("miv.xml", &["Envelope", "Body", "findByPersonnummerResponse", "response", "personnummer"]),
    (
        "skv-v10.xml",
        &[
            "Envelope",
            "Body",
            "BeskattningsuppgifterResponse",
            "svar",
            "beskattningsuppgifter",
            "skattskyldig",
            "@id",
        ],
    ),
    ("skv-v11", &[]),
];
const CSN: &[&str] = &[
    "CSNSvar",
    "GemensamtSvarEkbistand",
    "Resultat",
    "ResultatKod",
    "HushallsMedlemsId",
    "HushallsMedlemsIdSekel",
    "Personer",
    "Person",
    "@personnummer",
    "@sekel",
    "@Status",
];

/// Fields that the contracts let be left out, or that only repeat the question: their absence says nothing.
const OPTIONAL: [(&str, &[&str]); 9] = [
    (
        "af.xml",
        &[
            "Header",
            "Fornamn",
            "Efternamn",
            "ArbetssokandeInfo",
            "Arbetssokande",
            "ArbetssokandeSKAT",
            "ArbetssokandeRegistrerad",
            "ArbetssokandeOmfattning",
            "BeslutInfo",
            "Beslut",
            "Akassetillhorighet",
            "Sekretessmarkering",
            "StatusSokandeinformationKodText",
            "NyUppgift",
        ],
    ),
    ("csn.xml", CSN_OPTIONAL),
    ("csn-3.0.xml", CSN_OPTIONAL),
    (
        "fk.json",
        &[
            "namn",
            "skyddad",
            "avled",
            "adress",
            "roller",
            "id",
            "beskrivning",
            "utdelningadress",
            "postnummer",
            "postort",
            "typ",
            "foretag",
            "formansfamilj",
            "datum",
            "period",
            "fran",
            "till",
            "bruttobelopp",
            "skattebelopp",
            "valuta",
            "utbetalningsdetalj",
            "forman",
            "dagar",
            "summa",
            "utbetalningsdatum",
            "utbetalningsperiod",
            "from",
            "tom",
            "utbetalningsrader",
            "formansgrupp",
            "belopp",
            "utbetalningsforman",
            "kod",
            "avdrag",
            "personnummer",
            "generellPersoninformation",
            "utbetalningsuppgift",
            "utbetalningar",
            "preliminarautbetalningar",
            "[0]",
        ],
    ),
    ("so.xml", &["Header", "Utbetalningar", "AnsoktOmErsattning", "Arbetsloshetsersattning"]),
    ("tns.xml", &["Header", "fordon"]),
    (
        "miv.xml",
        &[
            "Header",
            "efternamn",
            "fornamn",
            "hemland",
            "inresedatum",
            "svar",
            "anledning",
            "anledningNamn",
            "arendeTyp",
            "arendeTypNamn",
            "beslutsKod",
            "beslutsKodNamn",
            "beslutsdatum",
            "fromDatum",
            "giltighetstid",
            "personnummer",
            "nyttFalt",
        ],
    ),
    // Documents of unknown form are told as they came.
    ("skv-v10.xml", &["*"]),
    ("skv-v11", &["*"]),
];
const CSN_OPTIONAL: &[&str] = &[
    "@Status",
    "@sekretess",
    "@sekel",
    "relarende",
    "soktTid",
    "BeviljadTid",
    "Utbetalning",
    "Utbetaldtid",
    "Belopp",
    "Arende",
    "Arenden",
    "soktfrom",
    "sokttom",
    "soktomfattning",
    "soktlan",
    "starttid",
    "sluttid",
    "takt",
    "utbetdatum",
    "startvecka",
    "slutvecka",
    "Studiestodstypforteckning",
    "ResultatText",
    "@schemaVersion",
    "@lopnummer",
    "status",
    "studiemedel",
];
/// Flags of protected identity.
const FLAGS: [&str; 3] = ["Sekretessmarkering", "@sekretess", "skyddad"];

fn listed(table: &[(&str, &[&str])], name: &str, field: &str) -> bool {
    let (_, fields) = table.iter().find(|(of, _)| *of == name).unwrap();
    fields.contains(&field) || fields.contains(&"*")
}

/// Why what was made of it is wrong, if it is.
pub(super) fn judge(
    name: &str,
    change: &Change,
    whole: &ReadAnswer,
    read: &ReadAnswer,
) -> Result<(), String> {
    let strict = listed(&STRICT, name, change.field()) || (name == "skv-v11" && change.path.len() < 2);
    let (was, is) = (&whole.answer, &read.answer);
    let renamed = matches!(change.how, How::Renamed | How::OtherCase);
    if let Some(refused) = read.refused {
        // Nothing but a header stands before a body.
        return if strict || renamed && change.field() == "Header" {
            Ok(())
        } else {
            Err(format!("refused: {refused}"))
        };
    }
    if is.outcome == Outcome::NoSuchPerson {
        let told_so = change.field() == "@Status" || (name == "miv.xml" && strict);
        return if told_so { Ok(()) } else { Err("the person is there".to_owned()) };
    }
    if !matches!(is.outcome, Outcome::Answered | Outcome::AnsweredInPart) {
        return if strict { Ok(()) } else { Err("no answer".to_owned()) };
    }
    let Some(section) = &is.section else { return Err("answered without facts".to_owned()) };
    let before = was.section.as_ref().unwrap();
    if FLAGS.contains(&change.field())
        && !matches!(change.how, How::Twice | How::Rewritten)
        && section.facts().protection() == ProtectionSignal::NotProtected
    {
        return Err("told as not protected".to_owned());
    }
    let noted = is.notes.iter().any(|note| !was.notes.contains(note));
    let same_facts = section == before && is.parts == was.parts;
    let lines = |section: &Section| section.facts().payments().len();
    match change.how {
        How::FailureBeside if is.outcome == Outcome::Answered => {
            Err("a failure was told as answered".to_owned())
        }
        // It stands in a failure already.
        How::FailureBeside if !noted && change.field() != "error" => Err("no note".to_owned()),
        // Two values make a record of what held one.
        How::UnknownBeside
            if is.outcome != was.outcome
                && !lacks_a_field(name, change)
                && !change.path.iter().any(|name| name == "nyttFalt") =>
        {
            Err("something unknown changed the outcome".to_owned())
        }
        // Documents of unknown form are told as they came, whatever their names.
        How::Renamed | How::OtherCase if matches!(section, Section::Skv(_)) => Ok(()),
        // Without a flag protection is not known: that is tried above.
        How::Renamed | How::OtherCase
            if is.outcome == Outcome::Answered
                && !same_facts
                && !FLAGS.contains(&change.field())
                // It is nil: nothing stands there by whatever name, and the facts say that it was not told.
                && change.field() != "BeslutOmRattTillErsattning" =>
        {
            Err("something by another name became nothing there".to_owned())
        }
        How::Renamed | How::OtherCase
            if !repeats(change) && !is.notes.iter().any(|note| matches!(note, Note::PassedOver(_))) =>
        {
            Err("something by another name was passed over in silence".to_owned())
        }
        How::Renamed | How::OtherCase => Ok(()),
        // The document is told as it came.
        How::Rewritten if !same_facts && !matches!(section, Section::Skv(_)) || is.outcome != was.outcome => {
            Err("the same text was read otherwise".to_owned())
        }
        How::Wrapped | How::NilAndThere | How::AsAttribute
            if !same_facts
                && !noted
                && is.outcome == Outcome::Answered
                && !matches!(section, Section::Skv(_)) =>
        {
            Err("something in another place vanished in silence".to_owned())
        }
        How::UnknownBeside if section != before && !matches!(section, Section::Skv(_)) => {
            Err("something unknown changed the facts".to_owned())
        }
        _ if lines(section) < lines(before)
            && is.outcome == Outcome::Answered
            && !vanished_with_its_list(change) =>
        {
            Err("a payment vanished".to_owned())
        }
        // Documents of unknown form are told as they came.
        _ if same_facts || noted || is.outcome != was.outcome || matches!(section, Section::Skv(_)) => Ok(()),
        How::OtherType | How::NumberAsText | How::Double if is_text(change) => Ok(()),
        How::OtherType => Err("something not understood vanished in silence".to_owned()),
        // An empty list says that there is nothing.
        How::Empty if is_list(change) => Ok(()),
        _ if listed(&OPTIONAL, name, change.field()) => Ok(()),
        _ => Err("something vanished in silence".to_owned()),
    }
}

/// Records of which the recordings lack a field that the unknown one may be.
fn lacks_a_field(name: &str, change: &Change) -> bool {
    let records = [
        ("tns.xml", "fordon"),
        ("miv.xml", "svar"),
        ("csn.xml", "Arende"),
        ("csn.xml", "BeviljadTid"),
        ("skv-v10.xml", "inkomstar"),
    ];
    records.contains(&(name, change.field()))
}

/// Stands where the question is repeated, or in the envelope.
fn repeats(change: &Change) -> bool {
    let places = ["Fraga", "GemensamtFragaEkbistand", "Header"];
    change.path.iter().any(|name| places.contains(&name.as_str()))
}

/// The agency itself told fewer: a whole record, or all of them.
fn vanished_with_its_list(change: &Change) -> bool {
    let lists = [
        "[0]",
        "ArbetsloshetsersattningLista",
        "utbetalningsuppgift",
        "utbetalningar",
        "formansinformation",
        "Utbetalningar",
        "Arbetsloshetsersattning",
        "Utbetalning",
        "Arende",
        "UtbetalningsPlan",
        "Arenden",
        "Studiemedel",
        "Utbetaldatider",
        "Utbetaldtid",
    ];
    lists.contains(&change.field()) && matches!(change.how, How::LeftOut | How::Empty | How::Nil)
}

/// A text is a text whatever it says.
fn is_text(change: &Change) -> bool {
    let texts = [
        "Fornamn",
        "Efternamn",
        "ArbetssokandeSKAT",
        "ErsattningTyp",
        "Akassetillhorighet",
        "StatusSokandeinformationKodText",
        "SvarandeOrganisation",
        "klartext",
        "relarende",
        "regnr",
        "fabrikat",
        "fordonsar",
        "fordonsslag",
        "efternamn",
        "fornamn",
        "hemland",
        "anledning",
        "anledningNamn",
        "arendeTyp",
        "arendeTypNamn",
        "beslutsKod",
        "beslutsKodNamn",
        "@lopnummer",
        "studiemedel",
        "studiehjalp",
        "hemutrustningslan",
        "studiestartsstod",
        "omstallningsstudiestod",
        "id",
        "kod",
        "foretag",
        "formansfamilj",
        "typ",
        "forman",
        "formansgrupp",
        "utbetalningsforman",
    ];
    texts.contains(&change.field())
}

fn is_list(change: &Change) -> bool {
    let lists = [
        "EkonomiskaBeslut",
        "Studiemedel",
        "Arenden",
        "soktaTider",
        "BeviljadeTider",
        "Beloppen",
        "UtbetalningsPlan",
        "Utbetaldatider",
        "ArbetsloshetsersattningLista",
        "fordonsinnehav",
        "svarCollection",
        "avvikelser",
        "formansinformation",
    ];
    lists.contains(&change.field())
}
