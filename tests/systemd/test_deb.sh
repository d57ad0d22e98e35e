#!/bin/bash
# The Debian package under a real systemd in a box of its own: installs, runs, upgrades with a migration as the manual
# says, is removed and purged; the store, which is the audit, stays as it was through all of it.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
# shellcheck source=tests/systemd/box.sh
. tests/systemd/box.sh
# shellcheck source=tests/systemd/trial.sh
. tests/systemd/trial.sh
WHAT="the package: install, upgrade, remove, purge"
why=$(box_why)
DEB=$(ls build/deb/dsmbd_*.deb 2>/dev/null | head -n 1)
[ -n "$why" ] || [ -n "$DEB" ] || why="no package in build/deb (make deb)"
if [ -n "$why" ]; then
    t_skip "$WHAT" "$why"
    t_end
    exit 0
fi
box_enter "$0"

# The version after this one: the same with one migration more.
VERSION=$(dpkg-deb -f "$DEB" Version)
NEXT=$VERSION.1
N=build/deb/next
next_version() {
    mkdir -p $N && cp -au build/deb/src $N/ && rm -rf $N/src/debian $N/*.deb &&
        cp -a packaging/debian $N/src/debian && cp packaging/copyright $N/src/debian/copyright &&
        sed -i "0,/^## /s/^## .*/## $NEXT/" $N/src/CHANGELOG.md &&
        sed -i "1s/($VERSION)/($NEXT)/" $N/src/debian/changelog &&
        echo "CREATE VIEW dsmb.upgrade_test WITH (security_barrier) AS SELECT 1 AS one;" >$N/src/sql/schema/900_upgrade_test.sql &&
        find $N/src/build -path '*/cmd/*.o' -delete &&
        (cd $N/src && DEB_BUILD_OPTIONS="parallel=2 nocheck" timeout 600 dpkg-buildpackage -b -us -uc -nc -d) >"$X/next.log" 2>&1 &&
        cp $N/dsmbd_"$NEXT"_*.deb "$X/root/root/next.deb" || { tail -n 20 "$X/next.log"; return 1; }
}
box_mount
cp "$DEB" "$X/root/root/this.deb"
trial_access
box_boot || exit 70

dpkg() { in_box env DEBIAN_FRONTEND=noninteractive dpkg "$@"; }
there() { local f; for f in "$@"; do in_box test -e "$f" || { echo "not there: $f"; return 1; }; done; }
gone() { local f; for f in "$@"; do ! in_box test -e "$f" || { echo "still there: $f"; return 1; }; done; }
ctl() { in_box env "DSMBD_CONFIG=/etc/dsmbd/$T.yaml" dsmbctl "$@"; }
ctl_as_owner() { in_box env "DSMBD_CONFIG=/etc/dsmbd/$T.yaml" "DSMBD_STORE=host=/run/postgresql dbname=dsmb_$T user=postgres" dsmbctl "$@"; }
head_of_ledger() { store "SELECT count(*), encode(sha256(string_agg(l::text, '' ORDER BY l::text)::bytea), 'hex') FROM dsmb.ledger l"; }
looks() { store "SELECT count(*) FROM dsmb.look"; }
fails_with() { # EXIT PATTERN COMMAND...
    local want=$1 pattern=$2 rc; shift 2
    "$@" >"$X/said" 2>&1; rc=$?
    cat "$X/said"; [ "$rc" = "$want" ] && grep -qE -- "$pattern" "$X/said" || { echo "exit $rc"; return 1; }
}
mapfile -t OWN < <(dpkg-deb -c "$DEB" | awk '$1 ~ /^-/ {print substr($6, 2)}')

t "the package installs" dpkg -i /root/this.deb
t "nothing of it runs or starts by itself" same "$(in_box systemctl list-units --plain --no-legend 'dsmb*@*.service')" ""
t "its users exist, without login" same "$(in_box getent passwd dsmbd dsmb-mailer | cut -d: -f1,6,7 | tr '\n' ' ')" "dsmbd:/nonexistent:/usr/sbin/nologin dsmb-mailer:/nonexistent:/usr/sbin/nologin "
t "programs, rules, units, pages and completion are where they belong" there /usr/sbin/dsmbd /usr/sbin/dsmb-mailer \
    /usr/bin/dsmbctl /usr/share/dsmbd/rules/context.yaml /usr/share/dsmbd/sql/setup/roles.sql /usr/share/dsmbd/sql/source/cells.sql \
    /usr/share/doc/dsmbd/examples/names-redcap.sql /lib/systemd/system/dsmbd@.service \
    /etc/dsmbd /usr/share/bash-completion/completions/dsmbctl /usr/share/doc/dsmbd/copyright
