//! docs/READING.md: what is refused, noted and passed over, each row tried.

use std::{env, fs, path::PathBuf};

use ssbtek_domain::{Note, Outcome};
use ssbtek_formats::{HttpAnswer, RefusalCode, read_answer};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, codec, question, skv_v11},
};

const OTHER: &str = "198506079824";
/// Where the table begins in the document.
const FROM_HERE: &str = "<!-- from here on made from src/formats/tests/recordings/table.rs: UPDATE_DOCS=1 cargo nextest run -p ssbtek-formats -E 'test(table)' -->\n";

/// What becomes of an answer.
enum Verdict {
    /// Refused whole.
    Refused(RefusalCode),
    /// Read, with this outcome and this note; facts stay.
    Noted(Outcome, Note),
    /// Read as if nothing were there.
    PassedOver(Note),
    /// An outcome without facts.
    NoAnswer(Outcome),
}

struct Row {
    recording: &'static str,
    what: &'static str,
    change: fn(String) -> String,
    verdict: Verdict,
    why: &'static str,
}

const WHOM: &str = "somebody else's answer must never be told of the person";
const FAILURE: &str = "without it a failure would read as \"nothing there\"";
const LINE: &str = "one line cannot be told rightly; all others can";
const FIELD: &str = "one field of the line is not told; the line is";
const NOT_ALL: &str = "the source has not said that this is all";
const BESIDE: &str = "what is there may not be all, and what is not there may be anything";
const ROUNDED: &str = "a double is printed with more digits than it has; the öre are right";
const LENIENT: &str = "it says nothing about whom, protection or failure";
const BOUNDS: &str = "no answer of the contract's comes near, and what it costs to read is bounded";
const ECHO: &str = "it could be the answer to another question";
const RENAMED: &str = "what the contract has may stand there: nobody has said that there is none";
const THEIRS: &str =
    "a line that names only somebody else is not the person's; it is left out, and its number is not told";
const SAID: &str =
    "where there is nothing, that may be why; where it tells of a failure, what is there may not be all";
const VERSION: &str = "older and newer versions have the same names for the same things";

/// Without the first element or member of that name.
fn without(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(to).unwrap() + to.len();
    format!("{}{}", &text[..start], &text[end..])
}

