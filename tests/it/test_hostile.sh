#!/bin/bash
# Hostile text in verbatims: nothing is harmed, it is shown escaped, surveillance goes on.  Once in a UTF-8 database, once
# in an SQL_ASCII one with bytes that are no text.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init hostile
W_TRIAL_OPTIONS="ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
{ world_trial; world_roles; world_mail; world_config; world_migrate; world_dsmbd; world_mailer; world_adopt; } >"$W/setup.out" 2>&1
export PGCLIENTENCODING=SQL_ASCII

/usr/bin/python3 - >"$W/hostile.sql" <<'P'
import sys
out = sys.stdout.buffer
terms = [
    b"'; DROP TABLE dsmb.look; --", b'"quotes" \'and\' `ticks`', b"line one\nline two\r\nBcc: evil@example.org\n\n.\n",
    b"<script>alert(1)</script><img src=x onerror=alert(2)>", b"$$ $1 %s %n %p \\x41 \\", b"diarrhoea \xff\xfe\xc0\x80 broken",
    b"diarr\x8aa p\xe5 WIN1252 \x92", "\u202ediarrhoea\u202c \u200b\ufeff".encode(), b"a" * 1000000, b"diarrhoea " * 100000,
    b"((((((((((a+)+)+)+)+)+)+)+)+)+$", b"\x1b[31mred\x07", b"", b" ", b"=cmd|' /C calc'!A0", b"A\xcc\x8a" * 500,
]
out.write(b"BEGIN;\n")
for i in range(80):
    out.write(b"INSERT INTO patient VALUES ('S%d', 'DK', 'x', '2020-01-01', '2020-01-02', NULL, NULL, NULL, NULL, false, now());\n" % i)
    out.write(b"INSERT INTO allocation VALUES ('S%d', '%s');\n" % (i, b"MG" if i % 2 else b"PBO"))
n = 0
for i, t in enumerate(terms):
    n += 1
    q = t.replace(b"\\", b"\\\\").replace(b"'", b"''")
    out.write(b"INSERT INTO adverse_event VALUES ('H%d', 'S%d', 'H%d', E'%s', '2020-02-0%d', NULL, true, NULL, true, 'UNKNOWN', 9, "
              b"NULL, 'COMPLETE', false, now(), now());\n" % (i, i % 80, i, q, i % 9 + 1))
for i in range(6):
    out.write(b"INSERT INTO adverse_event VALUES ('CV%d', 'S%d', 'CV%d', 'acute myocardial infarction <b>&amp;', '2020-03-0%d', NULL, true, "
              b"NULL, true, 'UNKNOWN', 3, NULL, 'COMPLETE', false, now(), now());\n" % (i, 2 * i + 1, i, i + 1))
out.write(b"INSERT INTO meta VALUES ('data_cutoff', '2020-04-01');\nCOMMIT;\n")
P
psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$W/hostile.sql" >"$W/load.out" 2>&1
wait_for 30 "the look" has_look 2020-04-01
wait_for 30 "the mails" all_sent
"$BIN/dsmbctl" report --audience closed --purpose x >"$W/closed.txt" 2>"$W/closed.err"
"$BIN/dsmbctl" report --audience closed --purpose x --format json >"$W/closed.json" 2>>"$W/closed.err"
"$BIN/dsmbctl" report --audience closed --purpose x --format csv >"$W/closed.csv" 2>>"$W/closed.err"
cat "$W"/smtp/mail/*.eml >"$W/mails"

tables() { [ "$(store "SELECT count(*) FROM dsmb.look")" -ge 1 ]; }
all_rows() { same "$(store "SELECT count(*) FROM dsmb.snapshot_row WHERE view = 'ae'")" 22; }
bad_text() { [ "$(store "SELECT count(*) FROM dsmb.data_query WHERE code = 'BAD_TEXT'")" -ge 2 ]; }
long_text() { [ "$(store "SELECT count(*) FROM dsmb.data_query WHERE code = 'TEXT_TOO_LONG'")" -ge 2 ]; }
crossed() { same "$(store "SELECT verdict FROM dsmb.verdict WHERE monitor = 'cv' ORDER BY look DESC LIMIT 1")" CROSSED; }
alive() { kill -0 "$W_DSMBD" && kill -0 "$W_MAILER"; }
no_control() { [ -s "$W/closed.txt" ] && ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$W/closed.txt"; }
no_bidi() { ! grep -q "$(printf '\u202e')" "$W/closed.txt" "$W/closed.csv" "$W/closed.json"; }
json_reads() { /usr/bin/python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$W/closed.json"; }
csv_reads() { /usr/bin/python3 -c 'import csv,sys; r=list(csv.reader(open(sys.argv[1],newline=""))); assert len({len(x) for x in r})==1, {len(x) for x in r}' "$W/closed.csv"; }
no_script() { [ -s "$W/mails" ] && ! grep -qi '<script\|onerror=alert' "$W/mails"; }
no_header() { ! grep -qi '^Bcc' "$W/mails"; }
three() { same "$(ls "$W"/smtp/mail | wc -l)" 3; }
goes_on() {
    trial "INSERT INTO meta VALUES ('data_cutoff', '2020-05-01') ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    wait_for 20 "the next look" has_look 2020-05-01
}
verified() { "$BIN/dsmbctl" ledger verify; }

t "no table was dropped" tables
t "every row is kept" all_rows
t "bytes that are no text are data queries" bad_text
t "a megabyte of text is a data query" long_text
t "cardiovascular events are counted meanwhile, and cross" crossed
t "both programs are alive" alive
t "the text report holds no control character" no_control
t "no report holds a direction override" no_bidi
t "the JSON report is JSON" json_reads
t "the CSV report is CSV" csv_reads
t "no mail holds a script" no_script
t "no verbatim became a header" no_header
t "each member has one mail" three
t "surveillance goes on" goes_on
t "the ledger verifies" verified
t_end
