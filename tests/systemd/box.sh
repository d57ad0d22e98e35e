# shellcheck shell=bash disable=SC2034
# box.sh - a throw-away Debian 12 on an overlay over build/cache/bookworm, with a systemd of its own where asked: own
# PID, mount, network, UTS, IPC and cgroup namespaces.  Nothing of it is the host's; it is gone on any exit.  Sourced.
#
#   box_why          why a box cannot be made here; nothing when it can
#   box_mount        the overlay in $X/root, for install -D and chroot; $X is the working folder
#   box_chroot CMD   in it, with proc and dev, in mount and PID namespaces of its own, without systemd
#   box_boot         boots it; $BOX is systemd's process id
#   in_box CMD       in the booted box
#   box_off          ends what runs in it

BOX=
X=
box_cg=

box_why() {
    [ "$(id -u)" = 0 ] || { echo "needs root"; return; }
    unshare -m -p -f -u -i -n -C true 2>/dev/null || { echo "no right to make namespaces (CAP_SYS_ADMIN)"; return; }
    [ -n "$(box_cgroup2)" ] || { echo "no cgroup2 hierarchy that may be written"; return; }
    [ -e build/cache/bookworm/etc/debian_version ] || { echo "build/cache/bookworm is not there (make rootfs)"; return; }
    mkdir -p /tmp/dsmb_box_try.$$/{u,w,r}
    unshare -m mount -t overlay overlay -o "lowerdir=build/cache/bookworm,upperdir=/tmp/dsmb_box_try.$$/u,workdir=/tmp/dsmb_box_try.$$/w" \
        /tmp/dsmb_box_try.$$/r 2>/dev/null || echo "no overlay file system"
    rm -rf /tmp/dsmb_box_try.$$
}
box_cgroup2() {
    local d
    for d in $(awk '$3 == "cgroup2" {print $2}' /proc/self/mounts); do
        [ -w "$d/cgroup.procs" ] && { echo "$d"; return; }
    done
}
box_end() {
    trap '' INT TERM HUP
    box_off
    if [ -n "$X" ]; then
        umount -l "$X/root" 2>/dev/null || true
        rm -rf "$X"
    fi
}
box_mount() {
    X=$(mktemp -d /tmp/dsmb_box.XXXXXX) || exit 70
    trap box_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    chmod 755 "$X"
    mkdir "$X"/{upper,work,root}
    # The overlay stands in our mount namespace: box_enter made one.
    mount -t overlay overlay -o "lowerdir=$PWD/build/cache/bookworm,upperdir=$X/upper,workdir=$X/work" "$X/root"
}
# Everything runs in a mount namespace of its own, so that no mount is ever seen, or left, outside.
box_enter() { # SCRIPT
    [ -n "${DSMB_IN_BOX:-}" ] || DSMB_IN_BOX=1 exec unshare -m --propagation private "$1"
}
box_dev() { # in the new root
    local name minor major
    mount -t tmpfs -o mode=755 tmpfs dev
    while read -r name major minor; do mknod -m 666 "dev/$name" c "$major" "$minor"; done <<<'null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0'
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    mount -t tmpfs tmpfs dev/shm
}
box_chroot() {
    export -f box_dev
    # shellcheck disable=SC2016
    unshare -m -p -f -u -i -n -C --kill-child=KILL bash -c 'set -e; cd "$0"; mount -t proc proc proc; box_dev
        mount -t tmpfs -o mode=755 tmpfs run; ip link set lo up 2>/dev/null || true
        exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
            DEBIAN_FRONTEND=noninteractive "$@"' "$X/root" "$@"
}
box_boot() {
    local unshared
    box_cg=$(box_cgroup2)/dsmb-box.$$
    mkdir "$box_cg"
    export -f box_dev
    # shellcheck disable=SC2016
    (
        echo "$BASHPID" >"$box_cg/cgroup.procs"
        exec setpriv --pdeathsig KILL unshare -m -p -f -u -i -n -C --kill-child=KILL bash -c '
            set -e; cd "$0"
            mount --bind . . ; cd "$0"
            mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t tmpfs -o mode=755 tmpfs run; box_dev
            mount -t cgroup2 cgroup2 sys/fs/cgroup
            mkdir -p old; pivot_root . old; cd /; umount -l /old; rmdir /old; echo box >/etc/hostname
            mount --make-rshared / # systemd hands credentials to units by a mount that must propagate
            exec env -i container=dsmb-box PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
                /lib/systemd/systemd --system --unit=multi-user.target' "$X/root"
    ) >"$X/console" 2>&1 </dev/null &
    unshared=$!
    box_pid=$unshared
    for _ in $(seq 100); do
        BOX=$(pgrep -P "$unshared" | head -n 1)
        [ -n "$BOX" ] && [ "$(cat "/proc/$BOX/comm" 2>/dev/null)" = systemd ] && break
        sleep 0.1
    done
    for _ in $(seq 300); do
        case $(in_box systemctl is-system-running 2>/dev/null) in running | degraded) return 0 ;; esac
        sleep 0.1
    done
    tail -n 20 "$X/console" >&2
    return 1
}
in_box() { nsenter -t "$BOX" -a /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"; }
box_off() {
    [ -n "$box_cg" ] || return 0
    if [ -n "$BOX" ]; then kill -KILL "$BOX" 2>/dev/null || true; fi
    wait "$box_pid" 2>/dev/null || true
    for _ in $(seq 50); do
        [ -d "$box_cg" ] || break
        find "$box_cg" -depth -type d -exec rmdir {} \; 2>/dev/null && break
        sleep 0.1
    done
    BOX='' box_cg=''
}

# --- tests: ok N - sentence ---
T_N=0 T_OK=0 T_BAD=0 T_SKIP=0
t() { # SENTENCE COMMAND...
    local what=$1; shift
    T_N=$((T_N + 1))
    if "$@" >"$X/t.out" 2>&1; then
        T_OK=$((T_OK + 1)); echo "ok $T_N - $what"
    else
        T_BAD=$((T_BAD + 1)); echo "not ok $T_N - $what"; tail -n 20 "$X/t.out" | sed 's/^/# /'
    fi
}
t_skip() { T_N=$((T_N + 1)); T_SKIP=$((T_SKIP + 1)); echo "ok $T_N - $1 # SKIP $2"; }
t_end() { echo "$T_OK passed, $T_BAD failed, $T_SKIP skipped"; [ "$T_BAD" -eq 0 ] || exit 1; }
same() { [ "$1" = "$2" ] || { echo "got:  $1"; echo "want: $2"; return 1; }; }
soon() { # SECONDS COMMAND...: becomes true
    local n=$(($1 * 5)) i; shift
    for ((i = 0; i < n; i++)); do "$@" && return 0; sleep 0.2; done
    return 1
}
