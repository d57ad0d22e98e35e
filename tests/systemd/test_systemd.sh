#!/bin/bash
# The real units under a real systemd, in namespaces of its own: start, READY, a mail through both hardened units, reload
# with good and broken settings, watchdog, stop.  Needs root and namespaces; says what it skips and why.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
# shellcheck source=tests/systemd/box.sh
. tests/systemd/box.sh
# shellcheck source=tests/systemd/trial.sh
. tests/systemd/trial.sh
WHAT="the units under a throw-away systemd: start, reload, watchdog, stop"
why=$(box_why)
if [ -n "$why" ]; then
    t_skip "$WHAT" "$why"
    t_end
    exit 0
fi
box_enter "$0"
box_mount
make -s --no-print-directory install-files DESTDIR="$X/root" >"$X/install.out" 2>&1 || { cat "$X/install.out" >&2; exit 70; }
trial_access
box_boot || exit 70

trial_files
install -d -m 700 "$X/root/etc/dsmbd/$T.keys"
install -m 600 /dev/null "$X/root/etc/dsmbd/$T.keys/probe"
for u in $U $M; do
    mkdir -p "$X/root/etc/systemd/system/$u.d"
    printf '[Service]\nWatchdogSec=8\nRestartSec=1\n' >"$X/root/etc/systemd/system/$u.d/test.conf"
done
in_box systemctl daemon-reload

t "roles, store and users stand as the package sets them up" trial_setup
t "systemctl start: back when dsmbd says READY" in_box systemctl start $U
t "the mailer too" in_box systemctl start $M
t "dsmbd runs as dsmbd, dsmb-mailer as dsmb-mailer" same "$(in_box ps -o user:20= -C dsmbd,dsmb-mailer | sort | tr -d ' ' | tr '\n' ' ')" "dsmb-mailer dsmbd "
t "systemctl status tells what it waits for" soon 20 is $U StatusText "waiting for a plan to be adopted (dsmbctl plan adopt)"
t "a plan and a board are adopted" trial_adopt
t "two namespaces of network: dsmbd has its own, with nothing in it but its loopback" \
    same "$(in_box sh -c "tail -n +3 /proc/$(prop $U MainPID)/net/dev | cut -d: -f1 | tr -d ' '; [ \$(readlink /proc/$(prop $U MainPID)/ns/net) != \$(readlink /proc/1/ns/net) ] && echo own")" "lo
own"
t "a folder of keys reaches dsmbd, and nobody else" same \
    "$(in_box nsenter -t "$(prop $U MainPID)" -m stat -c '%a %u' "/run/credentials/$U/keys_probe")" "400 $(in_box id -u dsmbd)"
t "dsmbd keeps no right of root" same "$(in_box grep -E 'CapBnd|NoNewPrivs|Seccomp:' "/proc/$(prop $U MainPID)/status" | tr -d '\t\n')" "CapBnd:0000000000000000NoNewPrivs:1Seccomp:2"
t "the mailer neither" same "$(in_box grep -E 'CapBnd|NoNewPrivs|Seccomp:' "/proc/$(prop $M MainPID)/status" | tr -d '\t\n')" "CapBnd:0000000000000000NoNewPrivs:1Seccomp:2"

