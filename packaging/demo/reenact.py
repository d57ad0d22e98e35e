#!/usr/bin/python3
"""Writes a SYNTHETIC re-enactment of MAGiCAL-CKD, month by month, as SQL.

Published (J Am Soc Nephrol 2023;34:886-894): 148 randomised, 75 magnesium and 73 placebo, 12 months; subjects with
gastrointestinal adverse effects 35 v 9, deaths 5 v 2, cardiovascular events 6 v 0.  Those totals are reproduced
exactly.  Everything else - dates, sites, words, drop-out, which subject - is made up from a fixed seed and stands for
nobody.  Serious adverse events by arm are not published: none are aimed at; what counts as serious here follows from
the deaths and the cardiovascular admissions alone.

usage: reenact.py OUTDIR [--seed N] [--check] [--arms MG,PBO]
"""
import argparse
import datetime as dt
import math
import os
import random
import sys

START = dt.date(2016, 1, 4)
RECRUIT_DAYS = 30 * 30
FOLLOW = 365
MG, PBO = 1, 0
PUBLISHED = {"n": (75, 73), "gi": (35, 9), "death": (5, 2), "cv": (6, 0)}

GI_TERMS = {
    "DK": ["diaré", "løs afføring", "kvalme", "mavesmerter", "vandig afføring", "Diarre ", "opkastning",
           "oppustethed og luft i maven", "kvalme, ingen opkastning", "obstipation"],
    "NO": ["diaré", "løs avføring", "kvalme", "magesmerter", "oppkast", "vond mage og diaré", "forstoppelse"],
    "EN": ["diarrhoea", "loose stools", "nausea", "abdominal pain", "vomiting", "Diarrhea (intermittent)"],
}
CV_TERMS = {
    "DK": ["akut myokardieinfarkt, indlagt", "iskæmisk apopleksi", "hjertesvigt, forværring", "atrieflimren, nyopdaget"],
    "NO": ["hjerteinfarkt", "hjerneslag", "hjertesvikt, innlagt"],
    "EN": ["acute myocardial infarction", "unstable angina, admitted"],
}
FATAL_TERMS = {
    "DK": ["pneumoni med sepsis", "lungekræft", "urosepsis"],
    "NO": ["lungebetennelse, septisk sjokk", "kreft i bukspyttkjertelen"],
    "EN": ["septic shock", "metastatic prostate cancer"],
}
OTHER_TERMS = {
    "DK": ["hovedpine", "urinvejsinfektion", "influenza", "faldt på cykel; brud på håndled", "svimmelhed", "hoste",
           "ingen brystsmerter, men træt", "familiær disposition for AMI (far)", "udslæt", "podagra"],
    "NO": ["hodepine", "urinveisinfeksjon", "forkjølelse", "svimmel", "kløe", "ryggsmerter"],
    "EN": ["headache", "upper respiratory tract infection", "back pain", "fatigue", "rash", "no chest pain; tired"],
}


class Subject:
    def __init__(self, i, arm, rand, site):
        self.id = f"{site}-{i:03d}"
        self.arm, self.rand, self.site = arm, rand, site
        self.lang = "DK" if site.startswith("DK") else "NO"
        self.end, self.reason, self.death = rand + dt.timedelta(FOLLOW), "COMPLETED", None
        self.first_dose = rand + dt.timedelta(1)


def allocate(rnd):
    """Permuted blocks of four; the last block is incomplete, which leaves 75 and 73."""
    arms = []
    for _ in range(36):
        block = [MG, MG, PBO, PBO]
        rnd.shuffle(block)
        arms += block
    last = [MG, MG, MG, PBO]
    rnd.shuffle(last)
    return arms + last


def words(rnd, table, s):
    lang = "EN" if rnd.random() < 0.2 else s.lang
    return rnd.choice(table[lang])


