#!/usr/bin/env bash
# `make cluster`: three nodes behind HAProxy, on PostgreSQL and Redis, from the system's packages. Everything lies in one folder that is
# new at each start and removed at the end, on ports that are free; Ctrl-C stops all of it.
#   BATON_BIN=<binary>    another build     BATON_CLUSTER_PORT=<port>   HAProxy's port (8090 when it is free)
set -euo pipefail

bin=${BATON_BIN:-target/release/baton}
bin=$(realpath "$bin")
root=$(realpath "$(dirname "$0")/..")
folder=$(mktemp -d "${TMPDIR:-/tmp}/baton-cluster.XXXXXX")
chmod 711 "$folder"
pids=()

program() {
    local found
    found=$(PATH="$PATH:/usr/sbin:/sbin" command -v "$1") || { echo "$1 is missing: scripts/tools.sh test installs it" >&2; exit 1; }
    echo "$found"
}

# Below the ports that the kernel gives to outgoing connections, so that none of those takes one in between.
next_port=$((11000 + $$ % 15000))
free_port() { # sets $port
    while (exec 3<>"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do next_port=$((next_port + 1)); done
    port=$next_port
    next_port=$((next_port + 1))
}

# PostgreSQL does not run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd "$folder/postgres" && exec setpriv --reuid postgres --regid postgres --clear-groups "$@")
    else
        (cd "$folder/postgres" && exec "$@")
    fi
}

start() { # NAME COMMAND…: in a session of its own, so that a Ctrl-C of the terminal does not reach it before us
    local name=$1
    shift
    setsid "$@" >"$folder/$name.log" 2>&1 </dev/null &
    pids+=("$!")
}

wait_for() { # WHAT PID COMMAND…
    local what=$1 pid=$2 tries=0
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if ! kill -0 "$pid" 2>/dev/null || [ "$tries" -gt 600 ]; then
            echo "$what did not start:" >&2
            tail -n 20 "$folder/$what.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# In the order in which they must go: the load balancer last among those that hold clients, the stores after the nodes.
finish() {
    local status=$?
    trap - EXIT
    # Whoever reads this may have gone; that must not keep anything running.
    trap '' INT TERM HUP PIPE
    echo "stopping" 2>/dev/null || true
    for pid in ${nodes[@]+"${nodes[@]}"}; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in ${nodes[@]+"${nodes[@]}"}; do wait "$pid" 2>/dev/null || true; done
    [ -z "${haproxy_pid:-}" ] || kill -TERM "$haproxy_pid" 2>/dev/null || true
    [ -z "${redis_pid:-}" ] || kill -TERM "$redis_pid" 2>/dev/null || true
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    [ -z "${postgres_pid:-}" ] || kill -INT "$postgres_pid" 2>/dev/null || true
    wait
    rm -rf "$folder"
    exit "$status"
}
nodes=()
trap finish EXIT
trap 'exit 0' INT TERM
trap 'exit 1' HUP PIPE

[ -x "$bin" ] || { echo "no $bin: make builds it" >&2; exit 1; }
redis=$(program redis-server)
haproxy=$(program haproxy)
postgres_bin=${BATON_POSTGRES_BIN:-$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)}
[ -x "$postgres_bin/initdb" ] || { echo "PostgreSQL is missing: scripts/tools.sh test installs it" >&2; exit 1; }

mkdir "$folder/postgres" "$folder/redis"
[ "$(id -u)" != 0 ] || chown postgres "$folder/postgres"
as_postgres "$postgres_bin/initdb" -D data -U baton -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; exit 1; }
free_port
postgres_port=$port
cat >>"$folder/postgres/data/postgresql.conf" <<CONF
port = $postgres_port
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
CONF
start postgres bash -c 'cd "$1" && shift && exec "$@"' - "$folder/postgres" \
    $([ "$(id -u)" != 0 ] || echo setpriv --reuid postgres --regid postgres --clear-groups) "$postgres_bin/postgres" -D data
postgres_pid=$!
free_port
redis_port=$port
start redis "$redis" --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no --dir "$folder/redis"
redis_pid=$!
wait_for postgres "$postgres_pid" "$postgres_bin/psql" -h 127.0.0.1 -p "$postgres_port" -U baton -d postgres -c 'CREATE DATABASE baton'
wait_for redis "$redis_pid" bash -c "exec 3<>/dev/tcp/127.0.0.1/$redis_port"

url_port=${BATON_CLUSTER_PORT:-8090}
if (exec 3<>"/dev/tcp/127.0.0.1/$url_port") 2>/dev/null; then
    free_port
    url_port=$port
fi
url="http://127.0.0.1:$url_port/"
key=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
for number in 1 2 3; do
    free_port
    node="127.0.0.1:$port"
    export "BATON_NODE_$number=$node"
    start "node-$number" env BATON__SERVER__LISTEN="$node" BATON__SERVER__PUBLIC_URL="http://127.0.0.1:$url_port" \
        BATON__SERVER__TRUSTED_PROXIES=127.0.0.0/8 BATON__DATA__DIR="$folder/node-$number" \
        BATON__DATA__URL="postgres://baton@127.0.0.1:$postgres_port/baton" BATON__SECRETS__KEYS="$key" \
        BATON__CLUSTER__REDIS_URL="redis://127.0.0.1:$redis_port" BATON__CLUSTER__NODE="node-$number" \
        "$bin" serve --demo
    nodes+=("$!")
    # The first one makes the demo and knows the link to sign up with.
    wait_for "node-$number" "$!" grep -q '^Baton is running' "$folder/node-$number.log"
done
BATON_BIND="127.0.0.1:$url_port" start haproxy "$haproxy" -db -f "$root/config/haproxy.cfg"
haproxy_pid=$!
wait_for haproxy "$haproxy_pid" bash -c "exec 3<>/dev/tcp/127.0.0.1/$url_port; printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3; grep -q ' 200 ' <&3"

echo "Baton is running at $url on three nodes"
echo "  demo site   ${url}demo/"
echo "  console     $url"
sed -n 's/^  first login/  first login/p' "$folder/node-1.log"
echo "  logs        $folder/*.log"
for number in 1 2 3; do
    node="BATON_NODE_$number"
    echo "  node $number      ${!node}, process ${nodes[$((number - 1))]}: kill -9, -STOP, -CONT or -TERM it and watch"
done
echo "Ctrl-C stops all of it."
wait "$haproxy_pid"
