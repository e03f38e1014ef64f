"""Stands in for xmllint where there is none: just the options that these checks use.

xmllint [--noout] [--nonet] --schema XSD FILE|-     validates
xmllint [--nonet] --xpath EXPRESSION FILE|-         prints what is found
"""

import sys

from lxml import etree


def main(arguments: list[str]) -> int:
    options = {"--schema": None, "--xpath": None}
    file = "-"
    rest = iter(arguments)
    for argument in rest:
        if argument in options:
            options[argument] = next(rest)
        elif argument == "-" or not argument.startswith("--"):
            file = argument
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    document = etree.parse(sys.stdin.buffer if file == "-" else file, parser)
    if options["--xpath"]:
        found = document.xpath(options["--xpath"])
        for one in [found] if isinstance(found, str) else found:
            print(one if isinstance(one, str) else etree.tostring(one, encoding="unicode", with_tail=False))
    if options["--schema"]:
        schema = etree.XMLSchema(etree.parse(options["--schema"], parser))
        if not schema.validate(document):
            for error in schema.error_log:
                print(f"{file}:{error.line}: {error.message}", file=sys.stderr)
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
