-- LibreClinica's tables as far as a mapping can see them (names and types as its Liquibase migrations make them), and in
-- them what stands in schema `plain`, entered in two ways: people with an even number have a study event per adverse event,
-- those with an odd one a log whose rows came last row first.
CREATE SCHEMA lc;
SET search_path = lc, public;
CREATE TABLE study (
    study_id serial PRIMARY KEY, parent_study_id int, unique_identifier varchar(30), name varchar(255), status_id int,
    date_created date, date_updated date, owner_id int, oc_oid varchar(40) NOT NULL UNIQUE);
CREATE TABLE subject (
    subject_id serial PRIMARY KEY, status_id int, date_of_birth date, gender char(1), unique_identifier varchar(255),
    date_created date, owner_id int, date_updated date, update_id int);
CREATE TABLE study_subject (
    study_subject_id serial PRIMARY KEY, label varchar(30), secondary_label varchar(30), subject_id int, study_id int,
    status_id int, enrollment_date date, date_created date, date_updated date, owner_id int, update_id int,
    oc_oid varchar(40) NOT NULL UNIQUE);
CREATE TABLE study_event_definition (
    study_event_definition_id serial PRIMARY KEY, study_id int, name varchar(2000), repeating boolean, type varchar(20),
    status_id int, ordinal int, oc_oid varchar(40) NOT NULL);
CREATE TABLE study_event (
    study_event_id serial PRIMARY KEY, study_event_definition_id int, study_subject_id int, location varchar(2000),
    sample_ordinal int, date_start timestamp, date_end timestamp, owner_id int, status_id int, date_created date,
    date_updated date, update_id int, subject_event_status_id int, start_time_flag boolean, end_time_flag boolean);
CREATE TABLE crf (crf_id serial PRIMARY KEY, status_id int, name varchar(255), oc_oid varchar(40) NOT NULL);
CREATE TABLE crf_version (crf_version_id serial PRIMARY KEY, crf_id int NOT NULL, name varchar(255), status_id int, oc_oid varchar(40) NOT NULL);
CREATE TABLE event_crf (
    event_crf_id serial PRIMARY KEY, study_event_id int, crf_version_id int, date_interviewed date, interviewer_name varchar(255),
    completion_status_id int, status_id int, annotations varchar(4000), date_completed timestamp, validator_id int,
    date_validate date, date_validate_completed timestamp, validator_annotations varchar(4000), validate_string varchar(256),
    owner_id int, date_created date, study_subject_id int, date_updated date, update_id int,
    electronic_signature_status boolean, sdv_status boolean NOT NULL DEFAULT false, old_status_id int, sdv_update_id int);
CREATE TABLE item (
    item_id serial PRIMARY KEY, name varchar(255), description varchar(4000), units varchar(64), phi_status boolean,
    item_data_type_id int, item_reference_type_id int, status_id int, owner_id int, date_created date, date_updated date,
    update_id int, oc_oid varchar(40) NOT NULL UNIQUE);
CREATE TABLE item_group (
    item_group_id serial PRIMARY KEY, name varchar(255), crf_id int NOT NULL, status_id int, date_created date, owner_id int,
    oc_oid varchar(40) NOT NULL);
CREATE TABLE item_group_metadata (
    item_group_metadata_id serial PRIMARY KEY, item_group_id int NOT NULL, header varchar(255), subheader varchar(255),
    layout varchar(100), repeat_number int, repeat_max int, repeat_array varchar(255), row_start_number int,
    crf_version_id int NOT NULL, item_id int NOT NULL, ordinal int NOT NULL, borders int, show_group boolean, repeating_group boolean);
CREATE TABLE item_data (
    item_data_id serial PRIMARY KEY, item_id int NOT NULL, event_crf_id int, status_id int, value varchar(4000),
    date_created date, date_updated date, owner_id int, update_id int, ordinal int, old_status_id int, deleted boolean);
CREATE INDEX ON item_data (event_crf_id);
CREATE TABLE study_group_class (
    study_group_class_id serial PRIMARY KEY, name varchar(30), study_id int, owner_id int, date_created date,
    group_class_type_id int, status_id int, date_updated date, update_id int, subject_assignment varchar(30));
CREATE TABLE study_group (
    study_group_id serial PRIMARY KEY, name varchar(255), description varchar(1000), study_group_class_id int);
CREATE TABLE subject_group_map (
    subject_group_map_id serial PRIMARY KEY, study_group_class_id int, study_subject_id int, study_group_id int, status_id int,
    owner_id int, date_created date, date_updated date, update_id int, notes varchar(255));

