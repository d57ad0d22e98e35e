-- The source contract (version 1) over LibreClinica, or OpenClinica 3 (community edition).  Run it again after a change of
-- names: the views are made anew, and granted anew.
--
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f sql/source/libreclinica.sql
--     psql -d TRIALDB -v role=dsmb_reader -v arms=yes -f sql/setup/source.sql
--
-- The names below can stand in a file of your own (\set study S_MYTRIAL, and so on), which outlives an upgrade of this one:
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f names.sql -f sql/source/libreclinica.sql

-- --- names: edit here, nowhere else ---------------------------------------------------------------------------------
-- the schema of LibreClinica's tables, and the one to make
\if :{?lc}           \else \set lc public \endif
\if :{?schema}       \else \set schema dsmb_source \endif
-- OID of the study; its sites belong to it
\if :{?study}        \else \set study S_MYTRIAL \endif
\if :{?trial_id}     \else \set trial_id '' \endif
-- ISO date or instant the data are current to; empty: unknown.  data_cutoff_from: an SQL expression instead
\if :{?data_cutoff}  \else \set data_cutoff '' \endif
\if :{?data_cutoff_from} \else \set data_cutoff_from :'data_cutoff' \endif
-- what subjects are called in reports: oc_oid never changes; label is what sites know, and can be edited
\if :{?subject_name} \else \set subject_name oc_oid \endif
-- subject group class of type Arm that holds the planned arm; empty: the only one.  A class for the arm that was got, if any
\if :{?arm_class}    \else \set arm_class '' \endif
\if :{?actual_arm_class} \else \set actual_arm_class '' \endif

-- Item OIDs; several (the same question in several CRFs) with commas between; empty: not asked.  OID=CODE: one choice of a
-- checkbox or multi-select item.  An event is one row of the item group of ae_term, or one CRF where the group does not repeat.
\if :{?ae_term}      \else \set ae_term I_AE_AETERM \endif
\if :{?ae_pt}        \else \set ae_pt '' \endif
\if :{?ae_soc}       \else \set ae_soc '' \endif
\if :{?ae_onset}     \else \set ae_onset I_AE_AESTDAT \endif
\if :{?ae_resolved}  \else \set ae_resolved I_AE_AEENDAT \endif
\if :{?ae_serious}   \else \set ae_serious I_AE_AESER \endif
\if :{?ae_death}     \else \set ae_death I_AE_AESDTH \endif
\if :{?ae_life}      \else \set ae_life I_AE_AESLIFE \endif
\if :{?ae_hosp}      \else \set ae_hosp I_AE_AESHOSP \endif
\if :{?ae_disab}     \else \set ae_disab I_AE_AESDISAB \endif
\if :{?ae_cong}      \else \set ae_cong I_AE_AESCONG \endif
\if :{?ae_other}     \else \set ae_other I_AE_AESMIE \endif
\if :{?ae_outcome}   \else \set ae_outcome I_AE_AEOUT \endif
\if :{?ae_grade}     \else \set ae_grade I_AE_AESEV \endif
\if :{?ae_related}   \else \set ae_related I_AE_AEREL \endif
\if :{?ae_expected}  \else \set ae_expected '' \endif
-- what re-reports of one episode share
\if :{?ae_episode}   \else \set ae_episode '' \endif
-- Of subjects, in any CRF.  rand_date empty: the date of enrolment, and who has an arm is randomised; else also who has it
\if :{?rand_date}    \else \set rand_date '' \endif
\if :{?stratum}      \else \set stratum '' \endif
\if :{?first_dose}   \else \set first_dose I_EX_EXSTDAT \endif
\if :{?last_dose}    \else \set last_dose I_EX_EXENDAT \endif
\if :{?fu_end}       \else \set fu_end I_DS_DSSTDAT \endif
\if :{?fu_reason}    \else \set fu_reason I_DS_DSDECOD \endif
\if :{?death_date}   \else \set death_date I_DS_DTHDAT \endif
\if :{?death_flag}   \else \set death_flag '' \endif

