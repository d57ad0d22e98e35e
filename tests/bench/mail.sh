#!/bin/bash
# From the commit in the trial database to the relay's 250: the real dsmbd and dsmb-mailer, a real PostgreSQL, a mail server
# with TLS, mail sealed by S/MIME, `urgent: immediate`, N synthetic events, three members.
#   tests/bench/mail.sh [EVENTS [ALERTS]]
# Each round commits one row that makes a monitor cross or takes that back (an amendment), so each is an urgent message to
# every member.  A round's time runs from just before COMMIT, by the server's clock, to the moment the mail server has the
# whole message and says 250.  Beside it, in the same run, what the parts cost by themselves: openssl for one message
# (sign, encrypt), curl for one message of that size over the same TLS; and the CPU time of both programs, which a busy
# machine does not stretch as it does the clock on the wall.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
N=${1:-100000} ROUNDS=${2:-20}
world_init bench
{ world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
sed -i 's/poll: 200 ms/poll: 10 s\n  listen: bench/' "$W/dsmbd.yaml"
# Every subject has every kind of event, so that nothing but the rows of each round can cross.
trial "INSERT INTO patient SELECT 'S' || lpad(i::text, 7, '0'), 'site' || i % 40, 'x', '2024-01-02', '2024-01-03', NULL, NULL,
              NULL, NULL, false, '2024-01-02' FROM generate_series(1, $((N / 20))) i;
       INSERT INTO allocation SELECT subject_id, CASE WHEN right(subject_id, 1)::int % 2 = 0 THEN '$MG' ELSE '$PBO' END FROM patient;
       INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, serious, fatal, hospital, outcome, grade, related,
                                  form_status, entered_at, updated_at)
              SELECT 'E' || i, 'S' || lpad((1 + i % $((N / 20)))::text, 7, '0'), 'E' || i,
                     (ARRAY['headache','nausea','chest pain','diarrhoea','fall at home','rash','back pain','dizziness'])[1 + i / $((N / 20)) % 8]
                     || ', note ' || i * 7919 % 25000, '2024-02-09', false, false, false, 'RECOVERED/RESOLVED',
                     2, false, 'COMPLETE', '2024-02-10', '2024-02-10' FROM generate_series(1, $N) i;
       INSERT INTO adverse_event SELECT 'AE' || i, 'S' || lpad((2 * i)::text, 7, '0'), 'AE' || i, 'akut myokardieinfarkt', '2024-02-0' || i, NULL,
                     false, NULL, false, 'UNKNOWN', 3, NULL, 'COMPLETE', i = 6, now(), now() FROM generate_series(1, 6) i;
       INSERT INTO meta VALUES ('data_cutoff', '2024-03-01T00:00:00Z')" || exit 1
trial "VACUUM ANALYZE" || exit 1
looked() { [ "$(store 'SELECT count(*) FROM dsmb.look')" -ge "$1" ]; }
world_dsmbd; world_mailer; world_adopt
wait_for 60 "the first look" looked 1
taken() { [ -e "$W/smtp/envelopes.log" ] && [ "$(wc -l <"$W/smtp/envelopes.log")" -ge "$1" ]; }
wait_for 60 "its mails" taken 3
wait_for 60 "their outcome" all_sent
sleep 3 # whatever else the first step brings
: >"$W/smtp/envelopes.log"
cpu() { awk '{print ($14 + $15 + $16 + $17) * 10}' "/proc/$1/stat"; } # with children, milliseconds
cpu_d=$(cpu "$W_DSMBD") cpu_m=$(cpu "$W_MAILER")
coproc COMMIT { PGDATABASE=trial psql -X -q -A -t; }
for ((i = 1; i <= ROUNDS; i++)); do
    sleep "0.$((RANDOM % 300 + 300))"
    day=$(date -u -d "2024-03-01 + $i days" +%F)
    echo "BEGIN; UPDATE adverse_event SET deleted = NOT deleted WHERE ae_id = 'AE6';
          UPDATE meta SET value = '${day}T00:00:00Z' WHERE name = 'data_cutoff'; NOTIFY bench;
          SELECT 'commit ' || extract(epoch FROM clock_timestamp()); COMMIT;" >&"${COMMIT[1]}"
    while read -r word at <&"${COMMIT[0]}"; do [ "$word" = commit ] && break; done
    wait_for 30 "the mails of round $i" taken $((3 * i))
    echo "$at" >>"$W/commits"