INSERT INTO study (parent_study_id, unique_identifier, name, status_id, oc_oid) VALUES
    (NULL, 'RE', 'synthetic re-enactment', 1, 'S_RE'), (NULL, 'ELSE', 'another study on the same server', 1, 'S_ELSE');
INSERT INTO study (parent_study_id, unique_identifier, name, status_id, oc_oid)
    SELECT 1, site_id, site_id, 1, 'S_' || site_id FROM (SELECT DISTINCT site_id FROM plain.subject) s ORDER BY site_id;
INSERT INTO study_event_definition (study_id, name, repeating, type, status_id, ordinal, oc_oid) VALUES
    (1, 'Adverse event', true, 'common', 1, 1, 'SE_AE'), (1, 'Course of the trial', false, 'scheduled', 1, 2, 'SE_COURSE');
INSERT INTO crf (status_id, name, oc_oid) VALUES (1, 'Adverse events', 'F_AE'), (1, 'Course', 'F_COURSE');
INSERT INTO crf_version (crf_id, name, status_id, oc_oid) VALUES (1, 'v1', 1, 'F_AE_V1'), (2, 'v1', 1, 'F_COURSE_V1');
-- "Any adverse event?" stands above the rows, ungrouped: its cell has ordinal 1, as the first row's have.
INSERT INTO item (name, status_id, oc_oid) SELECT n, 1, 'I_AE_' || n
  FROM unnest(ARRAY['AENO', 'AETERM', 'AEPT', 'AESOC', 'AESTDAT', 'AEENDAT', 'AESER', 'AESDTH', 'AESLIFE', 'AESHOSP', 'AESDISAB', 'AESCONG',
                    'AESMIE', 'AEOUT', 'AESEV', 'AEREL', 'AEEXP', 'AESPID', 'AECRIT', 'AEYN']) AS n;
INSERT INTO item (name, status_id, oc_oid) SELECT n, 1, 'I_CO_' || n
  FROM unnest(ARRAY['STRATUM', 'RANDDAT', 'EXSTDAT', 'EXENDAT', 'DSSTDAT', 'DSDECOD', 'DTHDAT', 'DTHFL']) AS n;
INSERT INTO item_group (name, crf_id, status_id, oc_oid) VALUES ('AE', 1, 1, 'IG_AE'), ('Ungrouped', 1, 1, 'IG_AE_U'), ('Ungrouped', 2, 1, 'IG_CO');
INSERT INTO item_group_metadata (item_group_id, repeat_max, crf_version_id, item_id, ordinal, repeating_group)
    SELECT CASE WHEN oc_oid = 'I_AE_AEYN' THEN 2 WHEN oc_oid LIKE 'I_AE_%' THEN 1 ELSE 3 END, 40,
           CASE WHEN oc_oid LIKE 'I_AE_%' THEN 1 ELSE 2 END, item_id, item_id, oc_oid LIKE 'I_AE_%' FROM item;
INSERT INTO study_group_class (name, study_id, group_class_type_id, status_id, subject_assignment) VALUES
    ('Treatment', 1, 1, 1, 'Required'), ('Family', 1, 2, 1, 'Optional'), ('Treatment', 2, 1, 1, 'Required');
INSERT INTO study_group (name, study_group_class_id) SELECT a, 1 FROM (SELECT DISTINCT arm_code FROM plain.arm) x(a) ORDER BY a;
INSERT INTO study_group (name, study_group_class_id) VALUES ('a family', 2), ('arm of another study', 3);

CREATE TABLE place (ae_id text PRIMARY KEY, event_crf_id int, ordinal int); -- the test's: where an event was entered

INSERT INTO subject (status_id, unique_identifier, date_created) SELECT 1, 'P' || subject_id, rand_date FROM plain.subject ORDER BY subject_id;
INSERT INTO study_subject (label, subject_id, study_id, status_id, enrollment_date, date_created, oc_oid)
    SELECT p.subject_id, s.subject_id, st.study_id, 1, p.rand_date, p.rand_date, 'SS_' || p.subject_id
      FROM plain.subject p JOIN subject s ON s.unique_identifier = 'P' || p.subject_id
      JOIN study st ON st.unique_identifier = p.site_id ORDER BY p.subject_id;
INSERT INTO subject_group_map (study_group_class_id, study_subject_id, study_group_id, status_id)
    SELECT 1, ss.study_subject_id, g.study_group_id, 1
      FROM plain.arm a JOIN study_subject ss ON ss.label = a.subject_id
      JOIN study_group g ON g.name = a.arm_code AND g.study_group_class_id = 1 ORDER BY 2;
