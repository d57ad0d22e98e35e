#!/bin/bash
# Events that a person decides: listed without arms and without a trace of looks that the board ordered, decided by a blinded
# role alone, counted from the next look on, listed again when the event changes; and looks taken again know what they knew.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
# Words that nothing else holds, so that they can be searched for.
MG=CANARYMG PBO=CANARYPBO MG_LABEL=CanaryMagnesium PBO_LABEL=CanaryPlacebo
world_init review
W_PORT=2525
{ world_trial; world_roles; world_config; world_migrate; } >"$W/setup.out" 2>&1
# Cardiovascular: five in one arm and one in the other, the sixth that can cross being one of all six.
event() { # AE_ID SUBJECT TERM DAY
    trial "INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, form_status, entered_at, updated_at)
           VALUES ('$1', '$2', '$1', '$3', '$4', 'COMPLETE', '2024-02-20', '2024-02-20')"
}
trial "INSERT INTO patient SELECT 'S' || lpad(i::text, 3, '0'), 'site1', 'x', '2024-01-02', '2024-01-03', NULL, NULL, NULL,
              NULL, false, '2024-01-02' FROM generate_series(1, 40) i;
       INSERT INTO allocation SELECT 'S' || lpad(i::text, 3, '0'), CASE WHEN i % 2 = 0 THEN '$MG' ELSE '$PBO' END
              FROM generate_series(1, 40) i;
       INSERT INTO meta VALUES ('data_cutoff', '2024-03-01');
       CREATE TABLE committee (ae_id text, category text, verdict text, decided_at timestamptz);
       CREATE VIEW dsmb_source.adjudication AS SELECT * FROM committee;
       GRANT SELECT ON dsmb_source.adjudication TO dsmb_reader"
for i in 1 2 3 4 5; do event "E$i" "$(printf 'S%03d' $((2 * i)))" "myocardial infarction" "2024-02-0$i"; done
event E6 S001 "myocardial infarction" 2024-02-06
event E7 S012 "PE" 2024-02-07
event E8 S003 "possible gastroenteritis" 2024-02-08
event E9 S005 "headache" 2024-02-09
trial "UPDATE patient SET died = true, fu_reason = 'LOST', fu_end = '2024-02-20' WHERE subject_id = 'S007'"
world_dsmbd
world_adopt
wait_for 20 "the first look" has_look 2024-03-01
cut_to() { trial "UPDATE meta SET value = '$1' WHERE name = 'data_cutoff'"; wait_for 20 "the look at $1" has_look "$1"; }

as_role() { local role=$1; shift; env "DSMBD_STORE=host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_$role" "$BIN/dsmbctl" "$@"; }
review() { as_role review review "$@"; }
decide() { review decide "$@" --by "Dr Rita Reviewer" --reason "read the discharge letter"; }
exits() { # CODE PATTERN COMMAND...
    local want=$1 pattern=$2 out rc=0; shift 2
    out=$("$@" 2>&1) || rc=$?
    if [ "$rc" != "$want" ] || ! grep -qE -- "$pattern" <<<"$out"; then
        echo "exit $rc, want $want; or no /$pattern/ in: $out"
        return 1
    fi
}
listed() { # COLUMN,... AE_ID [OPTION...]: of the list
    local columns=$1 id=$2; shift 2
    review list --format csv "$@" >"$W/list.csv" || return 1
    /usr/bin/python3 -c 'import csv, sys
for r in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
    if r["ae_id"] == sys.argv[2]: print("|".join(r[c] for c in sys.argv[3].split(",")))' "$W/list.csv" "$id" "$columns"
}
state() { as_sql "$@" 2>&1 | sed -n 's/.*ERROR: *\([0-9A-Z]\{5\}\).*/\1/p' | head -n 1; }
as_sql() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -d "dsmb_$W_TRIAL" -U "dsmb_${W_TRIAL}_$1" -c "$2"; }
cv() { store "SELECT events, x1, verdict, on_correction, current_crosses FROM dsmb.verdict WHERE monitor = 'cv' ORDER BY look DESC LIMIT 1"; }

# --- the list ---
t "an ambiguous word waits for a person, and does not count" same "$(listed subject_id,category,counted,why,term,since E7)" \
    "S012|cardiovascular|f|words leave it open|PE|2024-03-01"
t "what is in no doubt is not listed" same "$(listed category E1)$(listed category E9)" ""
t "records of a death that disagree are listed by subject" grep -qE '^,S007,death,.*records of the death disagree: ' "$W/list.csv"
t "as a table, and as JSON" same "$(review list --format json | grep -c '"ae_id": *"E7"') $(review list --format text | grep -c '^E7 ')" "1 1"
t "the closed role may list without unblinding" exits 0 'E7' as_role closed review list --format csv
t "the open role may not" exits 77 '' as_role open review list
t "nor the audit role" exits 77 '' as_role audit review list
for view in verdicts tallies alerts subjects adverse_events first_events reports audit_ledger open_counts; do
    t "who decides may not read dsmb.$view" same "$(state review "SELECT * FROM dsmb.$view")" 42501
