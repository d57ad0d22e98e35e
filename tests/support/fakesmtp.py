#!/usr/bin/python3
"""A mail server that misbehaves on order.

    fakesmtp.py DIR [--host 127.0.0.1] [--port 0] [--tls starttls|smtps|none] [--behave NAME]

Writes DIR/port when it listens, DIR/ca.pem (throw-away authority), DIR/mail/NNNNN.eml for each message it took charge
of, DIR/envelopes.log (one JSON object per such message) and DIR/smtp.log (what the client said, passwords apart).
DIR/behave, read at each connection, holds the name of a behaviour; "NAME COUNT" falls back to "ok" after COUNT uses:

    ok            takes everything              slow            waits 0.2 s before each reply
    nostarttls    does not offer STARTTLS       wrongname       certificate of another host
    wrongca       certificate of another CA     drop_connect    closes at once
    STEP4, STEP5  replies 451 or 550 at STEP    drop_STEP       closes instead of replying
    STEP_NNN      replies NNN at STEP
                  greet ehlo starttls mail rcpt data dot quit   (the same STEPs)
    hang_STEP     says nothing more at STEP
    drop_354      closes after 354              drop_mid        closes in the middle of the message
    kept_drop     takes it, closes unsaid       after250_drop   takes it, says so, closes
    kept_hang     takes it, then says nothing   kept_pause      takes it, replies after a second
    badgreet      greets with what is no reply  talkative       every reply has several lines
    injected      replies in clear behind STARTTLS' own, as a man in the middle would: must not be believed
    slowgreet     greets after a second         trickle         replies byte by byte
    longreply     takes it, in 4,000 letters    oddreply        after the dot a code that says neither yes nor no
    dot4m, dot5m  refuses after the dot in several lines
    drop_tls      closes after STARTTLS' 220    cleartls        goes on in clear there
    expired       certificate of last year      early_NNN       replies NNN in the middle of the message, reads on

With --login USER:PASSWORD it takes mail only after AUTH PLAIN, which it offers under TLS only.
"""

import argparse
import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time


class Drop(Exception):
    """The server goes away."""


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(directory, name):
    key, cert = os.path.join(directory, name + ".key"), os.path.join(directory, name + ".pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=fakesmtp " + name, "-keyout", key, "-out", cert,
            "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign")
    return key, cert


def make_cert(directory, name, ca, names, days="30"):
    key, csr = os.path.join(directory, name + ".key"), os.path.join(directory, name + ".csr")
    cert, ext = os.path.join(directory, name + ".crt"), os.path.join(directory, name + ".ext")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name,
            "-keyout", key, "-out", csr)
    with open(ext, "w", encoding="ascii") as f:
        f.write("subjectAltName=" + names + "\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", csr, "-CA", ca[1], "-CAkey", ca[0], "-CAcreateserial", "-days", days,
            "-extfile", ext, "-out", cert)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


class Server:
    def __init__(self, args):
        self.dir = args.dir
        self.tls = args.tls
        self.login = args.login
        self.lock = threading.Lock()
        self.count = 0
        os.makedirs(os.path.join(self.dir, "mail"), exist_ok=True)
        keys = os.path.join(self.dir, "keys")
        os.makedirs(keys, exist_ok=True)
        ca = make_ca(keys, "ca")
        other = make_ca(keys, "other")
        here = "DNS:localhost,IP:127.0.0.1,IP:::1"
        self.contexts = {
            "ok": make_cert(keys, "server", ca, here),
            "wrongname": make_cert(keys, "elsewhere", ca, "DNS:mail.elsewhere.example"),
            "wrongca": make_cert(keys, "stranger", other, here),
            "expired": make_cert(keys, "expired", ca, here, "-1"),
        }
        with open(ca[1], encoding="ascii") as f, open(os.path.join(self.dir, "ca.pem"), "w", encoding="ascii") as g:
            g.write(f.read())
        if args.behave:
            with open(os.path.join(self.dir, "behave"), "w", encoding="ascii") as f:
                f.write(args.behave)

    def behaviour(self):
        path = os.path.join(self.dir, "behave")
        with self.lock:
            try:
                with open(path, encoding="ascii") as f:
                    words = f.read().split()
            except FileNotFoundError:
                return "ok"
            if not words:
                return "ok"
            if len(words) > 1:
                left = int(words[1]) - 1
                with open(path + ".new", "w", encoding="ascii") as f:
                    f.write(f"{words[0]} {left}" if left > 0 else "ok")
                os.replace(path + ".new", path)
            return words[0]

    def log(self, text):
        with self.lock, open(os.path.join(self.dir, "smtp.log"), "a", encoding="utf-8") as f:
            f.write(f"{time.time():.3f} {text}\n")

    def keep(self, session, data):
        with self.lock:
            self.count += 1
            name = f"{self.count:05d}.eml"
            with open(os.path.join(self.dir, "mail", name), "wb") as f:
                f.write(data)
            entry = {"file": name, "time": time.time(), "from": session.sender, "to": session.to,
                     "hello": session.hello, "tls": session.tls_on, "bytes": len(data),
                     "sha256": hashlib.sha256(data).hexdigest(), "behaviour": session.mode}
            with open(os.path.join(self.dir, "envelopes.log"), "a", encoding="utf-8") as f:
                f.write(json.dumps(entry) + "\n")


