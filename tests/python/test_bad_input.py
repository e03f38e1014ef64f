"""Everything that must be refused is: with a clear status, naming the field, repeating no personal data, before any
agency is asked."""

import re
import time
from datetime import datetime, timedelta

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from broker_client import Party, access_log, administration, agreements, cases, query, question, today, types

INVALID, DENIED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.PERMISSION_DENIED
UNKNOWN_CALLER = grpc.StatusCode.UNAUTHENTICATED
# A valid generated number that is in no case of the demo.
ANOTHER_PERSON = "198001019804"


def day(offset):
    return (today() + timedelta(days=offset)).isoformat()


def period(start, end):
    return types.Period(**{"from": start, "to": end})


def refused(running, call, code, text):
    """The call fails so, says so, gives nothing away, and no agency hears of it."""
    before = running.calls()
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error = caught.value
    assert (error.code(), bool(re.search(text, error.details()))) == (code, True), error.details()
    assert not re.search(r"\d{6}[-+]?\d{4}", error.details()), "a person number in an error"
    assert running.calls() == before, "an agency was asked"


FORM = {
    "wrong check digit": (dict(person_number="198001019805"), "^person_number: has a wrong check digit"),
    "too short": (dict(person_number="8001019804"), "^person_number: must be 12 digits"),
    "too long": (dict(person_number="1980010198041"), "^person_number: must be 12 digits"),
    "letters": (dict(person_number="19800101ABCD"), "^person_number: must hold digits only"),
    "no calendar date": (dict(person_number="198013019803"), "^person_number: does not begin with a calendar date"),
    "a future birth date": (dict(person_number="209901019804"), "^person_number: (has a birth date in the|has a wrong)"),
    "no role": (dict(role=None), "^role: "),
    "no case": (dict(case_id=""), "^case_id: must not be empty"),
    "a case id beyond 64 characters": (dict(case_id="x" * 65), "^case_id: must have at most 64"),
    "no period": (dict(period=None), r"^period\.from: must be a date"),
    "no date": (dict(period=period("2026-02-30", "2026-03-01")), r"^period\.from: must be a date"),
    "inverted": (dict(period=period(day(-1), day(-2))), "^period: ends before it begins"),
    "in the future": (dict(period=period(day(1), day(2))), r"^period\.from: lies in the future"),
    "too far ahead": (dict(period=period(day(-1), day(90))), r"^period\.to: lies more than"),
    "too long a period": (dict(period=period(day(-1200), day(0))), "^period: is longer than"),
    "unknown agency": (dict(agencies=["FK", "XX"]), "^agencies: must be one of"),
    "too long a purpose": (dict(purpose="x" * 201), "^purpose: must have at most 200"),
}


@pytest.mark.parametrize("what", FORM)
def test_a_malformed_field_is_named_and_not_repeated(running, demo, board, what):
    changed, text = FORM[what]
    refused(running, lambda: board.ask(question(demo, **changed)), INVALID, text)


CASE = {
    "unknown case": (dict(case_id="EB-0000-0000"), "^case_id: no such case is assigned"),
    "a person who is not in the case": (dict(person_number=ANOTHER_PERSON), "^person_number: does not belong"),
    "another role's person": (dict(role="child"), "^person_number: does not belong"),
    "several with the role and no number": (dict(role="child", person_number=None), "^person_number: needed"),
}


@pytest.mark.parametrize("what", CASE)
def test_the_case_decides_who_may_be_asked_about(running, demo, board, what):
    changed = dict(CASE[what][0])
    changed.setdefault("person_number", demo.person("applicant")["person_number"])
    role = changed.pop("role", "applicant")
    refused(running, lambda: board.ask(question(demo, role, **changed)), DENIED, CASE[what][1])


def test_a_closed_case_answers_no_more(running, demo, board):
    registry = board.stub("cases")
    applicant = cases.HouseholdMember(
        person_number=demo.person("applicant")["person_number"], role=query.ROLE_APPLICANT
    )
    case = cases.RegisterCaseRequest(case_id="EB-closed", members=[applicant], case_workers=[demo.case_worker])
    board.call(registry.RegisterCase, case, account=demo.case_system)
    assert board.ask(question(demo, case_id="EB-closed")).complete
    board.call(registry.CloseCase, cases.CloseCaseRequest(case_id="EB-closed"), account=demo.case_system)
    closed = question(demo, case_id="EB-closed")
    refused(running, lambda: board.ask(closed), DENIED, "^case_id: the case is closed")


