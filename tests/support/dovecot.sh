# shellcheck shell=bash disable=SC2034
# dovecot.sh - a real Dovecot out of Debian's packages, unpacked into a folder and never installed: own configuration, own
# mailboxes, loopback, a high port.  Sourced after world.sh.  Needs root: Dovecot's master insists on it.
#
#   dovecot_unpack            $DOVECOT_DIR or build/dovecot: the packages' files; downloads them where they are not yet there.
#                             Fails where it cannot; says why.
#   dovecot_start MAILDIR     user "answers", password "secret", INBOX in MAILDIR, which belongs to nobody.  Listens on
#                             localhost:$W_IMAP (STARTTLS required) and $W_IMAPS (TLS); CA in $W/imap/ca.pem.  What each
#                             session said goes to $W/dovecot/raw/*.in.

DOVE_ROOT=${DOVECOT_DIR:-$W_ROOT/build/dovecot}

dovecot_unpack() {
    [ "$(id -u)" = 0 ] || { echo "Dovecot's master runs as root only"; return 1; }
    local missing d=$W/packages deb
    if [ ! -x "$DOVE_ROOT/usr/lib/dovecot/imap" ]; then
        mkdir -p "$d" && (cd "$d" && timeout 120 apt-get -q download dovecot-core dovecot-imapd) >"$W/packages.log" 2>&1 ||
            { echo "apt-get download dovecot-core dovecot-imapd: $(tail -n 1 "$W/packages.log")"; return 1; }
        rm -rf "$DOVE_ROOT.new"
        mkdir -p "$DOVE_ROOT.new"
        for deb in "$d"/*.deb; do dpkg -x "$deb" "$DOVE_ROOT.new" || { echo "$deb cannot be unpacked"; return 1; }; done
        rm -rf "$DOVE_ROOT" && mv "$DOVE_ROOT.new" "$DOVE_ROOT" || { echo "the packages cannot be unpacked"; return 1; }
    fi
    missing=$(LD_LIBRARY_PATH=$DOVE_ROOT/usr/lib/dovecot ldd "$DOVE_ROOT/usr/lib/dovecot/imap-login" | grep 'not found')
    [ -z "$missing" ] || { echo "Dovecot lacks $missing"; return 1; }
}

dovecot_listens() { (exec 3<>"/dev/tcp/127.0.0.1/$W_IMAPS") 2>/dev/null; }
dovecot_start() {
    local d=$W/dovecot lib f
    mkdir -p "$d/run" "$d/state" "$d/raw" "$d/home" "$W/imap"
    chmod 755 "$W" "$d"
    chown nobody "$d/raw" "$d/home" "$1"
    # Its programs look for each other and for their modules under /usr/lib/dovecot: a copy that looks in a folder whose name
    # is as long.
    cp -a "$DOVE_ROOT/usr/lib/dovecot" "$d/lib"
    for _ in 1 2 3 4 5; do # as long as /usr/lib/dovecot
        printf -v lib '/tmp/dv.%08x' "$SRANDOM"
        ln -s "$d/lib" "$lib" 2>/dev/null && break
        lib=
    done
    [ -n "$lib" ] || { echo "no link in /tmp could be made" >&2; return 1; }
    echo "$lib" >>"$W/also"
    cp "$DOVE_ROOT/usr/sbin/dovecot" "$DOVE_ROOT/usr/bin/doveconf" "$lib/"
    find "$lib/" -type f -print0 | LC_ALL=C xargs -0 grep -lZ /usr/lib/dovecot | LC_ALL=C xargs -0 sed -i "s#/usr/lib/dovecot#$lib#g"
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj '/CN=mailbox CA' \
            -keyout "$d/ca.key" -out "$W/imap/ca.pem" -addext basicConstraints=critical,CA:true &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' -keyout "$d/key.pem" -out "$d/csr" &&
            echo 'subjectAltName=DNS:localhost' >"$d/ext" &&
            openssl x509 -req -in "$d/csr" -CA "$W/imap/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 30 -extfile "$d/ext" -out "$d/cert.pem"
    } >"$W/log/imap-tls.log" 2>&1 || return 1
    read -r W_IMAP W_IMAPS < <(/usr/bin/python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])')
    echo 'answers:{PLAIN}secret' >"$d/users"
    cat >"$d/dovecot.conf" <<CF
base_dir = $d/run
state_dir = $d/state
log_path = $d/log
protocols = imap
listen = 127.0.0.1
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = daemon
ssl = required
ssl_cert = <$d/cert.pem
ssl_key = <$d/key.pem
mail_location = maildir:$1
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = $d/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$d/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $W_IMAP
  }
  inet_listener imaps {
    port = $W_IMAPS
  }
}
protocol imap {
  rawlog_dir = $d/raw
}
CF
    for f in anvil stats; do printf 'service %s {\n  chroot =\n}\n' "$f"; done >>"$d/dovecot.conf"
    world_bg dovecot "$lib/doveconf" -c "$d/dovecot.conf" -m master -e "$lib/dovecot" -F -c "$d/dovecot.conf"
    wait_for 30 "Dovecot" dovecot_listens
}