done
for table in request snapshot_row review_item review_decision look ledger; do
    t "who decides may not read the table dsmb.$table" same "$(state review "SELECT * FROM dsmb.$table")" 42501
done
t "who decides may not unblind" same "$(state review "SELECT dsmb.unblind('x')")" 42501
t "who decides may ask for nothing else" same "$(state review "INSERT INTO dsmb.request (kind, by, reason) VALUES ('LOOK_ADHOC', 'a', 'b')")" 42501

# --- who may decide, and what is refused ---
t "the closed role may not decide: events are judged blind" exits 77 '' as_role closed review decide E7 --category cardiovascular --verdict refuted --by x --reason x
t "nor by SQL" same "$(state closed "INSERT INTO dsmb.request (kind, by, reason, body) VALUES ('REVIEW_DECIDE', 'a', 'b', 'c')")" DS050
both() {
    store "CREATE ROLE of_both LOGIN IN ROLE \"dsmb_${W_TRIAL}_review\", \"dsmb_${W_TRIAL}_closed\"; ALTER ROLE of_both SET search_path = dsmb, pg_catalog"
    local got; got=$(psql -X -q -v VERBOSITY=sqlstate -d "dsmb_$W_TRIAL" -U of_both -c "SELECT dsmb.review_ask('a', 'b', 'c')" 2>&1)
    store "DROP ROLE of_both"
    same "$(sed -n 's/.*ERROR: *//p' <<<"$got")" DS050
}
t "who may act as both may not decide either" both
t "an event that no look has seen" exits 66 'no look has seen an event "E99"' decide E99 --category cardiovascular --verdict refuted
t "a category that there is not, with those there are" exits 65 'refused: .*no such category.*cardiovascular' decide E7 --category cardiac --verdict refuted
t "nothing to take back" exits 65 'refused: nothing was decided' decide E7 --category cardiovascular --take-back
t "a verdict that is none" exits 2 '--verdict confirmed' decide E7 --category cardiovascular --verdict maybe
t "who decides is to be named" exits 2 '--by NAME' review decide E7 --category cardiovascular --verdict refuted
t "a refusal leaves no decision" same "$(store "SELECT count(*) FROM dsmb.review_decision")" 0

# --- two decisions, and the look after them ---
t "before: five and one, below" same "$(cv)" "6 5 BELOW f f"
t "an event is confirmed" exits 0 '^request: recorded: counts from the next look on$' decide E7 --category cardiovascular --verdict confirmed
t "another, in no doubt by its words, is refuted" exits 0 'recorded' decide E6 --category Cardiovascular --verdict refuted
t "what was decided waits no longer" same "$(listed why E7)" ""
t "the whole list says by whom" same "$(listed counted,why,verdict,decided_by E7 --all)" \
    "f|words leave it open; decided, counts from the next look on|CONFIRMED|Dr Rita Reviewer"
t "no look was taken for it" same "$(store "SELECT count(*) FROM dsmb.look")" 1
cut_to 2024-03-02
t "the next look counts as decided: a crossing on correction" same "$(cv)" "6 6 CROSSED t t"
t "and the board is told" same "$(store "SELECT kind FROM dsmb.alert WHERE monitor = 'cv'")" RAISED
t "decided, and in no doubt" same "$(listed counted,why,verdict E6 --all) $(listed counted,why,verdict E7 --all)" "f|decided|REFUTED t|decided|CONFIRMED"
explained() { "$BIN/dsmbctl" explain look 2 --purpose "a test" >"$W/explain" 2>&1; grep -E 'E7 .*decided by review' "$W/explain" || { cat "$W/explain"; return 1; }; }
t "an explanation says that a review decided" explained
again() { "$BIN/dsmbctl" replay --purpose "a test" >"$W/replay" && grep -q "$1 looks taken again, 0 differences" "$W/replay" || { cat "$W/replay"; return 1; }; }
t "looks taken again know what they knew" again 2
sealed() { same "$(store "SELECT count(*), min(details ->> 'name') FROM dsmb.audit_ledger WHERE kind = 'REVIEW'")" "2 cardiovascular"; }
t "each decision is in the ledger" sealed
t "with who asked, and why" same "$(store "SELECT DISTINCT who, by, reason FROM dsmb.audit_requests WHERE kind = 'REVIEW_DECIDE' AND done")" \
    "dsmb_${W_TRIAL}_review Dr Rita Reviewer read the discharge letter"

