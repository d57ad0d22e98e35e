#!/bin/bash
# shellcheck disable=SC2119
# Runs inside with_pg.sh.  Nothing in dsmbd, dsmb-mailer or dsmbctl knows that this is a demo.
set -euo pipefail
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
out=$PWD/build/demo
started=$(date +%s)
world_init demo
rm -rf "$out"; mkdir -p "$out/mail"
echo "dsmbd demo - MAGiCAL-CKD, SYNTHETIC: only the published totals are real"
echo "  (75 v 73 randomised; gastrointestinal effects 35 v 9, deaths 5 v 2, cardiovascular events 6 v 0)"
echo

world_trial
world_roles
world_mail
world_config
W_SLOT="6 s" world_smime # a day of the trial is short here; urgent alerts leave at once
world_migrate
world_dsmbd
world_mailer
world_adopt

/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO"
echo
echo "What the board's statistician would see (the administrator's journal: build/demo/dsmbd.log):"
echo
printf '%-11s %10s  %10s  %6s  %5s  %s\n' 'data until' randomised 'GI effects' deaths CV tested
printf '%-11s %10s  %10s  %6s  %5s\n' '' "$MG/$PBO" "$MG/$PBO" "$MG/$PBO" "$MG/$PBO"

line() { # LOOK: randomised, then experimental/control first events of each monitor, then what was tested
    store "WITH v AS (SELECT monitor, x1 || '/' || events - x1 AS n, verdict, executed, kind FROM dsmb.verdict WHERE look = $1)
           SELECT (SELECT max(n) FILTER (WHERE arm = 1) || '/' || max(n) FILTER (WHERE arm = 0) FROM dsmb.tally
                    WHERE look = $1 AND population = 'randomised' AND arm_basis = 'planned'),
                  (SELECT n FROM v WHERE monitor = 'gi'), (SELECT n FROM v WHERE monitor = 'deaths'),
                  (SELECT n FROM v WHERE monitor = 'cv'),
                  (SELECT string_agg(monitor || ' ' || verdict, ', ' ORDER BY monitor) FROM v
                    WHERE executed OR verdict = 'UNDETERMINED' OR kind = 'FINAL')"
}
crossed=""
for f in "$W"/months/*.sql; do
    day=${f##*_}; day=${day%.sql}
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f "$f" >/dev/null
    wait_for 20 "the look at $day" has_look "$day"
    read -r n gi deaths cv verdicts <<<"$(line "(SELECT max(look) FROM dsmb.look)")"
    printf '%-11s %10s  %10s  %6s  %5s  %s\n' "$day" "$n" "$gi" "$deaths" "$cv" "$verdicts"
    for m in $(store "SELECT monitor FROM dsmb.alert WHERE kind = 'RAISED' ORDER BY id"); do
        case " $crossed " in *" $m "*) ;; *)
            crossed="$crossed $m"
            echo "            >> $m: boundary crossed; each member of the board gets one mail" ;;
        esac
    done
done

"$BIN/dsmbctl" look --final --by "Demo statistician" --reason "end of follow-up: the closing look" >/dev/null
read -r n gi deaths cv verdicts <<<"$(line "(SELECT max(look) FROM dsmb.look)")"
printf '%-11s %10s  %10s  %6s  %5s  %s\n' 'closing' "$n" "$gi" "$deaths" "$cv" "$verdicts"

all_told() { # a slot has come since the newest letter was written
    [ "$(store 'SELECT (SELECT coalesce(max(look), 0) FROM dsmb.letter) <= (SELECT max(look) FROM dsmb.slot)')" = t ] && all_sent
}
wait_for 30 "the mails to leave" all_told

echo
echo "How far does the cardiovascular verdict hang on the plan?  The same looks under other plans:"
"$BIN/dsmbctl" replay --plan "$W/plan.yaml" --monitor cv --sensitivity --format text --purpose demo
echo
for fmt in text csv json html pdf; do
    ext=${fmt/text/txt}
    "$BIN/dsmbctl" report --audience closed --format "$fmt" --purpose "demo" >"$out/closed-report.$ext"
    "$BIN/dsmbctl" report --audience open --format "$fmt" --purpose "demo" >"$out/open-report.$ext"
done
"$BIN/dsmbctl" explain alert 1 --purpose demo >"$out/alert-1-explained.txt"
"$BIN/dsmbctl" ledger verify
# As they came over the wire, and as each member's mail program shows them: decrypted, signature verified.
mkdir "$out/mail-sealed"
whole_slots() { # slots go on: what is copied holds all messages of each
    local n
    n=$(store 'SELECT max(n) FROM dsmb.slot')
    all_sent && cp "$W"/smtp/mail/*.eml "$out/mail-sealed/" && all_sent && [ "$(store 'SELECT max(n) FROM dsmb.slot')" = "$n" ]
}
wait_for 60 "a moment between two slots" whole_slots
for f in "$out"/mail-sealed/*.eml; do
    world_open "$f" "$W/opened" || die "$f does not open for its member"
    { printf 'MIME-Version: 1.0\r\n'; cat "$W/opened/entity"; } >"$out/mail/$(basename "$f")"
done
for l in dsmbd dsmb-mailer mailserver; do cp "$W/log/$l.log" "$out/"; done
sed -e "s|@SOCKET@|$PGHOST|g; s|@PORT@|$PGPORT|g; s|@TRIAL@|$W_TRIAL|g" packaging/demo/README.in >"$out/README.txt"
mails=$(find "$out/mail" -name '*.eml' | wc -l)
echo
echo "$mails mails in build/demo/mail, reports in build/demo/closed-report.* and open-report.*; build/demo/README.txt says more."
echo "$(($(date +%s) - started)) s"
if [ "${KEEP:-}" = 1 ]; then
    echo "KEEP=1: still up. Query with:  psql -h $PGHOST -p $PGPORT -U dsmb_${W_TRIAL}_closed dsmb_$W_TRIAL     Ctrl-C ends it."
    while :; do sleep 1; done
fi
