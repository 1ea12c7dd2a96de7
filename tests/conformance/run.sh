#!/bin/sh
# WebSocket conformance (the Autobahn cases, driven by kosoku) against the framing layer: baton-echo mounts it without the hub.
# Fails unless 301 of 301 cases pass strictly. 12.* and 13.* are permessage-deflate, which is never negotiated.
set -eu

expected=301
kosoku_version=0.1.0
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/kosoku-$kosoku_version
reports=$target/conformance

if [ ! -x "$venv/bin/kosoku" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "kosoku==$kosoku_version"
fi
(cd "$root" && cargo build --quiet --bin baton-echo)

rm -rf "$reports"
mkdir -p "$reports"
# Limits above the largest case (16 MiB in one message, 64-byte fragments), so that what is tested is the protocol.
"$target/debug/baton-echo" --max-frame-bytes 67108864 --max-message-bytes 67108864 --max-fragments 1000000 \
    --max-outbox-bytes 134217728 >"$reports/address" &
echo_pid=$!
trap 'kill "$echo_pid" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    [ -s "$reports/address" ] && break
    sleep 0.1
done

"$venv/bin/kosoku" --exclude '12.*' --exclude '13.*' --parallelism 8 --outdir "$reports" "$(cat "$reports/address")" \
    >"$reports/log" 2>&1 || true

"$venv/bin/python" - "$reports/index.json" "$expected" <<'PYTHON'
import json
import sys

path, expected = sys.argv[1], int(sys.argv[2])
try:
    with open(path, encoding="utf-8") as file:
        cases = {name: case for agent in json.load(file).values() for name, case in agent.items()}
except FileNotFoundError:
    sys.exit("conformance: no report was written, see the log beside it")
# INFORMATIONAL: cases where the standard leaves the behaviour open. NON-STRICT is not good enough.
good = {"OK", "INFORMATIONAL"}
failed = sorted(name for name, case in cases.items() if not {case["behavior"], case["behaviorClose"]} <= good)
print(f"conformance: {len(cases) - len(failed)} of {expected} cases passed" + (f", failed: {' '.join(failed)}" if failed else ""))
sys.exit(0 if not failed and len(cases) == expected else 1)
PYTHON
