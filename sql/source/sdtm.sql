-- The source contract (version 1) over CDISC SDTM tables whose columns are all text: dm, ae, ds, ex and, where there is
-- one, suppae.  Run it again after a change of names or tables: the views are made anew, and granted anew.  An empty cell
-- may be '' or NULL.  The file stands alone, also piped into psql.
-- `dsmbctl import sdtm DIR --map` loads such tables from files and runs this file (pg/script.h tells what it knows of psql); by hand:
--
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f sql/source/sdtm.sql
--     psql -d TRIALDB -v role=dsmb_reader -v arms=yes -f sql/setup/source.sql

-- --- names: edit here, nowhere else ---------------------------------------------------------------------------------
-- Each can also be given as psql -v NAME=VALUE.
\if :{?sdtm}         \else \set sdtm sdtm \endif
\if :{?schema}       \else \set schema dsmb_source \endif
\if :{?trial_id}     \else \set trial_id '' \endif
-- ISO date or instant the data are current to; empty: unknown
\if :{?data_cutoff}  \else \set data_cutoff '' \endif
-- ARMCD of those who were never randomised
\if :{?not_randomised} \else \set not_randomised 'SCRNFAIL,NOTASSGN,NOTTRT,' \endif
-- QNAM in suppae that says whether an event was expected
\if :{?supp_expected} \else \set supp_expected AEEXPCT \endif
-- what the site's AEREL words mean; anything else is "not answered"
\if :{?related_yes}  \else \set related_yes 'Y,YES,RELATED,PROBABLE,PROBABLY RELATED,POSSIBLE,POSSIBLY RELATED,DEFINITE,CERTAIN' \endif
\if :{?related_no}   \else \set related_no 'N,NO,NONE,NOT RELATED,UNRELATED,REMOTE,UNLIKELY,UNLIKELY RELATED' \endif
-- --------------------------------------------------------------------------------------------------------------------

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- Columns and tables that not every study has.
SELECT coalesce(bool_or(table_name = 'suppae'), false) AS has_suppae FROM information_schema.tables
 WHERE table_schema = :'sdtm' \gset
