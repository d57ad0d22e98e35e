#!/bin/bash
# Sealed mail from end to end: keys, certificates, adoption, a crossing; each member's mail is opened with openssl's own
# command line, and nobody else reads anything in it.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
MG=QZXMAGNESIUMQZX PBO=QZXPLACEBOQZX MG_LABEL="Qzx Label Magnesium" PBO_LABEL="Qzx Label Placebo"
. tests/support/world.sh
world_init smime
{ world_trial; world_roles; world_mail; world_config; cp "$W/board.yaml" "$W/board.plain"; world_smime; world_migrate; } \
    >"$W/setup.out" 2>&1

# The deputy has an elliptic curve and asks for GCM; the statistician has no certificate.
deputy() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$W/deputy.key" &&
        openssl req -new -key "$W/deputy.key" -subj '/CN=Prof Bo Deputy' -out "$W/deputy.csr" &&
        printf '%s\n' 'subjectAltName=email:Deputy@Board.example' keyUsage=keyAgreement \
            extendedKeyUsage=emailProtection >"$W/deputy.ext" &&
        openssl x509 -req -in "$W/deputy.csr" -CA "$W/ca/board-ca.pem" -CAkey "$W/ca/board-ca-key.pem" -days 45 \
            -CAcreateserial -CAserial "$W/serial" -extfile "$W/deputy.ext" -out "$W/deputy.crt" &&
        cat "$W/deputy.key" "$W/deputy.crt" >"$W/ca/deputy@board.example.pem"
}
deputy >>"$W/setup.out" 2>&1
/usr/bin/python3 - "$W" <<'P'
import re, sys
w = sys.argv[1]
head, *members = re.split(r"(?m)^  - ", open(w + "/board.yaml", encoding="utf-8").read())
pem = "".join("      " + line for line in open(w + "/deputy.crt"))
def bare(m): return re.sub(r"(?ms)^    certificate_sha256:.*\Z", "", m)
for m in members:
    if "deputy@" in m:
        m = bare(m) + "    cipher: aes256-gcm\n    certificate: |\n" + pem
    elif "statistician@" in m:
        m = bare(m)
    head += "  - " + m
open(w + "/board.yaml", "w", encoding="utf-8").write(head)
P

starts_not() { # PATTERN CONFIG: exit 78 and why
    local rc
    timeout 20 "$BIN/dsmbd" --config "$2" >"$W/out" 2>&1; rc=$?
    cat "$W/out"
    [ "$rc" = 78 ] && grep -q -- "$1" "$W/out"
}
no_keys() { grep -v '^keys_dir' "$W/dsmbd.yaml" >"$W/nokeys.yaml"; starts_not 'dsmbctl keys init' "$W/nokeys.yaml"; }
loose_key() {
    local rc
    chmod 644 "$W/keys/signing.pem"
    starts_not 'others may read' "$W/dsmbd.yaml"; rc=$?
    chmod 600 "$W/keys/signing.pem"
    return $rc
}
other_from() {
    sed 's/^  from: .*/  from: other@trial.example/' "$W/dsmbd.yaml" >"$W/from.yaml"
    starts_not 'keys rotate' "$W/from.yaml"
}
small() {
    sed 's/^  encryption/  sealed_size_kib: 1\n  encryption/' "$W/dsmbd.yaml" >"$W/small.yaml"
    starts_not 'sealed_size_kib' "$W/small.yaml"
}
t "no keys: dsmbd does not start, and says how to make them" no_keys
t "a key that others may read is refused" loose_key
t "a key that signs for another address is refused" other_from
t "a size that is too small is refused" small
init_again() { ! "$BIN/dsmbctl" keys init >"$W/out" 2>&1 && grep -q 'keys rotate' "$W/out"; }
issue_again() { ! "$BIN/dsmbctl" board issue "$W/board.plain" --out "$W/ca" >"$W/out" 2>&1 && grep -q 'not overwritten' "$W/out"; }
modes() { same "$(find "$W/keys" "$W/ca" -name '*.p*' ! -name '*@board.example.pem' -printf '%m\n' | sort -u)" 600; }
t "keys are not overwritten" init_again
t "issued certificates are not overwritten" issue_again
t "keys and PKCS#12 files are their owner's alone" modes
fingerprint() { "$BIN/dsmbctl" keys show | sed -n 's/^SHA-256 //p'; }
former=$(fingerprint)
rotates() { "$BIN/dsmbctl" keys rotate --ca "$W/ca" >"$W/out" && grep -q "former SHA-256 $former" "$W/out"; }
announced() {
    openssl cms -verify -inform PEM -in "$W/keys/rotation.pem" -certfile "$W/keys/previous-cert.pem" -nointern -noverify \
        -out "$W/out" && grep -q "present: $(fingerprint)" "$W/out"
}
t "a key is rotated" rotates
t "the new certificate is announced under the former key" announced

