#!/bin/bash
# What there is to say of an alert holds it up in no way: neither too little room for it, nor figures that cannot be drawn.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0"
. tests/support/world.sh
world_init room
W_SLOT="3 s" W_URGENT=slot W_RESEND="7 d" W_ESCALATE="14 d"
{ world_trial; world_roles; world_mail; world_config; world_smime; world_migrate; } >"$W/setup.out" 2>&1
sed -i 's/^  operations:.*/&\n  acknowledge_to: answers@trial.example/' "$W/dsmbd.yaml"
room() { sed -i '/sealed_size_kib/d; s/^  encryption/  sealed_size_kib: '"$1"'\n  encryption/' "$W/dsmbd.yaml"; }
/usr/bin/python3 packaging/demo/reenact.py "$W/months" --arms "$MG,$PBO" >/dev/null
months() { # N: the first N, or the rest, as one look
    local f
    for f in "$W"/months/*.sql; do
        [ "$1" -gt 0 ] 2>/dev/null || break
        set -- $(($1 - 1))
        grep -vE '^(BEGIN|COMMIT);?$' "$f" >>"$W/part.sql"
        rm "$f"
    done
    psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$W/part.sql" >/dev/null
    rm "$W/part.sql"
}
alerts() { store "SELECT count(*) FROM dsmb.alert"; }
told() { # N: the chair's messages of alert N are with the relay
    [ "$(store "SELECT count(*) > 0 AND bool_and(o.state = 'sent') FROM dsmb.alert_message a JOIN dsmb_out.message o ON o.id = a.message_id
                 WHERE a.kind = 'ALERT' AND a.address = 'chair@board.example' AND $1 = ANY(a.alerts)")" = t ]
}
open_newest() {
    local id f
    id=$(store "SELECT message_id FROM dsmb.alert_message WHERE kind = 'ALERT' AND address = 'chair@board.example' ORDER BY at DESC LIMIT 1")
    got() { f=$(grep -l "$id" "$W"/smtp/mail/*.eml | head -n 1); [ -n "$f" ]; }
    wait_for 10 "the mail $id" got
    rm -rf "$W/open"
    world_open "$f" "$W/open" || { cat "$W/open/openssl"; return 1; }
    tr '\n' ' ' <"$W/open/text" >"$W/open/line"
    wc -c <"$f" >"$W/open/size"
}
shown() { # SIZE WORDS: the newest alert's message is this long and says so
    open_newest || return 1
    same "$(cat "$W/open/size")" "$1" || return 1
    grep -q 'BOUNDARY CROSSED' "$W/open/text" && grep -q 'What to do' "$W/open/text" && grep -q 'mailto:answers@' "$W/open/text" &&
        grep -q -- "$2" "$W/open/line" || { cat "$W/open/text"; return 1; }
}
encloses() { same "$(find "$W/open" -name '*.png' -o -name '*.pdf' | wc -l)" "$1"; }

# --- the smallest size that settings allow ---
room 16
world_mailer
wait_for 10 "the anchor" test -s "$W/state/anchor"
world_dsmbd
world_adopt
months 33
raised() { [ "$(alerts)" -ge 1 ] && told "$(alerts)"; }
wait_for 40 "an alert and its mails" raised
before=$(alerts)
t "an alert that has no room for all leaves without what matters less, and says so" shown 16384 'Left out, because all messages have one size'
t "it encloses nothing then" encloses 0
t "every member's messages have that one size, quiet or not" \
    same "$(store "SELECT count(DISTINCT member) || ' ' || string_agg(DISTINCT length(body)::text, ' ') FROM dsmb.alert_message JOIN dsmb_out.message o ON o.id = message_id")" "3 16384"

# --- figures that cannot be drawn ---
fiu=$(find /usr/lib -path '*/fiu/fiu_posix_preload.so' 2>/dev/null | head -n 1)
if grep -q __asan_init "$BIN/dsmbd"; then
    t_skip "figures that cannot be drawn" "a sanitizer comes before every other library"
elif [ -z "$fiu" ]; then
    t_skip "figures that cannot be drawn" "no libfiu here (Debian: fiu-utils)"
else
    world_stop "$W_DSMBD"
    room 256
    world_bg dsmbd env "FIU_ENABLE=enable name=posix/proc/fork" FIU_CTRL_FIFO="" \
        "LD_PRELOAD=${fiu%/*}/fiu_run_preload.so $fiu" "$BIN/dsmbd" --config "$W/dsmbd.yaml"
    W_DSMBD=$W_PID
    months 99
    raised() { [ "$(alerts)" -gt "$before" ] && told "$(alerts)"; }
    wait_for 40 "another alert and its mails" raised
    t "without figures the alert leaves all the same, and says so" shown 262144 'The figures and the PDF could not be drawn'
    t "it encloses none then" encloses 0
fi
blind() { ! grep -iE "alert|figure|left out|too long|drawn|crossed" "$W/log/dsmbd.log" "$W/log/dsmb-mailer.log"; }
t "journals tell of neither" blind
t_end
