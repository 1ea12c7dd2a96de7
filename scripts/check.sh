#!/usr/bin/env bash
# `make check`: fast enough for every commit. The drift test of the generated protocol files is one of the unit tests.
set -uo pipefail
source "$(dirname "$0")/steps.sh"

check_steps
step unit cargo test --locked --quiet --lib
finish
