#!/bin/bash
# A real receiver: the board's sealed mail goes through Postfix over verified STARTTLS into maildirs, and what a relay in
# the field says besides "250" - unknown user, mailbox full, greylisting, too large, a bounce after it had said yes, days of
# silence - ends in the outcome it should.  Postfix is unpacked, never installed.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
MG=QZXMAGNESIUMQZX PBO=QZXPLACEBOQZX MG_LABEL="Qzx Label Magnesium" PBO_LABEL="Qzx Label Placebo"
. tests/support/world.sh
. tests/support/postfix.sh
world_init postfix
if ! postfix_unpack >"$W/why" 2>&1; then
    t_skip "mail through Postfix into maildirs" "$(tr '\n' ' ' <"$W/why")"
    t_end
    exit
fi
postfix_start
{ world_trial; world_roles; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
sed -i 's/backoff_min: .*/backoff_min: 100 ms/; s/backoff_max: .*/backoff_max: 300 ms/' "$W/dsmbd.yaml"
world_dsmbd; world_mailer
world_adopt
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql" # one look
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
alerted() { [ "$(store 'SELECT count(*) FROM dsmb.alert')" -ge 1 ] && all_sent; }
wait_for 40 "an alert and its mails" alerted

box() { find "$W/pf/box/$1" -path '*/new/*' -type f 2>/dev/null; }
of() { store "SELECT count(*) FROM dsmb_out.message WHERE address = '$1'"; }
settled() { # every message that Postfix took is in a box
    local who
    for who in chair deputy statistician; do [ "$(box "$who" | wc -l)" = "$(of "$who@board.example")" ] || return 1; done
}
each_one() { wait_for 20 "the maildirs" settled && [ "$(box chair | wc -l)" -ge 1 ]; }
under_tls() { same "$(grep -c 'Anonymous TLS connection established from localhost' "$W/pf/log/mail.log" | sed 's/^[1-9].*/some/')" some &&
    ! grep -E 'queued as|: client=' "$W/pf/log/mail.log" | grep -v client=localhost; }
same_bytes() { # what the relay added stands before, and line ends are the maildir's; the rest is what the store holds
    store "SELECT id || ' ' || translate(encode(body, 'base64'), E'\n', '') FROM dsmb_out.message WHERE state = 'sent'" >"$W/bodies"
    find "$W/pf/box" -path '*/new/*' -type f >"$W/boxes"
    /usr/bin/python3 - "$W/bodies" "$W/boxes" <<'P'
import base64, re, sys
want = {}
for line in open(sys.argv[1]):
    i, b = line.split()
    want[i] = base64.b64decode(b).replace(b"\r\n", b"\n")
bad = seen = 0
for f in open(sys.argv[2]).read().splitlines():
    raw = open(f, "rb").read()
    found = re.search(rb"(?im)^message-id: <([0-9a-f-]{36})@", raw)
    if found is None:
        continue
    body = want[found.group(1).decode()]
    seen += 1
    if not raw.endswith(body):
        print("other bytes:", f)
        bad += 1
    top = raw[:-len(body)]
    if not re.fullmatch(rb"(?:(?:Return-Path|X-Original-To|Delivered-To|Received): .*\n(?:[ \t].*\n)*)+", top):
        print("unexpected headers:", top)
        bad += 1
sys.exit(1 if bad or seen < 3 else 0)
P
}
opened() {
    local f n=0
    for f in $(box "$1"); do
        # the relay's own headers go: openssl wants the S/MIME entity's first
        sed -n '/^From: /,$p' "$f" >"$W/mail.eml"
        world_open "$W/mail.eml" "$W/open" || { cat "$W/open/openssl"; return 1; }
        grep -q 'Qzx Label Magnesium' "$W/open/text" && n=$((n + 1))
    done
    [ "$n" -ge 1 ]
}
words='qzx(magnesium|placebo)|qzx label'
relay_blind() { # the relay's log and queue names tell no arm; the search finds a planted one
    { cat "$W/pf/log/mail.log"; echo "x QZXPLACEBOQZX"; } | grep -qiE "$words" && ! grep -rqiE "$words" "$W/pf/log" "$W/pf/box" "$W/pf/q"
}
t "each member's maildir holds each message once" each_one
t "Postfix took them under TLS only" under_tls
t "byte for byte what the store holds" same_bytes
t "the chair's messages decrypt and verify with openssl" opened chair
t "the deputy's messages decrypt and verify with openssl" opened deputy
t "neither the relay's log nor its maildirs tell an arm" relay_blind

# --- what a relay says besides yes ---
send() { # ADDRESS [SIZE]: queued as dsmbd would; $ID
    ID=$(cat /proc/sys/kernel/random/uuid)
    /usr/bin/python3 - "$ID" "$1" "${2:-2000}" >"$W/send.sql" <<'P'
import sys
i, to, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
b = (f"From: dsmbd@trial.example\r\nTo: {to}\r\nSubject: [magical-ckd] DSMB message\r\nMessage-ID: <{i}@trial.example>\r\n\r\n"
     + ("x" * 70 + "\r\n") * (size // 72 + 1)).encode()
print(f"INSERT INTO dsmb_out.message (id, address, body) VALUES ('{i}', '{to}', decode('{b.hex()}', 'hex'))")
P
    psql -X -q -U "dsmb_${W_TRIAL}_daemon" -d "dsmb_$W_TRIAL" -f "$W/send.sql"
}
first() { store "SELECT verdict, coalesce(reply_code::text, '-'), phase FROM dsmb_out.outcome WHERE message = '$ID' ORDER BY n LIMIT 1"; }
last() { store "SELECT verdict, coalesce(reply_code::text, '-'), phase FROM dsmb_out.outcome WHERE message = '$ID' ORDER BY n DESC LIMIT 1"; }
reply() { store "SELECT coalesce(reply, '-') FROM dsmb_out.outcome WHERE message = '$ID' ORDER BY n LIMIT 1"; }
tried() { [ -n "$(first)" ]; }
ended() { [ "$(store "SELECT state FROM dsmb_out.message WHERE id = '$ID'")" = "$1" ]; }
copies() { find "$W/pf/box" -path '*/new/*' -type f -exec grep -l "^Message-ID: <$ID@" {} + 2>/dev/null | wc -l; }
one_copy() { [ "$(copies)" = 1 ]; }
arrives() { wait_for 20 "the end of $ID" ended sent && wait_for 20 "the copy of $ID" one_copy && same "$(last)" "sent 250 body"; }

greylisted() {
    echo 'chair@board.example once 450 4.2.0 Greylisted, see you in five minutes' >"$W/pf/policy"
    send chair@board.example
    wait_for 20 "a first try" tried && same "$(first)" "retry 450 none" && arrives
}
full() {
    echo 'deputy@board.example 452 4.2.2 Mailbox full' >"$W/pf/policy"
    send deputy@board.example
    wait_for 20 "a first try" tried && same "$(first)" "retry 452 none" || return 1
    sleep 0.7
    ended sent && return 1
    reply | grep -q 'Mailbox full' || return 1
    : >"$W/pf/policy"
    arrives
}
unknown() {
    send nobody@board.example
    wait_for 20 "a first try" tried && same "$(first)" "retry 550 none" && reply | grep -q 'User unknown' || return 1
    echo 'nobody@board.example nobody/' >>"$W/pf/etc/boxes"
    postfix_reload
    arrives
}
too_large() {
    send chair@board.example 1100000
    wait_for 30 "the refusal" ended failed && same "$(last)" "failed 552 body" && same "$(copies)" 0
}
bounced() { # 250 at first, a bounce to the sender's mailbox later: the outcome is what was said, the bounce names the message
    send small@board.example
    wait_for 20 "the end" ended sent && same "$(last)" "sent 250 body" || return 1
    back() { grep -rl "Message-ID: <$ID@" "$W/pf/box/bounces" 2>/dev/null | xargs -r grep -l '^Action: failed' | grep -q .; }
    wait_for 20 "the bounce" back
}
silent() {
    local before
    postfix_stop
    wait_for 10 "its end" not_listening
    send chair@board.example
    wait_for 20 "a first try" tried && same "$(first)" "retry - none" || return 1
    before=$(store "SELECT count(*) FROM dsmb_out.outcome WHERE message = '$ID'")
    sleep 1.5
    [ "$(store "SELECT count(*) FROM dsmb_out.outcome WHERE message = '$ID'")" -gt "$before" ] || return 1
    postfix_start
    arrives
}
not_listening() { ! postfix_listens; }
stranger() { # the same Postfix, but the CA is another: nothing leaves
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=other CA' -keyout "$W/x.key" \
        -out "$W/other.pem" >/dev/null 2>&1
    sed -i "s|ca_file: .*|ca_file: $W/other.pem|" "$W/dsmbd.yaml"
    kill -HUP "$W_MAILER"
    read_again() { grep -q 'settings read again' "$W/log/dsmb-mailer.log"; }
    wait_for 10 "the reload" read_again
    send chair@board.example
    wait_for 20 "a first try" tried && same "$(first)" "retry - none" && same "$(copies)" 0 || return 1
    sed -i "s|ca_file: .*|ca_file: $W/smtp/ca.pem|" "$W/dsmbd.yaml"
    kill -HUP "$W_MAILER"
    arrives
}
t "greylisted: tried again, one copy" greylisted
t "mailbox full: told, tried until there is room, one copy" full
t "unknown user: told, tried on, one copy once the mailbox is there" unknown
t "larger than the relay takes: failed for good, nowhere delivered" too_large
t "a bounce after the relay's yes reaches the sender's mailbox" bounced
t "the relay is away: tried without end, one copy when it is back" silent
t "a relay that another authority vouches for gets nothing" stranger
nothing_open() { same "$(store "SELECT count(*) FROM dsmb_out.message WHERE state NOT IN ('sent', 'failed')")" 0; }
t "nothing is left open" nothing_open
t_end
