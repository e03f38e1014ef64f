#!/usr/bin/env python3
"""Verifies access-log bundles, independently of the server that wrote them.

Written from RFC 6962, RFC 8032 and the C2SP texts (signed-note, tlog-checkpoint, tlog-cosignature), and from FORMAT.md beside
this file. Needs Python 3.9 and the package `cryptography` (for Ed25519 only).

    verify_log.py [options] BUNDLE...     one line per bundle: OK and a summary, or REFUSED, line number and reason
    verify_log.py --self-test             checks this program against published vectors

Exit status 0: all hold; 1: at least one does not; 2: wrong usage. Nothing of a payload is ever printed.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

MAX_LINE_BYTES = 4 << 20
MAX_COVERED = 1024
MAX_SIGNATURES = 64
MAX_U64 = (1 << 64) - 1
LOG_KEY, WITNESS_KEY = 0x01, 0x04
LEAF_PREFIX = b"SSBTEK-LOG\x01"


class Refused(Exception):
    """Something does not hold. The text is constant: it quotes nothing from the bundle."""


def need(condition, reason):
    if not condition:
        raise Refused(reason)


# RFC 6962: the tree -------------------------------------------------------------------------------------------------------

def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def node(left, right):
    return sha256(b"\x01", left, right)


class Tree:
    """The roots of the full subtrees of the leaves seen so far, as (level, hash), largest first."""

    def __init__(self):
        self.size = 0
        self.edge = []

    def add(self, level, digest):
        need(self.size % (1 << level) == 0, "a covered subtree is not aligned")
        self.size += 1 << level
        while self.edge and self.edge[-1][0] == level:
            digest = node(self.edge.pop()[1], digest)
            level += 1
        self.edge.append((level, digest))

    def root(self):
        if not self.edge:
            return sha256(b"")
        digest = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            digest = node(left, digest)
        return digest


def split(n):
    """The largest power of two below n (n > 1)."""
    return 1 << ((n - 1).bit_length() - 1)


def inclusion_root(leaf, index, size, proof):
    """The root that an inclusion proof leads to: PATH(m, D[n]) of RFC 6962 section 2.1.1, undone from the top."""
    if size == 1:
        need(not proof, "the proof has the wrong length")
        return leaf
    need(proof, "the proof has the wrong length")
    k = split(size)
    if index < k:
        return node(inclusion_root(leaf, index, k, proof[:-1]), proof[-1])
    return node(proof[-1], inclusion_root(leaf, index - k, size - k, proof[:-1]))


def verify_inclusion(leaf, index, size, proof, root):
    need(index < size, "the proof is about a leaf outside the tree")
    need(inclusion_root(leaf, index, size, proof) == root, "the inclusion proof leads to another root")


def consistency_roots(old, new, whole, proof, old_root):
    """The old and the new root that SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2 leads to."""
    if old == new:
        if whole:
            need(not proof, "the proof has the wrong length")
            return old_root, old_root
        need(len(proof) == 1, "the proof has the wrong length")
        return proof[0], proof[0]
    need(proof, "the proof has the wrong length")
    k = split(new)
    if old <= k:
        left_old, left_new = consistency_roots(old, k, whole, proof[:-1], old_root)
        return left_old, node(left_new, proof[-1])
    right_old, right_new = consistency_roots(old - k, new - k, False, proof[:-1], old_root)
    return node(proof[-1], right_old), node(proof[-1], right_new)


def verify_consistency(old, new, old_root, new_root, proof):
    need(old <= new, "the proof is about a shrinking tree")
    if old == 0:
        need(not proof, "the proof has the wrong length")
        need(old_root == sha256(b""), "the consistency proof leads to another root")
        need(new > 0 or new_root == old_root, "the consistency proof leads to another root")
        return
    roots = consistency_roots(old, new, True, proof, old_root)
    need(roots == (old_root, new_root), "the consistency proof leads to another root")


# Encodings with one spelling ----------------------------------------------------------------------------------------------

def b64(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("not base64") from None
    need(base64.b64encode(data).decode("ascii") == text, "not canonical base64")
    return data


def b64_hash(text):
    digest = b64(text)
    need(len(digest) == 32, "not a hash")
    return digest


def hex_hash(text):
    need(isinstance(text, str) and len(text) == 64 and all(c in "0123456789abcdef" for c in text), "not a hash")
    return bytes.fromhex(text)


def decimal(text):
    digits = text != "" and all(c in "0123456789" for c in text)
    need(digits and (text == "0" or text[0] != "0"), "not a tree size")
    need(len(text) <= 20 and int(text) <= MAX_U64, "not a tree size")
    return int(text)


# C2SP signed-note, tlog-checkpoint, tlog-cosignature ----------------------------------------------------------------------

def check_name(name):
    need(name and not any(c.isspace() or c == "+" or ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in name),
         "not a key name")


class Key:
    """A verifier key: name+id+base64(type || public key)."""

    def __init__(self, vkey):
        parts = vkey.split("+", 2)
        need(len(parts) == 3, "not a verifier key")
        self.name = parts[0]
        check_name(self.name)
        material = b64(parts[2])
        need(len(material) == 33 and material[0] in (LOG_KEY, WITNESS_KEY), "unknown type of verifier key")
        self.kind, self.public = material[0], material[1:]
        self.id = sha256(self.name.encode(), b"\n", material)[:4]
        need(parts[1] == self.id.hex(), "a verifier key's id is not its own")
        self.ed25519 = Ed25519PublicKey.from_public_bytes(self.public)

    def time_of(self, text, signature):
        """Verifies; returns the time in a cosignature, None for a log's signature."""
        time, message = None, text.encode()
        if self.kind == WITNESS_KEY:
            need(len(signature) == 72, "a signature by a known key does not hold")
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            need(time < 1 << 63, "a signature by a known key does not hold")
            message = b"cosignature/v1\ntime %d\n" % time + message
        try:
            self.ed25519.verify(signature, message)
        except InvalidSignature:
            raise Refused("a signature by a known key does not hold") from None
        return time


