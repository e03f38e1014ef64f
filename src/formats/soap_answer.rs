//! What the agencies that speak SOAP have in common: the question's envelope, and taking an answer's apart.

use ssbtek_domain::{Fault as Told, Note, Original, Outcome, Question, Source, SourceAnswer};
use ssbtek_xml::{
    Document, Element, Limits, Writer, XSI,
    soap::{self, Body, Fault},
};

use crate::{
    CannotAsk, HttpAnswer, HttpQuestion, Refused, failure,
    fields::Space,
    notes::Notes,
    unknown::{self, Around, Records, Within},
    unreadable::refused,
    who,
};

/// The question around what `payload` writes, with the empty `SOAPAction` that all of these services take.
pub(crate) fn question(payload: impl FnOnce(&mut Writer)) -> HttpQuestion {
    HttpQuestion {
        path: "/".to_owned(),
        content_type: soap::CONTENT_TYPE,
        soap_action: Some("\"\""),
        body: soap::wrap(payload),
    }
}

/// Whether XML can carry every text of the question unchanged.
pub(crate) fn check_texts(question: &Question) -> Result<(), CannotAsk> {
    let processors = question.asking.processors.iter().map(|processor| processor.name.as_str());
    let mut texts = [
        question.asking.name.as_str(),
        question.asking.case_worker.as_str(),
        question.case.as_str(),
        question.purpose.as_str(),
        question.legal_basis.0.as_str(),
    ]
    .into_iter()
    .chain(processors);
    let carried = |c: char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if texts.all(|text| text.chars().all(carried)) {
        Ok(())
    } else {
        Err(CannotAsk("a text of the question holds a character that XML cannot carry"))
    }
}

/// The element that an answer's payload must be: its namespace, in the version asked and in any, and its name.
pub struct AnswerElement {
    /// The namespace in the version that is asked in.
    pub namespace: &'static str,
    pub(crate) space: Space,
    /// The local name.
    pub name: &'static str,
    /// Its own elements that tell of a failure; what else does so stands where no contract has it.
    pub(crate) failures: &'static [&'static str],
}

impl AnswerElement {
    /// Whether an element is this one, in whatever version.
    pub fn is(&self, element: &Element) -> bool {
        element.name() == self.name && self.space.holds(element.namespace())
    }
}

