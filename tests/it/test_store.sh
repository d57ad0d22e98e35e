#!/bin/bash
# The store by the real programs: who may do what, that history is kept, that verify finds one changed value in any
# table, that one dsmbd at a time leads, that a newer schema is refused.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init store

as() { # ROLE SQL: prints the SQLSTATE it failed with, or "done"
    local out
    if out=$(psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_$1" -c "$2" 2>&1 >/dev/null); then
        echo "done"
    else
        sed -n 's/.*ERROR: *\([0-9A-Z]\{5\}\).*/\1/p' <<<"$out" | head -n 1
    fi
}
refused() { same "$(as "$1" "$2")" 42501; }
allowed() { same "$(as "$1" "$2")" "done"; }
kept() { same "$(as_owner "$1")" DS001; }
as_owner() {
    psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -d "dsmb_$W_TRIAL" \
        -c "SET ROLE \"dsmb_${W_TRIAL}_owner\"" -c "$1" 2>&1 | sed -n 's/.*ERROR: *\([0-9A-Z]\{5\}\).*/\1/p' | head -n 1
}
ctl() { "$BIN/dsmbctl" "$@"; }
ctl_super() { DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=postgres" "$BIN/dsmbctl" "$@"; }
exits() { # CODE PATTERN COMMAND...
    local want=$1 pattern=$2 out rc=0; shift 2
    out=$("$@" 2>&1) || rc=$?
    if [ "$rc" != "$want" ] || ! grep -qE -- "$pattern" <<<"$out"; then
        echo "exit $rc, want $want; or no /$pattern/ in: $out"
        return 1
    fi
}
looks() { store "SELECT count(*) FROM dsmb.look"; }
looks_are() { [ "$(looks)" -ge "$1" ]; }
# What nobody but a superuser can do: changes history behind the triggers' back.
tamper() { store "BEGIN; SET LOCAL session_replication_role = replica; $1; COMMIT"; }
finds() { # NAME CHANGE BACK: verify says so, and is content again after BACK
    local pattern=$1
    tamper "$2"
    exits 1 "$pattern" ctl ledger verify || { tamper "$3"; return 1; }
    tamper "$3"
    exits 0 ' 0 faults' ctl ledger verify
}

# --- a small trial: eight cardiovascular events in one arm, one bad date, one ambiguous word ---
world_trial
trial "INSERT INTO patient SELECT 'S' || lpad(i::text, 3, '0'), 'site1', 'x', '2024-01-02', '2024-01-03', NULL, NULL, NULL,
              NULL, false, '2024-01-02' FROM generate_series(1, 40) i;
       INSERT INTO allocation SELECT 'S' || lpad(i::text, 3, '0'), CASE WHEN i % 2 = 0 THEN '$MG' ELSE '$PBO' END
              FROM generate_series(1, 40) i;
       INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, form_status, entered_at, updated_at)
              SELECT 'E' || i, 'S' || lpad((2 * i)::text, 3, '0'), 'E' || i, 'myocardial infarction', '2024-02-0' || i,
                     'COMPLETE', '2024-02-10', '2024-02-10' FROM generate_series(1, 4) i;
       INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, form_status, entered_at, updated_at) VALUES
              ('E90', 'S001', 'E90', 'PE', '2024-02-05', 'COMPLETE', '2024-02-10', '2024-02-10'),
              ('E91', 'S003', 'E91', E'quote \" back\\\\slash {brace, NULL}\n\ttab', 'soon', 'COMPLETE', '2024-02-10', '2024-02-10')"
world_roles
W_PORT=2525
world_config

