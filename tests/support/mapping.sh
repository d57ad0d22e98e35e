# shellcheck shell=bash disable=SC2154 # W is world.sh's
# mapping.sh - the synthetic trial, entered whole into a database, for a mapping of sql/source to be held against.  Sourced
# after world.sh and world_init.
#
#   mapping_world NAME       database trial: schema plain (the trial as a plain source), and what tests/support/mapping_NAME.sql
#                            makes of it; $W/names.sql holds the mapping's names, $CUTOFF is the last day of the data
#   mapping_enter NAME       the same of what stands in the demo's tables of database trial
#   mapping_run [ARG...]     the mapping, with these names, or others: -v where the file says nothing, else -c '\\set NAME VALUE'
#   mapping_grant [arms]     the reader's rights
#   q SQL WANT               one value, or one row, is this
#   refused PATTERN CMD...   the command fails and says so
#   agree VIEW MAPPED PLAIN  two SELECTs give the same rows; all of them are compared
#   after CHANGE SQL WANT    a change, what SQL then says; the change is taken back
#   example_known            every name that the example of names sets is one of the mapping's
#   any_cell TABLE           whatever all cells hold, the views can be read to the end, with as many events and subjects
#   tally_of SCHEMA FILE     what dsmbctl counts there

mapping_world() {
    world_trial
    /usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
    cat "$W"/months/*.sql | psql -X -q -v ON_ERROR_STOP=1 -d trial >/dev/null
    mapping_enter "$1"
    cp "tests/support/mapping_$1.names" "$W/names.sql"
}
mapping_enter() {
    MAPPING=$1
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f tests/support/mapping_plain.sql -f "tests/support/mapping_$1.sql" >/dev/null || return 1
    trial "SET client_min_messages = warning; DROP SCHEMA dsmb_source CASCADE; ANALYZE"
    CUTOFF=$(trial "SELECT value FROM plain.meta WHERE name = 'data_cutoff'")
}
mapping_run() { psql -X -q -v ON_ERROR_STOP=1 -d trial -v "data_cutoff=$CUTOFF" -f "$W/names.sql" "$@" -f "sql/source/$MAPPING.sql"; }
mapping_grant() {
    psql -X -q -v ON_ERROR_STOP=1 -d trial -v role=dsmb_reader -v "arms=$([ "${1:-}" = arms ] && echo yes || echo no)" -f sql/setup/source.sql
}
q() { same "$(trial "$1")" "$2"; }
reader() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d trial -U dsmb_reader -c "$1"; }
refused() {
    local pattern=$1 out rc=0; shift
    out=$("$@" 2>&1) || rc=$?
    [ "$rc" != 0 ] && grep -qE -- "$pattern" <<<"$out" || { echo "exit $rc, or no /$pattern/ in: $out"; return 1; }
}
agree() {
    local n differs
    n=$(trial "SELECT count(*) FROM plain.$1")
    differs=$(trial "WITH m AS ($2), p AS ($3) (SELECT 'mapped', * FROM m EXCEPT ALL SELECT 'mapped', * FROM p)
                     UNION ALL (SELECT 'plain', * FROM p EXCEPT ALL SELECT 'plain', * FROM m) ORDER BY 2 LIMIT 10")
    [ "$n" -gt 3 ] && [ -z "$differs" ] || { echo "of $n rows differ, the first ten:"; echo "$differs"; return 1; }
}
example_known() {
    local name r=0
    for name in $(sed -n 's/^\\set \([a-z_]*\) .*/\1/p' "packaging/examples/names-$MAPPING.sql"); do
        grep -qF "\\if :{?$name}" "sql/source/$MAPPING.sql" || { echo "$name is no name of $MAPPING.sql"; r=1; }
    done
    [ -n "$name" ] && return $r
}
after() { same "$(trial "BEGIN; $1; $2; ROLLBACK")" "$3"; }
any_cell() {
    local value n got r=0
    n=$(trial "SELECT count(*) FROM plain.ae")
    for value in "'x'" "E'\\t'" "'99999999999999999999'" "'-1'" "'3.5'" "'NaN'" "'infinity'" "'2016-02-30'" "'2016-06-31T25:61'" "'20160-01-01'" "'0000-00-00'" "'1=2'" \
        "'%s'" "E'\\\\'" "'{}'" "repeat('9', 4000)" "chr(1) || chr(8232) || chr(128169)"; do
        got=$(trial "BEGIN; UPDATE $1 SET value = $value; SELECT count(x::text) FROM (SELECT * FROM dsmb_source.ae) x; SELECT count(x::text) FROM (SELECT * FROM dsmb_source.subject) x;
                     SELECT count(x::text) >= 148 FROM (SELECT * FROM dsmb_source.arm) x; ROLLBACK" | tr '\n' ' ')
        [[ $got =~ ^([0-9]+)\ (148|149)\ t\ $ ]] && [ "${BASH_REMATCH[1]}" -ge "$n" ] || { echo "$value: $got"; r=1; }
    done
    return $r
}
tally_of() {
    sed "s|^  schema: .*|  schema: $1|" "$W/dsmbd.yaml" >"$W/tally.yaml"
    "$BIN/dsmbctl" tally --config "$W/tally.yaml" --plan "$W/plan.yaml" --rules rules --purpose "a test" --format csv >"$2"
}
# The same of the store's newest look and of tally's CSV: a line a category and arm.
looked() {
    store "SELECT coalesce(category, 'any'), arm_code, n, subjects, episodes, rows FROM dsmb.tally WHERE look = (SELECT max(look) FROM dsmb.look)
              AND population = 'randomised' AND time_window = 'all' AND arm_basis = 'planned' AND subtype IS NULL AND arm >= 0" | sort
}
tallied() { # FILE
    /usr/bin/python3 - "$1" "$MG=$MG_LABEL" "$PBO=$PBO_LABEL" <<'P' | sort
import csv, sys
codes = dict(reversed(a.split("=")) for a in sys.argv[2:])
for r in csv.DictReader(open(sys.argv[1])):
    if (r["population"], r["window"], r["arm_basis"], r["subtype"]) == ("randomised", "all", "planned", "") and (r["arm"] in codes or r["arm"] in codes.values()):
        print(r["category"], codes.get(r["arm"], r["arm"]), r["n"], r["subjects"], r["episodes"], r["rows"])
P
}