INSERT INTO subject_group_map (study_group_class_id, study_subject_id, study_group_id, status_id)
    SELECT 2, min(study_subject_id), (SELECT study_group_id FROM study_group WHERE name = 'a family'), 1 FROM study_subject;

-- the course of each person's trial
INSERT INTO study_event (study_event_definition_id, study_subject_id, sample_ordinal, status_id, subject_event_status_id)
    SELECT 2, study_subject_id, 1, 1, 3 FROM study_subject ORDER BY 2;
INSERT INTO event_crf (study_event_id, crf_version_id, status_id, study_subject_id)
    SELECT study_event_id, 2, 2, study_subject_id FROM study_event WHERE study_event_definition_id = 2 ORDER BY 1;
INSERT INTO item_data (item_id, event_crf_id, status_id, value, date_created, date_updated, ordinal, deleted)
    SELECT i.item_id, ec.event_crf_id, 2, coalesce(v.value, ''), p.rand_date, (p.updated_at AT TIME ZONE 'UTC')::date, 1, false
      FROM plain.subject p JOIN study_subject ss ON ss.label = p.subject_id
      JOIN event_crf ec ON ec.study_subject_id = ss.study_subject_id AND ec.crf_version_id = 2,
           LATERAL (VALUES ('STRATUM', p.stratum), ('RANDDAT', p.rand_date::text), ('EXSTDAT', p.first_dose::text), ('EXENDAT', p.last_dose::text),
                           ('DSSTDAT', p.fu_end::text), ('DSDECOD', (array_position(ARRAY['COMPLETED', 'WITHDRAWN', 'LOST', 'DEATH', 'OTHER'],
                            p.fu_reason))::text), ('DTHDAT', p.death_date), ('DTHFL', p.death_flag::int::text)) AS v(name, value)
      JOIN item i ON i.oc_oid = 'I_CO_' || v.name;

-- where each adverse event is entered
INSERT INTO place (ae_id, event_crf_id, ordinal) -- event_crf_id: a number of our own until the form is there
    SELECT ae_id, dense_rank() OVER (ORDER BY subject_id, CASE WHEN even THEN ae_id END),
           CASE WHEN even THEN 1 ELSE row_number() OVER (PARTITION BY subject_id ORDER BY ae_id) END
      FROM (SELECT ae_id, subject_id, right(subject_id, 1)::int % 2 = 0 AS even FROM plain.ae) a;
CREATE TEMP TABLE form AS
    SELECT p.event_crf_id AS n, min(a.subject_id) AS subject_id, min(a.form_status) AS form_status FROM place p JOIN plain.ae a USING (ae_id) GROUP BY 1;
INSERT INTO study_event (study_event_definition_id, study_subject_id, sample_ordinal, location, status_id, subject_event_status_id)
    SELECT 1, ss.study_subject_id, row_number() OVER (PARTITION BY f.subject_id ORDER BY f.n), f.n::text, 1,
           CASE WHEN f.form_status = 'LOCKED' AND f.n % 2 = 0 THEN 7 ELSE 3 END
      FROM form f JOIN study_subject ss ON ss.label = f.subject_id ORDER BY f.n;
INSERT INTO event_crf (study_event_id, crf_version_id, status_id, study_subject_id)
    SELECT se.study_event_id, 1, CASE WHEN f.form_status = 'INCOMPLETE' THEN 1 WHEN f.form_status = 'LOCKED' AND f.n % 2 = 1 THEN 6 ELSE 2 END,
           se.study_subject_id
      FROM form f JOIN study_event se ON se.study_event_definition_id = 1 AND se.location = f.n::text ORDER BY f.n;
UPDATE place p SET event_crf_id = ec.event_crf_id
  FROM study_event se JOIN event_crf ec USING (study_event_id)
 WHERE se.study_event_definition_id = 1 AND se.location = p.event_crf_id::text;
INSERT INTO item_data (item_id, event_crf_id, status_id, value, date_created, ordinal, deleted)
    SELECT (SELECT item_id FROM item WHERE oc_oid = 'I_AE_AEYN'), event_crf_id, 2, '1', '2016-01-01', 1, false
      FROM (SELECT DISTINCT event_crf_id FROM place) p;
