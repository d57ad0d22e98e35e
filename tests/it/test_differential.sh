#!/bin/bash
# The blinding firewall's differential: the same trial three times, and whatever somebody blinded can see must not tell
# which is which.
#   base     as it was
#   swapped  each subject's arm exchanged, same plan: other numbers by arm, other verdicts, no alert where there was one
#   renamed  codes and labels exchanged in data and plan: the same verdicts under other names, the same mail traffic
# Normalised before comparing: wall-clock times (today's; a trial's own dates stay), random ids, SHA-256 sums, process
# ids, ports and the names of temporary folders, the filling of sealed mails' headers (random).  Nothing else.  Each comparison must first find a planted difference.
# Mail is sealed, as every mail is that leaves a host.  What tells base from swapped by design, while every alert is mailed at once: how many mails leave, and when.  The
# server's own count of what it wrote (log_checkpoints, on by default, every few minutes) goes with that.
# usage: test_differential.sh [record OUT KIND]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70

record() { # OUT KIND
    local out=$1 kind=$2 arms f p day fmt n=0 log_from
    MG=CODEONE PBO=CODETWO MG_LABEL="Label One" PBO_LABEL="Label Two"
    arms=$MG,$PBO
    if [ "$kind" != base ]; then arms=$PBO,$MG; fi
    if [ "$kind" = renamed ]; then MG=CODETWO PBO=CODEONE MG_LABEL="Label Two" PBO_LABEL="Label One"; fi
    # shellcheck source=tests/support/world.sh
    . tests/support/world.sh
    world_init "diff_$kind"
    mkdir -p "$out"
    log_from=$(wc -c <"$DSMB_PGLOG") # who knocks while the server starts is chance
    {
        world_trial; world_roles; world_mail; world_config; world_smime; world_migrate
        sed -i 's/poll: .*/poll: 100 ms/' "$W/dsmbd.yaml"
        sed -i '/^state_dir:/a metrics_file: '"$W/metrics.prom" "$W/dsmbd.yaml"
        /usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$arms"
    } >"$W/setup.out" 2>&1 || { cat "$W/setup.out"; exit 1; }
    # What the service manager is told, in the order told.
    world_bg notified /usr/bin/python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    m = s.recv(4096).decode()
    if m != "WATCHDOG=1":
        print(m, flush=True)' "$W/notify.sock"
    wait_for 10 "the notify socket" test -S "$W/notify.sock"
    world_mailer # before there is mail, for its anchor
    wait_for 10 "the anchor" test -s "$W/state/anchor"
    export NOTIFY_SOCKET=$W/notify.sock
    # One step after the other: what dsmbd says between two of them must not hang on chance.
    said() { grep -q -- "$1" "$W/log/dsmbd.log"; }
    world_dsmbd
    wait_for 10 "dsmbd" said 'waiting for a plan'
    "$BIN/dsmbctl" plan adopt "$W/plan.yaml" --by x --reason x >/dev/null
    wait_for 10 "the plan" said 'waiting for a board'
    "$BIN/dsmbctl" board adopt "$W/board.yaml" --by x --reason x >/dev/null
    wait_for 10 "the board" said 'the source is not believed' # it has no cut-off yet
    unset NOTIFY_SOCKET
    world_bg listener bash -c '(echo "LISTEN dsmb_out;"; while sleep 0.2; do echo "SELECT;"; done) |
        psql -X -q -A -t -d "$1"' listener "dsmb_$W_TRIAL"
    for f in "$W"/months/*.sql; do
        day=${f##*_}; day=${day%.sql}
        n=$((n + 1))
        grep -vxE 'BEGIN;|COMMIT;' "$f" >>"$W/two-months.sql" # two at a time are enough, and half the time
        [ $((n % 2)) = 0 ] || continue
        psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/two-months.sql" >/dev/null
        : >"$W/two-months.sql"
        wait_for 20 "the look at $day" has_look "$day"
        wait_for 20 "its mails" all_sent
        # What dsmb-mailer's role gets from its functions, month by month.
        echo "$day $(psql -X -q -A -t -d "dsmb_$W_TRIAL" -c \
            "SELECT count(*), coalesce(string_agg(DISTINCT length(body)::text, ' '), '-') FROM dsmb_out.message")" >>"$out/mailer-sees"
    done
    # Who decides events is blinded: the list, and a decision that the closing look counts.
    review() { DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_review" "$BIN/dsmbctl" review "$@"; }
    {
        review list --format csv; echo "exit $?"
        review decide "$(store "SELECT min(key) FROM dsmb.snapshot_row WHERE view = 'ae'")" --category cardiovascular --verdict confirmed --by x --reason x
        echo "exit $?"
        review list --all --format json; echo "exit $?"
    } >"$out/ctl-review" 2>&1
    "$BIN/dsmbctl" look --final --by x --reason x >"$out/ctl-look-final" 2>&1; echo "exit $?" >>"$out/ctl-look-final"
    wait_for 20 "the mails" all_sent
    for p in "$W_DSMBD" "$W_MAILER"; do
        {
            tr '\0' '\n' <"/proc/$p/cmdline"
            echo "-- environment"; tr '\0' '\n' <"/proc/$p/environ" | sort
            echo "-- status"; grep -vE '^(Vm|Rss|Pid|NSpid|NSpgid|NStgid|NSsid|Tgid|PPid|Ngid|Hugetlb|voluntary|nonvol|State|Cpus|Mems|SigQ|Speculation|THP)' "/proc/$p/status"
            echo "-- limits"; grep -E 'core|locked' "/proc/$p/limits"
            echo "-- threads"; cat "/proc/$p"/task/*/comm
            echo "-- who may look"; stat -c '%U %a' "/proc/$p/environ" "/proc/$p/mem"
        } >>"$out/proc"
    done
    mkdir "$out/open"
    for fmt in text csv json html pdf; do
        "$BIN/dsmbctl" report --audience open --purpose test --format "$fmt" >"$out/open/report.$fmt" 2>"$out/open/err.$fmt"
        echo "exit $?" >>"$out/open/err.$fmt"
    done
    if command -v pdftotext >/dev/null; then pdftotext -layout "$out/open/report.pdf" "$out/open/report.pdf.txt"; fi
    wc -c <"$out/open/report.pdf" >"$out/open/size.pdf"
    rm "$out/open/report.pdf"
    for fmt in text csv json; do "$BIN/dsmbctl" status --format "$fmt"; echo "exit $?"; done >"$out/ctl-status" 2>&1
    for p in check "source check" "ledger verify" "alert list --format csv" "report --audience closed" "explain look 3" tally; do
        echo "== $p"
        # shellcheck disable=SC2086 # words
        DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=dsmb_${W_TRIAL}_open" "$BIN/dsmbctl" $p 2>&1
        echo "exit $?"
    done >"$out/ctl-open"
    # Whatever the catalog and the statistics views give to blinded roles, row by row.
    for p in open mailer review; do
        for f in "SELECT relname, relkind, relhasindex FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'dsmb%' ORDER BY 1" \
            "SELECT sum(reltuples) FROM pg_class" "SELECT * FROM pg_stat_user_tables" "SELECT * FROM pg_statio_user_tables" \
            "SELECT pg_database_size(current_database())" "SELECT pg_total_relation_size('dsmb_out.message')" \
            "SELECT schemaname, tablename, attname, n_distinct FROM pg_stats WHERE schemaname LIKE 'dsmb%'" \
            "SELECT count(*) FROM dsmb_out.message" "SELECT last_value FROM dsmb_out.message_number_seq" \
            "SELECT datname, usename, application_name, query FROM pg_stat_activity WHERE usename LIKE 'dsmb%' AND pid <> pg_backend_pid() ORDER BY 1, 2, 3" \
            "SELECT * FROM dsmb.status"; do
            echo "== $p: $f"
            psql -X -A -t -U "dsmb_${W_TRIAL}_$p" -d "dsmb_$W_TRIAL" -c "$f" 2>&1
        done
    done >"$out/sql-blind"
    world_stop "$W_DSMBD"; world_stop "$W_MAILER"
    (cd "$W/state" && find . -type f -printf '%p %m\n' | sort && cat anchor) >"$out/state"
    cp "$W/metrics.prom" "$out/metrics"
    cp "$W/log/dsmbd.log" "$out/dsmbd"
    cp "$W/log/dsmb-mailer.log" "$out/dsmb-mailer"
    cp "$W/log/notified.log" "$out/sd-notify"
    grep -i 'notification' "$W/log/listener.log" >"$out/pg-notify"
    tail -c "+$((log_from + 1))" "$DSMB_PGLOG" >"$out/server.log"
    cp "$W/smtp/envelopes.log" "$out/envelopes" 2>/dev/null || : >"$out/envelopes"
    for f in "$W"/smtp/mail/*.eml; do [ -f "$f" ] && sed '/^\r*$/q' "$f"; done >"$out/headers"
    store "SELECT 'verdict', monitor, verdict, count(*) FROM dsmb.verdict GROUP BY 1, 2, 3 ORDER BY 2, 3" >"$out/verdicts"
    find "$W" "$PWD" -maxdepth 1 -name 'core*' >"$out/cores"
    echo yes >"$out/done"
}

if [ "${1:-}" = record ]; then
    record "$2" "$3"
    exit
fi

. tests/support/world.sh
world_init differential
. tests/support/recordings.sh
record_all base swapped renamed

days="$(date -u -d yesterday +%F)|$(date -u +%F)|$(date -u -d tomorrow +%F)"
cat >"$W/normal.sed" <<SED
s/\\b($days)(T| |&nbsp;)[0-9:.]+((&nbsp;| )?UTC|Z|[+-][0-9:]+)?/TIME/g
s/\\b1[7-9][0-9]{8}(\\.[0-9]+)?\\b/TIME/g
s/\\b[0-9a-f]{64}\\b/SHA256/g
s/\\bPID [0-9]+/PID N/g
s/^TIME \\[[0-9]+\\]/TIME [N]/
SED
normal() { # FILE
    # How long a poll took, and how often nothing was new, is the machine's weather; so is how long reading and counting
    # took, and what is made of a look's numbers is not in that.
    not_chance "$1" | sed -E -f "$W/normal.sed" | sed -E '/^dsmbd_(poll_duration_seconds|look_duration_seconds|polls_total)/s/ [0-9.]+$/ N/'
}
# The firewall's channels.  Those of the mail traffic tell base from swapped while each alert is mailed at once.
quiet=(dsmbd sd-notify metrics server.log proc ctl-review ctl-look-final ctl-open ctl-status sql-blind cores)
mail=(dsmb-mailer mailer-sees pg-notify envelopes headers state)
reports=()
for f in text csv json html; do reports+=("open/report.$f"); done
for f in text csv json html pdf; do reports+=("open/err.$f"); done
[ ! -f "$W/base/open/report.pdf.txt" ] || reports+=(open/report.pdf.txt)

really_swapped() { # else the comparison would compare nothing
    grep -q 'cv CROSSED' "$W/base/verdicts" && grep -q 'cv CROSSED' "$W/renamed/verdicts" &&
        ! grep -q CROSSED "$W/swapped/verdicts"
}
really_decided() { # the three commands were done, and the last one listed what was decided
    same "$(grep -c '^exit 0$' "$W/base/ctl-review") $(grep -c 'recorded: counts from the next look on' "$W/base/ctl-review")" "3 1" &&
        grep -q '"verdict": *"CONFIRMED"' "$W/base/ctl-review" || { cat "$W/base/ctl-review"; return 1; }
}
# The time of writing stands in the PDF, compressed: a minute later it may be some bytes longer.  Its words are compared above.
near() { local d=$(($1 - $2)); [ "${d#-}" -le 256 ]; }
pdf_sizes() {
    local k size
    size=$(cat "$W/base/open/size.pdf")
    [ "$size" -gt 10000 ] && ! near "$size" $((size + 300)) && ! near $((size + 300)) "$size" || return 1
    for k in swapped renamed; do
        near "$size" "$(cat "$W/$k/open/size.pdf")" || { echo "$size bytes and $(cat "$W/$k/open/size.pdf")"; return 1; }
    done
}
no_payload() {
    local k
    for k in "${kinds[@]}"; do
        { cat "$W/$k/pg-notify"; echo 'Asynchronous notification "dsmb_out" with payload "6" received'; } | grep -q 'with payload' || return 1
        ! grep 'with payload' "$W/$k/pg-notify" || return 1
    done
}
no_core() { grep -q 'Max core file size *0 *0' "$W/base/proc" && ! grep -q . "$W/base/cores"; }
mails() { wc -l <"$W/$1/envelopes"; }

t "three trials were recorded" recorded
t "the arms made a difference to the verdicts, and renaming them none" really_swapped
t "an event was decided by who may see no arm" really_decided
t "arms exchanged: journal, service status, metrics, server log, /proc, dsmbctl, catalog are byte for byte the same" alike normal base swapped "${quiet[@]}"
t "arms exchanged: the open report is the same in every format" alike normal base swapped "${reports[@]}"
t "the open report's PDF has one size, give or take a time of writing" pdf_sizes
t "arms renamed: every blinded output is the same" alike normal base renamed "${quiet[@]}" "${reports[@]}"
t "arms renamed: what the mailer sees, says and sends is the same in number, order and size" alike normal base renamed "${mail[@]}"
t "no notification has a payload" no_payload
t "no core may be dumped, and none was" no_core
echo "# $(mails base) mails with the arms as they are, $(mails swapped) with the arms exchanged, $(mails renamed) renamed:" \
    "an alert that is mailed at once is seen by whoever watches the mail"
t_end
