#!/bin/bash
# Members' answers by mail: dsmb-mailer reads a mailbox over TLS, fetches subjects alone, and takes tokens to the store.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init answers
{ world_trial; world_roles; world_mail; world_config; world_migrate; } >"$W/setup.out" 2>&1
mkdir -p "$W/imap/box"
world_bg imap /usr/bin/python3 tests/support/fakeimap.py "$W/imap"
wait_for 20 "the mailbox" test -s "$W/imap/port"
echo secret >"$W/imap.password"
echo wrong >"$W/imap.wrong"
sed -i "s|^  operations:.*|&\n  acknowledge_to: answers@trial.example\n  imap: {url: 'imaps://localhost:$(cat "$W/imap/port")/INBOX', username: answers, password_file: $W/imap.password, ca_file: $W/imap/ca.pem, every: 1 s}|" "$W/dsmbd.yaml"

refused() { # SED PATTERN
    sed "$1" "$W/dsmbd.yaml" >"$W/bad.yaml"
    timeout 20 "$BIN/dsmb-mailer" --config "$W/bad.yaml" --once >"$W/out" 2>&1; local rc=$?
    cat "$W/out"
    [ "$rc" = 78 ] && grep -q -- "$2" "$W/out"
}
t "a mailbox without acknowledge_to is refused" refused '/acknowledge_to/d' acknowledge_to
t "an address that is no mailbox is refused" refused "s|imaps://localhost:[0-9]*/INBOX|https://localhost/|" 'imaps://host/INBOX'
t "a password file that is not there is refused" refused "s|$W/imap.password|$W/nowhere|" nowhere

world_dsmbd
world_mailer
world_adopt
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql"
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
alerted() { [ "$(store 'SELECT count(*) FROM dsmb.alert_message')" -ge 3 ] && all_sent; }
wait_for 30 "an alert and its mails" alerted

chair=$(grep -l '<chair@board.example>' "$W"/smtp/mail/*.eml | head -n 1)
/usr/bin/python3 - "$chair" "$W/imap/box" <<'P'
import email, email.policy, re, sys, urllib.parse
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
html = m.get_body(("html",)).get_content()
links = [urllib.parse.unquote(u) for u in re.findall(r'href="(mailto:[^"]+)"', html)]
assert len(links) == 3, links
subject = links[1].split("subject=")[1]
def put(n, subject):
    with open(f"{sys.argv[2]}/{n}.eml.new", "w", newline="\r\n") as f:
        f.write(f"From: someone@board.example\nTo: answers@trial.example\nSubject: {subject}\n\nSECRET OF THE BODY\n")
put(1, "Buy now")
put(2, "RE: " + subject.replace("ack ", "ack\n "))
put(3, "DSMB ack " + "0" * 32)
put(4, "DSMB ack 12345")
P
for f in "$W"/imap/box/*.new; do mv "$f" "${f%.new}"; done
answered() { [ "$(store 'SELECT count(*) FROM dsmb.acknowledgement')" -ge 1 ]; }
wait_for 20 "the answer" answered
t "the link that was sent back is the chair's decision" \
    same "$(store 'SELECT member, decision FROM dsmb.acknowledgement')" "Dr Anna Chair MEETING"
all_marked() { [ "$(find "$W/imap/box" -name '*.answered' | wc -l)" = 4 ]; }
t "every message is seen to once" wait_for 10 "the flags" all_marked
t "a token that was never issued is nobody's answer" same "$(store 'SELECT count(*) FROM dsmb_out.ack') $(store 'SELECT count(*) FROM dsmb.acknowledgement')" "2 1"
only_subjects() { ! grep -i fetch "$W/imap/commands" | grep -viE '^UID FETCH [0-9]+ BODY\[HEADER.FIELDS \(SUBJECT\)\]$'; }
t "nothing but subjects was fetched" only_subjects
silent() { ! grep -rE 'SECRET OF THE BODY|[0-9a-f]{32}' "$W/log/dsmb-mailer.log" "$W/log/dsmbd.log"; }
t "journals hold no token and nothing of a mail" silent

# --- a mailbox that cannot be read holds up nothing ---
sed -i "s|$W/imap.password|$W/imap.wrong|" "$W/dsmbd.yaml"
kill -HUP "$W_MAILER"
told() { grep -q 'the mailbox of answers cannot be read' "$W/log/dsmb-mailer.log"; }
t "a wrong password is told" wait_for 20 "the warning" told
sleep 2
t "and told once" same "$(grep -c 'the mailbox of answers cannot be read' "$W/log/dsmb-mailer.log")" 1
sed -i "s|$W/imap.wrong|$W/imap.password|; s|$W/imap/ca.pem|$W/smtp/ca.pem|" "$W/dsmbd.yaml"
kill -HUP "$W_MAILER"
sleep 2.5
printf 'Subject: DSMB ack %s\r\n\r\n' 11111111111111111111111111111111 >"$W/imap/box/5.eml"
sleep 2
t "a server that another authority vouches for gets no login" test ! -e "$W/imap/box/5.answered"
sed -i "s|ca_file: $W/smtp/ca.pem, every|ca_file: $W/imap/ca.pem, every|" "$W/dsmbd.yaml"
kill -HUP "$W_MAILER"
again() { grep -q 'read again' "$W/log/dsmb-mailer.log" && [ -e "$W/imap/box/5.answered" ]; }
t "it is read again when it can be" wait_for 20 "the mailbox" again
t_end
