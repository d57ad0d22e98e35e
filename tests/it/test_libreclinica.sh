#!/bin/bash
# sql/source/libreclinica.sql over LibreClinica's own tables: the synthetic trial entered there reads row for row as from a
# plain source, dsmbd counts the same, and what makes an event come, go and change in LibreClinica does so in the views.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
W_TRIAL=lctrial
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
# shellcheck source=tests/support/mapping.sh
. tests/support/mapping.sh
world_init libreclinica
mapping_world libreclinica

# --- names ---
# With names that are not there nothing is made, and all of them are told.
wrong() { psql -X -q -v ON_ERROR_STOP=1 -d trial -v lc=lc "$@" -f sql/source/libreclinica.sql; }
t "names that are not there are told, each with its key" refused \
    'first_dose: there is no item with the OID I_EX_EXSTDAT.*study: there is no study with the OID S_MYTRIAL' wrong
t "with what to do" refused 'HINT: .*names that your forms|HINT: .*top of libreclinica.sql' wrong
t "and nothing was made" q "SELECT count(*) FROM pg_namespace WHERE nspname = 'dsmb_source'" 0
t "an unknown way to call subjects is told" refused 'subject_name: it is oc_oid or label, not initials' mapping_run -v subject_name=initials
t "a form without a term is told" refused 'ae_term: no item is named' mapping_run -v ae_term=
t "a class of groups that is not there is told" refused 'arm_class: 0 subject group classes of type Arm are named Nobody' mapping_run -v arm_class=Nobody
trial "INSERT INTO lc.study_group_class (name, study_id, group_class_type_id, status_id) VALUES ('Received', 1, 1, 1)"
t "of two classes of arms one must be named" refused 'arm_class: 2 subject group classes' mapping_run
trial "INSERT INTO lc.study_group (name, study_group_class_id) SELECT DISTINCT actual_arm_code, (SELECT max(study_group_class_id) FROM lc.study_group_class)
         FROM plain.arm WHERE actual_arm_code IS NOT NULL;
       INSERT INTO lc.subject_group_map (study_group_class_id, study_subject_id, study_group_id, status_id)
       SELECT g.study_group_class_id, ss.study_subject_id, g.study_group_id, 1
         FROM plain.arm a JOIN lc.study_subject ss ON ss.label = a.subject_id
         JOIN lc.study_group g ON g.name = a.actual_arm_code AND g.study_group_class_id = (SELECT max(study_group_class_id) FROM lc.study_group_class)"
trial "CREATE TABLE entered AS SELECT '$CUTOFF'::date AS until"
cat >>"$W/names.sql" <<'NAMES'
\set actual_arm_class Received
\set data_cutoff_from '(SELECT max(until) FROM public.entered)'
NAMES
t "the mapping runs" mapping_run
t "and runs again" mapping_run
t "the example of names has no other names" example_known

# --- rights ---
mapping_grant
t "without the grant of arms the reader sees the other views" reader "SELECT count(*) FROM dsmb_source.subject"
t "but no arm" refused 'permission denied for view arm$' reader "SELECT * FROM dsmb_source.arm"
for v in arm_rows people ae_rows subject_rows; do t "nor $v" refused "permission denied for view $v" reader "SELECT * FROM dsmb_source.$v"; done
t "nor LibreClinica's tables" refused 'permission denied' reader "SELECT * FROM lc.subject_group_map"
mapping_grant arms
t "with it, arms too" reader "SELECT count(*) FROM dsmb_source.arm"

# --- row for row ---
# The names of subjects and events are LibreClinica's: told apart by where the trial's script has entered them.
named="SELECT ae_id AS plain_id, p.event_crf_id || '/' || min(d.item_data_id) AS ae_id
         FROM lc.place p JOIN lc.item_data d ON d.event_crf_id = p.event_crf_id AND d.ordinal = p.ordinal
         JOIN lc.item_group_metadata g ON g.item_id = d.item_id AND g.item_group_id = 1 GROUP BY 1, p.event_crf_id"
event="term, coded_pt, coded_soc, onset, resolved, serious, s_death, s_life, s_hosp, s_disab, s_cong, s_other, outcome, grade, related, expected,
       form_status, deleted, entered_at, updated_at"
