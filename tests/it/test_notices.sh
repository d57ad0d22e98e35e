#!/bin/bash
# What the mailer tells operations by itself: dsmbd stopped, PostgreSQL stopped, each once and its end once; and messages
# that came back, recognised by asking the mail server, named to the other members and told to operations.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init notices
W_SLOT="2 s" W_URGENT=slot W_RESEND="10 s" W_ESCALATE="60 s"
{ world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
mkdir -p "$W/imap/box"
world_bg imap /usr/bin/python3 tests/support/fakeimap.py "$W/imap"
wait_for 20 "the mailbox" test -s "$W/imap/port"
echo secret >"$W/imap.password"
sed -i -e "s|^  operations:.*|&\n  silence_after: 2 s\n  acknowledge_to: answers@trial.example\n  imap: {url: 'imaps://localhost:$(cat "$W/imap/port")/INBOX', username: answers, password_file: $W/imap.password, ca_file: $W/imap/ca.pem, every: 1 s}|" \
    -e '/^state_dir:/a metrics_file: '"$W/metrics.prom" "$W/dsmbd.yaml"

notices() { grep -l '^To: <operations@trial.example>' "$W"/smtp/mail/*.eml 2>/dev/null; }
subjects() { notices | xargs -r sed -n 's/\r$//; s/^Subject: \[magical-ckd\] //p'; }
told() { [ "$(subjects | wc -l)" -ge "$1" ]; } # how many so far
slots_to() { [ "$(slots)" -ge "$1" ] && all_sent; }

world_dsmbd; world_mailer; world_adopt
wait_for 20 "two slots" slots_to 2
t "where all is heard nothing is told" same "$(subjects)" ""

# --- dsmbd stops ---
world_stop "$W_DSMBD"
t "dsmbd stopped: after two slots operations is told" wait_for 30 "a notice" told 1
# A mailer that starts anew tells nothing again.
world_stop "$W_MAILER"; world_mailer
sleep 3
t "and told once, also over a restart of the mailer" same "$(subjects)" "dsmbd is silent"
world_dsmbd
t "it comes back: its end is told" wait_for 40 "a notice" told 2
t "once" same "$(subjects | tail -n 1)" "dsmbd is heard again"

# --- PostgreSQL stops ---
"$DSMB_PGCTL" stop
t "the store stopped: operations is told although the outbox cannot be reached" wait_for 30 "a notice" told 3
sleep 3
t "and told once" same "$(subjects | tail -n +3)" "the store of dsmbd cannot be reached"
"$DSMB_PGCTL" start
over() { [ "$(subjects | tail -n 1)" = "dsmbd is heard again" ]; }
t "it comes back: its end is told" wait_for 90 "a notice" over
n=$(slots)
wait_for 90 "slots again" slots_to $((n + 1))
# dsmbd may need longer than its two slots of two seconds to find its store again: that is a silence too.
t "each silence and its end, and nothing else" same "$(subjects | sed '4{/is silent/d}' | head -n 4 | paste -sd,)" \
    "dsmbd is silent,dsmbd is heard again,the store of dsmbd cannot be reached,dsmbd is heard again"

# --- a message comes back ---
to_member() { store "SELECT a.message_id FROM dsmb.alert_message a JOIN dsmb_out.message m ON m.id = a.message_id
    WHERE a.address = '$1@board.example' AND m.state = 'sent' ORDER BY m.number DESC LIMIT 1"; }
report() { # N ID ACTION: as Postfix writes it
    cat >"$W/imap/box/$1.new" <<M
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: answers@trial.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4A0BC1"

--4A0BC1
Content-Type: text/plain

SECRET OF THE BODY

--4A0BC1
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; member@board.example
Action: $3
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

--4A0BC1
Content-Type: text/rfc822-headers

From: dsmbd@trial.example
Message-ID: <$2@trial.example>
Subject: [magical-ckd] DSMB message 3

--4A0BC1--
M
    mv "$W/imap/box/$1.new" "$W/imap/box/$1.eml"
}
refusals() { subjects | grep -c "^mail to a member of the board was refused$"; }
returned_told() { [ "$(refusals)" -ge 1 ]; }
returned=$(to_member deputy) delayed=$(to_member chair)
report 1 "$delayed" delayed
report 2 "$returned" failed
report 3 00000000-0000-4000-8000-000000000000 failed
printf 'Subject: I write of %s\r\n\r\nAction: failed, Message-ID: <%s@trial.example>\r\n' "$delayed" "$delayed" >"$W/imap/box/4.eml"
seen() { [ "$(find "$W/imap/box" -name '*.answered' | wc -l)" = 4 ]; }
t "every report is seen to" wait_for 20 "the flags" seen
state_of() { store "SELECT state, (SELECT string_agg(verdict, ' ' ORDER BY n) FROM dsmb_out.outcome o WHERE o.message = m.id) FROM dsmb_out.message m WHERE id = '$1'"; }
t "a message that came back has failed" same "$(state_of "$returned")" "failed sent bounced"
t "a report of a delay, or a mail that only quotes one, changes nothing" same "$(state_of "$delayed")" "sent sent"
t "operations is told" wait_for 20 "a notice" returned_told
journal() { grep -q "a message that the relay had taken came back.*$returned" "$W/log/dsmb-mailer.log" && grep -q 'names no message that left lately' "$W/log/dsmb-mailer.log"; }
t "the journal names the message" journal
only_subjects() { ! grep -i fetch "$W/imap/commands" | grep -viE '^UID FETCH [0-9]+ BODY\[HEADER.FIELDS \(SUBJECT\)\]$'; }
t "nothing but subjects was fetched" only_subjects
silent() { ! grep -r 'SECRET OF THE BODY' "$W/log" "$W/state"; }
t "nothing of a report reaches a journal or the state directory" silent
envelope() { # return address of what left, by kind
    /usr/bin/python3 - "$W/smtp/envelopes.log" <<'P'
import json, sys
print(*sorted({e["from"].split(" ")[0] for e in map(json.loads, open(sys.argv[1]))}))
P
}
t "messages leave with the mailbox as their return address" same "$(envelope)" "<answers@trial.example>"

# The other members read who could not be reached; the message is opened as a mail program does.
names() { # WHO: one of the messages to him that were queued after the return does
    local id f
    for id in $(store "SELECT a.message_id FROM dsmb.alert_message a WHERE a.address = '$1@board.example'
                   AND a.at > (SELECT max(at) FROM dsmb_out.outcome WHERE verdict = 'bounced') ORDER BY a.at LIMIT 3"); do
        f=$(grep -l "^Message-ID: <$id" "$W"/smtp/mail/*.eml | head -n 1)
        [ -n "$f" ] && rm -rf "$W/open" && world_open "$f" "$W/open" &&
            grep -q 'Could not be reached by mail: Prof Bo Deputy' "$W/open/text" && return 0
    done
    return 1
}
named() { names chair && names statistician; }
t "the others' next message names the member who could not be reached" wait_for 20 "a message" named
own() { ! names deputy; }
t "his own does not" own
metric() { grep -q '^dsmbd_members_unreached{trial="magical-ckd"} [01]$' "$W/metrics.prom"; }
t "the metrics count who could not be reached" wait_for 20 "the metric" metric
# With slots every message has its place, whatever it says: then their number, too, may be told; and when the first
# certificate ends.
mail_told() {
    tests/it/promtext.py "$W/metrics.prom" &&
        grep -qE '^dsmbd_messages_waiting\{trial="magical-ckd"\} [0-9]+$' "$W/metrics.prom" &&
        grep -qE '^dsmbd_certificate_days_left\{trial="magical-ckd"\} [1-9][0-9]*$' "$W/metrics.prom"
}
t "and what waits, and how long the certificates last" wait_for 20 "the metrics" mail_told
content_free() { # planted first: the search must find what it looks for
    local words='cross|alert|bound|label|magnesium|placebo|arm ' f
    { cat "$(notices | head -n 1)"; echo "CROSSED"; } | sed 's/magical-ckd//g' | grep -qiE "$words" || { echo "the search finds nothing"; return 1; }
    for f in $(notices); do ! sed 's/magical-ckd//g; s/board//g' "$f" | grep -iE "$words" || return 1; done
}
t "the notices hold no content" content_free
t "and once for a message" same "$(refusals)" 1
t_end
