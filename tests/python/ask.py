#!/usr/bin/env python3
"""Asks a running demo's first question over gRPC, checks the answer and its receipt, and prints it as JSON.

    python3 tests/python/ask.py DEMO_DIRECTORY [--role applicant|co_applicant|child] [--person NUMBER] [--agency CODE]...
    python3 tests/python/ask.py DEMO_DIRECTORY --print-assertion      # an assertion for other tools, good for two minutes

Written from proto/ and docs/API.md alone. Exit status: 0 answered in full, 3 answered in part, 4 refused, 5 failed.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import sys

if importlib.util.find_spec("grpc_tools") is None:
    prepared = pathlib.Path(__file__).resolve().parents[2] / "target/python/bin/python"
    if prepared.exists() and pathlib.Path(sys.prefix) != prepared.parents[1]:
        os.execv(prepared, [str(prepared), *sys.argv])
    sys.exit("ask.py needs Python packages: pip install -r tests/python/requirements.txt (tests/run.sh does it too)")

import grpc  # noqa: E402

import receipt  # noqa: E402
from broker_client import Demo, Party, plain, question  # noqa: E402

AGENCIES = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"]
REFUSED = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
}


def main():
    arguments = argparse.ArgumentParser(description="Asks a running demo over gRPC.")
    arguments.add_argument("directory")
    arguments.add_argument("--role", default="applicant")
    arguments.add_argument("--person")
    arguments.add_argument("--agency", action="append", default=[])
    arguments.add_argument("--print-assertion", action="store_true")
    given = arguments.parse_args()

    demo = Demo(given.directory)
    board = Party(demo)
    if given.print_assertion:
        print(board.assertion())
        return 0
    asked = question(demo, given.role, person_number=given.person, agencies=given.agency)
    try:
        answer = board.ask(asked)
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        return 4 if error.code() in REFUSED else 5
    check(demo, asked, answer)
    print(json.dumps(plain(answer), ensure_ascii=False, indent=2))
    return 0 if answer.complete else 3


def check(demo, asked, answer):
    """What any client should check before it believes an answer."""
    wrong_person = asked.person_number and answer.person_number != asked.person_number
    assert not wrong_person, "the answer is about another person"
    assert [source.source for source in answer.sources] == AGENCIES, "an agency is missing"
    assert all(source.outcome for source in answer.sources), "a source has no outcome"
    assert answer.protection.level, "the level of protected identity is missing"
    receipt.check(answer.receipt, demo.log_key)


if __name__ == "__main__":
    sys.exit(main())
