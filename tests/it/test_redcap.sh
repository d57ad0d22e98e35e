#!/bin/bash
# sql/source/redcap.sql over REDCap's table of cells: the synthetic trial entered there reads row for row as from a plain
# source, dsmbctl counts the same, and what REDCap does to a form's cells comes and goes in the views.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
W_TRIAL=rctrial
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
# shellcheck source=tests/support/mapping.sh
. tests/support/mapping.sh
world_init redcap
mapping_world redcap

trial "CREATE TABLE redcap.copied AS SELECT '$CUTOFF'::date AS at"
echo '\set data_cutoff_from "(SELECT max(at) FROM redcap.copied)"' | tr '"' "'" >>"$W/names.sql"
psql_map() { psql -X -q -v ON_ERROR_STOP=1 -d trial "$@" -f sql/source/redcap.sql; }

# --- names ---
t "no project is told" refused 'project: 0 is no project_id.*arm_project: 0' psql_map
t "so are fields that the project does not have, each with its key" refused 'arm: project 17 has no field rand_arm' psql_map -v project=17
t "with what to do" refused 'HINT: .*top of redcap.sql' psql_map -v project=17
t "a form that is not there is told" refused 'ae_form: project 17 has no field adverse_complete' mapping_run -v ae_form=adverse
t "and nothing was made" q "SELECT count(*) FROM pg_namespace WHERE nspname = 'dsmb_source'" 0
trial "ALTER TABLE redcap.redcap_metadata RENAME TO away"
warned() { mapping_run -v ae_death=aesdeath >"$W/warned" 2>&1 && [ "$(grep -c WARNING "$W/warned")" = 2 ] && grep -q 'ae_more: .* aeout_note' "$W/warned" && grep -q 'ae_death: no record of project 17 has a field aesdeath' "$W/warned" || { cat "$W/warned"; return 1; }; }
t "without the list of fields, a name that no cell has is a warning" warned
trial "ALTER TABLE redcap.away RENAME TO redcap_metadata"
t "the mapping runs" mapping_run
t "and runs again" mapping_run
t "the example of names has no other names" example_known

# --- rights ---
mapping_grant
t "without the grant of arms the reader sees the other views" reader "SELECT count(*) FROM dsmb_source.subject"
t "but no arm" refused 'permission denied for view arm$' reader "SELECT * FROM dsmb_source.arm"
for v in arm_rows people ae_rows subject_rows; do t "nor $v" refused "permission denied for view $v" reader "SELECT * FROM dsmb_source.$v"; done
t "nor REDCap's table" refused 'permission denied' reader "SELECT * FROM redcap.redcap_data"
mapping_grant arms

# --- row for row: REDCap keeps no time, and of an emptied instance nothing but its status ---
event="term, coded_pt, coded_soc, onset, resolved, serious, s_death, s_life, s_hosp, s_disab, s_cong, s_other, outcome, grade, related, expected, form_status"
person="subject_id, site_id, stratum, rand_date, first_dose, last_dose, fu_end, fu_reason, death_date, death_flag"
t "subjects are those of the plain source" agree subject "SELECT $person FROM dsmb_source.subject" "SELECT $person FROM plain.subject"
t "so are arms" agree arm "SELECT * FROM dsmb_source.arm" "SELECT subject_id, arm_code, actual_arm_code FROM plain.arm"
t "so are adverse events" agree ae "SELECT ae_id, subject_id, episode_id, $event FROM dsmb_source.ae WHERE NOT deleted" \
    "SELECT p.subject_id || '/' || p.event_id || '/' || p.instance, a.subject_id, episode_id, $event FROM plain.ae a JOIN redcap.place p USING (ae_id) WHERE NOT deleted"
t "an instance that was emptied is an event that was deleted" q "SELECT string_agg(ae_id, ' ') FROM dsmb_source.ae WHERE deleted" \
    "$(trial "SELECT p.subject_id || '/' || p.event_id || '/' || p.instance FROM plain.ae a JOIN redcap.place p USING (ae_id) WHERE deleted")"
t "the views say where they come from, and until when" q "SELECT string_agg(name || '=' || value, ' ' ORDER BY name) FROM dsmb_source.meta" \
    "contract_version=1 data_cutoff=$CUTOFF source=REDCap"

# --- dsmbd ---
world_roles
W_PORT=2525
world_config
world_migrate
trial "GRANT USAGE ON SCHEMA plain TO dsmb_reader; GRANT SELECT ON ALL TABLES IN SCHEMA plain TO dsmb_reader"
says() { # PATTERN-THERE PATTERN-NOT-THERE
    "$BIN/dsmbctl" source check >"$W/check" 2>&1 && grep -qE -- "$1" "$W/check" && ! grep -qE -- "$2" "$W/check" || { cat "$W/check"; return 1; }
}
t "dsmbctl source check finds the views as the contract describes, and the gate on" says 'dsmb_source.ae: as the contract' 'every poll'
tally_of plain "$W/plain.csv"
tally_of dsmb_source "$W/mapped.csv"
t "dsmbctl tally counts the published totals" grep -qx "gastrointestinal $MG 75 35 .*" <(tallied "$W/plain.csv")
t "and the same as from the plain source, in every category, window and population" cmp "$W/plain.csv" "$W/mapped.csv"

