#!/usr/bin/env bash
# The built widget and console in a real browser, against the built server. `make test` has built both.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec npx --no-install vitest run --config tests/browser/vitest.config.ts
