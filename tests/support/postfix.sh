# shellcheck shell=bash disable=SC2034
# postfix.sh - a real Postfix out of Debian's package, unpacked into a folder and never installed: own configuration, own
# queue, loopback, a high port.  Sourced after world.sh.  Needs root: Postfix's master insists on it.
#
#   postfix_unpack      $POSTFIX_DIR or build/postfix: the package's files; downloads them where they are not yet there.
#                       Fails where it cannot; says why.
#   postfix_start       listens on localhost:$W_PORT with STARTTLS required; CA in $W/smtp/ca.pem
#   postfix_stop, postfix_reload
#   Mailboxes: maildirs in $W/pf/box, listed in $W/pf/etc/boxes.  $W/pf/policy: lines "ADDRESS REPLY", read at each RCPT.

PF_ROOT=${POSTFIX_DIR:-$W_ROOT/build/postfix}

postfix_unpack() {
    [ "$(id -u)" = 0 ] || { echo "Postfix's master runs as root only"; return 1; }
    local missing
    if [ ! -x "$PF_ROOT/usr/lib/postfix/sbin/master" ]; then
        local d=$W/package
        mkdir -p "$d" && (cd "$d" && timeout 120 apt-get -q download postfix) >"$W/package.log" 2>&1 ||
            { echo "apt-get download postfix: $(tail -n 1 "$W/package.log")"; return 1; }
        rm -rf "$PF_ROOT.new"
        mkdir -p "$PF_ROOT.new" && dpkg -x "$d"/postfix_*.deb "$PF_ROOT.new" && rm -rf "$PF_ROOT" && mv "$PF_ROOT.new" "$PF_ROOT" ||
            { echo "the package cannot be unpacked"; return 1; }
    fi
    missing=$(LD_LIBRARY_PATH=$PF_ROOT/usr/lib/postfix ldd "$PF_ROOT/usr/lib/postfix/sbin/smtpd" | grep 'not found')
    [ -z "$missing" ] || { echo "Postfix lacks $missing"; return 1; }
}

# A CA of its own, and a certificate for localhost.
postfix_tls() {
    local d=$W/pf/tls
    mkdir -p "$d" "$W/smtp"
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj '/CN=relay CA' \
            -keyout "$d/ca.key" -out "$W/smtp/ca.pem" -addext basicConstraints=critical,CA:true &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' \
                -keyout "$d/key.pem" -out "$d/csr" &&
            echo 'subjectAltName=DNS:localhost' >"$d/ext" &&
            openssl x509 -req -in "$d/csr" -CA "$W/smtp/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 30 -extfile "$d/ext" \
                -out "$d/cert.pem"
    } >"$W/log/tls.log" 2>&1
}

postfix_config() {
    local d=$W/pf q
    mkdir -p "$d/etc" "$d/q" "$d/data" "$d/box" "$d/log"
    chmod 755 "$W" "$d"
    for q in incoming active deferred bounce defer flush trace maildrop hold corrupt saved pid private public; do mkdir -p "$d/q/$q"; done
    chown -R daemon "$d"/q/* "$d/data" "$d/log"
    chown root "$d/q/pid"
    chgrp mail "$d/q/maildrop" "$d/q/public"
    chmod 730 "$d/q/maildrop"; chmod 710 "$d/q/public"; chmod 700 "$d/q/private"
    chown nobody "$d/box"
    : >"$d/policy"
    printf '%s\n' 'chair@board.example chair/' 'deputy@board.example deputy/' 'statistician@board.example statistician/' \
        'small@board.example small/' 'dsmbd@trial.example bounces/' 'operations@trial.example operations/' >"$d/etc/boxes"
    printf 'echo "5.2.2 Mailbox full"; exit 69\n' >"$d/etc/full"
    echo 'small@board.example gone:' >"$d/etc/transport"
    cat >"$d/etc/main.cf" <<CF
compatibility_level = 3.6
maillog_file = $d/log/mail.log
maillog_file_prefixes = $d
import_environment = LD_LIBRARY_PATH MAIL_CONFIG TZ
mail_owner = daemon
setgid_group = mail
queue_directory = $d/q
data_directory = $d/data
daemon_directory = $PF_ROOT/usr/lib/postfix/sbin
command_directory = $PF_ROOT/usr/sbin
meta_directory = $PF_ROOT/etc/postfix
shlib_directory = $PF_ROOT/usr/lib/postfix
default_database_type = texthash
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
message_size_limit = 1000000
virtual_mailbox_limit = 1000000
virtual_mailbox_domains = board.example trial.example
virtual_mailbox_base = $d/box
virtual_mailbox_maps = texthash:$d/etc/boxes
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
transport_maps = texthash:$d/etc/transport
smtpd_recipient_restrictions = reject_unauth_destination, reject_unlisted_recipient, check_policy_service inet:127.0.0.1:$PF_POLICY
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = $d/tls/cert.pem
smtpd_tls_key_file = $d/tls/key.pem
smtpd_tls_loglevel = 1
CF
    cat >"$d/etc/master.cf" <<CF
$W_PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
gone unix - n n - - pipe user=nobody argv=/bin/sh $d/etc/full
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
CF
}

postfix_listens() { (exec 3<>"/dev/tcp/127.0.0.1/$W_PORT") 2>/dev/null; }
postfix_start() {
    if [ ! -d "$W/pf/etc" ]; then
        read -r W_PORT PF_POLICY < <(/usr/bin/python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])')
        postfix_tls && postfix_config || return 1
        # Postfix's policy protocol: attributes, an empty line; the reply is an action.  "ADDRESS once REPLY" is greylisting.
        world_bg policy /usr/bin/python3 -u -c '
import socketserver, sys
seen = set()
class Policy(socketserver.StreamRequestHandler):
    def handle(self):
        who = ""
        for line in self.rfile:
            line = line.decode().strip()
            if line.startswith("recipient="):
                who = line[10:]
            if line:
                continue
            action = "DUNNO"
            for rule in open(sys.argv[2]).read().splitlines():
                address, reply = rule.split(" ", 1)
                if address == who and not (reply.startswith("once ") and rule in seen):
                    action = reply.removeprefix("once ")
                    seen.add(rule)
            self.wfile.write(f"action={action}\n\n".encode())
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("127.0.0.1", int(sys.argv[1])), Policy).serve_forever()' "$PF_POLICY" "$W/pf/policy"
    fi
    world_bg postfix env "LD_LIBRARY_PATH=$PF_ROOT/usr/lib/postfix" "MAIL_CONFIG=$W/pf/etc" \
        "$PF_ROOT/usr/lib/postfix/sbin/master" -d
    W_POSTFIX=$W_PID
    wait_for 30 "Postfix" postfix_listens
}
postfix_stop() { world_stop "$W_POSTFIX"; }
postfix_reload() { kill -HUP "$W_POSTFIX"; }