world_dsmbd
world_adopt
looks_are() { [ "$(store "SELECT coalesce(max(look), 0) FROM dsmb.look")" -ge "$1" ]; }
wait_for 60 "the first look" looks_are 1
counted=$(looked)
t "dsmbd's look counts by category what the plain source has" same "$counted" "$(tallied "$W/plain.csv")"
read -r moved n <<<"$(trial "SELECT subject_id, count(*) FROM redcap.place JOIN plain.ae USING (ae_id, subject_id) WHERE odd AND NOT deleted GROUP BY 1 HAVING count(*) >= 2 ORDER BY 1 DESC LIMIT 1")"
move() { # FROM TO: the same record under another name
    trial "UPDATE redcap.redcap_data SET record = '$2', value = CASE field_name WHEN 'record_id' THEN '$2' ELSE value END WHERE project_id IN (17, 18) AND record = '$1';
           UPDATE redcap.redcap_locking_data SET record = '$2' WHERE project_id = 17 AND record = '$1'; UPDATE redcap.copied SET at = at + 1"
}
move "$moved" NO-99-999
wait_for 60 "the second look" looks_are 2
t "after a record was renamed dsmbd counts the same" same "$(looked)" "$counted"
t "its events went and came under other names" same "$(store "SELECT count(*) FILTER (WHERE key LIKE '$moved/%' AND deleted), count(*) FILTER (WHERE key LIKE 'NO-99-999/%' AND NOT deleted)
    FROM dsmb.snapshot_row WHERE look = 2 AND view = 'ae'")" "$n $n"
trial "DELETE FROM redcap.redcap_data WHERE project_id = 17 AND record = 'NO-99-999' AND event_id = 41 AND field_name LIKE 'ae%' AND field_name <> 'adverse_event_complete';
       UPDATE redcap.copied SET at = at + 1"
wait_for 60 "the third look" looks_are 3
t "events that were emptied no longer count" same "$(store "SELECT sum(rows) FROM dsmb.tally WHERE look = 3 AND category IS NULL AND population = 'randomised' AND time_window = 'all'
    AND arm_basis = 'planned' AND subtype IS NULL AND arm >= 0")" "$(($(awk '$1 == "any" {n += $6} END {print n}' <<<"$counted") - n))"
fine() { "$BIN/dsmbctl" status --format text | grep -qE 'DATA FAULT +no'; }
t "and none of it is a data fault" fine
world_stop "$W_DSMBD"
move NO-99-999 "$moved"

# --- what REDCap does to cells ---
read -r person instance <<<"$(trial "SELECT subject_id, max(instance) FROM redcap.place WHERE odd GROUP BY 1 HAVING count(*) >= 3 ORDER BY 1 LIMIT 1")"
ae="$person/41/2"
first="$person/41/1"
all=$(trial "SELECT count(*) FROM dsmb_source.ae WHERE NOT deleted")
of() { echo "SELECT $1 FROM dsmb_source.ae WHERE ae_id = '${2:-$ae}'"; }
who() { echo "SELECT $1 FROM dsmb_source.subject WHERE subject_id = '$person'"; }
row="project_id = 17 AND record = '$person' AND event_id = 41 AND instance = 2"
cell() { # FIELD VALUE [WHERE]: the field is written anew, as REDCap does
    local where=${3:-$row}
    echo "DELETE FROM redcap.redcap_data WHERE $where AND field_name = '$1';
          INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value, instance) VALUES (17, 41, '$person', '$1', '$2', 2)"
}
course() { echo "DELETE FROM redcap.redcap_data WHERE project_id = 17 AND record = '$person' AND field_name = '$1';
                 INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value) VALUES (17, 40, '$person', '$1', '$2')"; }
before="CREATE TEMP TABLE was ON COMMIT DROP AS SELECT * FROM dsmb_source.ae"
changed="SELECT count(*) FROM (SELECT * FROM was EXCEPT ALL SELECT * FROM dsmb_source.ae) x"
left="SELECT count(*) FILTER (WHERE NOT deleted), bool_or(deleted) FILTER (WHERE ae_id = '$ae') FROM dsmb_source.ae"
t "emptied, the instance keeps its name and is deleted, and no other is" after "DELETE FROM redcap.redcap_data WHERE $row AND field_name <> 'adverse_event_complete'" "$left" "$((all - 1)) t"
t "emptied of all but blanks too" after "UPDATE redcap.redcap_data SET value = ' ' WHERE $row AND field_name <> 'adverse_event_complete'" "$left" "$((all - 1)) t"
t "the first instance, without a number, too" after "DELETE FROM redcap.redcap_data WHERE project_id = 17 AND record = '$person' AND event_id = 41 AND instance IS NULL AND field_name LIKE 'ae%'" \
    "$(of deleted "$first")" t
