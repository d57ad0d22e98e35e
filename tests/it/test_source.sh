#!/bin/bash
# The trial database as it can be: something missing, something of another type, other encodings, wild cells, late
# commits.  Each fault has its message and its exit code; no cell stops surveillance.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
W_TRIAL=src
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init source

check() { "$BIN/dsmbctl" source check; }
exits() { # CODE PATTERN COMMAND...
    local want=$1 pattern=$2 out rc=0; shift 2
    out=$("$@" 2>&1) || rc=$?
    if [ "$rc" != "$want" ] || ! grep -qE -- "$pattern" <<<"$out"; then
        echo "exit $rc, want $want; or no /$pattern/ in: $out"
        return 1
    fi
}
count() { "$BIN/dsmbctl" tally --plan "$W/plan.yaml" --rules rules --purpose "a test" --format csv; }
# CODE is that of a reading; the check, which is there to find faults, says 1.
told() { exits "$(($1 == 0 ? 0 : 1))" "$2" check && exits "$1" "$([ "$1" = 0 ] && echo '^any' || echo "$2")" count; }
broken() { # WHAT BREAK MEND CODE PATTERN
    trial "$2"
    t "$1" told "$4" "$5"
    trial "$3"
}
looks() { store "SELECT coalesce(max(look), 0) FROM dsmb.look"; }
looks_are() { [ "$(looks)" -ge "$1" ]; }
next_look() { wait_for 20 "look $1" looks_are "$1"; }
content() { store "SELECT content[$3] FROM dsmb.snapshot_row WHERE view = '$1' AND key = '$2' ORDER BY look DESC LIMIT 1"; }
hex_content() { store "SELECT encode(convert_to(content[$3], 'UTF8'), 'hex') FROM dsmb.snapshot_row WHERE view = '$1' AND key = '$2' ORDER BY look DESC LIMIT 1"; }
event() { # ID TERM-EXPRESSION [ONSET]
    echo "INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, form_status, entered_at, updated_at)
          VALUES ('$1', 'S001', '$1', $2, '${3:-2024-02-01}', 'COMPLETE', '2024-02-10', '2024-02-10')"
}
people="INSERT INTO patient SELECT 'S' || lpad(i::text, 3, '0'), 'site1', 'x', '2024-01-02', '2024-01-03', NULL, NULL, NULL,
               NULL, false, '2024-01-02' FROM generate_series(1, 20) i;
        INSERT INTO allocation SELECT 'S' || lpad(i::text, 3, '0'), CASE WHEN i % 2 = 0 THEN '$MG' ELSE '$PBO' END
               FROM generate_series(1, 20) i;
        INSERT INTO meta VALUES ('data_cutoff', '2024-03-01')"

# --- the contract ---
world_trial
trial "$people"
world_roles
W_PORT=2525
world_config
world_migrate
t "a source as described is told to be so" exits 0 'dsmb_source.ae: as the contract describes' check
t "an optional view may be missing" exits 0 'adjudication: not there, and optional' check
broken "a missing view is named, with the remedy" "ALTER VIEW dsmb_source.ae RENAME TO away" \
    "ALTER VIEW dsmb_source.away RENAME TO ae" 65 'view dsmb_source.ae is missing: create it'
broken "a missing column is named" "ALTER VIEW dsmb_source.ae RENAME COLUMN onset TO began" \
    "ALTER VIEW dsmb_source.ae RENAME COLUMN began TO onset" 65 'column dsmb_source.ae.onset \(text\) is missing'
broken "an optional column may be missing" "ALTER VIEW dsmb_source.subject RENAME COLUMN stratum TO layer" \
    "ALTER VIEW dsmb_source.subject RENAME COLUMN layer TO stratum" 0 'subject: as the contract'
broken "a column of another type is named, with its cast" \
    "DROP VIEW dsmb_source.meta; CREATE VIEW dsmb_source.meta AS SELECT name, 1 AS value FROM meta; GRANT SELECT ON dsmb_source.meta TO dsmb_reader" \
    "DROP VIEW dsmb_source.meta; CREATE VIEW dsmb_source.meta AS SELECT name, value FROM meta; GRANT SELECT ON dsmb_source.meta TO dsmb_reader" \
    65 'dsmb_source.meta.value is of type integer: cast it to text'
