#!/usr/bin/env python3
"""Asks a running demo through its SOAP door, agency by agency failing, and leaves every answer in a folder:
live_ask.py DEMO.json FOLDER [own|grpc]

One file per answer, `VERSION-answer-NAME.xml` or `VERSION-fault-NAME.xml`. Ends with status 1 when an answer says something
else than what was arranged. `grpc`: the demo asks its agencies over gRPC. Needs `requests` and `lxml`. Test persons only.
"""
import base64
import datetime
import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from lxml import etree

CODES = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"]
PARTS = "foretagsinformation individuppgifter skattekonto skatteuppgifter beskattningsbilagor".split()
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
DEMO = json.loads(Path(sys.argv[1]).read_text())
FOLDER = Path(sys.argv[2])
WIRE = sys.argv[3] if len(sys.argv) > 3 else "own"
# The day in Sweden, by which the broker goes.
TODAY = datetime.datetime.now(ZoneInfo("Europe/Stockholm")).date()
SESSION = requests.Session()
SESSION.trust_env = False
SESSION.cert, SESSION.verify = (DEMO["client_cert"], DEMO["client_key"]), DEMO["ca"]
wrong = []


def person(role):
    return next(known["person_number"] for known in DEMO["persons"] if known["role"].replace("_", "-") == role)


def block(code, version):
    if code == "SKV" and version == 11:
        inside = f"<fraga><ar>{TODAY.year - 1}</ar>" + "".join(f"<{part}>true</{part}>" for part in PARTS) + "</fraga>"
        return f'<SKV inkludera="true">{inside}</SKV>'
    return f'<{code} inkludera="true"/>'


def envelope(version, number, agencies, lefi=None, echo=False, case=None):
    start = TODAY.replace(day=1) - datetime.timedelta(days=62)
    blocks = "".join(block(code, version) for code in agencies)
    if lefi:
        inside = f"<fraga><aktorsid>demo</aktorsid><lefiJsonFraga>{base64.b64encode(lefi.encode()).decode()}</lefiJsonFraga></fraga>"
        blocks = blocks.replace('<FK inkludera="true"/>', f'<FK inkludera="true">{inside}</FK>')
    return f"""<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>
<hamtaBastjanstInformation xmlns="http://schema.forsakringskassan.se/integration/ssbt/{version}"><generellaFrageparametrar>
<korrelationsid>live</korrelationsid><fraganSkallInkluderasISvaret>{str(echo).lower()}</fraganSkallInkluderasISvaret>
<ingivare><organisationsnummer>{DEMO["board"]}</organisationsnummer><namn>Demo</namn><handlaggare>{DEMO["case_worker"]}</handlaggare></ingivare>
<personidentitet>{number}</personidentitet><arendeidentitet>{case or DEMO["case"]}</arendeidentitet>
<tidsperiod><fromDatum>{start}</fromDatum><tomDatum>{TODAY}</tomDatum></tidsperiod>
<syfte>Ekonomiskt bistånd</syfte><lagtext>SFS 2008:975</lagtext></generellaFrageparametrar>
<specifikaFrageparametrar>{blocks}</specifikaFrageparametrar></hamtaBastjanstInformation></s:Body></s:Envelope>"""


def post(body):
    headers = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""'}
    return SESSION.post(DEMO["soap"], data=body.encode(), headers=headers, timeout=30)


def check(holds, what):
    if not holds:
        wrong.append(what)
        print(f"WRONG: {what}", file=sys.stderr)


def told(answer):
    """`{"AF": "data", "CSN": "error SSBT SSBT_EJ_NABAR"}`."""
    sections = {}
    for section in answer.iterfind(".//{*}svarsdata/*"):
        error = section.find("{*}error")
        name = etree.QName(section).localname
        sections[name] = "data" if error is None else f"error {error[0].text} {error[1].text}"
    return sections


def ask(version, name, number, agencies=CODES, expected=None, **more):
    """`expected` overrides `data` for single agencies."""
    response = post(envelope(version, number, agencies, **more))
    (FOLDER / f"{version}-answer-{name}.xml").write_bytes(response.content)
    check(response.status_code == 200, f"{version} {name}: status {response.status_code} {response.text[:600]}")
    answer = etree.fromstring(response.content)
    wanted = {code: "data" for code in agencies} | (expected or {})
    check(told(answer) == wanted, f"{version} {name}: {told(answer)} instead of {wanted}")
    return answer