def open_note(note, keys):
    """The text of a note and a list of (key, time), for the lines by known keys. All of these must hold."""
    text, separator, lines = note.rpartition("\n\n")
    need(separator and lines.endswith("\n"), "not a signed note")
    text += "\n"
    need(not any(c < " " and c != "\n" for c in note), "not a signed note")
    lines = lines[:-1].split("\n")
    need(len(lines) <= MAX_SIGNATURES, "too many signatures")
    parsed = []
    for line in lines:
        need(line.startswith("\u2014 "), "not a signed note")
        name, space, blob = line[2:].partition(" ")
        need(space, "not a signed note")
        check_name(name)
        blob = b64(blob)
        need(len(blob) > 4, "not a signed note")
        parsed.append((name, blob[:4], blob[4:]))
    verified = []
    for name, key_id, signature in parsed:
        for key in keys:
            if key.name == name and key.id == key_id:
                verified.append((key, key.time_of(text, signature)))
    return text, verified


def parse_checkpoint(text):
    need(text.endswith("\n"), "not a checkpoint")
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "not a checkpoint")
    return lines[0], decimal(lines[1]), b64_hash(lines[2])


class Trust:
    """Whose signatures count."""

    def __init__(self, origin, log_keys, witness_keys, quorum):
        self.origin, self.quorum = origin, quorum
        self.log_keys, self.witness_keys = [Key(k) for k in log_keys], [Key(k) for k in witness_keys]
        self.keys = self.log_keys + self.witness_keys
        need(self.log_keys and all(k.kind == LOG_KEY for k in self.log_keys), "no usable log key")
        need(all(k.kind == WITNESS_KEY for k in self.witness_keys), "a witness key of the wrong type")
        need(len({k.public for k in self.keys}) == len(self.keys), "one public key twice")
        need(quorum <= len({k.name for k in self.witness_keys}), "a quorum that cannot be reached")

    def open(self, note):
        """(size, root, {witness name: latest time}) of a checkpoint that the log signed."""
        text, verified = open_note(note, self.keys)
        need(any(key.kind == LOG_KEY for key, _ in verified), "the checkpoint is not signed by the log")
        origin, size, root = parse_checkpoint(text)
        need(origin == self.origin, "the checkpoint belongs to another log")
        cosigned = {}
        for key, time in verified:
            if key.kind == WITNESS_KEY:
                cosigned[key.name] = max(time, cosigned.get(key.name, 0))
        return size, root, cosigned