broken "varchar, char, name and domains over them are text" \
    "CREATE DOMAIN label AS varchar(80); CREATE DOMAIN label2 AS label; DROP VIEW dsmb_source.meta;
     CREATE VIEW dsmb_source.meta AS SELECT name::name, value::label2 FROM meta; GRANT SELECT ON dsmb_source.meta TO dsmb_reader" \
    "DROP VIEW dsmb_source.meta; CREATE VIEW dsmb_source.meta AS SELECT name, value FROM meta; GRANT SELECT ON dsmb_source.meta TO dsmb_reader" \
    0 'meta: as the contract'
broken "a missing right on the arms is named" "REVOKE SELECT ON dsmb_source.arm FROM dsmb_reader" \
    "GRANT SELECT ON dsmb_source.arm TO dsmb_reader" 77 'dsmb_source.arm may not be read by this role: GRANT SELECT'
broken "a missing right on the schema is named" "REVOKE USAGE ON SCHEMA dsmb_source FROM dsmb_reader" \
    "GRANT USAGE ON SCHEMA dsmb_source TO dsmb_reader" 77 'GRANT USAGE ON SCHEMA dsmb_source'
broken "a missing schema is named" "ALTER SCHEMA dsmb_source RENAME TO away" "ALTER SCHEMA away RENAME TO dsmb_source" \
    65 'no schema dsmb_source'
broken "several faults are told together" "ALTER VIEW dsmb_source.ae RENAME TO away; REVOKE SELECT ON dsmb_source.arm FROM dsmb_reader" \
    "ALTER VIEW dsmb_source.away RENAME TO ae; GRANT SELECT ON dsmb_source.arm TO dsmb_reader" 65 'dsmb_source.arm may not be read'
broken "a volatile function in a view is named: no gate" \
    "CREATE OR REPLACE VIEW dsmb_source.meta AS SELECT name, value FROM meta UNION ALL SELECT 'r', random()::text" \
    "CREATE OR REPLACE VIEW dsmb_source.meta AS SELECT name, value FROM meta" 0 'random\(\) in meta: every poll reads'
broken "so is the date, however deep it lies" \
    "CREATE VIEW deep AS SELECT name, value FROM meta WHERE current_date > '2020-01-01'; CREATE OR REPLACE VIEW dsmb_source.meta AS SELECT name, value FROM deep" \
    "CREATE OR REPLACE VIEW dsmb_source.meta AS SELECT name, value FROM meta; DROP VIEW deep" 0 'current date or time in deep'
broken "so is a foreign table" \
    "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
     CREATE FOREIGN TABLE far (name text, value text) SERVER files OPTIONS (program 'true');
     CREATE OR REPLACE VIEW dsmb_source.meta AS SELECT name, value FROM meta UNION ALL SELECT name, value FROM far" \
    "CREATE OR REPLACE VIEW dsmb_source.meta AS SELECT name, value FROM meta; SET client_min_messages = warning; DROP EXTENSION file_fdw CASCADE" 0 'foreign table public.far'
t "and afterwards all is well" exits 0 'dsmb_source.meta: as the contract' check

# --- a missing view while dsmbd runs: a data fault that ends by itself ---
world_dsmbd
world_adopt
next_look 1
trial "ALTER VIEW dsmb_source.ae RENAME TO away"
faulty() { [ "$(store "SELECT data_fault FROM dsmb.status")" = t ]; }
well() { ! faulty; }
wait_for 20 "the data fault" faulty
# A view that goes between two questions of one reading is missed by the server first; the next reading says which.
named() { [ "$(store "SELECT last_fault LIKE '%dsmb_source.ae is missing%' FROM dsmb.status")" = t ]; }
wait_for 20 "its name" named
t "a view that vanishes is a data fault" exits 1 'dsmb_source.ae is missing' "$BIN/dsmbctl" status --format text
trial "ALTER VIEW dsmb_source.away RENAME TO ae"
wait_for 20 "the end of the fault" well
t "and the fault ends when the view is back" exits 0 'DATA FAULT +no' "$BIN/dsmbctl" status --format text