person="site_id, stratum, rand_date, first_dose, last_dose, fu_end, fu_reason, death_date, death_flag, updated_at"
t "subjects are those of the plain source" agree subject "SELECT subject_id, $person FROM dsmb_source.subject" "SELECT 'SS_' || subject_id, $person FROM plain.subject"
t "so are arms" agree arm "SELECT * FROM dsmb_source.arm" "SELECT 'SS_' || subject_id, arm_code, actual_arm_code FROM plain.arm"
t "so are adverse events" agree ae "SELECT ae_id, subject_id, episode_id, $event FROM dsmb_source.ae" \
    "SELECT n.ae_id, 'SS_' || subject_id, 'SS_' || episode_id, $event FROM plain.ae a JOIN ($named) n ON n.plain_id = a.ae_id"
t "one event was deleted, and says what it said" q "SELECT count(*), count(term) FROM dsmb_source.ae WHERE deleted" "1 1"
t "the views say where they come from, and until when" q "SELECT string_agg(name || '=' || value, ' ' ORDER BY name) FROM dsmb_source.meta" \
    "contract_version=1 data_cutoff=$CUTOFF source=LibreClinica"
mapping_run -v subject_name=label; mapping_grant arms
t "subjects can be called by their labels" agree subject "SELECT subject_id, $person FROM dsmb_source.subject" "SELECT subject_id, $person FROM plain.subject"
mapping_run; mapping_grant arms

# --- dsmbd ---
world_roles
world_mail
world_config
world_migrate
trial "GRANT USAGE ON SCHEMA plain TO dsmb_reader; GRANT SELECT ON ALL TABLES IN SCHEMA plain TO dsmb_reader"
said() { "$BIN/dsmbctl" source check >"$W/check" 2>&1 && grep -q 'dsmb_source.ae: as the contract' "$W/check" && ! grep -q 'every poll' "$W/check" || { cat "$W/check"; return 1; }; }
t "dsmbctl source check finds the views as the contract describes, and the gate on" said
tally_of plain "$W/plain.csv"
tally_of dsmb_source "$W/mapped.csv"
t "dsmbctl tally counts something" test "$(wc -l <"$W/plain.csv")" -gt 100
t "and the same as from the plain source" cmp "$W/plain.csv" "$W/mapped.csv"
world_dsmbd
world_adopt
looks_are() { [ "$(store "SELECT coalesce(max(look), 0) FROM dsmb.look")" -ge "$1" ]; }
wait_for 60 "the first look" looks_are 1
checked() { # what else is wrong with this world (no sealed mail, a busy disk) is not asked here
    "$BIN/dsmbctl" check >"$W/check" 2>&1
    grep -qE '^ok +dsmb_source.ae: as the contract' "$W/check" && ! grep -E '^WRONG +(source|dsmb_source)' "$W/check" || { cat "$W/check"; return 1; }
}
t "dsmbctl check finds nothing wrong with the source" checked
t "dsmbd's look counts by category what the plain source has" same "$(looked)" "$(tallied "$W/plain.csv")"
t "the published totals among it" grep -qx "gastrointestinal $MG 75 35 .*" <(looked)

# What follows is of one log (three rows or more) of one person, and one form of its own of another.
trial "CREATE TABLE lc.named AS $named;
       CREATE VIEW lc.e AS SELECT n.ae_id, n.plain_id, p.event_crf_id, p.ordinal, ec.study_event_id, ec.study_subject_id
         FROM lc.named n JOIN lc.place p ON p.ae_id = n.plain_id JOIN lc.event_crf ec USING (event_crf_id)"
log=$(trial "SELECT event_crf_id FROM lc.place JOIN plain.ae USING (ae_id) GROUP BY 1 HAVING count(*) >= 3 AND NOT bool_or(deleted) ORDER BY count(*) DESC, 1 LIMIT 1")
read -r ae other third person <<<"$(trial "SELECT string_agg(e.ae_id, ' ' ORDER BY e.ordinal), min(ss.oc_oid) FROM lc.e JOIN lc.study_subject ss USING (study_subject_id)
    WHERE e.event_crf_id = $log AND e.ordinal <= 3")"
rows=$(trial "SELECT count(*) FROM lc.place WHERE event_crf_id = $log")
all=$(trial "SELECT count(*) FROM dsmb_source.ae WHERE NOT deleted")
row="event_crf_id = $log AND ordinal = 1 AND item_id IN (SELECT item_id FROM lc.item_group_metadata WHERE item_group_id = 1)"
cell() { # OID VALUE: a value entered in the row
    echo "UPDATE lc.item_data SET value = '$2', date_updated = '2019-12-24' WHERE $row AND item_id = (SELECT item_id FROM lc.item WHERE oc_oid = '$1')"
}
of() { echo "SELECT $1 FROM dsmb_source.ae WHERE ae_id = '$ae'"; }

