#!/usr/bin/env python3
"""Asks a running broker as a case system would: zeep_ask.py WSDL --version 10|11 --cert C --key K --ca CA [options]

WSDL is the broker's own (`https://…?wsdl`) or a published file; with a file, `--address` says where to ask. Prints one
line per agency, `AF data` or `AF error SSBT SSBT_TIDSGRANS`, and exits with 0; a fault is printed with its code and
messages, exit 2. Test persons only.
"""
import argparse
import json
import sys

import requests
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

CODES = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"]
PARTS = "foretagsinformation individuppgifter skattekonto skatteuppgifter beskattningsbilagor".split()


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("wsdl")
    parser.add_argument("--version", choices=["10", "11"], required=True)
    parser.add_argument("--address")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("--organisation", required=True, help="12 digits")
    parser.add_argument("--name", default="Prövköping")
    parser.add_argument("--case-worker", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--person", required=True, help="12 digits, a test person")
    parser.add_argument("--from-day", required=True)
    parser.add_argument("--to-day", required=True)
    parser.add_argument("--agencies", default=",".join(CODES))
    parser.add_argument("--actor", default="a-1", help="FK's aktorsid; empty asks FK without a question of one's own")
    parser.add_argument("--lefi", default="FK:GEPI", help="codes under ovrigInformation")
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--trial", action="store_true", help="testaBastjanstInformation instead")
    return parser.parse_args()


def question(asked):
    period = {"fromDatum": asked.from_day, "tomDatum": asked.to_day}
    wanted = asked.agencies.split(",") if asked.agencies else []
    specific = {code: {"inkludera": code in wanted} for code in CODES}
    if "FK" in wanted and asked.actor:
        lefi = {
            "personnummer": asked.person,
            "period": {"from": asked.from_day, "tom": asked.to_day},
            "ovrigInformation": asked.lefi.split(","),
        }
        specific["FK"]["fraga"] = {"version": "v9", "aktorsid": asked.actor, "lefiJsonFraga": json.dumps(lefi).encode()}
    if "SKV" in wanted and asked.version == "11":
        specific["SKV"]["fraga"] = {"ar": [int(asked.to_day[:4]) - 1], **{part: True for part in PARTS}}
    return {
        "generellaFrageparametrar": {
            "korrelationsid": "zeep",
            "fraganSkallInkluderasISvaret": asked.echo,
            "ingivare": {
                "organisationsnummer": asked.organisation,
                "namn": asked.name,
                "handlaggare": asked.case_worker,
            },
            "personidentitet": asked.person,
            "arendeidentitet": asked.case,
            "tidsperiod": period,
            "syfte": "Ekonomiskt bistånd",
            "lagtext": "SFS 2008:975",
        },
        "specifikaFrageparametrar": specific,
    }


def line(code, section):
    error = getattr(section, "error", None)
    if error is not None:
        return f"{code} error {error.kalla} {error.felkod}"
    if hasattr(section, "anropad"):
        return f"{code} called {section.anropad}"
    parts = [part for part in PARTS if getattr(section, part, None) is not None]
    if parts:
        told = [f"{part}={'error' if getattr(section, part).error else 'data'}" for part in parts]
        return f"{code} parts {' '.join(told)}"
    data = section.data
    size = len(getattr(data, "lefiJsonSvar", None) or getattr(data, "svar", None) or b"")
    return f"{code} data" + (f" {size} bytes" if size else "")


def main():
    asked = arguments()
    session = requests.Session()
    session.trust_env = False  # neither a proxy nor a CA bundle from the environment instead of the one named
    session.cert, session.verify = (asked.cert, asked.key), asked.ca
    client = Client(asked.wsdl, transport=Transport(session=session, timeout=30, operation_timeout=30))
    service = client.service
    if asked.address:
        binding = f"{{http://schema.forsakringskassan.se/integration/ssbt/{asked.version}}}BastjanstInformationInterfaceSoapBinding"
        service = client.create_service(binding, asked.address)
    try:
        if asked.trial:
            answer = service.testaBastjanstInformation()
            sections = answer
        else:
            answer = service.hamtaBastjanstInformation(**question(asked))
            sections = answer.svarsdata
    except Fault as fault:
        texts = [] if fault.detail is None else [node.text for node in fault.detail.iter() if not len(node)]
        print("fault", fault.code, " | ".join(texts) or fault.message)
        sys.exit(2)
    for code in CODES:
        section = None if sections is None else getattr(sections, code, None)
        if section is not None:
            print(line(code, section))
    if asked.echo and not asked.trial:
        print("echo", answer.fraga.generellaFrageparametrar.arendeidentitet)


main()
