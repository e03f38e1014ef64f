"""Walks the published schemas: writes one answer of each agency's with everything that its schema has, one for each enumeration value at
each place, and one without each thing that may be left out.

Usage: walk_schemas.py SCHEMAS PERSON ENTRY > LINES
SCHEMAS is the folder with `se/` and `schemas/`; PERSON the twelve digits that the answers are about; ENTRY what MIV repeats as the
question's. Each line of the output is a JSON list: [recording's name, what it is, the answer]. LEFI needs PyYAML.
"""

import glob
import json
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from xml.sax.saxutils import escape, quoteattr

XS = "{http://www.w3.org/2001/XMLSchema}"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
folder, person, entry = sys.argv[1:4]

# What no schema says: values that have a meaning of their own.
VALUES = {
    "ResultatKod": "0",
    "ResultatText": "OK",
    "StatusSokandeinformationKod": "0",
    "StatusSokandeinformationKodText": "OK",
    "StatusSvarandeOrganisation": "OK",
    "AktivitetsRapportMeddelande": "200",
    "resultat": "OK",
    "personnummer": person,
    "korrelationsid": entry,
    "correlationid": "0a1b2c3d",
    "schemaVersion": "4.0",
    "lopnummer": "1",
    "sekel": person[:2],
    "relarende": "1",
    "gr_takt": "50",
    "sekretess": "  ",
}
KINDS = {
    "boolean": "false",
    "int": "1",
    "integer": "1",
    "decimal": "12.50",
    "date": "2026-05-01",
    "belopp": "100",
    "datum": "20261023",
    "vecka": "202644",
}
# Says that there is something, or nobody: what stands beside it says otherwise.
LEFT_OUT = {"felresultat"}
BLANK = {"studiemedel", "studiehjalp", "hemutrustningslan", "studiestartsstod", "omstallningsstudiestod"}


class Walk:
    """One answer; `choose` are the places that depart, and how: an enumeration's value, or None for what is left out."""

    def __init__(self, *choose):
        self.choose = set(choose)
        self.places = []

    def takes(self, path, value):
        self.places.append((path, value))
        return (path, value) in self.choose


types, elements, qualified = {}, {}, {}
for name in glob.glob(f"{folder}/**/*.xsd", recursive=True):
    root = ET.parse(name).getroot()
    prefixes = dict(node for _, node in ET.iterparse(name, events=["start-ns"]))
    space = root.get("targetNamespace", "")
    qualified[space] = root.get("elementFormDefault") == "qualified"
    for child in root:
        if child.tag in (XS + "complexType", XS + "simpleType"):
            types[space, child.get("name")] = (child, space, prefixes)
        elif child.tag == XS + "element":
            elements[space, child.get("name")] = (child, space, prefixes)


def resolve(name, space, prefixes):
    prefix, _, local = name.rpartition(":")
    found = types.get((prefixes.get(prefix, space), local))
    return found or types.get((space, local)), local


def text_of(name, kind, simple, path, walk):
    local = kind.rpartition(":")[2] if kind else ""
    facets = simple.find(f".//{XS}restriction") if simple is not None else None
    if facets is not None:
        allowed = [facet.get("value") for facet in facets.findall(XS + "enumeration")]
        for value in allowed:
            if walk.takes(path, value):
                return value
        if allowed:
            return VALUES.get(name, allowed[0])
        patterns = [facet.get("value") for facet in facets.findall(XS + "pattern")]
        if any("{12}" in pattern for pattern in patterns):
            return person
        if local == "personnummer" or "personnummer" in facets.get("base", ""):
            return person[2:]
    if name in BLANK:
        return " "
    return VALUES.get(name) or KINDS.get(local, "A1")


def content(declared, name, path, walk):
    """Attributes and content of an element, by its type."""
    node, space, prefixes = declared
    kind = node.get("type")
    body, inner = node.find(XS + "complexType"), (space, prefixes)
    simple = node.find(XS + "simpleType")
    if kind:
        found, _ = resolve(kind, space, prefixes)
        if found and found[0].tag == XS + "complexType":
            body, inner = found[0], found[1:]
        elif found:
            simple = found[0]
        elif kind.startswith("sam:"):
            # CSN's question, whose schema nobody has published.
            return "", f"<s:HushallsMedlemsId xmlns:s='urn:x'>{person[2:]}</s:HushallsMedlemsId>"
    if body is None:
        return "", escape(text_of(name, kind, simple, path, walk))
    attributes, inside = "", ""
    for attribute in body.findall(XS + "attribute"):
        its, at = attribute.get("name"), f"{path}/@{attribute.get('name')}"
        if attribute.get("use") != "required" and walk.takes(at, None):
            continue
        found, _ = resolve(attribute.get("type") or "", *inner)
        simple = found[0] if found else attribute.find(XS + "simpleType")
        number = its == "personnummer"
        value = person[2:] if number else text_of(its, attribute.get("type"), simple, at, walk)
        attributes += f" {its}={quoteattr(value)}"
    for child in body.iter(XS + "element"):
        if not belongs(body, child):
            continue
        inside += element((child, *inner), path, walk)
    return attributes, inside