t "the version is that of the package" same "$(in_box dsmbctl --version)" "dsmbctl $VERSION"
trial_files
t "a trial is set up with what the package holds" trial_setup
t "its units start" in_box systemctl start $U $M
t "the administrator enables them" in_box systemctl enable $U $M
t "a plan and a board are adopted" trial_adopt
MONTHS=("$X"/months/*.sql)
t "months are watched" trial_months "${MONTHS[@]:0:4}"
t "the ledger is whole" ctl ledger verify

t "the next version, with one migration more, builds" next_version
P=$(prop $U MainPID)
HEAD=$(head_of_ledger)
in_box env DEBIAN_FRONTEND=noninteractive dpkg -i /root/next.deb >"$X/upgrade" 2>&1
t "the upgrade installs" same "$(in_box dsmbctl --version)" "dsmbctl $NEXT"
t "it says what to do, and for what" grep -F "running: dsmb-mailer@$T.service dsmbd@$T.service" "$X/upgrade"
t "the watch goes on meanwhile, as the same process" same "$(prop $U MainPID) $(prop $U ActiveState)" "$P active"
t "and takes its looks" trial_months "${MONTHS[@]:4:1}"
t "the new dsmbctl sees that the schema is older" fails_with 1 'dsmbctl migrate' ctl check
t "dsmbctl migrate" ctl_as_owner migrate
t "the new migration is in the store" same "$(store 'SELECT one FROM dsmb.upgrade_test')" 1
t "the units restart" in_box systemctl restart $U $M
t "and watch where they were" soon 20 is $U StatusText watching
t "with the next month" trial_months "${MONTHS[@]:5:1}"
t "the ledger is whole after the upgrade" ctl ledger verify
t "and begins with what was there before" same "$(store "SELECT count(*), encode(sha256(string_agg(l::text, '' ORDER BY l::text)::bytea), 'hex') FROM (SELECT * FROM dsmb.ledger l ORDER BY 1 LIMIT ${HEAD%% *}) l")" "$HEAD"
in_box sh -c 'mkdir -p /root/old && dpkg-deb -x /root/this.deb /root/old'
t "the old version refuses the newer store" fails_with 69 'newer' in_box env "DSMBD_CONFIG=/etc/dsmbd/$T.yaml" \
    "DSMBD_STORE=host=/run/postgresql dbname=dsmb_$T user=postgres" /root/old/usr/bin/dsmbctl migrate

HEAD=$(head_of_ledger) L=$(looks)
t "the package is removed" dpkg -r dsmbd
t "its units are stopped" same "$(in_box pgrep -c dsmb)" 0
t "its files are gone" gone "${OWN[@]}"
t "settings, secrets and the anchor stay" there "/etc/dsmbd/$T.yaml" "/etc/dsmbd/$T.pgpass" "/var/lib/dsmbd/$T/anchor"
t "the store is untouched" same "$(head_of_ledger) $(looks)" "$HEAD $L"
t "installed again" dpkg -i /root/next.deb
t "the units start again" in_box systemctl start $U $M
t "and go on" trial_months "${MONTHS[@]:6:1}"
t "the mailer holds nothing: its anchor was still there" same "$(ctl status --format csv >/dev/null; in_box journalctl -o cat -u $M | grep -c 'all mail is held')" 0
HEAD=$(head_of_ledger) L=$(looks)
t "the package is purged" dpkg -P dsmbd
t "settings, secrets, the anchor and the units' links are gone" gone /etc/dsmbd /var/lib/dsmbd \
    "/etc/systemd/system/multi-user.target.wants/$U" "/etc/systemd/system/multi-user.target.wants/$M"
t "the audit stays: looks and ledger as they were" same "$(head_of_ledger) $(looks)" "$HEAD $L"
in_box install -d /etc/dsmbd; in_box sh -c "dpkg-deb -x /root/next.deb /root/new"
printf 'trial: %s\nsource: {conninfo: host=/run/postgresql}\nstore: {conninfo: host=/run/postgresql dbname=dsmb_%s user=dsmb_%s_closed, mailer_conninfo: host=/nowhere}\nmail: {relay: "smtp://localhost:25", from: a@b.example, operations: a@b.example}\n' \
    $T $T $T >"$X/root/root/audit.yaml"
t "and an inspector can verify it" in_box /root/new/usr/bin/dsmbctl ledger verify --config /root/audit.yaml
t_end
