#!/bin/bash
# kill -9 of either program at named points and at random moments, over a whole trial again and again: what the store
# holds and what the board receives must be what an undisturbed run gives.  DSMB_KILLS (default 200), DSMB_SEED.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init kill
kills_wanted=${DSMB_KILLS:-200}
RANDOM=${DSMB_SEED:-4711}
points=(polled read decided look_saved anywhere)
mailer_points=(claimed connected before_body_phase after_body_phase after_dot after_reply before_outcome_commit after_outcome_commit)
{ world_trial; world_roles; world_mail; world_config; } >"$W/setup.out" 2>&1
sed -i 's/poll: .*/poll: 100 ms/' "$W/dsmbd.yaml"
/usr/bin/python3 packaging/demo/reenact.py "$W/months" >/dev/null
months=("$W"/months/*.sql)

fresh() { # an empty trial and an empty store
    psql -X -q -c 'DROP DATABASE IF EXISTS trial' -c "DROP DATABASE IF EXISTS \"dsmb_$W_TRIAL\""
    { world_trial; world_roles; world_migrate; } >>"$W/setup.out" 2>&1
    rm -f "$W"/state/* "$W"/smtp/mail/*
    rm -rf "$W/copies"; mkdir "$W/copies"
}
digest() { # what must not depend on kills
    store "SELECT look, cut, kind, snapshot, n_subjects, n_events, n_changes FROM dsmb.look ORDER BY look"
    store "SELECT to_jsonb(v) FROM dsmb.verdict v ORDER BY look, ord"
    store "SELECT monitor, subject_id, look FROM dsmb.known ORDER BY 1, 2"
    store "SELECT look, monitor, kind FROM dsmb.alert ORDER BY id"
    store "SELECT look, member, address FROM dsmb.alert_message ORDER BY look, alerts, member"
}
gone_or_looked() { ! world_alive "$W_DSMBD" || has_look "$day"; }
load_month() { psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$1" >/dev/null; }
day_of() { day=${1##*_}; day=${day%.sql}; }

fresh
world_dsmbd; world_mailer; world_adopt
for m in "${months[@]}"; do day_of "$m"; load_month "$m"; wait_for 20 "the look at $day" has_look "$day"; done
wait_for 30 "the mails" all_sent
world_stop "$W_DSMBD"; world_stop "$W_MAILER"
digest >"$W/want"

declare -A hits
kills=0 passes=0 bad_digest=0 lost=0 other_bytes=0 unexplained=0 doubles=0 ledger_bad=0
note() { hits[$1]=$((${hits[$1]:-0} + 1)); kills=$((kills + 1)); }
while [ "$kills" -lt "$kills_wanted" ]; do
    passes=$((passes + 1))
    fresh
    # As installed: both programs run before there is a message, so the mailer has its anchor.
    world_mailer; wait_for 10 "the anchor" test -s "$W/state/anchor"; world_stop "$W_MAILER"
    world_dsmbd; world_adopt; world_stop "$W_DSMBD"
    after_dot=0
    for m in "${months[@]}"; do
        day_of "$m"
        p=${points[RANDOM % ${#points[@]}]}
        if [ "$p" = anywhere ]; then
            world_dsmbd; load_month "$m"
            sleep "0.$(printf '%03d' $((RANDOM % 120)))"
            kill -KILL "$W_DSMBD"; note anywhere
        else
            world_bg dsmbd env "DSMB_KILL_AT=$p" "$BIN/dsmbd" --config "$W/dsmbd.yaml"; W_DSMBD=$W_PID
            load_month "$m"
            wait_for 20 "$p" gone_or_looked
            sleep 0.05
            if ! world_alive "$W_DSMBD"; then note "$p"; fi
        fi
        world_stop "$W_DSMBD"
        if [ "$(store "SELECT count(*) FROM dsmb_out.message WHERE state <> 'sent'")" != 0 ]; then
            q=${mailer_points[RANDOM % ${#mailer_points[@]}]}
            world_bg dsmb-mailer env "DSMB_KILL_AT=$q" "$BIN/dsmb-mailer" --config "$W/dsmbd.yaml"; W_MAILER=$W_PID
            mailer_ended() { ! world_alive "$W_MAILER" || all_sent; }
            wait_for 20 "$q" mailer_ended
            if ! world_alive "$W_MAILER"; then
                note "mailer:$q"
                case $q in after_body_phase | after_dot | after_reply | before_outcome_commit) after_dot=$((after_dot + 1)) ;; esac
            fi
            world_stop "$W_MAILER"
        fi
        if ! has_look "$day"; then world_dsmbd; wait_for 20 "the look at $day" has_look "$day"; world_stop "$W_DSMBD"; fi
    done
    world_mailer; wait_for 60 "the mails" all_sent; world_stop "$W_MAILER"
    digest >"$W/got"
    cmp -s "$W/want" "$W/got" || { bad_digest=$((bad_digest + 1)); diff "$W/want" "$W/got" | head -n 5; }
    "$BIN/dsmbctl" ledger verify >/dev/null 2>&1 || ledger_bad=$((ledger_bad + 1))
    # every message of the store arrived; a second copy has the same bytes and is explained by a death after the body
    read -r l o d <<<"$(/usr/bin/python3 - "$W/smtp/mail" "$(store 'SELECT string_agg(id::text, $$ $$) FROM dsmb_out.message')" <<'P'
import collections, glob, re, sys
got = collections.defaultdict(list)
for f in glob.glob(sys.argv[1] + "/*.eml"):
    b = open(f, "rb").read()
    got[re.search(rb"(?im)^message-id: <([0-9a-f-]{36})", b).group(1).decode()].append(b)
want = sys.argv[2].split()
print(sum(1 for i in want if not got[i]), sum(1 for i in want if len(set(got[i])) > 1), sum(len(got[i]) - 1 for i in want if got[i]))
P
)"
    lost=$((lost + l)) other_bytes=$((other_bytes + o)) doubles=$((doubles + d))
    [ "$d" -le "$after_dot" ] || unexplained=$((unexplained + d - after_dot))
done
echo "# $kills kills in $passes trials of ${#months[@]} looks, seed ${DSMB_SEED:-4711}"
for p in "${!hits[@]}"; do echo "#   $p: ${hits[$p]}"; done | sort
echo "#   mails received twice, each after a death between body and outcome: $doubles"

t "at least $kills_wanted kills" [ "$kills" -ge "$kills_wanted" ]
t "each named point of dsmbd was hit" [ "$((${hits[polled]:-0} * ${hits[read]:-0} * ${hits[decided]:-0} * ${hits[look_saved]:-0} * ${hits[anywhere]:-0}))" -gt 0 ]
t "looks, verdicts, knowledge, alerts and messages are those of an undisturbed run" [ "$bad_digest" = 0 ]
t "no mail was lost" [ "$lost" = 0 ]
t "a repeated mail has the same bytes" [ "$other_bytes" = 0 ]
t "no mail was repeated without a death between body and outcome" [ "$unexplained" = 0 ]
t "the ledger verifies after each trial" [ "$ledger_bad" = 0 ]

# --- sealed, in slots: killed between the writing of a slot's messages and their commit, and between an answer by request
# and its receipt ---
slot_kills_wanted=$((kills_wanted / 10))
fresh
export W_SLOT="1 s" W_URGENT=slot W_RESEND="3 s" W_ESCALATE="6 s"
world_smime >"$W/smime.out" 2>&1
sed -i 's/^  operations:.*/&\n  acknowledge_to: answers@trial.example/' "$W/dsmbd.yaml"
world_mailer; wait_for 10 "the anchor" test -s "$W/state/anchor"; world_stop "$W_MAILER"
world_dsmbd; world_adopt; world_stop "$W_DSMBD"
half=0 slot_kills=0 ack_kills=0
kill_at() { # POINT: dsmbd runs until it dies there
    world_bg dsmbd env "DSMB_KILL_AT=$1" "$BIN/dsmbd" --config "$W/dsmbd.yaml"; W_DSMBD=$W_PID
    killed() { ! world_alive "$W_DSMBD"; }
    wait_for 30 "$1" killed
    world_stop "$W_DSMBD"
}
while [ "$slot_kills" -lt "$slot_kills_wanted" ]; do
    before=$(slots)
    for _ in 1 2; do
        kill_at slot_written; slot_kills=$((slot_kills + 1))
        [ "$(slots)" = "$before" ] || half=$((half + 1)) # it died before the commit: there is nothing of it
    done
    if [ "$slot_kills" -ge "$((slot_kills_wanted / 2))" ] && [ ! -e "$W/loaded" ]; then
        cat "${months[@]}" | grep -vE '^(BEGIN|COMMIT);?$' >"$W/loaded"
        psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/loaded" >/dev/null
    fi
    world_dsmbd
    more() { [ "$(slots)" -gt "$before" ]; }
    wait_for 20 "a slot" more
    world_stop "$W_DSMBD"
    world_bg dsmb-mailer env "DSMB_KILL_AT=${mailer_points[RANDOM % ${#mailer_points[@]}]}" "$BIN/dsmb-mailer" --config "$W/dsmbd.yaml"; W_MAILER=$W_PID
    wait_for 20 "the mailer" mailer_ended
    world_stop "$W_MAILER"
done
world_dsmbd
alerted() { [ "$(store "SELECT count(*) FROM dsmb.alert_message WHERE kind = 'ALERT' AND slot IS NOT NULL")" -ge 3 ]; }
wait_for 30 "the alert's slot" alerted
world_stop "$W_DSMBD"
for who in "Dr Anna Chair" "Prof Bo Deputy"; do
    timeout 30 "$BIN/dsmbctl" alert ack 1 --by "$who" --decision noted --reason x >>"$W/log/dsmbctl.log" 2>&1 &
    ack=$!
    kill_at request_carried_out; ack_kills=$((ack_kills + 1))
    world_dsmbd; wait "$ack" || echo "# dsmbctl ended with $?"
    world_stop "$W_DSMBD"
done
world_mailer; wait_for 60 "the mails" all_sent; world_stop "$W_MAILER"
echo "# slots: slot_written $slot_kills, request_carried_out $ack_kills, and dsmb-mailer at its points; $(slots) slots, seed ${DSMB_SEED:-4711}"
t "dsmbd was killed at slot_written at least $slot_kills_wanted times, and of no such slot there is half" same "$half $((slot_kills >= slot_kills_wanted))" "0 1"
t "every slot that is there is one message of one size for each member" same \
    "$(store "SELECT DISTINCT count(*), count(DISTINCT member), min(length(m.body)), max(length(m.body)) FROM dsmb.alert_message a JOIN dsmb_out.message m ON m.id = a.message_id GROUP BY a.slot")" "3 3 262144 262144"
t "each alert was told to each member once as an alert" same \
    "$(store "SELECT DISTINCT count(*) FROM (SELECT unnest(alerts) AS alert, member FROM dsmb.alert_message WHERE kind IN ('ALERT', 'AMENDMENT')) x GROUP BY alert, member")" 1
t "an answer by request is recorded once, and its request answered" same \
    "$(store "SELECT (SELECT string_agg(member, ',' ORDER BY member) FROM dsmb.acknowledgement), (SELECT count(*) FROM dsmb.request r WHERE NOT EXISTS (SELECT FROM dsmb.request_result s WHERE s.request_id = r.id))")" "Dr Anna Chair,Prof Bo Deputy 0"
arrived() { # every message of the store arrived; a second copy has the same bytes and stands there as uncertain
    store "SELECT m.id, (SELECT count(*) FROM dsmb_out.outcome o WHERE o.message = m.id AND o.verdict = 'uncertain'), encode(sha256(m.body), 'hex') FROM dsmb_out.message m" >"$W/messages"
    /usr/bin/python3 - "$W/smtp/mail" "$W/messages" <<'P'
import collections, glob, hashlib, re, sys
got = collections.defaultdict(list)
for f in glob.glob(sys.argv[1] + "/*.eml"):
    b = open(f, "rb").read()
    got[re.search(rb"(?im)^message-id: *(?:\r?\n )?<([0-9a-f-]{36})", b).group(1).decode()].append(hashlib.sha256(b).hexdigest())
bad = [i for i, u, h in (line.split() for line in open(sys.argv[2])) if set(got[i]) != {h} or len(got[i]) - 1 > int(u)]
sys.exit(f"{len(bad)} not as promised: {bad[:3]}" if bad else 0)
P
}
t "no message of a slot was lost, and none came twice but as promised" arrived
verified() { "$BIN/dsmbctl" ledger verify; }
t "the ledger verifies over all of it" verified
t_end
