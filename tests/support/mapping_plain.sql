-- The synthetic trial as a plain source, for the mappings to be held against: what the demo's months left in dsmb_source, as
-- tables, with every column of the contract in use.  What is added is made up to fill the columns.
CREATE SCHEMA plain;
CREATE TABLE plain.subject AS
    SELECT subject_id, site_id, stratum, rand_date, first_dose, last_dose, fu_end, fu_reason, death_date, death_flag, updated_at
      FROM dsmb_source.subject;
CREATE TABLE plain.arm AS SELECT subject_id, arm_code, actual_arm_code FROM dsmb_source.arm;
UPDATE plain.arm a SET actual_arm_code = b.arm_code FROM (SELECT max(arm_code) AS arm_code FROM plain.arm) b
 WHERE right(a.subject_id, 1) = '7';
CREATE TABLE plain.ae AS
    SELECT a.ae_id, a.subject_id, a.subject_id || '/' || a.episode_id AS episode_id, a.term,
           CASE WHEN a.term ~* 'ho[vd][ed][^ ]*pine|headache' THEN 'Headache' END AS coded_pt,
           CASE WHEN a.term ~* 'ho[vd][ed][^ ]*pine|headache' THEN 'Nervous system disorders' END AS coded_soc,
           a.onset, a.resolved, a.serious, a.s_death, n % 50 = 0 AS s_life, a.s_hosp,
           CASE WHEN n % 3 > 0 THEN n % 70 = 1 END AS s_disab, CASE n % 11 WHEN 0 THEN false END AS s_cong,
           CASE WHEN n % 2 = 0 THEN n % 90 = 2 END AS s_other, a.outcome, a.grade, a.related,
           CASE n % 5 WHEN 0 THEN true WHEN 1 THEN false END AS expected,
           (ARRAY['COMPLETE', 'COMPLETE', 'COMPLETE', 'INCOMPLETE', 'LOCKED'])[1 + right(a.subject_id, 1)::int % 5] AS form_status,
           a.deleted, a.entered_at, a.updated_at
      FROM (SELECT *, row_number() OVER (ORDER BY ae_id) AS n FROM dsmb_source.ae) a;
CREATE TABLE plain.meta AS SELECT name, value FROM dsmb_source.meta;
