#!/usr/bin/python3
"""Reads a file as node_exporter's textfile collector and promtool do: the Prometheus text format 0.0.4, and what promtool
would complain of.  promtext.py FILE [NAME...]: says what is wrong; with names, that these metrics and no others are there.
"""
import math
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


def read(text):
    wrong, helped, typed, series, order = [], {}, {}, {}, []
    say = lambda n, what: wrong.append(f"line {n}: {what}")
    if not text.endswith("\n"):
        wrong.append("the last line does not end")
    for n, line in enumerate(text.split("\n")[:-1], 1):
        m = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.*)", line)
        if m:
            kind, name, rest = m.groups()
            seen = helped if kind == "HELP" else typed
            if name in seen:
                say(n, f"a second {kind} of {name}")
            if name in order:
                say(n, f"{kind} of {name} after its samples")
            if kind == "TYPE" and rest not in TYPES:
                say(n, f"no type: {rest!r}")
            if kind == "HELP" and not rest.strip():
                say(n, f"{name}: an empty help")
            seen[name] = rest
            continue
        if line.startswith("#"):
            continue
        m = re.fullmatch(rf"({NAME})(?:\{{(.*)\}})? (\S+)( -?\d+)?", line)
        if not m:
            say(n, f"no sample: {line[:80]!r}")
            continue
        name, labels, value, stamp = m.groups()
        found, at = {}, 0
        while labels and at < len(labels):
            k = LABEL.match(labels, at)
            if not k:
                say(n, f"labels: {labels!r}")
                break
            if k[1] in found:
                say(n, f"{k[1]} twice")
            found[k[1]] = k[2]
            at = k.end()
        try:
            number = float(value)
        except ValueError:
            say(n, f"no number: {value!r}")
            continue
        if stamp:
            say(n, "a timestamp: the textfile collector refuses it")
        if order and order[-1] != name and name in order:
            say(n, f"the samples of {name} do not stand together")
        order.append(name)
        if not math.isfinite(number) or number < 0:
            say(n, f"{name} is {value}")
        key = (name, tuple(sorted(found.items())))
        if key in series:
            say(n, f"{name}{found} twice")
        series[key] = number
    for name in dict.fromkeys(order):
        if name not in helped or name not in typed:
            wrong.append(f"{name} has no HELP or no TYPE")
        if (typed.get(name) == "counter") != name.endswith("_total"):
            wrong.append(f"{name}: counters, and no others, end in _total")
    for name in (set(helped) | set(typed)) - set(order):
        wrong.append(f"{name} has no sample")
    return wrong, set(order)


if __name__ == "__main__":
    told, names = read(open(sys.argv[1], encoding="utf-8", newline="").read())
    if sys.argv[2:] and names != set(sys.argv[2:]):
        told.append(f"not expected: {sorted(names - set(sys.argv[2:]))}; missing: {sorted(set(sys.argv[2:]) - names)}")
    print(*told, sep="\n")
    sys.exit(bool(told))
