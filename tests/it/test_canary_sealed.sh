#!/bin/bash
# The canary once more, as a trial is run: mail sealed, in slots, alert, amendment, reminders, escalation, answers, a data
# fault, a lost store and a violent end.  Unmistakable arm labels, subjects and words; every channel that somebody blinded
# can read is searched, for words and for the numbers that the closed report tells, and each search first has to find a leak
# planted in a copy of what it searches.
# shellcheck disable=SC2119,SC2034
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
MG=QZXMAGNESIUMQZX PBO=QZXPLACEBOQZX MG_LABEL="Qzx Label Magnesium" PBO_LABEL="Qzx Label Placebo"
export W_SLOT="2 s" W_URGENT=slot W_RESEND="2 s" W_ESCALATE="4 s"
. tests/support/world.sh
world_init canary2
words='qzxmagnesium|qzxplacebo|qzx label|qzxnosucharm|qzx-1|qzxevent|wqzterm'
mkdir "$W/tmp" "$W/chan"
{ world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
sed -i -e 's/^  operations:.*/&\n  silence_after: 1 s\n  acknowledge_to: answers@trial.example/' -e 's/poll: .*/poll: 100 ms/' \
    -e '/^state_dir:/a metrics_file: '"$W/metrics.prom" "$W/dsmbd.yaml"
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql"
world_bg notified /usr/bin/python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(4096).decode(), flush=True)' "$W/notify.sock"
wait_for 10 "the notify socket" test -S "$W/notify.sock"
world_bg listener bash -c '(echo "LISTEN dsmb_out; LISTEN dsmb; LISTEN dsmb_request;"; while sleep 0.2; do echo "SELECT;"; done) |
    psql -X -q -A -t -d "$1"' listener "dsmb_$W_TRIAL"