class Session:
    def __init__(self, server, sock, number):
        self.server, self.sock, self.number = server, sock, number
        self.mode = server.behaviour()
        self.pending = b""
        self.sender, self.to, self.hello, self.tls_on = None, [], "", False
        self.logged_in = False

    def context(self):
        return self.server.contexts.get(self.mode, self.server.contexts["ok"])

    def secure(self):
        self.sock = self.context().wrap_socket(self.sock, server_side=True)
        self.tls_on = True
        self.pending = b""

    def say(self, text):
        if self.mode == "slow":
            time.sleep(0.2)
        self.server.log(f"{self.number} < {text}")
        lines = [text]
        if text.startswith(("250 STARTTLS", "250 AUTH")):
            lines = ["250-fakesmtp", text]  # the first line of EHLO's reply is the name
        elif self.mode == "talkative" and text[3] == " ":
            lines = [text[:3] + "-354 is not what this is", text[:3] + "-more", text]
        out = "".join(line + "\r\n" for line in lines).encode("ascii")
        for part in [out[i:i + 1] for i in range(len(out))] if self.mode == "trickle" else [out]:
            self.sock.sendall(part)
            if self.mode == "trickle":
                time.sleep(0.004)

    def answer(self, step, good):
        """False when it was refused."""
        if self.mode == "drop_" + step:
            raise Drop
        if self.mode == "hang_" + step:
            time.sleep(3600)
        if self.mode.startswith(step + "_") and self.mode[-3:].isdigit():
            self.say(self.mode[-3:] + " " + self.mode[-3] + ".2.2 not so")
            return False
        if self.mode == step + "4":
            self.say("451 4.3.0 not now")
            return False
        if self.mode == step + "5":
            self.say("550 5.7.1 never")
            return False
        self.say(good)
        return True

    def line(self):
        while b"\r\n" not in self.pending:
            got = self.sock.recv(65536)
            if not got:
                raise Drop
            self.pending += got
        line, self.pending = self.pending.split(b"\r\n", 1)
        return line.decode("latin-1")

    def auth(self, line):
        words = line.split(" ")
        if len(words) < 3:
            self.say("334 ")
            words.append(self.line())
        try:
            _, user, password = base64.b64decode(words[2]).decode("utf-8").split("\0")
        except ValueError:
            self.say("501 not understood")
            return
        self.logged_in = f"{user}:{password}" == self.server.login
        self.say("235 2.7.0 welcome" if self.logged_in else "535 5.7.8 not you")

    def data(self):
        if not self.answer("data", "354 go ahead"):
            return
        if self.mode == "drop_354":
            raise Drop
        body, early = self.pending, False
        while not body.endswith(b"\r\n.\r\n") and body != b".\r\n":
            got = self.sock.recv(65536)
            if not got:
                raise Drop
            body += got
            if self.mode == "drop_mid" and len(body) > 1000:
                raise Drop
            if self.mode.startswith("early_") and not early:
                early = True
                self.say(self.mode[-3:] + " " + self.mode[-3] + ".3.4 told early")
        self.pending = b""
        self.server.log(f"{self.number} > (message, {len(body)} bytes)")
        if early:
            return
        body = body[:-3]
        lines = body.split(b"\r\n")
        if any(b"\n" in part or b"\r" in part for part in lines):
            self.server.log(f"{self.number} ! bare CR or LF")
        body = b"\r\n".join(part[1:] if part.startswith(b".") else part for part in lines)
        if self.mode in ("dot4", "dot5", "drop_dot", "hang_dot") or self.mode.startswith("dot_"):
            self.answer("dot", "")
            return
        if self.mode in ("dot4m", "dot5m"):
            code = "451" if self.mode == "dot4m" else "550"
            self.sock.sendall(f"{code}-250 is not what this is\r\n{code}-\r\n{code} 5.7.1 told at length\r\n".encode("ascii"))
            return
        if self.mode == "oddreply":
            self.say("334 go on")
            raise Drop
        self.server.keep(self, body)
        if self.mode == "longreply":
            self.say("250 2.0.0 " + "taken " * 660)
            return
        if self.mode == "kept_drop":
            raise Drop
        if self.mode == "kept_hang":
            time.sleep(3600)
        if self.mode == "kept_pause":
            time.sleep(1)
        self.say("250 2.0.0 taken")
        if self.mode == "after250_drop":
            raise Drop

    def talk(self):
        if self.mode == "drop_connect":
            raise Drop
        if self.server.tls == "smtps":
            self.secure()
        if self.mode == "badgreet":
            self.sock.sendall(b"hello there\r\n")
            time.sleep(0.2)
            raise Drop
        if self.mode == "slowgreet":
            time.sleep(1)
        if not self.answer("greet", "220 fakesmtp"):
            return
        while True:
            line = self.line()
            verb = line.split(" ", 1)[0].upper()
            self.server.log(f"{self.number} > " + (line if verb != "AUTH" else "AUTH ..."))
            if verb in ("EHLO", "HELO"):
                self.hello = line[5:]
                offer = self.server.tls == "starttls" and not self.tls_on and self.mode != "nostarttls"
                if offer:
                    self.answer("ehlo", "250 STARTTLS")
                elif self.server.login and self.tls_on:
                    self.answer("ehlo", "250 AUTH PLAIN")
                else:
                    self.answer("ehlo", "250 fakesmtp")
            elif verb == "AUTH":
                self.auth(line)
            elif verb == "MAIL" and self.server.login and not self.logged_in:
                self.say("530 5.7.0 log in first")
            elif verb == "STARTTLS":
                if self.mode == "injected":
                    self.sock.sendall(b"220 go on\r\n250-fakesmtp\r\n250 SIZE 1\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n250 taken\r\n")
                elif not self.answer("starttls", "220 go on"):
                    continue
                if self.mode == "drop_tls":
                    raise Drop
                if self.mode == "cleartls":
                    self.sock.sendall(b"250-fakesmtp\r\n250 ok\r\n")
                    time.sleep(0.2)
                    raise Drop
                self.secure()
            elif verb == "MAIL":
                self.sender, self.to = line[10:], []
                self.answer("mail", "250 ok")
            elif verb == "RCPT":
                if self.answer("rcpt", "250 ok"):
                    self.to.append(line[8:].strip("<>"))
            elif verb == "DATA":
                self.data()
            elif verb == "QUIT":
                self.answer("quit", "221 bye")
                return
            else:
                self.say("250 ok" if verb in ("RSET", "NOOP") else "502 no")

    def run(self):
        try:
            self.sock.settimeout(3700)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.talk()
        except (Drop, OSError) as e:
            self.server.log(f"{self.number} ! {type(e).__name__} {e}")
        finally:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", choices=("starttls", "smtps", "none"), default="starttls")
    parser.add_argument("--behave")
    parser.add_argument("--login")
    args = parser.parse_args()
    os.makedirs(args.dir, exist_ok=True)
    server = Server(args)
    listener = socket.create_server((args.host, args.port), backlog=64)
    with open(os.path.join(args.dir, "port.new"), "w", encoding="ascii") as f:
        f.write(f"{listener.getsockname()[1]}\n")
    os.replace(os.path.join(args.dir, "port.new"), os.path.join(args.dir, "port"))
    number = 0
    while True:
        sock, _ = listener.accept()
        number += 1
        threading.Thread(target=Session(server, sock, number).run, daemon=True).start()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
