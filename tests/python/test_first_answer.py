"""The first question as a foreign client asks it."""

import json
import subprocess
import sys

import pytest

import receipt
from broker_client import ROOT, access_log, outcome, plain, query, question, types
from conftest import BINARIES

AGENCIES = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"]
# What differs between two askings of the same question.
FLEETING = {"entry_id", "asked_at", "duration_ms", "receipt"}


def test_a_python_client_gets_an_answer_from_every_source(demo, board):
    answer = board.ask()
    assert [source.source for source in answer.sources] == AGENCIES
    assert {outcome(source) for source in answer.sources} == {"answered"}
    assert answer.complete and answer.person_number == demo.person("applicant")["person_number"]
    funds = next(source for source in answer.sources if source.source == "SO").parts
    assert len(funds) == 24 and len({part.part for part in funds}) == 24
    assert answer.payments and all(line.net and line.legal_basis and line.asked_at for line in answer.payments)


def test_payments_come_newest_first_and_undated_last(board):
    days = [line.paid_on for line in board.ask().payments]
    dated = [day for day in days if day]
    assert dated == sorted(dated, reverse=True) and days == dated + [""] * (len(days) - len(dated))


def test_every_person_of_the_household_is_answered_about_and_the_protected_are_flagged(demo, board):
    for person in demo.persons:
        answer = board.ask(question(demo, person["role"], person_number=person["person_number"]))
        assert answer.person_number == person["person_number"]
        flagged = answer.protection.level > query.PROTECTION_NOT_KNOWN
        assert flagged == person["protected"] == bool(answer.protection.said_by)
    assert any(person["protected"] for person in demo.persons)


def test_the_receipt_verifies_offline_and_a_forged_one_does_not(demo, board):
    given = board.ask().receipt
    assert receipt.check(given, demo.log_key) > given.leaf_index
    given.leaf_hash = bytes(32)
    with pytest.raises(receipt.ReceiptError):
        receipt.check(given, demo.log_key)


def test_agencies_left_out_are_not_asked_and_protection_is_then_not_known(demo, board):
    answer = board.ask(question(demo, agencies=["TNS", "MIV"]))
    asked = {source.source for source in answer.sources if source.outcome != types.OUTCOME_NOT_ASKED}
    assert asked == {"TNS", "MIV"}
    assert answer.protection.level == query.PROTECTION_NOT_KNOWN
    assert list(answer.protection.silent) == ["AF", "CSN", "FK"]


def test_each_question_reaches_every_source_exactly_once(running, board):
    before = running.calls()
    board.ask()
    assert running.calls() - before == 6 + 24


def test_the_answer_stands_in_the_log_that_auditors_read(demo, board):
    answer = board.ask()
    message = access_log.ListEntriesRequest(entry_id=answer.entry_id)
    listed = board.call(board.stub("access_log").ListEntries, message, account=demo.auditor)
    (entry,) = listed.entries
    assert entry.state == access_log.ENTRY_STATE_RELEASED and entry.case_worker == demo.case_worker
    assert entry.person_number == answer.person_number and entry.case_id == demo.case
    assert len(entry.sources) == 6 + 24 and "payments" in entry.kinds


def test_ask_py_prints_the_answer_and_says_so_by_its_exit_status(demo):
    command = [sys.executable, ROOT / "tests/python/ask.py", demo.directory]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["person_number"] == demo.person("applicant")["person_number"]


def test_the_thin_client_gets_the_same_answer(demo, board):
    command = [BINARIES / "ssbtek", "--demo", demo.directory, "ask", "--json"]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert asked.returncode == 0, asked.stderr
    theirs, ours = json.loads(asked.stdout), plain(board.ask())
    assert _facts(theirs, ours) == _facts(ours, ours)


def _facts(data, like):
    """What `like` states too: how each tool writes "no value" is its own matter."""
    if isinstance(like, dict):
        shared = (name for name in like if name not in FLEETING | {"section"})
        return {name: _facts(data.get(name), like[name]) for name in shared}
    if isinstance(like, list) and isinstance(data, list) and len(data) == len(like):
        return [_facts(one, other) for one, other in zip(data, like)]
    return data
