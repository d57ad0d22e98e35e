#!/usr/bin/env python3
"""Prints the values of tests/unit/test_stats_close.c: python3 dense.py

Another program than the project's, for what independent.py cannot reach: many looks in pairs, and MaxSPRT up to thousands of
expected events.  Group sequential: 24-point Gauss-Legendre panels of 2.2 standard deviations of the smaller increment over
the whole region, the kernel as it is (no factors, nothing gathered), spending in mpmath, bounds by Brent on the log of the
tail.  MaxSPRT: convolution of counts, tau by Brent.  Double precision, numpy and scipy; agrees with itself at other panels
to 1e-13.
"""
import math

import mpmath as mp
import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, pdtrc
from scipy.stats import poisson

X, W = np.polynomial.legendre.leggauss(24)
mp.mp.dps = 40


class Density:
    """Of the score, not stopped so far."""

    def __init__(self, theta=0.0):
        self.info, self.theta, self.x, self.m = 0.0, theta, np.zeros(1), np.ones(1)

    def tail(self, info, z, sign=1):
        d = info - self.info
        return float(self.m @ ndtr(-sign * (z * math.sqrt(info) - self.x - self.theta * d) / math.sqrt(d)))

    def bound(self, info, p):
        return brentq(lambda z: math.log(max(self.tail(info, z), 1e-320)) - math.log(p), -37, 37, xtol=1e-14, rtol=9e-16)

    def advance(self, info, lower, upper, following):
        d, sd = info - self.info, math.sqrt(info)
        width = 2.2 * math.sqrt(min(d, following - info))
        lo = max(lower * sd, self.theta * info - 10.5 * sd)
        hi = min(upper * sd, self.theta * info + 10.5 * sd)
        edges = np.linspace(lo, hi, math.ceil((hi - lo) / width) + 1)
        half = np.diff(edges) / 2
        x = ((edges[1:] + edges[:-1])[:, None] / 2 + half[:, None] * X).ravel()
        w = (half[:, None] * W).ravel()
        m = np.zeros_like(x)
        for i in range(0, len(x), 480):
            u = x[i:i + 480] - self.theta * d
            a = np.searchsorted(self.x, u[0] - 12 * math.sqrt(d))
            b = np.searchsorted(self.x, u[-1] + 12 * math.sqrt(d))
            m[i:i + 480] = np.exp(-(u[:, None] - self.x[a:b]) ** 2 / (2 * d)) @ self.m[a:b]
        self.x, self.m, self.info = x, m * w / math.sqrt(2 * math.pi * d), info


def spent(kind, param, alpha, t):
    t, a = mp.mpf(t), mp.mpf(alpha)
    if t == 0:
        return mp.mpf(0)
    if kind == "LDPocock":
        return a * mp.log(1 + (mp.e - 1) * t)
    if kind == "LDOF":
        return mp.erfc(mp.erfinv(1 - a) / mp.sqrt(t))
    return a * mp.expm1(-param * t) / mp.expm1(-param)


def design(kind, param, sided, alpha, info):
    g, z, before = Density(), [], 0.0
    for t, following in zip(info, info[1:] + [None]):
        z.append(g.bound(t, float(spent(kind, param, alpha / sided, t) - spent(kind, param, alpha / sided, before))))
        if following is not None:
            g.advance(t, -z[-1] if sided == 2 else -math.inf, z[-1], following)
        before = t
    return z


def crossing(info, lower, upper, drift):
    g, up, down, mean, alive, before = Density(drift), [], [], 0.0, 1.0, 0.0
    for t, lo, hi, following in zip(info, lower, upper, info[1:] + [None]):
        mean += (t - before) * alive
        up.append(g.tail(t, hi))
        down.append(g.tail(t, lo, -1))
        if following is not None:
            g.advance(t, lo, hi, following)
            alive = float(g.m.sum())
        before = t
    return up, down, mean


def maxsprt_alpha(top, least, delay, cv):
    alpha, v, low, at, c = 0.0, np.ones(1), 0, 0.0, least
    while True:
        tau = brentq(lambda t: c * math.log(c / t) - (c - t) - cv, c * math.exp(-1.2 * math.sqrt(2 * cv / c) - 2 * cv / c),
                     c * (1 - 1e-15), xtol=1e-300, rtol=1e-15)
        if tau < delay:
            c += 1
            continue
        for to in ([delay] if at < delay else []) + [min(tau, top)]:
            d = to - at
            if d > 0:
                alpha += float(v @ pdtrc(c - 1 - np.arange(low, low + len(v)), d))
                v = np.convolve(v, poisson.pmf(np.arange(min(c, 80 + int(3 * d))), d))[:c - low]
            at = to
        first = int(np.argmax(v > 1e-45))
        v, low = v[first:], low + first
        if tau >= top:
            return alpha
        c += 1


def show(name, values):
    print(name, ", ".join("%.15g" % v for v in values), flush=True)


INFO = [0.25, 0.25002, 0.5, 0.50002, 0.75, 0.75002, 1.0]
for KIND, PARAM, SIDED, ALPHA in (("LDPocock", 0, 1, 0.025), ("LDOF", 0, 2, 0.001), ("HSD", -20, 1, 1e-6)):
    show(KIND, design(KIND, PARAM, SIDED, ALPHA, INFO))
UP, DOWN, MEAN = crossing(INFO, [-3, -2.9, -1, -0.9, 0, 0.1, 1.5], [3, 3.1, 2.5, 2.6, 2.2, 2.1, 1.5], 3.0)
show("upper", UP)
show("lower", DOWN)
show("expected", [MEAN])
for TOP, LEAST, DELAY, ALPHA in ((1000, 1, 0, 0.05), (3000, 3, 10, 0.01)):
    show("MaxSPRT", [brentq(lambda v: math.log(maxsprt_alpha(TOP, LEAST, DELAY, v) / ALPHA), 4, 9, xtol=1e-13)])