SELECT CASE WHEN bool_or(column_name = 'aesdth') THEN 'a.aesdth' ELSE 'NULL::text' END AS aesdth,
       CASE WHEN bool_or(column_name = 'aeslife') THEN 'a.aeslife' ELSE 'NULL::text' END AS aeslife,
       CASE WHEN bool_or(column_name = 'aeshosp') THEN 'a.aeshosp' ELSE 'NULL::text' END AS aeshosp,
       CASE WHEN bool_or(column_name = 'aesdisab') THEN 'a.aesdisab' ELSE 'NULL::text' END AS aesdisab,
       CASE WHEN bool_or(column_name = 'aescong') THEN 'a.aescong' ELSE 'NULL::text' END AS aescong,
       CASE WHEN bool_or(column_name = 'aesmie') THEN 'a.aesmie' ELSE 'NULL::text' END AS aesmie,
       CASE WHEN bool_or(column_name = 'aeout') THEN 'a.aeout' ELSE 'NULL::text' END AS aeout,
       CASE WHEN bool_or(column_name = 'aesev') THEN 'a.aesev' ELSE 'NULL::text' END AS aesev,
       CASE WHEN bool_or(column_name = 'aetoxgr') THEN 'a.aetoxgr' ELSE 'NULL::text' END AS aetoxgr,
       CASE WHEN bool_or(column_name = 'aespid') THEN 'a.aespid' ELSE 'NULL::text' END AS aespid,
       CASE WHEN bool_or(column_name = 'aedtc') THEN 'a.aedtc' ELSE 'NULL::text' END AS aedtc,
       CASE WHEN bool_or(column_name = 'aesoc') THEN 'coalesce(nullif(a.aesoc, ''''), a.aebodsys)' ELSE 'a.aebodsys' END AS aesoc
  FROM information_schema.columns WHERE table_schema = :'sdtm' AND table_name = 'ae' \gset
SELECT CASE WHEN bool_or(column_name = 'rfpendtc') THEN 'd.rfpendtc' ELSE 'NULL::text' END AS rfpendtc,
       CASE WHEN bool_or(column_name = 'actarmcd') THEN 'd.actarmcd' ELSE 'NULL::text' END AS actarmcd
  FROM information_schema.columns WHERE table_schema = :'sdtm' AND table_name = 'dm' \gset

BEGIN;
CREATE SCHEMA IF NOT EXISTS :"schema";

-- The day that an ISO 8601 text begins with; NULL when it is partial or no day.  Never an error: one bad cell must not
-- stop the reading.
CREATE OR REPLACE FUNCTION :"schema".to_day(x text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN x ~ '^\s*(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T|\s|$)'
                THEN CASE WHEN substr(ltrim(x), 9, 2)::int <= (ARRAY[31,
                                   CASE WHEN substr(ltrim(x), 1, 4)::int % 4 = 0
                                         AND (substr(ltrim(x), 1, 4)::int % 100 <> 0 OR substr(ltrim(x), 1, 4)::int % 400 = 0)
                                        THEN 29 ELSE 28 END,
                                   31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[substr(ltrim(x), 6, 2)::int]
                          THEN make_date(substr(ltrim(x), 1, 4)::int, substr(ltrim(x), 6, 2)::int, substr(ltrim(x), 9, 2)::int)
                     END
           END
$$;
-- Y, N, or not answered.
CREATE OR REPLACE FUNCTION :"schema".yes(x text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE upper(btrim(x)) WHEN 'Y' THEN true WHEN 'N' THEN false END
$$;

-- Views are dropped and made again: the set of columns may have changed.
DROP VIEW IF EXISTS :"schema".subject, :"schema".arm, :"schema".ae, :"schema".meta, :"schema".randomised;

-- Screen failures sit in DM too.
CREATE VIEW :"schema".randomised AS
SELECT d.* FROM :"sdtm".dm d
 WHERE upper(btrim(coalesce(d.armcd, ''))) <> ALL (string_to_array(:'not_randomised', ','));

CREATE VIEW :"schema".subject AS
SELECT d.usubjid AS subject_id,
       nullif(d.siteid, '') AS site_id,
       NULL::text AS stratum,
       :"schema".to_day(d.rfstdtc) AS rand_date,
       x.first_dose,
       x.last_dose,
       coalesce(:"schema".to_day(:rfpendtc), s.day) AS fu_end,
       s.reason AS fu_reason,
       nullif(d.dthdtc, '') AS death_date,
       coalesce(upper(d.dthfl) = 'Y', false) OR coalesce(d.dthdtc, '') <> '' AS death_flag,
       NULL::timestamptz AS updated_at
  FROM :"schema".randomised d
  -- DM's RFXSTDTC and RFXENDTC are derived and may be missing or stale: the doses themselves count.
  LEFT JOIN (SELECT e.usubjid,
                    min(:"schema".to_day(e.exstdtc)) AS first_dose,
                    -- a newest interval without an end: still on treatment, or unknown
                    CASE WHEN (array_agg(coalesce(e.exendtc, '') = '' ORDER BY e.exstdtc DESC NULLS LAST, coalesce(e.exendtc, '')))[1]
                         THEN NULL ELSE max(:"schema".to_day(e.exendtc)) END AS last_dose
               FROM :"sdtm".ex e GROUP BY e.usubjid) x USING (usubjid)
  LEFT JOIN (SELECT DISTINCT ON (q.usubjid) q.usubjid, :"schema".to_day(q.dsstdtc) AS day,
                    CASE upper(btrim(q.dsdecod))
                         WHEN 'COMPLETED' THEN 'COMPLETED'
                         WHEN 'DEATH' THEN 'DEATH'
                         WHEN 'LOST TO FOLLOW-UP' THEN 'LOST'
                         WHEN 'WITHDRAWAL BY SUBJECT' THEN 'WITHDRAWN'
                         WHEN 'WITHDRAWAL BY PARENT/GUARDIAN' THEN 'WITHDRAWN'
                         WHEN 'WITHDRAWAL OF CONSENT' THEN 'WITHDRAWN'
                         ELSE 'OTHER' END AS reason
               FROM :"sdtm".ds q
              WHERE upper(q.dscat) = 'DISPOSITION EVENT'
              ORDER BY q.usubjid, (upper(btrim(q.dsdecod)) = 'DEATH') DESC, q.dsstdtc DESC NULLS LAST, q.dsseq DESC) s USING (usubjid);

CREATE VIEW :"schema".arm AS
SELECT d.usubjid AS subject_id, d.armcd AS arm_code, nullif(:actarmcd, '') AS actual_arm_code
  FROM :"schema".randomised d;

-- AESER is kept as the site wrote it, beside the criteria: the rules know that it cannot be trusted alone.
CREATE VIEW :"schema".ae AS
SELECT a.usubjid || '/' || a.aeseq AS ae_id,
       a.usubjid AS subject_id,
       -- visit-wise repeats of one event share AESPID
       a.usubjid || '/' || nullif(:aespid, '') AS episode_id,
       nullif(a.aeterm, '') AS term,
       nullif(a.aedecod, '') AS coded_pt,
       nullif(:aesoc, '') AS coded_soc,
       nullif(a.aestdtc, '') AS onset,
       nullif(a.aeendtc, '') AS resolved,
       :"schema".yes(a.aeser) AS serious,
       :"schema".yes(:aesdth) AS s_death,
       :"schema".yes(:aeslife) AS s_life,
       :"schema".yes(:aeshosp) AS s_hosp,
       :"schema".yes(:aesdisab) AS s_disab,
       :"schema".yes(:aescong) AS s_cong,
       :"schema".yes(:aesmie) AS s_other,
       nullif(:aeout, '') AS outcome,
       CASE WHEN :aetoxgr ~ '^[1-5]$' THEN (:aetoxgr)::smallint
            ELSE CASE upper(btrim(:aesev)) WHEN 'MILD' THEN 1 WHEN 'MODERATE' THEN 2 WHEN 'SEVERE' THEN 3 END::smallint
            END AS grade,
       CASE WHEN upper(btrim(a.aerel)) = ANY (string_to_array(:'related_yes', ',')) THEN true
            WHEN upper(btrim(a.aerel)) = ANY (string_to_array(:'related_no', ',')) THEN false END AS related,
\if :has_suppae
       q.expected,
\else
       NULL::boolean AS expected,
\endif
       'COMPLETE'::text AS form_status,
       false AS deleted,
       :"schema".to_day(:aedtc)::timestamp AT TIME ZONE 'UTC' AS entered_at,
       NULL::timestamptz AS updated_at
  FROM :"sdtm".ae a
\if :has_suppae
  LEFT JOIN (SELECT usubjid, btrim(idvarval) AS aeseq, :"schema".yes(max(qval)) AS expected
               FROM :"sdtm".suppae
              WHERE qnam = :'supp_expected' AND idvar = 'AESEQ' GROUP BY 1, 2) q
    ON q.usubjid = a.usubjid AND q.aeseq = btrim(a.aeseq)
\endif
 -- an event of nobody stays, as a data query; one of a screen failure does not
 WHERE NOT EXISTS (SELECT FROM :"sdtm".dm d WHERE d.usubjid = a.usubjid
                      AND upper(btrim(coalesce(d.armcd, ''))) = ANY (string_to_array(:'not_randomised', ',')));

CREATE VIEW :"schema".meta AS
SELECT name, value
  FROM (VALUES ('contract_version', '1'::text),
               ('trial_id', coalesce(nullif(:'trial_id', ''), (SELECT min(studyid) FROM :"sdtm".dm))),
               ('source', 'CDISC SDTM tables'),
               ('data_cutoff', nullif(:'data_cutoff', ''))) AS m(name, value)
 WHERE value IS NOT NULL;
COMMIT;
