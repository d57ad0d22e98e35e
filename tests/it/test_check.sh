#!/bin/bash
# A tired administrator: dsmbctl check on a world that is well, then with one thing broken at a time.  Each fault has its
# own line, which names the cure; with the fault undone all is well again.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init check
{ world_trial; world_roles; world_mail; world_config; world_migrate; } >"$W/setup.out" 2>&1
R=dsmb_$W_TRIAL
DB="\"$R\""
super() { psql -X -q -v ON_ERROR_STOP=1 -d "$R" -c "$1"; }
check() { "$BIN/dsmbctl" check "$@" >"$W/check.out" 2>&1; }
says() { # EXIT PATTERN: what the last check ended with and said
    local rc=$3
    [ "$rc" = "$1" ] && grep -qE -- "$2" "$W/check.out" || { echo "exit $rc, want $1, and: $2"; cat "$W/check.out"; return 1; }
}
broken() { # PATTERN BREAK MEND: a check says so and exits 1; mended, it does not
    local rc bad=0
    super "$2" || return 1
    check; rc=$?
    says 1 "WRONG +$1" $rc || bad=1
    super "$3" || return 1
    check
    ! grep -E -- "WRONG +$1" "$W/check.out" || bad=1
    return $bad
}
unmade() { check; says 1 "$1" $?; }

t "no plan yet: said so" unmade 'WRONG +plan: no plan is adopted yet: dsmbctl plan adopt'
t "no board yet: said so" unmade 'WRONG +board: no board is adopted yet: dsmbctl board adopt'
t "dsmbd never ran: a note" unmade "note +the daemon's sign of life|ok +the daemon's sign of life"
trial "INSERT INTO meta VALUES ('data_cutoff', '2020-01-01') ON CONFLICT DO NOTHING"
world_dsmbd
world_adopt
well() { check; says 0 '^ok +roles' $?; }
t "a world that is well: exit 0" well
t "and nothing in it is wrong" same "$(grep -c '^WRONG' "$W/check.out")" 0
for what in 'denied: tables by arm' 'denied: changing history' 'denied: unblinding' 'denied: the outbox' 'denied: reading the bytes' \
    'denied: entering the store' "the session's log settings" 'modules that log' 'connections' 'clock' 'tried: a table by arm' \
    'tried: a view by arm' 'tried: changing the ledger' 'tried: taking a message' 'tried: how many transactions' 'tried: the mailer in another database' 'mail route' 'state_dir' \
    'connection of the daemon' 'connection of the mailer' 'schema' 'plan' 'board' 'rules' "denied: writing to the trial"; do
    t "it looked at: $what" grep -qE "^ok +$what" "$W/check.out"
done
t "it says what of the mail route was not tried" grep -q 'TLS and login were not tried' "$W/check.out"

store "CREATE ROLE backup LOGIN"
t "a role that may read a table by arm" broken 'denied: tables by arm: backup may read dsmb.verdict: REVOKE SELECT' \
    "GRANT SELECT ON dsmb.verdict TO backup" "REVOKE SELECT ON dsmb.verdict FROM backup"
t "a role that may read one column of it" broken 'denied: tables by arm: backup may read dsmb.alert' \
    "GRANT SELECT (id) ON dsmb.alert TO backup" "REVOKE SELECT (id) ON dsmb.alert FROM backup"
t "a role that reads everything" broken 'denied: tables by arm: backup may read' "GRANT pg_read_all_data TO backup" "REVOKE pg_read_all_data FROM backup"
t "everybody may read a table by arm" broken 'denied: tables by arm: ' "GRANT SELECT ON dsmb.known TO PUBLIC" "REVOKE SELECT ON dsmb.known FROM PUBLIC"
t "the closed role may read tables past the check" broken 'tried: a table by arm: was not refused' \
    "GRANT SELECT ON dsmb.verdict TO \"${R}_closed\"" "REVOKE SELECT ON dsmb.verdict FROM \"${R}_closed\""
t "the open role may read the reports' table" broken "denied: tables by arm: .*${R}_open.* may read dsmb.report" \
    "GRANT SELECT ON dsmb.report TO \"${R}_open\"" "REVOKE SELECT ON dsmb.report FROM \"${R}_open\""
