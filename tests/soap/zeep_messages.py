#!/usr/bin/env python3
"""A client made from our service description and one made from the published one must say and understand the same:
zeep_messages.py VERSION SERVED_FOLDER PUBLISHED_WSDL SAMPLES_FOLDER

Nothing is sent. Both clients build the same questions, which must be equal byte for byte in canonical form (they are
left in SAMPLES_FOLDER for the broker's reader), and read the same sample answers, which must give equal objects.
"""
import sys
from pathlib import Path

from lxml import etree
from zeep import Client
from zeep.helpers import serialize_object
from zeep.transports import Transport

LEFI = '''{"personnummer": "198001019804", "period": {"from": "2026-09-01", "tom": "2026-11-30"},
 "utbetalningar": ["FK:SJP"], "ovrigInformation": ["FK:GEPI"]}'''
VERSION, SERVED, PUBLISHED, SAMPLES = sys.argv[1:5]


class Served(Transport):
    """Answers `https://broker.example/ssbt?xsd=NAME` from the folder."""

    def load(self, url):
        if "?xsd=" in url:
            return (Path(SERVED) / url.partition("?xsd=")[2]).read_bytes()
        return super().load(url)


class Canned:
    """An HTTP answer out of a file."""

    status_code = 200
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    encoding = "utf-8"

    def __init__(self, path):
        self.content = Path(path).read_bytes()


def question(everything):
    period = {"fromDatum": "2026-09-01", "tomDatum": "2026-11-30"}
    general = {
        "fraganSkallInkluderasISvaret": everything,
        "ingivare": {"organisationsnummer": "162120000142", "namn": "Prövköping", "handlaggare": "anna01"},
        "personidentitet": "198001019804",
        "arendeidentitet": "EB-1",
        "tidsperiod": period,
        "syfte": "Ekonomiskt bistånd",
        "lagtext": "SFS 2008:975",
    }
    codes = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"]
    specific = {code: {"inkludera": everything} for code in codes}
    if everything:
        general["frageTidpunkt"] = "2026-11-22T10:00:00"
        general["korrelationsid"] = "k-1"
        general["personuppgiftsbitrade"] = [
            {"ordningsnummer": n, "organisationsnummer": "162120000142", "namn": f"Ombud {n}"} for n in (1, 2)
        ]
        for code in ("AF", "CSN", "SO", "TNS"):
            specific[code]["tidsperiod"] = period
        specific["FK"]["fraga"] = {"version": "v9", "aktorsid": "a-1", "lefiJsonFraga": LEFI.encode()}
        if VERSION == "11":
            parts = "foretagsinformation individuppgifter skattekonto skatteuppgifter beskattningsbilagor".split()
            specific["SKV"]["fraga"] = {"ar": [2024, 2025], **{part: True for part in parts}}
    return {"generellaFrageparametrar": general, "specifikaFrageparametrar": specific}


def built(client, operation, arguments):
    message = client.create_message(client.service, operation, **arguments)
    return etree.tostring(message, method="c14n", exclusive=True)


def understood(client, operation, sample):
    binding = client.service._binding
    try:
        return serialize_object(binding.process_reply(client, binding.get(operation), Canned(sample)))
    except Exception as fault:  # a fault sample: what the client tells its user
        detail = getattr(fault, "detail", None)
        return (type(fault).__name__, str(fault), None if detail is None else etree.tostring(detail, method="c14n"))


def comparable(value):
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [comparable(item) for item in value]
    if isinstance(value, etree._Element):
        return etree.tostring(value, method="c14n", exclusive=True)
    return value


def main():
    ours = Client(str(Path(SERVED) / "service.wsdl"), transport=Served())
    theirs = Client(PUBLISHED)
    wrong = 0
    questions = [
        ("hamtaBastjanstInformation", question(False)),
        ("hamtaBastjanstInformation", question(True)),
        ("testaBastjanstInformation", {}),
    ]
    for number, (operation, arguments) in enumerate(questions):
        message = built(ours, operation, arguments)
        (Path(SAMPLES) / f"question-{VERSION}-{number}.xml").write_bytes(message)
        if message != built(theirs, operation, arguments):
            print(f"the two clients ask differently: {operation}")
            wrong += 1
    samples = sorted(Path(SAMPLES).glob(f"{VERSION}-*.xml"))
    for sample in samples:
        operation = "testaBastjanstInformation" if "test" in sample.stem else "hamtaBastjanstInformation"
        told = [comparable(understood(client, operation, sample)) for client in (ours, theirs)]
        is_fault = isinstance(told[0], list) and told[0][0] == "Fault"
        if told[0] != told[1] or is_fault != ("fault" in sample.stem):
            print(f"not understood alike: {sample.name}: {told[0] if is_fault else ''}")
            wrong += 1
    print(f"version {VERSION}: 3 questions and {len(samples)} answers compared, {wrong} differ")
    sys.exit(1 if wrong or not samples else 0)


main()