look_at_proc() { # what /proc shows of both programs, and which files they hold open
    local p
    for p in "$W_DSMBD" "$W_MAILER"; do
        tr '\0' '\n' <"/proc/$p/cmdline"; tr '\0' '\n' <"/proc/$p/environ"; cat "/proc/$p/comm" "/proc/$p/maps" "/proc/$p/status" "/proc/$p/limits" "/proc/$p/task"/*/comm "/proc/$p/fdinfo"/*
        find "/proc/$p/fd" -type l -printf '%l\n'
    done >>"$W/chan/proc" 2>/dev/null
    find "$W/tmp" -type f -print -exec cat {} + >>"$W/chan/tmp"
    psql -X -q -A -t -c 'SELECT * FROM pg_stat_activity' >>"$W/chan/activity" 2>&1
}
# What the programs get, the tests' own tools do not.
with_sockets() { TMPDIR=$W/tmp NOTIFY_SOCKET=$W/notify.sock "$@"; }
with_sockets world_mailer
wait_for 20 "the anchor" test -s "$W/state/anchor"
with_sockets world_dsmbd
world_adopt
trial "INSERT INTO patient VALUES ('QZX-1', 'DK-01', 'x', '2016-01-10', NULL, NULL, NULL, NULL, NULL, false, now());
       INSERT INTO allocation VALUES ('QZX-1', 'QZXNOSUCHARMQZX');
       INSERT INTO adverse_event VALUES ('QZXEVENT', 'QZX-1', 'QZXEVENT', 'WQZTERM acute', '2016-13-45', NULL, true, NULL, true, 'UNKNOWN', 3, NULL, 'COMPLETE', false, now(), now())"
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
kinds() { [ "$(store "SELECT count(DISTINCT kind) FROM dsmb.alert_message WHERE kind IN ('ALERT', 'REMINDER', 'ESCALATION')")" = 3 ] && all_sent; }
wait_for 60 "alert, reminder and escalation" kinds
look_at_proc
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
psql -X -q -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_mailer" -c "SELECT dsmb_out.ack('$token')" >/dev/null
"$BIN/dsmbctl" alert ack 1 --by "Dr Anna Chair" --decision noted --reason x >"$W/chan/ctl" 2>&1
# A reading that fails in each of its statements, a row that cannot be stored, a store that goes away.
trial "ALTER VIEW dsmb_source.arm RENAME TO arm_away"; sleep 0.5
trial "ALTER VIEW dsmb_source.arm_away RENAME TO arm; REVOKE SELECT ON dsmb_source.ae FROM dsmb_reader"; sleep 0.5
trial "GRANT SELECT ON dsmb_source.ae TO dsmb_reader"; sleep 0.5
"$BIN/dsmbctl" look --adhoc --by x --reason x >>"$W/chan/ctl" 2>&1
newest=$(store 'SELECT max(n) FROM dsmb.slot')
"$DSMB_PGCTL" restart
again() { [ "$(store "SELECT max(n) > $newest FROM dsmb.slot" 2>/dev/null)" = t ]; }
wait_for 60 "slots after the restart" again
look_at_proc
open_store="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_open"
for p in "status" "status --format json" "check" "source check" "ledger verify" "keys show" "board show"; do
    # shellcheck disable=SC2086 # words
    { echo "== $p"; DSMBD_STORE=$open_store "$BIN/dsmbctl" $p; echo "exit $?"; } >>"$W/chan/ctl" 2>&1
done
for f in text csv json html; do
    "$BIN/dsmbctl" report --audience open --purpose canary --format "$f" >>"$W/chan/open-report" 2>>"$W/chan/ctl"
done
# All that the open role and the mailer's can read of the store: each relation and each function without arguments.
for r in open mailer; do
    psql -X -q -A -t -d "dsmb_$W_TRIAL" -c "SELECT format('SELECT * FROM %s;', c.oid::regclass) FROM pg_class c WHERE relkind IN ('r', 'v', 'm')
        AND relnamespace::regnamespace::text IN ('dsmb', 'dsmb_out', 'public', 'pg_catalog') ORDER BY 1" >"$W/all-relations.sql"
    psql -X -A -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_$r" -f "$W/all-relations.sql" >"$W/chan/role-$r" 2>&1
done
kill -ABRT "$W_DSMBD"; wait "$W_DSMBD" 2>/dev/null # would leave a core, were that allowed
with_sockets world_dsmbd
sed 's/^trial:/trail:/' "$W/dsmbd.yaml" >"$W/broken.yaml"
for p in dsmbd dsmb-mailer; do "$BIN/$p" --config "$W/broken.yaml" >>"$W/chan/exit" 2>&1; echo "$p: exit $?" >>"$W/chan/exit"; done
world_stop "$W_DSMBD"
wait_for 60 "the mails" all_sent
world_stop "$W_MAILER"
echo "exit messages: $(tail -n 1 "$W/log/dsmbd.log")" >>"$W/chan/exit"
cp "$W/log/dsmbd.log" "$W/chan/journal-dsmbd"; cp "$W/log/dsmb-mailer.log" "$W/chan/journal-mailer"
cp "$W/log/notified.log" "$W/chan/sd-notify"; cp "$W/log/listener.log" "$W/chan/notify"; cp "$W/metrics.prom" "$W/chan/metrics"
cp "$DSMB_PGLOG" "$W/chan/server-log"; cp "$W/smtp/envelopes.log" "$W/chan/envelopes"
find "$W/state" -type f -print -exec cat {} + >"$W/chan/state"
echo "nothing" >>"$W/chan/tmp" # an empty channel cannot be searched
for f in "$W"/smtp/mail/*.eml; do cat "$f"; sed '1,/^\r*$/d' "$f" | base64 -di 2>/dev/null; done >"$W/chan/mail"
cat "$W"/smtp/smtp.log >"$W/chan/wire"
clean() { # CHANNEL...: the planted leak is found, the real thing is clean
    local c
    for c in "$@"; do
        no_leak "$c" "$W/chan/$c" || return 1
    done
}
# What the closed report says in numbers: where each monitor stands, rates and shares by arm, their differences and ratios.
store "WITH v AS (SELECT * FROM dsmb.verdict), a AS (SELECT * FROM dsmb.tally WHERE arm >= 0 AND n > 0 AND risk_days > 0)
    SELECT unnest(ARRAY[statistic, bound, nominal_p, log_e, exp(least(log_e, 300)), log_e_max, exp(least(log_e_max, 300)), info, overrun_p]) FROM v
    UNION SELECT unnest(ARRAY[100.0 * subjects / n, 36525.0 * subjects / risk_days, 36525.0 * episodes / risk_days, risk_days / 365.25]) FROM a
    UNION SELECT unnest(ARRAY[100.0 * a.subjects / a.n - 100.0 * b.subjects / b.n, 1.0 * a.subjects / a.n / nullif(1.0 * b.subjects / b.n, 0),
                              1.0 * a.subjects / a.risk_days / nullif(1.0 * b.subjects / b.risk_days, 0)])
      FROM a JOIN a b USING (look, ord) WHERE a.arm = 1 AND b.arm = 0" >"$W/closed.numbers"
store "SELECT unnest(ARRAY[100.0 * subjects / n, 36525.0 * subjects / risk_days, 36525.0 * episodes / risk_days, risk_days / 365.25])
    FROM dsmb.tally WHERE arm < 0 AND n > 0 AND risk_days > 0" >"$W/pooled.numbers"
told() { # the closed report does tell them
    "$BIN/dsmbctl" report --audience closed --purpose canary --format json >"$W/closed.json" &&
        ! /usr/bin/python3 tests/it/canary_numbers.py "$W/closed.numbers" "$W/pooled.numbers" "$W/closed.json" >"$W/told" && grep -c '^in ' "$W/told" && [ "$(grep -c '^in ' "$W/told")" -ge 20 ]
}
numbers() { /usr/bin/python3 tests/it/canary_numbers.py "$W/closed.numbers" "$W/pooled.numbers" "$W"/chan/*; }
closed() { # the sealed mail does tell its reader, so there was something to leak
    local id f
    id=$(store "SELECT message_id FROM dsmb.alert_message WHERE kind = 'ALERT' AND address = 'chair@board.example' LIMIT 1")
    f=$(grep -l "^Message-ID: <$id" "$W"/smtp/mail/*.eml | head -n 1)
    world_open "$f" "$W/open" && grep -qi 'qzx label magnesium' "$W/open/text"
}
one_size() { same "$(grep -L '^To: <operations@' "$W"/smtp/mail/*.eml | xargs -r stat -c %s | sort -u)" 262144; }
subjects() { # numbered and neutral; a planted one is not
    local f='^Subject: \[magical-ckd\] (DSMB message [0-9]+|dsmbd is (silent|heard again)|the store of dsmbd cannot be reached)$'
    echo 'Subject: [magical-ckd] ALERT 3' | grep -qvE "$f" && ! cat "$W"/smtp/mail/*.eml | tr -d '\r' | grep -a '^Subject:' | grep -vE "$f"
}
no_payload() { { cat "$W/chan/notify"; echo 'with payload "6"'; } | grep -q 'with payload' && grep -q 'Asynchronous notification "dsmb_out"' "$W/chan/notify" && ! grep 'with payload' "$W/chan/notify"; }
no_files() { same "$(sort -u "$W/chan/tmp")" nothing; }
cores() { find "$W" . "$W/tmp" -maxdepth 1 -name 'core*' -newer "$W/setup.out"; }
no_core() {
    : >"$W/core.planted"
    [ -n "$(cores)" ] || { echo "the search does not find a planted core"; return 1; }
    rm "$W/core.planted"
    same "$(cores)" "" && same "$(grep -c 'Max core file size *0 *0' "$W/chan/proc")" 4
}
t "a member reads the arms in the alert, once it is opened" closed
t "journals are blind" clean journal-dsmbd journal-mailer
t "what the service manager is told is blind" clean sd-notify
t "metrics are blind" clean metrics
t "exit messages are blind" clean exit
t "/proc is blind: arguments, environment, maps, threads, open files" clean proc
t "no temporary file is written" no_files
t "an abort leaves no core" no_core
t "PostgreSQL's server log at its defaults is blind, over faults and a restart" clean server-log
t "pg_stat_activity is blind, even for a superuser" clean activity
t "notifications carry nothing" no_payload
t "what is listened to is blind" clean notify
t "mails are blind as they travel: headers and bodies" clean mail envelopes wire
t "every message to a member has one size" one_size
t "subjects are numbers" subjects
t "what dsmbctl tells somebody blinded is blind" clean ctl open-report
t "all that the open role can read of the store is blind" clean role-open
t "all that the mailer's role can read of the store is blind" clean role-mailer
t "the state directory is blind" clean state
t "the closed report tells numbers by arm, and the search finds them" told
t "no number by arm, statistic or bound stands in any of these" numbers
tail -n 1 "$W/t.out" | sed 's/^/# /'
t_end
