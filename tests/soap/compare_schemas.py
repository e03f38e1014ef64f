#!/usr/bin/env python3
"""Compares two folders of schemas by meaning: compare_schemas.py OURS PUBLISHED

Every namespace that OURS defines must be defined in PUBLISHED with the same components: names, types, order,
cardinality, facets and form. Annotations, prefixes and the order of top-level components mean nothing.
"""
import sys
from pathlib import Path

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
DEFAULTS = {"minOccurs": "1", "maxOccurs": "1", "use": "optional", "nillable": "false", "processContents": "strict"}
NAMES = {"type", "base", "ref", "itemType"}


def qualified(node, name):
    prefix, _, local = name.rpartition(":")
    return "{%s}%s" % (node.nsmap.get(prefix or None, ""), local)


def canonical(node, forms, top=False):
    attributes = {}
    for key, value in node.attrib.items():
        if key in NAMES:
            value = qualified(node, value)
        if DEFAULTS.get(key) != value and key != "form":
            attributes[key] = value
    kind = node.tag.removeprefix(XS)
    if kind in forms and not top and "ref" not in node.attrib:
        attributes["form"] = node.get("form", forms[kind])
    children = [
        canonical(child, forms)
        for child in node
        if isinstance(child.tag, str) and child.tag != XS + "annotation"
    ]
    return (kind, tuple(sorted(attributes.items())), tuple(children))


def components(folder):
    found = {}
    for path in sorted(Path(folder).rglob("*.xsd")):
        root = etree.parse(str(path)).getroot()
        forms = {
            "element": root.get("elementFormDefault", "unqualified"),
            "attribute": root.get("attributeFormDefault", "unqualified"),
        }
        target = found.setdefault(root.get("targetNamespace"), {})
        for child in root:
            if isinstance(child.tag, str) and child.get("name"):
                target[(child.tag.removeprefix(XS), child.get("name"))] = canonical(child, forms, top=True)
    return found


def main():
    ours, published = components(sys.argv[1]), components(sys.argv[2])
    wrong = 0
    for namespace, expected in ours.items():
        theirs = published.get(namespace)
        if theirs is None:
            print(f"not published: {namespace}")
            wrong += 1
            continue
        for name in sorted(expected.keys() | theirs.keys()):
            if expected.get(name) != theirs.get(name):
                print(f"differs: {namespace} {name[0]} {name[1]}\n  ours:      {expected.get(name)}\n  published: {theirs.get(name)}")
                wrong += 1
        print(f"compared: {namespace}, {len(expected)} components")
    sys.exit(1 if wrong else 0)


main()
