#!/bin/bash
# dsmbctl validate and dsmbctl bounds: what a quality unit files and a statistician draws, without any database.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
BIN=${DSMB_BIN:-$PWD/build/bin}
W=$(mktemp -d) || exit 70
trap 'rm -rf "$W"' EXIT
. tests/support/tap.sh
exits() { local want=$1; shift; "$@" >"$W/said" 2>"$W/err"; local rc=$?; [ $rc -eq "$want" ] || { cat "$W/said" "$W/err"; echo "exit $rc"; return 1; }; }
says() { grep -qF -- "$1" "$2" || { cat "$2"; return 1; }; }
ctl() { "$BIN/dsmbctl" "$@"; }

t "the published tables pass" exits 0 ctl validate --html "$W/q.html" tests/reference
t "the summary says so" says "all pass" "$W/said"
# The page: what the text says, and nothing that asks a network.
page_holds_the_text() {
    /usr/bin/python3 - "$W/said" "$W/q.html" <<'PY'
import html, re, sys
text, page = (open(f, encoding="utf-8").read() for f in sys.argv[1:])
flat = re.sub(r"\s+", " ", html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.S)))
bad = [w for w in re.findall(r"\d\.\d\de[+-]\d\d|[0-9a-f]{64}|tests/reference/\S+\b", text) if w not in flat]
bad += re.findall(r"(?:href|src)=\"(?!#)[^\"]*\"|https?://\S*|<script", page)
print(bad)
sys.exit(bool(bad))
PY
}
t "the page holds every number of the text, and no link" page_holds_the_text
mkdir "$W/wrong"
awk -F, -v OFS=, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "cv") c = i} NR == 2 {$c += 0.01} {print}' tests/reference/maxsprt.csv >"$W/wrong/maxsprt.csv"
t "a wrong reference fails, and its line is named" exits 1 ctl validate "$W/wrong"
t "the line" says "first in line 2" "$W/said"

t "the plan's boundaries as a drawing" exits 0 ctl bounds --plan packaging/examples/plan.yaml --rules rules --format svg
cp "$W/said" "$W/b.svg"
# Any viewer shows it: every mark has its colour, none asks a style sheet.
plain_colours() {
    /usr/bin/python3 - "$W/b.svg" <<'PY'
import sys, xml.etree.ElementTree as E
bad = []
for e in E.parse(sys.argv[1]).getroot().iter():
    tag = e.tag.split("}")[1]
    if tag == "style" or "class" in e.attrib or any("var(" in v for v in e.attrib.values()):
        bad.append((tag, e.attrib))
    if tag in ("path", "rect", "circle", "text") and "fill" not in e.attrib:
        bad.append((tag, e.attrib))
print(bad[:3])
sys.exit(bool(bad))
PY
}
t "every mark has its own colour" plain_colours
t "a pipe gets the table as CSV" exits 0 ctl bounds --plan packaging/examples/plan.yaml --rules rules
t "its columns" says "monitor,method,look,events,spending_time,bound,events_needed,nominal_p,alpha_cum" "$W/said"
t_end
