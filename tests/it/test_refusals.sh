#!/bin/bash
# What is missing, empty or wrong gets its own message and exit code; nothing of it reads as a number or as safe.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init refusals
{ world_trial; world_roles; world_mail; world_config; } >"$W/setup.out" 2>&1

ctl() { # EXIT PATTERN ARGUMENT...: exit code and message
    local want=$1 pattern=$2 rc; shift 2
    "$BIN/dsmbctl" "$@" >"$W/out" 2>&1; rc=$?
    cat "$W/out"
    [ "$rc" = "$want" ] || { echo "exit $rc, want $want"; return 1; }
    grep -qE -- "$pattern" "$W/out" || { echo "no match for: $pattern"; return 1; }
}
verdicts() { store "SELECT string_agg(DISTINCT verdict, ' ' ORDER BY verdict) FROM dsmb.verdict WHERE look = (SELECT max(look) FROM dsmb.look)"; }
cutoff() { trial "INSERT INTO meta VALUES ('data_cutoff', '$1') ON CONFLICT (name) DO UPDATE SET value = excluded.value"; }
look_at() { cutoff "$1"; wait_for 10 "the look at $1" has_look "$1"; }
fault_open() { [ "$(store 'SELECT data_fault FROM dsmb.status')" = t ]; }
no_fault() { ! fault_open; }
fault_says() { wait_for 10 "a data fault" fault_open; store "SELECT last_fault FROM dsmb.status" | tee "$W/fault"; grep -qE -- "$1" "$W/fault"; }
person() { trial "INSERT INTO patient VALUES ('$1', 'S1', 'x', '2020-01-01', '2020-01-02', NULL, NULL, NULL, NULL, false, now()); $2"; }

t "a store that is not migrated: said so, with the remedy" ctl 65 'migrate' status
t "no configuration file: the path is named" ctl 66 '/nowhere/x.yaml' status --config /nowhere/x.yaml
t "an unknown verb is a usage error" ctl 2 'no verb "lok"' lok
world_migrate
t "no plan: said so" ctl 66 'no plan is adopted' tally
world_dsmbd
t "a closed report needs its purpose" ctl 2 'purpose' report --audience closed
t "no look yet: said so" ctl 66 'look' report --audience open
t "a look without a plan is refused" ctl 65 'plan' look --final --by x --reason x
cat >"$W/bad.yaml" <<'Y'
format: 1
trial: magical-ckd
titel: wrong key
Y
t "a plan with a wrong key: file, line, column, key" ctl 78 'plan.yaml:[0-9]+:[0-9]+' plan adopt "$W/bad.yaml" --by x --reason x
world_adopt
t "no data_cutoff while the plan's clock is the source: a data fault" fault_says 'data_cutoff'
look_at 2020-02-01
t "an empty trial: no verdict of safety" same "$(verdicts)" "NOT_DUE UNDETERMINED"
t "an empty trial has a report" ctl 0 . report --audience closed --purpose x
for i in 1 2 3; do person "A$i" "INSERT INTO allocation VALUES ('A$i', '$MG')"; done
look_at 2020-03-01
t "one arm empty: undetermined, not safe" same "$(verdicts)" "NOT_DUE UNDETERMINED"
for i in 1 2 3; do person "B$i" "INSERT INTO allocation VALUES ('B$i', '$PBO')"; done
look_at 2020-04-01
t "no events: nothing reads as below" same "$(verdicts | tr ' ' '\n' | grep -c BELOW)" 0
person C1 "INSERT INTO allocation VALUES ('C1', 'SOMETHING')"
person C2 ""
look_at 2020-05-01
queries() { store "SELECT string_agg(code, ' ' ORDER BY code) FROM dsmb.data_query WHERE code LIKE '%ARM'"; }
t "an unknown arm code and a missing arm are data queries, the look goes on" same "$(queries)" "NO_ARM UNKNOWN_ARM"
trial 'ALTER VIEW dsmb_source.ae RENAME TO ae_away'
t "a missing view is a data fault that names it" fault_says 'dsmb_source\.ae'
t "status tells, and exits 1" ctl 1 "DATA FAULT +yes" status --format text
t "source check names it, and exits 1" ctl 1 'WRONG.*ae' source check
trial 'ALTER VIEW dsmb_source.ae_away RENAME TO ae'
wait_for 10 "the fault to end" no_fault
t "the fault ends by itself" no_fault
trial 'REVOKE SELECT ON dsmb_source.subject FROM dsmb_reader'
cutoff 2020-06-01
t "a missing right is a data fault that names the view and the grant" fault_says 'subject'
trial 'GRANT SELECT ON dsmb_source.subject TO dsmb_reader'
wait_for 10 "the fault to end" no_fault
trial 'DROP VIEW dsmb_source.subject; CREATE VIEW dsmb_source.subject AS SELECT subject_id, site_id, stratum, rand_date::text AS rand_date, first_dose, last_dose, fu_end, fu_reason, death_date, died AS death_flag, updated_at FROM patient; GRANT SELECT ON dsmb_source.subject TO dsmb_reader'
t "a column of another type is a data fault that names it" fault_says 'rand_date'
DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_open"
export DSMBD_STORE
t "the open role may not see counts by arm" ctl 77 '.' tally
t "the open role may not see the closed report" ctl 77 '.' report --audience closed --purpose x
t "the open role may ask for the status" ctl 1 "counted to" status --format text
DSMBD_STORE="host=$PGHOST port=1 dbname=x user=y"
t "a store that is away: temporary, and said so" ctl 75 '.' status
t_end