done
cpu_d=$((($(cpu "$W_DSMBD") - cpu_d) / ROUNDS)) cpu_m=$((($(cpu "$W_MAILER") - cpu_m) / ROUNDS))
store 'SELECT extract(epoch FROM at) FROM dsmb.look WHERE look > 1 ORDER BY look' >"$W/looks"
size=$(wc -c <"$W/smtp/mail/00001.eml")
f=$(find "$W/smtp/mail" -name '*.eml' | sort | tail -n 1)
# The parts by themselves, best of five each.
key=$(find "$W/ca" -name '*.pem' -path '*@*' | head -n 1)
head -c 190000 /dev/urandom | base64 >"$W/plain"
best() { # COMMAND...: milliseconds
    local t0 t1 b=$((1 << 62))
    for _ in 1 2 3 4 5; do
        t0=$(date +%s%N); "$@" >/dev/null 2>&1 || { echo "$* failed" >&2; exit 1; }; t1=$(date +%s%N)
        [ $((t1 - t0)) -lt "$b" ] && b=$((t1 - t0))
    done
    awk "BEGIN {printf \"%.1f\", $b / 1e6}"
}
by_openssl() { openssl cms -sign -in "$W/plain" -signer "$key" -binary | openssl cms -encrypt -aes-256-cbc -out "$W/peer.eml" "$key"; }
by_curl() {
    curl -s --ssl-reqd --cacert "$W/smtp/ca.pem" --url "smtp://localhost:$W_PORT" --mail-from a@trial.example --mail-rcpt b@board.example -T "$f"
}
openssl_ms=$(best by_openssl)
if command -v curl >/dev/null; then curl_ms=$(best by_curl); else curl_ms=-; fi
/usr/bin/python3 - "$W/commits" "$W/smtp/envelopes.log" "$N" "$W/looks" "$size" "$openssl_ms" "$curl_ms" "$cpu_d" "$cpu_m" <<'P'
import json, sys
commits = [float(x) for x in open(sys.argv[1])]
taken = [json.loads(x)["time"] for x in open(sys.argv[2])]
n = 3
def row(name, values):
    s = sorted(values)
    p = lambda q: s[min(len(s) - 1, int(q * len(s)))]
    print(f"{name}: {1e3 * p(.5):.0f} ms p50, {1e3 * p(.95):.0f} ms p95, {1e3 * s[0]:.0f} to {1e3 * s[-1]:.0f} ms")
    return 1e3 * p(.5)
rounds = [(c, taken[n * i:n * i + n]) for i, c in enumerate(commits)]
print(f"commit to SMTP 250: {sys.argv[3]} events, {len(rounds)} urgent messages to {n} members, {sys.argv[5]} bytes each, S/MIME, TLS")
print(f"cold (the first round): {1e3 * (rounds[0][1][0] - rounds[0][0]):.0f} ms to the first member, {1e3 * (rounds[0][1][-1] - rounds[0][0]):.0f} ms to the last")
looks = [float(x) for x in open(sys.argv[4])]
row("warm, to the look being written", [l - c for c, l in zip(commits[1:], looks[1:])])
first = row("warm, to the first member", [t[0] - c for c, t in rounds[1:]])
last = row("warm, to the last member", [t[-1] - c for c, t in rounds[1:]])
print(f"CPU a round: dsmbd {sys.argv[8]} ms, dsmb-mailer {sys.argv[9]} ms")
print(f"peers for one such message: openssl cms sign and encrypt {sys.argv[6]} ms, curl over the same TLS {sys.argv[7]} ms")
if sys.argv[7] != "-":
    peer = float(sys.argv[6]) + float(sys.argv[7])
    print(f"first member: {first / peer:.1f} x, last: {last / (3 * peer):.1f} x what openssl and curl need for as many messages")
P