t "a trial's months are watched by the hardened dsmbd" trial_months "$X"/months/*.sql
sent() { [ "$(store "SELECT count(*) > 0 AND bool_and(state = 'sent') FROM dsmb_out.message")" = t ]; }
t "its mails leave by the hardened mailer, over TLS" soon 30 sent
# Forking, fonts and threads of libraries: what the unit forbids would show here.
drawn() { store "SELECT count(*) > 0 FROM dsmb_out.message WHERE position('Content-Type: image/png'::bytea IN body) > 0"; }
t "its alerts hold their figures" same "$(drawn)" t
metrics() { in_box setpriv --reuid nobody --regid nogroup --clear-groups grep -c '^dsmbd_' "/run/dsmbd/$T/metrics.prom"; }
t "the metrics can be read by another user" metrics
t "the anchor is the mailer's alone" same "$(in_box stat -c '%U %a' /var/lib/dsmbd/$T /var/lib/dsmbd/$T/anchor | tr '\n' ' ')" "dsmb-mailer 700 dsmb-mailer 600 "

in_box journalctl -o export --no-pager >"$X/all"
{ cat "$X/all"; echo "MESSAGE=planted ZEBRAMAG"; } >"$X/planted"
leak() { grep -aq ZEBRA "$1"; }
no_leak() { ! leak "$1"; }
t "an arm's label planted in the journal would be found" leak "$X/planted"
t "no arm's label stands in the journal" no_leak "$X/all"

sed -i 's/poll: 200 ms/poll: 250 ms/' "$X/root/etc/dsmbd/$T.yaml"
P=$(prop $U MainPID)
t "systemctl reload with good settings" in_box systemctl reload $U
t "they are taken" says $U '^settings reloaded'
t "the mailer's too" in_box systemctl reload $M
t "they are taken by it" says $M '^settings read again'
cp "$X/root/etc/dsmbd/$T.yaml" "$X/good.yaml"
echo "polll: 3 s" >>"$X/root/etc/dsmbd/$T.yaml"
t "systemctl reload with broken settings" in_box systemctl reload $U
t "they are refused with file, line and column, and the old ones stay" says $U "the settings stay as they were: .*$T.yaml:[0-9]+:[0-9]+"
t "dsmbd goes on as the same process" same "$(prop $U MainPID) $(prop $U ActiveState)" "$P active"
t "a start with broken settings fails with 78, once" bash -c "! nsenter -t $BOX -a systemctl restart $U"
t "and is not tried again and again" same "$(sleep 3; prop $U ExecMainStatus) $(prop $U NRestarts) $(prop $U ActiveState)" "78 0 failed"
cp "$X/good.yaml" "$X/root/etc/dsmbd/$T.yaml"
t "with good ones it starts again" in_box systemctl restart $U

hang() { # UNIT: stopped as if hung; systemd must notice and start it anew
    local was
    was=$(prop "$1" MainPID)
    in_box kill -STOP "$was"
    anew() { [ "$(prop "$1" MainPID)" != "$was" ] && [ "$(prop "$1" NRestarts)" -ge 1 ] && is "$1" ActiveState active; }
    soon 40 anew "$1" || { in_box systemctl status --no-pager "$1"; return 1; }
    says "$1" 'Watchdog timeout'
}
t "a hung dsmbd is killed by the watchdog and started anew" hang $U
t "it watches again" soon 20 is $U StatusText watching
t "a hung mailer as well" hang $M
nocore() { ! find "$X/root/var/lib/systemd/coredump" "$X/root/var/lib/dsmbd" -type f -name '*core*' 2>/dev/null | grep .; }
t "no core dump is left" nocore
cp packaging/systemd/remote-database.conf "$X/root/etc/systemd/system/$U.d/"
in_box systemctl daemon-reload
t "with the drop-in for remote databases it starts" in_box systemctl restart $U
t "and is in the machine's network" same "$(in_box readlink "/proc/$(prop $U MainPID)/ns/net")" "$(in_box readlink /proc/1/ns/net)"
t "and watches" soon 20 is $U StatusText watching
t "systemctl stop: both end by themselves" in_box systemctl stop $U $M
t "with success" same "$(prop $U Result) $(prop $U ExecMainStatus) $(prop $M Result) $(prop $M ExecMainStatus)" "success 0 success 0"
t "the ledger is whole" in_box env "DSMBD_STORE=host=/run/postgresql dbname=dsmb_$T user=dsmb_${T}_closed" dsmbctl ledger verify --config "/etc/dsmbd/$T.yaml"
t_end