fn other(text: String) -> String {
    text.replace(ASKED, OTHER).replace(&ASKED[2..], &OTHER[2..])
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    use Outcome::{Answered, AnsweredInPart, FailedAtSource};
    use RefusalCode as Code;
    use Verdict::{NoAnswer, Noted, PassedOver, Refused};
    let row = |recording, what, change, verdict, why| Row { recording, what, change, verdict, why };
    vec![
        row("af.xml", "another number in the question repeated, or in the answer", other, Refused(Code::AnotherPerson), WHOM),
        row("af.xml", "nested deeper than allowed, as in any XML", |text| text.replacen("<ns2:Fornamn>", &format!("{}{}<ns2:Fornamn>", "<x>".repeat(100), "</x>".repeat(100)), 1), Refused(Code::TooLarge), BOUNDS),
        row("af.xml", "more bytes than allowed, as in any XML", |text| text + &" ".repeat(1 << 20), Refused(Code::TooLarge), BOUNDS),
        row("af.xml", "more elements than allowed, as in any XML", |text| text.replacen("<ns2:Fornamn>", &format!("{}<ns2:Fornamn>", "<x/>".repeat(40_000)), 1), Refused(Code::TooLarge), BOUNDS),
        row("af.xml", "a DOCTYPE, as in any XML", |text| text.replacen("?>", "?><!DOCTYPE x>", 1), Refused(Code::Doctype), "what it declares could say anything"),
        row("af.xml", "a processing instruction, as in any XML", |text| text.replacen("?>", "?><?xml-stylesheet href=\"x\"?>", 1), Noted(Answered, Note::PassedOver("Svar")), "it says nothing to us and is not read"),
        row("af.xml", "an envelope of SOAP 1.2, as in any SOAP", |text| text.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"), Noted(Answered, Note::OtherVersion("Envelope")), "what stands in it is the same"),
        row("af.xml", "another number in the question repeated alone", |text| text.replacen(ASKED, OTHER, 1), Refused(Code::AnotherPerson), ECHO),
        row("af.xml", "no number at all", |text| text.replace("IdentitetsbeteckningFysiskPerson", "Annat"), Refused(Code::NobodyNamed), WHOM),
        row("af.xml", "no `StatusSokandeinformationKod`", |text| without(&text, "<ns2:StatusSokandeinformationKod>", "</ns2:StatusSokandeinformationKod>"), Refused(Code::NotTheContract), FAILURE),
        row("af.xml", "no `AktivetetsRapportDatum`", |text| text, Noted(Answered, Note::Missing("AktivetetsRapportDatum")), "AF leaves it out, and what it would say is not told"),
        row("af.xml", "`Sekretessmarkering` that is no yes or no", |text| text.replace("Sekretessmarkering>false", "Sekretessmarkering>nej"), Noted(AnsweredInPart, Note::NotUnderstood("Sekretessmarkering")), "then protection is not known; only a plain no is one"),
        row("af.xml", "a decision whose day is none", |text| text.replace("BeslutFrom>2026", "BeslutFrom>i fjol "), Noted(AnsweredInPart, Note::NotUnderstood("BeslutFrom")), FIELD),
        row("af.xml", "an element that the schema does not have", |text| text, PassedOver(Note::PassedOver("Svar")), LENIENT),
        row("af.xml", "code 0 with a text that tells of a failure", |text| text.replace("KodText>OK<", "KodText>Tekniskt fel<"), Noted(AnsweredInPart, Note::NotUnderstood("StatusSokandeinformationKodText")), SAID),
        row("af.xml", "a failure beside the facts, as in any XML", |text| text.replacen("<ns2:Svar>", "<ns2:Svar><ns2:felkod>17</ns2:felkod>", 1), Noted(AnsweredInPart, Note::NotUnderstood("fel")), BESIDE),
        row("af.xml", "a day that is no `xs:date` (`20260216`)", |text| text.replace("2026-02-16", "20260216"), Noted(AnsweredInPart, Note::NotUnderstood("ArbetssokandeRegistrerad")), FIELD),
        row("af.xml", "a field by another name", |text| text.replace("Akassetillhorighet", "Kassa"), Noted(AnsweredInPart, Note::NotUnderstood("Svar")), RENAMED),
        row("af.xml", "another version's namespace", |text| text.replace("ersattningsstod/v2", "ersattningsstod/v3"), Noted(Answered, Note::OtherVersion("SvarMeddelande")), VERSION),
        row("af.xml", "a list or record by a name that the schema does not have, as in any XML", |text| text.replace("<ns2:EkonomiskaBeslut>", "<ns2:AndraBeslut><ns2:Beslut><ns2:ErsattningTyp>A-kassa</ns2:ErsattningTyp><ns2:Omfattning>50</ns2:Omfattning></ns2:Beslut></ns2:AndraBeslut><ns2:EkonomiskaBeslut>"), Noted(AnsweredInPart, Note::NotUnderstood("BeslutInfo")), NOT_ALL),
        row("af.xml", "a count of more than stands there, a next page, a mark that there is more, as in any XML or JSON", |text| text.replace("<ns2:EkonomiskaBeslut>", "<ns2:EkonomiskaBeslut antal=\"3\">"), Noted(AnsweredInPart, Note::NotUnderstood("EkonomiskaBeslut")), NOT_ALL),
        row("af.xml", "a count of what stands there, as in any XML or JSON", |text| text.replace("<ns2:EkonomiskaBeslut>", "<ns2:EkonomiskaBeslut antal=\"1\">"), Noted(Answered, Note::PassedOver("EkonomiskaBeslut")), "the source says that this is all"),
        row("af.xml", "words beside facts, as in any XML or JSON", |text| text.replace("<ns2:Schemaversion>", "<ns2:Notering>Arkiverade</ns2:Notering><ns2:Schemaversion>"), Noted(AnsweredInPart, Note::NotUnderstood("Svar")), NOT_ALL),
        row("af.xml", "an attribute of a field that has none, as in any XML", |text| text.replace("StatusSokandeinformationKod>0", "StatusSokandeinformationKod fel=\"17\">0"), Noted(AnsweredInPart, Note::NotUnderstood("StatusSokandeinformationKod")), NOT_ALL),
        row("af.xml", "words in the envelope's header, as in any SOAP", |text| text.replace("<soapenv:Header/>", "<soapenv:Header><x:notis xmlns:x=\"urn:x\">Registret är stängt</x:notis></soapenv:Header>"), Noted(AnsweredInPart, Note::NotUnderstood("Header")), NOT_ALL),
        row("csn.xml", "another number, or another century, of the person or in the question repeated", other, Refused(Code::AnotherPerson), WHOM),
        row("csn.xml", "a list in another letter case", |text| text.replace("UtbetalningsPlan", "Utbetalningsplan"), Noted(AnsweredInPart, Note::NotUnderstood("Arende")), RENAMED),
        row("csn.xml", "another person's number within a payment", |text| text.replacen("<gem:utbetdatum>", &format!("<gem:personnummer>{OTHER}</gem:personnummer><gem:utbetdatum>"), 1), Noted(AnsweredInPart, Note::NotUnderstood("Utbetalning")), THEIRS),
        row("csn.xml", "another number in the question repeated alone", |text| text.replacen(&ASKED[2..], &OTHER[2..], 1), Refused(Code::AnotherPerson), ECHO),
        row("csn.xml", "a second `Person`", |text| text.replace("<csn:Personer>", "<csn:Personer><csn:Person personnummer=\"8506079824\"/>"), Refused(Code::SeveralPersons), WHOM),
        row("csn.xml", "no `ResultatKod`", |text| without(&text, "<csn:ResultatKod>", "</csn:ResultatKod>"), Refused(Code::NotTheContract), FAILURE),
        row("csn.xml", "code 0 with a text that nobody knows to be harmless", |text| text.replace("ResultatText>OK<", "ResultatText>Registret är stängt<"), Noted(AnsweredInPart, Note::NotUnderstood("ResultatText")), SAID),
        row("csn.xml", "\"Ej träff\" with cases", |text| text.replace("Status=\"          \"", "Status=\"Ej träff\""), Refused(Code::Contradiction), "it says that there is nothing, and there is"),
        row("csn.xml", "`sekretess` that is neither Ja nor blank", |text| text.replace("sekretess=\"  \"", "sekretess=\"X\""), Noted(Answered, Note::UnknownCode("Person/@sekretess")), "then protection is not known"),
        row("csn.xml", "an amount that is none", |text| text.replacen("totbelopp>13248</gem:totbelopp></sm:", "totbelopp>mycket</gem:totbelopp></sm:", 1), Noted(AnsweredInPart, Note::NotUnderstood("totbelopp")), LINE),
        row("csn.xml", "a kind of support that the person has, without any case", |text| text.replace("<gem:studiehjalp> </gem:studiehjalp>", "<gem:studiehjalp>J</gem:studiehjalp>"), Noted(AnsweredInPart, Note::NotUnderstood("Studiehjalp")), "it says that there is something, and nothing is there"),
        row("csn-3.0.xml", "schema 3.0", |text| text, Noted(AnsweredInPart, Note::OtherVersion("CSNSvar")), VERSION),
        row("csn-3.0.xml", "a block that an older version does not have", |text| text, Noted(AnsweredInPart, Note::Missing("Omstallningsstudiestod")), "that system was not looked up: its silence is no \"nothing there\""),
        row("fk.json", "general information about another number", other, Refused(Code::AnotherPerson), WHOM),
        row("fk.json", "a second person's general information", |text| text.replacen("{\"personnummer\"", "{\"namn\": \"X\"}, {\"personnummer\"", 1), Refused(Code::SeveralPersons), WHOM),
        row("fk.json", "nested deeper than allowed", |text| text.replacen("\"avvikelser\"", &format!("\"x\": {}{}, \"avvikelser\"", "[".repeat(100), "]".repeat(100)), 1), Refused(Code::TooLarge), BOUNDS),
        row("fk.json", "more values than allowed", |text| text.replacen("\"avvikelser\"", &format!("\"x\": [{}0], \"avvikelser\"", "0,".repeat(100_000)), 1), Refused(Code::TooLarge), BOUNDS),
        row("fk.json", "the same member twice", |text| text.replacen("\"avvikelser\"", "\"utlamnare\": [], \"avvikelser\"", 1), Refused(Code::NotWellFormed), "two readers would see two answers"),
        row("fk.json", "`skyddad` that is no true or false", |text| text.replace("\"skyddad\": false", "\"skyddad\": \"nej\""), Noted(AnsweredInPart, Note::NotUnderstood("skyddad")), "then protection is not known"),
        row("fk.json", "`avvikelser` in an unknown form", |text| text.replace("\"avvikelser\": []", "\"avvikelser\": [1]"), Noted(AnsweredInPart, Note::NotUnderstood("avvikelser")), "anything may be missing"),
        row("fk.json", "a provider that is not listed", |text| text.replace("\"kod\": \"PM\"", "\"kod\": \"XX\""), Noted(AnsweredInPart, Note::Missing("utlamnare")), "it did not say that it delivered anything"),
        row("fk.json", "an amount as a double is printed, or with an exponent", |text| text, Noted(Answered, Note::Rounded("summa")), ROUNDED),
        row("fk.json", "an amount that is none", |text| text.replace("13272.300000000001", "\"mycket\""), Noted(AnsweredInPart, Note::NotUnderstood("summa")), LINE),
        row("fk.json", "a list that the contract does not name", |text| text.replacen("\"utbetalningsuppgift\"", "\"nyLista\": [], \"utbetalningsuppgift\"", 1), Noted(Answered, Note::PassedOver("formansinformation")), LENIENT),
        row("fk.json", "a payment in another currency", |text| text.replacen("\"valuta\": \"SEK\"}, \"nyttFalt\"", "\"valuta\": \"EUR\"}, \"nyttFalt\"", 1), Noted(AnsweredInPart, Note::UnknownCode("valuta")), "the broker converts nothing: the payment stays in the facts and makes no line"),
        row("fk.json", "a payment without a net amount", |text| text.replacen("\"nettobelopp\"", "\"annat\"", 1), Noted(AnsweredInPart, Note::Missing("nettobelopp")), LINE),
        row("fk.json", "a failure beside the facts, wherever it stands", |text| text.replacen("\"nyttFalt\": {\"a\": 1}", "\"fel\": {\"kod\": 17}", 1), Noted(AnsweredInPart, Note::NotUnderstood("fel")), BESIDE),
        row("fk.json", "a byte order mark", |text| format!("\u{feff}{text}"), Noted(Answered, Note::Rounded("summa")), "it says nothing; JSON of Skatteverket's may begin with one too"),
        row("fk.json", "`null` in place of a list", |text| text.replacen("\"preliminarautbetalningar\": []", "\"preliminarautbetalningar\": null", 1), Noted(AnsweredInPart, Note::NotUnderstood("preliminarautbetalningar")), FAILURE),
        row("fk.json", "a provider that is OK, and says something more", |text| text.replacen("\"Tillgänglig\"", "\"Tekniskt fel\"", 1), Noted(AnsweredInPart, Note::NotUnderstood("tillstand")), SAID),
        row("fk.json", "no `formansinformation`", |text| text.replacen("\"formansinformation\"", "\"annat\"", 1), Noted(AnsweredInPart, Note::NotUnderstood("formansinformation")), FAILURE),
        row("fk.json", "a list by another name, or in another letter case", |text| text.replacen("\"utbetalningsuppgift\"", "\"Utbetalningsuppgift\"", 1), Noted(AnsweredInPart, Note::NotUnderstood("formansinformation")), RENAMED),
        row("fk.json", "a field by another name", |text| text.replacen("\"datum\"", "\"utbetalningsdag\"", 1), Noted(AnsweredInPart, Note::NotUnderstood("utbetalningsuppgift")), RENAMED),
        row("fk.json", "`null` among a list's records", |text| text.replacen("\"utbetalningsuppgift\": [", "\"utbetalningsuppgift\": [null, ", 1), Noted(AnsweredInPart, Note::NotUnderstood("utbetalningsuppgift")), "whatever should stand there is not told"),
        row("fk.json", "another person's number within a payment", |text| text.replacen("\"datum\"", &format!("\"personnummer\": \"{OTHER}\", \"datum\""), 1), Noted(AnsweredInPart, Note::NotUnderstood("utbetalningsuppgift")), THEIRS),
        row("so.xml", "another number", other, Refused(Code::AnotherPerson), WHOM),
        row("so.xml", "no `IdentificationNumber`", |text| text.replace("IdentificationNumber", "Annat"), Refused(Code::NobodyNamed), WHOM),
        row("so.xml", "no list of funds", |text| text.replace("ArbetsloshetsersattningLista", "AnnanLista"), NoAnswer(FailedAtSource), "an empty list says that no fund has anything; none says nothing"),
        row("so.xml", "a status text that nobody knows", |text| text.replace("Organisation>OK<", "Organisation>Kanske<"), Noted(AnsweredInPart, Note::UnknownCode("StatusSvarandeOrganisation")), "that fund could not be checked"),
        row("so.xml", "a payment without a day", |text| without(&text, "<ns0:Utbetalningsdatum>", "</ns0:Utbetalningsdatum>"), Noted(Answered, Note::Missing("Utbetalningsdatum")), FIELD),
        row("so.xml", "a payment without any net amount", |text| text.replace("NettoEfter", "Annat"), Noted(AnsweredInPart, Note::Missing("NettoEfterSkatt")), LINE),
        row("so.xml", "a fund that does not say its name", |text| text.replace("Unionens a-kassa", " "), Noted(Answered, Note::Missing("SvarandeOrganisation")), "it is called \"a-kassa ej angiven\", and never by an empty name"),
        row("so.xml", "an amount as a double is printed, or with an exponent", |text| text, Noted(Answered, Note::Rounded("NettoEfterSkatt")), ROUNDED),
        row("so.xml", "a payment by another name beside those that are known", |text| { let (head, rest) = text.split_once("<ns0:Utbetalningar>").unwrap(); let (one, tail) = rest.split_once("</ns0:Utbetalningar>").unwrap(); format!("{head}<ns0:Utbetalningar>{one}</ns0:Utbetalningar><ns0:Utbetalning>{one}</ns0:Utbetalning>{tail}") }, Noted(AnsweredInPart, Note::NotUnderstood("Arbetsloshetsersattning")), RENAMED),
        row("so.xml", "another person's number within a payment", |text| text.replacen("<ns0:Utbetalningsdatum>", &format!("<ns0:IdentificationNumber>{OTHER}</ns0:IdentificationNumber><ns0:Utbetalningsdatum>"), 1), Noted(AnsweredInPart, Note::NotUnderstood("Utbetalningar")), THEIRS),
        row("so.xml", "another person's number in every fund's entry", |text| text.replacen("<ns0:Utbetalningar>", &format!("<ns0:IdentificationNumber>{OTHER}</ns0:IdentificationNumber><ns0:Utbetalningar>"), 1), Refused(Code::AnotherPerson), WHOM),
        row("so.xml", "another integration's number (`INT015`)", |text| text.replace("INT014", "INT015"), Noted(Answered, Note::OtherVersion("GetUnemploymentBenefitPaymentResponse")), VERSION),
        row("tns.xml", "another number beside the vehicles, and not the person's", |text| text.replacen("<ns3:resultat>", &format!("<ns3:personnummer>{OTHER}</ns3:personnummer><ns3:resultat>"), 1), Refused(Code::AnotherPerson), WHOM),
        row("tns.xml", "another person's number within a vehicle", |text| text.replacen("<ns2:regnr>", &format!("<ns2:agare>{OTHER}</ns2:agare><ns2:regnr>"), 1), Noted(AnsweredInPart, Note::NotUnderstood("fordon")), THEIRS),
        row("tns.xml", "`resultat` that is neither OK nor FEL, or missing", |text| text.replace("resultat>OK", "resultat>KANSKE"), Noted(AnsweredInPart, Note::UnknownCode("resultat")), FAILURE),
        row("tns.xml", "no list of vehicles", |text| text.replace("fordonsinnehav", "annat"), NoAnswer(FailedAtSource), "an empty list says that there are none; none says nothing"),
        row("tns.xml", "words in place of a list, as in any XML", |text| { let (head, rest) = text.split_once("<ns3:fordonsinnehav>").unwrap(); let tail = rest.split_once("</ns3:fordonsinnehav>").unwrap().1; format!("{head}<ns3:fordonsinnehav>Tekniskt fel</ns3:fordonsinnehav>{tail}") }, NoAnswer(FailedAtSource), "words are no empty list"),
        row("tns.xml", "words that nobody knows to be harmless, beside an empty list, as in any format", |text| format!("{}<ns3:meddelande>Registret är stängt</ns3:meddelande>{}", text.split_once("<ns3:fordonsinnehav>").unwrap().0, "<ns3:fordonsinnehav/></ns3:HamtaUppgifterResponse></soapenv:Body></soapenv:Envelope>"), Noted(AnsweredInPart, Note::NotUnderstood("HamtaUppgifterResponse")), SAID),
        row("tns.xml", "an empty record, or one that is nil, as in any format", |text| text.replace("</ns3:fordonsinnehav>", "<ns2:fordon/></ns3:fordonsinnehav>"), Noted(AnsweredInPart, Note::NotUnderstood("fordon")), "whatever should stand there is not told"),
        row("tns.xml", "an attribute in place of an element, or an element in place of a text, as in any XML", |text| text.replace("<ns2:regnr>PRV001</ns2:regnr>", "").replace("<ns2:fordon>", "<ns2:fordon regnr=\"PRV001\">"), Noted(AnsweredInPart, Note::NotUnderstood("fordon")), RENAMED),
        row("tns.xml", "nil, though something stands there, as in any XML", |text| text.replace("<ns2:regnr>", "<ns2:regnr xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\">"), Noted(AnsweredInPart, Note::NotUnderstood("fordon")), "it says that it is not there, and is"),
        row("tns.xml", "a vehicle that lacks a field", |text| text, Noted(Answered, Note::Missing("handelsbeteckning")), LENIENT),
        row("miv.xml", "another number", other, Refused(Code::AnotherPerson), WHOM),
        row("miv.xml", "another `korrelationsid`", |text| text.replace("<response>", "<response><korrelationsid>0</korrelationsid>"), Refused(Code::AnotherQuestion), "it could be the answer to another question"),
        row("miv.xml", "neither a number nor a `korrelationsid`", |text| text.replace("personnummer>", "annat>"), Refused(Code::NobodyNamed), WHOM),
        row("miv.xml", "no `svarCollection`", |text| text.replace("svarCollection", "annat"), Noted(AnsweredInPart, Note::Missing("svarCollection")), "an empty collection says that there are no matters; none says nothing"),
        row("miv.xml", "no `correlationid`", |text| text, Noted(Answered, Note::Missing("correlationid")), LENIENT),
        row("miv.xml", "children in a namespace", |text| text.replace("<response>", "<response xmlns=\"urn:x\">"), Noted(Answered, Note::OtherVersion("response")), VERSION),
        row("skv-v10.xml", "a document that names only others", other, Refused(Code::AnotherPerson), WHOM),
        row("skv-v10.xml", "a second person in the field that names the person", |text| text.replacen("&lt;inkomstar&gt;", &format!("&lt;skattskyldig id=\"{OTHER}\"/&gt;&lt;inkomstar&gt;"), 1), Refused(Code::SeveralPersons), "what is whose cannot be told"),
        row("skv-v10.xml", "another person's number within an income year", |text| text.replacen("&lt;ar&gt;", &format!("&lt;make&gt;{OTHER}&lt;/make&gt;&lt;ar&gt;"), 1), Noted(AnsweredInPart, Note::NotUnderstood("dokument")), THEIRS),
        row("skv-v10.xml", "`svar` that holds no XML", |text| text.replace("&lt;", "("), Refused(Code::NotWellFormed), FAILURE),
        row("skv-v10.xml", "a document that says nothing but that something failed, though it names the person", |text| text.replace("&lt;inkomstar&gt;", "&lt;fel&gt;").replace("&lt;/inkomstar&gt;", "&lt;/fel&gt;"), NoAnswer(FailedAtSource), "a failure is no answer, whomever it names"),
        row("skv-v10.xml", "a failure beside the facts", |text| text.replace("&lt;inkomstar&gt;", "&lt;felkod&gt;17&lt;/felkod&gt;&lt;inkomstar&gt;"), Noted(AnsweredInPart, Note::NotUnderstood("fel")), BESIDE),
        row("skv-v10.xml", "a name that is not known", |text| text.replacen("&lt;inkomstar&gt;", "&lt;nytt&gt;17&lt;/nytt&gt;&lt;inkomstar&gt;", 1), PassedOver(Note::PassedOver("dokument")), LENIENT),
        row("skv-v10.xml", "a figure by another name", |text| text.replace("slutligSkatt", "Slutligskatt"), Noted(AnsweredInPart, Note::Missing("slutligSkatt")), RENAMED),
        row("skv-v11", "a document in which nothing stands that is known", |text| text, Noted(AnsweredInPart, Note::Missing("individuppgifter")), "Skatteverket's names are not public: nobody has said that there is nothing"),
        row("skv-v11", "documents that name only others", |_| String::from_utf8(skv_v11(|_, text| other(text))).unwrap(), Refused(Code::AnotherPerson), WHOM),
        row("skv-v11", "another number in `personidentitet`", |text| text.replacen('{', &format!("{{\"personidentitet\":\"{OTHER}\","), 1), Refused(Code::AnotherPerson), ECHO),
        row("skv-v11", "nested deeper, or with more values, than allowed", |text| text.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(100), "]".repeat(100)), 1), Refused(Code::TooLarge), BOUNDS),
        row("skv-v11", "one document that is nested deeper, or has more values, than allowed", |_| String::from_utf8(skv_v11(|part, text| if part == "skattekonto" { text.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(100), "]".repeat(100)), 1) } else { text })).unwrap(), Noted(AnsweredInPart, Note::NotUnderstood("skattekonto")), "a fault of one part costs that part"),
        row("skv-v11", "a member that stands twice in one document", |_| String::from_utf8(skv_v11(|part, text| if part == "skattekonto" { text.replacen('{', "{\"saldo\":1,", 1) } else { text })).unwrap(), Noted(AnsweredInPart, Note::NotUnderstood("skattekonto")), "two readers would see two answers"),
        row("skv-v11", "a second person in the field that names the person, in one document", |_| String::from_utf8(skv_v11(|part, text| if part == "skattekonto" { text.replace(&format!("\"{ASKED}\""), &format!("[\"{ASKED}\",\"{OTHER}\"]")) } else { text })).unwrap(), Noted(AnsweredInPart, Note::NotUnderstood("skattekonto")), "what is whose cannot be told"),
        row("skv-v11", "one document that names only others", |_| String::from_utf8(skv_v11(|part, text| if part == "skattekonto" { other(text) } else { text })).unwrap(), Noted(AnsweredInPart, Note::NotUnderstood("skattekonto")), "that part is refused; those that name the person are theirs"),
        row("skv-v11", "a document that says nothing but that something failed, though it names the person", |_| String::from_utf8(skv_v11(|part, text| if part == "skattekonto" { format!("{{\"kontohavare\":\"{ASKED}\",\"felkod\":\"SKV17\"}}") } else { text })).unwrap(), Noted(AnsweredInPart, Note::NotUnderstood("skattekonto")), "a failure is no answer, whomever it names"),
        row("skv-v11", "a failure beside the facts, in a document or outside it", |_| String::from_utf8(skv_v11(|part, text| if part == "skattekonto" { text.replacen('{', "{\"fel\":\"17\",", 1) } else { text })).unwrap(), Noted(AnsweredInPart, Note::NotUnderstood("skattekonto")), BESIDE),
        row("skv-v11", "a part whose data is no base64 of JSON", |text| text.replacen("{\"data\":\"", "{\"data\":\"!", 1), Noted(AnsweredInPart, Note::NotUnderstood("foretagsinformation")), "a fault of one part costs that part"),
        row("skv-v11", "a part that says 404, by its code or in words", |text| text, Noted(AnsweredInPart, Note::UnknownCode("felkod")), "what it means is configuration; it is never taken for \"nothing there\" by itself"),
        row("skv-v11", "a member that the contract does not have", |text| text.replacen('{', "{\"nytt\":1,", 1), PassedOver(Note::PassedOver("SKV")), LENIENT),
        row("skv-v11", "none of the parts", |_| "{}".to_owned(), Refused(Code::NotTheContract), FAILURE),
    ]
}

