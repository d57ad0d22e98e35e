#!/bin/bash
# The demo from end to end, by what it leaves: the verdicts the example plan must reach, one mail per member and alert,
# reports, and nothing running afterwards.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
. tests/support/world.sh
world_init demotest
out=build/demo
# Only what this run starts counts, another demo may be up: it is known by the folders of its dsmbd, which has our mark.
mark=DSMB_DEMO_RUN=$$.$RANDOM
env "$mark" timeout 240 packaging/demo/run.sh >"$W/demo.out" 2>&1 </dev/null &
demo=$!
folders="" # the cluster's and the programs'
while world_alive "$demo"; do
    if [ -z "$folders" ]; then
        for p in $(pgrep -f '/dsmbd --config ' 2>/dev/null); do
            tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null >"$W/environ"
            grep -qx "$mark" "$W/environ" || continue
            folders="$(sed -n 's/^DSMB_PGDATA=//p' "$W/environ" | xargs -r dirname) $(tr '\0' '\n' <"/proc/$p/cmdline" | tail -n 1 | xargs -r dirname)"
        done
    fi
    sleep 0.2
done
wait "$demo"
rc=$?
seconds=$(sed -nE 's/^([0-9]+) s$/\1/p' "$W/demo.out")
echo "# demo took ${seconds:-?} s"

ends_well() { [ "$rc" -eq 0 ] || { tail -n 30 "$W/demo.out"; return 1; }; }
last_line() { grep -E '^closing' "$W/demo.out" | tr -s ' '; }
totals() { same "$(last_line | cut -d' ' -f2-5)" "75/73 35/9 5/2 6/0"; }
# first crossing of a monitor in the timeline: the line it was told after
crossed() { grep -B1 -E ">> $1:" "$W/demo.out" | head -n 1; }
gi_crosses() { [ "$(grep -c '>> gi:' "$W/demo.out")" = 1 ]; }
cv_at_six() { same "$(crossed cv | awk '{print $5}')" "6/0"; }
deaths_below() { ! grep -q '>> deaths:' "$W/demo.out" && last_line | grep -q 'deaths BELOW'; }
limit_and_mean() {
    local l m
    l=$(sed -nE 's/.*p_j is <= ([0-9.]+); here it is ([0-9.]+).*/\1/p' "$W/demo.out")
    m=$(sed -nE 's/.*p_j is <= ([0-9.]+); here it is ([0-9.]+).*/\2/p' "$W/demo.out")
    same "$l" 0.524 && awk -v m="$m" 'BEGIN { exit !(m >= 0.4905 && m <= 0.524) }'
}
sensitivity() { # LABEL LIVE CLOSE
    grep -qE "^$1 .* $2 +$3" "$W/demo.out" || { grep -E '^alpha' "$W/demo.out"; return 1; }
}
mails() { # each member of the board, each alert, told once; and quiet slots, the same number to each
    # On a slow machine the first alert still waits for its slot when the urgent one leaves: one message then tells both.
    /usr/bin/python3 - <<'P'
import collections, email, email.policy, glob, re, sys
told, quiet, total = collections.Counter(), collections.Counter(), 0
ids = set()
for f in glob.glob("build/demo/mail/*.eml"):
    m = email.message_from_binary_file(open(f, "rb"), policy=email.policy.default)
    text = m.get_body(("plain",)).get_content()
    headlines = re.findall(r"^BOUNDARY CROSSED: (\w+)", text, re.M)
    ids.add(str(m["Message-ID"]))
    total += 1
    if str(m["Subject"]).endswith("Nothing new"):
        quiet[str(m["To"])] += 1
        if headlines:
            told["a quiet message"] += 1
    elif not headlines or not text.startswith("BOUNDARY CROSSED: "):
        told["a message without a headline"] += 1
    for h in headlines:
        told[(str(m["To"]), h)] += 1
members = {"chair", "deputy", "statistician"}
ok = len(told) == 6 and len(ids) == total and len(set(quiet.values())) <= 1 and all(n == 1 for n in told.values())
ok = ok and {w for _, w in told} == {"Gastrointestinal", "Cardiovascular"} and all(any(x in to for x in members) for to, _ in told)
print(dict(told), dict(quiet), len(ids))
sys.exit(0 if ok else 1)
P
}
reports() {
    local f
    for f in {closed,open}-report.{txt,csv,json,html,pdf} README.txt; do
        [ -s "$out/$f" ] || { echo "$f is missing or empty"; return 1; }
    done
    /usr/bin/python3 -c 'import json; [json.load(open("build/demo/" + f)) for f in ("closed-report.json", "open-report.json")]'
}
same_numbers() { # and a difference is found, in whichever format it is
    local f rc=0
    /usr/bin/python3 tests/it/formats.py "$out" closed-report && /usr/bin/python3 tests/it/formats.py "$out" open-report || return 1
    mkdir "$W/formats"
    for f in csv json html txt pdf; do
        cp "$out"/closed-report.* "$W/formats/"
        if [ "$f" = pdf ]; then cp "$out/open-report.pdf" "$W/formats/closed-report.pdf"
        else sed -i 's|35/75 (46.7 %)|36/75 (46.7 %)|; s|35/75 (46.7&nbsp;%)|36/75 (46.7\&nbsp;%)|' "$W/formats/closed-report.$f"; fi
        cmp -s "$out/closed-report.$f" "$W/formats/closed-report.$f" && { echo "nothing was changed in $f"; rc=1; }
        /usr/bin/python3 tests/it/formats.py "$W/formats" closed-report >/dev/null && { echo "the change in $f was not found"; rc=1; }
    done
    return "$rc"
}
open_is_blind() {
    pdftotext "$out/open-report.pdf" "$W/open-pdf.txt" &&
        ! grep -qE 'Magnesium|Placebo|MG|PBO|CROSSED' "$out"/open-report.{txt,csv,json,html} "$W/open-pdf.txt"
}
journal_is_blind() { ! grep -qE 'Magnesium|Placebo|\bMG\b|\bPBO\b|CROSSED|crossed' "$out"/dsmbd.log "$out"/dsmb-mailer.log; }
running() { # FOLDER...: what has it in its arguments; zombies have none
    local f p
    for f in "$@"; do
        for p in $(pgrep -f -- "$f" 2>/dev/null); do ps -o args= -p "$p" 2>/dev/null | grep -F -- "$f"; done
    done
}
nothing_left() {
    local f left="" folder
    read -r -a folder <<<"$folders"
    same "${#folder[@]}" 2 || return 1
    for _ in {1..60}; do # who watches over a folder sees within half a second that nobody needs it
        left=$(running "${folder[@]}")
        [ -n "$left" ] || break
        sleep 0.5
    done
    same "$left" "" || return 1
    for f in "${folder[@]}"; do [ ! -e "$f" ] || { echo "$f is still there"; return 1; }; done
}
found() { # a process that is planted
    local p left
    setpriv --pdeathsig KILL sleep 60 & p=$!
    left=$(running "sleep 60")
    kill "$p"
    grep -q 'sleep 60' <<<"$left"
}