t "migrate applies every migration once" exits 0 'applied 010_store.sql' ctl_super migrate
t "migrate again has nothing to do" exits 0 'nothing to do' ctl_super migrate
t "migrate is refused to a role that may not become the owner" exits 77 'may not become' ctl migrate
world_dsmbd
first=$W_DSMBD
world_adopt
# No data_cutoff yet, and this plan goes by it: a data fault, with its row.
wait_for 20 "the data fault" test "$(store "SELECT 1")" = 1
sleep 1
trial "INSERT INTO meta VALUES ('data_cutoff', '2024-03-01')"
wait_for 20 "the first look" looks_are 1
trial "INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, form_status, entered_at, updated_at)
              SELECT 'E' || i, 'S' || lpad((2 * i)::text, 3, '0'), 'E' || i, 'stroke', '2024-03-0' || (i - 4),
                     'COMPLETE', '2024-03-10', '2024-03-10' FROM generate_series(5, 12) i;
       UPDATE adverse_event SET term = 'hjerteinfarkt' WHERE ae_id = 'E1';
       DELETE FROM adverse_event WHERE ae_id = 'E4';
       UPDATE meta SET value = '2024-04-01' WHERE name = 'data_cutoff'"
wait_for 20 "the second look" looks_are 2
wait_for 20 "the alert" test -n "$(store "SELECT id FROM dsmb.alert")"

t "the fault began and ended, once each" same "$(store "SELECT open FROM dsmb.data_fault ORDER BY id" | tr '\n' ' ')" "t f "
t "only changed rows are kept" same "$(store "SELECT count(*) FROM dsmb.snapshot_row WHERE look = 2")" 11
t "a vanished row is a deletion" same "$(store "SELECT deleted FROM dsmb.snapshot_row WHERE key = 'E4' AND look = 2")" t
t "content comes back character by character" same \
    "$(store "SELECT encode(convert_to(content[4], 'UTF8'), 'hex') FROM dsmb.snapshot_row WHERE key = 'E91'")" \
    "$(trial "SELECT encode(convert_to(term, 'UTF8'), 'hex') FROM adverse_event WHERE ae_id = 'E91'")"
t "one message to each member for each alert, and each is in the ledger" same \
    "$(store "SELECT (SELECT count(*) FROM dsmb_out.message) = (SELECT count(*) FROM dsmb.alert_message),
                     (SELECT count(*) FROM dsmb.alert_message) = (SELECT count(*) FROM dsmb.ledger WHERE kind = 'DISCLOSURE')")" "t t"
t "a message's hash is that of its bytes" same \
    "$(store "SELECT bool_and(a.sha256 = encode(sha256(m.body), 'hex')) FROM dsmb.alert_message a JOIN dsmb_out.message m ON m.id = a.message_id")" t
t "verify is content" exits 0 '2 looks checked, 0 faults' ctl ledger verify
t "the audit role compares the tables too, without seeing them" exits 0 '2 looks checked, 0 faults' \
    env "DSMBD_STORE=host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_audit" "$BIN/dsmbctl" ledger verify

# --- who may do what ---
for table in look verdict tally snapshot_row known alert alert_message plan board data_query review_item review_decision alert_resend; do
    for role in mailer open audit closed review; do
        [ "$table" = look ] && [ "$role" = audit ] && continue
        t "$role may not read dsmb.$table" refused "$role" "SELECT * FROM dsmb.$table"
    done
