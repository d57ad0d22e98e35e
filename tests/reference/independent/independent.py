#!/usr/bin/env python3
"""Writes the sets of this folder: python3 independent.py [SET]...

Independent of the project's code and of its algorithms: mpmath at 22 to 40 digits, closed forms,
exhaustive sums and bisection; no recursion on a grid.  Group sequential designs of three looks need one integral each,
because S1 given S2 = s is normal: f2(s) = phi(s; I2) P(S1 goes on | S2 = s).
"""
import csv
import os
import sys

import mpmath as mp
from mpmath import mpf as F

mp.mp.dps = 40
HERE = os.path.dirname(os.path.abspath(__file__))
INF = mp.inf


def num(x, digits=19):
    if x == INF or x == -INF:
        return "Inf" if x > 0 else "-Inf"
    return mp.nstr(F(x), digits)


def lst(v):
    return ";".join(v)


def write(name, header, rows):
    with open(os.path.join(HERE, name + ".csv"), "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header + ["source"])
        for r in rows:
            w.writerow(list(r) + ["independent.py, mpmath " + mp.__version__])


def Phi(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def sf(x):
    return mp.erfc(x / mp.sqrt(2)) / 2


def phi(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def quantile(p):
    return bisect(lambda z: p - sf(z), F(-60), F(60))


def bisect(f, lo, hi, digits=30):
    """f rises or falls from lo to hi; halving, then secants inside the bracket."""
    flo, fhi = f(lo), f(hi)
    assert flo * fhi <= 0, (lo, hi, flo, fhi)
    for i in range(400):
        if i % 3 < 2 and fhi != flo:
            x = hi - fhi * (hi - lo) / (fhi - flo)
            x = min(max(x, lo + (hi - lo) / 1000), hi - (hi - lo) / 1000)
        else:
            x = (lo + hi) / 2
        fx = f(x)
        if fx == 0:
            return x
        if flo * fx < 0:
            hi, fhi = x, fx
        else:
            lo, flo = x, fx
        if hi - lo < F(10) ** -digits * max(1, abs(x)):
            break
    return (lo + hi) / 2


# Three looks, bounds on the z scale, S_k = Z_k sqrt(I_k).


def legendre(n):
    """Nodes and weights on (-1, 1), by Newton's steps on the recurrence."""
    out = []
    for i in range(n):
        x = mp.cos(mp.pi * (i + F(3) / 4) / (n + F(1) / 2))
        for _ in range(60):
            a, b = F(1), x
            for k in range(2, n + 1):
                a, b = b, ((2 * k - 1) * x * b - (k - 1) * a) / k
            slope = n * (x * b - a) / (x * x - 1)
            step = b / slope
            x -= step
            if abs(step) < F(10) ** -38:
                break
        out.append((x, 2 / ((1 - x * x) * slope * slope)))
    return out


RULE = legendre(20)
RULE_40 = legendre(40)


def panels(f, pts):
    """Composite Gauss-Legendre over short panels: the integrands are smooth, and bend where pts says."""
    total = F(0)
    for a, b in zip(pts, pts[1:]):
        h, m = (b - a) / 2, (a + b) / 2
        total += h * mp.fsum(w * f(m + h * x) for x, w in RULE)
    return total


def tail1(info, z, theta, upper=True):
    v = z - theta * mp.sqrt(info[0])
    return sf(v) if upper else Phi(v)


def f2(info, lo, hi, theta, s):
    """Sub-density of S2 at s, gone on at look 1 inside (lo, hi)."""
    i1, i2 = info[0], info[1]
    m, sd = s * i1 / i2, mp.sqrt(i1 * (i2 - i1) / i2)
    a, b = (lo * mp.sqrt(i1) - m) / sd, (hi * mp.sqrt(i1) - m) / sd
    inside = sf(a) - sf(b) if a > 0 else Phi(b) - Phi(a)
    return phi((s - theta * i2) / mp.sqrt(i2)) / mp.sqrt(i2) * inside


def breaks(a, b, info, lo, hi, theta):
    """Where the integrand of look 2 bends: about its mean, about the image of the bounds of look 1, near a and b."""
    pts = {a, b}
    i1, i2 = info[0], info[1]
    step = mp.sqrt(i1 * (i2 - i1) / i2) * i2 / i1
    for c, w in ((theta * i2, mp.sqrt(i2)), (lo * i2 / mp.sqrt(i1), step), (hi * i2 / mp.sqrt(i1), step)):
        if abs(c) < 1000:
            pts.update(c + k * w for k in range(-14, 15, 2))
    if len(info) > 2:
        w = mp.sqrt(info[2] - info[1])
        for c in (a, b):
            pts.update(c + k * w for k in range(-12, 13, 2))
    return sorted(p for p in pts if a <= p <= b)


def clip(x, info, theta):
    far = 40 * mp.sqrt(info)
    return min(max(x, theta * info - far), theta * info + far)


def tail2(info, b1, z, theta, upper=True):
    lo, hi = b1
    s = z * mp.sqrt(info[1])
    a, b = (clip(s, info[1], theta), clip(INF, info[1], theta)) if upper else (clip(-INF, info[1], theta), clip(s, info[1], theta))
    if a >= b:
        return F(0)
    return panels(lambda u: f2(info[:2], lo, hi, theta, u), breaks(a, b, info[:2], lo, hi, theta))


def tail3(info, b1, b2, z, theta, upper=True):
    d = info[2] - info[1]
    c = z * mp.sqrt(info[2])
    a, b = clip(b2[0] * mp.sqrt(info[1]), info[1], theta), clip(b2[1] * mp.sqrt(info[1]), info[1], theta)
    if a >= b:
        return F(0)

    def g(u):
        v = (c - u - theta * d) / mp.sqrt(d)
        return f2(info[:2], b1[0], b1[1], theta, u) * (sf(v) if upper else Phi(v))

    pts = breaks(a, b, info, b1[0], b1[1], theta)
    pts = sorted(set(pts) | {c - theta * d + k * mp.sqrt(d) for k in range(-10, 11, 2)})
    return panels(g, [p for p in pts if a <= p <= b])


def spent(kind, param, a, t):
    if t >= 1:
        return a
    if kind == "LDOF":
        return 2 * sf(quantile(a / 2) / mp.sqrt(t))
    if kind == "LDPocock":
        return a * mp.log(1 + (mp.e - 1) * t)
    if kind == "HSD":
        return a * t if param == 0 else a * mp.expm1(-param * t) / mp.expm1(-F(param))
    if kind == "KD":
        return a * t ** F(param)
    raise ValueError(kind)


def design(kind, param, sided, alpha, t):
    """Bounds of two or three looks, and alpha spent over all tails."""
    a = F(alpha) / sided
    level = [spent(kind, param, a, x) for x in t]
    z = [quantile(level[0])]
    b1 = (-z[0] if sided == 2 else -INF, z[0])
    if len(t) > 1:
        p = level[1] - level[0]
        z.append(bisect(lambda x: mp.log(tail2(t, b1, x, F(0))) - mp.log(p), quantile(p) - 4, quantile(p) + F(1), 16))
    if len(t) > 2:
        b2 = (-z[1] if sided == 2 else -INF, z[1])
        p = level[2] - level[1]
        z.append(bisect(lambda x: mp.log(tail3(t, b1, b2, x, F(0))) - mp.log(p), quantile(p) - 4, quantile(p) + F(1), 15))
    return z, [x * sided for x in level]


def boundaries():
    rows, n = [], 0
    steps = ["0.05", "0.01", "0.005", "0.002", "0.001", "0.0005", "0.0002", "0.0001"]
    cases = [("LDPocock", "NA", 1, "0.025", ["0.5", num(F("0.5") + F(h), 8), "1"]) for h in steps]
    cases += [("LDPocock", "NA", 2, "0.05", ["0.5", num(F("0.5") + F(h), 8), "1"]) for h in ("0.01", "0.0001")]
    cases += [("LDOF", "NA", 1, "0.025", ["0.5", num(F("0.5") + F(h), 8), "1"]) for h in ("0.01", "0.0001")]
    cases += [("HSD", "-4", 1, "0.05", ["0.5", num(1 - F(h), 8), "1"]) for h in ("0.01", "0.0001")]
    cases += [("KD", "3", 1, "1e-9", ["0.3", "0.6", "1"]), ("LDOF", "NA", 2, "0.2", ["0.1", "0.2", "1"])]
    for kind, param, sided, alpha, t in cases:
        n += 1
        mp.mp.dps = 22
        z, cum = design(kind, 0 if param == "NA" else F(param), sided, F(alpha), [F(x) for x in t])
        mp.mp.dps = 40
        for k in range(3):
            rows.append((n, kind, param, sided, alpha, 3, lst(t), "", k + 1, num(z[k]), num(cum[k])))
    write("boundaries", ["design_id", "type", "param", "sided", "alpha", "K", "info_fractions", "user_cum_fraction",
                         "look", "z_bound", "cum_alpha_spent_all_tails"], rows)


def crossing():
    rows = []
    cases = [(["0.5", "0.5001", "1"], ["-2", "-1.5", "-1"], ["2.1", "2.2", "2"], "1.5"),
             (["0.2", "0.3", "1"], ["-Inf", "0.5", "-Inf"], ["3", "3", "2"], "-7"),
             (["0.9", "0.95", "1.2"], ["-1", "-1", "-1"], ["Inf", "1", "1"], "25"),
             (["0.001", "0.5", "1"], ["0.2", "-20", "-2"], ["0.2", "20", "2"], "0"),
             (["0.1", "0.11", "0.111"], ["-3", "-3", "-3"], ["4", "4", "4"], "3")]
    for n, (t, lo, up, drift) in enumerate(cases, 1):
        info, a, b, th = [F(x) for x in t], [F(x) if "Inf" not in x else -INF for x in lo], \
            [F(x) if "Inf" not in x else INF for x in up], F(drift)
        pu = [tail1(info, b[0], th) if b[0] != INF else F(0), tail2(info, (a[0], b[0]), b[1], th),
              tail3(info, (a[0], b[0]), (a[1], b[1]), b[2], th)]
        pl = [tail1(info, a[0], th, False) if a[0] != -INF else F(0),
              tail2(info, (a[0], b[0]), a[1], th, False) if a[1] != -INF else F(0),
              tail3(info, (a[0], b[0]), (a[1], b[1]), a[2], th, False) if a[2] != -INF else F(0)]
        alive = [F(1), 1 - pu[0] - pl[0], 1 - pu[0] - pl[0] - pu[1] - pl[1]]
        mean = sum((info[k] - (info[k - 1] if k else 0)) * alive[k] for k in range(3))
        for k in range(3):
            rows.append((n, 3, lst(t), lst(lo), lst(up), drift, k + 1, num(pu[k]), num(pl[k]), num(sum(pu[:k + 1])),
                         num(mean)))
    write("crossing", ["case_id", "K", "info_fractions", "lower_z", "upper_z", "drift_theta_sqrtImax", "look",
                       "p_cross_upper", "p_cross_lower", "cum_upper", "expected_info_fraction"], rows)


def adjusted():
    rows = []
    cases = [("LDOF", "NA", 1, "0.025", [40, 100], ["1.1", "2.4"]), ("LDPocock", "NA", 2, "0.05", [30, 31], ["-1", "-2.6"]),
             ("LDPocock", "NA", 1, "1e-9", [30, 60], ["2", "4"]), ("HSD", "-4", 2, "1e-12", [20, 80], ["0.5", "-1"]),
             ("KD", "3", 1, "0.025", [50, 100], ["12"]), ("KD", "1", 2, "0.001", [10, 500], ["-0.3", "15"]),
             ("HSD", "2", 1, "0.2", [400, 1000], ["-3", "-2.5"])]
    for n, (kind, param, sided, alpha, ev, zs) in enumerate(cases, 1):
        info = [F(x) / 4 for x in ev]
        par = 0 if param == "NA" else F(param)
        mp.mp.dps = 22
        t = [info[0] / info[1], F(1)]
        b, _ = design(kind, par, sided, F(alpha), t)
        z = [F(x) for x in zs]
        st = next((k for k in range(len(z)) if z[k] >= b[k] or (sided == 2 and z[k] <= -b[k])), None)
        crossed = st is not None
        st = st if crossed else len(z) - 1
        b1 = (-b[0] if sided == 2 else -INF, b[0])

        def p(th, upper):
            if st == 0:
                return tail1(info, z[0], th, upper)
            first = tail1(info, b[0], th) if upper else (tail1(info, -b[0], th, False) if sided == 2 else F(0))
            return first + tail2(info, b1, z[1], th, upper)

        a = F(alpha) / sided
        s = mp.sqrt(info[st])
        half = (quantile(a) + 6) / mp.sqrt(info[0])

        def solve(level, upper):
            return bisect(lambda th: mp.log(p(th, upper)) - mp.log(level), z[st] / s - half, z[st] / s + half, 14)

        up, down = p(F(0), True), p(F(0), False)
        rep = "NA"
        if st == 0 and z[0] > 0 and kind == "KD":
            rep = num(sf(z[0]) / t[0] ** par)
        rows.append((n, kind, param, sided, alpha, 2, lst([str(x) for x in ev]), lst(zs), st + 1,
                     "TRUE" if crossed else "FALSE", num(b[st]), num(up),
                     num(up if sided == 1 else min(F(1), 2 * min(up, down))), num(solve(F(1) / 2, True)),
                     num(solve(a, True)), num(solve(a, False)), num((z[st] - b[st]) / s), num((z[st] + b[st]) / s), rep))
        mp.mp.dps = 40
    write("adjusted", ["case_id", "type", "param", "sided", "alpha", "K", "events", "z_observed", "stop_stage", "crossed",
                       "z_bound_at_stop", "stagewise_p_upper", "stagewise_p_final", "mue_logHR", "final_ci_lo_logHR",
                       "final_ci_hi_logHR", "rci_lo_logHR", "rci_hi_logHR", "repeated_p_one_sided"], rows)


def futility():
    rows = []
    cases = [(4, "0.025", "0.1", "NA", "LDOF", "-4", "NA", "0.5"), (7, "0.05", "0.1", "0.05", "LDPocock", "-2", "-4", "0.3"),
             (7, "0.1", "0.2", "0.1", "LDOF", "1", "1", "0.7"), (8, "0.025", "0.2", "0.05", "LDOF", "0", "-2", "0.5"),
             (8, "0.001", "0.05", "0.01", "LDPocock", "-8", "-4", "0.45"),
             (7, "0.025", "0.1", "0.05", "LDPocock", "-2", "-4", "0.99"), (7, "0.025", "0.1", "0.05", "LDOF", "1", "-2", "0.995")]
    for n, (typ, alpha, beta, astar, sfu, sfl, sfh, t1) in enumerate(cases, 1):
        a, b, t = F(alpha), F(beta), [F(t1), F(1)]
        delta = quantile(a) + quantile(b)
        la = spent(sfu, 0, a, t[0])
        lb = spent("HSD", F(sfl), b, t[0])
        u1 = quantile(la)
        mp.mp.dps = 22

        def bounds(size):
            info = [x * size for x in t]
            l1 = delta * mp.sqrt(info[0]) - quantile(lb)
            on = (l1, u1)
            null = (l1 if typ == 7 else -INF, u1)
            u2 = bisect(lambda x: tail2(info, null, x, F(0)) - (a - la), F(0), F(6), 15)
            return info, l1, u2, tail2(info, on, u2, delta, False) - (b - lb)

        size = bisect(lambda s: bounds(s)[3], F("0.9"), F({"0.99": "1.0105", "0.995": "1.006"}.get(t1, "1.6")), 13)
        info, l1, u2, _ = bounds(size)
        harm = ["NA", "NA"]
        if typ != 4:
            c, lh = F(astar), spent("HSD", F(sfh), F(astar), t[0])
            h1 = min(-quantile(lh), l1)
            h2 = bisect(lambda x: tail2(info, (h1, u1), x, F(0), False) - (c - lh), F(-8), F(3), 15)
            harm = [num(h1, 15), num(min(h2, u2), 15)]
        mp.mp.dps = 40
        for k in range(2):
            rows.append((n, typ, alpha, beta, astar, sfu, sfl, sfh, k + 1, t1 if k == 0 else "1", num(info[k], 15),
                         num([u1, u2][k], 15), num([l1, u2][k], 15), harm[k], num(delta), "1e-9"))
    write("futility_harm", ["case_id", "test_type", "alpha", "beta", "astar", "sfu", "sfl_HSD", "sfharm_HSD", "look",
                            "info_fraction", "n_I_over_fixed", "upper_z", "lower_z", "harm_z", "delta", "tolerance"], rows)


# Counts.


def step_binomial(v, p):
    return [(v[x] * (1 - p) if x < len(v) else 0) + (v[x - 1] * p if x else 0) for x in range(len(v) + 1)]


def exact_spending():
    rows = []
    cases = [("0.5067567567567568", range(1, 45), 44, "0.05", "LDPocock", "NA", "0.7552"),
             ("0.5", range(1, 21), 20, "0.05", "LDPocock", "NA", "0.9"), ("1e-6", [1, 2, 5, 10], 10, "1e-8", "KD", "1", "0.5"),
             ("0.99", [10, 40, 80, 150], 150, "0.5", "HSD", "-8", "0.999"), ("0.3333", [20, 40, 60], 90, "1e-20", "LDOF", "NA", "1")]
    for n, (p0, looks, n_max, alpha, kind, param, theta) in enumerate(cases, 1):
        looks = list(looks)

        def run(p, given):
            v, m, out, cum, total, mean = [F(1)], 0, [], [], F(0), F(0)
            for i, look in enumerate(looks):
                while m < look:
                    v = step_binomial(v, p)
                    m += 1
                if given is None:
                    level = spent(kind, 0 if param == "NA" else F(param), F(alpha), F(look) / n_max)
                    c, tail = look + 1, F(0)
                    while c > 0 and total + tail + v[c - 1] <= level:
                        tail += v[c - 1]
                        c -= 1
                else:
                    c = given[i]
                tail = mp.fsum(v[c:])
                v = [x if k < c else F(0) for k, x in enumerate(v)]
                total, mean = total + tail, mean + tail * look
                out.append(c)
                cum.append(total)
            return out, cum, total, mean + (1 - total) * n_max

        c, cum, _, _ = run(F(float(p0)), None)
        _, _, signal, mean = run(F(float(theta)), c)
        rows.append((n, p0, lst([str(x) for x in looks]), n_max, alpha, kind, param, theta, lst([str(x) for x in c]),
                     lst([num(x) for x in cum]), num(signal), num(mean)))
    write("exact_spending", ["case_id", "p0", "n_looks", "n_max", "alpha_one_sided", "spending", "param", "theta",
                             "boundary_min_treat_events", "cum_alpha_actual", "prob_signal", "expected_events_at_stop"], rows)


def poisson_llr(c, mu):
    return c * mp.log(c / mu) - (c - mu) if c > mu else F(0)


def poisson_type_1(cv, top, least, delay, groups):
    """P(signal): what leaves the chain of counts, as tails."""
    v, at, lost = [F(1)], F(0), F(0)

    def move(mu, keep):
        nonlocal v, lost
        terms = [mp.exp(-mu)]
        for i in range(1, keep + 80):
            terms.append(terms[-1] * mu / i)
        lost += mp.fsum(v[y] * mp.fsum(terms[keep - y:]) for y in range(min(len(v), keep)))
        v = [mp.fsum(v[y] * terms[x - y] for y in range(min(x + 1, len(v)))) for x in range(keep)]

    if groups:
        mu = F(0)
        for g in groups:
            mu += g
            c = least
            while poisson_llr(F(c), mu) < cv * (1 - F(10) ** -18):
                c += 1
            move(g, c)
        return lost
    c = least
    while True:
        tau = -c * mp.lambertw(-mp.exp(-1 - cv / c)).real
        if tau < delay:
            c += 1
            continue
        move(min(tau, top) - at, c)
        at = min(tau, top)
        if tau >= top:
            return lost
        c += 1


def maxsprt():
    rows = []
    for top, alpha, least, delay in (("1", "1e-10", 1, "0"), ("10", "1e-7", 2, "1"), ("3", "1e-4", 4, "0"), ("10", "0.3", 1, "2")):
        mp.mp.dps = 30
        cv = bisect(lambda x: mp.log(poisson_type_1(x, F(top), least, F(delay), [])) - mp.log(F(alpha)), F("0.1"), F(40), 14)
        cv += F(10) ** -13  # on the right side of a jump
        got = poisson_type_1(cv, F(top), least, F(delay), [])
        mp.mp.dps = 40
        rows.append(("poisson_continuous", top, "NA", alpha, least, delay, "", num(cv, 15), num(got, 15)))
    # Signalling at any excess spends less than alpha: the largest value that still does so.
    rows.append(("poisson_continuous", "1", "NA", "0.05", 4, "0", "", num(poisson_llr(F(4), F(1))),
                 num(1 - mp.exp(-1) * (1 + 1 + F(1) / 2 + F(1) / 6))))
    for alpha, groups in (("0.01", ["1", "2.5", "0.5"]), ("1e-7", ["0.5"] * 5)):
        g = [F(x) for x in groups]
        mus = [sum(g[:i + 1]) for i in range(len(g))]
        support = sorted({num(poisson_llr(F(c), m), 25) for m in mus for c in range(1, 60) if c > m}, key=F)
        lo, hi = -1, len(support) - 1
        while hi - lo > 1:
            mid = (lo + hi) // 2
            if poisson_type_1(F(support[mid]), mus[-1], 1, F(0), g) <= F(alpha):
                hi = mid
            else:
                lo = mid
        rows.append(("poisson_group", num(mus[-1], 8), "NA", alpha, 1, 0, lst(groups), num(F(support[hi])),
                     num(poisson_type_1(F(support[hi]), mus[-1], 1, F(0), g))))
    write("maxsprt", ["kind", "T_or_N", "z", "alpha", "M", "D", "groups", "cv", "actual_alpha"], rows)


# Tests and intervals.


def hyper(y1, y0, m):
    lo = max(0, m - y0)
    return lo, [mp.binomial(y1, x) * mp.binomial(y0, m - x) for x in range(lo, min(m, y1) + 1)]


def exact():
    rows = []

    def row(test, x1, n1, x2, n2, t1, t2, null, conf, output, value):
        rows.append((test, x1, n1, x2, n2, t1, t2, null, conf, output, num(value)))

    for x1, n1, x2, n2, conf in ((35, 75, 9, 73, "0.95"), (0, 200, 200, 200, "0.999999"), (1, 1, 0, 1, "0.5"), (150, 300, 3, 290, "0.99")):
        lo, d = hyper(n1, n2, x1 + x2)
        i, a, al = x1 - lo, mp.fsum(d), (1 - F(conf)) / 2
        p = [x / a for x in d]
        row("fisher", x1, n1, x2, n2, "NA", "NA", "NA", conf, "p_greater", mp.fsum(p[i:]))
        row("fisher", x1, n1, x2, n2, "NA", "NA", "NA", conf, "p_less", mp.fsum(p[:i + 1]))
        row("fisher", x1, n1, x2, n2, "NA", "NA", "NA", conf, "p_two_sided", min(F(1), mp.fsum(x for x in p if x <= p[i] * (1 + F(10) ** -7))))
        row("fisher_midp", x1, n1, x2, n2, "NA", "NA", "NA", conf, "p_less", mp.fsum(p[:i]) + p[i] / 2)

        def tilted(log_or):
            w = [x * mp.exp(log_or * k) for k, x in enumerate(d)]
            s = mp.fsum(w)
            return [x / s for x in w]

        if 0 < i < len(d) - 1:
            row("fisher", x1, n1, x2, n2, "NA", "NA", "NA", conf, "or_cond_mle",
                mp.exp(bisect(lambda t: mp.fsum(k * x for k, x in enumerate(tilted(t))) - i, F(-20), F(20))))
        if i > 0:
            row("fisher", x1, n1, x2, n2, "NA", "NA", "NA", conf, "or_ci_lo",
                mp.exp(bisect(lambda t: mp.log(mp.fsum(tilted(t)[i:])) - mp.log(al), F(-30), F(30))))
        if i < len(d) - 1:
            row("fisher", x1, n1, x2, n2, "NA", "NA", "NA", conf, "or_ci_hi",
                mp.exp(bisect(lambda t: mp.log(mp.fsum(tilted(t)[:i + 1])) - mp.log(al), F(-30), F(30))))
    # p near 1: one minus it has to keep its digits.
    for x1, t1, x2, t2, null in ((0, "333.36", 2, "1e-6", "2"), (52, "99.9", 19, "1e-6", "1"), (3, "1e-6", 40, "75", "0.5")):
        q = F(float(t2)) / (F(float(null)) * F(float(t1)) + F(float(t2)))
        n, p = x1 + x2, 1 - q
        d = [mp.binomial(n, k) * p ** k * q ** (n - k) for k in range(n + 1)]
        row("poisson_rate_ratio", x1, "NA", x2, "NA", t1, t2, null, "0.95", "p_greater", mp.fsum(d[x1:]))
        row("poisson_rate_ratio", x1, "NA", x2, "NA", t1, t2, null, "0.95", "p_less", mp.fsum(d[:x1 + 1]))
        row("poisson_rate_ratio", x1, "NA", x2, "NA", t1, t2, null, "0.95", "p_two_sided",
            min(F(1), mp.fsum(x for x in d if x <= d[x1] * (1 + F(10) ** -7))))
    write("exact", ["test", "x1", "n1", "x2", "n2", "t1", "t2", "null_value", "conf_level", "output", "value"], rows)


def bayes():
    rows = []
    for xt, nt, xc, nc, pr, d in ((1, 1, 0, 1, ["0.5", "0.5", "1", "0.001"], "0.9"), (0, 75, 0, 1, ["0.001", "0.5", "1", "1"], "-0.1"),
                                  (35, 75, 9, 73, ["1", "1", "1", "1"], "0.2"), (0, 1, 0, 1, ["20", "0.01", "0.01", "2"], "0"),
                                  (400, 1000, 380, 1000, ["1", "1", "1", "1"], "1e-6")):
        at, bt, ac, bc = xt + F(pr[0]), nt - xt + F(pr[1]), xc + F(pr[2]), nc - xc + F(pr[3])
        delta, half = F(d), F(1) / 2

        def above(x, y):
            return F(0) if y <= 0 else F(1) if x <= 0 else mp.betainc(bt, at, 0, y, regularized=True)

        # The ends by the substitutions p = u^(1/a), 1 - p = v^(1/b): nothing is singular.
        kink = 1 - delta if delta > 0 else -delta
        tens = [F(10) ** -k for k in (300, 100, 50, 20, 10, 5, 3, 2, 1)]
        low = [F(0)] + [x for x in tens if x < half ** ac] + [x for x in (kink ** ac,) if x < half ** ac] + [half ** ac]
        high = [F(0)] + [x for x in tens if x < half ** bc] + [x for x in ((1 - kink) ** bc,) if x < half ** bc] + [half ** bc]
        if nc >= 1000:  # the bulk, in p itself
            m, s = ac / (ac + bc), mp.sqrt(ac * bc / (ac + bc) ** 3)
            pts = [m + k * s for k in range(-14, 15)]
            v = panels(lambda p: p ** (ac - 1) * (1 - p) ** (bc - 1) * above(p + delta, 1 - p - delta), pts)
        else:
            v = mp.quad(lambda u: (1 - u ** (1 / ac)) ** (bc - 1) / ac * above(u ** (1 / ac) + delta, 1 - u ** (1 / ac) - delta), sorted(low))
            v += mp.quad(lambda u: (1 - u ** (1 / bc)) ** (ac - 1) / bc * above(1 - u ** (1 / bc) + delta, u ** (1 / bc) - delta), sorted(high))
        rows.append((xt, nt, xc, nc, *pr, d, num(v / mp.beta(ac, bc), 14)))
    # Many subjects, uniform priors: the exact sum over i < aT of B(aC + i, bT + bC) / ((bT + i) B(1 + i, bT) B(aC, bC)).
    for xt, nt, xc, nc in ((50000, 100000, 50100, 100000), (20000, 100000, 20200, 100000), (500000, 1000000, 499000, 1000000)):
        a, b, c, d = xt + 1, nt - xt + 1, xc + 1, nc - xc + 1
        term, v = mp.beta(c, b + d) / mp.beta(c, d), F(0)
        for i in range(a):
            v += term
            term *= F((c + i) * (b + i)) / F((b + c + d + i) * (i + 1))
        rows.append((xt, nt, xc, nc, "1", "1", "1", "1", "0", num(v, 17)))
    write("bayes", ["xT", "nT", "xC", "nC", "aT", "bT", "aC", "bC", "delta", "prob_pT_gt_pC_plus_delta"], rows)


def eprocess():
    rows = []
    for n, (seq, p0, a, b) in enumerate((("111111", "0.5067567567567568", "1", "1"), ("1" * 200, "1e-9", "0.5", "100"), ("0" * 150, "0.999", "5", "0.01"),
                                         ("10" * 60 + "1" * 9, "0.3", "1", "1")), 1):
        p, a_, b_ = F(float(p0)), F(float(a)), F(float(b))

        def at(x, m):
            two = mp.log(mp.beta(a_ + x, b_ + m - x) / mp.beta(a_, b_)) - x * mp.log(p) - (m - x) * mp.log(1 - p)
            one = two + mp.log(mp.betainc(b_ + m - x, a_ + x, 0, 1 - p, regularized=True)) - \
                mp.log(mp.betainc(b_, a_, 0, 1 - p, regularized=True))
            return two, one

        path = [at(seq[:m].count("1"), m) for m in range(1, len(seq) + 1)]
        m2, m1 = max(x[0] for x in path), max(x[1] for x in path)
        rows.append((n, seq, p0, a, b, num(path[-1][0]), num(path[-1][1]), num(m2), num(m1), num(min(F(1), mp.exp(-m2))),
                     num(min(F(1), mp.exp(-m1)))))
    write("eprocess", ["case_id", "arm_sequence_T1_C0", "p0", "prior_a", "prior_b", "log_e_two_sided", "log_e_one_sided_harm",
                       "max_log_e_two_sided", "max_log_e_one_sided", "anytime_p_two_sided", "anytime_p_one_sided"], rows)


def evalue2x2():
    rows = []
    blocks = [(i * 7 % 5) % 3 for i in range(60)]
    cases = [(2, 2, blocks, blocks[::-1], "logOddsRatio", "8", "0.18", 100), (2, 2, blocks, blocks[::-1], "logOddsRatio", "-8", "10", 3),
             (2, 2, blocks, blocks[::-1], "difference", "-0.99", "0.18", 50), (2, 3, blocks, blocks[::-1], "none", "0", "0.01", 2)]
    for n, (na, nb, ya, yb, kind, delta, prior, size) in enumerate(cases, 1):
        d, pr = F(delta), F(float(prior))
        rho = [F(1) / size + i * (1 - F(2) / size) / (size - 1) for i in range(size)]
        ta = [r * (1 - abs(d)) - min(d, F(0)) for r in rho] if kind == "difference" else rho
        shift = (lambda t: t + d) if kind == "difference" else (lambda t: 1 / (1 + (1 - t) / t * mp.exp(-d)))
        lw = [(pr - 1) * (mp.log(r) + mp.log(1 - r)) for r in rho]

        def ll(y, m, t):
            return (y * mp.log(t) if y else F(0)) + ((m - y) * mp.log(1 - t) if m > y else F(0))

        total, sa, sb = F(0), 0, 0
        for i, (a, b) in enumerate(zip(ya, yb)):
            if kind == "none":
                pa, pb = (pr + sa) / (2 * pr + i * na), (pr + sb) / (2 * pr + i * nb)
            else:
                top = max(lw)
                w = [mp.exp(x - top) for x in lw]
                pa = mp.fsum(x * t for x, t in zip(w, ta)) / mp.fsum(w)
                pb = shift(pa)
                lw = [x + ll(a, na, t) + ll(b, nb, shift(t)) for x, t in zip(lw, ta)]
            p0 = (na * pa + nb * pb) / (na + nb)
            total += ll(a, na, pa) + ll(b, nb, pb) - ll(a + b, na + nb, p0)
            sa, sb = sa + a, sb + b
        rows.append((n, na, nb, len(ya), lst([str(x) for x in ya]), lst([str(x) for x in yb]), kind, delta, prior, prior, prior, prior,
                     size, num(mp.exp(total))))
    write("evalue2x2", ["case_id", "na", "nb", "n_blocks", "ya_control", "yb_treat", "restriction", "delta", "betaA1", "betaA2", "betaB1",
                        "betaB2", "grid_size", "e_value"], rows)


def hyper_odds(y1, y0, m, w):
    """P(x of m in arm 1), Fisher's noncentral, by binomial coefficients."""
    p = {x: mp.binomial(y1, x) * mp.binomial(y0, m - x) * w ** x for x in range(max(0, m - y0), min(m, y1) + 1)}
    s = mp.fsum(p.values())
    return {x: v / s for x, v in p.items()}


def beta_above(xt, nt, xc, nc, prior, delta):
    """P(pT > pC + delta), whole shapes: a polynomial, integrated exactly by the nodes."""
    a, b, c, d = xt + prior[0], nt - xt + prior[1], xc + prior[2], nc - xc + prior[3]
    lo, hi = max(F(0), -delta), min(F(1), 1 - delta)

    def density(p):
        return p ** (c - 1) * (1 - p) ** (d - 1) / mp.beta(c, d)

    def over(x):
        return mp.fsum(mp.binomial(a + b - 1, j) * x ** j * (1 - x) ** (a + b - 1 - j) for j in range(a))

    mid, half = (lo + hi) / 2, (hi - lo) / 2
    v = half * mp.fsum(w * density(mid + half * x) * over(mid + half * x + delta) for x, w in RULE_40)
    if lo > 0:  # below it any pT is above
        v += 1 - mp.fsum(mp.binomial(c + d - 1, j) * lo ** j * (1 - lo) ** (c + d - 1 - j) for j in range(c))
    return v


def gamma_above(xt, tt, xc, tc, prior, rho):
    """P(rate T > rho rate C), whole shapes: a negative binomial sum."""
    a, b, c, d = xt + prior[0], tt + prior[1], xc + prior[2], tc + prior[3]
    q = b * rho / (b * rho + d)
    return mp.fsum(mp.binomial(c + j - 1, j) * q ** j * (1 - q) ** c for j in range(a))


def two_arms(looks_t, looks_c, new_t, new_c, above, cut):
    """Every pair of counts from look to look: cumulative P(signal), size at the signal, size at the end."""
    v, was, cum, spent, size = {(0, 0): F(1)}, (0, 0), [], F(0), F(0)
    for nt, nc in zip(looks_t, looks_c):
        dt, dc, nxt = new_t(nt - was[0]), new_c(nc - was[1]), {}
        for (x, y), p in v.items():
            for i, q in dt.items():
                for j, r in dc.items():
                    nxt[x + i, y + j] = nxt.get((x + i, y + j), F(0)) + p * q * r
        v = {}
        for (x, y), p in nxt.items():
            if above(x, nt, y, nc) >= cut:
                spent += p
                size += p * (nt + nc)
            else:
                v[x, y] = p
        cum.append(spent)
        was = (nt, nc)
    return cum, size / spent, size + (1 - spent) * (was[0] + was[1])


def operating():
    rows = []

    def row(kind, values, cum, at_signal, at_end, bounds):
        r = dict(values, kind=kind)
        rows.append([len(rows) + 1] + [r.get(h, "") for h in head] +
                    [num(cum[-1]), num(at_signal), num(at_end), lst([num(x) for x in cum]), lst([str(b) for b in bounds]) or "NA"])

    head = ["kind", "looks_T", "looks_C", "aT", "bT", "aC", "bC", "margin", "cut", "true_T", "true_C", "y1", "y0", "m", "prior_a", "prior_b",
            "pi_star", "e_signal", "alpha_one_sided", "spending", "n_max", "hazard_ratio"]

    def joined(v):
        return lst([str(x) for x in v])

    for lt, lc, prior, delta, cut, pt, pc in (((5, 10, 20), (5, 10, 20), (1, 1, 1, 1), "0", "0.95", "0.3", "0.3"),
                                              ((4, 12, 12, 17), (6, 6, 11, 16), (1, 2, 1, 1), "0.1", "0.9", "0.6", "0.25"),
                                              ((3, 8, 15), (2, 9, 14), (2, 1, 3, 4), "-0.15", "0.975", "0.2", "0.35"),
                                              ((20,), (10,), (1, 1, 1, 1), "0", "0.999", "0.01", "0.02")):
        def binomial(p):
            return lambda n: {x: mp.binomial(n, x) * p ** x * (1 - p) ** (n - x) for x in range(n + 1)}

        memo = {}

        def above(x, nt, y, nc):
            if (x, nt, y, nc) not in memo:
                memo[x, nt, y, nc] = beta_above(x, nt, y, nc, prior, F(delta))
            return memo[x, nt, y, nc]

        cum, at, end = two_arms(lt, lc, binomial(F(pt)), binomial(F(pc)), above, F(cut))
        row("bayes", dict(looks_T=joined(lt), looks_C=joined(lc), aT=prior[0], bT=prior[1], aC=prior[2], bC=prior[3], margin=delta, cut=cut,
                          true_T=pt, true_C=pc), cum, at, end, [])
    for lt, lc, prior, rho, cut, rt, rc in (((10, 20, 40), (10, 20, 40), (1, 1, 1, 1), "1", "0.95", "0.1", "0.1"),
                                            ((8, 30), (12, 25), (2, 5, 1, 3), "1.25", "0.9", "0.2", "0.08")):
        def poisson(rate):
            return lambda t: {x: mp.exp(-rate * t) * (rate * t) ** x / mp.factorial(x) for x in range(int(8 + 6 * mp.sqrt(rate * t) + rate * t) + 16)}

        cum, at, end = two_arms(lt, lc, poisson(F(rt)), poisson(F(rc)), lambda x, nt, y, nc: gamma_above(x, nt, y, nc, prior, F(rho)), F(cut))
        row("bayes_rate", dict(looks_T=joined(lt), looks_C=joined(lc), aT=prior[0], bT=prior[1], aC=prior[2], bC=prior[3], margin=rho, cut=cut,
                               true_T=rt, true_C=rc), cum, at, end, [])
    # Along risk sets: every path by itself; E by its definition, day after day.
    days = [(75, 73, 1), (74, 73, 1), (74, 72, 2), (73, 71, 1), (60, 71, 1), (59, 70, 3), (40, 70, 1), (39, 69, 1), (39, 50, 1)]
    few = [(9, 11, 1), (9, 10, 2), (8, 9, 1), (8, 6, 4), (5, 4, 1), (4, 4, 1)]
    for path, a, b, pi, e, ratio in ((days, 1, 1, F(75) / 148, "4", "1"), (days, 1, 1, F(75) / 148, "10", "3"), (few, F("0.5"), F("0.5"), F("0.45"), "3", "0.7"),
                                     (few, 2, 5, F("0.45"), "2", "6")):
        nodes = [(pi + (1 - pi) * (1 + x) / 2, w) for x, w in legendre(64)]
        weights = [w * p ** (a - 1) * (1 - p) ** (b - 1) for p, w in nodes]
        total = mp.fsum(weights)
        theta = [p * (1 - pi) / ((1 - p) * pi) for p, w in nodes]
        state = {((),): (F(1), [w / total for w in weights], 0)}
        spent, size, cum, bounds, n = F(0), F(0), [], [], 0
        for y1, y0, m in path:
            null, true, at_node = hyper_odds(y1, y0, m, F(1)), hyper_odds(y1, y0, m, F(ratio)), [hyper_odds(y1, y0, m, t) for t in theta]
            nxt, least = {}, None
            n += m
            for key, (p, lik, x) in state.items():
                for k in null:
                    new = [v * h[k] / null[k] for v, h in zip(lik, at_node)]
                    if mp.fsum(new) >= F(e):
                        least = x + k if least is None else min(least, x + k)
                        if p > 0:
                            spent += p * true[k]
                            size += p * true[k] * n
                        nxt[key + (k,)] = (F(0), new, x + k)  # on to see the bounds of later days
                    else:
                        nxt[key + (k,)] = (p * true[k], new, x + k)
            # Two paths of one count have one E: one of each count, and each chance, is enough to go on with.
            merged = {}
            for key, (p, lik, x) in nxt.items():
                if x in merged:
                    assert abs(mp.fsum(lik) - mp.fsum(merged[x][1])) < F(10) ** -25 * mp.fsum(lik)
                    merged[x] = (merged[x][0] + p, merged[x][1], x)
                else:
                    merged[x] = (p, lik, x)
            state = {(x,): v for x, v in merged.items()}
            cum.append(spent)
            bounds.append(n + 1 if least is None else least)
        row("eprocess", dict(y1=joined(d[0] for d in path), y0=joined(d[1] for d in path), m=joined(d[2] for d in path), prior_a=a, prior_b=b,
                             pi_star=num(pi, 25), e_signal=e, hazard_ratio=ratio), cum, size / spent, size + (1 - spent) * n, bounds)
    for path, alpha, n_max, kind, ratio in ((days, "0.05", 12, "LDPocock", "3"), (days, "0.025", 10, "LDOF", "1"), (few, "0.2", 20, "LDPocock", "2.5")):
        v, w, spent, out, size, cum, bounds, n, closed = {0: F(1)}, {0: F(1)}, F(0), F(0), F(0), [], [], 0, False
        for y1, y0, m in path:
            n += m

            def step(state, h):
                r = {}
                for x, p in state.items():
                    for k, q in h.items():
                        r[x + k] = r.get(x + k, F(0)) + p * q
                return r

            v, w = step(v, hyper_odds(y1, y0, m, F(1))), step(w, hyper_odds(y1, y0, m, F(ratio)))
            c = n + 1
            if not closed:
                level = spent_by(kind, F(alpha), min(F(1), F(n) / n_max))
                while c > 0 and spent + mp.fsum(p for x, p in v.items() if x >= c - 1) <= level:
                    c -= 1
            closed = n >= n_max
            spent += mp.fsum(p for x, p in v.items() if x >= c)
            gone = mp.fsum(p for x, p in w.items() if x >= c)
            out += gone
            size += gone * n
            v, w = {x: p for x, p in v.items() if x < c}, {x: p for x, p in w.items() if x < c}
            cum.append(out)
            bounds.append(c)
        row("exact", dict(y1=joined(d[0] for d in path), y0=joined(d[1] for d in path), m=joined(d[2] for d in path), alpha_one_sided=alpha, n_max=n_max,
                          spending=kind, hazard_ratio=ratio), cum, size / out, size + (1 - out) * n, bounds)
    write("operating", ["case_id"] + head + ["prob_signal", "at_signal", "at_end", "cum_prob_signal", "bounds"], rows)


def spent_by(kind, a, t):
    return a * mp.log(1 + (mp.e - 1) * t) if kind == "LDPocock" else 2 * sf(quantile(a / 2) / mp.sqrt(t))


for make in (boundaries, crossing, adjusted, futility, exact_spending, maxsprt, exact, bayes, eprocess, evalue2x2, operating):
    if len(sys.argv) > 1 and make.__name__ not in sys.argv[1:]:
        continue
    make()
    print(make.__name__, flush=True)
