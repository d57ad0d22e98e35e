"""Do numbers by arm stand in what somebody blinded can read?  usage canary_numbers.py CLOSED POOLED CHANNEL...

CLOSED, POOLED: files with a number a line, in full.  A number of CLOSED is distinctive with five significant digits, the last
two not both zero, and is left out where a number of POOLED has the same five.  A channel's numbers are all runs of digits
with a point; one that begins with the five digits of a distinctive number (cut off or rounded; also times 100) and has its
size is a leak.  What a clock wrote, a time of day or how long a checkpoint took, is passed over: its seconds and milliseconds
are five random digits, hundreds of them, and one hits sooner or later.  Each channel is searched twice, first with leaks
planted: one number of each tenth of the list, in four ways of writing it.
Prints each leak, then how many were looked for; exit status 1 when one is found, 2 when a planted one is not.
"""
import decimal
import re
import sys

TOKEN = re.compile(rb"(?<![0-9.])([0-9](?:\.[0-9]{1,17})?[eE][-+]?[0-9]{1,3}|[0-9]{1,12}\.[0-9]{1,17})(?![0-9])")
CLOCK = re.compile(rb"(?<![0-9])[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?![0-9])|(?<=write=|total=)[0-9]+\.[0-9]{3} s(?=[,;])")
DIGITS = 5


def five(d, rounding):
    """First digits and size, as one string; None where they are not there or mean nothing."""
    if not d.is_finite() or d == 0:
        return None
    d = abs(d)
    d = decimal.Context(prec=DIGITS, rounding=rounding).plus(d)
    digits = "".join(map(str, d.as_tuple().digits)).ljust(DIGITS, "0")
    return None if digits.endswith("00") or len(set(digits)) < 3 else f"{digits} {d.adjusted()}"


def read(path):
    with open(path, encoding="ascii") as f:
        return [decimal.Decimal(line.strip()) for line in f if line.strip() and not re.match(r"-?(NaN|Infinity)", line.strip(), re.I)]


def forms(d):
    return {five(x, r) for x in (d, d * 100) for r in (decimal.ROUND_DOWN, decimal.ROUND_HALF_EVEN)} - {None}


def search(data, wanted):
    hits = set()
    for m in TOKEN.finditer(CLOCK.sub(b"clock", data)):
        text = m.group(1).decode()
        d = decimal.Decimal(text)
        if len(d.as_tuple().digits) >= DIGITS and five(d, decimal.ROUND_DOWN) in wanted:
            hits.add(text)
    return hits


closed, pooled = read(sys.argv[1]), read(sys.argv[2])
shared = set().union(*map(forms, pooled)) if pooled else set()
numbers = sorted({d for d in closed if five(d, decimal.ROUND_DOWN) and not forms(d) & shared})
wanted = set().union(*map(forms, numbers))
planted = numbers[:: max(1, len(numbers) // 10)]
status, tokens = 0, 0
if len(numbers) < 20:
    print(f"only {len(numbers)} numbers are distinctive: nothing was searched")
    status = 2
for path in sys.argv[3:]:
    with open(path, "rb") as f:
        data = f.read()
    leaks = "".join(f"\nplanted={abs(d):.7f}|{abs(d):.4e}|{{{float(abs(d)):.8g}}} {abs(float(d) * 100):.7f}%" for d in planted).encode()
    found = {five(decimal.Decimal(x), decimal.ROUND_DOWN) for x in search(data + leaks, wanted)}
    for d in planted:
        if not forms(d) & found:
            print(f"the search does not find a planted number in {path}")
            status = 2
    tokens += len(TOKEN.findall(data))
    for hit in sorted(search(data, wanted)):
        print(f"in {path}: {hit}")
        status = max(status, 1)
print(f"{len(numbers)} numbers looked for among {tokens}")
sys.exit(status)
