"""What an answer says when something is broken."""

import threading
import time

import grpc
import pytest

from broker_client import Party, access_log, outcome, query, question
from conftest import Running, free_port_base


@pytest.fixture
def agencies(running):
    """The mocks, well-behaved again afterwards."""
    yield running
    running.behave("all")


def by_source(answer):
    return {source.source: source for source in answer.sources}


def test_with_fk_stopped_the_others_answer_and_protection_is_not_known(agencies, demo, board):
    usual = by_source(board.ask())
    agencies.behave("FK", outage="refuse")
    answer = board.ask()
    sources = by_source(answer)
    assert outcome(sources.pop("FK")) == "not_reachable" and not answer.complete
    assert {outcome(source) for source in sources.values()} == {"answered"}
    assert answer.protection.level == query.PROTECTION_NOT_KNOWN and list(answer.protection.silent) == ["FK"]
    held_back = {name: set(source.withheld) - set(usual[name].withheld) for name, source in sources.items()}
    assert any(held_back.values()), "nothing that locates was held back"
    assert not any(source.originals for source in answer.sources)


def test_one_fund_that_fails_is_named_and_its_siblings_answer(agencies, board):
    agencies.behave("unionen", outage="refuse")
    funds = by_source(board.ask())["SO"]
    silent = [part.part for part in funds.parts if part.outcome not in (3, 5)]
    assert silent == ["Unionens a-kassa"] and outcome(funds) == "answered_in_part"


def test_originals_are_held_back_where_protection_is_not_known(agencies, demo, board):
    agencies.behave("AF", outage="refuse")
    answer = board.ask(question(demo, include_originals=True))
    assert not any(source.originals for source in answer.sources)
    assert any("originals" in source.withheld for source in answer.sources)


def test_killed_between_intent_and_answer_the_log_assumes_disclosure(tmp_path):
    base = free_port_base()
    first = Running(tmp_path / "demo", base)
    board = Party(first.demo)
    released = board.ask().entry_id
    first.behave("AF", outage="hang")
    before = first.calls()
    asking = threading.Thread(target=_ignoring_errors, args=(board.ask,))
    asking.start()
    while first.calls() - before < 6 + 24:
        time.sleep(0.02)
    first.kill()
    asking.join(30)

    second = Running(tmp_path / "demo", base)
    try:
        entries = _entries(second.demo)
        states = [access_log.EntryState.Name(entry.state).removeprefix("ENTRY_STATE_") for entry in entries]
        questions = [entry for entry in entries if entry.sources]
        assert states.count("ASSUMED_DISCLOSED") == 1 and "OPEN" not in states
        assert len(questions) == 4, "one by each start, one answered, one cut off"
        assert [entry.entry_id for entry in entries if entry.entry_id == released] == [released]
    finally:
        second.stop()
        first.errors.close()


def _entries(demo):
    board = Party(demo)
    message = access_log.ListEntriesRequest(page_size=500)
    return board.call(board.stub("access_log").ListEntries, message, account=demo.auditor).entries


def _ignoring_errors(ask):
    try:
        ask()
    except grpc.RpcError:
        pass
