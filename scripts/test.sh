#!/usr/bin/env bash
# `make test`: everything, on one development build. No server may be running beforehand; each runner starts and stops its own.
set -uo pipefail
source "$(dirname "$0")/steps.sh"

check_steps
step rust cargo test --locked --quiet --no-fail-fast
# Several nodes once more, on the other database.
step on-postgres env BATON_TEST_STORE=postgres cargo test --locked --quiet --no-fail-fast --test it cluster
# On its own: it needs contracts that are not part of this repository, and says so when they are missing.
step contract tests/contract/run.sh
# The server that the next runners start; compiled already by the tests above.
step server cargo build --locked --quiet --bins
step conformance tests/conformance/run.sh
step api tests/api/run.sh
step browser tests/browser/run.sh
finish