t "the daemon may change verdicts" broken 'denied: changing history: .*_daemon.* may change or delete rows of dsmb.verdict: REVOKE' \
    "GRANT UPDATE ON dsmb.verdict TO \"${R}_daemon\"" "REVOKE UPDATE ON dsmb.verdict FROM \"${R}_daemon\""
t "somebody may truncate the ledger" broken 'denied: changing history: backup may change or delete rows of dsmb.ledger' \
    "GRANT TRUNCATE ON dsmb.ledger TO backup" "REVOKE TRUNCATE ON dsmb.ledger FROM backup"
t "the open role may unblind" broken 'denied: unblinding: .*_open.* may execute dsmb.unblind' \
    "GRANT EXECUTE ON FUNCTION dsmb.unblind(text) TO \"${R}_open\"" "REVOKE EXECUTE ON FUNCTION dsmb.unblind(text) FROM \"${R}_open\""
t "the closed role may take messages" broken 'denied: the outbox: .*_closed.* may execute dsmb_out.body' \
    "GRANT EXECUTE ON FUNCTION dsmb_out.body(bigint, uuid) TO \"${R}_closed\"" "REVOKE EXECUTE ON FUNCTION dsmb_out.body(bigint, uuid) FROM \"${R}_closed\""
t "the audit role may read the bytes of messages" broken 'denied: reading the bytes of messages: .*_audit' \
    "GRANT SELECT ON dsmb_out.message TO \"${R}_audit\"" "REVOKE SELECT ON dsmb_out.message FROM \"${R}_audit\"; GRANT SELECT (id, number, address, not_before, queued_at, state, attempts) ON dsmb_out.message TO \"${R}_audit\""
t "a stranger may connect" broken 'denied: entering the store: backup may connect to this database: REVOKE CONNECT' \
    "GRANT CONNECT ON DATABASE $DB TO backup" "REVOKE CONNECT ON DATABASE $DB FROM backup"
t "everybody may connect" broken 'roles: .*everybody may connect|roles: everybody may connect' "GRANT CONNECT ON DATABASE $DB TO PUBLIC" "REVOKE CONNECT ON DATABASE $DB FROM PUBLIC"
t "statements of the daemon would be logged" broken 'roles: .*daemon: log_statement=none' \
    "ALTER ROLE \"${R}_daemon\" SET log_statement = 'all'" "ALTER ROLE \"${R}_daemon\" SET log_statement = 'none'"
t "slow statements of this database would be logged" broken 'roles: .*log_min_duration_statement=-1' \
    "ALTER ROLE \"${R}_closed\" IN DATABASE $DB SET log_min_duration_statement = 0" "ALTER ROLE \"${R}_closed\" IN DATABASE $DB RESET log_min_duration_statement"
t "errors of this role would be logged" broken "the session's log settings: log_min_messages is warning in this session, and must be fatal" \
    "ALTER ROLE \"${R}_closed\" SET log_min_messages = 'warning'" "ALTER ROLE \"${R}_closed\" SET log_min_messages = 'fatal'"
t "a module would log plans" broken 'modules that log statements: auto_explain.log_min_duration is 0' \
    "ALTER DATABASE $DB SET session_preload_libraries = 'auto_explain'; ALTER DATABASE $DB SET auto_explain.log_min_duration = 0" \
    "ALTER DATABASE $DB RESET session_preload_libraries; ALTER DATABASE $DB RESET auto_explain.log_min_duration"
t "a role of the trial is a superuser" broken 'roles: role .*_open is a superuser' "ALTER ROLE \"${R}_open\" SUPERUSER" "ALTER ROLE \"${R}_open\" NOSUPERUSER"
t "the mailer may have one connection" broken 'connections: role .*_mailer.* may have 1 connections: ALTER ROLE' \
    "ALTER ROLE \"${R}_mailer\" CONNECTION LIMIT 1" "ALTER ROLE \"${R}_mailer\" CONNECTION LIMIT -1"
t "the database may have few connections" broken 'connections: this database may have 7 connections: ALTER DATABASE' \
    "ALTER DATABASE $DB CONNECTION LIMIT 7" "ALTER DATABASE $DB CONNECTION LIMIT -1"