t "filled in again it is the same event" after "DELETE FROM redcap.redcap_data WHERE $row AND field_name <> 'adverse_event_complete'; $(cell aeterm nausea)" "$left; $(of term)" "$all f
nausea"
t "another field of the form makes it one" after "DELETE FROM redcap.redcap_data WHERE $row AND field_name LIKE 'ae%'; $(cell aeout_note 'gone home')" "$left" "$all f"
t "removed whole, it vanishes" after "DELETE FROM redcap.redcap_data WHERE $row" "$left" "$((all - 1)) "
t "what is deleted between does not rename the others" after "$before; DELETE FROM redcap.redcap_data WHERE $row" "$changed; $(of "count(*)" "$person/41/3")" "1
1"
t "rows in another order change nothing" after "$before; CREATE TEMP TABLE d ON COMMIT DROP AS SELECT * FROM redcap.redcap_data; TRUNCATE redcap.redcap_data;
    INSERT INTO redcap.redcap_data SELECT * FROM d ORDER BY md5(d::text)" "$changed" 0
t "the first instance may have its number" after "$before; UPDATE redcap.redcap_data SET instance = 1 WHERE instance IS NULL" "$changed" 0
t "repeated events are events of their own" q "SELECT count(*), count(DISTINCT ae_id) FROM dsmb_source.ae WHERE ae_id LIKE '%/42/%'" "$(trial "SELECT count(*), count(*) FROM redcap.place WHERE NOT odd")"
t "the same form in another event is another one" after "INSERT INTO redcap.redcap_data SELECT project_id, 43, record, field_name, value, instance FROM redcap.redcap_data WHERE $row" "$left" "$((all + 1)) f"
t "another project's records of the same name are none of ours" after "$before; DELETE FROM redcap.redcap_data WHERE project_id = 19" "$changed" 0
t "nor are cells of the arms' project, but for the arms" after "$before; INSERT INTO redcap.redcap_data VALUES (18, 41, '$person', 'aeterm', 'nausea', 2), (18, 40, '$person', 'exstdat', '1999-01-01', NULL)" \
    "$changed; $(who "first_dose > '2000-01-01'")" "0
t"
t "events of a screen failure are none of the trial's" q "SELECT count(*) FROM dsmb_source.ae WHERE subject_id = 'DK-01-999'" 0
rename="UPDATE redcap.redcap_data SET record = 'DK-99-001', value = CASE field_name WHEN 'record_id' THEN 'DK-99-001' ELSE value END WHERE project_id IN (17, 18) AND record = '$person';
        UPDATE redcap.redcap_locking_data SET record = 'DK-99-001' WHERE project_id = 17 AND record = '$person'"
orphans="SELECT count(*) FROM dsmb_source.ae a WHERE NOT deleted AND NOT EXISTS (SELECT FROM dsmb_source.subject s WHERE s.subject_id = a.subject_id);
         SELECT count(*) FROM dsmb_source.arm a WHERE NOT EXISTS (SELECT FROM dsmb_source.subject s WHERE s.subject_id = a.subject_id)"
t "a renamed record takes its events and its arm along" after "$rename" "$left; $orphans; $(of "count(*)"); SELECT count(*) FROM dsmb_source.ae WHERE subject_id = 'DK-99-001'" "$all 
0
0
0
$instance"
t "half renamed, its arm is a subject without a day" after "${rename/IN (17, 18)/= 17}" "$(who "rand_date IS NULL")" t

