#!/bin/sh
# Fuzzes the HTTP API of a running server from its own OpenAPI document.
#
#   tests/api/run.sh PATH-TO-BATON        starts it with an empty data folder, does the setup, runs schemathesis
#
# Fails on any finding. Needs python3; everything is kept under target/api-test.
set -eu

baton=${1:-${BATON_BINARY:-target/debug/baton}}
examples=${EXAMPLES:-40}
work=target/api-test
version=4.32.5

mkdir -p "$work"
here=$(pwd)
config=$here/tests/api/schemathesis.toml
if ! "$work/venv/bin/schemathesis" --version 2>/dev/null | grep -q "$version"; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet "schemathesis==$version"
fi

port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port
data=$(mktemp -d)
BATON__SERVER__LISTEN=127.0.0.1:$port BATON__SERVER__PUBLIC_URL=$base BATON__DATA__DIR=$data "$baton" serve >"$work/out.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$data"' EXIT INT TERM

"$work/venv/bin/python" tests/api/set_up.py "$base" "$work/out.log" "$work/cookie" "$work/openapi.json"

# As a credential and not as a header, so that calls without it are tried too.
BATON_SESSION=$(cut -d= -f2 "$work/cookie")
export BATON_SESSION
status=0
# From its own folder, because it leaves a cache where it runs.
(cd "$work" && venv/bin/schemathesis --config-file "$config" run openapi.json --url "$base" \
  --header "Origin: $base" \
  --exclude-operation-id sign_out --checks all --max-examples "$examples" --seed 1 --workers 1 \
  >report.log 2>&1) || status=$?
[ "$status" = 0 ] || cat "$work/report.log"
kill -0 "$server" || { echo "the server did not survive"; status=1; }

passed=$(sed -n 's/.* \([0-9][0-9]*\) passed.*/\1/p' "$work/report.log" | tail -n 1)
failed=$(sed -n 's/.* \([0-9][0-9]*\) failed.*/\1/p' "$work/report.log" | tail -n 1)
echo "api: ${passed:-0} passed, ${failed:-$status} failed"
exit "$status"