done
t "audit reads the heads of looks" allowed audit "SELECT look, cut, n_events FROM dsmb.look"
t "audit may not read the salt of a look" refused audit "SELECT salt FROM dsmb.look"
t "audit reads the ledger and the requests" allowed audit "SELECT * FROM dsmb.ledger, dsmb.request"
t "open reads the status" allowed open "SELECT * FROM dsmb.status"
t "open may not read the ledger" refused open "SELECT * FROM dsmb.ledger"
t "open may not read requests" refused open "SELECT * FROM dsmb.request"
t "the mailer may not read its own messages' table" refused mailer "SELECT * FROM dsmb_out.message"
t "the mailer may not enter dsmb" refused mailer "SELECT * FROM dsmb.status"
t "the mailer may not write the ledger" refused mailer "INSERT INTO dsmb.ledger (kind, payload) VALUES ('X', 'x')"
t "closed may not write verdicts" refused closed "INSERT INTO dsmb.known VALUES ('x', 'y', 1)"
t "closed may not write the ledger by itself" refused closed "INSERT INTO dsmb.ledger (kind, payload) VALUES ('X', 'x')"
t "closed may not read the bytes of messages" refused closed "SELECT body FROM dsmb_out.message"
t "closed may not count messages" refused closed "SELECT count(*) FROM dsmb_out.message"
t "closed may not write an unblinding by itself" refused closed "INSERT INTO dsmb.unblinding (purpose) VALUES ('x')"
t "closed may not read reports but through their view" refused closed "SELECT * FROM dsmb.report"
t "nobody but closed may unblind: open" refused open "SELECT dsmb.unblind('x')"
t "nobody but closed may unblind: audit" refused audit "SELECT dsmb.unblind('x')"
t "nobody but closed may unblind: daemon" refused daemon "SELECT dsmb.unblind('x')"
t "closed may not send" refused closed "INSERT INTO dsmb_out.message (id, address, not_before, body) VALUES (gen_random_uuid(), 'a@b', now(), 'x')"
t "closed may not sign as another" refused closed "INSERT INTO dsmb.request (kind, by, reason, who, at) VALUES ('LOOK_ADHOC', 'a', 'b', 'postgres', now())"
t "closed may disclose" allowed closed "SELECT dsmb.disclose('query', 'a test', repeat('0', 64), repeat('0', 64))"
t "a disclosure without a purpose is refused" same "$(as closed "SELECT dsmb.disclose('query', ' ', repeat('0', 64), repeat('0', 64))")" DS030
t "open and audit may not disclose" refused audit "SELECT dsmb.disclose('query', 'a test', repeat('0', 64), repeat('0', 64))"
t "the daemon may not change a verdict" refused daemon "UPDATE dsmb.verdict SET verdict = 'BELOW'"
t "the daemon may not delete an alert" refused daemon "DELETE FROM dsmb.alert"
t "the daemon may not change the ledger" refused daemon "UPDATE dsmb.ledger SET payload = 'x'"
t "the daemon may not choose a number in the ledger" refused daemon "INSERT INTO dsmb.ledger (seq, kind, payload) VALUES (1, 'X', 'x')"
t "the daemon may not ask itself for anything" refused daemon "INSERT INTO dsmb.request (kind, by, reason) VALUES ('LOOK_ADHOC', 'a', 'b')"
t "a dsmbd that was overtaken cannot write a look" same "$(as daemon "INSERT INTO dsmb.look (look, kind, cut, read_at, token, snapshot, plan_id, n_subjects, n_events, n_changes, queries_look, queries_hash, epoch)
    VALUES (3, 'CUT', '2024-05-01', now(), '', '', 1, 0, 0, 0, 3, '', 0)")" DS002
t "nobody skips a look" same "$(as daemon "INSERT INTO dsmb.look (look, kind, cut, read_at, token, snapshot, plan_id, n_subjects, n_events, n_changes, queries_look, queries_hash, epoch)
    SELECT 9, 'CUT', '2024-05-01', now(), '', '', 1, 0, 0, 0, 9, '', max(epoch) FROM dsmb.epoch")" DS003
for role in mailer open closed audit; do
    t "$role may not create anything" refused "$role" "CREATE TABLE public.t (a int)"
    t "$role may not make temporary tables" refused "$role" "CREATE TEMPORARY TABLE t (a int)"
    t "$role may not ask how big a table is" refused "$role" "SELECT pg_total_relation_size(1259)"
    t "$role may not see how often a table was written" refused "$role" "SELECT * FROM pg_stat_all_tables"
    t "$role may not see how many rows a table has" refused "$role" "SELECT reltuples FROM pg_class"
    t "$role may not hold the lead's lock" refused "$role" "SELECT pg_advisory_lock(1685286242, 10)"
