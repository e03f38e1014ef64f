"""A client of the broker, written from `proto/` and `docs/API.md` alone. Contracts are compiled when it is imported."""

import base64
import hashlib
import importlib
import json
import pathlib
import sys
import tempfile
import time
import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import grpc
import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf import json_format
from grpc_tools import protoc

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_ANSWER_BYTES = 64 * 1024 * 1024


def _compile():
    """Generated modules live in a directory of their own for as long as this process does."""
    out = tempfile.TemporaryDirectory(prefix="ssbtek-proto-")
    protos = sorted(str(path) for path in (ROOT / "proto").rglob("*.proto"))
    wellknown = pathlib.Path(protoc.__file__).parent / "_proto"
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{wellknown}", f"--python_out={out.name}"]
    if protoc.main([*arguments, f"--grpc_python_out={out.name}", *protos]) != 0:
        raise SystemExit("the contracts in proto/ do not compile")
    sys.path.insert(0, out.name)
    return out


_generated = _compile()
types = importlib.import_module("ssbtek.agency.v1.types_pb2")
query = importlib.import_module("ssbtek.broker.v1.query_pb2")
cases = importlib.import_module("ssbtek.broker.v1.cases_pb2")
administration = importlib.import_module("ssbtek.broker.v1.administration_pb2")
agreements = importlib.import_module("ssbtek.broker.v1.agreements_pb2")
access_log = importlib.import_module("ssbtek.broker.v1.access_log_pb2")
_stubs = {
    "query": ("query_pb2_grpc", "PersonQueryServiceStub"),
    "cases": ("cases_pb2_grpc", "CaseRegistryServiceStub"),
    "administration": ("administration_pb2_grpc", "AdministrationServiceStub"),
    "agreements": ("agreements_pb2_grpc", "AgreementServiceStub"),
    "access_log": ("access_log_pb2_grpc", "AccessLogServiceStub"),
}


class Demo:
    """What `demo.json` says."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.facts = json.loads((self.directory / "demo.json").read_text())

    def __getattr__(self, name):
        return self.facts[name]

    def pem(self, name):
        """A file of the demo's `pki` directory."""
        return (self.directory / "pki" / name).read_bytes()

    def person(self, role):
        return next(person for person in self.persons if person["role"] == role)


class Party:
    """A TLS client certificate with its key, connected to the broker."""

    def __init__(self, demo, certificate=None, key=None, address=None):
        self.demo = demo
        self.address = address or demo.grpc.removeprefix("https://")
        self.certificate = certificate or pathlib.Path(demo.client_cert).read_bytes()
        key = key or pathlib.Path(demo.client_key).read_bytes()
        self._connect(grpc.ssl_channel_credentials(pathlib.Path(demo.ca).read_bytes(), key, self.certificate))

    @classmethod
    def without_certificate(cls, demo):
        party = cls.__new__(cls)
        party.demo, party.certificate, party.address = demo, None, demo.grpc.removeprefix("https://")
        party._connect(grpc.ssl_channel_credentials(pathlib.Path(demo.ca).read_bytes()))
        return party

    def _connect(self, credentials):
        options = [("grpc.max_receive_message_length", MAX_ANSWER_BYTES), ("grpc.max_send_message_length", -1)]
        self.channel = grpc.secure_channel(self.address, credentials, options)

    def stub(self, service):
        module, name = _stubs[service]
        return getattr(importlib.import_module(f"ssbtek.broker.v1.{module}"), name)(self.channel)

    def thumbprint(self):
        """`x5t#S256` (RFC 8705): base64url of the SHA-256 of the certificate's DER, without padding."""
        der = x509.load_pem_x509_certificate(self.certificate).public_bytes(Encoding.DER)
        return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()

    def claims(self, account=None, **changed):
        now = int(time.time())
        claims = {
            "iss": self.demo.board,
            "sub": account or self.demo.case_worker,
            "aud": self.demo.audience,
            "iat": now,
            "exp": now + 120,
            "jti": str(uuid.uuid4()),
            "cnf": {"x5t#S256": self.thumbprint()} if self.certificate else {},
        }
        claims.update(changed)
        return claims

    def assertion(self, account=None, key=None, algorithm="ES256", kid=None, **changed):
        if key is None:
            key = pathlib.Path(self.demo.assertion_key).read_bytes()
        headers = {"kid": kid or self.demo.assertion_kid}
        return jwt.encode(self.claims(account, **changed), key, algorithm=algorithm, headers=headers)

    def call(self, method, message, account=None, assertion=None, timeout=40):
        """Calls as an account of the board. `assertion` replaces the one made here; an empty one sends none."""
        token = self.assertion(account) if assertion is None else assertion
        metadata = [("authorization", f"Bearer {token}")] if token else []
        return method(message, metadata=metadata, timeout=timeout)

    def ask(self, message=None, **how):
        return self.call(self.stub("query").Ask, message or question(self.demo), **how)


def today():
    """The day in Sweden, by which the broker goes."""
    return datetime.now(ZoneInfo("Europe/Stockholm")).date()


def question(demo, role="applicant", **changed):
    """The demo's first question, with some fields `changed`: the first of the month two months back, until today."""
    to = today()
    months = to.year * 12 + to.month - 1 - 2
    first = date(months // 12, months % 12 + 1, 1)
    fields = {
        "case_id": demo.case,
        "role": query.Role.Value(f"ROLE_{role.upper()}") if role else query.ROLE_UNSPECIFIED,
        "period": types.Period(**{"from": first.isoformat(), "to": to.isoformat()}),
    }
    fields.update(changed)
    return query.AskRequest(**fields)


def outcome(source):
    return types.Outcome.Name(source.outcome).removeprefix("OUTCOME_").lower()


def plain(message):
    """A message as plain data under the contract's own names; enums as lower-case words."""
    data = json_format.MessageToDict(message, preserving_proto_field_name=True)
    prefixes = ("OUTCOME_", "PROTECTION_", "ROLE_", "PAYMENT_STATE_", "ENTRY_STATE_", "KIND_")

    def walk(value):
        if isinstance(value, dict):
            return {name: walk(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        if isinstance(value, str):
            prefix = next((prefix for prefix in prefixes if value.startswith(prefix)), None)
            return value.removeprefix(prefix).lower() if prefix else value
        return value

    return walk(data)