def build(seed):
    rnd = random.Random(seed)
    arms = allocate(rnd)
    days = sorted(rnd.randrange(RECRUIT_DAYS) for _ in arms)
    sites = ["DK-01", "DK-01", "DK-02", "DK-03", "NO-01", "NO-02"]
    subjects = [Subject(i + 1, a, START + dt.timedelta(d), rnd.choice(sites))
                for i, (a, d) in enumerate(zip(arms, days))]
    by_arm = {a: [s for s in subjects if s.arm == a] for a in (MG, PBO)}

    def pick(kind, taken=()):
        out = []
        for a, k in zip((MG, PBO), PUBLISHED[kind]):
            out += rnd.sample([s for s in by_arm[a] if s not in taken], k)
        return out

    dead = pick("death")
    for s in dead:
        s.death = s.rand + dt.timedelta(rnd.randrange(60, FOLLOW))
        s.end, s.reason = s.death, "DEATH"
    for s in subjects:
        if s.death is None and rnd.random() < (0.13 if s.arm == MG else 0.12):
            s.end = s.rand + dt.timedelta(rnd.randrange(90, 330))
            s.reason = rnd.choice(["WITHDRAWN", "WITHDRAWN", "LOST"])

    def within(s, mean):
        span = (s.end - s.rand).days - 5
        while True:
            d = int(rnd.expovariate(1 / mean)) + 2
            if d < span:
                return s.rand + dt.timedelta(d)

    events = []

    def add(s, term, onset, **kw):
        lag = max(1, int(rnd.lognormvariate(math.log(11), 0.9)))
        e = {"s": s, "term": term, "onset": onset, "entered": onset + dt.timedelta(min(lag, 120)), "serious": False,
             "fatal": False, "hosp": None, "outcome": "RECOVERED/RESOLVED", "resolved": None, "changes": [],
             "grade": rnd.choice([1, 1, 2, 2, 3]), "episode": None}
        e.update(kw)
        if e["resolved"] is None and not e["fatal"]:
            e["resolved"] = onset + dt.timedelta(rnd.randrange(1, 40))
        events.append(e)
        return e

    gi = pick("gi")
    for s in gi:
        first = add(s, words(rnd, GI_TERMS, s), within(s, 70 if s.arm == MG else 150), related=True)
        for _ in range(rnd.choice([0, 0, 1, 1, 2])):
            add(s, words(rnd, GI_TERMS, s), within(s, 160))
        if rnd.random() < 0.15:
            add(s, first["term"], first["onset"], episode=first)
    cv = pick("cv", taken=dead)
    for s in cv:
        add(s, words(rnd, CV_TERMS, s), within(s, 170), serious=True, hosp=True, grade=3)
    for s in dead:
        add(s, words(rnd, FATAL_TERMS, s), s.death, serious=True, fatal=True, outcome="FATAL", grade=5)
    for s in subjects:
        for _ in range(rnd.choice([0, 0, 1, 1, 2, 3])):
            add(s, words(rnd, OTHER_TERMS, s), within(s, 150))

    diabetes = random.Random(seed + 1)
    for s in subjects:
        s.stratum = "diabetes" if diabetes.random() < 0.4 else "no diabetes"
    # Corrections: a clearer wording, a date that was a month at first, seriousness answered late.
    for e in rnd.sample([e for e in events if not e["fatal"]], 14):
        later = e["entered"] + dt.timedelta(rnd.randrange(20, 70))
        kind = rnd.choice(["onset", "grade", "term"])
        if kind == "onset":
            e["changes"].append((later, {"onset": e["onset"].isoformat()}))
            e["first_onset"] = e["onset"].isoformat()[:7]
        elif kind == "grade":
            e["changes"].append((later, {"grade": min(4, e["grade"] + 1)}))
        else:
            e["changes"].append((later, {"term": e["term"].strip() + " (" + ("bekræftet" if e["s"].lang == "DK"
                                                                            else "bekreftet") + ")"}))
    # One retraction: a gastrointestinal event of a subject who has no other is entered and later removed.
    clean = [s for s in by_arm[PBO] if s not in gi and s not in dead and (s.end - s.rand).days > 200]
    wrong = rnd.choice(clean)
    gone = add(wrong, words(rnd, GI_TERMS, wrong), within(wrong, 60))
    gone["deleted_on"] = gone["entered"] + dt.timedelta(rnd.randrange(40, 80))
    gone["retracted"] = True
    events.sort(key=lambda e: (e["entered"], e["onset"], e["s"].id, e["term"]))
    for i, e in enumerate(events, 1):
        e["id"] = f"AE{i:04d}"
    return subjects, events, gi, dead, cv


def at_risk(subjects, first, day):
    """Y1, Y0 on an onset day: randomised, under observation, first event not on an earlier day."""
    y = [0, 0]
    for s in subjects:
        if s.rand <= day <= s.end and not (s in first and first[s] < day):
            y[s.arm] += 1
    return y[1], y[0]


def check(subjects, events, dead, cv):
    """Geometric means of p_j = Y1/(Y1+Y0): the limits within which the stated verdicts follow."""
    out = {}
    for name, who in (("cv", cv), ("death", dead)):
        first = {s: min(e["onset"] for e in events if e["s"] is s and e["serious"]) for s in who}
        logs = []
        for s in who:
            y1, y0 = at_risk(subjects, first, first[s])
            logs.append(math.log(y1 / (y1 + y0)))
        out[name] = math.exp(sum(logs) / len(logs))
    return out