def test_a_blocked_account_asks_no_more_and_nor_does_one_without_the_duty(running, demo, board):
    desk = board.stub("administration")
    account = administration.Account(
        id="tillfallig", name="Tillfällig Handläggare", unit="Försörjningsstöd", duties=[administration.DUTY_ASKS]
    )
    register = administration.RegisterCaseWorkerRequest(account=account)
    board.call(desk.RegisterCaseWorker, register, account=demo.administrator)
    assign = cases.AssignCaseRequest(case_id=demo.case, add=["tillfallig"])
    board.call(board.stub("cases").AssignCase, assign, account=demo.case_system)
    # A new account asks nothing before it has confirmed the instructions in force.
    unconfirmed = "^case_worker: must first confirm the instructions"
    refused(running, lambda: board.ask(account="tillfallig"), DENIED, unconfirmed)
    confirm = agreements.ConfirmInstructionsRequest(version="2026-1")
    board.call(board.stub("agreements").ConfirmInstructions, confirm, account="tillfallig")
    assert board.ask(account="tillfallig").complete
    block = administration.BlockCaseWorkerRequest(id="tillfallig")
    board.call(desk.BlockCaseWorker, block, account=demo.administrator)
    for nobody in ["tillfallig", "finns.inte", demo.auditor, demo.case_system]:
        refused(running, lambda: board.ask(account=nobody), DENIED, "^case_worker: no active account")


def test_an_oversized_message_is_not_read(running, demo, board):
    huge = question(demo, purpose="x" * (300 * 1024))
    refused(running, lambda: board.ask(huge), grpc.StatusCode.OUT_OF_RANGE, "too large")


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def now(offset=0):
    return int(time.time()) + offset


ASSERTION = {
    "missing": (lambda board: "", "^assertion: missing"),
    "nonsense": (lambda board: "not.a.jwt", "^assertion: not a JWT"),
    "signed by a stranger": (lambda board: board.assertion(key=pem(new_key())), "^assertion: not signed by a key"),
    "of an unknown key": (lambda board: board.assertion(kid="demo-2"), "^assertion: not signed by a key"),
    "symmetric": (
        lambda board: board.assertion(key="k" * 32, algorithm="HS256"),
        "^assertion: algorithm must be ES256 or EdDSA",
    ),
    "unsigned": (lambda board: board.assertion(key="", algorithm="none"), "^assertion: (algorithm|not a JWT)"),
    "expired": (
        lambda board: board.assertion(iat=now(-400), exp=now(-200)),
        "^assertion: has expired",
    ),
    "of the future": (
        lambda board: board.assertion(iat=now(200), exp=now(300)),
        "^assertion: is not yet valid",
    ),
    "too long-lived": (lambda board: board.assertion(exp=now(301)), "^assertion: lives longer"),
    "for another audience": (lambda board: board.assertion(aud="another-broker"), "^assertion: is meant for another"),
    "bound to another certificate": (
        lambda board: board.assertion(cnf={"x5t#S256": "A" * 43}),
        "^assertion: is bound to another",
    ),
    "of another board": (lambda board: board.assertion(iss="162120000142"), "^certificate: belongs to another board"),
    "with a short jti": (lambda board: board.assertion(jti="1234567"), "^assertion: claim jti"),
}


@pytest.mark.parametrize("what", ASSERTION)
def test_an_assertion_must_be_the_boards_own_fresh_and_bound_to_the_certificate(running, board, what):
    make, text = ASSERTION[what]
    refused(running, lambda: board.ask(assertion=make(board)), UNKNOWN_CALLER, text)


def test_an_assertion_is_used_once_even_when_the_question_was_refused(running, demo, board):
    for first in [question(demo), question(demo, case_id="EB-0000-0000")]:
        token = board.assertion()
        try:
            board.ask(first, assertion=token)
        except grpc.RpcError as error:
            assert error.code() == DENIED
        refused(running, lambda: board.ask(assertion=token), UNKNOWN_CALLER, "^assertion: has been used before")