t "everybody may ask for the size of tables" broken 'roles: everybody may ask for the size' \
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_relation_size(regclass) TO PUBLIC" "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_relation_size(regclass) FROM PUBLIC"
t "everybody may read statistics of tables" broken 'tried: how many rows a table has: was not refused' \
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_live_tuples(oid) TO PUBLIC" "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_stat_get_live_tuples(oid) FROM PUBLIC"
t "everybody may ask for the transaction's id" broken 'tried: how many transactions there were: was not refused' \
    "GRANT EXECUTE ON FUNCTION pg_catalog.txid_current() TO PUBLIC" "REVOKE EXECUTE ON FUNCTION pg_catalog.txid_current() FROM PUBLIC"
t "a counter that an upgrade brought" broken 'roles: everybody may call pg_stat_get_wal' \
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_wal() TO PUBLIC" "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_stat_get_wal() FROM PUBLIC"
t "everybody may see ids of transactions" broken 'roles: everybody may see ids of transactions .pg_db_role_setting' \
    "GRANT SELECT ON pg_db_role_setting TO PUBLIC" "REVOKE SELECT ON pg_db_role_setting FROM PUBLIC; GRANT SELECT (setdatabase, setrole, setconfig) ON pg_db_role_setting TO PUBLIC"
t "the mailer may enter other databases" broken 'tried: the mailer in another database: was not refused' \
    "ALTER ROLE \"${R}_mailer\" RESET session_preload_libraries" "ALTER ROLE \"${R}_mailer\" SET session_preload_libraries = 'this role may enter its store only; after a restore run sql/setup/roles.sql'"
t "the open role may enter other databases" broken 'roles: role .*_open may enter other databases' \
    "ALTER ROLE \"${R}_open\" RESET session_preload_libraries" "ALTER ROLE \"${R}_open\" SET session_preload_libraries = 'this role may enter its store only; after a restore run sql/setup/roles.sql'"
t "who decides events may read arms" broken 'who decides events: .*_review.* may act as .*_review.* and as .*_closed.*REVOKE' \
    "GRANT \"${R}_closed\" TO \"${R}_review\"" "REVOKE \"${R}_closed\" FROM \"${R}_review\""
t "who decides events may enter other databases" broken 'roles: role .*_review may enter other databases' \
    "ALTER ROLE \"${R}_review\" RESET session_preload_libraries" "ALTER ROLE \"${R}_review\" SET session_preload_libraries = 'this role may enter its store only; after a restore run sql/setup/roles.sql'"
t "the reader of the trial may write" bash -c "$(declare -f super check says trial); W='$W' BIN='$BIN'; trial 'GRANT UPDATE ON patient TO dsmb_reader; GRANT USAGE ON SCHEMA public TO dsmb_reader'
    check; says 1 'WRONG +denied: writing to the trial.s database: the reader may write patient|may write public.patient' \$?; rc=\$?; trial 'REVOKE UPDATE ON patient FROM dsmb_reader'; exit \$rc"
member() { super "GRANT \"${R}_closed\" TO backup"; check; says 1 'note +members of the trial.s roles: backup may act as' $?; local rc=$?; super "REVOKE \"${R}_closed\" FROM backup"; return $rc; }
t "who may act as the closed role is told" member
other() { # PATTERN SED: with the settings changed so
    local rc
    sed "$2" "$W/dsmbd.yaml" >"$W/other.yaml"
    check --config "$W/other.yaml"; rc=$?
    says 1 "$1" $rc
}
t "a relay that nobody answers at" other "WRONG +mail route: localhost port 1: Connection refused; correct mail.relay" 's|relay: .*|relay: smtp://localhost:1|'
t "a relay that is no mail server" other 'WRONG +mail route: .*(first word is not 220|no mail server greets)' "s|relay: .*|relay: smtp://localhost:$(/usr/bin/python3 - "$W" <<'P'
import os, socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(5)
if os.fork() == 0:
    os.setsid(); os.close(1); os.close(2)
    s.settimeout(60)
    try:
        while True:
            c, _ = s.accept(); c.sendall(b"HTTP/1.0 400 no\r\n"); c.close()
    except OSError:
        os._exit(0)