-- What codes mean, in capitals.  Yes and no; codes that stand for no answer (LibreClinica's null values)
\if :{?yes}          \else \set yes 'Y,YES,1,TRUE' \endif
\if :{?no}           \else \set no 'N,NO,0,FALSE' \endif
\if :{?unanswered}   \else \set unanswered 'NI,NA,UNK,NASK,ASKU,NAV,MSK,NP,NPE' \endif
-- code=word of the contract; what is not listed stays as it is, and is a data query if dsmbd does not know it
\if :{?outcomes}     \else \set outcomes '1=RECOVERED/RESOLVED,2=RECOVERING/RESOLVING,3=NOT RECOVERED/NOT RESOLVED,4=RECOVERED/RESOLVED WITH SEQUELAE,5=FATAL,6=UNKNOWN' \endif
\if :{?grades}       \else \set grades 'MILD=1,MODERATE=2,SEVERE=3,LIFE-THREATENING=4,FATAL=5' \endif
\if :{?fu_reasons}   \else \set fu_reasons '1=COMPLETED,2=WITHDRAWN,3=LOST,4=DEATH,5=OTHER' \endif
\if :{?related_yes}  \else \set related_yes 'Y,YES,1,RELATED,PROBABLE,PROBABLY RELATED,POSSIBLE,POSSIBLY RELATED,DEFINITE,CERTAIN' \endif
\if :{?related_no}   \else \set related_no 'N,NO,0,NONE,NOT RELATED,UNRELATED,REMOTE,UNLIKELY,UNLIKELY RELATED' \endif
-- status_id of event_crf (2 data entry complete, 8 signed, 6 locked) and subject_event_status_id of study_event (7 locked)
\if :{?crf_complete} \else \set crf_complete '2,8' \endif
\if :{?crf_locked}   \else \set crf_locked '6' \endif
\if :{?event_locked} \else \set event_locked '7' \endif
-- --------------------------------------------------------------------------------------------------------------------

\set ON_ERROR_STOP on
\set source 'LibreClinica'
-- what a choice of a checkbox reads as; in C order the larger one counts where both are found
\set yes :yes ',TICKED'
\set no :no ',OTHER'
SET client_min_messages = warning;

-- Removed and removed with what it belongs to; the flag came with 3.1.
SELECT CASE WHEN bool_or(column_name = 'deleted')
            THEN '((d.status_id IN (5, 7)) IS TRUE OR d.deleted IS TRUE)'
            ELSE '((d.status_id IN (5, 7)) IS TRUE)' END AS cell_removed
  FROM information_schema.columns WHERE table_schema = :'lc' AND table_name = 'item_data' \gset
SELECT :'rand_date' <> '' AS has_rand_date, :'actual_arm_class' <> '' AS has_actual \gset

BEGIN;
\ir begin.sql

-- Which items are asked for: part, its number in that part, the name above, OID, and the choice of a checkbox.
CREATE VIEW :"schema".asked AS
SELECT n.part, n.col, n.name, btrim(split_part(o.one, '=', 1)) AS oid, nullif(btrim(split_part(o.one, '=', 2)), '') AS choice
  FROM (VALUES ('ae', 1, 'ae_term', :'ae_term'), ('ae', 2, 'ae_pt', :'ae_pt'), ('ae', 3, 'ae_soc', :'ae_soc'),
               ('ae', 4, 'ae_onset', :'ae_onset'), ('ae', 5, 'ae_resolved', :'ae_resolved'),
               ('ae', 6, 'ae_serious', :'ae_serious'), ('ae', 7, 'ae_death', :'ae_death'), ('ae', 8, 'ae_life', :'ae_life'),
               ('ae', 9, 'ae_hosp', :'ae_hosp'), ('ae', 10, 'ae_disab', :'ae_disab'), ('ae', 11, 'ae_cong', :'ae_cong'),
               ('ae', 12, 'ae_other', :'ae_other'), ('ae', 13, 'ae_outcome', :'ae_outcome'),
               ('ae', 14, 'ae_grade', :'ae_grade'), ('ae', 15, 'ae_related', :'ae_related'),
               ('ae', 16, 'ae_expected', :'ae_expected'), ('ae', 17, 'ae_episode', :'ae_episode'),
               ('subject', 1, 'stratum', :'stratum'), ('subject', 2, 'rand_date', :'rand_date'),
               ('subject', 3, 'first_dose', :'first_dose'), ('subject', 4, 'last_dose', :'last_dose'),
               ('subject', 5, 'fu_end', :'fu_end'), ('subject', 6, 'fu_reason', :'fu_reason'),
               ('subject', 7, 'death_date', :'death_date'), ('subject', 8, 'death_flag', :'death_flag'))
       AS n(part, col, name, oids),
       unnest(string_to_array(n.oids, ',')) AS o(one)
 WHERE btrim(o.one) <> '';

-- Wrong names stop here, all of them told.  A name that is not found would read as a form that nobody fills in.
SELECT format('DO $say$ BEGIN RAISE EXCEPTION USING MESSAGE = %L, HINT = %L; END $say$',
              'names that are not in this database: ' || string_agg(wrong, '; '),
              'Edit them at the top of libreclinica.sql, or in your file of names; an item that your forms do not ask for: empty.')
  FROM (SELECT format('%s: there is no item with the OID %s', a.name, a.oid) AS wrong
          FROM :"schema".asked a WHERE NOT EXISTS (SELECT FROM :"lc".item i WHERE i.oc_oid = a.oid)
        UNION ALL SELECT 'ae_term: no item is named'
         WHERE NOT EXISTS (SELECT FROM :"schema".asked WHERE name = 'ae_term')
        UNION ALL SELECT format('study: there is no study with the OID %s', :'study')
         WHERE NOT EXISTS (SELECT FROM :"lc".study WHERE oc_oid = :'study')
        UNION ALL SELECT format('subject_name: it is oc_oid or label, not %s', :'subject_name')
         WHERE :'subject_name' NOT IN ('oc_oid', 'label')
        UNION ALL SELECT format('arm_class: %s subject group classes of type Arm %s in the study %s; there must be one', count(*),
                                CASE WHEN :'arm_class' = '' THEN 'are' ELSE format('are named %s', :'arm_class') END, :'study')
          FROM :"lc".study_group_class c JOIN :"lc".study s USING (study_id)
         WHERE s.oc_oid = :'study' AND c.group_class_type_id = 1 AND coalesce(c.status_id NOT IN (5, 7), true)
           AND :'arm_class' IN ('', c.name) AND (:'arm_class' <> '' OR c.name <> :'actual_arm_class')
        HAVING count(*) <> 1
        UNION ALL SELECT format('actual_arm_class: there is no subject group class %s in the study %s',
                                :'actual_arm_class', :'study')
         WHERE :'actual_arm_class' <> ''
           AND NOT EXISTS (SELECT FROM :"lc".study_group_class c JOIN :"lc".study s USING (study_id)
                            WHERE s.oc_oid = :'study' AND c.name = :'actual_arm_class')) w
HAVING count(*) > 0 \gexec

-- An arm in the subject's group map.  A map that was removed is none; a group that is not there is an arm without a code.
CREATE VIEW :"schema".arm_rows AS
SELECT m.study_subject_id, c.name = :'actual_arm_class' AS actual, g.name::text AS code
  FROM :"lc".subject_group_map m
  JOIN :"lc".study_group_class c ON c.study_group_class_id = m.study_group_class_id
  JOIN :"lc".study s ON s.study_id = c.study_id
  LEFT JOIN :"lc".study_group g ON g.study_group_id = m.study_group_id
 WHERE s.oc_oid = :'study' AND coalesce(m.status_id NOT IN (5, 7), true) AND coalesce(c.status_id NOT IN (5, 7), true)
   AND CASE WHEN c.name = :'actual_arm_class' THEN true ELSE c.group_class_type_id = 1 AND :'arm_class' IN ('', c.name) END;

CREATE VIEW :"schema".subject_items AS
SELECT i.item_id, a.col, a.choice FROM :"schema".asked a JOIN :"lc".item i ON i.oc_oid = a.oid WHERE a.part = 'subject';

-- What is known of subjects in forms: one pass over their cells.  Removed at any of the four levels is not known.  The list of
-- items is asked for as well as joined: only so does the server see how few of all cells it is about, and use an index.
CREATE VIEW :"schema".subject_rows AS
SELECT se.study_subject_id,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 1) AS stratum,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 2) AS rand_date,
       min(d.value COLLATE "C") FILTER (WHERE a.col = 3) AS first_dose,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 4) AS last_dose,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 5) AS fu_end,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 6) AS fu_reason,
       max(d.value COLLATE "C") FILTER (WHERE a.col = 7) AS death_date,
       max(CASE WHEN a.choice IS NULL THEN d.value
                WHEN a.choice = ANY (string_to_array(replace(d.value, ' ', ''), ',')) THEN 'TICKED'
                ELSE 'OTHER' END COLLATE "C") FILTER (WHERE a.col = 8) AS death_flag,
       max(coalesce(d.date_updated, d.date_created)) AS changed
  FROM :"lc".item_data d
  JOIN :"schema".subject_items a ON a.item_id = d.item_id
  JOIN :"lc".event_crf ec ON ec.event_crf_id = d.event_crf_id
  JOIN :"lc".study_event se ON se.study_event_id = ec.study_event_id
 WHERE d.item_id = ANY (ARRAY (SELECT item_id FROM :"schema".subject_items))
   AND NOT :cell_removed AND coalesce(ec.status_id NOT IN (5, 7), true) AND coalesce(se.status_id NOT IN (5, 7), true)
   AND btrim(d.value) <> '' AND d.value <> ALL (string_to_array(:'unanswered', ','))
 GROUP BY se.study_subject_id;

