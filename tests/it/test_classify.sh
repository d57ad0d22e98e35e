#!/bin/bash
# `dsmbctl classify` as a person or a pipe uses it: columns and rows kept as they were, answers added, hostile cells unharmed,
# the same answers in CSV and JSON.  What the rules say of words is tested by tests/unit/test_classify_terms.c.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
CTL=${DSMB_BIN:-$PWD/build/bin}/dsmbctl
W=$(mktemp -d) || exit 70
trap 'rm -rf "$W"' EXIT
. tests/support/tap.sh
classify() { timeout 60 "$CTL" classify --rules rules "$@"; }
/usr/bin/python3 - "$W/in.csv" <<'P'
import csv, sys
rows = [["id", "term", "note", "rule", "coded_pt"],
        ["7", "Nausea and \"vomiting\",\nsince Monday", "kept, as is", "mine", ""],
        ["3", "'; DROP TABLE ae; -- <script>alert(1)</script> diarré", "", "", "Diarrhoea"],
        ["3", "", "no verbatim", "", ""],
        ["1", "hjerteinfarkt " * 20000, "long", "", ""],
        ["2", "ingen kvalme", "", "", ""],
        ["9", "=cmd|'/C calc'!A0 obstipation", "", "", ""]]
with open(sys.argv[1], "w", newline="") as f:
    csv.writer(f).writerows(rows)
P
kept() {
    classify "$W/in.csv" >"$W/out.csv" && /usr/bin/python3 - "$W" <<'P'
import csv, sys
csv.field_size_limit(10 ** 7)
w = sys.argv[1]
a, b = (list(csv.reader(open(w + "/" + f, newline=""))) for f in ("in.csv", "out.csv"))
assert len(a) == len(b) == 7 and all(y[:len(x)] == x for x, y in zip(a, b))
names = b[0][len(a[0]):]
assert names == "gi gi_subtype cv cv_subtype mace3 mace_ext cv_sign fatal hypermg needs_review calc_rule".split(), names
got = [dict(zip(names, y[len(a[0]):])) for y in b[1:]]
assert [g["gi"] for g in got] == ["1", "1", "0", "0", "0", "1"], got
assert [g["cv"] for g in got] == ["0", "0", "0", "1", "0", "0"], got
assert got[3]["cv_subtype"] == "MI" and got[3]["mace3"] == "1" and set(got[0]["gi_subtype"].split("|")) == {"NAUSEA", "VOMITING"}, got
P
}
piped() { classify - <"$W/in.csv" | cmp - "$W/out.csv" && classify <"$W/in.csv" | cmp - "$W/out.csv"; }
both() {
    classify --format json "$W/in.csv" >"$W/out.json" && /usr/bin/python3 - "$W" <<'P'
import csv, json, sys
csv.field_size_limit(10 ** 7)
w = sys.argv[1]
rows, items = list(csv.DictReader(open(w + "/out.csv", newline=""))), json.load(open(w + "/out.json"))
assert len(rows) == len(items) == 6
for r, i in zip(rows, items):
    assert {k: str(v) for k, v in i.items()} == r
P
}
explained() { printf 'term\ningen kvalme\n' | classify --explain >"$W/got" && grep -q 'gi.nausea.*blocked\|blocked.*kvalme' "$W/got"; }
no_text() { # bytes that are no UTF-8: kept in CSV, shown as U+FFFD in JSON, which says so
    printf 'term,x\nkvalme \xff,\xe9b\n' >"$W/bytes.csv"
    classify "$W/bytes.csv" | grep -qa $'^kvalme \xff,\xe9b,1,NAUSEA,' &&
        classify --format json "$W/bytes.csv" 2>"$W/err" | grep -q '"kvalme �"' && grep -q '2 cells' "$W/err"
}
says() { # STATUS WORDS INPUT OPTION...
    local want=$1 words=$2 input=$3; shift 3
    printf '%b' "$input" | classify "$@" >"$W/got" 2>"$W/err"; [ $? = "$want" ] && grep -qF -- "$words" "$W/err" && return
    cat "$W/err"; return 1
}
header_only() { [ "$(printf 'term\n' | classify | wc -l)" = 1 ] && [ "$(printf 'term\n' | classify --format json | tr -d ' \n')" = '[]' ]; }
full() { ! printf "term\nkvalme\n" | classify 2>"$W/err" >/dev/full && grep -q . "$W/err"; }

t "rows, their order and their columns stay; a name that is taken is added as calc_NAME" kept
t "from a pipe the same" piped
t "JSON has the same answers" both
t "--explain names the rule and what blocked it" explained
t "bytes that are no text harm nothing" no_text
t "a CSV without a term column is told so" says 65 'no column "term"' 'verbatim\nx\n'
t "a row with too many cells is named" says 65 ':2' 'term\na,b\n'
t "JSON wants names that are text" says 65 'column 2' 'term,x\xff\na,b\n' --format json
t "a header alone gives a header alone" header_only
t "an empty file is told so" says 65 'standard input' ''
t "a format that is none is refused" says 2 'csv or json' 'term\na\n' --format xml
t "a full disk is an error" full
t_end
