"""Checks a receipt offline: the inclusion proof (RFC 6962 § 2.1.1) and the checkpoint's signature (C2SP signed-note)."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class ReceiptError(Exception):
    """The receipt proves nothing."""


def check(receipt, vkey):
    """Raises unless the record stands in a tree that the key behind `vkey` has signed. Returns the tree's size."""
    origin, size, root = _opened(receipt.checkpoint, vkey)
    if _root(receipt.leaf_hash, receipt.leaf_index, size, list(receipt.inclusion)) != root:
        raise ReceiptError("the proof does not lead to the checkpoint's root")
    return size


def _opened(checkpoint, vkey):
    """Origin, size and root of a checkpoint that carries the key's signature."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    if key[0] != 1 or hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id:
        raise ReceiptError("the verifier key is no Ed25519 key of that name")
    text, _, signatures = checkpoint.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        signer, _, signature = line.removeprefix("— ").partition(" ")
        signature = base64.b64decode(signature)
        if signer == name and signature[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
            origin, size, root = text.splitlines()[:3]
            if origin != name:
                raise ReceiptError("the checkpoint is another log's")
            return origin, int(size), base64.b64decode(root)
    raise ReceiptError("the checkpoint is not signed with this key")


def _root(leaf_hash, index, size, proof):
    if index >= size:
        raise ReceiptError("the record lies outside the tree")
    node, last = leaf_hash, size - 1
    for sibling in proof:
        if index % 2 == 1 or index == last:
            node = _node(sibling, node)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            node = _node(node, sibling)
        index, last = index // 2, last // 2
    if last != 0:
        raise ReceiptError("the proof is too short")
    return node


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()