def belongs(body, child):
    """Whether an element is the type's own, and not of a type within it."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if node is child:
            return True
        if node.tag != XS + "element":
            waiting.extend(node)
    return False


def element(declared, path, walk, top=False):
    node, space, _ = declared
    name = node.get("name")
    path = f"{path}/{name}"
    if name in LEFT_OUT or node.get("minOccurs") == "0" and walk.takes(path, None):
        return ""
    attributes, inside = content(declared, name, path, walk)
    spaced = space if top or qualified[space] else ""
    return f"<{name} xmlns={quoteattr(spaced)}{attributes}>{inside}</{name}>"


def answers(recording, space, name):
    declared = elements[space, name]
    made = Walk()
    whole = element(declared, "", made, top=True)
    yield "everything", whole
    for place, value in dict.fromkeys(made.places):
        what = f"{place} = {value}" if value is not None else f"without {place}"
        yield what, element(declared, "", Walk((place, value)), top=True)


def say(recording, what, answer):
    print(json.dumps([recording, what, answer], ensure_ascii=False))


for recording, space, name in [
    ("af.xml", "http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2", "SvarMeddelande"),
    ("csn.xml", "http://schema.csn.se/v4.0/kommunfraga", "CSNSvar"),
    ("so.xml", "http://INT014.UBPService.Schemas", "GetUnemploymentBenefitPaymentResponse"),
    ("tns.xml", "http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1", "HamtaUppgifterResponse"),
    ("miv.xml", "http://schema.migrationsverket.se/ssbtek/1/", "findByPersonnummerResponse"),
]:
    for what, answer in answers(recording, space, name):
        soap = answer if recording == "csn.xml" else f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{answer}</e:Body></e:Envelope>'
        say(recording, what, soap)


# What LEFI has as a text without a form, and is a day.
DAYS = {"dag", "datum", "ersattningsdatum", "faststalldes", "fattades", "fran", "startades", "till"}
# Answers of LEFI's in which something is left out.
BATCHES = 40


def lefi():
    try:
        import yaml
    except ImportError:
        print("SKIPPED: LEFI's description, for want of PyYAML", file=sys.stderr)
        return
    with open(
        f"{folder}/se/forsakringskassan/schema/lefi/lefi-formansinformation-v9.openapi.yaml", encoding="utf-8"
    ) as source:
        schemas = yaml.load(source, Loader=yaml.BaseLoader)["components"]["schemas"]

    def value(name, schema, path, walk):
        if "$ref" in schema:
            return value(name, schemas[schema["$ref"].rpartition("/")[2]], path, walk)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind == "object":
            required = schema.get("required", [])
            told = {}
            for its, inner in schema.get("properties", {}).items():
                at = f"{path}/{its}"
                if its == "avvikelser" or its not in required and walk.takes(at, None):
                    continue
                told[its] = value(its, inner, at, walk)
            return told
        if kind == "array":
            return [value(name, schema["items"], path, walk)]
        if "enum" in schema:
            allowed = [int(it) if kind == "integer" else it for it in schema["enum"]]
            for it in allowed:
                if walk.takes(path, it):
                    return it
            return "OK" if "OK" in allowed else allowed[0]
        if kind == "boolean":
            return False
        if kind == "integer":
            return 1
        if kind == "number":
            return 100.5
        if name in DAYS:
            return "2026-05-01"
        if path == "/utlamnare/tillstand/beskrivning":
            return "Tillgänglig"
        pattern = schema.get("pattern", "")
        if name in ("personnummer", "person", "medsokande") or "{12}" in pattern or "{10}" in pattern:
            return person
        if "[0-9]{2}" in pattern or "1[0-2]" in pattern:
            return "2026-05-01" if "12]" in pattern else "2026-05"
        if "[0-9]{4}" in pattern:
            return "2026"
        if name == "valuta":
            return "SEK"
        return {"date": "2026-05-01", "date-time": "2026-05-01T10:00:00Z"}.get(schema.get("format"), "A1")

    def answer(walk):
        told = value("svar", schemas["LefiExternFormansinformationSvar"], "", walk)
        provider = told.get("utlamnare", [{}])[0]
        other = json.loads(json.dumps(provider))
        for which, code in ((provider, "FK"), (other, "PM")):
            if "utlamnare" in which:
                which["utlamnare"]["kod"] = code
        if "utlamnare" in told:
            told["utlamnare"].append(other)
        return json.dumps(told, ensure_ascii=False)

    made = Walk()
    whole = answer(made)
    say("fk.json", "everything", whole)
    places = list(dict.fromkeys(made.places))
    for place, departs in places:
        # Who tells is named twice above.
        if departs is not None and not place.endswith("utlamnare/kod"):
            say("fk.json", f"{place} = {departs}", answer(Walk((place, departs))))
    # Of these there are many, and nearly all are in the others' answers.
    optional = [place for place, departs in places if departs is None and place.count("/") > 1]
    beside = Counter(place.rpartition("/")[0] for place in optional)
    # Without these nobody has said who tells, of whom, or how much; and a record of nothing is none.
    needed = ("nettobelopp", "summa", "generellPersoninformation/personnummer")
    left_out = [
        (place, None)
        for place in optional
        if not place.startswith("/utlamnare") and not place.endswith(needed) and beside[place.rpartition("/")[0]] > 1
    ]
    for first in range(BATCHES):
        say("fk.json", f"without every {BATCHES}th, from the {first}th on", answer(Walk(*left_out[first::BATCHES])))


lefi()
