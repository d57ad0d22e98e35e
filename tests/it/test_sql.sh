#!/bin/bash
# SQL for statisticians: every query of sql/README.md runs, in psql and in R; a view by arm opens only after a committed
# dsmb.unblind of the same session, whatever is tried; every column says what it means; stored reports are those the
# programs write again.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init sql
MONTHS=${MONTHS:-14}
{
    world_trial; world_roles; world_mail; world_config; world_migrate
    echo "reports: {every_months: 3}" >>"$W/plan.yaml"
    world_dsmbd
    world_mailer
    world_adopt
    /usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO"
} >"$W/setup.out" 2>&1
n=0
for f in "$W"/months/*.sql; do
    day=${f##*_}; day=${day%.sql}
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$f" >/dev/null
    wait_for 20 "the look at $day" has_look "$day"
    n=$((n + 1))
    [ "$n" -ge "$MONTHS" ] && [ -n "$(store 'SELECT 1 FROM dsmb.alert LIMIT 1')" ] && break
done
before_final=$(store "SELECT count(DISTINCT look) FROM dsmb.report")
# A look that the board orders: what the blinded role can ask before and after.
blind_all() {
    psql -X -A -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_open" -c "SELECT cut, read_at, data_cutoff, n_subjects, n_events, data_fault FROM dsmb.status" \
        -c "SELECT * FROM dsmb.open_looks ORDER BY cut" -c "SELECT cut, read_at, format, sha256 FROM dsmb.open_reports ORDER BY 2, 3" \
        -c "SELECT * FROM dsmb.open_data_queries ORDER BY 1"
}
blind_all >"$W/blind.before" 2>&1
"$BIN/dsmbctl" look --adhoc --by x --reason "the board wants to see" >"$W/adhoc.out" 2>&1
blind_all >"$W/blind.after" 2>&1
"$BIN/dsmbctl" look --final --by x --reason x >"$W/final.out" 2>&1
wait_for 30 "the mails to leave" all_sent

as() { local role=$1; shift; psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_$role" "$@"; }
state_of() { # ROLE SQL...: SQLSTATE of the first that fails, each its own transaction; "done"
    local role=$1 args=() q; shift
    for q; do args+=(-c "$q"); done
    if as "$role" -v VERBOSITY=sqlstate "${args[@]}" >"$W/state.out" 2>&1; then echo "done"; else
        sed -n 's/.*ERROR: *\([0-9A-Z]\{5\}\).*/\1/p' "$W/state.out" | head -n 1; fi
}
gated() { same "$(state_of closed "$@")" DS040; }
opens() { same "$(state_of closed "$@")" "done"; }
unblind="SELECT dsmb.unblind('a test')"

# --- the gate ---
views="verdicts tallies first_events changes subjects adverse_events data_queries alerts alert_resends deliveries reports"
for v in $views; do
    t "dsmb.$v is closed before unblinding" gated "SELECT * FROM dsmb.$v"
    t "dsmb.$v opens after it" opens "$unblind" "SELECT * FROM dsmb.$v"
    for role in open audit mailer review; do
        t "$role may not read dsmb.$v" same "$(state_of $role "SELECT * FROM dsmb.$v")" 42501
    done
done
t "the review queue has no arms: closed and review read it as it is" same "$(state_of closed 'SELECT * FROM dsmb.review_queue') $(state_of review 'SELECT * FROM dsmb.review_queue')" "done done"
for role in open audit mailer; do
    t "$role may not read dsmb.review_queue" same "$(state_of $role 'SELECT * FROM dsmb.review_queue')" 42501