# --- a look that the board orders leaves no trace here ---
blind_all() { review list --all --format csv; as_sql review "SELECT dsmb.review_event('E3'), cut, n_events FROM dsmb.status"; }
trial "UPDATE adverse_event SET term = 'PE, myocardial infarction' WHERE ae_id = 'E3'; UPDATE adverse_event SET term = 'MI' WHERE ae_id = 'E9'"
blind_all >"$W/before.csv"
"$BIN/dsmbctl" look --adhoc --by x --reason "the board wants to see" >"$W/adhoc.out" 2>&1
blind_all >"$W/after.csv"
t "a look that the board orders is taken" grep -q '^request' "$W/adhoc.out"
t "it has seen the change" same "$(store "SELECT max(look) FROM dsmb.review_item WHERE ae_id = 'E9'")" 3
t "and the list is what it was" cmp "$W/before.csv" "$W/after.csv"

# --- the event changes ---
row=$(listed event_row E6 --all)
trial "UPDATE adverse_event SET term = 'stroke' WHERE ae_id = 'E6'"
cut_to 2024-03-04
t "it is listed again, and what was refuted counts as its new words say" same "$(listed counted,why,term,verdict,decided_by E6 --all)" \
    "t|changed since it was decided|stroke|REFUTED|Dr Rita Reviewer"
t "what the ad hoc look saw is listed by the calendar's look" same "$(listed counted,why,since E9)" "f|words leave it open|2024-03-04"
t "a decision of the old row is refused" exits 65 'was changed since it was listed' decide E6 --category cardiovascular --verdict refuted --row "$row"
t "on the corrected data the boundary would not be crossed" same "$(cv | cut -d' ' -f1,2,5)" "7 6 f"
t "which the board is told" same "$(store "SELECT string_agg(kind, ' ' ORDER BY id) FROM dsmb.alert WHERE monitor = 'cv'")" "RAISED AMENDED_BELOW"
t "looks taken again still are what they were" again 4
world_stop "$W_DSMBD"
world_dsmbd
t "decided once more, after a restart, on the row as listed" exits 0 'recorded' decide E6 --category cardiovascular --verdict refuted --row "$(listed event_row E6)"
t "taken back" exits 0 'taken back' decide E7 --category cardiovascular --take-back
trial "INSERT INTO committee VALUES ('E6', 'cardiovascular', 'CONFIRMED', '2024-03-04')"
cut_to 2024-03-05
t "the trial's own adjudication comes first" same "$(listed counted,why,verdict,waits E6 --all)" "t|decided; the trial's own adjudication comes first|REFUTED|f"
t "what was taken back is in doubt again" same "$(listed counted,why E7)" "f|words leave it open"
trial "UPDATE committee SET verdict = 'PENDING'"
cut_to 2024-03-06
t "while the trial's is pending the decision holds" same "$(listed counted,why,verdict,waits E6 --all)" "f|decided|REFUTED|f"
trial "INSERT INTO committee VALUES ('E1', 'cardiovascular', 'PENDING', NULL)"
cut_to 2024-03-07
t "an adjudication that is pending waits here too" same "$(listed counted,why E1)" "t|adjudication pending"
trial "DELETE FROM committee"
cut_to 2024-03-08
t "and no longer than that" same "$(listed why E1)" ""
subtype() { decide E2 --category MI --verdict refuted >"$W/t2" 2>&1 && cut_to 2024-03-09 && same "$(store "SELECT name, category FROM dsmb.review_decision WHERE ae_id = 'E2'")" "MI cardiovascular" && same "$(cv | cut -d' ' -f1)" 4; }
t "a subtype can be judged by itself" subtype
t "seven looks of the calendar and one of the board, taken again" again 9

# --- kept ---
t "history is kept" same "$(store "DELETE FROM dsmb.review_decision" 2>&1 | grep -c 'history is kept')" 1
tampered() {
    store "BEGIN; SET LOCAL session_replication_role = replica; UPDATE dsmb.review_decision SET verdict = 'CONFIRMED' WHERE ae_id = 'E2'; COMMIT"
    "$BIN/dsmbctl" ledger verify >"$W/verify.out" 2>&1
    store "BEGIN; SET LOCAL session_replication_role = replica; UPDATE dsmb.review_decision SET verdict = 'REFUTED' WHERE ae_id = 'E2'; COMMIT"
    grep -q 'review_decision ' "$W/verify.out" && exits 0 ' 0 faults' "$BIN/dsmbctl" ledger verify
}
t "verify finds a changed decision" tampered
words="$MG|$PBO|$MG_LABEL|$PBO_LABEL"
review list --all --format csv >"$W/everything.csv"
t "what who decides is shown names no arm" no_leak "the list" "$W/everything.csv"
t "neither does dsmbd's journal" no_leak "the journal" "$W/log/dsmbd.log"
t_end
