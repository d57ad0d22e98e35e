#!/bin/bash
# Alerts in slots, sealed: every member gets one message of one size in each slot; a quiet trial and one that crosses are the
# same to the mailer; who answers by a token is left in peace, who is silent is reminded and then chair and deputy hear of it.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init alerts
W_SLOT="3 s" W_URGENT=slot W_RESEND="3 s" W_ESCALATE="6 s"
{ world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
sed -i 's/^  operations:.*/&\n  acknowledge_to: answers@trial.example/' "$W/dsmbd.yaml"
world_dsmbd
world_mailer
world_adopt
three_slots() { [ "$(slots)" -ge 3 ]; }
wait_for 20 "three quiet slots" three_slots

# --- what the mailer can see, quiet: rows, bytes and what its functions answer ---
quiet_to=$(store 'SELECT max(n) FROM dsmb.slot')
seen 0 >"$W/quiet"
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql" # one look
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
alerted() { [ "$(of_kind ALERT)" -ge 3 ] && all_sent; }
wait_for 30 "the alert's messages" alerted
more_slots() { [ "$(slots)" -ge $((quiet_to + 3)) ] && all_sent; }
wait_for 20 "slots after the alert" more_slots
t "quiet, each slot is three messages of one size" same "$(cat "$W/quiet")" "3 786432 262144 262144"
t "crossing, each slot is the same to the mailer" same "$(seen "$quiet_to")" "$(cat "$W/quiet")"
# A search that can only say yes proves nothing: a planted message of another size is seen.
planted() {
    store "BEGIN; INSERT INTO dsmb_out.message (id, address, body) VALUES ('00000000-0000-4000-8000-000000000001', 'x@board.example', 'x');
           SELECT min(length(body)) FROM dsmb_out.message" >"$W/planted" 2>&1
    tail -n 1 "$W/planted" | grep -qx 1
}
t "the comparison sees a planted difference" planted
t "letters waited in the store, out of the mailer's sight" \
    same "$(store "SELECT bool_and(a.slot IS NOT NULL) FROM dsmb.letter l JOIN dsmb.alert_message a USING (message_id)")" t
denied() { psql -X -q -A -t -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_mailer" -c "SELECT count(*) FROM $1" >"$W/denied" 2>&1 && return 1; grep -q denied "$W/denied"; }
for table in dsmb.slot dsmb.letter dsmb.token dsmb.acknowledgement dsmb.alert_message dsmb_out.ack; do
    t "the mailer may not read $table" denied "$table"
done

# --- opening them ---
# The newest message of a kind to a member, as a mail program shows it in $W/open.
mail_of() { # KIND WHO
    local id f
    id=$(store "SELECT message_id FROM dsmb.alert_message WHERE kind = '$1' AND address = '$2@board.example' ORDER BY at DESC LIMIT 1")
    [ -n "$id" ] || { echo "no $1 to $2"; return 1; }
    rm -rf "$W/open"
    got() { f=$(grep -l "$id" "$W"/smtp/mail/*.eml | head -n 1); [ -n "$f" ]; }
    wait_for 10 "the mail $id" got
    echo "$f" >"$W/open.file"
    world_open "$f" "$W/open" || { cat "$W/open/openssl"; return 1; }
}
token_of() { # KIND WHO WHICH
    mail_of "$1" "$2" && grep -o 'ack%20[0-9a-f]\{32\}' "$W/open/text" | sed -n "${3}s/ack%20//p"
}
says() { mail_of "$1" "$2" && { grep -q -- "$3" "$W/open/text" || { head -n 40 "$W/open/text"; return 1; }; }; }
# Headers and shape of a message on the wire: what is random or counted, and the fill of its size, aside.
wire() { # KIND WHO
    mail_of "$1" "$2" >/dev/null || return 1
    sed -E '/^\r*$/q' "$(cat "$W/open.file")" | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/; s/message [0-9]+/message N/; s/^Date: .*/Date:/; s/^X-Fill: x+/X-Fill:/'
    wc -c <"$(cat "$W/open.file")"
}
t "the alert says what crossed" says ALERT chair 'BOUNDARY CROSSED'
enclosed() {
    mail_of ALERT chair && [ "$(find "$W/open" -name 'figure-*.png' | wc -l)" -ge 2 ] && head -c 8 "$W/open/figure-1.png" | cmp -s - <(printf '\x89PNG\r\n\x1a\n') &&
        head -c 5 "$W/open/file.pdf" | grep -q '%PDF-' && grep -q 'alt="[A-Z].*: [0-9]*/[0-9]*' "$W/open/html"
}
t "it holds its figures with words in their place, and a PDF" enclosed
in_pdf() { pdftotext "$W/open/file.pdf" "$W/out"; grep -q 'BOUNDARY CROSSED' "$W/out" && ! grep -q 'mailto' "$W/out"; }
t "the PDF says what crossed" in_pdf
t "a quiet message says so, and when the next one comes" says QUIET chair 'The next message comes before'
t "a quiet message carries the links too" says QUIET deputy 'mailto:answers@trial.example?subject=DSMB%20ack%20'
t "every token is there as a hash alone" same "$(store "SELECT bool_and(length(hash) = 32) FROM dsmb.token")" t

# --- answers ---
mailer_acks() { psql -X -q -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_mailer" -v ON_ERROR_STOP=1 -c "SELECT dsmb_out.ack('$1')" >/dev/null; }
chair_token=$(token_of ALERT chair 1); deputy_token=$(token_of ALERT deputy 2)
t "a token was never issued, and is nobody's answer" mailer_acks 00000000000000000000000000000000
mailer_acks "$chair_token"; mailer_acks "$chair_token"; mailer_acks "$deputy_token"
answered() { [ "$(store 'SELECT count(*) FROM dsmb.acknowledgement')" = 2 ]; }
wait_for 10 "the answers" answered
t "who, when and what is recorded, once per token" \
    same "$(store "SELECT member, decision, cardinality(alerts) >= 1, at - received < '20 s' FROM dsmb.acknowledgement ORDER BY id")" \
    "$(printf '%s\n' 'Dr Anna Chair NOTED t t' 'Prof Bo Deputy MEETING t t')"
t "each answer stands in the ledger" same "$(store "SELECT count(*) FROM dsmb.ledger WHERE kind = 'ACKNOWLEDGED'")" 2

escalated() { [ "$(of_kind ESCALATION chair)" -ge 1 ] && [ "$(of_kind ESCALATION deputy)" -ge 1 ] && all_sent; }
wait_for 30 "the escalation" escalated
t "the silent member is reminded" says REMINDER statistician 'REMINDER'
t "the reminder says again what crossed" says REMINDER statistician 'first events in'
t "chair and deputy hear who is silent" says ESCALATION deputy 'Not acknowledged by Cecilie Statistician'
t "the silent member hears of no escalation" same "$(of_kind ESCALATION statistician)" 0

reminded() { of_kind REMINDER "$1"; }
after_slots() { local want=$(($(slots) + $1)); more() { [ "$(slots)" -ge "$want" ]; }; wait_for 30 "$1 more slots" more; }
chair_reminders=$(reminded chair)
n_alerts=$(store 'SELECT max(id) FROM dsmb.alert')
refused() { "$BIN/dsmbctl" alert ack 1 --by Nobody --decision noted --reason x >"$W/out" 2>&1; local rc=$?; cat "$W/out"; [ "$rc" = 65 ] && grep -q 'Cecilie Statistician' "$W/out"; }
t "nobody but a member can answer by request" refused
acks_all() { local i; for ((i = 1; i <= n_alerts; i++)); do
    "$BIN/dsmbctl" alert ack "$i" --by "Cecilie Statistician" --decision data --reason "by telephone" || return 1; done; }
t "dsmbctl alert ack records an answer by telephone" acks_all
after_slots 1
reminders=$(reminded statistician)
after_slots 2
t "an answer ends the reminders" same "$(reminded statistician) $(reminded chair)" "$reminders $chair_reminders"
t "and all is quiet again" says QUIET statistician 'All is quiet'
# --- a test of the way to each member and back ---
tested() { [ "$(of_kind TEST)" = 3 ] && all_sent; }
asked() { "$BIN/dsmbctl" alert test --by "Data manager" --reason "new mail server" | tee "$W/out"; grep -q 'takes the place of a quiet message' "$W/out"; }
before_test=$(store 'SELECT max(n) FROM dsmb.slot')
t "a test is asked for" asked
wait_for 20 "the test's messages" tested
t "each member gets one, and it says that nothing happened" says TEST statistician 'TEST: nothing happened'
t "a slot with a test is the same to the mailer as any other" same "$(seen "$before_test")" "$(cat "$W/quiet")"
t "on the wire it differs in nothing but numbers" same "$(wire QUIET chair)" "$(wire TEST chair)"
test_token=$(token_of TEST deputy 1)
mailer_acks "$test_token"
answered_test() { "$BIN/dsmbctl" alert list --tests --format csv >"$W/out" && grep -q '^[^,]*,Prof Bo Deputy,.*,NOTED$' "$W/out"; }
wait_for 10 "the answer to the test" answered_test
t "who answered the test is listed, and who did not" same "$(grep -c ',NOTED$' "$W/out") $(grep -c 'board.example,sent' "$W/out")" "1 3"
t "it is no alert" same "$("$BIN/dsmbctl" alert list --format csv | wc -l)" $((n_alerts + 1))
verified() { "$BIN/dsmbctl" ledger verify; }
t "the ledger verifies" verified

# --- the plan's choice, said aloud ---
sed 's/urgent: slot/urgent: immediate/' "$W/plan.yaml" >"$W/immediate.yaml"
said() { "$BIN/dsmbctl" plan adopt "$W/immediate.yaml" --by x --reason x | tee "$W/out"; grep -q 'whoever sees mail traffic sees that an alert exists' "$W/out"; }
t "adopting urgent: immediate prints what it shows" said
t "and the ledger keeps it" same "$(store "SELECT count(*) FROM dsmb.ledger WHERE kind = 'RESULT' AND payload LIKE '%an alert exists, and when%'")" 1

# --- restarts ---
world_stop "$W_DSMBD"
world_dsmbd
after_slots 2
t "every slot still is one message for each member, over a restart" \
    same "$(store 'SELECT string_agg(DISTINCT c::text, $$ $$) FROM (SELECT count(*) AS c FROM dsmb.alert_message WHERE slot IS NOT NULL GROUP BY slot) x')" 3

# --- the board ---
awk '/Cecilie Statistician/ {exit} {sub(/\+45 00 00 00 00/, "+45 11 11 11 11"); print}' "$W/board.yaml" >"$W/smaller.yaml"
smaller() { "$BIN/dsmbctl" board adopt "$W/smaller.yaml" --by "Trial office" --reason "she retires" | tee "$W/out"; grep -q 'removed Cecilie Statistician' "$W/out"; }
t "adopting another board prints what is changed of it" smaller
after_slots 1
t "who was a member before is told in the next message" says QUIET chair 'The board was changed'
changed() { tr -s ' \r\n' ' ' <"$W/open/text" | grep -q "adopted by Trial office: removed Cecilie Statistician (statistician@board.example), statistician; the chair's telephone: +45 11 11 11 11 instead of +45 00 00 00 00"; }
t "by whom, and what" changed
last_mail() { grep -l '^Subject: .*no longer a member' "$W"/smtp/mail/*.eml | head -n 1; }
gone() { local f; got_it() { [ -n "$(last_mail)" ]; }; wait_for 20 "her last mail" got_it; f=$(last_mail)
    grep -q 'statistician@board.example' "$f" && ! grep -qiE 'alert|crossed|magnesium|placebo' "$f" || { cat "$f"; return 1; }; }
t "who is no member any more is told so, and nothing of the trial" gone
after_slots 1
once() { says QUIET chair 'The next message comes before' && ! grep -q 'The board was changed' "$W/open/text"; }
t "it is told once" once
blind() { ! grep -iE "alert|remind|escalat|crossed|acknowledg" "$W/log/dsmbd.log" "$W/log/dsmb-mailer.log"; }
t "journals tell of no alert, reminder or answer" blind
t_end