print(s.getsockname()[1])
P
)|"
t "a state directory that is not there" other 'WRONG +state_dir: /nowhere: No such file or directory; make the folder' 's|^state_dir: .*|state_dir: /nowhere|'
# Swap, a full disk and a wrong clock: in mounts of its own, and with a clock of its own.
printf 'Filename Type Size Used Priority\n/dev/sdz9 partition 1 0 -2\n' >"$W/swaps"
apart() { # PATTERN MOUNT...: a check where one more thing is mounted
    local pattern=$1; shift
    unshare -m bash -c 'mount "${@:2}" && exec "$0" check --config "$1"' "$BIN/dsmbctl" "$W/dsmbd.yaml" "$@" >"$W/check.out" 2>&1
    grep -qE "$pattern" "$W/check.out" || { cat "$W/check.out"; return 1; }
}
if unshare -m mount --bind "$W/swaps" /proc/swaps 2>/dev/null; then
    t "swap that is on: a note that says what to do" apart 'note +swap: /dev/sdz9 is on; .* swap off' --bind "$W/swaps" /proc/swaps
    t "a state directory without room" apart 'WRONG +state_dir: .* 1 MiB are free: make room' -t tmpfs -o size=1m tmpfs "$W/state"
else
    t_skip "swap and a full disk" "this user may not mount"
fi
skewed() {
    printf '%s\n' '#define _GNU_SOURCE' '#include <dlfcn.h>' '#include <time.h>' 'int clock_gettime(clockid_t c, struct timespec *t) {' \
        'int (*next)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");' \
        'int rc = next(c, t); if (c == CLOCK_REALTIME) t->tv_sec += 90; return rc; }' >"$W/skew.c"
    gcc -shared -fPIC -o "$W/skew.so" "$W/skew.c" -ldl && LD_PRELOAD="$W/skew.so" "$BIN/dsmbctl" check >"$W/check.out" 2>&1
    says 1 "WRONG +clock: the server's clock is (89|90) s behind this machine's: let both follow NTP" $?
}
if [ -z "${DSMB_SAN:-}" ]; then t "clocks that differ" skewed; else t_skip "clocks that differ" "a sanitizer owns the preloading"; fi
t "rules that are not there" other 'WRONG +rules: /nowhere: no rule files' 's|^rules_dir: .*|rules_dir: /nowhere|'
t "a daemon that would connect as a superuser" other 'WRONG +connection of the daemon: leads to the role postgres: write user=dsmb_' "s|user=${R}_daemon|user=postgres|"
t "a mailer that would connect as the open role" other 'WRONG +connection of the mailer: leads to the role dsmb_.*_open: write user=' "s|user=${R}_mailer|user=${R}_open|"
t "a daemon that cannot connect from here: a note, not a fault" grep -qE "note +connection of the daemon: not from this user" <(sed "s|user=${R}_daemon|user=nobody_there|" "$W/dsmbd.yaml" >"$W/other.yaml"; "$BIN/dsmbctl" check --config "$W/other.yaml" 2>&1 | tr -s ' ' | sed 's/^note /note  /')
t "dsmbctl that connects as a superuser is told to use the closed role" other 'WRONG +tried: a table by arm: was not refused: connect with the closed role' "s|user=${R}_closed|user=postgres|"
t "a source that cannot be reached" other 'WRONG +source' 's|dbname=trial user=dsmb_reader|dbname=no_trial user=dsmb_reader|'
t "a store that is not there" other 'WRONG +store: ' "s|dbname=$R user=${R}_closed|dbname=no_store user=${R}_closed|"
t "a view of the source that is missing" bash -c "$(declare -f super check says trial); W='$W' BIN='$BIN'; trial 'ALTER VIEW dsmb_source.ae RENAME TO ae_away'; check; says 1 'WRONG +.*dsmb_source.ae' \$?; rc=\$?; trial 'ALTER VIEW dsmb_source.ae_away RENAME TO ae'; exit \$rc"
t "an old schema" bash -c "$(declare -f super check says store); W='$W' BIN='$BIN' W_TRIAL='$W_TRIAL'; store \"BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM dsmb.migration WHERE version = (SELECT max(version) FROM dsmb.migration); COMMIT\"; check; says 1 'WRONG +schema: the store has schema .* dsmbctl migrate' \$?"
t "no arm in anything it said" same "$(grep -cE "$MG_LABEL|$PBO_LABEL" "$W/check.out")" 0
t "no arm in the server's log" same "$(grep -cE "$MG_LABEL|$PBO_LABEL" "$DSMB_PGLOG")" 0
t_end