@pytest.mark.parametrize(
    ("file", "text"),
    [("expired-client", "^certificate: has expired"), ("revoked-client", "^certificate: has been revoked")],
)
def test_a_bad_certificate_is_told_what_is_wrong_with_it(running, demo, file, text):
    party = Party(demo, demo.pem(f"{file}.pem"), demo.pem(f"{file}.key"))
    refused(running, party.ask, UNKNOWN_CALLER, text)


def test_a_certificate_of_no_board_then_of_another_then_revoked_is_refused_each_time(
    running, demo, operator, second_operator
):
    stranger = Party(demo, demo.pem("stranger.pem"), demo.pem("stranger.key"))
    refused(running, stranger.ask, UNKNOWN_CALLER, "^certificate: belongs to no registered board")

    other, key = "162120000142", new_key()
    certificate = x509.load_pem_x509_certificate(stranger.certificate)
    administrator = administration.Account(
        id="admin", name="Admin", unit="Enheten", duties=[administration.DUTY_ADMINISTERS]
    )
    board = administration.RegisterBoardRequest(
        organisation_number=other,
        name="En annan nämnd",
        certificate=certificate.public_bytes(Encoding.DER),
        assertion_kid="other-1",
        assertion_key=key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        administrator=administrator,
        application_sha256="a1" * 32,
    )
    def register(party):
        party.call(party.stub("administration").RegisterBoard, board, assertion="")

    refused(running, lambda: register(operator), grpc.StatusCode.FAILED_PRECONDITION, "^proposed; another operator")
    refused(running, lambda: register(operator), grpc.StatusCode.FAILED_PRECONDITION, "^proposed; another operator")
    register(second_operator)
    refused(running, stranger.ask, UNKNOWN_CALLER, "^certificate: belongs to another board")

    def own():
        return stranger.assertion("admin", iss=other, key=pem(key), kid="other-1")

    refused(running, lambda: stranger.ask(assertion=own()), UNKNOWN_CALLER, "^certificate: .* has not confirmed it yet")
    prove = agreements.ProveConnectionRequest()
    stranger.call(stranger.stub("agreements").ProveConnection, prove, assertion=own())
    refused(running, lambda: stranger.ask(assertion=own()), DENIED, "^board: the board's agreement is not in force")
    revoke = administration.RevokeCertificateRequest(
        organisation_number=other, sha256=certificate.fingerprint(SHA256()).hex()
    )
    operator.call(operator.stub("administration").RevokeCertificate, revoke, assertion="")
    refused(running, lambda: stranger.ask(assertion=own()), UNKNOWN_CALLER, "^certificate: has been revoked")


def test_without_a_certificate_or_with_one_of_an_unknown_issuer_there_is_no_connection(running, demo):
    for party in [Party.without_certificate(demo), Party(demo, *self_signed())]:
        refused(running, lambda: party.ask(assertion="x", timeout=5), grpc.StatusCode.UNAVAILABLE, "")


def test_operators_calls_are_refused_to_boards(running, demo, board):
    message = administration.RevokeCertificateRequest(organisation_number=demo.board, sha256="0" * 64)
    desk = board.stub("administration")
    refused(running, lambda: board.call(desk.RevokeCertificate, message), DENIED, "^certificate: not one of the oper")


def test_refusals_stand_in_the_log_with_their_precise_reason(demo, board):
    with pytest.raises(grpc.RpcError):
        board.ask(question(demo, case_id="EB-nowhere"))
    message = access_log.ListEntriesRequest(case_id="EB-nowhere")
    listed = board.call(board.stub("access_log").ListEntries, message, account=demo.auditor)
    assert [entry.denial for entry in listed.entries] == ["case_unknown"]
    assert listed.entries[0].state == access_log.ENTRY_STATE_DENIED


def self_signed():
    """A certificate that says the right things and is issued by nobody who is trusted."""
    key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "arendesystem")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now() - timedelta(days=2))
        .not_valid_after(datetime.now() + timedelta(days=2))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM), pem(key)