done
store "CREATE ROLE stranger LOGIN"
t "a stranger may not connect" exits 2 'permission denied|CONNECT privilege' psql -X -d "dsmb_$W_TRIAL" -U stranger -c 'SELECT 1'
t "who asked is the session's user" same \
    "$(as closed "INSERT INTO dsmb.request (kind, by, reason) VALUES ('SOURCE_ACCEPT', 'somebody', 'a test')"; store "SELECT who FROM dsmb.request ORDER BY id DESC LIMIT 1")" \
    "done
dsmb_${W_TRIAL}_closed"

# --- history is kept, from the owner too ---
for table in migration request request_result plan plan_rules board epoch report unblinding look snapshot_row tally verdict known alert \
    alert_message alert_resend data_query review_item review_decision data_fault ledger; do
    column=$(store "SELECT attname FROM pg_attribute WHERE attrelid = 'dsmb.$table'::regclass AND attnum > 0 AND attidentity = '' ORDER BY attnum LIMIT 1")
    t "the owner may not update dsmb.$table" kept "UPDATE dsmb.$table SET $column = $column"
    t "the owner may not delete from dsmb.$table" kept "DELETE FROM dsmb.$table"
    t "the owner may not truncate dsmb.$table" kept "TRUNCATE dsmb.$table CASCADE"
done

# --- one changed value, anywhere ---
wait_for 20 "the request" test -n "$(store "SELECT 1 FROM dsmb.request_result WHERE request_id = 3")"
t "verify is content before" exits 0 ' 0 faults' ctl ledger verify
flip() { # TABLE COLUMN WHERE CHANGED-EXPRESSION PATTERN
    local old
    store "CREATE TABLE public.saved AS SELECT * FROM dsmb.$1 WHERE $3"
    old="UPDATE dsmb.$1 SET $2 = s.$2 FROM (SELECT $2 FROM public.saved LIMIT 1) s WHERE $3"
    finds "$5" "UPDATE dsmb.$1 SET $2 = $4 WHERE $3" "${old/WHERE $3/WHERE ${6:-$3}}"
    local rc=$?
    store "DROP TABLE public.saved"
    return $rc
}
t "verify finds a changed head of a look" flip look n_events "look.look = 1" "n_events + 1" 'look 1: table dsmb.look '
t "verify finds a changed row of the snapshot" flip snapshot_row content "snapshot_row.key = 'E2'" "array_replace(content, 'E2', 'E3')" 'dsmb.snapshot_row'
t "verify finds a changed count" flip tally subjects "tally.look = 1 AND tally.ord = 0" "subjects + 1" 'dsmb.tally'
t "verify finds the last bit of a bound" flip verdict bound "verdict.look = 2 AND verdict.monitor = 'cv'" "bound + 1e-15 * abs(bound)" 'dsmb.verdict'
t "verify finds a changed verdict" flip verdict verdict "verdict.look = 2 AND verdict.monitor = 'cv'" "'BELOW'" 'dsmb.verdict'
t "verify finds a changed first look" flip known look "known.monitor = 'cv' AND known.subject_id = 'S010'" "1" 'dsmb.known'
t "verify finds a changed alert" flip alert monitor "alert.id = 1" "'deaths'" 'dsmb.alert '
t "verify finds a changed message" flip alert_message member "alert_message.message_id = (SELECT min(message_id::text)::uuid FROM dsmb.alert_message)" "'x'" 'dsmb.alert_message'
t "verify finds a changed data query" flip data_query code "data_query.look = 1 AND data_query.ord = 0" "'X'" 'dsmb.data_query'
t "verify finds a changed review item" flip review_item counted "review_item.look = 1 AND review_item.ae_id = 'E90'" "NOT counted" 'dsmb.review_item'
t "verify finds a changed plan" flip plan text "plan.id = 1" "text || ' '" 'dsmb.plan 1 '
t "verify finds a changed rule file" flip plan_rules text "plan_rules.ord = 2" "text || ' '" 'dsmb.plan_rules 1/2'
t "verify finds a changed board" flip board text "board.id = 1" "text || ' '" 'dsmb.board 1 '
t "verify finds a changed request" flip request reason "request.id = 1" "'x'" 'dsmb.request 1 '
t "verify finds a changed result" flip request_result message "request_result.request_id = 1" "'x'" 'dsmb.request_result 1 '
t "verify finds a changed fault" flip data_fault message "data_fault.id = 1" "'x'" 'dsmb.data_fault 1 '
t "verify finds a changed migration" flip migration at "migration.version = 10" "at + interval '1 us'" 'dsmb.migration 10 '
t "verify finds a changed time in the ledger" flip ledger at "ledger.seq = 5" "at + interval '1 us'" 'entry 5 .* was changed'
t "verify finds a changed author in the ledger" flip ledger who "ledger.seq = 5" "'x'" 'entry 5 .* was changed'
t "verify finds a changed bit of a hash" flip ledger hash "ledger.seq = 5" "set_bit(hash, 3, 1 - get_bit(hash, 3))" 'entry 6 does not follow'
store "CREATE TABLE public.gone AS SELECT * FROM dsmb.ledger WHERE seq = 7"
t "verify finds a removed entry" finds 'entries between are missing' "DELETE FROM dsmb.ledger WHERE seq = 7" "INSERT INTO dsmb.ledger SELECT * FROM public.gone"
store "DROP TABLE public.gone; CREATE TABLE public.gone AS SELECT * FROM dsmb.known WHERE subject_id = 'S010' AND monitor = 'cv'"
t "verify finds a removed row" finds 'dsmb.known' "DELETE FROM dsmb.known WHERE subject_id = 'S010' AND monitor = 'cv'" "INSERT INTO dsmb.known SELECT * FROM public.gone"
t "verify finds a row that slipped in" finds 'dsmb.board 99 ' \
    "INSERT INTO dsmb.board (id, at, request_id, sha256, text, changes) OVERRIDING SYSTEM VALUE VALUES (99, now(), 1, '', '', '')" "DELETE FROM dsmb.board WHERE id = 99"