# --- removed ---
left="SELECT count(*) FILTER (WHERE NOT deleted), bool_or(deleted) FILTER (WHERE ae_id = '$ae') FROM dsmb_source.ae"
for status in 5 7; do
    t "removed at the level of its cells (status $status) it is deleted, and no other" after "UPDATE lc.item_data SET status_id = $status WHERE $row" "$left" "$((all - 1)) t"
    t "removed with its form ($status) all rows of the form are" after "UPDATE lc.event_crf SET status_id = $status WHERE event_crf_id = $log" "$left" "$((all - rows)) t"
    t "removed with its study event ($status) too" after "UPDATE lc.study_event SET status_id = $status WHERE study_event_id = (SELECT study_event_id FROM lc.event_crf WHERE event_crf_id = $log)" \
        "$left" "$((all - rows)) t"
    t "removed with the person ($status) too" after "UPDATE lc.study_subject SET status_id = $status WHERE oc_oid = '$person'" "$left" "$((all - rows)) t"
    t "who is then neither a subject nor in an arm" after "UPDATE lc.study_subject SET status_id = $status WHERE oc_oid = '$person'" \
        "SELECT count(*), (SELECT count(*) FROM dsmb_source.arm) FROM dsmb_source.subject" "147 147"
done
t "the flag of cells removes as well" after "UPDATE lc.item_data SET deleted = true WHERE $row" "$left" "$((all - 1)) t"
t "what was removed says what it said" after "UPDATE lc.item_data SET status_id = 5 WHERE $row" "$(of "term = (SELECT term FROM plain.ae JOIN lc.named n ON n.plain_id = ae.ae_id WHERE n.ae_id = '$ae')")" t
t "it comes back under its name" after "UPDATE lc.item_data SET status_id = 5 WHERE $row; UPDATE lc.item_data SET status_id = 2 WHERE $row" "$left" "$all f"
t "one cell removed is a blank one" after "UPDATE lc.item_data SET status_id = 5 WHERE $row AND item_id = (SELECT item_id FROM lc.item WHERE oc_oid = 'I_AE_AESTDAT')" \
    "$(of "onset IS NULL AND term IS NOT NULL AND NOT deleted")" t
t "of a removed cell and one that stands, the latter counts" after "INSERT INTO lc.item_data (item_id, event_crf_id, status_id, value, date_created, ordinal, deleted)
        SELECT item_id, event_crf_id, 5, 'zzz', date_created, 1, false FROM lc.item_data WHERE $row" "$(of "term <> 'zzz' AND onset <> 'zzz' AND NOT deleted")" t
t "a row that nobody filled in is no event" after "UPDATE lc.item_data SET value = '  ' WHERE $row" "$left" "$((all - 1)) t"
t "a cell of the row that is not asked for is an event" after "UPDATE lc.item_data SET value = '' WHERE $row AND item_id <> (SELECT item_id FROM lc.item WHERE oc_oid = 'I_AE_AENO')" \
    "$(of "NOT deleted AND term IS NULL")" t
t "the form's own question does not make one" after "UPDATE lc.item_data SET value = '' WHERE $row" \
    "SELECT count(*) FROM lc.item_data WHERE event_crf_id = $log AND ordinal = 1 AND value = '1'; $(of deleted)" "1
t"

# --- names that stay ---
before="CREATE TEMP TABLE was ON COMMIT DROP AS SELECT * FROM dsmb_source.ae"
changed="SELECT count(*) FROM (SELECT * FROM was EXCEPT ALL SELECT * FROM dsmb_source.ae) x"
t "rows put in another order change nothing" after "$before; UPDATE lc.item_data SET ordinal = $rows + 1 - ordinal WHERE event_crf_id = $log
        AND item_id IN (SELECT item_id FROM lc.item_group_metadata WHERE item_group_id = 1)" "$changed" 0
t "a row that is put in between is one event more" after "$before; UPDATE lc.item_data SET ordinal = ordinal + 1 WHERE event_crf_id = $log
        AND item_id IN (SELECT item_id FROM lc.item_group_metadata WHERE item_group_id = 1);
        INSERT INTO lc.item_data (item_id, event_crf_id, status_id, value, date_created, ordinal, deleted)
        SELECT item_id, $log, 2, 'nausea', '2019-12-24', 1, false FROM lc.item WHERE oc_oid = 'I_AE_AETERM'" "$changed; SELECT count(*) FROM dsmb_source.ae WHERE NOT deleted" "0