# The bundle ---------------------------------------------------------------------------------------------------------------

STR, NUM, LIST = "string", "number", "list of strings"
FIELDS = {
    "bundle": [("version", NUM), ("origin", STR), ("log_keys", LIST), ("witness_keys", LIST), ("quorum", NUM),
               ("size", NUM), ("scope", STR)],
    "gap": [("text", STR), ("seen", STR), ("begins", STR), ("certificates", LIST), ("signatures", LIST),
            ("consents", LIST)],
    "entry": [("index", NUM), ("header", STR), ("commitment", STR), ("content", STR), ("salt", STR), ("payload", STR)],
    "covered": [("from", NUM), ("level", NUM), ("hashes", LIST)],
    "checkpoint": [("note", STR)],
    "consistency": [("old", NUM), ("new", NUM), ("proof", LIST)],
    "receipt": [("leaf_hash", STR), ("index", NUM), ("proof", LIST), ("checkpoint", STR)],
    "end": [("entries", NUM), ("covered", NUM), ("checkpoints", NUM), ("consistency", NUM), ("receipts", NUM),
            ("digest", STR)],
}
OPTIONAL = {"salt", "payload"}


def is_type(value, kind):
    if kind == STR:
        return isinstance(value, str)
    if kind == NUM:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_U64
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def parse_line(raw):
    """One line as (type, fields), refused unless it is spelled in the one way."""
    try:
        text = raw.decode("utf-8")
        line = json.loads(text)
        again = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Refused("not a line in canonical form") from None
    need(isinstance(line, dict) and again == text, "not a line in canonical form")
    kind = line.get("type")
    need(isinstance(kind, str) and kind in FIELDS, "unknown type of line")
    # Optional fields are the last ones, so what is present must be in order.
    names = ["type"] + [name for name, _ in FIELDS[kind] if name in line or name not in OPTIONAL]
    need(list(line) == names, "missing, unknown or misplaced fields")
    need(all(is_type(line[name], t) for name, t in FIELDS[kind] if name in line), "a field has the wrong type")
    return kind, line


def gaps_in(origin):
    base, _, count = origin.rpartition("/gap-")
    if base and count.isascii() and count.isdigit() and count[0] != "0" and int(count) <= 99:
        return base, int(count)
    return origin, 0


def parse_gap(text):
    lines = text.split("\n")
    names = ["board", "old", "new", "seen", "restored", "since", "declared", "lost"]
    need(len(lines) == 10 and lines[0] == "ssbtek-broker gap v1" and lines[9] == "", "not the record of a gap")
    gap = {}
    for name, line in zip(names, lines[1:9]):
        need(line.startswith(name + " ") and len(line) > len(name) + 1, "not the record of a gap")
        gap[name] = line[len(name) + 1:]
    for name in ("seen", "restored"):
        size, _, root = gap[name].partition(" ")
        gap[name] = (decimal(size), b64_hash(root))
    return gap


