#!/bin/bash
# Both programs under failing system calls and failing memory (libfiu), PostgreSQL stopped in the middle of things, full
# disks.  Invariant: the promise.  What the store holds in the end is what an undisturbed run gives; no message is lost;
# a second copy has the same bytes and stands in the store as UNCERTAIN; the ledger verifies.
# DSMB_FAULTS: runs under a fault (default 200).  DSMB_SEED repeats the choice of faults and libfiu's own dice.
# shellcheck disable=SC2119
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
if [ -z "${DSMB_PGDATA:-}" ]; then # a mount namespace of our own, for disks that fill up
    if [ -z "${DSMB_OWN_MOUNTS:-}" ] && [ "$(id -u)" = 0 ] && unshare -m --propagation private true 2>/dev/null; then
        DSMB_OWN_MOUNTS=yes exec unshare -m --propagation private tests/support/with_pg.sh "$0"
    fi
    exec tests/support/with_pg.sh "$0"
fi
. tests/support/world.sh
world_init faults
wanted=${DSMB_FAULTS:-200}
seed=${DSMB_SEED:-$((SRANDOM % 32768))}
RANDOM=$seed
fiu=$(find /usr/lib -path '*/fiu/fiu_posix_preload.so' 2>/dev/null | head -n 1)
fiu=${fiu%/*}
# Tells in whose code a program under faults came to grief.
"${CC:-gcc}" -O1 -g -shared -fPIC -o "$W/crash.so" tests/it/crash.c || exit 1

# name, failure point of libfiu, probability; errno where it should be a certain one
profiles=(
    'memory libc/mm/* 0.0005' 'memory libc/mm/* 0.01' 'memory libc/str/* 0.02'
    'read posix/io/rw/read* 0.02' 'write posix/io/rw/write* 0.05 28' 'short posix/io/rw/write/reduce 0.5'
    'send posix/io/net/send* 0.02' 'recv posix/io/net/recv* 0.02' 'connect posix/io/net/connect 0.3'
    'socket posix/io/net/socket 0.2' 'poll posix/io/net/poll 0.02'
    'fsync posix/io/sync/fsync 0.3 5' 'open posix/io/oc/open 0.02' 'fopen posix/stdio/oc/fopen 0.1'
    'rename posix/io/dir/rename 0.5 28' 'stdio posix/stdio/* 0.02' 'everything posix/io/* 0.005'
)
declare -A hits
runs=0 ended=0
faulty() { # NAME PROGRAM ARG...: in the background under a fault drawn by lot; $W_PID, $what
    local name=$1 p point failinfo=""; shift
    p=${profiles[RANDOM % ${#profiles[@]}]}
    local -a w
    read -ra w <<<"$p"
    what=${w[0]} point=${w[1]}
    [ -z "${w[3]:-}" ] || failinfo=",failinfo=${w[3]}"
    hits["$name: $what"]=$((${hits["$name: $what"]:-0} + 1)); runs=$((runs + 1))
    world_bg "$name" env "FIU_PRNG_SEED=$((RANDOM + 1))" "FIU_ENABLE=enable_random name=$point,probability=${w[2]}$failinfo" \
        FIU_CTRL_FIFO="" "LD_PRELOAD=$W/crash.so $fiu/fiu_run_preload.so $fiu/fiu_posix_preload.so" "$@"
}
stop_hard() { # PID
    world_alive "$1" || ended=$((ended + 1))
    kill -KILL "$1" 2>/dev/null
    world_stop "$1" 2>/dev/null
}
settings() {
    sed -i 's/poll: .*/poll: 100 ms/; s/backoff_min: .*/backoff_min: 20 ms/; s/backoff_max: .*/backoff_max: 100 ms/' "$W/dsmbd.yaml"
    sed -i 's/^  backoff_min/  connect_timeout: 1 s\n  response_timeout: 1 s\n  lease: 4 s\n&/' "$W/dsmbd.yaml"
}
{ world_trial; world_roles; world_mail; world_config; settings; } >"$W/setup.out" 2>&1
/usr/bin/python3 packaging/demo/reenact.py "$W/months" >/dev/null
steps=()
n=0
for f in "$W"/months/*.sql; do # three months at a time
    n=$((n + 1))
    grep -vxE 'BEGIN;|COMMIT;' "$f" >>"$W/step.sql"
    [ $((n % 3)) = 0 ] || continue
    mv "$W/step.sql" "$W/months/${f##*/}.step"
    steps+=("$W/months/${f##*/}.step")