def behaviour(sources, value):
    for source in sources:
        put = requests.put(f"{DEMO['mock_control']}/behaviour/{source}", data=json.dumps(value), timeout=10)
        check(put.status_code == 200, f"behaviour of {source}: {put.status_code}")


def reset():
    requests.post(f"{DEMO['mock_control']}/reset", timeout=10)


def protected_notices(answer):
    """Where the contract has a place for it: AF, CSN and FK."""
    told = {}
    mark = answer.find(".//{*}Sekretessmarkering")
    told["AF"] = mark is not None and mark.text == "true"
    for code, place in [("CSN", "svar"), ("FK", "lefiJsonSvar")]:
        document = answer.find(f".//{{*}}{code}/{{*}}data/{{*}}{place}")
        inside = "" if document is None else base64.b64decode(document.text).decode()
        told[code] = 'sekretess="Ja"' in inside or '"skyddad":true' in inside.replace(" ", "")
    return told


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    funds = [code for code in requests.get(f"{DEMO['mock_control']}/calls", timeout=10).json()["sources"] if code.islower()]
    reset()
    for version in (10, 11):
        # Over gRPC Skatteverket brings five parts, which v10 has no form for: an honest error.
        skv = {"SKV": "error SSBT SSBT_ANNAN_VERSION"} if (WIRE, version) == ("grpc", 10) else {}
        # Parts that lose something have no form of their own for it in v11: the section says so.
        skv |= {"SKV": HELD} if version == 11 else {}
        applicant = person("applicant")
        # The co-applicant is protected, and until she was asked about that is not known: the home is held back from the first
        # question on.
        ask(version, "all", applicant, echo=True, expected=skv | WITHHELD)
        ask(version, "none", applicant, agencies=[])
        ask(version, "child", person("child"), agencies=["AF", "CSN", "FK"])
        lefi = {"personnummer": applicant, "period": {"from": f"{TODAY.year}-01-01", "tom": str(TODAY)}}
        lefi |= {"utbetalningar": ["FK:SJP", "PM:AP"], "ovrigInformation": ["FK:GEPI"]}
        ask(version, "own-lefi", applicant, agencies=["FK"], lefi=json.dumps(lefi))
        protected = ask(version, "protected", person("co-applicant"), expected=skv | OWN)
        notices = protected_notices(protected)
        check(all(notices.values()), f"{version}: not everybody says that the co-applicant is protected: {notices}")
        print(f"version {version}: the protected notice stands with {[code for code, said in notices.items() if said]}")
        for code in CODES:
            behaviour(funds if code == "SO" else [code], {"outage": "refuse"})
            gone = {code: "error SSBT SSBT_EJ_NABAR"}
            # Without one of those that say who is protected, it is not known of the applicant either.
            withheld = OWN if code in ("AF", "CSN", "FK") else WITHHELD
            ask(version, f"without-{code}", applicant, expected=skv | withheld | gone)
            reset()
            if WIRE == "own" and code != "SO":
                behaviour([code], {"failure_rate_percent": 100})
                answer = post(envelope(version, applicant, CODES))
                (FOLDER / f"{version}-answer-failing-{code}.xml").write_bytes(answer.content)
                said = told(etree.fromstring(answer.content))
                check(said[code].startswith("error BT"), f"{version} failing {code}: {said[code]}")
                reset()
        refused = post(envelope(version, applicant, CODES, case="EB-NO-SUCH"))
        (FOLDER / f"{version}-fault-case.xml").write_bytes(refused.content)
        check(refused.status_code == 500 and b"arendeidentitet" in refused.content, f"{version}: unknown case")
        check(applicant.encode() not in refused.content, f"{version}: a fault repeats the person")
    print(f"{len(list(FOLDER.glob('*-answer-*.xml')))} answers, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


HELD = "error SSBT SSBT_SKYDDAD"
# Held back whole while somebody else in the household is, or may be, protected.
WITHHELD = {"TNS": HELD}
# Held back whole while the person asked about is, or may be.
OWN = WITHHELD | {"MIV": HELD}


main()