# --- cells that cannot be read ---
t "a grade in words that are not known is one that is none" after "$(cell aesev 'rather bad')" "$(of grade)" -1
t "so is a number that no smallint holds" after "$(cell aesev 123456789)" "$(of grade)" -1
t "an onset stays as it is written" after "$(cell aestdat 'last week')" "$(of onset)" "last week"
t "so does an outcome that is not known" after "$(cell aeout 17)" "$(of outcome)" 17
t "seriousness that is neither yes nor no is not answered" after "$(cell aeser perhaps)" "$(of "serious IS NULL")" t
t "a criterion that is neither opens it" after "$(cell aeser 0); $(cell aeshosp '?')" "$(of "serious IS NULL AND s_hosp IS NULL")" t
t "one that is coded as missing does not" after "$(cell aeser 0); $(cell aeshosp NASK)" "$(of "serious IS FALSE AND s_hosp IS NULL")" t
t "of two values of one field, yes counts" after "$(cell aeser 0); INSERT INTO redcap.redcap_data VALUES (17, 41, '$person', 'aeser', '1', 2)" "$(of serious)" t
t "an event without a status is not complete" after "DELETE FROM redcap.redcap_data WHERE $row AND field_name = 'adverse_event_complete'; DELETE FROM redcap.redcap_locking_data" "$(of form_status)" INCOMPLETE
t "a first dose that is no day is not \"never dosed\"" after "$(course exstdat 13-05-2016)" "$(who first_dose)" infinity
t "a flag of death that is neither yes nor no is not \"alive\"" after "$(course dthfl 7); $(course dthdat '')" "$(who "death_flag IS NULL")" t
t "an arm that is not the plan's is told as it is" after "UPDATE redcap.redcap_data SET value = 'Nobody knows' WHERE project_id = 18 AND record = '$person' AND field_name = 'rand_arm'" \
    "SELECT arm_code FROM dsmb_source.arm WHERE subject_id = '$person'" "Nobody knows"
t "two arms are two rows" after "INSERT INTO redcap.redcap_data VALUES (18, 51, '$person', 'rand_arm', 'Another')" "SELECT count(DISTINCT arm_code) FROM dsmb_source.arm WHERE subject_id = '$person'" 2
t "without an arm the person stays" after "DELETE FROM redcap.redcap_data WHERE project_id = 18 AND record = '$person'" "$(who "count(*)"); SELECT count(*) FROM dsmb_source.arm WHERE subject_id = '$person'" "1
0"
t "whatever all cells hold, everything can be read" any_cell redcap.redcap_data
trial "$(cell aesev 'rather bad'); $(course exstdat soon); UPDATE redcap.redcap_data SET value = 'Nobody knows' WHERE project_id = 18 AND record = '$person' AND field_name = 'rand_arm'"
t "none of it stops a reading" tally_of dsmb_source "$W/bad.csv"
t "and events count where they can" same "$(awk -F, '$1 == "any" && $4 == "randomised" && $5 == "all"' "$W/bad.csv" | wc -l)" "$(awk -F, '$1 == "any" && $4 == "randomised" && $5 == "all"' "$W/plain.csv" | wc -l)"

# --- other names, other tables ---
t "a field can name subjects" mapping_run -c '\set subject_name pseudonym'
t "and then a renamed record changes nothing" after "$before; $rename" "$changed; $orphans; SELECT count(*) FROM dsmb_source.ae WHERE subject_id = 'P' || md5('$person')" "0
0
0
$instance"
t "a criterion can be one choice of a checkbox" mapping_run -v ae_hosp=aecrit=3 -v ae_life=aecrit=2 -v ae_other=
t "which is ticked, or another is, or none" after "$(cell aecrit 3); INSERT INTO redcap.redcap_data VALUES (17, 41, '$person', 'aecrit', '1', 2)" \
    "$(of "s_hosp, s_life"); DELETE FROM redcap.redcap_data WHERE field_name = 'aecrit'; $(of "s_hosp IS NULL AND s_life IS NULL")" "t f
t"
t "without a field that all who were screened have" mapping_run -c "\\set screened ''"
t "their events are those of nobody" q "SELECT ae_id FROM dsmb_source.ae a WHERE NOT EXISTS (SELECT FROM dsmb_source.subject s WHERE s.subject_id = a.subject_id)" DK-01-999/41/1

trial "SET client_min_messages = warning; DROP SCHEMA dsmb_source CASCADE; CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw"
psql -X -q -d trial -c "\\copy redcap.redcap_data TO '$W/cells.csv' CSV"
chmod 755 "$W"; chmod 644 "$W/cells.csv"
trial "CREATE FOREIGN TABLE redcap.redcap_data4 (project_id int, event_id int, record varchar(100), field_name varchar(100), value text, instance smallint)
           SERVER files OPTIONS (filename '$W/cells.csv', format 'csv')"
t "a foreign table does as well" mapping_run -v data=redcap_data4
mapping_grant arms
t "and is named as what keeps the gate open" says 'dsmb_source.ae depends on foreign table redcap.redcap_data4: every poll reads everything' 'function|date or time'
t "with the same events" q "SELECT count(*) FROM dsmb_source.ae WHERE NOT deleted" "$all"
trial "CREATE TABLE redcap.redcap_data_old AS SELECT project_id, event_id, record, field_name, value FROM redcap.redcap_data WHERE instance IS NULL"
t "an old table without instances has one of each" mapping_run -v data=redcap_data_old
t "each under the name it will keep" q "SELECT count(*) FROM dsmb_source.ae WHERE ae_id LIKE '%/1' AND NOT deleted" "$(trial "SELECT count(*) FROM dsmb_source.ae WHERE NOT deleted")"
t_end
