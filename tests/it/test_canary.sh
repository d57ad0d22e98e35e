#!/bin/bash
# The blinding firewall's canary: arms with unmistakable labels, a trial that crosses, every channel searched.  Each search
# first has to find a leak planted in a copy of what it searches.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
MG=QZXMAGNESIUMQZX PBO=QZXPLACEBOQZX MG_LABEL="Qzx Label Magnesium" PBO_LABEL="Qzx Label Placebo"
. tests/support/world.sh
world_init canary
words='qzx'
{
    world_trial
    world_roles
    world_mail
    world_config
    world_migrate
    world_dsmbd
    world_mailer
    world_adopt
    /usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO"
    # An unknown arm code, an arm missing, and a view that goes away and comes back: errors near arms.
    trial "INSERT INTO patient VALUES ('XX-1', 'DK-01', 'x', '2016-01-10', NULL, NULL, NULL, NULL, NULL, false, now());
           INSERT INTO allocation VALUES ('XX-1', 'QZXNOSUCHARMQZX');
           INSERT INTO patient VALUES ('XX-2', 'DK-01', 'x', '2016-01-10', NULL, NULL, NULL, NULL, NULL, false, now())"
} >"$W/setup.out" 2>&1
export W
mkdir "$W/proc"
for f in "$W"/months/*.sql; do
    day=${f##*_}; day=${day%.sql}
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$f" >/dev/null
    wait_for 20 "the look at $day" has_look "$day"
    for p in "$W_DSMBD" "$W_MAILER"; do
        cat "/proc/$p/cmdline" "/proc/$p/environ" "/proc/$p/comm" 2>/dev/null >>"$W/proc/processes.txt"
    done
done
trial "ALTER VIEW dsmb_source.arm RENAME TO arm_away" && sleep 1
trial "REVOKE SELECT ON dsmb_source.ae FROM dsmb_reader" && sleep 1
trial "GRANT SELECT ON dsmb_source.ae TO dsmb_reader; ALTER VIEW dsmb_source.arm_away RENAME TO arm" && sleep 1
"$BIN/dsmbctl" look --adhoc --by x --reason x >"$W/log/dsmbctl.log" 2>&1
"$BIN/dsmbctl" look --final --by x --reason x >>"$W/log/dsmbctl.log" 2>&1
wait_for 30 "the mails to leave" all_sent
# Every SQLSTATE we can cause with a statement that holds an arm: none may reach the server's log.
open_store="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_open"
{
    "$BIN/dsmbctl" status
    "$BIN/dsmbctl" status --format json
    DSMBD_STORE=$open_store "$BIN/dsmbctl" status
    DSMBD_STORE=$open_store "$BIN/dsmbctl" report --audience closed --purpose x
    "$BIN/dsmbctl" check
    "$BIN/dsmbctl" source check
    "$BIN/dsmbctl" ledger verify
} >"$W/log/dsmbctl-blind.log" 2>&1
for fmt in text csv json; do
    "$BIN/dsmbctl" report --audience closed --format $fmt --purpose canary >"$W/closed.$fmt"
    DSMBD_STORE=$open_store "$BIN/dsmbctl" report --audience open --format $fmt >"$W/open.$fmt" 2>>"$W/log/dsmbctl-blind.log"
done
psql -X -q -A -t -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_open" -c 'SELECT * FROM dsmb.status' >"$W/status.view" 2>&1
psql -X -q -A -t -c 'SELECT * FROM pg_stat_activity' >"$W/activity.super" 2>&1
kill -ABRT "$W_DSMBD"; wait "$W_DSMBD" 2>/dev/null   # would leave a core, were that allowed
world_dsmbd
sleep 1
cp "$DSMB_PGLOG" "$W/server.log"
for f in "$W"/smtp/mail/*.eml; do sed '/^\r*$/q' "$f"; done >"$W/envelope.headers"
/usr/bin/python3 - "$W" <<'P'
import email, email.policy, glob, sys
w = sys.argv[1]
with open(w + "/mail.text", "w", encoding="utf-8") as out:
    for f in sorted(glob.glob(w + "/smtp/mail/*.eml")):
        m = email.message_from_binary_file(open(f, "rb"), policy=email.policy.default)
        out.write(m.get_body(("plain",)).get_content() + m.get_body(("html",)).get_content())
P

blind() { # FILE...: the planted leak is found, the real thing is clean
    local f
    for f in "$@"; do
        no_leak "$f" "$f" || return 1
    done
}
closed() { grep -aqi 'qzx label magnesium' "$1" && grep -aqi 'qzx label placebo' "$1"; }
in_store() { [ "$(store "SELECT count(*) > 0 FROM dsmb.snapshot_row WHERE '$MG' = ANY (content)")" = t ]; }
no_core() { [ -z "$(find "$W" . -maxdepth 1 -name 'core*' -newer "$W/setup.out")" ]; }
mailer_says() { blind "$W/log/dsmb-mailer.log"; }

t "the closed mail names the arms" closed "$W/mail.text"
t "the closed report names the arms" closed "$W/closed.text"
t "the store holds the arms" in_store
t "dsmbd's journal is blind" blind "$W/log/dsmbd.log"
t "dsmb-mailer's journal is blind" mailer_says
t "what dsmbctl says to a blinded administrator is blind" blind "$W/log/dsmbctl-blind.log" "$W/log/dsmbctl.log"
t "process arguments and environments are blind" blind "$W/proc/processes.txt"
t "PostgreSQL's server log is blind" blind "$W/server.log"
t "pg_stat_activity is blind, even for a superuser" blind "$W/activity.super"
t "the status view is blind" blind "$W/status.view"
t "headers and envelopes are blind" blind "$W/envelope.headers" "$W/smtp/envelopes.log"
t "the open report is blind in every format" blind "$W/open.text" "$W/open.csv" "$W/open.json"
t "the state directory is blind" blind "$W/state/anchor"
t "an abort leaves no core" no_core
t_end
