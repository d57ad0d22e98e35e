-- REDCap's tables as a copy has them (names and types as its install.sql makes them), and in them what stands in schema
-- `plain`: project 17 the trial, with a repeating form for adverse events in event 41 (people with an odd number) or a
-- repeating event 42 (the others), project 18 the arms, project 19 another trial whose records and fields have the same names.
CREATE SCHEMA redcap;
CREATE TABLE redcap.redcap_data (
    project_id int NOT NULL DEFAULT 0, event_id int, record varchar(100), field_name varchar(100), value text, instance smallint);
CREATE INDEX ON redcap.redcap_data (event_id, instance);
CREATE INDEX ON redcap.redcap_data (project_id, record, field_name);
CREATE INDEX ON redcap.redcap_data (project_id, field_name);
CREATE TABLE redcap.redcap_locking_data (
    ld_id serial PRIMARY KEY, project_id int, record varchar(100), event_id int, form_name varchar(100), instance smallint NOT NULL DEFAULT 1,
    username varchar(191), timestamp timestamp);
CREATE TABLE redcap.redcap_metadata (
    project_id int NOT NULL DEFAULT 0, field_name varchar(100) NOT NULL, field_phi varchar(5), form_name varchar(100),
    form_menu_description varchar(200), field_order real, element_type varchar(50), element_label text, element_enum text,
    element_validation_type varchar(255), PRIMARY KEY (project_id, field_name));

CREATE TABLE redcap.place AS -- the test's: where an event was entered
    SELECT ae_id, subject_id, odd, CASE WHEN odd THEN 41 ELSE 42 END AS event_id,
           row_number() OVER (PARTITION BY subject_id ORDER BY ae_id) AS instance
      FROM (SELECT ae_id, subject_id, right(subject_id, 1)::int % 2 = 1 AS odd FROM plain.ae) a;

-- Instances in no order, the first one without a number; unanswered and blank fields have no row.
INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value, instance)
SELECT 17, p.event_id, p.subject_id, v.field, v.value, nullif(p.instance, 1)
  FROM plain.ae a JOIN redcap.place p USING (ae_id),
       LATERAL (VALUES ('aeterm', a.term), ('aept', a.coded_pt), ('aesoc', a.coded_soc), ('aestdat', a.onset), ('aeendat', a.resolved),
            ('aeser', a.serious::int::text), ('aesdth', a.s_death::int::text), ('aeslife', a.s_life::int::text), ('aeshosp', a.s_hosp::int::text),
            ('aesdisab', a.s_disab::int::text), ('aescong', a.s_cong::int::text), ('aesmie', a.s_other::int::text),
            ('aeout', CASE a.outcome WHEN 'RECOVERED/RESOLVED' THEN '1' WHEN 'FATAL' THEN '5' ELSE a.outcome END),
            ('aesev', a.grade::text), ('aerel', a.related::int::text), ('aeexp', a.expected::int::text),
            ('aespid', substr(a.episode_id, length(a.subject_id) + 2))) AS v(field, value)
 WHERE v.value IS NOT NULL AND NOT a.deleted
 ORDER BY md5(a.ae_id), v.field DESC;
INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value, instance)
SELECT 17, p.event_id, p.subject_id, 'adverse_event_complete', CASE WHEN a.form_status = 'INCOMPLETE' THEN '1' ELSE '2' END, nullif(p.instance, 1)
  FROM plain.ae a JOIN redcap.place p USING (ae_id);
INSERT INTO redcap.redcap_locking_data (project_id, record, event_id, form_name, instance)
SELECT 17, p.subject_id, p.event_id, 'adverse_event', p.instance FROM plain.ae a JOIN redcap.place p USING (ae_id) WHERE a.form_status = 'LOCKED';
-- another form of the same event and instance is locked: that of the adverse event is not
INSERT INTO redcap.redcap_locking_data (project_id, record, event_id, form_name, instance)
SELECT 17, p.subject_id, p.event_id, 'vital_signs', p.instance FROM redcap.place p;

INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value)
SELECT 17, 40, p.subject_id, v.field, v.value
  FROM plain.subject p,
       LATERAL (VALUES ('record_id', p.subject_id), ('__GROUPID__', p.site_id), ('consent_date', p.rand_date::text), ('stratum', p.stratum),
            ('pseudonym', 'P' || md5(p.subject_id)), ('rand_date', p.rand_date::text), ('exstdat', p.first_dose::text), ('exendat', p.last_dose::text), ('dsstdat', p.fu_end::text),
            ('dsdecod', array_position(ARRAY['COMPLETED', 'WITHDRAWN', 'LOST', 'DEATH', 'OTHER'], p.fu_reason)::text), ('dthdat', p.death_date),
            ('dthfl', p.death_flag::int::text), ('course_complete', '2')) AS v(field, value)
 WHERE v.value IS NOT NULL;
-- REDCap writes the record's name and its group into each event that has data
INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value)
SELECT DISTINCT 17, p.event_id, p.subject_id, v.field, v.value FROM redcap.place p JOIN plain.subject s USING (subject_id),
       LATERAL (VALUES ('record_id', s.subject_id), ('__GROUPID__', s.site_id)) AS v(field, value);
INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value)
SELECT 18, 50, a.subject_id, v.field, v.value
  FROM plain.arm a, LATERAL (VALUES ('record_id', a.subject_id), ('rand_arm', a.arm_code), ('got_arm', a.actual_arm_code)) AS v(field, value)
 WHERE v.value IS NOT NULL;
-- another trial; and somebody screened, not randomised, with an adverse event
INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value, instance)
SELECT 19, event_id, record, field_name, CASE WHEN field_name LIKE '%dat%' THEN '2020-01-01' ELSE '5' END, instance
  FROM redcap.redcap_data WHERE project_id = 17;
INSERT INTO redcap.redcap_data (project_id, event_id, record, field_name, value) VALUES
    (17, 40, 'DK-01-999', 'record_id', 'DK-01-999'), (17, 40, 'DK-01-999', 'consent_date', '2016-05-01'),
    (17, 41, 'DK-01-999', 'aeterm', 'nausea'), (17, 41, 'DK-01-999', 'adverse_event_complete', '2');

INSERT INTO redcap.redcap_metadata (project_id, field_name, form_name)
SELECT p, f, CASE WHEN f LIKE 'ae%' OR f = 'adverse_event_complete' THEN 'adverse_event' WHEN f LIKE '%_arm' THEN 'randomisation' ELSE 'course' END
  FROM (SELECT DISTINCT project_id, field_name FROM redcap.redcap_data WHERE field_name <> '__GROUPID__'
        UNION SELECT 17, unnest(ARRAY['aecrit', 'aeout_note', 'aept', 'aesoc', 'aeendat', 'exendat', 'dsstdat', 'dsdecod', 'dthdat'])
        UNION SELECT 18, 'got_arm') AS d(p, f);
