# shellcheck shell=bash disable=SC2034,SC2119,SC2016
# world.sh - a whole dsmbd world inside with_pg.sh: a trial database, a store with its roles, a mail server with TLS, the
# real programs.  Sourced by the demo and by the integration tests; nothing in the programs knows of it.
#
#   world_init NAME       working folder $W, stops everything on exit; files named in $W/also go with it
#   world_trial [SQL]     the trial's database from SQL (default packaging/demo/trial.sql), reader role granted
#   world_roles           roles and store
#   world_mail [ARG...]   mail server; mails in $W/smtp/mail
#   world_config          $W/dsmbd.yaml and $DSMBD_CONFIG; $W/plan.yaml from the demo's plan
#   world_smime           mail sealed: keys, and a certificate of the trial CA for each member of $W/board.yaml
#                         urgent alerts at once (W_SLOT, W_URGENT, W_RESEND, W_ESCALATE)
#   world_open MAIL DIR   what that member's mail program makes of it: DIR/entity (verified), subject, text, html
#   world_migrate, world_adopt
#   world_bg NAME CMD...  in the background, output in $W/log/NAME.log, dies with us; $W_PID is its process id
#   world_stop PID        TERM, then wait
#   store SQL, trial SQL  as superuser; one value a line, columns separated by a blank
#   has_look DAY          a look with this cut is stored
#   wait_for SECONDS WHAT COMMAND...
#   slots, of_kind KIND [WHO], seen SLOT   how many slots were written, messages of a kind; what the mailer sees of slots

W_TRIAL=${W_TRIAL:-magical-ckd}
W_ROOT=$PWD
BIN=${DSMB_BIN:-$PWD/build/bin}
MG=${MG:-MG} PBO=${PBO:-PBO} MG_LABEL=${MG_LABEL:-Magnesium} PBO_LABEL=${PBO_LABEL:-Placebo}
W_PIDS=()

