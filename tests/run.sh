#!/usr/bin/env bash
# Every check that a change must pass, from a fresh clone: installs what it needs, says what it does, ends with a verdict.
# Works from any directory, as root or not. Nothing is retried. Slower suites: tests/slow.sh.
#
# SSBTEK_SCHEMAS=FOLDER checks wire formats against the published schemas too (they are no part of this repository).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh

skipped=()
skip() {
    skipped+=("$1")
    printf '   SKIPPED: %s\n' "$1" >&2
}
# Runs a check and says how long it took; the first that fails ends everything.
check() {
    local what=$1 start=$SECONDS
    shift
    step "$what"
    "$@" || fail "$what"
    note "$((SECONDS - start)) s"
}

step "tools"
need_rust
need_rust_components
need_c_compiler
need_nextest
need_python
need_buf
need_strace
need_postgres

check "formatting (cargo fmt)" cargo fmt --all --check
check "lints (cargo clippy, warnings are errors)" \
    cargo clippy --workspace --all-targets --locked --quiet -- -D warnings

if cargo deny --version >/dev/null 2>&1; then
    check "licences, sources and bans of dependencies (cargo deny)" \
        cargo deny --log-level error check bans licenses sources
    step "known vulnerabilities in dependencies (cargo deny)"
    # The advisory database comes from a git server, which not every network reaches. A finding is an error, a missing
    # database is not.
    if timeout 60 cargo deny --log-level error fetch db >/dev/null 2>&1; then
        cargo deny --offline --log-level error check advisories || fail "known vulnerabilities in dependencies"
    else
        skip "advisories: the advisory database cannot be fetched from here"
    fi
else
    skip "cargo deny is not installed (tests/slow.sh installs it)"
fi

if [ -n "$buf" ]; then
    check "contracts: lint, and nothing broken since the baseline (buf)" env BUF="$buf" bash tests/proto.sh
else
    skip "contracts were not linted or compared: no buf, and no npm to install it with"
fi

[ -n "$strace" ] || skip "the order of records and bytes, and failing syncs: no strace, or not root"
[ -n "$postgres" ] || skip "the PostgreSQL engine: PostgreSQL is not installed and cannot be"
[ "$(id -u)" -eq 0 ] || skip "a full disk: nothing can be mounted without root"
[ -n "${SSBTEK_SCHEMAS:-}" ] || skip "wire formats were not held against the published schemas: SSBTEK_SCHEMAS is not set"
check "Rust tests (cargo nextest)" cargo nextest run --workspace --locked
check "documentation tests" cargo test --doc --workspace --locked --quiet

check "building the programs for the outside view" \
    cargo build --locked --quiet -p ssbtek-broker -p ssbtek-operator -p ssbtek-client -p ssbtek-demo -p mock-agencies
check "from outside, in Python over gRPC, against a running demo" \
    "$python" -m pytest -q -p no:cacheprovider tests/python

step "all checks passed in $((SECONDS / 60)) min $((SECONDS % 60)) s"
for what in ${skipped[@]+"${skipped[@]}"}; do
    printf '   SKIPPED: %s\n' "$what" >&2
done
