#!/bin/bash
# What a mapping costs the trial's server: COPY of the contract's views over LibreClinica's and REDCap's cells, beside COPY of
# the same rows from plain tables, in one run.
#   tests/bench/source.sh [EVENTS]
# Milliseconds, the shortest of three, warm, in binary and as dsmb_reader, as dsmbd reads; a session's start is in both.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
# shellcheck source=tests/support/mapping.sh
. tests/support/mapping.sh
# shellcheck source=tests/bench/trial.sh
. tests/bench/trial.sh
N=${1:-100000}
world_init bench

milliseconds() { # SCHEMA VIEW
    local best=$((1 << 62)) t0 t1 i
    for i in 1 2 3; do
        t0=$(date +%s%N)
        psql -X -q -v ON_ERROR_STOP=1 -d trial -U dsmb_reader -c "COPY (SELECT * FROM $1.$2) TO STDOUT (FORMAT binary)" >/dev/null || die "$2 cannot be read"
        t1=$(date +%s%N)
        [ $((t1 - t0)) -lt $best ] && best=$((t1 - t0))
    done
    echo $((best / 1000000))
}
printf '%-14s %-8s %9s %10s %9s %7s\n' source view rows 'plain ms' 'mapped ms' ratio
for mapping in libreclinica redcap; do
    { world_trial && bench_trial "$N" && mapping_enter $mapping; } >"$W/setup.out" 2>&1 || die "$(tail -n 5 "$W/setup.out")"
    cp "tests/support/mapping_$mapping.names" "$W/names.sql"
    mapping_run >"$W/setup.out" 2>&1 || die "$(tail -n 5 "$W/setup.out")"
    mapping_grant arms
    trial "GRANT USAGE ON SCHEMA plain TO dsmb_reader; GRANT SELECT ON ALL TABLES IN SCHEMA plain TO dsmb_reader"
    trial "VACUUM ANALYZE"
    for view in subject arm ae; do
        rows=$(trial "SELECT count(*) FROM dsmb_source.$view WHERE true")
        [ "$rows" = "$(trial "SELECT count(*) FROM plain.$view")" ] || die "$mapping: $view has $rows rows"
        plain=$(milliseconds plain $view)
        mapped=$(milliseconds dsmb_source $view)
        printf '%-14s %-8s %9s %10s %9s %7s\n' $mapping $view "$rows" "$plain" "$mapped" \
            "$(awk -v p="$plain" -v m="$mapped" 'BEGIN {printf "%.1f", m / (p > 0 ? p : 1)}')"
    done
    psql -X -q -c "ALTER DATABASE trial RENAME TO trial_$mapping"
done