$((all + 1))"
t "a person whose label is edited stays the same" after "$before; UPDATE lc.study_subject SET label = 'renamed' WHERE oc_oid = '$person'" "$changed" 0
t "an event in a repeated study event is one of its own" q "SELECT count(*), count(DISTINCT ae_id), count(DISTINCT event_crf_id) FROM lc.e JOIN lc.study_event se USING (study_event_id)
    WHERE se.sample_ordinal > 1" "$(trial "SELECT count(*), count(*), count(*) FROM lc.study_event WHERE sample_ordinal > 1 AND study_event_definition_id = 1")"
t "nothing comes from another study, nothing from a screen failure" q "SELECT count(*) FROM dsmb_source.ae WHERE subject_id IN ('SS_X001', 'SS_DK01999')" 0

# --- cells that cannot be read ---
t "a grade in words that are not known is one that is none" after "$(cell I_AE_AESEV 'rather bad')" "$(of grade)" -1
t "so is a number that no smallint holds" after "$(cell I_AE_AESEV 123456789)" "$(of grade)" -1
t "a grade in known words is one" after "$(cell I_AE_AESEV ' Severe ')" "$(of grade)" 3
t "an onset stays as it is written" after "$(cell I_AE_AESTDAT 'last week')" "$(of onset)" "last week"
t "so does an outcome that is not known" after "$(cell I_AE_AEOUT 17)" "$(of outcome)" 17
t "seriousness that is neither yes nor no is not answered" after "$(cell I_AE_AESER perhaps)" "$(of "serious IS NULL")" t
t "a criterion that is neither opens it" after "$(cell I_AE_AESER 0); $(cell I_AE_AESHOSP '?')" "$(of "serious IS NULL AND s_hosp IS NULL")" t
t "one that is said not to apply does not" after "$(cell I_AE_AESER 0); $(cell I_AE_AESHOSP NA)" "$(of "serious IS FALSE AND s_hosp IS NULL")" t
t "4000 characters and quotes are text" after "$(cell I_AE_AETERM "' || repeat('\"', 3999) || '''")" "$(of "length(term)")" 4000
course() { echo "UPDATE lc.item_data d SET value = '$2' FROM lc.event_crf ec, lc.study_subject ss, lc.item i WHERE ec.event_crf_id = d.event_crf_id
    AND ss.study_subject_id = ec.study_subject_id AND i.item_id = d.item_id AND ss.oc_oid = '$person' AND i.oc_oid = '$1'"; }
who() { echo "SELECT $1 FROM dsmb_source.subject WHERE subject_id = '$person'"; }
t "a first dose that is no day is not \"never dosed\"" after "$(course I_CO_EXSTDAT 2016-13-45)" "$(who first_dose)" infinity
t "nor is half a day" after "$(course I_CO_EXSTDAT 2016-05)" "$(who first_dose)" infinity
t "a blank one is" after "$(course I_CO_EXSTDAT ' ')" "$(who "first_dose IS NULL")" t
t "a flag of death that is neither yes nor no is not \"alive\"" after "$(course I_CO_DTHFL 7); $(course I_CO_DTHDAT '')" "$(who "death_flag IS NULL")" t
t "a date of death is a death" after "$(course I_CO_DTHFL 0); $(course I_CO_DTHDAT 2017-03)" "$(who "death_flag, death_date")" "t 2017-03"
t "what stands in a removed form is not known" after "UPDATE lc.event_crf SET status_id = 5 WHERE crf_version_id = 2 AND study_subject_id =
    (SELECT study_subject_id FROM lc.study_subject WHERE oc_oid = '$person')" "$(who "rand_date IS NULL AND first_dose IS NULL AND NOT death_flag")" t

t "whatever all cells hold, everything can be read" any_cell lc.item_data

# --- arms ---
map="lc.subject_group_map WHERE study_group_class_id = 1 AND study_subject_id = (SELECT study_subject_id FROM lc.study_subject WHERE oc_oid = '$person')"
in_arm() { echo "SELECT count(*), max(arm_code) FROM dsmb_source.arm WHERE subject_id = '$person'"; }
set_map() { echo "UPDATE ${map/ WHERE/ SET $1 WHERE}"; }
t "a group that is not the plan's is told as it is" after "INSERT INTO lc.study_group (study_group_id, name, study_group_class_id) VALUES (99, 'Nobody knows', 1); $(set_map "study_group_id = 99")" "$(in_arm)" "1 Nobody knows"
t "a group that is not there is an arm without a code" after "$(set_map "study_group_id = 98")" "$(in_arm)" "1 "
t "a map that was removed is none; the person stays" after "$(set_map "status_id = 5")" "$(in_arm); $(who "count(*)")" "0 
1"
t "two arms are two rows" after "INSERT INTO lc.subject_group_map (study_group_class_id, study_subject_id, study_group_id, status_id)
    SELECT 1, study_subject_id, (SELECT min(study_group_id) + max(study_group_id) FROM lc.study_group WHERE study_group_class_id = 1) - study_group_id, 1 FROM $map" \
    "SELECT count(DISTINCT arm_code) FROM dsmb_source.arm WHERE subject_id = '$person'" 2
t "groups of another kind are no arms" q "SELECT count(*) FROM dsmb_source.arm WHERE arm_code IN ('a family', 'arm of another study')" 0

# --- dsmbd sees it ---
fine() { "$BIN/dsmbctl" status --format text | grep -qE 'DATA FAULT +no'; }
trial "UPDATE lc.item_data SET status_id = 5 WHERE $row; UPDATE lc.item_data SET value = 'rather bad' WHERE event_crf_id = $log AND ordinal = 2
           AND item_id = (SELECT item_id FROM lc.item WHERE oc_oid = 'I_AE_AESEV'); $(course I_CO_EXSTDAT soon);
       INSERT INTO lc.study_group (study_group_id, name, study_group_class_id) VALUES (99, 'Nobody knows', 1); $(set_map "study_group_id = 99")"
trial "UPDATE public.entered SET until = until + 1"
wait_for 60 "the second look" looks_are 2
t "a removed event is deleted in dsmbd's next look" same "$(store "SELECT content[21], content[4] IS NOT NULL FROM dsmb.snapshot_row WHERE look = 2 AND view = 'ae' AND key = '$ae'")" "t t"
t "what cannot be read is a data query" same "$(store "SELECT string_agg(DISTINCT code || ' ' || key, ', ' ORDER BY code || ' ' || key) FROM dsmb.data_query
    WHERE look = 2 AND key IN ('$other', '$person') AND code IN ('UNREADABLE', 'UNKNOWN_ARM')")" "UNKNOWN_ARM $person, UNREADABLE $other, UNREADABLE $person"
t "and no data fault" fine
world_stop "$W_DSMBD"

# --- other names ---
t "a criterion can be one choice of several" mapping_run -v ae_hosp=I_AE_AECRIT=3 -v ae_life=I_AE_AECRIT=2 -v ae_other=
ae=$third
row=${row/ordinal = 1/ordinal = 3}
t "which is ticked, or another is, or none" after "$(cell I_AE_AECRIT '1, 3')" "$(of "s_hosp, s_life, s_other IS NULL"); $(cell I_AE_AECRIT ''); $(of "s_hosp IS NULL AND s_life IS NULL")" "t f t
t"
t "an item outside the rows can be asked for" mapping_run -c '\set ae_expected I_AE_AEYN'
t "and names no event" q "SELECT count(*), count(*) FILTER (WHERE expected) FROM dsmb_source.ae JOIN lc.named USING (ae_id)" \
    "$(trial "SELECT count(*), count(*) FILTER (WHERE ordinal = 1) FROM lc.place")"
# Without a day of randomisation in a form it is the day of enrolment, and who has an arm is randomised.
t "the day of enrolment can be that of randomisation" mapping_run -c "\\set rand_date ''"
t "and is" after "$(set_map "status_id = 5")" "SELECT count(*), count(rand_date) FROM dsmb_source.subject" "147 147"
t "a day in a year of six digits stops nothing" after "UPDATE lc.study_subject SET enrollment_date = '999999-01-01', date_created = '5000000-01-01'; UPDATE lc.item_data SET date_created = '5000000-01-01'" \
    "SELECT DISTINCT rand_date, updated_at FROM dsmb_source.subject; SELECT count(*) FROM dsmb_source.ae WHERE entered_at = 'infinity'" "infinity infinity
$(trial "SELECT count(*) FROM dsmb_source.ae")"
trial "SET client_min_messages = warning; DROP SCHEMA dsmb_source CASCADE; ALTER TABLE lc.item_data DROP COLUMN deleted"
t "OpenClinica 3.0 has no flag on its cells" mapping_run
t "and the same events" q "SELECT count(*) FROM dsmb_source.ae WHERE NOT deleted" $((all - 1))
t_end
