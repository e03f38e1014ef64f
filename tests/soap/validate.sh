#!/usr/bin/env bash
# Checks what the broker serves and answers against the published contract:
#   tests/soap/validate.sh SCHEMA_FOLDER
# SCHEMA_FOLDER holds the published files below v10/ and v11/. They are no part of this repository: without them, and
# without xmllint or zeep, the check that needs them is skipped with a word about it. PYTHON names a Python with zeep.
set -euo pipefail
cd "$(dirname "$0")/../.."

published=${1:-${SSBTEK_PUBLISHED_CONTRACT:-}}
python=${PYTHON:-python3}
skipped=0
skip() { echo "SKIPPED: $1" >&2; skipped=1; }

if [ -z "$published" ] || [ ! -d "$published/v10" ]; then
    skip "the published schemas are not here; name their folder as the first argument"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo run --quiet -p ssbtek-soap --example contract_samples -- "$work"

schema_of() { echo "$published/v$1/se/forsakringskassan/schema/integration/ssbt/_$1/sammansatt_bastjanst_v$1.xsd"; }

if command -v xmllint >/dev/null; then
    for sample in "$work"/1[01]-*.xml; do
        name=$(basename "$sample" .xml)
        version=${name%%-*}
        inside="/*/*[local-name()='Body']/*"
        case $name in *-fault-*) inside="//detail/*" ;; esac
        xmllint --nonet --xpath "$inside" "$sample" >"$work/body"
        xmllint --nonet --noout --schema "$(schema_of "$version")" "$work/body" 2>"$work/told" || {
            echo "INVALID: $name" >&2
            cat "$work/told" >&2
            exit 1
        }
    done
    echo "valid against the published schemas: $(ls "$work"/1[01]-*.xml | wc -l) messages"

    # CSN's document travels as base64; its persons have a published type.
    for version in 10 11; do
        cat >"$work/csn.xsd" <<X
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:p="http://schema.csn.se/v4.0/person"
    targetNamespace="http://schema.csn.se/v4.0/kommunfraga" elementFormDefault="qualified">
  <xs:import namespace="http://schema.csn.se/v4.0/person" schemaLocation="$published/v$version/se/csn/schema/v4_0/person/person.xsd"/>
  <xs:element name="Person" type="p:Person"/>
</xs:schema>
X
        for sample in "$work/$version"-answer-{all,protected}.xml; do
            xmllint --nonet --xpath "string(//*[local-name()='CSN']/*/*[local-name()='svar'])" "$sample" | base64 -d >"$work/csn.xml"
            # A part cut out loses the declarations around it, so the person is made the root before it is checked.
            sed -E 's/.*<csn:CSNSvar( [^>]*) schemaVersion="4.0">.*<csn:Person /<csn:Person\1 /; s/<\/csn:Person>.*/<\/csn:Person>/' "$work/csn.xml" >"$work/person.xml"
            sed -i '/^<?xml/d' "$work/person.xml"
            xmllint --nonet --noout --schema "$work/csn.xsd" "$work/person.xml"
        done
    done
else
    skip "xmllint is not installed (libxml2-utils)"
fi

if "$python" -c 'import zeep' 2>/dev/null; then
    "$python" tests/soap/compare_schemas.py src/soap/contract "$published"
    for version in 10 11; do
        "$python" tests/soap/zeep_messages.py "$version" "$work/served/$version" \
            "$published/v$version/se/forsakringskassan/schema/integration/ssbt/_$version/Sammansatt_Bastjanst_v$version.wsdl" "$work"
    done
    cargo run --quiet -p ssbtek-soap --example read_question -- "$work"/question-*.xml
else
    skip "no zeep for $python (pip install zeep, then PYTHON=…)"
fi
[ "$skipped" = 0 ] || echo "some checks were SKIPPED, see above" >&2
