#!/usr/bin/env bash
# The contracts in proto/: lint, and comparison with proto/baseline.binpb, the contracts that callers may rely on.
#   tests/proto.sh             fails on lint and on anything that would break a caller of the baseline
#   tests/proto.sh --accept    makes the contracts as they are now the new baseline, at a release. If that breaks callers,
#                              CHANGELOG.md must say so first: a line that begins with "- **Breaking**" under "Unreleased".
# The baseline is a file and not a commit, so that a break stays visible until it is accepted, also in a shallow clone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh

buf=${BUF:-}
[ -n "$buf" ] || need_buf
[ -n "$buf" ] || fail "no buf, and no npm to install it with"
baseline=proto/baseline.binpb

"$buf" lint
breaks() { ! "$buf" breaking --against "$baseline"; }

if [ "${1:-}" = --accept ]; then
    if [ -f "$baseline" ] && breaks; then
        awk '/^## /{inside = /Unreleased/} inside && /^- \*\*Breaking\*\*/{found = 1} END{exit !found}' CHANGELOG.md ||
            fail 'this breaks callers: CHANGELOG.md needs a line "- **Breaking** …" under "Unreleased" first'
    fi
    "$buf" build --exclude-source-info -o "$baseline"
    note "$baseline now holds the contracts as they are"
    exit
fi
[ -f "$baseline" ] || fail "$baseline is missing: tests/proto.sh --accept"
! breaks || fail "the contracts would break callers (above); keep them, or add a new version beside them"