# --- wild cells ---
n=$(looks)
long=$(printf 'x%.0s' $(seq 3000))
trial "$(event W1 "'<script>alert(1)</script> \"q\" ''; DROP TABLE patient; --'");
       $(event W2 "E'one\ntwo\r\n\tthree\\\\four'"); $(event W3 "repeat('diarrhoea ', 100000)"); $(event W4 "''");
       $(event W5 "NULL"); $(event W6 "'opkast – kvalme æøå'"); $(event "$long" "'vomiting'"); $(event W7 "'nausea'" soon);
       UPDATE patient SET first_dose = 'infinity' WHERE subject_id = 'S002';
       UPDATE patient SET first_dose = '20241-01-01' WHERE subject_id = 'S003';
       UPDATE patient SET last_dose = '-infinity' WHERE subject_id = 'S004';
       UPDATE patient SET updated_at = 'infinity' WHERE subject_id = 'S005';
       UPDATE patient SET updated_at = '0044-03-15 BC' WHERE subject_id = 'S006';
       UPDATE allocation SET arm_code = 'NOBODY KNOWS' WHERE subject_id = 'S007';
       UPDATE meta SET value = '2024-03-02' WHERE name = 'data_cutoff'"
next_look $((n + 1))
same_hex() { same "$(hex_content ae "$1" 4)" "$(trial "SELECT encode(convert_to(term, 'UTF8'), 'hex') FROM adverse_event WHERE ae_id = '$1'")"; }
for id in W1 W2 W3 W4 W6; do t "the words of $id are kept as they are" same_hex "$id"; done
t "an empty text and none are two things" same "$(store "SELECT count(*) FROM dsmb.snapshot_row WHERE key = 'W5' AND content[4] IS NULL")" 1
t "an identifier without end stands as its beginning and its hash" same \
    "$(store "SELECT length(key), right(key, 64) FROM dsmb.snapshot_row WHERE key LIKE 'xxx%'")" "512 $(printf %s "$long" | sha256sum | cut -d' ' -f1)"
t "infinity is an unreadable date" same "$(content subject S002 5)" infinity
t "so is the year 20241" same "$(content subject S003 5)" 20241-01-01
t "so is minus infinity" same "$(content subject S004 6)" -infinity
t "and an instant without end" same "$(content subject S005 11)" infinity
t "an instant before Christ stops nothing" same "$(content subject S006 11 | cut -c1-5)" "-0043"
t "each is a data query" same "$(store "SELECT count(*) FROM dsmb.data_query q JOIN (SELECT queries_look FROM dsmb.look ORDER BY look DESC LIMIT 1) l ON l.queries_look = q.look
    WHERE code = 'UNREADABLE' AND key IN ('S002', 'S003', 'S004')")" 3
t "an unknown arm is a query that does not repeat it" same "$(store "SELECT DISTINCT value IS NULL FROM dsmb.data_query WHERE code = 'UNKNOWN_ARM' AND key = 'S007'")" t
t "there is no data fault for that" exits 0 'DATA FAULT +no' "$BIN/dsmbctl" status --format text

# --- the gate ---
n=$(looks)
sleep 1.5
t "nothing new: no look" same "$(looks)" "$n"
psql -X -q -d trial >/dev/null 2>&1 <<SQL &
BEGIN;
$(event LATE "'constipation'");
SELECT pg_sleep(2);
COMMIT;
SQL
late=$!
sleep 0.5
trial "$(event SOON "'nausea'"); UPDATE meta SET value = '2024-03-03' WHERE name = 'data_cutoff'"
next_look $((n + 1))
t "what is not committed is not seen" same "$(store "SELECT count(*) FROM dsmb.snapshot_row WHERE key = 'LATE'")" 0
wait "$late"
trial "UPDATE meta SET value = '2024-03-04' WHERE name = 'data_cutoff'"
next_look $((n + 2))
t "what is committed late is not lost" same "$(store "SELECT count(*) FROM dsmb.snapshot_row WHERE key = 'LATE'")" 1
n=$(looks)
"$DSMB_PGCTL" restart
trial "$(event AFTER "'nausea'"); UPDATE meta SET value = '2024-03-05' WHERE name = 'data_cutoff'"
wait_for 60 "a look after the restart" looks_are $((n + 1))
t "a restart of the server is survived" looks_are $((n + 1))
t "the ledger is sound" exits 0 ' 0 faults' "$BIN/dsmbctl" ledger verify
world_stop "$W_DSMBD"