done

fresh() {
    psql -X -q -c 'DROP DATABASE IF EXISTS trial (FORCE)' -c "DROP DATABASE IF EXISTS \"dsmb_$W_TRIAL\" (FORCE)"
    { world_trial; world_roles; world_migrate; } >>"$W/setup.out" 2>&1
    rm -f "$W"/state/* "$W"/smtp/mail/*
    queued=0
    world_mailer; wait_for 10 "the anchor" test -s "$W/state/anchor"; world_stop "$W_MAILER"
    world_dsmbd; world_adopt; world_stop "$W_DSMBD"
}
digest() {
    store "SELECT look, cut, kind, snapshot, n_subjects, n_events, n_changes FROM dsmb.look ORDER BY look"
    store "SELECT to_jsonb(v) FROM dsmb.verdict v ORDER BY look, ord"
    store "SELECT monitor, subject_id, look FROM dsmb.known ORDER BY 1, 2"
    store "SELECT look, monitor, kind FROM dsmb.alert ORDER BY id"
    store "SELECT look, member, address FROM dsmb.alert_message ORDER BY 1, 2, 3"
}
step_day() { day=${1##*_}; day=${day%.sql.step}; }
SYNC="-c synchronous_commit=on" # the throw-away cluster's default is off, and it is stopped at once
load() { PGOPTIONS=$SYNC psql -X -q -1 -v ON_ERROR_STOP=1 -d trial -f "$1" >/dev/null; }
gone_or_looked() { ! world_alive "$W_DSMBD" || has_look "$day"; }
sent() { [ "$(store "SELECT count(*) FROM dsmb_out.message WHERE state NOT IN ('sent', 'failed')" 2>/dev/null)" = 0 ]; }
queued=0
queue() { # a message of its own for the mailer; the ledger rightly says that no look decided it
    queued=$((queued + 1))
    PGOPTIONS=$SYNC store "SET ROLE \"dsmb_${W_TRIAL}_daemon\"; INSERT INTO dsmb_out.message (id, address, body)
           SELECT i, 'chair@board.example', convert_to('Message-ID: <' || i || E'@x>\r\n\r\n' || repeat(E'.a line\r\n', $1), 'UTF8')
             FROM gen_random_uuid() i"
}
lost=0 other=0 untold=0 doubles=0 bad_ledger=0 bad_digest=0 passes=0 failed_mail=0
verifies() { # but for the messages that queue() slipped in
    "$BIN/dsmbctl" ledger verify >"$W/verify" 2>&1
    tail -n 3 "$W/verify"
    ! grep '^FAULT' "$W/verify" | grep -v 'slipped into the outbox' && grep -q ' looks checked' "$W/verify" &&
        same "$(grep -c 'slipped into the outbox' "$W/verify")" "$queued"
}
settle() { # the promise, at the end of a pass
    local l o u d
    world_mailer; wait_for 60 "the mails" sent; world_stop "$W_MAILER"
    verifies >"$W/verified" 2>&1 || { bad_ledger=$((bad_ledger + 1)); cat "$W/verified"; }
    failed_mail=$((failed_mail + $(store "SELECT count(*) FROM dsmb_out.message WHERE state = 'failed'")))
    store "SELECT m.id, (SELECT count(*) FROM dsmb_out.outcome o WHERE o.message = m.id AND o.verdict = 'uncertain'),
                  encode(sha256(m.body), 'hex') FROM dsmb_out.message m" >"$W/messages"
    read -r l o u d <<<"$(/usr/bin/python3 - "$W/smtp/mail" "$W/messages" <<'P'
import collections, glob, hashlib, re, sys
got = collections.defaultdict(list)
for f in glob.glob(sys.argv[1] + "/*.eml"):
    b = open(f, "rb").read()
    i = re.search(rb"(?im)^message-id: <([0-9a-f-]{36})", b)
    got[i.group(1).decode() if i else "none"].append(hashlib.sha256(b).hexdigest())
lost = untold = doubles = 0
other = len(got["none"])  # what the relay took is no message of ours
for line in open(sys.argv[2]):
    i, uncertain, sha = line.split()
    lost += not got[i]
    other += any(h != sha for h in got[i])
    doubles += max(0, len(got[i]) - 1)
    untold += max(0, len(got[i]) - 1 - int(uncertain))
print(lost, other, untold, doubles)
P
)"
    lost=$((lost + l)) other=$((other + o)) untold=$((untold + u)) doubles=$((doubles + d))
}

fresh
world_dsmbd
for s in "${steps[@]}"; do step_day "$s"; load "$s"; wait_for 20 "the look at $day" has_look "$day"; done
world_stop "$W_DSMBD"
digest >"$W/want"

if [ -n "${DSMB_SAN:-}" ]; then
    t_skip "failing system calls and failing memory" "the sanitizer owns malloc"
elif [ -z "$fiu" ]; then
    t "libfiu's preload library is there (fiu-utils)" false
else
    while [ "$runs" -lt "$wanted" ]; do
        passes=$((passes + 1))
        fresh
        for s in "${steps[@]}"; do
            step_day "$s"
            if [ "$runs" -ge "$wanted" ]; then # enough: the rest of this trial in peace
                world_dsmbd; load "$s"; wait_for 30 "the look at $day" has_look "$day"; world_stop "$W_DSMBD"
                continue
            fi
            faulty dsmbd "$BIN/dsmbd" --config "$W/dsmbd.yaml"; W_DSMBD=$W_PID
            load "$s"
            for _ in 1 2 3 4 5 6; do gone_or_looked && break; sleep 0.05; done
            if [ $((RANDOM % 8)) = 0 ]; then
                "$DSMB_PGCTL" restart; hits["PostgreSQL stopped at once"]=$((${hits["PostgreSQL stopped at once"]:-0} + 1))
            fi
            stop_hard "$W_DSMBD"
            for _ in 1 2 3; do
                queue $((RANDOM % 9000 + 1))
                faulty dsmb-mailer timeout -s KILL 2 "$BIN/dsmb-mailer" --config "$W/dsmbd.yaml" --once
                if [ $((RANDOM % 16)) = 0 ]; then
                    "$DSMB_PGCTL" restart; hits["PostgreSQL stopped at once"]=$((${hits["PostgreSQL stopped at once"]:-0} + 1))
                fi
                wait "$W_PID" 2>/dev/null || ended=$((ended + 1))
                world_stop "$W_PID"
            done
            if ! has_look "$day"; then world_dsmbd; wait_for 30 "the look at $day" has_look "$day"; world_stop "$W_DSMBD"; fi
        done
        digest >"$W/got"
        cmp -s "$W/want" "$W/got" || { bad_digest=$((bad_digest + 1)); diff "$W/want" "$W/got" | head -n 5; }
        settle
    done
    echo "# $runs runs under a fault in $passes trials of ${#steps[@]} looks, seed $seed; $ended ended by it"
    for p in "${!hits[@]}"; do echo "#   $p: ${hits[$p]}"; done | sort
    echo "#   mails received twice, each recorded as uncertain: $doubles"
    # Libraries fall over when memory fails, the injector among them, and that ends a run like kill -9 does: named here.
    # Our own code must not, nor may anything be written where it does not belong.
    grep -ah '^CRASH' "$W"/log/*.log | awk '{ print $5 }' | sort | uniq -c | sed 's/^ */#   fell over in /; s/in \([0-9]*\) \(.*\)/in \2: \1/'
    crashed() { ! grep -ahE '^CRASH signal [0-9]+ in( dsmb[^ ]*|$)|stack smashing|AddressSanitizer|runtime error' "$W"/log/*.log; }
    finds_crash() { # the search, on a planted one
        world_bg planted env LD_PRELOAD="$W/crash.so" "$BIN/dsmb-mailer" --config "$W/dsmbd.yaml"
        wait_for 20 "the mailer" grep -q started "$W/log/planted.log"
        kill -SEGV "$W_PID"; world_stop "$W_PID"
        mv "$W/log/planted.log" "$W/planted"
        grep -aE '^CRASH signal 11 in dsmb-mailer' "$W/planted"
    }
    t "failing system calls and failing memory: looks, verdicts and alerts are those of an undisturbed run" same "$bad_digest" 0
    t "at least $wanted runs under a fault, and some were ended by it" [ "$runs" -ge "$wanted" -a "$ended" -gt 0 ]
    t "no message is lost" same "$lost" 0
    t "none was given up" same "$failed_mail" 0
    t "the relay took nothing but whole messages of the outbox, a second copy with the same bytes" same "$other" 0
    t "a second copy is recorded as uncertain" same "$untold" 0
    t "the ledger verifies after each trial" same "$bad_ledger" 0
    t "a crash of ours would be found: one is planted" finds_crash
    t "nothing of ours crashes or corrupts memory" crashed
fi

# --- disks that fill up ---
full_disk() { dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null; }
if mkdir "$W/small" "$W/space" && [ -n "${DSMB_OWN_MOUNTS:-}" ] && mount -t tmpfs -o size=64k tmpfs "$W/small" 2>/dev/null; then
    fresh
    trap 'umount -l "$W/small" "$W/space" 2>/dev/null; world_end' EXIT
    state_full() {
        sed "s|^state_dir: .*|state_dir: $W/small|" "$W/dsmbd.yaml" >"$W/small.yaml"
        cp "$W/state/anchor" "$W/small/anchor"
        full_disk "$W/small"
        queue 10; queue 10
        "$BIN/dsmb-mailer" --config "$W/small.yaml" --once >"$W/full.out" 2>&1
        cat "$W/full.out"
        cmp "$W/state/anchor" "$W/small/anchor" && same "$(find "$W/smtp/mail" -name '*.eml' | wc -l)" 0 &&
            grep -qi 'no space left' "$W/full.out" || return 1
        rm "$W/small/filler"
        "$BIN/dsmb-mailer" --config "$W/small.yaml" --once && sent && same "$(find "$W/smtp/mail" -name '*.eml' | wc -l)" 2
    }
    t "the state directory is full: the anchor stays whole, nothing leaves, why is told; then all of it once" state_full
    store_full() {
        mount -t tmpfs -o size=40m,mode=777 tmpfs "$W/space" && mkdir "$W/space/pg" || return 1
        chown "$(stat -c %u "$DSMB_PGDATA")" "$W/space/pg"; chmod 755 "$W"
        psql -X -q -c "CREATE TABLESPACE small LOCATION '$W/space/pg'" -c "ALTER DATABASE \"dsmb_$W_TRIAL\" SET TABLESPACE small" || return 1
        full_disk "$W/space"
        world_dsmbd
        for s in "${steps[@]:0:12}"; do load "$s"; done
        step_day "${steps[11]}"
        complained() { grep -qE '53100|No space left' "$W/log/dsmbd.log"; }
        wait_for 15 "a complaint" complained
        sleep 1
        kill -0 "$W_DSMBD" && ! has_look "$day" || return 1
        rm "$W/space/filler"
        wait_for 90 "the look" has_look "$day"
        world_stop "$W_DSMBD"
        verifies
    }
    t "the store's disk is full: dsmbd says so and lives on; with room again the look is taken and the ledger verifies" store_full
    settle
    t "no mail was lost over it" same "$lost $other $untold" "0 0 0"
else
    t_skip "full disks" "needs root and a mount namespace of its own"
fi
t_end
