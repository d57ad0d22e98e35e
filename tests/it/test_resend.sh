#!/bin/bash
# An alert's message asked for again.  In slots it takes the place of a quiet message, and neither the mailer nor the wire tells
# it from one; where urgent alerts leave at once, so do its bytes, as they were.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init resend
W_SLOT="3 s" W_URGENT=slot W_RESEND="1 d" W_ESCALATE="2 d"
{ world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
sed -i 's/^  operations:.*/&\n  acknowledge_to: answers@trial.example/' "$W/dsmbd.yaml"
world_dsmbd
world_mailer
world_adopt
after_slots() { local want=$(($(slots) + $1)); more() { [ "$(slots)" -ge "$want" ] && all_sent; }; wait_for 60 "$1 more slots" more; }
after_slots 2
seen 0 >"$W/quiet"
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql" # one look
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
alerted() { [ "$(of_kind ALERT)" -ge 3 ] && all_sent; }
wait_for 60 "the alert's messages" alerted
resend() { "$BIN/dsmbctl" alert resend "$@" --by "Trial statistician" --reason "she cannot find it" 2>&1; }
exits() { # CODE PATTERN COMMAND...
    local want=$1 pattern=$2 out rc=0; shift 2
    out=$("$@" 2>&1) || rc=$?
    if [ "$rc" != "$want" ] || ! grep -qE -- "$pattern" <<<"$out"; then
        echo "exit $rc, want $want; or no /$pattern/ in: $out"
        return 1
    fi
}

# --- refused ---
t "without a number" exits 2 'which alert' resend
t "an alert that there is not" exits 65 'refused: there is no alert of this number' resend 99
t "somebody who is no member" exits 65 '--to must name one of .*Cecilie Statistician' resend 1 --to Nobody
t "who asks is to be named" exits 2 'needed: they stand in the ledger' "$BIN/dsmbctl" alert resend 1

# --- in slots ---
before=$(store 'SELECT max(n) FROM dsmb.slot')
t "it is asked for, and when it comes is said" exits 0 'goes again to 1 of the board.s 3 members, as a reminder in place of the quiet message' \
    resend 1 --to "Cecilie Statistician"
reminded() { [ "$(of_kind REMINDER statistician)" -ge 1 ] && all_sent; }
wait_for 60 "the message" reminded
after_slots 2
t "it came once, and to nobody else" same "$(of_kind REMINDER statistician) $(of_kind REMINDER)" "1 1"
t "each slot was the same to the mailer as a quiet one" same "$(seen "$before")" "$(cat "$W/quiet")"
t "nothing left beside the slots" same "$(store "SELECT count(*) FROM dsmb.alert_message WHERE slot IS NULL")" 0
ids() { grep -h '^Message-ID:' "$W"/smtp/mail/*.eml | tr -d '\r' | sort | uniq -d; }
t "no Message-ID came twice on the wire" same "$(ids)" ""
mail_of() { # KIND WHO: in $W/open
    local id f
    id=$(store "SELECT message_id FROM dsmb.alert_message WHERE kind = '$1' AND address = '$2@board.example' ORDER BY at DESC LIMIT 1")
    [ -n "$id" ] || { echo "no $1 to $2"; return 1; }
    rm -rf "$W/open"
    got() { f=$(grep -l "$id" "$W"/smtp/mail/*.eml | head -n 1); [ -n "$f" ]; }
    wait_for 20 "the mail $id" got
    world_open "$f" "$W/open" || { cat "$W/open/openssl"; return 1; }
}
says() { mail_of "$1" "$2" && { grep -q -- "$3" "$W/open/text" || { head -n 40 "$W/open/text"; return 1; }; }; }
t "it says again what crossed" says REMINDER statistician 'first events in'
shown() { "$BIN/dsmbctl" alert show 1 --format csv >"$W/show.csv" && grep -q '^1,.*,Cecilie Statistician,.*,REMINDER$' "$W/show.csv" &&
    grep -q '^1,.*,Cecilie Statistician,.*,asked by Trial statistician: she cannot find it$' "$W/show.csv" || { cat "$W/show.csv"; return 1; }; }
t "alert show tells who asked, and what was sent" shown
t "the ledger keeps who asked, why, and for whom" same \
    "$(store "SELECT (SELECT details ->> 'by' || ': ' || (details ->> 'reason') FROM dsmb.audit_ledger WHERE kind = 'REQUEST' AND details ->> 'kind' = 'ALERT_RESEND' ORDER BY seq DESC LIMIT 1),
                     (SELECT details ->> 'member' FROM dsmb.audit_ledger WHERE kind = 'RESEND')")" \
    "Trial statistician: she cannot find it Cecilie Statistician"
t "who has answered is left in peace" exits 0 'recorded|request' "$BIN/dsmbctl" alert ack 1 --by "Dr Anna Chair" --decision noted --reason "by telephone"
t "and is sent nothing again" exits 65 'Dr Anna Chair has acknowledged it' resend 1 --to "Dr Anna Chair"

# --- at once ---
sed 's/urgent: slot/urgent: immediate/' "$W/plan.yaml" >"$W/immediate.yaml"
"$BIN/dsmbctl" plan adopt "$W/immediate.yaml" --by x --reason x >"$W/adopt.out" 2>&1
t "where urgent alerts leave at once: to the two who have not answered" exits 0 'goes again to 2 of the board.s 3 members, at once' resend 1
again() { [ "$(of_kind RESEND)" = 2 ] && all_sent; }
wait_for 60 "the messages" again
same_bytes() {
    same "$(store "SELECT count(*), bool_and(m.body = f.body), bool_and(r.slot IS NULL AND r.sha256 = a.sha256) FROM dsmb.alert_message r
             JOIN dsmb_out.message m ON m.id = r.message_id
             JOIN dsmb.alert_message a ON a.member = r.member AND a.kind = 'ALERT' JOIN dsmb_out.message f ON f.id = a.message_id
            WHERE r.kind = 'RESEND'")" "2 t t"
}
t "the bytes are those of the first message" same_bytes
on_the_wire() { twice() { [ "$(ids | wc -l)" = 2 ]; }; wait_for 20 "both mails" twice; }
t "and so is the Message-ID on the wire" on_the_wire
t "it is an alert as it was" says ALERT statistician 'BOUNDARY CROSSED'
after_slots 2
t "slots go on as before, and it came once" same "$(of_kind RESEND) $(store "SELECT string_agg(DISTINCT c::text, ' ') FROM (SELECT count(*) AS c FROM dsmb.alert_message WHERE slot IS NOT NULL GROUP BY slot) x")" "2 3"
numbers() { # of her messages, as the subject on the wire says: each once but that which came again, none left out
    grep -l 'statistician@board.example' "$W"/smtp/mail/*.eml | xargs grep -ohE '^Subject: .*message [0-9]+' | grep -oE '[0-9]+$' | sort -n >"$W/numbers"
    same "$(uniq "$W/numbers" | tr '\n' ' ')" "$(seq 1 "$(tail -n 1 "$W/numbers")" | tr '\n' ' ')" && same "$(uniq -d "$W/numbers" | wc -l)" 1
}
t "messages are numbered on without a gap" numbers
restarted() { world_stop "$W_DSMBD"; world_dsmbd; after_slots 2; same "$(of_kind RESEND)" 2; }
t "a restart sends it no third time" restarted

# --- its bytes are not good any more ---
sed 's/+45 00 00 00 00/+45 11 11 11 11/' "$W/board.yaml" >"$W/other.yaml"
"$BIN/dsmbctl" board adopt "$W/other.yaml" --by "Trial office" --reason "the chair moves" >"$W/adopt.out" 2>&1
reminders=$(of_kind REMINDER deputy)
t "for a board that was changed since" exits 0 'goes again to 1 of' resend 1 --to "Prof Bo Deputy"
anew() { [ "$(of_kind REMINDER deputy)" = $((reminders + 1)) ] && all_sent; }
wait_for 60 "the message" anew
t "it is written anew" same "$(of_kind RESEND)" 2
t "the ledger verifies" exits 0 ' 0 faults' "$BIN/dsmbctl" ledger verify
tampered() {
    store "BEGIN; SET LOCAL session_replication_role = replica; UPDATE dsmb.alert_resend SET member = 'Nobody' WHERE id = 1; COMMIT"
    "$BIN/dsmbctl" ledger verify >"$W/verify.out" 2>&1
    store "BEGIN; SET LOCAL session_replication_role = replica; UPDATE dsmb.alert_resend SET member = 'Cecilie Statistician' WHERE id = 1; COMMIT"
    grep -q 'alert_resend 1 ' "$W/verify.out" && exits 0 ' 0 faults' "$BIN/dsmbctl" ledger verify
}
t "and finds who is changed" tampered
blind() { ! grep -iE "alert|remind|resend|again|crossed|acknowledg" "$W/log/dsmbd.log" "$W/log/dsmb-mailer.log"; }
t "journals tell of no message that went again" blind
t_end