t "verify finds a trigger that is switched off" finds 'verdict.kept' "ALTER TABLE dsmb.verdict DISABLE TRIGGER kept" "ALTER TABLE dsmb.verdict ENABLE TRIGGER kept"
store "DROP TABLE public.gone; CREATE TABLE public.gone AS SELECT * FROM dsmb_out.message"
first_message="id = (SELECT min(id::text)::uuid FROM public.gone)"
t "verify finds a changed byte of a message" finds 'does not hold the bytes' "UPDATE dsmb_out.message SET body = set_byte(body, 100, (get_byte(body, 100) + 1) % 256) WHERE $first_message" \
    "UPDATE dsmb_out.message m SET body = g.body FROM public.gone g WHERE g.id = m.id"
t "verify finds a message that goes elsewhere" finds 'another address' "UPDATE dsmb_out.message SET address = 'eve@example.org' WHERE $first_message" \
    "UPDATE dsmb_out.message m SET address = g.address FROM public.gone g WHERE g.id = m.id"
t "verify finds a message that nobody decided" finds 'slipped into the outbox' \
    "INSERT INTO dsmb_out.message (id, address, not_before, body) VALUES ('00000000-0000-4000-8000-000000000000', 'eve@example.org', 'infinity', 'x')" \
    "DELETE FROM dsmb_out.message WHERE id = '00000000-0000-4000-8000-000000000000'"
store "DROP TABLE public.gone"
tamper "UPDATE dsmb.plan SET text = text || ' '"
t "a plan that is not what was adopted is not used" exits 65 'not what was adopted' ctl plan show
tamper "UPDATE dsmb.plan SET text = left(text, -1)"

