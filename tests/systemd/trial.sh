# shellcheck shell=bash disable=SC2034
# trial.sh - a trial inside a box (box.sh): PostgreSQL as Debian sets it up, a relay with TLS, settings, plan, board.
# Sourced after box.sh.
#
#   trial_access     before box_boot: who may connect to PostgreSQL, and how
#   trial_files      after it: relay, settings with a secret of the daemon's, plan and board
#   trial_setup      users, roles, databases, schema
#   trial_adopt      a plan and a board; dsmbd must be running
#   trial_months F.. the re-enactment's months of these files, each with its look

T=magical-ckd
U=dsmbd@$T.service
M=dsmb-mailer@$T.service
trial_access() {
    cat >"$X/root/etc/postgresql/15/main/pg_hba.conf" <<H
local dsmb_$T dsmb_${T}_daemon scram-sha-256
local all all peer map=dsmb
H
    cat >"$X/root/etc/postgresql/15/main/pg_ident.conf" <<H
dsmb postgres postgres
dsmb root postgres
dsmb root dsmb_${T}_closed
dsmb dsmbd dsmb_reader
dsmb dsmb-mailer dsmb_${T}_mailer
H
}
sql() { in_box psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -U postgres "$@"; }
store() { sql -d "dsmb_$T" -c "$1"; }
prop() { in_box systemctl show -P "$2" "$1"; }
is() { [ "$(prop "$1" "$2")" = "$3" ]; }
journal() { in_box journalctl -o cat --no-pager -u "$1" >"$X/journal" 2>&1; grep -qE -- "$2" "$X/journal"; }
says() { soon 20 journal "$1" "$2" || { tail -n 5 "$X/journal"; return 1; }; }
active() { soon 20 is "$1" ActiveState active || { in_box systemctl status --no-pager "$1"; return 1; }; }

trial_setup() {
    in_box systemd-sysusers && in_box systemd-tmpfiles --create dsmbd.conf &&
        in_box install -d -m 755 /var/lib/dsmbd || return 1
    sql -d postgres -c "CREATE DATABASE trial" &&
        sql -d trial -f - <packaging/demo/trial.sql &&
        sql -d trial -v role=dsmb_reader -v schema=dsmb_source -v arms=yes -f /usr/share/dsmbd/sql/setup/source.sql &&
        sql -d postgres -v "trial=$T" -f /usr/share/dsmbd/sql/setup/roles.sql || return 1
    store "ALTER ROLE \"dsmb_${T}_daemon\" PASSWORD 'correct horse'" || return 1
    in_box env "DSMBD_STORE=host=/run/postgresql dbname=dsmb_$T user=postgres" \
        dsmbctl migrate --config "/etc/dsmbd/$T.yaml" || return 1
}
trial_files() {
    nsenter -t "$BOX" -n ip link set lo up 2>/dev/null || true
    setpriv --pdeathsig TERM nsenter -t "$BOX" -n /usr/bin/python3 tests/support/fakesmtp.py "$X/smtp" >"$X/smtp.log" 2>&1 </dev/null &
    soon 20 test -s "$X/smtp/port" || { cat "$X/smtp.log" >&2; exit 70; }
    cp "$X/smtp/ca.pem" "$X/root/etc/dsmbd/relay-ca.pem"
    cat >"$X/root/etc/dsmbd/$T.yaml" <<Y
trial: $T
source:
  conninfo: host=/run/postgresql dbname=trial user=dsmb_reader
  poll: 200 ms
store:
  conninfo: host=/run/postgresql dbname=dsmb_$T user=dsmb_${T}_daemon passfile=/run/credentials/$U/pgpass
  mailer_conninfo: host=/run/postgresql dbname=dsmb_$T user=dsmb_${T}_mailer
  ctl_conninfo: host=/run/postgresql dbname=dsmb_$T user=dsmb_${T}_closed
mail:
  relay: smtp://localhost:$(cat "$X/smtp/port")
  ca_file: /etc/dsmbd/relay-ca.pem
  from: dsmbd@trial.example
  encryption: none
  operations: operations@trial.example
  backoff_min: 1 s
  backoff_max: 5 s
Y
    install -m 600 /dev/null "$X/root/etc/dsmbd/$T.pgpass"
    echo "*:*:*:dsmb_${T}_daemon:correct horse" >>"$X/root/etc/dsmbd/$T.pgpass"
    sed -e 's/@MG@/MG/; s/@PBO@/PBO/; s/@MG_LABEL@/ZEBRAMAG/; s/@PBO_LABEL@/ZEBRAPLA/' packaging/demo/plan.yaml >"$X/root/root/plan.yaml"
    cp packaging/demo/board.yaml "$X/root/root/"
    /usr/bin/python3 packaging/demo/reenact.py "$X/months" --arms MG,PBO >/dev/null
}
trial_adopt() {
    in_box dsmbctl plan adopt /root/plan.yaml --by S --reason "start" --config "/etc/dsmbd/$T.yaml" &&
        in_box dsmbctl board adopt /root/board.yaml --by C --reason "start" --config "/etc/dsmbd/$T.yaml"
}
trial_months() {
    local f day
    for f in "$@"; do
        day=${f##*_}; day=${day%.sql}
        sql -d trial -f - <"$f" || return 1
        seen() { [ "$(store "SELECT count(*) FROM dsmb.look WHERE cut = '$day'")" = 1 ]; }
        soon 20 seen || { echo "no look at $day"; in_box systemctl status --no-pager $U; return 1; }
    done
}