world_end() {
    [ "$BASHPID" = "$$" ] || return # a child that is ended before it has become its program still has our traps
    trap '' INT TERM HUP
    local p
    for p in "${W_PIDS[@]}"; do kill -TERM "$p" 2>/dev/null || true; done
    for p in "${W_PIDS[@]}"; do world_gone "$p"; done
    if [ -f "$W/also" ]; then xargs -r -d '\n' rm -f <"$W/also"; fi
    rm -rf "$W"
}
world_init() {
    W=$(mktemp -d "/tmp/dsmb_$1.XXXXXX")
    mkdir "$W/log" "$W/state"
    # When we are killed outright, what we started dies by --pdeathsig; this removes the folder.
    setsid bash -c 'exec >/dev/null 2>&1 </dev/null
        while kill -0 "$1" 2>/dev/null; do sleep 0.5; done
        sleep 1
        if [ -f "$2/also" ]; then xargs -r -d "\n" rm -f <"$2/also"; fi
        rm -rf "$2"' watcher $$ "$W" &
    disown
    trap world_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
die() {
    echo "$*" >&2
    tail -n 5 "$W"/log/*.log >&2 2>/dev/null || true
    exit 1
}
wait_for() { # three times as long as a quiet machine would need: no test depends on how busy this one is
    local n=$(($1 * 60)) what=$2 i; shift 2
    for ((i = 0; i < n; i++)); do "$@" && return 0; sleep 0.05; done
    die "waited in vain for $what"
}
world_bg() {
    local name=$1; shift
    setpriv --pdeathsig TERM "$@" >>"$W/log/$name.log" 2>&1 </dev/null &
    W_PID=$!
    W_PIDS+=("$W_PID")
}
# A child of ours that is not dead.  Not by `wait`: with process ids that come round again bash may lose track of one that
# has ended, and would wait for it without end.
world_alive() {
    local stat
    { read -r stat </proc/"$1"/stat; } 2>/dev/null || return 1
    read -r -a stat <<<"${stat##*) }" # state, parent, ...
    [ "${stat[0]}" != Z ] && { [ "${stat[1]}" = "$$" ] || [ "${stat[1]}" = "$BASHPID" ]; }
}
world_gone() { # PID: at most two minutes
    local i
    for ((i = 0; i < 6000; i++)); do world_alive "$1" || return 0; sleep 0.02; done
    echo "process $1 does not end" >&2
    kill -KILL "$1" 2>/dev/null || true
}
world_stop() {
    local p rest=()
    kill -TERM "$1" 2>/dev/null || true
    world_gone "$1"
    for p in "${W_PIDS[@]}"; do [ "$p" = "$1" ] || rest+=("$p"); done
    W_PIDS=("${rest[@]}")
}
store() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d "dsmb_$W_TRIAL" -c "$1"; }
trial() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d trial -c "$1"; }

world_trial() {
    psql -X -q -c "CREATE DATABASE trial ${W_TRIAL_OPTIONS:-}"
    psql -X -q -v ON_ERROR_STOP=1 -d trial -f "${1:-packaging/demo/trial.sql}"
    psql -X -q -v ON_ERROR_STOP=1 -d trial -v role=dsmb_reader -v schema=dsmb_source -v arms=yes \
        -f sql/setup/source.sql >/dev/null
}
world_roles() {
    psql -X -q -v ON_ERROR_STOP=1 -v "trial=$W_TRIAL" -f sql/setup/roles.sql >/dev/null
}
world_mail() {
    world_bg mailserver /usr/bin/python3 tests/support/fakesmtp.py "$W/smtp" "$@"
    W_MAIL_PID=$W_PID
    wait_for 20 "the mail server" test -s "$W/smtp/port"
    W_PORT=$(cat "$W/smtp/port")
}
world_config() {
    sed -e "s|@SOCKET@|$PGHOST|; s|@PORT@|$PGPORT|; s|@SMTP@|$W_PORT|; s|@CA@|$W/smtp/ca.pem|; s|@STATE@|$W/state|" \
        -e "s|@RULES@|$W_ROOT/rules|; s|magical-ckd|$W_TRIAL|g" packaging/demo/dsmbd.yaml >"$W/dsmbd.yaml"
    sed -e "s|@MG@|$MG|; s|@PBO@|$PBO|; s|@MG_LABEL@|$MG_LABEL|; s|@PBO_LABEL@|$PBO_LABEL|" \
        -e "s|^trial: .*|trial: $W_TRIAL|" packaging/demo/plan.yaml >"$W/plan.yaml"
    sed -e "s|^trial: .*|trial: $W_TRIAL|" packaging/demo/board.yaml >"$W/board.yaml"
    export DSMBD_CONFIG=$W/dsmbd.yaml
}
world_smime() {
    sed -i 's/^  encryption: none/  encryption: smime/' "$W/dsmbd.yaml"
    echo "keys_dir: $W/keys" >>"$W/dsmbd.yaml"
    echo "messages: {slot: ${W_SLOT:-7 d}, urgent: ${W_URGENT:-immediate}, resend_after: ${W_RESEND:-7 d}, escalate_after: ${W_ESCALATE:-14 d}}" \
        >>"$W/plan.yaml"
    "$BIN/dsmbctl" board issue "$W/board.yaml" --out "$W/ca" >"$W/passwords"
    "$BIN/dsmbctl" keys init --ca "$W/ca" >"$W/log/keys.log"
    cp "$W/ca/board.yaml" "$W/board.yaml"
    local p12 password
    while read -r p12 password; do
        case $p12 in *.p12) ;; *) continue ;; esac
        openssl pkcs12 -in "$W/ca/$p12" -passin "pass:$password" -nodes -out "$W/ca/${p12%.p12}.pem" 2>/dev/null
    done <"$W/passwords"
}
world_open() {
    local to
    mkdir -p "$2"
    to=$(tr -d '\r' <"$1" | sed -n '/^$/q; /^To:/{s/.*<\(.*\)>$/\1/p; n; s/^ <\(.*\)>$/\1/p}')
    openssl cms -decrypt -in "$1" -inkey "$W/ca/$to.pem" -out "$2/signed" 2>"$2/openssl" || return 1
    openssl cms -verify -in "$2/signed" -CAfile "$W/ca/board-ca.pem" -out "$2/entity" 2>>"$2/openssl" || return 1
    /usr/bin/python3 - "$2" <<'P'
import email, email.policy, sys
d = sys.argv[1]
m = email.message_from_binary_file(open(d + "/entity", "rb"), policy=email.policy.default)
open(d + "/subject", "w", encoding="utf-8").write(str(m["Subject"]) + "\n")
for kind, name in (("plain", "text"), ("html", "html")):
    body = m.get_body((kind,))  # the shortest messages are text alone
    if body is not None:
        open(d + "/" + name, "w", encoding="utf-8").write(body.get_content())
for part in m.walk():
    if part.get_content_type() in ("image/png", "application/pdf"):
        name = part.get_filename() if part.get_content_type() == "image/png" else "file.pdf"
        open(d + "/" + name, "wb").write(part.get_content())
P
}
world_migrate() {
    DSMBD_STORE="host=$PGHOST port=$PGPORT dbname=dsmb_$W_TRIAL user=postgres" "$BIN/dsmbctl" migrate >/dev/null
}
# dsmbd must be running.
world_adopt() {
    "$BIN/dsmbctl" plan adopt "${1:-$W/plan.yaml}" --by "Demo statistician" --reason "start of the trial" >/dev/null
    "$BIN/dsmbctl" board adopt "$W/board.yaml" --by "Demo chair" --reason "start of the trial" >/dev/null
}
world_dsmbd() { world_bg dsmbd "$BIN/dsmbd" --config "$W/dsmbd.yaml"; W_DSMBD=$W_PID; }
world_mailer() { world_bg dsmb-mailer "$BIN/dsmb-mailer" --config "$W/dsmbd.yaml"; W_MAILER=$W_PID; }
has_look() { [ "$(store "SELECT count(*) FROM dsmb.look WHERE cut = '$1'" 2>/dev/null)" = 1 ]; }
all_sent() { [ "$(store "SELECT count(*) FROM dsmb_out.message WHERE state <> 'sent'")" = 0 ]; }

# --- searches for leaks: $words is what may not be found, long enough that no random base64 holds it ---
leaks() { grep -aiEm 3 "${words:?}" "$1" | cut -c1-200 | tr -d '\0'; return 0; } # -m: a pipe closed early would end grep in SIGPIPE, and read as nothing
no_leak() { # NAME FILE: the same search finds what is planted, once and a thousand times, and nothing in the real thing
    local found
    [ -s "$2" ] || { echo "$1 is empty: nothing was searched"; return 1; }
    { cat "$2"; printf '\nplanted %s here\n' "$MG"; } >"$W/planted"
    [ -n "$(leaks "$W/planted")" ] || { echo "the search does not find a planted leak in $1"; return 1; }
    for _ in {1..1000}; do printf 'planted %s here\n' "$MG"; done >>"$W/planted"
    [ -n "$(leaks "$W/planted")" ] || { echo "the search does not find a thousand planted leaks in $1"; return 1; }
    found=$(leaks "$2")
    [ -z "$found" ] || { echo "$found"; echo "in $1"; return 1; }
}

# --- sealed mail in slots ---
slots() { store 'SELECT count(*) FROM dsmb.slot'; }
of_kind() { # KIND [LOCAL PART OF THE ADDRESS]
    store "SELECT count(*) FROM dsmb.alert_message WHERE kind = '$1'${2:+ AND address = '$2@board.example'}"
}
seen() { # since SLOT: per slot the number of messages and their bytes
    store "SELECT count(*), sum(length(m.body)), min(length(m.body)), max(length(m.body)) FROM dsmb.alert_message a
             JOIN dsmb_out.message m ON m.id = a.message_id WHERE a.slot > $1 GROUP BY a.slot ORDER BY a.slot" | sort -u
}

. tests/support/tap.sh