-- the last row first, as it happens where a row is put in
INSERT INTO item_data (item_id, event_crf_id, status_id, value, date_created, date_updated, ordinal, deleted)
    SELECT i.item_id, p.event_crf_id, CASE WHEN a.deleted THEN 5 ELSE 2 END, coalesce(v.value, ''), (a.entered_at AT TIME ZONE 'UTC')::date,
           nullif((a.updated_at AT TIME ZONE 'UTC')::date, (a.entered_at AT TIME ZONE 'UTC')::date), p.ordinal, false
      FROM plain.ae a JOIN place p USING (ae_id),
           LATERAL (VALUES ('AENO', p.ordinal::text), ('AETERM', a.term), ('AEPT', a.coded_pt), ('AESOC', a.coded_soc), ('AESTDAT', a.onset),
                ('AEENDAT', a.resolved), ('AESER', a.serious::int::text), ('AESDTH', a.s_death::int::text), ('AESLIFE', a.s_life::int::text),
                ('AESHOSP', a.s_hosp::int::text), ('AESDISAB', a.s_disab::int::text), ('AESCONG', a.s_cong::int::text),
                ('AESMIE', a.s_other::int::text), ('AEOUT', CASE a.outcome WHEN 'RECOVERED/RESOLVED' THEN '1' WHEN 'FATAL' THEN '5' ELSE a.outcome END),
                ('AESEV', a.grade::text), ('AEREL', a.related::int::text), ('AEEXP', a.expected::int::text),
                ('AESPID', substr(a.episode_id, length(a.subject_id) + 2)), ('AECRIT', '')) AS v(name, value)
      JOIN item i ON i.oc_oid = 'I_AE_' || v.name
     ORDER BY p.event_crf_id DESC, p.ordinal DESC, i.item_id;
DROP TABLE form;

-- somebody of another study, with the same forms: none of ours
INSERT INTO study_subject (label, study_id, status_id, enrollment_date, date_created, oc_oid) VALUES ('X-001', 2, 1, '2016-05-01', '2016-05-01', 'SS_X001');
INSERT INTO subject_group_map (study_group_class_id, study_subject_id, study_group_id, status_id)
    SELECT 3, study_subject_id, (SELECT study_group_id FROM study_group WHERE name = 'arm of another study'), 1 FROM study_subject WHERE label = 'X-001';
-- ... and somebody who was screened and not randomised, with an adverse event
INSERT INTO study_subject (label, study_id, status_id, enrollment_date, date_created, oc_oid) VALUES ('DK-01-999', 1, 1, '2016-05-01', '2016-05-01', 'SS_DK01999');
INSERT INTO study_event (study_event_definition_id, study_subject_id, sample_ordinal, status_id, subject_event_status_id)
    SELECT 1, study_subject_id, 1, 1, 3 FROM study_subject WHERE label IN ('X-001', 'DK-01-999') ORDER BY 2;
INSERT INTO event_crf (study_event_id, crf_version_id, status_id, study_subject_id)
    SELECT se.study_event_id, 1, 2, se.study_subject_id FROM study_event se JOIN study_subject ss USING (study_subject_id)
     WHERE ss.label IN ('X-001', 'DK-01-999') ORDER BY 1;
INSERT INTO item_data (item_id, event_crf_id, status_id, value, date_created, ordinal, deleted)
    SELECT i.item_id, ec.event_crf_id, 2, CASE i.oc_oid WHEN 'I_AE_AETERM' THEN 'nausea' WHEN 'I_AE_AESTDAT' THEN '2016-05-02' ELSE '' END, '2016-05-03', 1, false
      FROM event_crf ec JOIN study_subject ss USING (study_subject_id), item i
     WHERE ss.label IN ('X-001', 'DK-01-999') AND i.oc_oid LIKE 'I_AE_%';
-- the one of another study was randomised there, by the same forms
INSERT INTO study_event (study_event_definition_id, study_subject_id, sample_ordinal, status_id, subject_event_status_id)
    SELECT 2, study_subject_id, 1, 1, 3 FROM study_subject WHERE label = 'X-001';
INSERT INTO event_crf (study_event_id, crf_version_id, status_id, study_subject_id)
    SELECT max(se.study_event_id), 2, 2, ss.study_subject_id FROM study_event se JOIN study_subject ss USING (study_subject_id) WHERE ss.label = 'X-001' GROUP BY 4;
INSERT INTO item_data (item_id, event_crf_id, status_id, value, date_created, ordinal, deleted)
    SELECT (SELECT item_id FROM item WHERE oc_oid = 'I_CO_RANDDAT'), max(event_crf_id), 2, '2016-05-01', '2016-05-01', 1, false FROM event_crf;
RESET search_path;
