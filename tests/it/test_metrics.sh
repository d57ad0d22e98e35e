#!/bin/bash
# Metrics for node_exporter's textfile collector: these numbers and no other, whole at every moment, and none that an
# alert would move.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init metrics
{ world_trial; world_roles; world_mail; world_config; world_migrate; } >"$W/setup.out" 2>&1
M=$W/textfile/dsmbd.prom
mkdir "$W/textfile"
echo "metrics_file: $M" >>"$W/dsmbd.yaml"

value() { sed -n "s/^$1{[^}]*} //p" "$M"; }
state() { sed -n 's/^dsmbd_state{.*state="\([a-z_]*\)"} 1$/\1/p' "$M"; }
is_state() { [ "$(state)" = "$1" ]; }
in_state() { wait_for 15 "the state $1" is_state "$1"; }
look_told() { [ -n "$(value dsmbd_last_look_timestamp_seconds)" ]; }
# As promtool would read it.
wellformed() { tests/it/promtext.py "$M" "$@"; }
finds() { # a fault planted in the file: SED
    sed -E "$1" "$M" >"$W/planted.prom"; ! tests/it/promtext.py "$W/planted.prom"
}
near_now() { local s=${1%.*}; [ $(($(date +%s) - s)) -ge -1 ] && [ $(($(date +%s) - s)) -le 15 ]; }
month() { # FILE: a month of the re-enactment, and the look on it
    local day=${1##*_}; day=${day%.sql}
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$1" >/dev/null || return 1
    wait_for 20 "the look at $day" has_look "$day"
}
grown() { [ "$(value "$1")" -gt "$2" ]; }

world_dsmbd
t "no plan: told as a state" in_state no_plan
t "no look yet: no time of one" same "$(value dsmbd_last_look_timestamp_seconds)" ""
world_adopt
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
months=("$W"/months/*.sql)
month "${months[0]}"
t "watching: told as a state" in_state watching
t "the last look is told" wait_for 10 "the look" look_told
t "the last look's time is now" near_now "$(value dsmbd_last_look_timestamp_seconds)"
t "the last poll's time is now" near_now "$(value dsmbd_last_poll_timestamp_seconds)"
t "how long a look took is a power of two" bash -c 'n=$1; [ "$n" -ge 1 ] && [ $((n & (n - 1))) -eq 0 ]' x "$(value dsmbd_look_duration_seconds)"
t "how long a poll took is told" bash -c '[ -n "$1" ] && [ "${1%.*}" -lt 5 ]' x "$(value dsmbd_poll_duration_seconds)"
t "Prometheus' text format" wellformed
t "a sample without its type would be found" finds '/^# TYPE dsmbd_polls_total/d'
t "a number that is none would be found" finds 's/^(dsmbd_polls_total.*) [0-9]+$/\1 many/'
t "two samples of one series would be found" finds 's/^(dsmbd_polls_total.*)$/\1\n\1/'
t "the collector's user may read it" same "$(stat -c %a "$M")" 644
ALL="dsmbd_info dsmbd_last_look_timestamp_seconds dsmbd_last_poll_timestamp_seconds dsmbd_look_duration_seconds dsmbd_poll_duration_seconds dsmbd_poll_errors_total dsmbd_polls_total dsmbd_start_time_seconds dsmbd_state"
# shellcheck disable=SC2086 # words
t "these metrics and no other: how many messages wait is not told where a message is an alert" wellformed $ALL
cp "$M" "$W/before"
t "nothing left beside it" same "$(ls "$W/textfile")" dsmbd.prom

# The same file after boundaries were crossed: only times and the count of polls differ.
for f in "${months[@]:1}"; do month "$f"; done
alerted() { [ "$(store "SELECT count(*) FROM dsmb.alert WHERE kind = 'RAISED'")" -gt 0 ]; }
t "a boundary is crossed" wait_for 30 "an alert" alerted
P=$(value dsmbd_polls_total)
t "polls go on" wait_for 15 "polls" grown dsmbd_polls_total "$P"
shape() { sed -E 's/^(dsmbd_(last_|polls_total|poll_duration)[^ ]*) .*/\1/' "$1"; }
t "but for times and polls it is the file from before" same "$(shape "$M")" "$(shape "$W/before")"

psql -X -q -d trial -c 'ALTER VIEW dsmb_source.ae RENAME TO ae_away'
t "a DATA FAULT: told as a state" in_state data_fault
psql -X -q -d trial -c 'ALTER VIEW dsmb_source.ae_away RENAME TO ae'
t "its end too" in_state watching
ERR=$(value dsmbd_poll_errors_total)
"$DSMB_PGCTL" restart >/dev/null 2>&1
t "a poll that failed is counted" wait_for 20 "an error" grown dsmbd_poll_errors_total "$ERR"
t "the last look stays told after it" look_told
sed -i "s|^metrics_file: .*|metrics_file: $W/nowhere/x.prom|" "$W/dsmbd.yaml"
kill -HUP "$W_DSMBD"
complained() { grep -q 'nowhere/x.prom: metrics cannot be written' "$W/log/dsmbd.log"; }
t "a place that cannot be written is told" wait_for 15 "the warning" complained
sleep 1
t "it is told once, and the watch goes on" same "$(grep -c 'metrics cannot be written' "$W/log/dsmbd.log") $(kill -0 "$W_DSMBD" && echo alive)" "1 alive"
t_end
