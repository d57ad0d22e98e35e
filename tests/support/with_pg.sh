#!/bin/bash
# A throw-away PostgreSQL cluster around a command:  with_pg.sh COMMAND [ARGUMENT...]
#
# Unix socket only, in a new directory under /tmp; fsync off; ready in about a second.  From root the server runs as
# postgres (or nobody); the caller connects as superuser "postgres", trusted.  Gone on any exit: the shell removes it,
# and when the shell itself is killed, a watcher in its own session does (--pdeathsig would end the server with whoever
# restarted it).
# Exports PGHOST, PGPORT, PGUSER, PGDATABASE, DSMB_PGDATA (data directory), DSMB_PGLOG (server log), DSMB_PGCTL (a
# command that takes stop|start|restart).  DSMB_PG_CONF: lines added to postgresql.conf.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 2; }

bin=""
for d in /usr/lib/postgresql/*/bin; do [ -x "$d/postgres" ] && bin=$d; done
[ -n "$bin" ] || { echo "with_pg.sh: no PostgreSQL server under /usr/lib/postgresql (package postgresql)" >&2; exit 1; }

dir=$(mktemp -d /tmp/dsmb_pg.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
    user=postgres
    getent passwd postgres >/dev/null || user=nobody
    as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
    chown "$user" "$dir"
fi
chmod 755 "$dir"
export DSMB_PGDATA=$dir/data DSMB_PGLOG=$dir/server.log
export PGHOST=$dir PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
unset PGSERVICE PGSSLMODE PGPASSFILE PGOPTIONS || true

# Outlives a killed shell just long enough to stop the server and remove the directory.  Its own session: a Ctrl-C or a
# kill of the group does not take it along.
# shellcheck disable=SC2016 # its $1 and $2 are its own
setsid bash -c '
    exec >/dev/null 2>&1 </dev/null
    while kill -0 "$1" 2>/dev/null; do sleep 0.5; done
    [ -d "$2" ] || exit 0
    [ -f "$2/data/postmaster.pid" ] && kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"
    sleep 1
    rm -rf "$2"' watcher $$ "$dir" &
disown

# shellcheck disable=SC2317 # called by the trap
cleanup() {
    trap '' INT TERM HUP
    "$DSMB_PGCTL" stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

cat >"$dir/pgctl" <<CTL
#!/bin/bash
case \$1 in
    stop) ${as[*]} "$bin/pg_ctl" -D "$dir/data" -m immediate -w -s stop;;
    start)
        ${as[*]} setsid "$bin/postgres" -D "$dir/data" >>"$dir/server.log" 2>&1 </dev/null &
        for _ in \$(seq 200); do
            "$bin/pg_isready" -q && exit 0
            kill -0 \$! 2>/dev/null || break
            sleep 0.05
        done
        cat "$dir/server.log" >&2; exit 1;;
    restart) "\$0" stop; "\$0" start;;
    *) exit 2;;
esac
CTL
chmod 755 "$dir/pgctl"
export DSMB_PGCTL=$dir/pgctl
install -m 666 /dev/null "$dir/server.log"

"${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; exit 1; }
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 60
timezone = 'UTC'
log_timezone = 'UTC'
${DSMB_PG_CONF:-}
CONF
"$DSMB_PGCTL" start

status=0
"$@" || status=$?
exit "$status"
