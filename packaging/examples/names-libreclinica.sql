-- What the questions of a trial are called in LibreClinica or OpenClinica 3: an example to copy and edit.
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f names-libreclinica.sql -f /usr/share/dsmbd/sql/source/libreclinica.sql
-- All names, what they mean, and the codes of answers stand at the top of that mapping.  An OID that is not in the database
-- is told, and nothing is changed.  OIDs of items: Build Study, Manage CRFs, the CRF's metadata.

\set study S_MAGICAL
\set subject_name oc_oid

-- adverse events; not asked: ''
\set ae_term I_AE_AETERM
\set ae_onset I_AE_AESTDAT
\set ae_resolved I_AE_AEENDAT
\set ae_serious I_AE_AESER
-- one checkbox item for all criteria: its choices
\set ae_death I_AE_AECRIT=1
\set ae_life I_AE_AECRIT=2
\set ae_hosp I_AE_AECRIT=3
\set ae_disab I_AE_AECRIT=4
\set ae_cong I_AE_AECRIT=5
\set ae_other I_AE_AECRIT=6
\set ae_outcome I_AE_AEOUT
\set ae_grade I_AE_AESEV
\set ae_related I_AE_AEREL

-- subjects
\set rand_date I_RN_RANDDAT
\set first_dose I_EX_EXSTDAT
\set last_dose I_EX_EXENDAT
\set fu_end I_DS_DSSTDAT
\set fu_reason I_DS_DSDECOD
\set death_date I_DS_DTHDAT

-- what the codes of this trial's forms mean
\set yes '1,Y,YES,JA'
\set no '0,N,NO,NEJ'
\set outcomes '1=RECOVERED/RESOLVED,2=RECOVERING/RESOLVING,3=NOT RECOVERED/NOT RESOLVED,4=RECOVERED/RESOLVED WITH SEQUELAE,5=FATAL,6=UNKNOWN'
\set fu_reasons '1=COMPLETED,2=WITHDRAWN,3=LOST,4=DEATH,5=OTHER'
