#!/bin/bash
# What takes longer than a second says so on a terminal, and nowhere else.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
export BIN=${DSMB_BIN:-$PWD/build/bin}
exec /usr/bin/python3 - <<'PY'
import os, pty, select, subprocess, sys, time

DSMBCTL = os.environ["BIN"] + "/dsmbctl"
n = bad = 0


def t(what, ok, said=""):
    global n, bad
    n += 1
    bad += not ok
    print(f"{'ok' if ok else 'not ok'} {n} - {what}")
    if not ok:
        print("# " + repr(said))


def on_terminal(args, text, wait):
    """Runs with standard error a terminal.  With wait, input comes only once something stands there."""
    master, slave = pty.openpty()
    p = subprocess.Popen([DSMBCTL, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    seen, end = b"", time.monotonic() + 60
    while wait and b"dsmbctl" not in seen and time.monotonic() < end:
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 4096)
    out, _ = p.communicate(text)
    try:
        while True:
            block = os.read(master, 4096)
            if not block:
                break
            seen += block
    except OSError:  # the other side is closed
        pass
    os.close(master)
    return p.returncode, out, seen


CSV = b"term\nkvalme\n"
rc, out, seen = on_terminal(["classify", "--rules", "rules"], CSV, True)
t("a long wait shows on a terminal what is done", rc == 0 and b"dsmbctl classify: reading" in seen, seen)
t("the line is gone when the verb ends", seen.endswith(b"\r\x1b[K"), seen)
t("a timer's signal breaks no read", out.startswith(b"term,gi") and out.count(b"\n") == 2, out)
rc, out, seen = on_terminal(["classify", "--rules", "rules", "/dev/null"], b"", False)
t("an error stands on a line of its own", rc == 65 and b"dsmbctl classify: " in seen, (rc, seen))
p = subprocess.Popen([DSMBCTL, "classify", "--rules", "rules"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE)
time.sleep(1.5)
out, err = p.communicate(CSV)
t("nothing of it goes into a file or a pipe", p.returncode == 0 and err == b"", err)
print(f"{n - bad} passed, {bad} failed, 0 skipped")
sys.exit(bad > 0)
PY
