#!/usr/bin/env bash
# The pages in a real Chromium (the distribution's) against a running demo: signing in, asking, a protected person, a failed agency, back
# after signing out, forged and repeated forms, keyboard alone, without script. Installs what it needs.
#
#   tests/browser.sh                                    # every test
#   SSBTEK_PICTURES=FOLDER tests/browser.sh             # and pictures of every page, light and dark, wide and at 320 pixels
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh

step "tools"
need_rust
need_c_compiler
need_python
command -v chromium >/dev/null || install_packages chromium
note "$(chromium --version 2>/dev/null)"

step "building the demo"
cargo build --locked --quiet -p ssbtek-demo -p ssbtek-client

step "the pages in Chromium"
"$python" -m pytest -q -p no:cacheprovider "$@" tests/browser
