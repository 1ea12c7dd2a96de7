#!/usr/bin/env bash
# Checks for what a build (`build`), `make cluster` (`cluster`) or the tests (`test`) need. As root on a system with apt it installs what is missing, except
# Rust and Node, whose versions matter; otherwise it names everything that is missing and fails.
set -euo pipefail

scope=${1:?build, cluster or test}
packages=()
missing=()

has() { command -v "$1" >/dev/null 2>&1; }

has cargo || missing+=("Rust: https://rustup.rs")
if ! has node || ! has npm; then
    missing+=("Node 20 or newer: https://nodejs.org")
elif ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    missing+=("Node 20.19 or newer, this is $(node --version): https://nodejs.org")
fi
# SQLite and the TLS primitives are compiled from C.
has cc || packages+=(gcc libc6-dev)

installed() { has "$1" || [ -x "/usr/sbin/$1" ]; }

if [ "$scope" != build ]; then
    has redis-server || packages+=(redis-server)
    # Debian keeps the server out of the path.
    if [ -z "${BATON_POSTGRES_BIN:-}" ] && ! has initdb && ! compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then
        packages+=(postgresql)
    fi
    installed haproxy || packages+=(haproxy)
fi

if [ "$scope" = test ]; then
    has curl || packages+=(curl)
    # Debian ships venv apart from Python.
    if ! has python3 || ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then packages+=(python3 python3-venv); fi
    # The fault suite: the other load balancer, network namespaces with a packet filter, a clock that can be turned.
    installed nginx || packages+=(nginx-light)
    installed nft || packages+=(nftables)
    installed tc || packages+=(iproute2)
    compgen -G "/usr/lib/*/faketime/libfaketime.so.1" >/dev/null || packages+=(libfaketime)
    if [ -z "${CHROMIUM:-}" ] && ! has chromium && ! has chromium-browser && ! has google-chrome; then packages+=(chromium); fi
fi

if [ ${#packages[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && has apt-get; then
        echo "installing ${packages[*]}"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    else
        missing+=("${packages[@]}")
    fi
fi

if [ ${#missing[@]} -gt 0 ]; then
    printf 'missing: %s\n' "${missing[@]}" >&2
    exit 1
fi
