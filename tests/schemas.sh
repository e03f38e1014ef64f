#!/usr/bin/env bash
# Holds every question that is sent and every answer of the mock agencies, and every message of the SOAP door, against the
# published schemas:
#   tests/schemas.sh FOLDER
# FOLDER holds the published files, below v10/ and v11/ or directly. They are no part of this repository. What is missing
# to read them (zeep, lxml, PyYAML, jsonschema, xmllint) is installed into target/schemas; what cannot be had is skipped,
# and said. Ends with status 1 at the first message that does not follow its schema.
set -euo pipefail
given=${1:-${SSBTEK_SCHEMAS:-}}
[ -z "$given" ] || given=$(cd "$given" 2>/dev/null && pwd) || { echo "no such folder: $1" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh

skipped=()
skip() {
    skipped+=("$1")
    printf '   SKIPPED: %s\n' "$1" >&2
}

if [ -z "$given" ]; then
    skip "nothing was validated: name the folder of the published schemas as the first argument"
    exit 0
fi
schemas=$given
[ -d "$schemas/se" ] || schemas=$given/v10
[ -d "$schemas/se" ] || fail "$given holds no published schemas (no se/ and no v10/se/)"

step "tools"
need_rust
need_nextest
command -v python3 >/dev/null || install_packages python3 python3-venv
environment=$PWD/target/schemas
if ! "$environment/bin/python" -c 'import zeep, lxml, yaml, jsonschema' 2>/dev/null; then
    note "preparing target/schemas (zeep, lxml, PyYAML, jsonschema; pip)"
    rm -rf "$environment"
    mkdir -p target
    python3 -m venv "$environment" >/dev/null || fail "no Python environment could be made"
    "$environment/bin/pip" install --quiet zeep lxml PyYAML jsonschema >&2 || note "some packages could not be installed"
fi
has() { "$environment/bin/python" -c "import $1" 2>/dev/null; }
# `python3` and, where the system has none, `xmllint` come from here.
PATH=$environment/bin:$PATH
if ! command -v xmllint >/dev/null; then
    if has lxml; then
        note "no xmllint here; lxml stands in for it"
        printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$environment/bin/python" "$PWD/tests/soap/xmllint.py" \
            >"$environment/bin/xmllint"
        chmod +x "$environment/bin/xmllint"
    else
        install_packages libxml2-utils || true
    fi
fi
export PATH

step "questions and answers of every agency's own format"
command -v xmllint >/dev/null || fail "neither xmllint nor lxml can be had; no XML can be validated"
filter='test(/published_(schema|description)$/)'
if ! has yaml || ! has jsonschema; then
    skip "LEFI's JSON: no PyYAML or jsonschema"
    filter="$filter - test(/published_description\$/)"
fi
SSBTEK_SCHEMAS=$schemas cargo nextest run --locked -p ssbtek-formats -E "$filter" --status-level pass ||
    fail "a question or an answer does not follow its schema"

step "the SOAP door's messages, and what clients made from the published contract ask"
if [ -d "$given/v10" ] && [ -d "$given/v11" ]; then
    has zeep || skip "clients made from the published contract: no zeep"
    PYTHON=$environment/bin/python bash tests/soap/validate.sh "$given" || fail "a message does not follow the contract"
else
    skip "the composed contract: $given has no v10/ and v11/"
fi

step "all that was validated follows its schema"
for what in ${skipped[@]+"${skipped[@]}"}; do
    printf '   SKIPPED: %s\n' "$what" >&2
done
