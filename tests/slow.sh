#!/usr/bin/env bash
# What takes longer than tests/run.sh should: dependencies looked at with cargo-deny (installed if missing), the
# documentation built without a warning, many more random cases, a small run of the log's bench, the demo as a
# newcomer starts it, both wire formats. Builds twice: for tests, and as released.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh

step "tools"
need_rust
need_c_compiler
need_nextest
need_python
need_strace
if ! cargo deny --version >/dev/null 2>&1; then
    note "cargo-deny is missing; compiling it (cargo install, some minutes, once)"
    cargo install cargo-deny --locked >&2
fi

step "licences, sources and bans of dependencies (cargo deny)"
cargo deny --log-level error check bans licenses sources

step "documentation without a warning (cargo doc)"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet

# In the rooms that draw their cases with proptest, all of them; other rooms' tests take no number of cases, and tests/run.sh runs
# them. 5,000 of each take some five minutes on two quiet cores.
step "property tests with many more cases"
mapfile -t drawn < <(git ls-files -- '*Cargo.toml' | xargs grep -l '^proptest.workspace' | xargs sed -n 's/^name = "\(.*\)"/--package=\1/p' | sort -u)
PROPTEST_CASES=${PROPTEST_CASES:-5000} cargo nextest run --profile slow --locked "${drawn[@]}"

step "bombs: 50 ms and 16 MiB, as released"
cargo nextest run --profile slow --locked --cargo-profile release -p bombs --no-capture

# Each of these takes one processor for minutes, so that they run beside each other.
step "10,000 races between a slow agency and what closes its question; each fact that a decision rests on, changed at 200 random
   moments; every combination of what can be wrong, through the real door; every three calls of one operator in a row; every field
   of every agency in every case of protection; all that agencies can say of two adults of a household"
RACES=10000 CHANGES=200 COMBINATIONS=all SSBTEK_ALL_POWERS=1 CANARY_CASES=all HOUSEHOLDS=all \
    cargo nextest run --profile slow --locked -p authorization -p ssbtek-broker --success-output final -E '
        package(authorization) & (test(races) | test(at_any_moment) | test(/^household/))
        | package(ssbtek-broker) & (test(who_may_ask) | test(no_chain_of_one_operators_calls) | test(/^canaries/))'

step "what is remembered of protected persons: 2,000 orders of what can happen, against the rule in words"
SSBTEK_REMEMBERED_RUNS=2000 cargo nextest run --profile slow --locked -p ssbtek-purge -E 'test(remembered_by_rule)'

step "the access log against bare SQLite: a small run of its bench"
cargo bench --locked --quiet -p ssbtek-store-sqlite --bench log -- --entries 60000 --turn 20000 --rounds 3 --at-least 0.12

step "the log under faults: 1,000 questions in order, 30 failed syncs, a full ext4, 500 flipped bits, 10,000 records"
[ -n "$strace" ] || note "SKIPPED: the order of records and bytes, and failing syncs: no strace, or not root"
ORDER_QUESTIONS=1000 FAILED_SYNCS=30 FULL_DISK=ext4 FLIPS=500 LOG_ENTRIES=10000 \
    cargo nextest run --profile slow --locked -p ssbtek-broker --test promises --no-capture -E 'test(/^(faults|whole_)/)'

step "the demo as the README starts it, both wire formats"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for wire in own grpc; do
    deploy/demo.sh --once --wire "$wire" --data-dir "$work/$wire" --port-base 27440
done

step "from outside, in Python, agencies over gRPC"
cargo build --locked --quiet -p ssbtek-broker -p ssbtek-operator -p ssbtek-client -p ssbtek-demo -p mock-agencies
SSBTEK_WIRE=grpc "$python" -m pytest -q -p no:cacheprovider tests/python

tests/browser.sh

step "10,000 questions, then a purge: no canary in a file-system image"
if [[ $(id -u) == 0 ]] && losetup -f >/dev/null 2>&1; then
    tests/erasure/image.sh
else
    note "not root, or no loop device: the image is made of the files instead"
    tests/erasure/image.sh --copy
fi

step "slow checks passed in $((SECONDS / 60)) min $((SECONDS % 60)) s"