-- Everybody enrolled in the study or one of its sites.
CREATE VIEW :"schema".people AS
SELECT ss.study_subject_id,
       CASE WHEN :'subject_name' = 'label' THEN ss.label ELSE ss.oc_oid END::text AS subject_id,
       s.unique_identifier::text AS site_id,
       coalesce(ss.status_id IN (5, 7), false) AS removed,
\if :has_rand_date
       EXISTS (SELECT FROM :"schema".arm_rows m WHERE m.study_subject_id = ss.study_subject_id AND m.actual IS NOT TRUE)
           OR r.rand_date IS NOT NULL AS randomised,
       r.rand_date,
\else
       EXISTS (SELECT FROM :"schema".arm_rows m WHERE m.study_subject_id = ss.study_subject_id AND m.actual IS NOT TRUE)
           AS randomised,
       CASE WHEN ss.enrollment_date BETWEEN '1900-01-01' AND '2199-12-31' THEN to_char(ss.enrollment_date, 'YYYY-MM-DD')
            ELSE ss.enrollment_date::text END AS rand_date,
\endif
       r.stratum, r.first_dose, r.last_dose, r.fu_end, r.fu_reason, r.death_date, r.death_flag,
       greatest(ss.date_created, ss.date_updated, r.changed) AS changed
  FROM :"lc".study_subject ss
  JOIN :"lc".study s ON s.study_id = ss.study_id
  LEFT JOIN :"schema".subject_rows r ON r.study_subject_id = ss.study_subject_id
 WHERE s.oc_oid = :'study' OR s.parent_study_id = (SELECT p.study_id FROM :"lc".study p WHERE p.oc_oid = :'study');

