#!/usr/bin/env bash
# Builds the broker and starts it with mock agencies on this machine; the first question is asked and answered at once.
# Installs what is missing. Arguments go to `ssbtek-demo` (--once, --data-dir DIR, --port-base N, --wire own|grpc).
set -euo pipefail

from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh
root=$PWD

step "tools"
need_rust
need_c_compiler

step "building (cargo, release; some minutes the first time)"
cargo build --release --locked -p ssbtek-broker -p ssbtek-operator -p ssbtek-client -p ssbtek-demo

step "starting"
# Relative paths among the arguments mean what they mean where the caller stands.
cd "$from"
PATH="$root/target/release:$PATH" exec "$root/target/release/ssbtek-demo" "$@"