def q(v):
    if v is None:
        return "NULL"
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, (int, float)):
        return str(v)
    return "'" + str(v).replace("'", "''") + "'"


def month_ends():
    d = START
    while d < START + dt.timedelta(RECRUIT_DAYS + FOLLOW + 150):
        nxt = dt.date(d.year + d.month // 12, d.month % 12 + 1, 1)
        yield nxt
        d = nxt


def write(outdir, subjects, events, codes):
    os.makedirs(outdir, exist_ok=True)
    prev = dt.date(1900, 1, 1)
    ends = list(month_ends())
    for k, cut in enumerate(ends, 1):
        rows = ["BEGIN;"]
        for s in subjects:
            if prev <= s.rand < cut:
                rows.append(f"INSERT INTO patient VALUES ({q(s.id)}, {q(s.site)}, {q(s.stratum)}, {q(s.rand)}, "
                            f"{q(s.first_dose)}, NULL, NULL, NULL, NULL, false, {q(s.rand)}::timestamp at time zone 'UTC');")
                rows.append(f"INSERT INTO allocation VALUES ({q(s.id)}, {q(codes[s.arm])});")
            known_end = s.end + dt.timedelta(14)
            if prev <= known_end < cut:
                rows.append(f"UPDATE patient SET last_dose = {q(s.end)}, fu_end = {q(s.end)}, fu_reason = {q(s.reason)}, "
                            f"death_date = {q(s.death)}, died = {q(s.death is not None)}, "
                            f"updated_at = {q(known_end)}::timestamp at time zone 'UTC' WHERE subject_id = {q(s.id)};")
        for e in events:
            if prev <= e["entered"] < cut:
                ep = (e["episode"] or e)["id"]
                rows.append(
                    "INSERT INTO adverse_event VALUES (" + ", ".join([
                        q(e["id"]), q(e["s"].id), q(ep), q(e["term"]), q(e.get("first_onset", e["onset"].isoformat())),
                        q(e["resolved"] if e["resolved"] and e["resolved"] < e["entered"] else None), q(e["serious"]),
                        q(e["fatal"]), q(e["hosp"]), q(e["outcome"]), q(e["grade"]), q(e.get("related")), "'COMPLETE'", "false",
                        q(e["entered"]) + "::timestamp at time zone 'UTC'", q(e["entered"]) + "::timestamp at time zone 'UTC'"]) + ");")
            for when, what in e["changes"]:
                if prev <= when < cut:
                    sets = ", ".join(f"{c} = {q(v)}" for c, v in what.items())
                    rows.append(f"UPDATE adverse_event SET {sets}, updated_at = {q(when)}::timestamp at time zone 'UTC' "
                                f"WHERE ae_id = {q(e['id'])};")
            if "deleted_on" in e and prev <= e["deleted_on"] < cut:
                rows.append(f"UPDATE adverse_event SET deleted = true, updated_at = {q(e['deleted_on'])}::timestamp at time zone 'UTC' "
                            f"WHERE ae_id = {q(e['id'])};")
        rows.append(f"INSERT INTO meta VALUES ('data_cutoff', {q(cut)}) ON CONFLICT (name) DO UPDATE SET value = "
                    "excluded.value;")
        rows.append("COMMIT;")
        with open(os.path.join(outdir, f"{k:02d}_{cut}.sql"), "w", encoding="utf-8") as f:
            f.write("\n".join(rows) + "\n")
        prev = cut
    return len(ends)


def main():
    ap = argparse.ArgumentParser(description="synthetic re-enactment of MAGiCAL-CKD's published totals")
    ap.add_argument("outdir", nargs="?")
    ap.add_argument("--seed", type=int, default=20333)
    ap.add_argument("--check", action="store_true", help="print the geometric means of p_j and stop")
    ap.add_argument("--arms", default="MG,PBO", help="codes of the magnesium and the placebo arm")
    a = ap.parse_args()
    subjects, events, gi, dead, cv = build(a.seed)
    live = [e for e in events if not e.get("retracted")]
    for kind, who in (("gi", gi), ("death", dead), ("cv", cv)):
        got = tuple(sum(1 for s in set(who) if s.arm == arm) for arm in (MG, PBO))
        if got != PUBLISHED[kind]:
            sys.exit(f"reenact: {kind} is {got}, published {PUBLISHED[kind]}")
    if a.check:
        print(a.seed, check(subjects, live, dead, cv))
        return
    mg, pbo = a.arms.split(",")
    n = write(a.outdir, subjects, events, {MG: mg, PBO: pbo})
    print(f"{n} months, {len(subjects)} subjects, {len(events)} adverse events (synthetic, seed {a.seed})")


if __name__ == "__main__":
    main()
