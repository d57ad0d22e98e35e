#!/bin/bash
# Answers and returns as a mailbox in the field has them: Postfix delivers, sends back what a member's server refuses after
# all (RFC 3464, in its own words) and tells of delays; a real Dovecot keeps the mailbox, which dsmb-mailer reads over
# STARTTLS, then over TLS.  Both are unpacked, never installed.
# shellcheck disable=SC2119,SC2034
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
export W_SLOT="2 s" W_URGENT=slot W_RESEND="60 s" W_ESCALATE="120 s"
. tests/support/world.sh
. tests/support/postfix.sh
. tests/support/dovecot.sh
world_init dovecot
if ! { postfix_unpack && dovecot_unpack; } >"$W/why" 2>&1; then
    t_skip "answers and returns through Postfix and Dovecot" "$(tr '\n' ' ' <"$W/why")"
    t_end
    exit
fi
postfix_start
box=$W/pf/box/answers
mkdir -p "$box"/{new,cur,tmp}; chown -R nobody "$box"
dovecot_start "$box"
{ world_trial; world_roles; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
echo secret >"$W/imap.password"
settings() { # URL
    sed -i -e '/acknowledge_to:/d; /^  imap:/d' -e "s|^  operations:.*|&\n  acknowledge_to: answers@trial.example\n  imap: {url: '$1', username: answers, password_file: $W/imap.password, ca_file: $W/imap/ca.pem, every: 1 s}|" "$W/dsmbd.yaml"
}
settings "imap://localhost:$W_IMAP/INBOX"
echo 'answers@trial.example answers/' >>"$W/pf/etc/boxes"
# The deputy's server takes a message and then cannot deliver it; the statistician's is slow to.
printf 'echo "4.2.0 Mailbox locked"; exit 75\n' >"$W/pf/etc/later"
printf 'deputy@board.example gone:\nstatistician@board.example later:\n' >>"$W/pf/etc/transport"
printf 'later unix - n n - - pipe user=nobody argv=/bin/sh %s/pf/etc/later\n' "$W" >>"$W/pf/etc/master.cf"
printf 'delay_warning_time = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\nqueue_run_delay = 1s\n' >>"$W/pf/etc/main.cf"
postfix_reload
world_dsmbd; world_mailer; world_adopt

mails() { find "$box" -type f -path "*/$1/*" 2>/dev/null; }
id_of() { # MEMBER ACTION: a message to him that a report in the mailbox is about
    local f id
    for f in $(mails cur; mails new); do
        grep -q "^Action: $2" "$f" && grep -q "^Final-Recipient: rfc822; $1@" "$f" || continue
        id=$(sed -n 's/^Message-ID: <\([0-9a-f-]*\)@.*/\1/p' "$f" | head -n 1)
        [ -n "$id" ] && echo "$id" && return
    done
    return 1
}
state_of() { store "SELECT state, (SELECT string_agg(verdict, ' ' ORDER BY n) FROM dsmb_out.outcome o WHERE o.message = m.id) FROM dsmb_out.message m WHERE id = '$1'"; }
has() { id_of "$1" "$2" >"$W/id"; }
is() { [ "$(state_of "$(cat "$W/id")")" = "$1" ]; }
returned() { wait_for 30 "Postfix's report" has deputy failed && wait_for 30 "the return" is "failed sent bounced"; }
t "what Postfix sends back has failed, although it had said yes" returned
bounced=$(cat "$W/id")
journal() { grep -q "a message that the relay had taken came back.*$bounced" "$W/log/dsmb-mailer.log"; }
t "the journal names the message" journal
notice() { grep -rlE '^Subject: .*mail to a member of the board was refused' "$W/pf/box/operations" 2>/dev/null | grep -q .; }
t "operations is told" wait_for 20 "the notice" notice
# R: \Answered, as a maildir says it.
delayed_seen() { has statistician delayed && mails cur | grep ':2,[A-Z]*R' | xargs -r grep -l "^Message-ID: <$(cat "$W/id")@" | grep -q .; }
delayed() { wait_for 30 "Postfix's report, seen to" delayed_seen && is "sent sent"; }
t "what Postfix tells of a delay changes nothing" delayed

open_box() { # MEMBER COMMAND...: his messages opened into $W/open, newest first, until the command is content with one
    local f who=$1; shift
    for f in $(find "$W/pf/box/$who" -type f -path '*/new/*' -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2); do
        sed -n '/^From: /,$p' "$f" >"$W/mail.eml"
        rm -rf "$W/open"
        world_open "$W/mail.eml" "$W/open" && "$@" && return
    done
    return 1
}
names() { grep -q 'Could not be reached by mail: Prof Bo Deputy' "$W/open/text"; }
named() { open_box chair names; }
t "the chair's next message names who could not be reached" wait_for 20 "the message" named

# --- an answer, as a mail program sends it, now over TLS from the first byte ---
settings "imaps://localhost:$W_IMAPS/INBOX"
kill -HUP "$W_MAILER"
link() { /usr/bin/python3 - "$W/open/html" >"$W/subject" <<'P'
import re, sys, urllib.parse
links = [urllib.parse.unquote(u) for u in re.findall(r'href="(mailto:[^"]+)"', open(sys.argv[1], encoding="utf-8").read())]
assert len(links) == 3 and links[0].startswith("mailto:answers@trial.example?subject="), links
print(links[0].split("subject=")[1])
P
}
answer() { # SUBJECT: to the mailbox through Postfix
    /usr/bin/python3 - "$W_PORT" "$W/smtp/ca.pem" "$1" <<'P'
import email.message, smtplib, ssl, sys
m = email.message.EmailMessage()
m["From"], m["To"], m["Subject"] = "Dr Anna Chair <chair@board.example>", "answers@trial.example", sys.argv[3]
m.set_content("SECRET OF THE BODY\nAction: failed\n")
with smtplib.SMTP("localhost", int(sys.argv[1])) as s:
    s.starttls(context=ssl.create_default_context(cafile=sys.argv[2]))
    s.send_message(m, "chair@board.example", ["answers@trial.example"])
P
}
acknowledged() { [ "$(store 'SELECT DISTINCT member, decision FROM dsmb.acknowledgement')" = "Dr Anna Chair NOTED" ]; }
answered() { open_box chair link && answer "Re: é something else" && answer "$(cat "$W/subject")" && wait_for 20 "the answer" acknowledged; }
t "the link of a message, sent back by mail, is the chair's answer" answered
all_marked() { [ -n "$(mails cur)" ] && [ -z "$(mails cur | grep -v ':2,[A-Z]*R')" ]; }
t "what was seen to is marked so that others see it too" wait_for 20 "the flags" all_marked
said() { sed -E 's/^[0-9.]+ //; s/^[A-Z][0-9]+ //' "$W"/dovecot/raw/*.in; }
only_subjects() { said >"$W/said"; [ "$(grep -c '^UID FETCH' "$W/said")" -ge 2 ] && ! grep -iE 'FETCH' "$W/said" | grep -viE '^UID FETCH [0-9]+ BODY\[HEADER\.FIELDS \(SUBJECT\)\]'; }
t "nothing but subjects was fetched" only_subjects
under_tls() { grep -q 'Login: user=<answers>.* TLS,' "$W/dovecot/log" && same "$(grep 'Login: user=<answers>' "$W/dovecot/log" | grep -vc ' TLS,')" 0; }
t "nobody logged in without TLS" under_tls
silent() { ! grep -rE 'SECRET OF THE BODY' "$W/log/dsmb-mailer.log" "$W/log/dsmbd.log" "$W/state"; }
t "nothing of a mail's body reaches a journal" silent
t_end
