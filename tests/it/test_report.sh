#!/bin/bash
# dsmbctl report: which look, which names, which format, who may, and what the ledger keeps of it.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init report
{
    world_trial
    world_roles
    world_mail
    world_config
    world_migrate
    world_dsmbd
    world_adopt
    /usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO"
} >"$W/setup.out" 2>&1
n=0
for f in "$W"/months/*.sql; do
    [ "$n" -lt 12 ] || break
    n=$((n + 1))
    day=${f##*_}; day=${day%.sql}
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$f" >/dev/null
    wait_for 20 "the look at $day" has_look "$day"
done
"$BIN/dsmbctl" look --final --by x --reason x >>"$W/setup.out" 2>&1 # stores the open report
newest=$(store "SELECT max(look) FROM dsmb.look")
# When the data of look 5 were read, and a microsecond before.
at=$(store "SELECT to_char(read_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM dsmb.look WHERE look = 5")
before=$(store "SELECT to_char((read_at - interval '1 us') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM dsmb.look WHERE look = 5")

closed() { "$BIN/dsmbctl" report --audience closed --purpose test "$@"; }
open() { DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_open" "$BIN/dsmbctl" report --audience open "$@"; }
look_of() { closed --format csv "$@" | sed -n 's/^about,,,look,\([0-9]*\),.*/\1/p'; }
at_look() { local want=$1; shift; same "$(look_of "$@")" "$want"; }
refused() { # WORDS CODE ARGS...: exit code and what is said
    local words=$1 code=$2 rc; shift 2
    "$BIN/dsmbctl" report "$@" >"$W/refused.out" 2>"$W/refused.err"; rc=$?
    [ "$rc" -eq "$code" ] && grep -q "$words" "$W/refused.err" && [ ! -s "$W/refused.out" ] && return 0
    echo "exit $rc"; cat "$W/refused.err"; return 1
}
coded() {
    local f
    for f in text csv json html pdf; do
        closed --arms coded --format "$f" >"$W/coded.$f" || return 1
    done
    pdftotext "$W/coded.pdf" "$W/coded.pdf.txt"
    rm "$W/coded.pdf"
    ! grep -lE 'Magnesium|Placebo|\bMG\b|\bPBO\b' "$W"/coded.* || return 1
    grep -q 'Arm A' "$W/coded.html" && grep -q 'Arm B' "$W/coded.pdf.txt"
}
blind() { # the stored ones by their role; PDF is written by the closed role
    local f
    for f in text csv json html; do
        open --format "$f" >"$W/open.$f" || return 1
    done
    "$BIN/dsmbctl" report --audience open --purpose test --format pdf >"$W/open.pdf" || return 1
    pdftotext "$W/open.pdf" "$W/open.pdf.txt"
    ! grep -lE 'Magnesium|Placebo|\bMG\b|\bPBO\b|CROSSED' "$W"/open.{text,csv,json,html,pdf.txt}
}
stored() { # what was stored is what is written again
    "$BIN/dsmbctl" report --audience open --purpose test --format "$1" >"$W/open.again" && cmp "$W/open.again" "$W/open.$1"
}
again() { closed --format "$1" >"$W/one" && closed --format "$1" >"$W/two" && cmp "$W/one" "$W/two"; }
disclosed() { # the bytes that were shown are those of the ledger
    local sum
    closed --format pdf >"$W/shown.pdf"
    sum=$(sha256sum <"$W/shown.pdf" | cut -d' ' -f1)
    [ "$("$BIN/dsmbctl" ledger show | grep DISCLOSURE | tail -n 1 | grep -c "$sum")" = 1 ]
}
terminal() { ! script -qec "$BIN/dsmbctl report --audience open --purpose test --format pdf" /dev/null >"$W/tty" 2>&1 && grep -q 'not for a terminal' "$W/tty"; }

t "without more the newest look" at_look "$newest"
t "--look as it was then" at_look 3 --look 3
t "--as-of the moment the data were read: that look" at_look 5 --as-of "$at"
t "--as-of a microsecond before: the one before" at_look 4 --as-of "$before"
t "--as-of a day means its end" at_look "$newest" --as-of "$(date -u +%F)"
t "--as-of before the trial: there was none" refused 'no look had been taken by then' 66 --audience closed --purpose x --as-of 2001-01-01
t "--as-of something else is refused with an example" refused '2024-05-01' 2 --audience closed --purpose x --as-of yesterday
t "--look and --as-of together are refused" refused 'say one' 2 --audience closed --purpose x --look 3 --as-of 2024-05-01
t "an unknown format is refused" refused 'html or pdf' 2 --audience open --format docx
t "an open report knows no arms to code" refused 'knows no arms' 2 --audience open --arms coded
t "a closed report wants its purpose" refused 'purpose' 2 --audience closed
t "coded arms are coded in every format" coded
t "the blinded role gets the open report in every format, and nothing of arms" blind
t "the stored open HTML is what is written again" stored html
t "the same look gives the same HTML again" again html
t "and the same PDF" again pdf
t "the ledger keeps the hash of what was shown" disclosed
t "PDF is not written to a terminal" terminal
t_end