/// Takes an answer apart. `facts` reads the payload, which is the element expected; `fault` reads a SOAP fault.
/// An HTTP failure without a fault is a failure at the source. The payload's bytes are attached to what `facts` returns.
pub(crate) fn read(
    source: &Source,
    question: &Question,
    answer: &HttpAnswer,
    expected: &AnswerElement,
    facts: impl FnOnce(&Element, &Notes) -> Result<SourceAnswer, Refused>,
    fault: impl FnOnce(&Fault<'_>) -> SourceAnswer,
) -> Result<SourceAnswer, Refused> {
    let succeeded = (200..300).contains(&answer.status);
    if (300..400).contains(&answer.status) {
        return Err(Refused::REDIRECT);
    }
    let failed = || SourceAnswer::without_facts(source.clone(), Outcome::FailedAtSource);
    let document = match Document::parse(&answer.body, &Limits::of_answers()) {
        Ok(document) => document,
        Err(error) if succeeded => return Err(refused(error)),
        Err(_) => return Ok(failed()),
    };
    match soap::unwrap_answer(document.root()) {
        Ok(Body::Fault(told)) => Ok(fault(&told)),
        _ if !succeeded => Ok(failed()),
        Err(_) => Err(Refused::breach("the answer is no SOAP envelope with one element inside")),
        Ok(Body::Payload(payload)) if !expected.is(payload) => Err(Refused::breach(
            "the answer holds another element than the contract's, or in another namespace",
        )),
        Ok(Body::Payload(payload)) => {
            let notes = Notes::about(&question.person);
            notes.add_if(
                payload.namespace().unwrap_or_default() != expected.namespace,
                Note::OtherVersion(expected.name),
            );
            notes
                .add_if(document.root().namespace() != Some(soap::NAMESPACE), Note::OtherVersion("Envelope"));
            let mut read = facts(payload, &notes)?;
            if failure::is_told(payload, expected.failures) {
                notes.fail();
            }
            around(document.root(), &notes);
            read.original = Some(original(&document, payload));
            Ok(notes.onto(read))
        }
    }
}

/// What stands around the payload: words and attributes of the envelope's own, its header, and what follows its body.
fn around(envelope: &Element, notes: &Notes) {
    let said = |text: &str| {
        if failure::is_said("text", text) {
            notes.say("Envelope", text);
        }
    };
    let nothing = Records::default;
    let beside = Around::new(Within::Record, &nothing);
    for part in std::iter::once(envelope).chain(envelope.elements()) {
        let own = part.namespace() == envelope.namespace();
        // What stands in the body is the payload, and what follows it is as the header's blocks.
        match part.name() {
            "Header" if own => part.elements().iter().for_each(|block| header(block, notes)),
            _ if !own => header(part, notes),
            _ => {}
        }
        if own {
            said(part.trimmed());
            for attribute in part.attributes().iter().filter(|attribute| unknown::says_of_it(attribute)) {
                if unknown::is_more(attribute.name(), attribute.value(), &beside) {
                    notes.say("Envelope", attribute.value());
                }
            }
        }
    }
}

/// What only routes a message, signs it or says when it was sent.
const ROUTING: [&str; 5] = [
    "http://www.w3.org/2005/08/addressing",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://docs.oasis-open.org/wss/2004/01/",
    "http://www.w3.org/2000/09/xmldsig#",
    "http://www.w3.org/2001/04/xmlenc#",
];
/// Names of what does so in any other namespace.
const ROUTES: [&str; 14] = [
    "messageid",
    "relatesto",
    "action",
    "to",
    "from",
    "replyto",
    "address",
    "avsandare",
    "mottagare",
    "sender",
    "receiver",
    "system",
    "miljo",
    "transactionid",
];

/// One block of a header, or something in it. Standards that only route are passed over.
fn header(block: &Element, notes: &Notes) {
    let routes = block.namespace().is_some_and(|at| ROUTING.iter().any(|known| at.starts_with(known)));
    if routes && !failure::is_told(block, &[]) && !failure::tells(block.trimmed()) {
        return;
    }
    let nothing = Records::default;
    let beside = Around::new(Within::Record, &nothing);
    let attributes = block.attributes().iter().filter(|attribute| unknown::says_of_it(attribute));
    let own = attributes.map(|attribute| (attribute.name(), attribute.value()));
    for (name, text) in own.chain([(block.name(), block.trimmed())]) {
        let is_address = !text.contains(char::is_whitespace) && text.contains([':', '/', '@']);
        let is_routing = ROUTES.contains(&failure::plain(name).as_str()) || is_address;
        if failure::tells(text) || !is_routing && unknown::is_more(name, text, &beside) {
            notes.say("Header", text);
        }
    }
    block.elements().iter().for_each(|inside| header(inside, notes));
}

/// A fault read by its code; its text goes to the caller and nowhere else.
pub(crate) fn plain_fault(source: &Source, fault: &Fault<'_>) -> SourceAnswer {
    SourceAnswer {
        fault_code: code(fault.code()),
        faults: vec![told(fault.code(), fault.text())],
        ..SourceAnswer::without_facts(source.clone(), Outcome::FailedAtSource)
    }
}

/// A text that is a code by its form; free text is none, and nobody's number is one.
pub(crate) fn code(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    (is_code && !who::names_anybody(text)).then(|| text.to_owned())
}

/// What the agency said of the whole, in its own code and words.
pub(crate) fn told(code: &str, text: &str) -> Told {
    let texts = [text.trim()].into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect();
    Told { part: None, code: code.trim().to_owned(), texts }
}

/// The payload byte for byte if it stands on its own; else with the namespace declarations that it inherits.
fn original(document: &Document<'_>, payload: &Element) -> Original {
    let raw = document.raw(payload);
    let stands_alone =
        ssbtek_xml::parse_str(raw, &Limits::of_answers()).is_ok_and(|alone| means_the_same(&alone, payload));
    let text = if stands_alone { raw.to_owned() } else { document.standalone(payload) };
    Original { media_type: "text/xml", bytes: text.into_bytes() }
}

/// Same names in the same namespaces all the way down, and no `xsi:type`, whose value is a name of its own.
fn means_the_same(alone: &Element, inside: &Element) -> bool {
    let mut waiting = vec![(alone, inside)];
    while let Some((a, b)) = waiting.pop() {
        let same = a.name() == b.name()
            && a.namespace() == b.namespace()
            && a.attributes() == b.attributes()
            && a.attr_in(XSI, "type").is_none()
            && a.elements().len() == b.elements().len();
        if !same {
            return false;
        }
        waiting.extend(a.elements().iter().zip(b.elements()));
    }
    true
}
