#!/bin/bash
# A plan amended while the trial runs: refused where it does not keep alpha, and else in force from the next look on; the
# looks taken under both plans come out the same when they are taken again.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init amend
{ world_trial; world_roles; world_mail; world_config; world_migrate; } >"$W/setup.out" 2>&1
world_dsmbd
world_adopt
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
months=("$W"/months/*.sql)
enter() { # FROM TO: months, each one look
    local f day
    for f in "${months[@]:$1:$2 - $1}"; do
        day=${f##*_}; day=${day%.sql}
        psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$f" >/dev/null
        wait_for 20 "the look at $day" has_look "$day"
    done
}
# The deaths' monitor, whose maximum is 20 in the plan of the demo.
edit() { awk -v to="$1" '/name: deaths/ {in_it = 1} in_it && /max_events:/ {sub(/max_events: [0-9]+/, to); in_it = 0} {print}' "$W/plan.yaml" >"$W/next.yaml"; }
adopt() { "$BIN/dsmbctl" plan adopt "$W/next.yaml" --by "Trial statistician" --reason "recruitment extended" >"$W/adopt.out" 2>&1; }
refused() { adopt && return 1; grep -q -- "$1" "$W/adopt.out" || { cat "$W/adopt.out"; return 1; }; }

half=$((${#months[@]} * 3 / 4))
enter 0 "$half"
edit "max_events: 44"
t "another maximum is refused unless it was decided blind" refused 'max_events_amended: {from: 20, decided_blind: true}'
edit "max_events: 44, max_events_amended: {from: 20, decided_blind: false}" # not a line of YAML as it stands
sed -i 's/max_events: 44, max_events_amended/max_events: 44\n    max_events_amended/' "$W/next.yaml"
t "said not to be blind: refused with what to do" refused 'add a new monitor that draws on its family.s alpha_reserve'
sed -i 's/decided_blind: false/decided_blind: true/' "$W/next.yaml"
t "said to be blind: adopted" adopt
said() { grep -q 'max_events amended from 20 to 44, stated to be decided blind' "$W/adopt.out" || { cat "$W/adopt.out"; return 1; }; }
t "who adopts is told what that states" said
meant() { grep -qE '^deaths: exact_binomial, decides, one-sided alpha 0.05, at most 44 events; a run of [0-9]+ on one side is the first that can cross; the maximum was 20: by adopting you state' "$W/adopt.out" || { cat "$W/adopt.out"; return 1; }; }
t "and what the plan means, monitor by monitor" meant
noted() { "$BIN/dsmbctl" ledger show >"$W/ledger" 2>&1; grep -q 'monitor deaths: max_events amended from 20 to 44, stated to be decided blind' "$W/ledger"; }
t "the ledger keeps it" noted
enter "$half" "${#months[@]}"
both() { same "$(store "SELECT string_agg(DISTINCT max_events::text, ' ') FROM dsmb.verdict WHERE monitor = 'deaths'")" "20 44"; }
t "looks were taken under both maxima" both
never_more() {
    same "$(store "SELECT bool_and(alpha_spent >= before) AND max(alpha_spent) <= 0.05 FROM
                     (SELECT alpha_spent, lag(alpha_spent, 1, 0::float8) OVER (ORDER BY look) AS before
                        FROM dsmb.verdict WHERE monitor = 'deaths') s")" t
}
t "what was spent stays spent, within alpha" never_more
again() { "$BIN/dsmbctl" replay --purpose amended >"$W/replay" && grep -q ', 0 differences' "$W/replay" || { cat "$W/replay"; return 1; }; }
t "every look, taken again, is bit by bit what was stored" again
shown() { "$BIN/dsmbctl" report --audience closed --format text --purpose amended >"$W/closed.txt" &&
    tr -s ' \n' ' ' <"$W/closed.txt" | grep -q 'at most 44 events (amended from 20, decided blind)' || { grep -n 'at most' "$W/closed.txt"; return 1; }; }
t "the closed report says so" shown
overrun() { grep -A3 'Since the crossing' "$W/closed.txt" | tr -s ' \n' ' ' | grep -q 'over-running'; }
t "and what the events since a crossing make of it" overrun
t_end