#[test]
fn every_row_of_the_table_is_so() {
    for Row { recording, what, change, verdict, .. } in rows() {
        let body = change(String::from_utf8(bytes(recording)).unwrap()).into_bytes();
        let answer = HttpAnswer { status: 200, content_type: None, body };
        let read = read_answer(&*codec(recording), &source(recording), &question(), answer);
        let told = &read.answer;
        match verdict {
            Verdict::Refused(code) => {
                assert_eq!(read.refused.map(|refused| refused.code()), Some(code), "{recording}: {what}");
                assert!(told.section.is_none());
            }
            Verdict::Noted(outcome, note) => {
                assert_eq!(told.outcome, outcome, "{recording}: {what}: {:?}", told.notes);
                assert!(told.notes.contains(&note), "{recording}: {what}: {:?}", told.notes);
                assert!(told.section.is_some());
            }
            Verdict::PassedOver(note) => {
                assert!(told.notes.contains(&note) && told.section.is_some(), "{recording}: {what}");
            }
            Verdict::NoAnswer(outcome) => {
                assert_eq!(told.outcome, outcome, "{recording}: {what}");
                assert!(told.section.is_none());
            }
        }
    }
}

#[test]
fn the_document_has_the_table_as_it_is_tried() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/READING.md");
    let document = fs::read_to_string(&path).unwrap();
    let (head, _) = document.split_once(FROM_HERE).unwrap();
    let mut table = String::from("| agency | what departs | what becomes of it | why |\n|---|---|---|---|\n");
    for Row { recording, what, verdict, why, .. } in rows() {
        let agency = source(recording).code().to_owned();
        let version = recording.strip_prefix("skv-").map(|it| format!(" {}", it.trim_end_matches(".xml")));
        let told = match verdict {
            Verdict::Refused(code) => format!("**refused**: `{}`", code.as_str()),
            Verdict::Noted(outcome, note) => format!("noted ({}), {outcome}", told(&note)),
            Verdict::PassedOver(note) => format!("passed over ({})", told(&note)),
            Verdict::NoAnswer(outcome) => outcome.to_string(),
        };
        table += &format!("| {agency}{} | {what} | {told} | {why} |\n", version.unwrap_or_default());
    }
    let made = format!("{head}{FROM_HERE}{table}");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, made).unwrap();
    } else {
        assert!(document == made, "docs/READING.md is not what the table makes; UPDATE_DOCS=1 writes it");
    }
}

/// A note as a reader sees it.
fn told(note: &Note) -> String {
    let kind = match note {
        Note::Missing(_) => "missing",
        Note::NotUnderstood(_) => "not understood",
        Note::PassedOver(_) => "passed over",
        Note::Rounded(_) => "rounded",
        Note::OtherVersion(_) => "other version",
        Note::UnknownCode(_) => "unknown code",
        _ => "note",
    };
    format!("{kind}: `{}`", note.detail())
}