# --- LISTEN ---
sed -e 's|^  poll: .*|  poll: 60 s|' -e "s|^  schema: .*|&\n  listen: trial_changed|" "$W/dsmbd.yaml" >"$W/listen.yaml"
n=$(looks)
world_bg listener "$BIN/dsmbd" --config "$W/listen.yaml"
listener=$W_PID
listens() { [ "$(psql -X -A -t -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'dsmb_reader' AND state = 'idle'")" -gt 0 ]; }
wait_for 20 "the listener" listens
sleep 1
trial "$(event WOKEN "'nausea'"); UPDATE meta SET value = '2024-03-06' WHERE name = 'data_cutoff'; NOTIFY trial_changed"
wait_for 10 "a look on NOTIFY" looks_are $((n + 1))
t "a notification wakes early" looks_are $((n + 1))
world_stop "$listener"

# --- other encodings ---
encoded() { # NAME OPTIONS EVENT-SQL: a second trial with its own store
    psql -X -q -c "ALTER DATABASE trial RENAME TO \"trial_before_$1\""
    W_TRIAL=$1
    W_TRIAL_OPTIONS=$2
    world_trial
    psql -X -q -v ON_ERROR_STOP=1 -d trial -c "SET client_encoding = '$4'" -c "$people" -c "$3"
    world_roles
    rm -rf "$W/state"; mkdir "$W/state"
    world_config
    world_migrate
    world_dsmbd
    world_adopt
    next_look 1
}
encoded ascii "ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'" \
    "$(event A1 "E'diarr\\xe9e'"); $(event A2 "E'kvalme \\xc3\\xa6'"); $(event A3 "E'\\xf0\\x28\\x8c\\x28'")" SQL_ASCII
t "SQL_ASCII: a byte that is no UTF-8 becomes U+FFFD" same "$(hex_content ae A1 4)" "$(printf 'diarr\xef\xbf\xbde' | od -An -tx1 | tr -d ' \n')"
t "SQL_ASCII: UTF-8 stays UTF-8" same "$(hex_content ae A2 4)" "$(printf 'kvalme \xc3\xa6' | od -An -tx1 | tr -d ' \n')"
t "SQL_ASCII: what was repaired is a data query" same "$(store "SELECT string_agg(key, ' ' ORDER BY key) FROM dsmb.data_query WHERE code = 'BAD_TEXT' AND look = 1")" "A1 A3"
t "SQL_ASCII: the events count" same "$(store "SELECT n_events FROM dsmb.look WHERE look = 1")" 3
world_stop "$W_DSMBD"
encoded win "ENCODING 'WIN1252' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'" "$(event B1 "'opkast – æøå'"); $(event B2 "'kvalme ' || chr(129)")" UTF8
t "WIN1252: letters are converted" same "$(hex_content ae B1 4)" "$(printf 'opkast – æøå' | od -An -tx1 | tr -d ' \n')"
t "WIN1252: a byte without a letter becomes U+FFFD, and a query" same "$(hex_content ae B2 4) $(store "SELECT count(*) FROM dsmb.data_query WHERE code = 'BAD_TEXT' AND key = 'B2'")" \
    "$(printf 'kvalme \xef\xbf\xbd' | od -An -tx1 | tr -d ' \n') 1"
world_stop "$W_DSMBD"
encoded latin "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'" "$(event C1 "'opkastning, lændesmerter'")" UTF8
t "LATIN1: letters are converted" same "$(hex_content ae C1 4)" "$(printf 'opkastning, lændesmerter' | od -An -tx1 | tr -d ' \n')"
world_stop "$W_DSMBD"
t_end
