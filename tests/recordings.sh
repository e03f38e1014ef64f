#!/usr/bin/env bash
# Serves the recordings (tests/recordings) in place of all seven agencies, with the person replaced, and asks the broker through its
# doors in both versions: every agency has answered, or in part for a reason that is told, and each payload leaves as it came.
#   tests/recordings.sh [SCHEMA_FOLDER]
# With SCHEMA_FOLDER (the published files below v10/ and v11/, no part of this repository) a client of today's, made by zeep from the
# published description, reads every answer too. PYTHON names a Python with zeep.
set -euo pipefail
cd "$(dirname "$0")/.."

published=${1:-${SSBTEK_PUBLISHED_CONTRACT:-}}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

SSBTEK_ANSWERS=$work/answers cargo nextest run --locked -p ssbtek-broker --test promises -E 'test(/soap::recorded::/)'
echo "answers kept: $(ls "$work/answers" | wc -l)"
if [ -z "$published" ] || [ ! -d "$published/v10" ]; then
    echo "SKIPPED: no client of today's read them: name the folder of the published schemas as the first argument" >&2
    exit 0
fi
"$python" -c 'import zeep' 2>/dev/null || { echo "SKIPPED: no zeep for $python (pip install zeep, then PYTHON=...)" >&2; exit 0; }
cargo run --quiet -p ssbtek-soap --example contract_samples -- "$work/samples"
for version in 10 11; do
    "$python" tests/soap/zeep_messages.py "$version" "$work/samples/served/$version" \
        "$published/v$version/se/forsakringskassan/schema/integration/ssbt/_$version/Sammansatt_Bastjanst_v$version.wsdl" "$work/answers"
done
