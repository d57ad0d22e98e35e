#!/bin/bash
# The world goes away and comes back: PostgreSQL restarted (also immediately, in the middle of things), the relay down, a
# second dsmbd and a second mailer, SIGHUP with good and broken settings, a lost anchor, SIGTERM.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init outage
{ world_trial; world_roles; world_mail; world_config; world_migrate; world_dsmbd; world_mailer; world_adopt; } >"$W/setup.out" 2>&1
for i in $(seq 1 74); do
    echo "INSERT INTO patient VALUES ('A$i', 'S1', 'x', '2020-01-01', '2020-01-02', NULL, NULL, NULL, NULL, false, now());
          INSERT INTO allocation VALUES ('A$i', '$MG');
          INSERT INTO patient VALUES ('B$i', 'S1', 'x', '2020-01-01', '2020-01-02', NULL, NULL, NULL, NULL, false, now());
          INSERT INTO allocation VALUES ('B$i', '$PBO');"
done | psql -X -q -d trial
infarctions() { # FROM TO
    local i
    for i in $(seq "$1" "$2"); do
        echo "INSERT INTO adverse_event VALUES ('AE$i', 'A$i', 'AE$i', 'akut myokardieinfarkt', '2020-02-0$i', NULL, true, NULL,
              true, 'UNKNOWN', 3, NULL, 'COMPLETE', false, now(), now());"
    done | psql -X -q -d trial
}
cutoff() { trial "INSERT INTO meta VALUES ('data_cutoff', '$1') ON CONFLICT (name) DO UPDATE SET value = excluded.value"; }
look_at() { cutoff "$1"; wait_for "${2:-20}" "the look at $1" has_look "$1"; }
mails() { find "$W/smtp/mail" -name '*.eml' | wc -l; }
both_alive() { kill -0 "$W_DSMBD" && kill -0 "$W_MAILER"; }
said() { grep -q -- "$2" "$W/log/$1.log"; }

after_restart() { "$DSMB_PGCTL" restart; both_alive && look_at 2020-02-01 60; }
t "PostgreSQL restarts: both programs live on, and the next look is taken" after_restart
during_loads() {
    local i
    for i in 1 2 3 4 5; do
        cutoff "2020-02-1$i" || return 1
        sleep "0.$((i * 7))"
        "$DSMB_PGCTL" restart || return 1
    done
    look_at 2020-02-20 60 && both_alive && "$BIN/dsmbctl" ledger verify
}
t "five immediate restarts in the middle of things: the ledger verifies, looks go on" during_loads
no_gap() { same "$(store 'SELECT count(*) = max(look) FROM dsmb.look')" t; }
t "looks have no gap" no_gap

second() {
    world_bg second-dsmbd "$BIN/dsmbd" --config "$W/dsmbd.yaml"; local d=$W_PID
    look_at 2020-02-21; sleep 0.5
    said second-dsmbd 'standing by' && same "$(store "SELECT count(*) FROM dsmb.look WHERE cut = '2020-02-21'")" 1 || return 1
    world_stop "$W_DSMBD"
    look_at 2020-02-22 && W_DSMBD=$d
}
t "a second dsmbd stands by, and takes over when the first ends" second
second_mailer() {
    mkdir "$W/state2"
    sed "s|$W/state|$W/state2|" "$W/dsmbd.yaml" >"$W/second.yaml"
    world_bg second-mailer "$BIN/dsmb-mailer" --config "$W/second.yaml"; local m=$W_PID
    sleep 1; kill -0 "$W_MAILER" && world_stop "$m"
}
t "a second mailer does not disturb the first" second_mailer

world_stop "$W_MAIL_PID"
infarctions 1 6
down() { look_at 2020-03-01; sleep 2; same "$(mails)" 0 && same "$(store "SELECT count(*) FROM dsmb_out.message WHERE state <> 'sent'")" 3; }
t "the relay is down: the messages wait" down
port=$W_PORT; rm -f "$W/smtp/port"
up() {
    world_mail --port "$port"
    # another throw-away CA: the mailer is told by SIGHUP, as an administrator would
    kill -HUP "$W_MAILER"
    wait_for 60 "the mails" all_sent; same "$(mails)" 3
}
t "the relay is back: each member has one mail" up

good() { sed -i 's/poll: .*/poll: 300 ms/' "$W/dsmbd.yaml"; kill -HUP "$W_DSMBD"; reloaded() { said second-dsmbd 'settings reloaded'; }; wait_for 10 "a reload" reloaded; look_at 2020-03-02; }
t "SIGHUP with good settings: reloaded, and looks go on" good
cp "$W/dsmbd.yaml" "$W/good.yaml"
broken() { echo 'nonsense: [' >>"$W/dsmbd.yaml"; kill -HUP "$W_DSMBD"; kill -HUP "$W_MAILER"; kept() { said second-dsmbd 'stay as they were'; }; wait_for 10 "a refusal" kept; sleep 0.5; both_alive && look_at 2020-03-03; }
t "SIGHUP with broken settings: refused with the place, and the old ones stay" broken
place() { grep -E "stay as they were" "$W/log/second-dsmbd.log" | grep -qE 'dsmbd.yaml:[0-9]+:[0-9]+'; }
t "the refusal names file, line and column" place
cp "$W/good.yaml" "$W/dsmbd.yaml"

world_stop "$W_MAILER"; rm -f "$W/state/anchor"
trial "UPDATE adverse_event SET deleted = true WHERE ae_id = 'AE6'"
held() { look_at 2020-04-01; world_mailer; sleep 1.5; same "$(mails)" 3 && said dsmb-mailer 'held until'; }
t "a lost anchor with mail in the store: all mail is held" held
recovered() { "$BIN/dsmbctl" recover --by admin --reason "the anchor file was lost" && wait_for 30 "the mails" all_sent && same "$(mails)" 6; }
t "dsmbctl recover lets it go on: one amendment to each member" recovered
ends() { local s=$SECONDS; world_stop "$W_DSMBD"; world_stop "$W_MAILER"; [ $((SECONDS - s)) -lt 10 ]; }
t "SIGTERM ends both at once" ends
t_end