CREATE VIEW :"schema".subject_cells AS
SELECT p.subject_id, p.site_id, p.stratum, p.rand_date, p.first_dose, p.last_dose, p.fu_end, p.fu_reason, p.death_date,
       p.death_flag, :"schema".midnight(p.changed::date) AS updated_at
  FROM :"schema".people p
 WHERE p.randomised AND NOT p.removed;

CREATE VIEW :"schema".arm AS
SELECT p.subject_id,
       m.code AS arm_code,
\if :has_actual
       (SELECT max(x.code) FROM :"schema".arm_rows x WHERE x.study_subject_id = m.study_subject_id AND x.actual) AS actual_arm_code
\else
       NULL::text AS actual_arm_code
\endif
  FROM :"schema".arm_rows m
  JOIN :"schema".people p USING (study_subject_id)
 WHERE m.actual IS NOT TRUE AND NOT p.removed;

-- The items of an event: those asked for, and (col 0) all others of ae_term's item group, which tell whether a row is empty.
CREATE VIEW :"schema".ae_items AS
WITH grouped AS (
    SELECT DISTINCT x.item_id
      FROM :"schema".asked a
      JOIN :"lc".item i ON i.oc_oid = a.oid
      JOIN :"lc".item_group_metadata g ON g.item_id = i.item_id
      JOIN :"lc".item_group_metadata x ON x.item_group_id = g.item_group_id
     WHERE a.part = 'ae' AND a.col = 1)
SELECT i.item_id, a.col, a.choice, g.item_id IS NOT NULL AS own
  FROM :"schema".asked a
  JOIN :"lc".item i ON i.oc_oid = a.oid
  LEFT JOIN grouped g ON g.item_id = i.item_id
 WHERE a.part = 'ae'
UNION ALL
SELECT g.item_id, 0, NULL, true
  FROM grouped g
 WHERE NOT EXISTS (SELECT FROM :"schema".asked a JOIN :"lc".item i ON i.oc_oid = a.oid
                    WHERE a.part = 'ae' AND i.item_id = g.item_id);

