#!/bin/bash
# A real trial's SDTM tables, loaded and mapped by dsmbctl import, counted by dsmbctl tally: the totals that are known of
# the CDISC pilot study.  The data stay where they are: $DSMB_SHARED/data/cdiscpilot01.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
shared=${DSMB_SHARED:-../shared}
if [ ! -r "$shared/data/cdiscpilot01/dm.csv" ]; then
    echo "ok 1 - the CDISC pilot study is counted # SKIP $shared/data/cdiscpilot01 is not there"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
W_TRIAL=pilot
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init pilot

load() { PGDATABASE=trial "$BIN/dsmbctl" import sdtm "$shared/data/cdiscpilot01" --map --set data_cutoff=2015-03-05 --reader dsmb_reader "$@"; }

psql -X -q -c "CREATE DATABASE trial"
t "the folder is a source, in one command" load
t "and again, in place" load --replace

# --- what the views say ---
q() { same "$(trial "$1")" "$2"; }
t "254 were randomised, screen failures are not among them" q "SELECT count(*) FROM dsmb_source.subject" 254
t "1191 reports are 883 episodes" q "SELECT count(*), count(DISTINCT episode_id) FROM dsmb_source.ae" "1191 883"
t "ae_id is a key" q "SELECT count(DISTINCT ae_id) FROM dsmb_source.ae" 1191
t "partial dates stay text" q "SELECT count(*) FILTER (WHERE length(onset) = 7), count(*) FILTER (WHERE length(onset) = 4) FROM dsmb_source.ae" "15 11"
t "twelve got another arm than planned" q "SELECT count(*) FROM dsmb_source.arm WHERE arm_code <> actual_arm_code" 12
t "three died" q "SELECT count(*) FROM dsmb_source.subject WHERE death_flag AND death_date IS NOT NULL AND fu_reason = 'DEATH'" 3
t "AESER is kept as the site wrote it, beside the criteria" q \
    "SELECT count(*), count(DISTINCT subject_id) FROM dsmb_source.ae WHERE NOT serious AND (s_death OR s_life OR s_hosp OR s_disab OR s_cong)" \
    "$(trial "SELECT count(*), count(DISTINCT usubjid) FROM sdtm.ae WHERE aeser = 'N' AND 'Y' IN (aesdth, aeslife, aeshosp, aesdisab, aescong)")"
t "everybody was dosed, and first doses are those of EX" q \
    "SELECT count(*) FROM dsmb_source.subject s JOIN sdtm.dm d ON d.usubjid = s.subject_id WHERE s.first_dose::text = left(d.rfxstdtc, 10)" 254
t "two are without a last dose, as in DM" q \
    "SELECT count(*), string_agg(s.subject_id, ',' ORDER BY s.subject_id) FROM dsmb_source.subject s JOIN sdtm.dm d ON d.usubjid = s.subject_id
      WHERE s.last_dose IS NULL AND d.rfxendtc IS NULL" "2 $(trial "SELECT string_agg(usubjid, ',' ORDER BY usubjid) FROM sdtm.dm WHERE armcd <> 'Scrnfail' AND rfxendtc IS NULL")"
for bad in 2014-02-30 2014-13-01 1014-01-01 2014-02-29 2014-1-1 '' soon; do
    t "\"$bad\" is no day, and no error" q "SELECT dsmb_source.to_day('$bad') IS NULL" t
done
t "29 February of a leap year is a day" q "SELECT dsmb_source.to_day('2012-02-29T08:15')" 2012-02-29

# --- what is counted ---
world_roles
W_PORT=2525
world_config
cat >"$W/plan.yaml" <<'PLAN'
format: 1
trial: pilot
title: CDISC pilot study
note: A finished trial, counted.
trial_clock: source
arms:
  - {code: Pbo, label: Placebo, role: control, allocation: 86}
  - {code: Xan_Lo, label: Xanomeline low dose, role: experimental, allocation: 84}
  - {code: Xan_Hi, label: Xanomeline high dose, role: experimental, allocation: 84}
population: randomised
arm_basis: planned
treatment_emergent: {days_after_last_dose: no_end}
cut: {every: day, at: "00:00"}
unknown_death_is_cardiovascular: false
families:
  - {name: harm, alpha_one_sided: 0.05}
defaults:
  closing_look: true
  e_process: {prior: [1, 1], reference: 20, role: supportive}
monitors:
  - name: deaths
    title: Deaths
    category: death
    comparison: pooled
    method: exact_binomial
    spending: pocock
    alpha_one_sided: 0.05
    max_events: 20
    looks: every_event
    alert: urgent
    family: harm
PLAN
world_migrate
t "the source is as the contract describes" "$BIN/dsmbctl" source check
"$BIN/dsmbctl" tally --plan "$W/plan.yaml" --rules rules --purpose "a test" --format csv >"$W/tally.csv" 2>"$W/tally.err" || cat "$W/tally.err"

# CATEGORY WINDOW COLUMN: the three arms by planned allocation, placebo/low/high
tally() {
    python3 - "$W/tally.csv" "$@" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
category, window, column = sys.argv[2:5]
population = sys.argv[5] if len(sys.argv) > 5 else "randomised"
basis = sys.argv[6] if len(sys.argv) > 6 else "planned"
out = []
for arm in ("Placebo", "Xanomeline low dose", "Xanomeline high dose"):
    code = {"Placebo": "Pbo", "Xanomeline low dose": "Xan_Lo", "Xanomeline high dose": "Xan_Hi"}[arm]
    hit = [r for r in rows if r["category"] == category and r["arm"] in (arm, code) and r["window"] == window
           and r["population"] == population and r["arm_basis"] == basis and not r.get("subtype")]
    out.append(hit[0][column] if len(hit) == 1 else "%d rows" % len(hit))
print("/".join(out))
PY
}
t "86/84/84 were randomised" same "$(tally any all n)" 86/84/84
t "69/77/79 had any event" same "$(tally any all subjects)" 69/77/79
t "65/77/76 had a treatment-emergent event" same "$(tally any treatment-emergent subjects)" 65/77/76
t "301/435/455 reports" same "$(tally any all rows)" 301/435/455
t "221/313/349 episodes" same "$(tally any all episodes)" 221/313/349
t "17/15/21 had a gastrointestinal event by the site's SOC" same "$(tally gastrointestinal all subjects)" 17/15/21
t "2/1/0 died" same "$(tally death all subjects)" 2/1/0
t "by the arm they got, 86/96/72" same "$(tally any all n randomised actual)" 86/96/72
t "the count is in the unblinding ledger" same "$(store "SELECT count(*) FROM dsmb.ledger WHERE kind = 'DISCLOSURE'")" 1

# --- what would have been seen ---
world_dsmbd
world_adopt
looked() { [ "$(store 'SELECT count(*) FROM dsmb.look')" -ge 1 ]; }
wait_for 60 "the look" looked
walked() {
    "$BIN/dsmbctl" replay --finished --purpose "a test" --format text >"$W/walk" 2>&1
    tr -s ' \n' ' ' <"$W/walk" >"$W/walk.line"
    cat "$W/walk"
    grep -qE 'Deaths: the boundary would not have been crossed' "$W/walk.line" && grep -qE 'On corrected data: [0-9]+ events by the day they were entered' "$W/walk.line"
}
t "the finished trial is walked, by the days its events were entered" walked
t_end
