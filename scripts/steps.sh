# Sourced by check.sh and test.sh. A step is a named command: its output is shown and kept, its time is taken, and a failed one
# does not keep the next from running, so that one run shows everything that is wrong.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
logs=${CARGO_TARGET_DIR:-$root/target}/steps
rm -rf "$logs"
mkdir -p "$logs"

# Stories wait more than they compute: on two cores, five at once take half the time of two (137 s and 63 s).
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(getconf _NPROCESSORS_ONLN) + 1))}

passed=0
failed=0
failed_steps=()
summary=()

# Totals of the runners' own closing lines: cargo, vitest, the conformance runner, and "N passed, N failed" of our scripts.
count() {
    sed -E 's/\x1b\[[0-9;]*m//g' "$1" | awk '
        /^test result:/ { p += $4; f += $6 }
        /^ +Tests  / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i - 1); if ($i ~ /^failed/) f += $(i - 1) } }
        /[0-9]+ of [0-9]+ cases passed/ { match($0, /[0-9]+ of [0-9]+/); split(substr($0, RSTART, RLENGTH), n, " of "); p += n[1]; f += n[2] - n[1] }
        /[0-9]+ passed, [0-9]+ failed/ { match($0, /[0-9]+ passed, [0-9]+ failed/); split(substr($0, RSTART, RLENGTH), n, " "); p += n[1]; f += n[3] }
        END { print p + 0, f + 0 }'
}

step() {
    local name=$1 started=$SECONDS state=ok p f
    shift
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee "$logs/$name.log"
    [ "${PIPESTATUS[0]}" = 0 ] || state=FAILED
    read -r p f < <(count "$logs/$name.log")
    # A lint or a crash has no closing line, and is a failure all the same.
    if [ $state = FAILED ] && [ "$f" = 0 ]; then f=1; fi
    # A runner that counts a failure and exits with 0 has not passed.
    if [ "$f" != 0 ]; then state=FAILED; fi
    passed=$((passed + p))
    failed=$((failed + f))
    [ $state = ok ] || failed_steps+=("$name")
    summary+=("$(printf '%-14s %-7s %4d s  %s passed, %s failed' "$name" $state $((SECONDS - started)) "$p" "$f")")
}

finish() {
    printf '\n'
    printf '%s\n' "${summary[@]}"
    [ ${#failed_steps[@]} = 0 ] || printf 'failed: %s\n' "${failed_steps[*]}"
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}

# What both do, without the Rust tests.
check_steps() {
    step format cargo fmt --check
    step web-check npm run --silent check
    step web-test npm run --silent test
    step clippy cargo clippy --locked --quiet --all-targets --test contract -- -D warnings
}