-- The text of a cell, '1' before it where it stands, '0' where it was removed: the largest is one that stands, if there is
-- one.  Of two that stand (the table has no key for that) the larger counts: YES before NO, 1 before 0.
SELECT format('CREATE OR REPLACE FUNCTION %1$I.marked(value text, removed boolean, col int, choice text) RETURNS text
                   LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
                   SELECT CASE WHEN removed THEN ''0'' ELSE ''1'' END ||
                          CASE WHEN btrim(value) = '''' OR (col > 3 AND value = ANY (string_to_array(%2$L, '',''))) THEN NULL
                               WHEN choice IS NULL THEN value
                               WHEN choice = ANY (string_to_array(replace(value, '' '', ''''), '','')) THEN ''TICKED''
                               ELSE ''OTHER'' END
               $f$', :'schema', :'unanswered') \gexec
-- ... and back.  Of an event that stands, what was removed is gone; of one that was removed, what it said is kept.
CREATE OR REPLACE FUNCTION :"schema".unmarked(cell text, stands boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN cell COLLATE "C" >= '1' OR NOT stands THEN substr(cell, 2) END
$$;

-- An event is all cells of one (event_crf_id, ordinal): one pass over them.  Its name is that of its first cell, not the
-- ordinal: rows that are put in another order keep their names, and a number that comes free is never given again.
CREATE VIEW :"schema".ae_rows AS
SELECT d.event_crf_id,
       coalesce(min(d.item_data_id) FILTER (WHERE q.own), min(d.item_data_id)) AS first_cell,
       bool_or(NOT :cell_removed) AS stands,
       coalesce(bool_or(NOT :cell_removed AND btrim(d.value) <> ''), false) AS filled,
       min(d.date_created) AS entered,
       max(coalesce(d.date_updated, d.date_created)) AS changed,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 1) AS term,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 2) AS coded_pt,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 3) AS coded_soc,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 4) AS onset,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 5) AS resolved,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 6) AS serious,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 7) AS s_death,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 8) AS s_life,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 9) AS s_hosp,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 10) AS s_disab,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 11) AS s_cong,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 12) AS s_other,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 13) AS outcome,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 14) AS grade,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 15) AS related,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 16) AS expected,
       max(:"schema".marked(d.value, :cell_removed, q.col, q.choice) COLLATE "C") FILTER (WHERE q.col = 17) AS episode
  FROM :"lc".item_data d
  JOIN :"schema".ae_items q ON q.item_id = d.item_id
 WHERE d.item_id = ANY (ARRAY (SELECT item_id FROM :"schema".ae_items))
 GROUP BY d.event_crf_id, d.ordinal;

-- OFFSET 0: each cell is unmarked once, whatever is asked of it above.
CREATE VIEW :"schema".ae_cells AS
SELECT r.event_crf_id || '/' || r.first_cell AS ae_id,
       p.subject_id,
       :"schema".unmarked(r.term, r.stands) AS term,
       :"schema".unmarked(r.coded_pt, r.stands) AS coded_pt,
       :"schema".unmarked(r.coded_soc, r.stands) AS coded_soc,
       :"schema".unmarked(r.onset, r.stands) AS onset,
       :"schema".unmarked(r.resolved, r.stands) AS resolved,
       :"schema".unmarked(r.serious, r.stands) AS serious,
       :"schema".unmarked(r.s_death, r.stands) AS s_death,
       :"schema".unmarked(r.s_life, r.stands) AS s_life,
       :"schema".unmarked(r.s_hosp, r.stands) AS s_hosp,
       :"schema".unmarked(r.s_disab, r.stands) AS s_disab,
       :"schema".unmarked(r.s_cong, r.stands) AS s_cong,
       :"schema".unmarked(r.s_other, r.stands) AS s_other,
       :"schema".unmarked(r.outcome, r.stands) AS outcome,
       :"schema".unmarked(r.grade, r.stands) AS grade,
       :"schema".unmarked(r.related, r.stands) AS related,
       :"schema".unmarked(r.expected, r.stands) AS expected,
       :"schema".unmarked(r.episode, r.stands) AS episode,
       CASE WHEN ec.status_id IN (:crf_locked) OR se.subject_event_status_id IN (:event_locked) THEN 'LOCKED'
            WHEN ec.status_id IN (:crf_complete) THEN 'COMPLETE'
            ELSE 'INCOMPLETE' END AS form_status,
       -- removed at any of the four levels; or a row of the form that nobody has filled in
       NOT r.filled OR p.removed OR coalesce(se.status_id IN (5, 7), false) OR coalesce(ec.status_id IN (5, 7), false) AS deleted,
       :"schema".midnight(r.entered::date) AS entered_at,
       :"schema".midnight(r.changed::date) AS updated_at
  FROM :"schema".ae_rows r
  JOIN :"lc".event_crf ec ON ec.event_crf_id = r.event_crf_id
  JOIN :"lc".study_event se ON se.study_event_id = ec.study_event_id
  JOIN :"schema".people p ON p.study_subject_id = se.study_subject_id
 -- events of screen failures are none of the trial's
 WHERE p.randomised OR p.removed
OFFSET 0;

\ir cells.sql
COMMIT;
