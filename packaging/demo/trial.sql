-- The demo's trial database: four plain tables as a data-entry system might keep them, and the contract's views on top.
-- SYNTHETIC: a re-enactment; see reenact.py for what is published and what is made up.
CREATE TABLE patient (
    subject_id text PRIMARY KEY, site_id text NOT NULL, stratum text NOT NULL, rand_date date NOT NULL,
    first_dose date, last_dose date, fu_end date, fu_reason text, death_date text, died boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL);
CREATE TABLE allocation (subject_id text PRIMARY KEY REFERENCES patient, arm_code text NOT NULL);
CREATE TABLE adverse_event (
    ae_id text PRIMARY KEY, subject_id text NOT NULL REFERENCES patient, episode_id text NOT NULL, term text,
    onset text, resolved text, serious boolean, fatal boolean, hospital boolean, outcome text, grade smallint,
    related boolean, form_status text NOT NULL, deleted boolean NOT NULL DEFAULT false,
    entered_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO meta VALUES ('contract_version', '1'), ('trial_id', 'magical-ckd'),
    ('source', 'synthetic re-enactment of the published totals');

CREATE SCHEMA dsmb_source;
CREATE VIEW dsmb_source.subject AS
    SELECT subject_id, site_id, stratum, rand_date, first_dose, last_dose, fu_end, fu_reason, death_date,
           died AS death_flag, updated_at FROM patient;
CREATE VIEW dsmb_source.arm AS
    SELECT subject_id, arm_code, NULL::text AS actual_arm_code FROM allocation;
CREATE VIEW dsmb_source.ae AS
    SELECT ae_id, subject_id, episode_id, term, NULL::text AS coded_pt, NULL::text AS coded_soc, onset, resolved,
           serious, fatal AS s_death, NULL::boolean AS s_life, hospital AS s_hosp, NULL::boolean AS s_disab,
           NULL::boolean AS s_cong, NULL::boolean AS s_other, outcome, grade, related, NULL::boolean AS expected,
           form_status, deleted, entered_at, updated_at FROM adverse_event;
CREATE VIEW dsmb_source.meta AS SELECT name, value FROM meta;
