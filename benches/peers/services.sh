#!/bin/sh
# Runs a command beside a PostgreSQL and a Redis of its own, both as power-safe as ours, on loopback:
#   peers/services.sh DIRECTORY COMMAND...
# which finds them in DATABASE_URL and REDIS_URL. Needs Debian's postgresql and redis-server;
# as root PostgreSQL runs as the user postgres. Their data in DIRECTORY is removed at the end.
set -eu
home=$1
shift
postgres=$(command -v pg_ctl || ls -d /usr/lib/postgresql/*/bin/pg_ctl | tail -n 1)
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
data=$home/services
mkdir -p "$data/redis"
[ "$(id -u)" = 0 ] && chown postgres "$data"
redis=
stop() {
    as "$postgres" -D "$data/pg" -m fast -w stop >/dev/null 2>&1 || true
    [ -z "$redis" ] || kill "$redis" 2>/dev/null || true
    rm -rf "$data"
}
trap stop EXIT INT TERM
pg_port=$(free_port)
redis_port=$(free_port)
as "$(dirname "$(readlink -f "$postgres")")/initdb" -D "$data/pg" -U bench --auth=trust -E UTF8 --no-locale >/dev/null
as "$postgres" -D "$data/pg" -l "$data/pg.log" -w start \
    -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=512MB -c max_connections=200" >/dev/null
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$data/redis" \
    --appendonly yes --appendfsync always --save "" >"$data/redis.log" &
redis=$!
until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do sleep 0.1; done
DATABASE_URL="postgres://bench@127.0.0.1:$pg_port/postgres" REDIS_URL="redis://127.0.0.1:$redis_port" "$@"