t "the demo ends well" ends_well
t "it ends at exactly the published totals" totals
t "gastrointestinal effects cross, once" gi_crosses
t "cardiovascular events cross at the sixth" cv_at_six
t "deaths stay below, also at the closing look" deaths_below
t "the sensitivity of the cardiovascular verdict is printed, and the seed keeps its risk sets inside the limits" limit_and_mean
t "with alpha .05 and 20 events: crossed live" sensitivity 'alpha 0\.0500 one-sided, max_events 20' CROSSED CROSSED
t "with alpha .025: below live, crossed at the closing look" sensitivity 'alpha 0\.0250 one-sided, max_events 20' BELOW CROSSED
t "with alpha .0167: below throughout" sensitivity 'alpha 0\.0167 one-sided, max_events 20' BELOW BELOW
t "with 44 events: below live, crossed at the closing look" sensitivity 'alpha 0\.0500 one-sided, max_events 44' BELOW CROSSED
t "each member has one mail for each of the two alerts, and none twice" mails
t "closed and open reports are there in five formats" reports
t "the same numbers stand in each, cell by cell" same_numbers
t "the open report names no arm and no verdict" open_is_blind
t "the administrator's journals name no arm and no verdict" journal_is_blind
t "a search for what is left finds what is planted" found
t "nothing it started is left" nothing_left
t_end
