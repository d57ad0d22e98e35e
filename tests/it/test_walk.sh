#!/bin/bash
# A finished trial that nobody watched: everything is there at once, and the walk tells when each boundary would have been
# crossed, day by day, from what had been entered by then.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init walk
{ world_trial; world_roles; world_mail; world_config; world_migrate; } >"$W/setup.out" 2>&1
walk() { "$BIN/dsmbctl" replay --finished --format text --purpose "what should have been seen" "$@" >"$W/walk" 2>"$W/walk.err"; }
none() { walk && return 1; grep -q 'no look is stored yet' "$W/walk.err"; }
world_dsmbd
world_adopt
t "before any look there is nothing to walk" none
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql" # the finished trial, at once
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
looked() { [ "$(store 'SELECT count(*) FROM dsmb.look')" -ge 1 ]; }
wait_for 20 "the look" looked
live="$(store 'SELECT count(*) FROM dsmb.verdict')"
t "the walk goes through" walk
says() { tr -s ' \n' ' ' <"$W/walk" | grep -qE -- "$1" || { tail -n 12 "$W/walk"; cat "$W/walk.err"; return 1; }; }
t "gastrointestinal effects would have crossed in 2017" says 'Gastrointestinal[^:]*: the boundary would have been crossed at the look of 2017-'
t "cardiovascular events would have crossed at the sixth" says 'Cardiovascular[^:]*: the boundary would have been crossed at the look of 2018-[0-9-]+, with 6 first events, 6 of them'
t "deaths would not have" says 'Deaths: the boundary would not have been crossed; at the end the verdict is (BELOW|CLOSED)'
t "it says that the data are corrected ones" says 'On corrected data: [0-9]+ events by the day they were entered'
# The day the sixth was entered, by the trial database and the re-enactment's own words; the next day's look is the first
# to know.
words=$(/usr/bin/python3 -c "
import runpy
terms = runpy.run_path('packaging/demo/reenact.py', run_name='words')['CV_TERMS']
print(', '.join(\"'\" + w + \"'\" for list in terms.values() for w in list))")
sixth() {
    local day
    day=$(psql -X -q -A -t -d trial -c "SELECT (entered_at AT TIME ZONE 'UTC')::date + 1 FROM
            (SELECT subject_id, min(entered_at) AS entered_at FROM adverse_event WHERE NOT deleted AND term IN ($words) GROUP BY 1) s
            ORDER BY entered_at OFFSET 5 LIMIT 1")
    says "Cardiovascular[^:]*: the boundary would have been crossed at the look of $day,"
}
t "at the cut after the sixth was entered" sixth
stays() { same "$(store 'SELECT count(*) FROM dsmb.verdict')" "$live"; }
t "the store's own looks stay as they are" stays
noted() { "$BIN/dsmbctl" ledger show >"$W/ledger" 2>&1; grep -q 'what should have been seen' "$W/ledger"; }
t "the ledger knows who walked, and why" noted
before() { walk --monitor cv --to 2017-12-31 && says 'Cardiovascular[^:]*: the boundary would not have been crossed'; }
t "up to a day: only what was known by then" before
t "another plan, half the alpha: cardiovascular events only at the close" walk --sensitivity --monitor cv
half() { grep -E '^alpha 0\.0250' "$W/walk" | grep -qE 'BELOW +CROSSED' || { cat "$W/walk"; return 1; }; }
t "its sensitivity is that of the watched trial" half
in_csv() { "$BIN/dsmbctl" replay --finished --purpose csv >"$W/walk.csv" 2>"$W/walk.err" &&
    head -n 1 "$W/walk.csv" | grep -qx 'monitor,look,cut,kind,events,experimental_events,statistic,bound,alpha_spent,e_value,verdict,on_correction' &&
    grep -m 1 '^cv,.*CROSSED' "$W/walk.csv" | cut -d, -f5,6 | grep -qx '6,6' && grep -q 'On corrected data' "$W/walk.err"; }
t "in a pipe it is CSV, and says beside it what the data are" in_csv
in_json() { "$BIN/dsmbctl" replay --finished --format json --purpose json >"$W/walk.json" 2>/dev/null &&
    "$BIN/dsmbctl" replay --finished --format json --sensitivity --monitor cv --purpose json >"$W/sens.json" 2>/dev/null &&
    /usr/bin/python3 -c "
import csv, json, sys
rows = json.load(open('$W/walk.json')); sens = json.load(open('$W/sens.json'))
table = list(csv.DictReader(open('$W/walk.csv')))
sys.exit(0 if len(rows) == len(table) and all(str(r['look']) == t['look'] and r['verdict'] == t['verdict'] for r, t in zip(rows, table))
         and [s['live'] for s in sens] == ['CROSSED', 'BELOW', 'BELOW', 'BELOW'] else 1)"; }
t "the same in JSON" in_json
wrong() { "$BIN/dsmbctl" replay --finished --from 2017-02-31 --purpose x >"$W/out" 2>&1; [ $? = 2 ] && grep -q "'2017-02-31' is no day" "$W/out"; }
t "a day that is none is refused" wrong
t_end
