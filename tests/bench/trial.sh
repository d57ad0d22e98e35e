# shellcheck shell=bash disable=SC2154 # MG and PBO are world.sh's
# trial.sh - bench_trial N: N synthetic events of about 25,000 distinct verbatims, 20 a subject, in the demo's tables.
bench_trial() {
    trial "INSERT INTO patient SELECT 'S' || lpad(i::text, 7, '0'), 'site' || i % 40, 'x', '2024-01-02', '2024-01-03', NULL, NULL,
                  NULL, NULL, false, '2024-01-02' FROM generate_series(1, $(($1 / 20 + 2))) i;
           INSERT INTO allocation SELECT subject_id, CASE WHEN right(subject_id, 1)::int % 2 = 0 THEN '$MG' ELSE '$PBO' END FROM patient;
           INSERT INTO adverse_event (ae_id, subject_id, episode_id, term, onset, serious, fatal, hospital, outcome, grade, related,
                                      form_status, entered_at, updated_at)
                  SELECT 'E' || i, 'S' || lpad((1 + i % $(($1 / 20)))::text, 7, '0'), 'E' || i,
                         (ARRAY['headache','nausea','chest pain','diarrhoea','fall at home','rash','back pain','dizziness'])[1 + i % 8]
                         || ', note ' || i::bigint * 7919 % 25000, '2024-02-09', NULLIF(i % 3, 0) = 1, false, i % 50 = 0, 'RECOVERED/RESOLVED',
                         2, false, 'COMPLETE', '2024-02-10', '2024-02-10' FROM generate_series(1, $1) i;
           INSERT INTO meta VALUES ('data_cutoff', '2024-03-01T00:00:00Z')"
}
