#!/bin/bash
# The mailer proven blind.  Three sealed trials with slots, side by side: one that crosses and whose board stays silent
# (alert, reminders, escalations), the same with the arms exchanged (quiet throughout), and one that crosses with
# `urgent: immediate`, which is the planted difference that every comparison here must find.
#   the wire      each message as the mail server had it: envelope, TLS, size, headers, in order; how many by slot
#   the role      what dsmb-mailer's role gets from its functions, message by message, how fast, and from catalogs, statistics,
#                 locks and counters: named ones, and whatever this PostgreSQL lets it read or call
#   the mailer    its journal and its files
# Normalised: ids, times, the random filling of headers.  usage: test_blind.sh [record OUT KIND]
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
SLOT=3

record() { # OUT KIND
    local out=$1 kind=$2 arms n
    arms=MG,PBO
    [ "$kind" != quiet ] || arms=PBO,MG
    export W_SLOT="$SLOT s" W_URGENT=slot W_RESEND="$SLOT s" W_ESCALATE="$((2 * SLOT)) s"
    [ "$kind" != immediate ] || W_URGENT=immediate
    # shellcheck source=tests/support/world.sh
    . tests/support/world.sh
    world_init "blind_$kind"
    mkdir -p "$out"
    { world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
    sed -i -e 's/^  operations:.*/&\n  acknowledge_to: answers@trial.example/' -e 's/poll: .*/poll: 100 ms/' "$W/dsmbd.yaml"
    /usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$arms" >/dev/null
    cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql"
    world_mailer
    wait_for 20 "the anchor" test -s "$W/state/anchor"
    world_dsmbd
    world_adopt
    to_slot() { [ "$(slots)" -ge "$1" ]; }
    wait_for 40 "two quiet slots" to_slot 2
    psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
    looked() { [ "$(store 'SELECT count(*) FROM dsmb.look')" -ge 1 ]; }
    wait_for 40 "the look" looked
    n=$(slots)
    wait_for 60 "slots after it" to_slot $((n + 4))
    world_stop "$W_DSMBD"
    wait_for 40 "the mails" all_sent
    world_stop "$W_MAILER"
    echo "$(($(wc -l <"$W/smtp/envelopes.log") - 3 * $(slots))) messages beside three in a slot" >"$out/count"
    # The first six slots of each: two quiet ones, and what came of the look.
    /usr/bin/python3 - "$W/smtp" "$out" <<'P'
import json, re, sys
env, heads = open(sys.argv[2] + "/envelopes", "w"), open(sys.argv[2] + "/headers", "w")
for line in [*open(sys.argv[1] + "/envelopes.log")][:18]:
    e = json.loads(line)
    print(e["from"], e["to"], e["hello"], e["tls"], e["bytes"], file=env)
    head = open(sys.argv[1] + "/mail/" + e["file"], "rb").read().split(b"\r\n\r\n")[0].decode("ascii")
    print(head, file=heads)
P
    (cd "$W/state" && find . -type f -printf '%p %m\n' | sort; sed -n 's/^\(told\|silence\|return\) /\1 /p' notices 2>/dev/null) >"$out/state"
    cp "$W/log/dsmb-mailer.log" "$out/journal"
    store "SELECT DISTINCT kind FROM dsmb.alert_message ORDER BY 1" | paste -sd' ' >"$out/kinds"
    world_dsmbd
    /usr/bin/python3 tests/it/blind_spy.py "dsmb_$W_TRIAL" "dsmb_${W_TRIAL}_mailer" 4 3 "$SLOT" "$out"
    world_stop "$W_DSMBD"
    store "SELECT DISTINCT kind FROM dsmb.alert_message ORDER BY 1" | paste -sd' ' >"$out/kinds"
    { store 'SELECT pg_current_xact_id()'; store "SELECT pg_current_wal_lsn() - '0/0'"; } | paste -sd' ' >"$out/counters"
    # At rest, for blind_time.py.
    psql -X -q -c 'ALTER SYSTEM SET autovacuum = off' -c 'SELECT pg_reload_conf()' >/dev/null
    psql -X -q -d "dsmb_$W_TRIAL" -c 'VACUUM ANALYZE'
    echo "$PGHOST" >"$out/host"
    echo yes >"$out/done"
    for ((n = 0; n < 3000; n++)); do [ ! -e "$(dirname "$out")/enough" ] || break; sleep 0.1; done
}

if [ "${1:-}" = record ]; then
    record "$2" "$3"
    exit
fi

. tests/support/world.sh
world_init blind
at_rest() { # both clusters are up, their programs ended
    timeout 280 /usr/bin/python3 tests/it/blind_time.py dsmb_magical-ckd_mailer dsmb_magical-ckd "$(cat "$W/quiet/host")" \
        "$(cat "$W/crossing/host")" >"$W/times" 2>&1
    echo $? >"$W/times.status"
}
. tests/support/recordings.sh
record_all crossing quiet immediate
lines() { not_chance "$1" | sort -u; } # of a journal: what is said, not how often
really() {
    same "$(cat "$W/quiet/kinds")" QUIET && grep -q ALERT "$W/crossing/kinds" && grep -q REMINDER "$W/crossing/kinds" &&
        grep -q ESCALATION "$W/crossing/kinds" && grep -q ALERT "$W/immediate/kinds"
}
all_batches() { same "$(grep -c ^batch "$W/crossing/seen") $(grep -c 262144 "$W/crossing/seen")" "4 12"; }
planted() { # a real one: the plan's choice that mail may tell
    grep -q '^0 messages' "$W/crossing/count" && grep -q '^0 messages' "$W/quiet/count" && ! grep -q '^0 messages' "$W/immediate/count"
}
refused() { # every probe that could tell is refused; a search that finds nothing to refuse proves nothing
    local open
    open=$(awk '/^== / {q = $0; no[q] = 0; next} /permission denied/ {no[q] = 1} END {for (q in no) if (!no[q]) print q}' "$W/crossing/probes" | sort | grep -vE 'pg_proc|relname, relkind|pg_stat_progress|pg_stats WHERE|largeobject|usename|pg_stat_statements|pg_stat_io|pg_buffercache')
    same "$open" "" && [ "$(grep -c 'permission denied' "$W/crossing/probes")" -ge 40 ]
}
times() { same "$(cat "$W/times.status")" 0 || { cat "$W/times"; return 1; }; } # its own planted leaks found first
five() { same "$(sed -n '/^== SELECT proname/,/^==/p' "$W/crossing/probes" | grep -v '^==' | paste -sd' ')" "ack body claim outcome phase"; }

t "three trials were recorded" recorded
t "one had an alert, reminders and escalations, one was quiet throughout" really
t "each slot is three messages on the wire; with urgent: immediate more, and the count finds it" planted
t "crossing or quiet: envelopes, TLS, sizes and order on the wire are byte for byte the same" alike not_chance crossing quiet envelopes
t "crossing or quiet: the headers are" alike not_chance crossing quiet headers
t "the mailer's role saw four slots, each of three messages of one size" all_batches
t "crossing or quiet: what its functions answer, message by message and in between, is the same" alike not_chance crossing quiet seen
t "crossing or quiet: catalogs, statistics, locks and the log's position say the same" alike not_chance crossing quiet probes
t "crossing or quiet: each relation it can read and each function it may call says the same" alike not_chance crossing quiet sweep
t "those that could tell are refused" refused
t "its functions are five" five
t "crossing or quiet: the five functions answer as fast, and four of them touch as many pages" times
t "crossing or quiet: the mailer's journal says the same" alike lines crossing quiet journal
t "crossing or quiet: its files are the same" alike not_chance crossing quiet state
sed 's/^/# /' "$W/times"
for k in quiet crossing; do echo "# what the role does not see, $k: transaction and byte of the WAL $(cat "$W/$k/counters")"; done
t_end
