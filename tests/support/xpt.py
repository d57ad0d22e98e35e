"""Writes SAS V5 transport files (SAS Technical Support note TS-140) with the standard library alone, apart from the reader
in daemon/base/xpt.c: what tests give it to read.

    xpt.py IN.csv OUT.xpt MEMBER [--numbers COLUMN,...] [--encoding NAME]     a CSV as a data set

A number may be given as "." or "._" or ".A" to ".Z": missing.
"""
import csv
import struct
import sys
from fractions import Fraction


def ibm(value, length=8):
    """A number as eight bytes of IBM System/360, exactly, or ValueError."""
    if isinstance(value, str) and value.startswith("."):
        return (value[1:] or ".").encode("ascii").ljust(length, b"\0")
    v = Fraction(value)
    if v == 0:
        return b"\0" * length
    sign, v, exponent = (0x80 if v < 0 else 0), abs(v), 64
    while v >= 1:
        v, exponent = v / 16, exponent + 1
    while v < Fraction(1, 16):
        v, exponent = v * 16, exponent - 1
    fraction = v * (1 << 56)
    if fraction.denominator != 1 or not 0 <= exponent < 128:
        raise ValueError(value)
    return struct.pack(">Q", (sign | exponent) << 56 | int(fraction))[:length]


def header(name, rest="0" * 30):
    return ("HEADER RECORD*******%-8sHEADER RECORD!!!!!!!%s" % (name, rest)).ljust(80).encode("ascii")


def padded(data, to=80):
    return data + b" " * (-len(data) % to)


def namestr(number, name, kind, length, at, size=140):
    label = ("label of " + name)[:40]
    text = struct.pack(">hhhh8s40s8shhh2s8shhl", kind, 0, length, number, name.encode("ascii").ljust(8), label.encode("ascii").ljust(40),
                       b" " * 8, 0, 0, 0, b"\0\0", b" " * 8, 0, 0, at)
    return text.ljust(size, b"\0")


def library():
    when = "30NOV26:12:00:00"
    return header("LIBRARY") + ("%-8s%-8s%-8s%-8s%-8s%24s%-16s" % ("SAS", "SAS", "SASLIB", "9.4", "Linux", "", when)).encode() + when.ljust(80).encode()


def member(name, variables, rows, size=140, types=None):
    """variables: (name, "number" or "text", length); rows: of bytes (text) or numbers; types: codes instead of 1 and 2."""
    when = "30NOV26:12:00:00"
    out = header("MEMBER", "00000000000000000160000000%04d" % size) + header("DSCRPTR")
    out += ("%-8s%-8s%-8s%-8s%-8s%24s%-16s" % ("SAS", name, "SASDATA", "9.4", "Linux", "", when)).encode()
    out += ("%-16s%16s%-40s%-8s" % (when, "", "", "")).encode()
    out += header("NAMESTR", "000000%04d" % len(variables) + "0" * 20)
    at, described = 0, b""
    for i, (var, kind, length) in enumerate(variables):
        described += namestr(i + 1, var, (types or {}).get(var, 1 if kind == "number" else 2), length, at, size)
        at += length
    out += padded(described) + header("OBS")
    data = b""
    for row in rows:
        for (var, kind, length), cell in zip(variables, row):
            data += ibm(cell, length) if kind == "number" else cell.ljust(length)[:length]
    return out + padded(data)


def data_set(name, variables, rows, **more):
    return library() + member(name, variables, rows, **more)


def from_csv(path, name, numbers=(), encoding="utf-8"):
    with open(path, newline="", encoding="utf-8-sig") as f:
        head, *rows = csv.reader(f)
    variables, columns = [], list(zip(*rows)) if rows else [()] * len(head)
    for var, cells in zip(head, columns):
        if var in numbers:
            variables.append((var, "number", 8))
        else:
            variables.append((var, "text", max([1] + [len(c.encode(encoding)) for c in cells])))
    made = [[(c or ".") if kind == "number" else c.encode(encoding) for c, (var, kind, _) in zip(row, variables)] for row in rows]
    return data_set(name, variables, made)


if __name__ == "__main__":
    args, options = sys.argv[1:4], dict(zip(sys.argv[4::2], sys.argv[5::2]))
    with open(args[1], "wb") as out:
        out.write(from_csv(args[0], args[2], options.get("--numbers", "").split(","), options.get("--encoding", "utf-8")))
