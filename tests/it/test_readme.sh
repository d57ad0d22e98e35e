#!/bin/bash
# The README's first afternoon with a trial of one's own, line by line: what stands there is what is run.  Only where
# things are differs (this checkout, a throw-away cluster, the demo's tables), and systemd is tests/systemd's business.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init readme
world_mail
mkdir -p "$W/etc" "$W/home"
export HOME=$W/home PATH=$BIN:$PATH
psql -X -q -c "CREATE DATABASE trial"

sed -n '/^```sh$/,/^```$/{//d; p}' README.md >"$W/lines"
here() { # the line as it is run here
    sed -E -e "s|/usr/share/dsmbd/sql|$W_ROOT/sql|; s|/usr/share/doc/dsmbd/examples|$W_ROOT/packaging/examples|; s|/etc/dsmbd|$W/etc|g" \
        -e "s|TRIALDB|trial|; s|-f source/sdtm.sql|-f $W_ROOT/packaging/demo/trial.sql|; s|^psql |psql -X -q -v ON_ERROR_STOP=1 |" <<<"$1"
}
# What the comment tells to do after copying: edit.
edited() {
    sed -i -e "s|host=/run/postgresql|host=$PGHOST|; s|dbname=trial |dbname=trial |; s|/var/lib/dsmbd/magical-ckd|$W/state|" \
        -e "s|/usr/share/dsmbd/rules|$W_ROOT/rules|; s|smtp://mail.example.org:587|smtp://localhost:$W_PORT|; /^  username:/d; /password_file:/d" \
        -e "s|/etc/ssl/certs/ca-certificates.crt|$W/smtp/ca.pem|; s|^  poll: .*|  poll: 200 ms|" \
        -e "s|^# keys_dir: [^ ]*|keys_dir: $W/etc/magical-ckd.keys|" "$W/etc/magical-ckd.yaml"
    cp "$W/etc/magical-ckd.yaml" "$W/dsmbd.yaml"
}
run() {
    local line=$1
    case $line in
    systemctl*) world_mailer; world_dsmbd; sleep 0.5; kill -0 "$W_DSMBD" "$W_MAILER"; return ;;
    "dsmbctl check"*)
        eval "$(here "$line")" >"$W/check.out" 2>&1
        grep -E '^WRONG' "$W/check.out" >"$W/wrong"
        # Before they are adopted; anything else would be wrong.
        same "$(cut -d: -f1 <"$W/wrong" | tr -s ' ' | tr '\n' ' ')" "WRONG plan WRONG board " || { cat "$W/check.out"; return 1; }
        return ;;
    esac
    eval "$(here "$line")" || return 1
    case $line in mv*) edited ;; esac
}
t "the README has the lines" test "$(wc -l <"$W/lines")" -ge 12
while read -r line; do
    [ -n "$line" ] && t "${line%%  *}" run "$line"
done <"$W/lines"
cd "$W_ROOT" || exit 70

/usr/bin/python3 packaging/demo/reenact.py "$W/months" >/dev/null
for f in $(find "$W/months" -name '*.sql' | sort | head -n 3); do psql -X -q -d trial -f "$f" >/dev/null; done
looked() { [ "$(store "SELECT count(*) FROM dsmb.look")" -ge 1 ]; }
t "a look is taken" wait_for 30 "a look" looked
says() { local want=$1; shift; "$@" >"$W/said" 2>&1 && grep -qE -- "$want" "$W/said" || { cat "$W/said"; return 1; }; }
watching() { says 'watching' dsmbctl status >/dev/null; } # the state is told at the end of the step that looked
t "dsmbctl status" wait_for 20 "the state" watching
plan_diff() { # nothing; then one changed number, a monitor more and a rule gone
    dsmbctl plan diff "$W/etc/plan.yaml" --format text >"$W/said" && grep -qx "nothing differs" "$W/said" || return 1
    sed -E "0,/max_events: [0-9]+/s//max_events: 23/" "$W/etc/plan.yaml" >"$W/other.yaml"
    cp -r rules "$W/rules" && sed -i "1s/^/# changed\\n/" "$W/rules/death.yaml"
    dsmbctl plan diff "$W/other.yaml" --rules "$W/rules" --format csv >"$W/said"
    [ $? -eq 1 ] && [ "$(wc -l <"$W/said")" -eq 3 ] && grep -qE "^monitors\\[[a-z_]+\\]\\.max_events,[0-9]+,23" "$W/said" && grep -q "^rules/death.yaml," "$W/said"
}
t "dsmbctl plan diff" plan_diff
t "dsmbctl tally" says '^category,' dsmbctl tally
t "dsmbctl report --audience closed" says 'CLOSED report' dsmbctl report --audience closed --purpose TEXT
t "dsmbctl report --audience open" says 'Open report' dsmbctl report --audience open --purpose TEXT
t "dsmbctl replay" says ' 0 differences' dsmbctl replay
t "dsmbctl explain look 1" says 'look 1|Look 1' dsmbctl explain look 1 --purpose TEXT
t "dsmbctl look --final" says 'request' dsmbctl look --final --by NAME --reason TEXT
t "dsmbctl ledger verify" says ' 0 faults' dsmbctl ledger verify
t "the board gets its mail" wait_for 60 "mail" all_sent
t "and there is some" test "$(find "$W/smtp/mail" -name '*.eml' | wc -l)" -ge 3
verbs() { # every `dsmbctl VERB` of the README is a verb
    local v r=0
    for v in $(grep -oE 'dsmbctl [a-z]+' README.md | cut -d' ' -f2 | sort -u); do
        dsmbctl "$v" --help >/dev/null || { echo "$v"; r=1; }
    done
    return $r
}
t "every verb that the README names is there" verbs
links() { # what it links to exists
    local f r=0
    for f in $(grep -oE '\]\([^)#]+\)' README.md | sed 's/^](//; s/)$//' | grep -v '^http'); do [ -e "$f" ] || { echo "$f"; r=1; }; done
    return $r
}
t "what it links to is there" links
t_end