def signed_by_two(line):
    """Two signatures over the text, ECDSA P-256 with SHA-256 or Ed25519, by the keys of two different certificates."""
    need(len(line["certificates"]) == len(line["signatures"]) == 2, "a gap is declared by two different operators")
    keys = set()
    for certificate, signature in zip(line["certificates"], line["signatures"]):
        try:
            key = load_der_x509_certificate(b64(certificate)).public_key()
        except ValueError:
            raise Refused("an operator's certificate cannot be read") from None
        text = line["text"].encode()
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(b64(signature), text)
            else:
                need(isinstance(key, ec.EllipticCurvePublicKey), "an operator's key is of another kind")
                key.verify(b64(signature), text, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Refused("an operator's signature does not hold") from None
        keys.add(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    need(len(keys) == 2, "a gap is declared by two different operators")


class Verifier:
    def __init__(self, trust=None, known=(), to_the_end=False):
        self.trust, self.keys_given, self.to_the_end = trust, trust is not None, to_the_end
        self.known = sorted(known, reverse=True)  # (size, root), the smallest last
        self.tree = Tree()
        self.begin = None
        self.past_gaps = False
        self.previous = self.latest = None  # (size, root, cosigned)
        self.ended = False
        self.gaps = []  # (old origin, new origin, text)
        self.cosigned_up_to, self.witnesses = 0, {}  # witness name: (size, time)
        self.digest = hashlib.sha256()
        self.count = dict.fromkeys(
            ["entries", "covered", "checkpoints", "consistency", "receipts", "open", "sealed", "erased",
             "cosigned_checkpoints", "known"], 0)

    def line(self, raw):
        kind, line = parse_line(raw)
        need(not self.ended, "a line after the end")
        need((kind == "bundle") == (self.begin is None), "a line in the wrong place")
        if kind not in ("bundle", "gap") and not self.past_gaps:
            self.gaps_end()
        getattr(self, "on_" + kind)(line)
        self.digest.update(raw + b"\n")

    def finish(self):
        need(self.ended, "the bundle is cut off")

    def on_bundle(self, line):
        need(line["version"] == 1, "unknown version")
        need(line["scope"] in ("all", "part"), "unknown scope")
        if self.trust is None:
            self.trust = Trust(line["origin"], line["log_keys"], line["witness_keys"], line["quorum"])
        need(self.trust.origin == line["origin"], "the bundle is about another log")
        self.begin = line
        self.meet_known()

    def on_gap(self, line):
        need(not self.past_gaps, "a line in the wrong place")
        gap = parse_gap(line["text"])
        for note, origin, tree in ((line["seen"], gap["old"], gap["seen"]), (line["begins"], gap["new"], gap["restored"])):
            text = note.rpartition("\n\n")[0] + "\n"
            need(parse_checkpoint(text) == (origin,) + tree, "the checkpoints with a gap are not those it tells of")
        signed_by_two(line)
        note = line["text"] + "\n" + "".join(consent + "\n" for consent in line["consents"])
        consents = open_note(note, self.trust.witness_keys)[1] if line["consents"] else []
        names = {key.name for key, _ in consents}
        need(len(names) >= self.trust.quorum, "too few witnesses consent to a gap")
        self.gaps.append((gap["old"], gap["new"], line["text"]))

    def gaps_end(self):
        """An origin that ends in /gap-N is believed only with its N records, each of which goes on from the one before."""
        self.past_gaps = True
        base, count = gaps_in(self.begin["origin"])
        at = base
        for old, new, _ in self.gaps:
            need(old == at and new == f"{base}/gap-{gaps_in(old)[1] + 1}", "the gaps do not lead to the log's origin")
            at = new
        need(len(self.gaps) == count and at == self.begin["origin"], "the gaps do not lead to the log's origin")

    def on_entry(self, line):
        need(line["index"] == self.tree.size < self.begin["size"], "a leaf is missing, double or out of order")
        header, commitment = b64(line["header"]), hex_hash(line["commitment"])
        need(line["content"] in ("open", "sealed", "erased"), "unknown state of an entry")
        is_open = line["content"] == "open"
        need(("salt" in line) == ("payload" in line) == is_open, "salt and payload do not fit the entry's state")
        if is_open:
            salt = b64(line["salt"])
            need(len(salt) == 32, "a salt of another length")
            need(sha256(salt, b64(line["payload"])) == commitment, "the payload is not what was committed to")
        leaf = LEAF_PREFIX + len(header).to_bytes(8, "big") + header + commitment
        self.tree.add(0, sha256(b"\x00", leaf))
        self.count["entries"] += 1
        self.count[line["content"]] += 1
        self.meet_known()

    def on_covered(self, line):
        need(self.begin["scope"] == "part" and 1 <= len(line["hashes"]) <= MAX_COVERED and line["level"] <= 62,
             "covered leaves where none may be")
        leaves = len(line["hashes"]) << line["level"]
        need(line["from"] == self.tree.size and leaves <= self.begin["size"] - self.tree.size,
             "a leaf is missing, double or out of order")
        for text in line["hashes"]:
            self.tree.add(line["level"], hex_hash(text))
            self.meet_known()
        self.count["covered"] += leaves

    def on_checkpoint(self, line):
        size, root, cosigned = self.trust.open(line["note"])
        self.compare(size, root)
        self.previous, self.latest = self.latest, (size, root, cosigned)
        self.count["checkpoints"] += 1
        self.count["cosigned_checkpoints"] += len(cosigned) >= self.trust.quorum
        if len(cosigned) >= self.trust.quorum:
            self.cosigned_up_to = size
        for name, time in cosigned.items():
            self.witnesses[name] = (size, time)

    def on_consistency(self, line):
        need(self.previous and (line["old"], line["new"]) == (self.previous[0], self.latest[0]),
             "a consistency proof about other checkpoints")
        proof = [hex_hash(text) for text in line["proof"]]
        verify_consistency(line["old"], line["new"], self.previous[1], self.latest[1], proof)
        self.count["consistency"] += 1

    def on_receipt(self, line):
        size, root, _ = self.trust.open(line["checkpoint"])
        self.compare(size, root)
        proof = [hex_hash(text) for text in line["proof"]]
        verify_inclusion(hex_hash(line["leaf_hash"]), line["index"], size, proof, root)
        self.count["receipts"] += 1

    def on_end(self, line):
        need(self.tree.size == self.begin["size"], "leaves are missing at the end")
        need(self.latest and self.latest[0] == self.tree.size, "no checkpoint closes the tree")
        need(not self.known, "the log is smaller than a known checkpoint: entries were cut off")
        need(not self.to_the_end or len(self.latest[2]) >= self.trust.quorum,
             "the last checkpoint has too few cosignatures")
        for name in ("entries", "covered", "checkpoints", "consistency", "receipts"):
            need(line[name] == self.count[name], "lines are missing or double")
        need(hex_hash(line["digest"]) == self.digest.digest(), "the bundle is damaged: its digest differs")
        self.ended = True

    def compare(self, size, root):
        need(size == self.tree.size, "a checkpoint or receipt stands at another tree size")
        need(root == self.tree.root(), "the leaves make another root than the one signed")

    def meet_known(self):
        while self.known and self.known[-1][0] <= self.tree.size:
            size, root = self.known.pop()
            need(size == self.tree.size, "the bundle hides the tree at the size of a known checkpoint")
            need(root == self.tree.root(), "the log differs from a known checkpoint: history was rewritten")
            self.count["known"] += 1


def verify_receipts(stream, trust):
    """Verifies receipts as they came with answers, one JSON object a line; returns how many, or raises."""
    count = 0
    for raw in stream:
        try:
            line = json.loads(raw)
            leaf, proof = hex_hash(line["leaf_hash"]), [hex_hash(text) for text in line["proof"]]
            index, note = line["index"], line["checkpoint"]
        except (ValueError, KeyError, TypeError):
            raise Refused("not a receipt") from None
        size, root, _ = trust.open(note)
        verify_inclusion(leaf, index, size, proof, root)
        count += 1
    return count


def verify_stream(stream, trust=None, known=(), to_the_end=False):
    """Verifies a binary stream; returns (verifier, None) or (verifier, (line number, reason))."""
    verifier, number = Verifier(trust, known, to_the_end), 0
    try:
        while True:
            raw = stream.readline(MAX_LINE_BYTES + 1)
            number += 1
            if not raw:
                verifier.finish()
                return verifier, None
            need(raw.endswith(b"\n"), "a line is too long or the bundle is cut off")
            verifier.line(raw[:-1])
    except Refused as refused:
        return verifier, (number, str(refused))


# Command line -------------------------------------------------------------------------------------------------------------

def main(arguments):
    parser = argparse.ArgumentParser(description="Verifies access-log bundles without trusting the server.")
    parser.add_argument("--origin", help="the log's origin line (with --log-key)")
    parser.add_argument("--log-key", action="append", default=[], metavar="VKEY")
    parser.add_argument("--witness-key", action="append", default=[], metavar="VKEY")
    parser.add_argument("--quorum", type=int, default=0, metavar="N", help="witnesses that must have cosigned")
    parser.add_argument("--to-the-end", action="store_true",
                        help="refuse a bundle whose last checkpoint has not the quorum")
    parser.add_argument("--known", action="append", default=[], metavar="FILE",
                        help="a checkpoint kept from before, as a signed note (with --log-key)")
    parser.add_argument("--receipts", metavar="FILE",
                        help="receipts as they came with answers, one JSON object a line (with --log-key)")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("bundles", nargs="*", metavar="BUNDLE")
    options = parser.parse_args(arguments)
    if options.self_test:
        return self_test()
    if not options.bundles:
        parser.error("no bundle named")
    trust, known = None, []
    try:
        if options.log_key:
            if not options.origin:
                parser.error("--log-key needs --origin")
            trust = Trust(options.origin, options.log_key, options.witness_key, options.quorum)
        elif options.receipts or options.known or options.witness_key or options.quorum or options.origin:
            parser.error("--origin, --witness-key, --quorum, --receipts and --known need --log-key")
        for path in options.known:
            with open(path, "rb") as file:
                known.append(trust.open(file.read().decode("utf-8"))[:2])
    except (Refused, UnicodeDecodeError) as refused:
        parser.error(str(refused) if isinstance(refused, Refused) else "a known checkpoint is not UTF-8")
    failures, given = 0, ""
    if options.receipts:
        try:
            with open(options.receipts, "rb") as stream:
                given = f" given_receipts={verify_receipts(stream, trust)}"
        except Refused as refused:
            print(f"REFUSED {options.receipts}: {refused}")
            return 1
    for path in options.bundles:
        with open(path, "rb") as stream:
            verifier, fault = verify_stream(stream, trust, known, options.to_the_end)
        if fault:
            failures += 1
            print(f"REFUSED {path}: line {fault[0]}: {fault[1]}")
        else:
            counts = " ".join(f"{name}={n}" for name, n in verifier.count.items())
            keys = "given" if verifier.keys_given else "the-bundle's-own"
            reached = cosigned_text(verifier) if verifier.trust.quorum else ""
            if verifier.gaps:
                reached += f"GAPS: {' | '.join(text.strip().replace(chr(10), '; ') for *_, text in verifier.gaps)}; "
            print(f"OK {path}: {reached}size={verifier.tree.size} root={verifier.tree.root().hex()} {counts}{given} "
                  f"keys={keys}")
    return 1 if failures else 0


def cosigned_text(verifier):
    """How far the log is cosigned: by the quorum, and by each witness, at which time (seconds since 1970)."""
    size = verifier.tree.size
    each = ", ".join(f"{name} up to {upto} at {time}" for name, (upto, time) in verifier.witnesses.items())
    return f"cosigned up to {verifier.cosigned_up_to} of {size} ({each or 'by nobody'}); "


def self_test():
    """Published vectors: Certificate Transparency's eight leaves, Go's signed note, a checkpoint of a public log."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = """6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
        aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
        4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
        76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
        ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
        5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328""".split()
    roots = [bytes.fromhex(root) for root in roots]
    tree, leaves = Tree(), [sha256(b"\x00", bytes.fromhex(data)) for data in inputs]
    for leaf, root in zip(leaves, roots):
        tree.add(0, leaf)
        assert tree.root() == root
    to_eight = ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]
    six_eight = ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]
    verify_inclusion(leaves[0], 0, 8, [bytes.fromhex(h) for h in to_eight], roots[7])
    verify_consistency(1, 8, roots[0], roots[7], [bytes.fromhex(h) for h in to_eight])
    verify_consistency(6, 8, roots[5], roots[7], [bytes.fromhex(h) for h in six_eight])
    refused = [lambda: verify_consistency(5, 8, roots[4], roots[7], [bytes.fromhex(h) for h in six_eight]),
               lambda: verify_inclusion(leaves[0], 1, 8, [bytes.fromhex(h) for h in to_eight], roots[7])]

    peter = Key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = ("If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
            "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
            "E6RyyBwJnAM=\n")
    assert len(open_note(note, [peter])[1]) == 1
    refused.append(lambda: open_note(note.replace("answer", "Answer"), [peter]))

    public = ("arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
              "\n\u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygN"
              "I75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
              "\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTyn"
              "k5XeU/zZ0WBxtqB0DrAWfBw==\n")
    trust = Trust("arche2025h1.staging.ct.transparency.dev",
                  ["arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"],
                  ["remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"], 1)
    size, _, cosigned = trust.open(public)
    assert size == 1432088532 and cosigned == {"remora.n621.de": 0x6A122120}
    refused.append(lambda: trust.open(public.replace("1432088532", "1432088533")))
    for attempt in refused:
        try:
            attempt()
        except Refused:
            continue
        raise AssertionError("a false proof was accepted")
    print("OK self-test")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
