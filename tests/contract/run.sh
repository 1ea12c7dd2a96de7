#!/usr/bin/env bash
# Providers against the vendors' own contracts, served by Prism. The contracts are not part of this repository (their licences differ):
# they are looked for in BATON_SPECS, by default in ../shared/specs beside it. Without them nothing is tested, and that is said loudly.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$PWD
# A worktree stands elsewhere than the repository it belongs to.
main=$(cd "$(git rev-parse --git-common-dir 2>/dev/null || echo .git)/.." 2>/dev/null && pwd || echo "$root")
specs=${BATON_SPECS:-}
for folder in "$root/../shared/specs" "$main/../shared/specs"; do
    if [ -z "$specs" ] && [ -d "$folder" ]; then specs=$(cd "$folder" && pwd); fi
done
if [ ! -f "$specs/openai.yaml" ] || [ ! -f "$specs/anthropic.yaml" ]; then
    echo "############################################################################################"
    echo "#  CONTRACT TESTS SKIPPED: openai.yaml and anthropic.yaml are not in BATON_SPECS, nor in"
    echo "#  ../shared/specs. What is sent to the providers of models was NOT compared with contracts."
    echo "############################################################################################"
    exit 0
fi

prism=${CARGO_TARGET_DIR:-$root/target}/prism
mkdir -p "$prism"
if ! cmp -s tests/contract/package-lock.json "$prism/package-lock.json" || [ ! -f "$prism/installed" ]; then
    rm -f "$prism/installed"
    cp tests/contract/package.json tests/contract/package-lock.json "$prism"
    npm ci --prefix "$prism" --no-audit --no-fund --loglevel=error
    touch "$prism/installed"
fi

pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done' EXIT
# Starts one and sets `address`. Prism picks the port.
serve() {
    local log=$prism/$1.log
    node "$prism/node_modules/@stoplight/prism-cli/dist/index.js" mock -h 127.0.0.1 -p 0 --errors "$specs/$1.yaml" >"$log" 2>&1 &
    pids+=($!)
    for _ in $(seq 600); do
        address=$(sed -n -E 's/.*listening on (http:[^[:space:]]+).*/\1/p' "$log" | sed -E 's/\x1b\[[0-9;]*m//g')
        [ -z "$address" ] || return 0
        kill -0 "${pids[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "contract: Prism does not serve $1.yaml" >&2
    cat "$log" >&2
    exit 1
}
serve openai
BATON_CONTRACT_OPENAI=$address
serve anthropic
BATON_CONTRACT_ANTHROPIC=$address
export BATON_CONTRACT_OPENAI BATON_CONTRACT_ANTHROPIC

cargo test --locked --quiet --test contract
