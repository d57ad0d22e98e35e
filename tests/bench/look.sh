#!/bin/bash
# One look end to end: the real dsmbd, a real PostgreSQL, N synthetic events of about 25,000 distinct verbatims.
#   tests/bench/look.sh [EVENTS [CHANGED [LOOKS]]]
# Prints the first look (cold: every row is new) and later ones after CHANGED changed rows (warm), beside what the server
# alone needs for the same rows (COPY ... TO '/dev/null') in the same run.  A look's time is from the commit in the
# trial database (a NOTIFY wakes dsmbd) to the committed look, as another session sees it every few milliseconds.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
# shellcheck source=tests/bench/trial.sh
. tests/bench/trial.sh
N=${1:-100000} K=${2:-100} LOOKS=${3:-7}
world_init bench
{ world_trial; world_roles; world_mail; world_config; world_migrate; } >"$W/setup.out" 2>&1
sed -i 's/poll: 200 ms/&\n  listen: bench/' "$W/dsmbd.yaml"

bench_trial "$N" || exit 1
trial "VACUUM ANALYZE" || exit 1

now() { date +%s%N; }
cuts() { store "SELECT count(*) FROM dsmb.look"; }
seen() { [ "$(cuts)" -ge "$1" ]; }
ms() { echo $((($2 - $1) / 1000)) | awk '{printf "%.1f", $1 / 1000}'; }
# Asks from one session, so that a psql's start is not in the figure; prints the commit's and the look's time.
ask_until() { # NUMBER OF LOOKS: prints the moment the look was there
    local i
    for ((i = 0; i < 12000 + N / 50; i++)); do
        echo "SELECT CASE WHEN count(*) >= $1 THEN 'there' ELSE 'not' END FROM dsmb.look;" >&"${ASK[1]}"
        read -r answer <&"${ASK[0]}"
        [ "$answer" = there ] && { now; return 0; }
        sleep 0.002
    done
    die "waited in vain for look $1"
}
floor() { # the server alone, best of three, milliseconds
    local best=$((1 << 62)) t0 t1 i
    for i in 1 2 3; do
        t0=$(now)
        trial "COPY (SELECT * FROM dsmb_source.subject) TO '/dev/null' (FORMAT binary);
               COPY (SELECT * FROM dsmb_source.arm) TO '/dev/null' (FORMAT binary);
               COPY (SELECT * FROM dsmb_source.ae) TO '/dev/null' (FORMAT binary)"
        t1=$(now)
        [ $((t1 - t0)) -lt $best ] && best=$((t1 - t0))
    done
    echo "$best"
}
memory() { awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$W_DSMBD/status"; }
cpu() { awk '{print ($14 + $15) * 10}' "/proc/$W_DSMBD/stat"; }

coproc ASK { psql -X -q -A -t -d "dsmb_$W_TRIAL"; }
world_dsmbd
"$BIN/dsmbctl" plan adopt "$W/plan.yaml" --by "Bench" --reason "bench" >/dev/null
t0=$(now)
"$BIN/dsmbctl" board adopt "$W/board.yaml" --by "Bench" --reason "bench" >/dev/null
t1=$(ask_until 1)
sed -i 's/poll: 200 ms/poll: 10 s/' "$W/dsmbd.yaml" # from now on only the NOTIFY wakes it
kill -HUP "$W_DSMBD"
f=$(floor)
printf '%s events, %s changed a look; server alone (COPY TO /dev/null): %s ms\n' "$N" "$K" "$(ms 0 "$f")"
printf 'first look, cold: %s ms, %s x the server alone; dsmbd %s MB\n' "$(ms "$t0" "$t1")" \
    "$(awk "BEGIN {printf \"%.1f\", ($t1 - $t0) / $f}")" "$(memory)"
times=()
for ((i = 1; i <= LOOKS; i++)); do
    day=$(date -u -d "2024-03-01 + $i days" +%F)
    c0=$(cpu)
    trial "BEGIN; UPDATE adverse_event SET onset = '2024-02-$((10 + i))' WHERE ae_id IN (SELECT 'E' || (j * $((N / (K + 1))) + $i)
                  FROM generate_series(1, $K) j);
           UPDATE meta SET value = '${day}T00:00:00Z' WHERE name = 'data_cutoff'; NOTIFY bench; COMMIT"
    t0=$(now)
    t1=$(ask_until $((i + 1)))
    times+=($((t1 - t0)))
    printf 'look %d, warm: %s ms, %s x the server alone; %s ms of CPU in dsmbd\n' "$((i + 1))" "$(ms "$t0" "$t1")" \
        "$(awk "BEGIN {printf \"%.1f\", ($t1 - $t0) / $f}")" "$(($(cpu) - c0))"
done
printf '%s\n' "${times[@]}" | sort -n | awk -v f="$f" '{a[NR] = $1} END {
    m = a[int((NR + 1) / 2)]; p = a[int(NR * 0.95 + 0.999)];
    printf "warm: median %.1f ms (%.1f x), p95 %.1f ms (%.1f x the server alone)\n", m / 1e6, m / f, p / 1e6, p / f}'
printf 'dsmbd at most %s MB (the first look), %s MB now\n' "$(memory)" "$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$W_DSMBD/status")"
