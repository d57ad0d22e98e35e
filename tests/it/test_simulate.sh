#!/bin/bash
# Operating characteristics of a plan from the command line: the same trials whatever is asked beside, one set of numbers in all
# formats, and a plan that promises what the trials do not show.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
CTL=${DSMB_BIN:-$PWD/build/bin}/dsmbctl
W=$(mktemp -d) || exit 70
trap 'rm -rf "$W"' EXIT
. tests/support/tap.sh
sim() { timeout 300 "$CTL" simulate --rules rules --trials 60 --plan "$@"; }
edit() { # FROM TO: the example with FROM, which is there, replaced
    grep -q -- "$1" packaging/examples/plan.yaml || { echo "the example has no \"$1\""; return 1; }
    sed "s|$1|$2|" packaging/examples/plan.yaml >"$W/plan.yaml"
}
rows() { # a row for each of four monitors, two families and the plan, in three scenarios
    sim packaging/examples/plan.yaml --format csv >"$W/a.csv" && [ "$(wc -l <"$W/a.csv")" = 22 ] && grep -q '^no harm,family,harm,60,' "$W/a.csv"
}
again() { sim packaging/examples/plan.yaml --format csv >"$W/b.csv" && cmp "$W/a.csv" "$W/b.csv"; }
alone() { # a scenario asked for by itself has the trials it had among the others
    sim packaging/examples/plan.yaml --scenario 'harm to the gut' --format csv >"$W/c.csv" &&
        grep -E '^(scenario|no harm|harm to the gut),' "$W/a.csv" | cmp - "$W/c.csv"
}
seeded() { sim packaging/examples/plan.yaml --seed 2 --format csv >"$W/d.csv" && ! cmp -s "$W/a.csv" "$W/d.csv"; }
formats() {
    sim packaging/examples/plan.yaml --format json >"$W/a.json" && sim packaging/examples/plan.yaml --format text >"$W/a.txt" &&
        /usr/bin/python3 - "$W" <<'P'
import csv, json, sys
w = sys.argv[1]
rows, items, text = list(csv.DictReader(open(w + "/a.csv"))), json.load(open(w + "/a.json")), open(w + "/a.txt").read()
assert len(rows) == len(items) == 21
for r, i in zip(rows, items):
    for k, v in r.items():
        assert (v == "" and i[k] is None) or v == i[k] or float(v) == i[k], (k, v, i[k])
    if r["of"] == "monitor":
        part = text[text.index("\n" + r["scenario"] + ":"):]
        line = next(x for x in part.split("\n") if x.split()[:1] == [r["name"]]).split()
        assert line[1:3] == ["%.4f" % float(r["rate"]), "%.4f" % float(r["standard_error"])], (line, r)
P
}
says() { # STATUS WORDS COMMAND...
    local want=$1 words=$2; shift 2
    "$@" >"$W/got" 2>"$W/err"; [ $? = "$want" ] && grep -qF -- "$words" "$W/err" && return
    cat "$W/err"; return 1
}
stated() { edit 'alpha_one_sided: 0.15}' "alpha_one_sided: 0.15, simulated_rate: $1}"; }
other_rate() { stated 0.9 && says 1 'simulated_rate of family harm is 0.9' sim "$W/plan.yaml" --format csv; }
same_rate() { stated "$(awk -F, '$1 == "no harm" && $3 == "harm" {print ($6 > 0 ? $6 : 0.001)}' "$W/a.csv")" && sim "$W/plan.yaml" --format csv; }
without() {
    sed '/^simulation:/,$d' packaging/examples/plan.yaml >"$W/plan.yaml"
    says 78 'no section' sim "$W/plan.yaml"
}
wrong() { edit 'counts_as: .gastrointestinal]' 'counts_as: [gut]' && says 78 "plan.yaml:" sim "$W/plan.yaml" && grep -q "no category 'gut'" "$W/err"; }

t "a row for each monitor and family in each scenario" rows
t "asked again, the same trials" again
t "one scenario alone has the trials it had among the others" alone
t "another seed, other trials" seeded
t "text, CSV and JSON have the same numbers" formats
t "a rate that the plan states and the trials do not show is an exit status of 1" other_rate
t "the rate as simulated is none" same_rate
t "a plan without the section is told of it" without
t "a category that is none is named with file and line" wrong
t "a scenario that is none is refused" says 2 'no scenario "x"' sim packaging/examples/plan.yaml --scenario x
t "trials must be a number" says 2 trials "$CTL" simulate --trials many
t_end
