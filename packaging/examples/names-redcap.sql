-- What the fields of a trial are called in REDCap: an example to copy and edit.
--     psql -d TRIALDB -v ON_ERROR_STOP=1 -f names-redcap.sql -f /usr/share/dsmbd/sql/source/redcap.sql
-- All names, what they mean, and the codes of answers stand at the top of that mapping.  Where redcap_metadata was copied
-- too, a field that the project does not have is told, and nothing is changed.

\set redcap redcap
\set data redcap_data
\set project 17
-- the project of who randomises, with the same records; without it: the same project
\set arm_project 18
\set arm rand_arm
-- when the copy was made: what the reports say the data are current to
\set data_cutoff_from '(SELECT max(copied_at) FROM redcap.copied)'
\set subject_name pseudonym
\set screened consent_date

-- adverse events; not asked: ''
\set ae_form adverse_event
\set ae_term aeterm
\set ae_onset aestdat
\set ae_resolved aeendat
\set ae_serious aeser
-- one checkbox for all criteria: its choices
\set ae_death aecrit=1
\set ae_life aecrit=2
\set ae_hosp aecrit=3
\set ae_disab aecrit=4
\set ae_cong aecrit=5
\set ae_other aecrit=6
\set ae_outcome aeout
\set ae_grade aesev
\set ae_related aerel
\set ae_more 'aeacn,aecomment'

-- subjects
\set rand_date rand_date
\set first_dose exstdat
\set last_dose exendat
\set fu_end dsstdat
\set fu_reason dsdecod
\set death_date dthdat

-- what the codes of this trial's forms mean
\set outcomes '1=RECOVERED/RESOLVED,2=RECOVERING/RESOLVING,3=NOT RECOVERED/NOT RESOLVED,4=RECOVERED/RESOLVED WITH SEQUELAE,5=FATAL,6=UNKNOWN'
\set fu_reasons '1=COMPLETED,2=WITHDRAWN,3=LOST,4=DEATH,5=OTHER'
