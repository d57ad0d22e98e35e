#!/usr/bin/python3
"""A mailbox for tests: IMAP4rev1 over TLS, just enough for dsmb-mailer.

usage: fakeimap.py DIR [--user NAME] [--password WORD]

Serves the messages DIR/box/N.eml as INBOX (N is the UID) over TLS on a port that it writes to DIR/port; DIR/ca.pem signed
its certificate; every command but LOGIN's words goes to DIR/commands.  A message with DIR/box/N.answered has the flag.
"""
import argparse
import email
import os
import re
import socket
import threading

from fakesmtp import make_ca, make_cert


def uids(box, unanswered):
    names = (re.fullmatch(r"(\d+)\.eml", name) for name in os.listdir(box))
    found = sorted(int(m.group(1)) for m in names if m)
    return [u for u in found if not (unanswered and os.path.exists(f"{box}/{u}.answered"))]


def search(box, criteria):
    """UNANSWERED, UID n, HEADER name word, TEXT "words": all must hold."""
    found = uids(box, False)
    words = [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', criteria)]
    while words:
        key = words.pop(0).upper()
        if key == "UNANSWERED":
            found = [u for u in found if u in uids(box, True)]
        elif key == "UID":
            found = [u for u in found if u == int(words[0])]
            del words[0]
        elif key == "HEADER":
            name, part = words[0], words[1].lower()
            found = [u for u in found if part in (message(box, u)[name] or "").lower()]
            del words[:2]
        elif key == "TEXT":
            part = words.pop(0).lower()
            found = [u for u in found if part in message(box, u).as_string().lower()]
        else:
            raise ValueError(key)
    return found


def message(box, uid):
    with open(f"{box}/{uid}.eml", "rb") as f:
        return email.message_from_binary_file(f)


def serve(conn, args):
    box, log = os.path.join(args.dir, "box"), open(os.path.join(args.dir, "commands"), "a", encoding="utf-8")
    with conn, log, conn.makefile("rb") as lines:
        say = lambda text: conn.sendall(text.encode() + b"\r\n")
        say("* OK ready")
        inside = False
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            tag, _, rest = line.partition(" ")
            word = rest.upper()
            print(rest if not word.startswith("LOGIN") else "LOGIN", file=log, flush=True)
            if word == "CAPABILITY":
                say("* CAPABILITY IMAP4rev1")
            elif word.startswith("LOGIN"):
                if rest.split()[1:] != [args.user, args.password]:
                    say(tag + " NO wrong")
                    continue
                inside = True
            elif word == "LOGOUT":
                say("* BYE")
                say(tag + " OK")
                return
            elif not inside:
                say(tag + " NO log in first")
                continue
            elif word.startswith("SELECT"):
                say(f"* {len(uids(box, False))} EXISTS")
                say("* OK [UIDVALIDITY 1]")
            elif word.startswith("UID SEARCH "):
                say("* SEARCH" + "".join(f" {u}" for u in search(box, rest[len("UID SEARCH "):])))
            elif (m := re.fullmatch(r"UID FETCH (\d+) BODY\[HEADER\.FIELDS \(SUBJECT\)\]", word)) is not None:
                subject = message(box, int(m.group(1)))["Subject"] or ""
                text = ("Subject: " + subject + "\r\n\r\n").encode("utf-8", "replace")
                conn.sendall(b"* %s FETCH (UID %s BODY[HEADER.FIELDS (SUBJECT)] {%d}\r\n"
                             % (m.group(1).encode(), m.group(1).encode(), len(text)) + text + b")\r\n")
            elif (m := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\ANSWERED\)", word)) is not None:
                open(f"{box}/{m.group(1)}.answered", "w").close()
            else:
                say(tag + " BAD unknown")
                continue
            say(tag + " OK done")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("--user", default="answers")
    parser.add_argument("--password", default="secret")
    args = parser.parse_args()
    os.makedirs(os.path.join(args.dir, "box"), exist_ok=True)
    context = make_cert(args.dir, "imap", make_ca(args.dir, "ca"), "DNS:localhost,IP:127.0.0.1")
    listener = socket.create_server(("127.0.0.1", 0))
    with open(os.path.join(args.dir, "port.new"), "w", encoding="ascii") as f:
        f.write(str(listener.getsockname()[1]))
    os.rename(os.path.join(args.dir, "port.new"), os.path.join(args.dir, "port"))

    def one(plain):
        try:
            serve(context.wrap_socket(plain, server_side=True), args)
        except OSError:
            pass

    while True:
        plain, _ = listener.accept()
        threading.Thread(target=one, args=(plain,), daemon=True).start()


if __name__ == "__main__":
    main()