# --- one leads ---
epochs=$(store "SELECT count(*) FROM dsmb.epoch")
world_bg second "$BIN/dsmbd" --config "$W/dsmbd.yaml"
second=$W_PID
sleep 1.5
t "a second dsmbd stands by" same "$(store "SELECT count(*) FROM dsmb.epoch")" "$epochs"
kill -9 "$first"
more_epochs() { [ "$(store "SELECT count(*) FROM dsmb.epoch")" -gt "$epochs" ]; }
wait_for 20 "the second dsmbd to take the lead" more_epochs
t "when the first is killed the second takes over" more_epochs
trial "INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, form_status, entered_at, updated_at)
              VALUES ('E99', 'S005', 'E99', 'diarrhoea', '2024-04-02', 'COMPLETE', now(), now());
       UPDATE meta SET value = '2024-05-01' WHERE name = 'data_cutoff'"
wait_for 20 "the third look" looks_are 3
t "and takes the next look" looks_are 3
t "the ledger is sound after all that" exits 0 '3 looks checked, 0 faults' ctl ledger verify
world_stop "$second"

# --- a past look, rebuilt from what was kept ---
report() { ctl report --audience closed --look "$1" --format csv --purpose "a test" | grep "^categories,cardiovascular,$MG_LABEL,subjects" | cut -d, -f5; }
t "the report of the first look has the first look's numbers" same "$(report 1)" 4
t "the report of the second look has the second look's" same "$(report 2)" 11
t "each report is in the ledger before it is shown" same "$(store "SELECT count(*) FROM dsmb.ledger WHERE kind = 'DISCLOSURE' AND payload LIKE '%\"purpose\": \"a test\"%' AND who LIKE '%closed'")" 3

# --- the server's log ---
t "the server's log has no arm in it" exits 1 '^$' grep -E "code: |$MG_LABEL|arm_code" "$DSMB_PGLOG"
psql -X -q -c "SELECT '$MG_LABEL'::int" 2>/dev/null
t "and one that is planted there is found" grep -qE "code: |$MG_LABEL|arm_code" "$DSMB_PGLOG"

# --- other versions ---
store "SET ROLE \"dsmb_${W_TRIAL}_owner\"; INSERT INTO dsmb.migration (version, file, sha256) VALUES (999, '999_future.sql', '')"
t "a store of a newer version is refused" exits 69 'newer version' ctl_super migrate
sum=$(store "SELECT sha256 FROM dsmb.migration WHERE version = 10")
tamper "DELETE FROM dsmb.migration WHERE version = 999; UPDATE dsmb.migration SET sha256 = repeat('0', 64) WHERE version = 10"
t "a migration that was changed afterwards is refused" exits 69 'changed afterwards' ctl_super migrate
tamper "UPDATE dsmb.migration SET sha256 = '$sum' WHERE version = 10"
psql -X -q -c "ALTER ROLE \"dsmb_${W_TRIAL}_daemon\" SET log_statement = 'all'"
t "a role whose statements would be logged is told of" exits 78 'daemon: log_statement=none' ctl_super migrate
psql -X -q -c "ALTER ROLE \"dsmb_${W_TRIAL}_daemon\" SET log_statement = 'none'" \
    -c "ALTER ROLE \"dsmb_${W_TRIAL}_daemon\" IN DATABASE \"dsmb_$W_TRIAL\" SET log_min_duration_statement = 0"
t "also where it is set for this database only" exits 78 'daemon: log_min_duration_statement=-1' ctl_super migrate
psql -X -q -c "ALTER ROLE \"dsmb_${W_TRIAL}_daemon\" IN DATABASE \"dsmb_$W_TRIAL\" RESET log_min_duration_statement" \
    -c "GRANT CONNECT ON DATABASE \"dsmb_$W_TRIAL\" TO PUBLIC"
t "a store that everybody may enter is told of" exits 78 'everybody may connect' ctl_super migrate
psql -X -q -c "REVOKE CONNECT ON DATABASE \"dsmb_$W_TRIAL\" FROM PUBLIC"
t "all is well again" exits 0 'nothing to do' ctl_super migrate
t_end