world_dsmbd
world_mailer
"$BIN/dsmbctl" plan adopt "$W/plan.yaml" --by x --reason x >>"$W/setup.out"
unreachable() {
    "$BIN/dsmbctl" board adopt "$W/board.plain" --by x --reason x >"$W/out" 2>&1 && return 1
    cat "$W/out"
    grep -q 'at least two members with a valid certificate' "$W/out" &&
        grep -q 'chair@board.example: the board holds no certificate' "$W/out"
}
t "a board that fewer than two could read is refused, and each reason named" unreachable
t "a board of two with certificates and one without is adopted" \
    "$BIN/dsmbctl" board adopt "$W/board.yaml" --by x --reason x
mails_to() { grep -l "<$1>" "$W"/smtp/mail/*.eml 2>/dev/null; }
ops() { mails_to operations@trial.example; }
two_notices() { [ "$(ops | wc -l)" = 2 ]; }
wait_for 20 "the notices to operations" two_notices
ops_say() {
    for f in $(ops); do /usr/bin/python3 -c 'import email, email.policy, sys
print(email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default).get_content())' "$f"; done >"$W/ops.txt"
    cat "$W/ops.txt"
    grep -q 'statistician@board.example' "$W/ops.txt" && grep -q 'it ends in 4[45] days' "$W/ops.txt" &&
        grep -q 'holds no certificate' "$W/ops.txt"
}
t "operations hear whose certificate is missing and whose ends soon" ops_say

quiet_first() { [ "$(store "SELECT count(*) FROM dsmb.alert_message WHERE kind = 'QUIET'")" = 3 ] && all_sent; }
wait_for 20 "the first slot's quiet messages" quiet_first
mkdir "$W/quiet"
for who in chair deputy statistician; do mv "$(mails_to "$who@board.example")" "$W/quiet/$who.eml"; done
says_quiet() {
    world_open "$W/quiet/chair.eml" "$W/quiet/chair" || { cat "$W/quiet/chair/openssl"; return 1; }
    grep -q 'Nothing new' "$W/quiet/chair/subject" && grep -q 'NOTHING NEW' "$W/quiet/chair/text"
}
t "while all is quiet, a message says so" says_quiet

/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
cat "$W"/months/*.sql | grep -vE '^(BEGIN|COMMIT);?$' >"$W/all.sql" # one look
psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/all.sql" >/dev/null
looked() { [ "$(store "SELECT count(*) FROM dsmb.alert_message WHERE kind = 'ALERT'")" -ge 1 ] && all_sent; }
wait_for 30 "an alert and its mails" looked
board_mails() { for who in chair deputy statistician; do mails_to "$who@board.example"; echo "$W/quiet/$who.eml"; done; }
first_to() { mails_to "$1@board.example" | head -n 1; }
each_one() {
    local who
    for who in chair deputy statistician; do same "$(mails_to "$who@board.example" | wc -l)" 1 || return 1; done
}
mkdir "$W/open"
opens() { # WHO
    local f d
    for f in $(mails_to "$1@board.example"); do
        d=$W/open/$(basename "$f")
        world_open "$f" "$d" || { cat "$d/openssl"; return 1; }
        grep -q 'Qzx Label Magnesium' "$d/text" && grep -q 'Qzx Label Placebo' "$d/html" || return 1
    done
}
t "each member gets one message of the alerts of a look" each_one
t "the chair's messages decrypt and verify with openssl (RSA, AES-256-CBC)" opens chair
t "the deputy's messages decrypt and verify with openssl (P-256, AES-256-GCM)" opens deputy
ciphers() {
    grep -q 'smime-type=enveloped-data' "$(first_to chair)" && grep -q 'smime-type=authEnveloped-data' "$(first_to deputy)"
}
subjects() {
    local s
    cat "$W"/open/*/subject
    for s in "$W"/open/*/subject; do grep -q 'BOUNDARY CROSSED: ' "$s" || return 1; done
    ! grep -h '^Subject:' "$W"/smtp/mail/*.eml | grep -i crossed
}
rotated_note() { tr '\n' ' ' <"$(find "$W/open" -name text | head -n 1)" | grep "was renewed on.*$former"; }
notice() {
    local f
    for f in $(mails_to statistician@board.example); do
        grep -q '+45 00 00 00 00' "$f" && ! grep -iE 'qzx|crossed|boundary ?crossed|pkcs7' "$f" || return 1
    done
}
t "each has the cipher that was asked for" ciphers
t "the real subject is inside, a neutral one outside" subjects
t "the message tells of the renewed signing certificate" rotated_note
t "the member without a certificate is told whom to call, and nothing else" notice
sizes() {
    same "$(store "SELECT string_agg(DISTINCT length(body)::text, ' ') FROM dsmb_out.message WHERE address LIKE '%@board.example'")" 262144
}
wire_sizes() { same "$(board_mails | xargs stat -c %s | sort -u | wc -l)" 1; }
t "all messages in the outbox have one size, the notice too" sizes
t "and so they have on the wire" wire_sizes
# With -debug_decrypt a wrong key says so; without, OpenSSL gives noise instead, against those who try many messages.
wrong_key() {
    openssl cms -decrypt -debug_decrypt -in "$(first_to chair)" -inkey "$W/keys/signing.pem" -out "$W/noise" 2>/dev/null && return 1
    ! grep -aq 'Qzx' "$W/noise"
}
t "another key opens nothing" wrong_key
tampered() { # MAIL OFFSET...: it does not decrypt, or its signature does not hold
    local f=$1 at; shift
    world_open "$f" "$W/untampered" || return 1
    for at; do
        /usr/bin/python3 -c 'import sys
b = bytearray(open(sys.argv[1], "rb").read()); i = int(sys.argv[2])
while b[i] in b"\r\n=": i += 1
b[i] = 66 if b[i] == 65 else 65
open(sys.argv[3], "wb").write(b)' "$f" "$at" "$W/tampered.eml"
        if world_open "$W/tampered.eml" "$W/tampered" >/dev/null 2>&1; then echo "a change at $at went unnoticed"; return 1; fi
    done
}
t "a tampered message does not verify (CBC)" tampered "$(first_to chair)" 3000 100000 200000 261000
t "a tampered message does not verify (GCM)" tampered "$(first_to deputy)" 3000 100000 200000 261000

# The search: raw bytes, and with base64 and quoted-printable undone.  It first has to find what is planted in each way.
cat >"$W/search.py" <<'P'
import base64, quopri, re, sys
words = (b"qzxmagnesium", b"qzxplacebo", b"qzx label", b"boundary crossed")
def views(raw):
    yield raw
    yield quopri.decodestring(raw)
    for block in re.findall(rb"(?:[A-Za-z0-9+/]{40,76}\r?\n)+[A-Za-z0-9+/]*={0,2}", raw):
        flat = re.sub(rb"\s", b"", block)
        yield base64.b64decode(flat[:len(flat) - len(flat) % 4])
def leaks(raw):
    return any(w in v.lower() for v in views(raw) for w in words)
plants = (b"\r\na QZXMAGNESIUMQZX b\r\n", b"\r\nQzx=20Label=20Pla=\r\ncebo\r\n",
          b"\r\n\r\n" + base64.encodebytes(b"x" * 60 + b"Qzx Label Magnesium" + b"y" * 60).replace(b"\n", b"\r\n"))
bad = len(sys.argv) < 2
for f in sys.argv[1:]:
    raw = open(f, "rb").read()
    for i, plant in enumerate(plants):
        if not leaks(raw + plant):
            print("the search does not find plant", i, "in", f); bad = True
    if leaks(raw):
        print("leak in", f); bad = True
sys.exit(1 if bad else 0)
P
outbox_blind() {
    local id
    mkdir -p "$W/outbox"
    for id in $(store 'SELECT id FROM dsmb_out.message'); do
        store "SELECT encode(body, 'base64') FROM dsmb_out.message WHERE id = '$id'" | base64 -d >"$W/outbox/$id"
    done
    [ "$(find "$W/outbox" -type f | wc -l)" -ge 5 ] && /usr/bin/python3 "$W/search.py" "$W"/outbox/*
}
t "no message in the outbox holds an arm or a verdict in clear" outbox_blind
t "nor does any on the wire" /usr/bin/python3 "$W/search.py" "$W"/smtp/mail/*.eml
t "nor envelopes and journals" /usr/bin/python3 "$W/search.py" "$W/smtp/envelopes.log" "$W/log/dsmbd.log" "$W/log/dsmb-mailer.log"

before=$(store 'SELECT count(*) FROM dsmb_out.message')
warned() { grep -c 'certificate of deputy@board.example' "$W/log/dsmbd.log"; }
n_warned=$(warned)
world_stop "$W_DSMBD"
world_dsmbd
warned_again() { [ "$(warned)" -gt "$n_warned" ]; }
wait_for 20 "the check at the start" warned_again
sleep 0.5
t "a restart tells operations nothing twice" same "$(store 'SELECT count(*) FROM dsmb_out.message')" "$before"
reloads() {
    "$BIN/dsmbctl" keys rotate --ca "$W/ca" >/dev/null && kill -HUP "$W_DSMBD" &&
        wait_for 10 "the reload" grep -q 'settings reloaded' "$W/log/dsmbd.log"
}
keeps() {
    mv "$W/keys/signing.pem" "$W/keys/away"
    kill -HUP "$W_DSMBD" && wait_for 10 "the refusal" grep -q 'the settings stay as they were' "$W/log/dsmbd.log"
    mv "$W/keys/away" "$W/keys/signing.pem"
    kill -0 "$W_DSMBD"
}
t "a reload takes up a rotated key" reloads
t "a reload without its key keeps the old one, and goes on" keeps
t_end