done
t "the same transaction does not count" gated "BEGIN; $unblind; SELECT count(*) FROM dsmb.verdicts; COMMIT"
t "nor after a savepoint" gated "BEGIN; SAVEPOINT a; $unblind; RELEASE a; SELECT count(*) FROM dsmb.verdicts; COMMIT"
t "nor does the same statement" gated "SELECT u, v.verdict FROM dsmb.unblind('a test') u, dsmb.verdicts v"
t "an unblinding that was rolled back does not count" gated "BEGIN; $unblind; ROLLBACK; SELECT count(*) FROM dsmb.verdicts"
t "nor that of another session" gated "SELECT count(*) FROM dsmb.verdicts"
t "a blank purpose is refused" same "$(state_of closed "SELECT dsmb.unblind('  ')")" DS030
t "the message says what to do" grep -q "SELECT dsmb.unblind('why')" <(as closed -c 'TABLE dsmb.alerts' 2>&1)
t "the purpose is in the ledger, with who" same "$(store "SELECT count(*) > 0 FROM dsmb.audit_disclosures WHERE purpose = 'a test' AND what = 'query' AND who LIKE '%closed'")" t
t "no row comes with LIMIT 0, and none is counted" same "$(as closed -c 'SELECT * FROM dsmb.alerts LIMIT 0' | wc -l)" 0
t "not even one" gated "SELECT * FROM dsmb.alerts LIMIT 1"
t "EXISTS learns nothing" gated "SELECT EXISTS (SELECT FROM dsmb.alerts)"
t "a cursor learns nothing" gated "BEGIN; DECLARE c CURSOR FOR SELECT * FROM dsmb.alerts; FETCH 1 FROM c"
t "COPY learns nothing" gated "COPY (SELECT * FROM dsmb.alerts) TO STDOUT"
t "a condition that is never true hides no read" gated "SELECT count(*) FROM dsmb.alerts WHERE id < 0"
leak() { # a condition that tells what it sees, cheaper than the check could ever be
    local out
    out=$(as closed -c "SELECT * FROM dsmb.verdicts WHERE (SELECT true) AND pg_catalog.pg_notify('leak', monitor || verdict)::text IS NOT NULL" \
        -c "SELECT 1" 2>&1)
    ! grep -q "CROSSED\|BELOW\|NOT_DUE" <<<"$out" || { echo "$out"; return 1; }
    out=$(as closed -c "SELECT * FROM dsmb.verdicts WHERE (verdict || 'x')::int > 0" 2>&1)
    ! grep -q "CROSSED\|BELOW\|NOT_DUE" <<<"$out" || { echo "$out"; return 1; }
    grep -q 'dsmb.unblind' <<<"$out"
}
t "a condition that leaks what it sees sees nothing" leak
as_owner_function() {
    store "CREATE SCHEMA leaky; CREATE FUNCTION leaky.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS 'BEGIN RAISE NOTICE ''leak %'', \$1; RETURN true; END';
           GRANT USAGE ON SCHEMA leaky TO PUBLIC; GRANT EXECUTE ON FUNCTION leaky.tell(text) TO PUBLIC"
    local closed open
    closed=$(as closed -c "SELECT count(*) FROM dsmb.verdicts WHERE leaky.tell(verdict)" 2>&1)
    open=$(as open -c "SELECT count(*) FROM dsmb.open_reports WHERE leaky.tell(body)" 2>&1)
    store "DROP SCHEMA leaky CASCADE"
    ! grep -q 'leak ' <<<"$closed" && grep -q 'leak ' <<<"$open" && ! grep -qE "$MG_LABEL|$PBO_LABEL|CROSSED" <<<"$open"
}
t "a cheap function of the reader's sees no row by arm, neither through the open views" as_owner_function
explains() { # the same whatever the tables hold
    local q out
    for q in "SELECT * FROM dsmb.alerts" "SELECT * FROM dsmb.verdicts WHERE verdict = 'CROSSED'" "SELECT * FROM dsmb.tallies WHERE subjects > 3" \
        "SELECT * FROM dsmb.reports"; do
        out=$(as closed -c "EXPLAIN $q" 2>&1)
        grep -q 'Function Scan on .*closed_' <<<"$out" || { echo "$out"; return 1; }
        ! grep -E "Scan (using [a-z_]+ )?on (alert|verdict|tally|report|alert_message)( |$)" <<<"$out" || return 1
    done
}
store "ANALYZE"
t "EXPLAIN shows functions, and no estimate of a table by arm" explains
t "EXPLAIN ANALYZE runs into the check" gated "EXPLAIN ANALYZE SELECT * FROM dsmb.alerts"
t "statistics of columns are not for this role" same "$(as closed -c "SELECT count(*) FROM pg_stats WHERE schemaname = 'dsmb' AND tablename IN ('verdict', 'alert', 'tally', 'known')")" 0
t "the functions beneath check by themselves" gated "SELECT * FROM dsmb.closed_verdict()"
t "nobody may call the session's parts" same "$(state_of closed "SELECT dsmb.session_start()")" 42501
t "nobody may write an unblinding for another" same "$(state_of closed "INSERT INTO dsmb.unblinding (at, who, purpose, pid, backend_start, xid) VALUES (now(), 'x', 'x', 1, now(), '1')")" 42501
t "DISCARD ALL keeps a session what it is" opens "$unblind" "DISCARD ALL" "SELECT count(*) FROM dsmb.verdicts"
t "REPEATABLE READ sees it too" opens "$unblind" "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM dsmb.verdicts; COMMIT"
old_session() { # the pid of a session that is gone, taken up by a later one, is another session
    local pid
    pid=$(as closed -c "$unblind" -c "SELECT pg_backend_pid()" | tail -n 1)
    same "$(store "SELECT count(*) > 0 FROM dsmb.unblinding u WHERE u.pid = $pid AND u.backend_start < now()")" t
}
t "a session is known by its process and its start" old_session

# --- comments ---
t "every table, view and column of both schemas says what it means" same "$(store "
    SELECT string_agg(n.nspname || '.' || c.relname || coalesce('.' || a.attname, ''), ' ' ORDER BY 1)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname IN ('dsmb', 'dsmb_out') AND c.relkind IN ('r', 'v')
       AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)")" ""

# --- what they hold ---
t "subjects as of a look are those the look read" same \
    "$(as closed -c "$unblind" -c "SELECT bool_and(s.n = l.n_subjects) FROM dsmb.looks l JOIN (SELECT look, count(*) AS n FROM dsmb.subjects GROUP BY look) s USING (look)" | tail -n 1)" t
t "adverse events as of a look are those the look read" same \
    "$(as closed -c "$unblind" -c "SELECT bool_and(coalesce(e.n, 0) = l.n_events) FROM dsmb.looks l LEFT JOIN (SELECT look, count(*) AS n FROM dsmb.adverse_events GROUP BY look) e USING (look)" | tail -n 1)" t
t "they are those of the trial's database now" same \
    "$(as closed -c "$unblind" -c "SELECT md5(string_agg(ae_id || arm_code || term || coalesce(onset, '') || serious || form_status, ',' ORDER BY ae_id COLLATE \"C\")) FROM dsmb.adverse_events WHERE look = (SELECT max(look) FROM dsmb.looks)" | tail -n 1)" \
    "$(trial "SELECT md5(string_agg(e.ae_id || a.arm_code || e.term || coalesce(e.onset, '') || e.serious || e.form_status, ',' ORDER BY e.ae_id COLLATE \"C\")) FROM dsmb_source.ae e JOIN dsmb_source.arm a USING (subject_id)")"
t "the audit sees deliveries without looks, alerts or arms" same \
    "$(store "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'dsmb.audit_deliveries'::regclass AND attnum > 0 AND attname ~ 'look|alert|arm|monitor|body'")" ""

# --- stored reports ---
t "reports were stored on the plan's calendar" test "$before_final" -ge 2
t "and at the closing look" same "$(store "SELECT count(*) FROM dsmb.report r JOIN dsmb.look l USING (look) WHERE l.kind = 'FINAL'")" 8
t "each is in the ledger with its hash" same "$(store "SELECT count(*) = (SELECT count(*) FROM dsmb.report) FROM dsmb.audit_ledger e JOIN dsmb.report r ON e.kind = 'REPORT' AND e.key = r.look || '/' || r.audience || '/' || r.format AND e.details ->> 'sha256' = r.sha256")" t
again() { # LOOK AUDIENCE FORMAT: written again from the store, byte for byte
    "$BIN/dsmbctl" report --audience "$2" --look "$1" --format "$3" --purpose "a test" >"$W/again"
    store "SELECT encode(convert_to(body, 'UTF8'), 'base64') FROM dsmb.report WHERE look = $1 AND audience = '$2' AND format = '$3'" | base64 -d >"$W/stored"
    [ -s "$W/stored" ] && cmp "$W/again" "$W/stored"
}
first=$(store "SELECT min(look) FROM dsmb.report") last=$(store "SELECT max(look) FROM dsmb.report")
for l in "$first" "$last"; do
    for a in closed open; do
        for f in text csv json html; do t "the $a report of look $l as $f is written again byte for byte" again "$l" "$a" "$f"; done
    done
done
open_ctl() { DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_open" "$BIN/dsmbctl" "$@"; }
fetched() { cmp <(open_ctl report --audience open "${@:2}") <(store "SELECT encode(convert_to(body, 'UTF8'), 'base64') FROM dsmb.report WHERE look = $1 AND audience = 'open' AND format = 'text'" | base64 -d); }
t "the open role fetches the newest open report" fetched "$last"
t "and that of a time" fetched "$first" --as-of "$(store "SELECT to_char(read_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM dsmb.look WHERE look = $first")"
t "where none is stored it is told so" grep -q 'no open report is stored of a look by then' <(open_ctl report --audience open --as-of 2001-01-01 2>&1)
t "numbers of looks are not for blinded roles" grep -q 'numbers of looks are not for blinded roles' <(open_ctl report --audience open --look "$first" 2>&1)
t "a look that the board orders is taken" grep -q '^request' "$W/adhoc.out"
t "and changes nothing that the blinded role reads" cmp "$W/blind.before" "$W/blind.after"
t "no column that they read has the number of a look" same \
    "$(store "SELECT string_agg(attrelid::regclass::text || '.' || attname, ' ') FROM pg_attribute WHERE attrelid IN ('dsmb.status'::regclass, 'dsmb.open_looks'::regclass, 'dsmb.open_reports'::regclass, 'dsmb.open_counts'::regclass, 'dsmb.open_data_queries'::regclass) AND attnum > 0 AND attname ~ 'look'")" ""
t "the open role cannot have one written" same "$(open_ctl report --audience open --look 1 --purpose x >/dev/null 2>&1; echo $?)" 77
blind() { local v; for v in status open_looks open_reports open_counts open_data_queries; do
    ! as open -c "SELECT * FROM dsmb.$v" | grep -E "$MG_LABEL|$PBO_LABEL|\b$MG\b|\b$PBO\b|CROSSED|BELOW" || return 1; done; }
t "what the open role can read names no arm and no verdict" blind
t "open counts are those of the open report" same \
    "$(as open -c "SELECT count(*) FROM dsmb.open_counts WHERE read_at = '$(store "SELECT read_at FROM dsmb.look WHERE look = $last")'")" "$(open_ctl report --audience open --format csv | tail -n +2 | wc -l)"
t "the ledger is sound, reports and unblindings with it" grep -q ' 0 faults' <("$BIN/dsmbctl" ledger verify)
tampered() { # CHANGE BACK PATTERN
    store "BEGIN; SET LOCAL session_replication_role = replica; $1; COMMIT"
    "$BIN/dsmbctl" ledger verify >"$W/verify.out" 2>&1
    store "BEGIN; SET LOCAL session_replication_role = replica; $2; COMMIT"
    grep -q "$3" "$W/verify.out" && "$BIN/dsmbctl" ledger verify >/dev/null
}
t "verify finds a changed purpose" tampered "UPDATE dsmb.unblinding SET purpose = purpose || ' ' WHERE id = 1" "UPDATE dsmb.unblinding SET purpose = left(purpose, -1) WHERE id = 1" 'unblinding 1 '
store "CREATE TABLE public.gone AS SELECT * FROM dsmb.report LIMIT 1"
t "verify finds a changed report" tampered "UPDATE dsmb.report r SET body = r.body || ' ', sha256 = encode(sha256(convert_to(r.body || ' ', 'UTF8')), 'hex') FROM public.gone g WHERE (r.look, r.audience, r.format) = (g.look, g.audience, g.format)" \
    "UPDATE dsmb.report r SET body = g.body, sha256 = g.sha256 FROM public.gone g WHERE (r.look, r.audience, r.format) = (g.look, g.audience, g.format)" 'report '
store "DROP TABLE public.gone"
"$BIN/dsmbctl" recover --by "A Person" --reason "a test" >/dev/null
t "a recovery is in the ledger" same "$(store "SELECT details ->> 'who' FROM dsmb.audit_ledger WHERE kind = 'RECOVERY'")" "A Person"
t "verify finds a changed recovery" tampered "UPDATE dsmb_out.recovery SET reason = 'another'" "UPDATE dsmb_out.recovery SET reason = 'a test'" 'recovery 1 '

# --- dsmbctl alert and ledger export ---
ctl() { "$BIN/dsmbctl" "$@"; }
alerts=$(store "SELECT count(*) FROM dsmb.alert")
t "alert list in a pipe is CSV with a line for each alert" same "$(ctl alert list | tee "$W/alerts.csv" | wc -l)" $((alerts + 1))
t "its head names the columns" same "$(head -n 1 "$W/alerts.csv")" "id,look,cut,monitor,kind,urgency,raised_at,messages,sent,states"
t "alert list as a table" grep -qE '^ *id +look +cut +monitor' <(ctl alert list --format text)
t "on a terminal it is the table" grep -qE '^ *id +look +cut +monitor' <(script -qec "$BIN/dsmbctl alert list" /dev/null)
t "alert list as JSON" /usr/bin/python3 -c 'import json, sys; a = json.load(open(sys.argv[1])); assert len(a) == int(sys.argv[2]) and all(x["id"] == i + 1 and x["sent"] == x["messages"] > 0 for i, x in enumerate(a)), a' \
    <(ctl alert list --format json) "$alerts"
t "alert show tells to whom, and that it was sent" same \
    "$(ctl alert show 1 --format csv | tail -n +2 | cut -d, -f8,9,10 | sort)" \
    "$(store "SELECT member || ',' || address || ',sent' FROM dsmb.alert_message WHERE alert_id = 1" | sort)"
t "alert show as text begins with the alert" grep -qE '^monitor +[a-z]+$' <(ctl alert show 1 --format text)
code() { "$@" >"$W/code.out" 2>&1; echo $?; }
t "an alert that is not there: said so, with what to do" same "$(code ctl alert show 999; cat "$W/code.out")" "66
dsmbctl alert: there is no alert 999; dsmbctl alert list tells which there are"
t "a word that is none is a usage error" same "$(code ctl alert lst)" 2
t "that alerts were listed is in the ledger" same "$(store "SELECT count(*) > 0 FROM dsmb.audit_disclosures WHERE purpose = 'dsmbctl alert'")" t
t "the open role may not list alerts" same "$(code open_ctl alert list)" 77
t "ledger export is a line of JSON for each entry" same "$(ctl ledger export | tee "$W/ledger.jsonl" | wc -l)" "$(store "SELECT count(*) FROM dsmb.ledger")"
cat >"$W/offline.py" <<'PY'
import hashlib, json, sys
prev, n = bytes(32), 0
for line in open(sys.argv[1], encoding="utf-8"):
    e = json.loads(line)
    n += 1
    fields = [str(e["seq"]), e["at"], e["kind"], e["who"], e["payload"]]
    data = b"".join(len(f).to_bytes(8, "big") + f for f in [x.encode() for x in fields] + [prev])
    if e["seq"] != n or bytes.fromhex(e["prev_hash"]) != prev or hashlib.sha256(data).hexdigest() != e["hash"]:
        sys.exit("entry %d was changed" % n)
    prev = bytes.fromhex(e["hash"])
print(n, prev.hex())
PY
t "and is verified offline as --help says" same "$(/usr/bin/python3 "$W/offline.py" "$W/ledger.jsonl")" \
    "$(store "SELECT seq, encode(hash, 'hex') FROM dsmb.ledger ORDER BY seq DESC LIMIT 1")"
sed '5s/"payload":"./"payload":"#/' "$W/ledger.jsonl" >"$W/changed.jsonl"
t "one changed byte is found offline" same "$(/usr/bin/python3 "$W/offline.py" "$W/changed.jsonl" 2>&1)" "entry 5 was changed"
t "--after exports what came later" same "$(ctl ledger export --after 3 | head -n 1 | grep -c '"seq":4,')" 1
t "the ledger's table is CSV in a pipe" same "$(ctl ledger show | head -n 1)" "seq,at,kind,who,payload,prev_hash,hash"
t "and so is the tally" grep -q '^category,subtype,arm' <(ctl tally)
t "and the status" same "$(ctl status | head -n 1)" "name,value"

# --- every query of the manual ---
mkdir "$W/doc"
awk -v dir="$W/doc" '/^```/ { if (out != "") { close(out); out = "" } else if (NF >= 1 && $0 != "```") {
        kind = substr($1, 4); n++; out = sprintf("%s/%02d.%s", dir, n, kind); if (kind == "sql") out = sprintf("%s/%02d.%s.sql", dir, n, $2) } next }
    out != "" { print > out }' sql/README.md
runs() { # FILE ROLE: every statement gives rows
    as "$2" -f "$1" >"$W/doc.out" 2>&1 || { cat "$W/doc.out"; return 1; }
    [ "$(wc -l <"$W/doc.out")" -ge "$(grep -c ';' "$1")" ] || { cat "$W/doc.out"; return 1; }
}
for f in "$W"/doc/*.sql; do
    role=${f%.sql}; role=${role##*.}
    t "README: $(basename "$f") runs: $(grep -m 1 -oE 'FROM dsmb\.[a-z_]+' "$f")" runs "$f" "$role"
    [ "$role" = closed ] || continue
    grep -v 'dsmb.unblind' "$f" >"$W/without.sql"
    t "README: $(basename "$f") fails without its unblinding" same "$(as closed -v VERBOSITY=sqlstate -f "$W/without.sql" 2>&1 | sed -n 's/.*ERROR: *//p' | head -n 1)" DS040
done
t "the manual has queries for each role" same "$(find "$W/doc" -name '*.sql' | sed 's/\.sql$//; s/.*\.//' | sort -u | tr '\n' ' ')" "audit closed open "
driver=$(Rscript -e 'for (p in c("RPostgres", "RPostgreSQL")) if (requireNamespace(p, quietly = TRUE) && requireNamespace("DBI", quietly = TRUE)) { cat(p); break }' 2>/dev/null)
run_r() {
    { case $driver in RPostgres) echo 'driver <- RPostgres::Postgres()' ;; *) echo 'suppressMessages(library(RPostgreSQL)); driver <- PostgreSQL()' ;; esac
      echo "host <- '$PGHOST'; port <- $PGPORT; dbname <- 'dsmb_$W_TRIAL'; user <- 'dsmb_${W_TRIAL}_closed'"
      cat "$1"; } >"$W/doc.R"
    Rscript "$W/doc.R" >"$W/r.out" 2>&1 || { cat "$W/r.out"; return 1; }
}
r_refused() {
    grep -v 'dsmb.unblind' "$1" >"$W/without.r"
    ! run_r "$W/without.r" >/dev/null && grep -q 'dsmb.unblind' "$W/r.out"
}
for f in "$W"/doc/*.r; do
    if [ -n "$driver" ]; then
        t "README: $(basename "$f") runs in R" run_r "$f"
        t "README: $(basename "$f") fails in R without its unblinding" r_refused "$f"
    else
        t_skip "the manual's queries in R" "Rscript with DBI and RPostgres or RPostgreSQL is not installed"
    fi
done
t "no arm reached the server's log" same "$(grep -cE "$MG_LABEL|arm_code" "$DSMB_PGLOG")" 0
t_end
