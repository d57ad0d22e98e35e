#!/bin/bash
# stats.sh BENCH: the table of `make bench`, ours against a plain scalar version and R in one run, processor time.  It never fails
# on seconds.  "first" is the first call of the process.  Critical values of MaxSPRT may lie anywhere in one jump.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp) || exit 70
trap 'rm -f "$out"' EXIT
"$1" >"$out" || exit 1
if command -v Rscript >/dev/null; then
    Rscript "$here/stats.R" >>"$out" || echo "R did not finish: its rows are missing" >&2
else
    echo "R is not installed: its rows are missing" >&2
fi
awk -F';' '
    BEGIN {
        reach["alpha spending K=20"] = 3; reach["alpha spending K=100"] = reach["alpha spending K=100 unequal"] = 50
        reach["MaxSPRT binomial N=300"] = 5; reach["MaxSPRT Poisson T=100"] = 50
        reach["1e4 Fisher tests"] = 30; reach["1e5 three-look trials"] = 50
        printf "%-30s %-16s %11s %11s %10s %20s %12s %9s\n", "work", "method", "first ms", "median ms",
               "of ours", "value", "from ours", "to reach"
    }
    $2 == "ours" { ms[$1] = $4; value[$1] = $5; order[++n] = $1 }
    { line[++m] = $0 }
    END {
        for (i = 1; i <= n; i++)
            for (j = 1; j <= m; j++) {
                split(line[j], f, ";")
                if (f[1] != order[i]) continue
                if (f[5] == "NA" || f[5] == "NaN") {
                    printf "%-30s %-16s %11s\n", f[1], f[2], "refuses"
                    continue
                }
                printf "%-30s %-16s %11.4g %11.4g %9.4gx %20.12g %12s %9s\n", f[1], f[2], f[3], f[4], f[4] / ms[f[1]],
                       f[5], f[2] == "ours" ? "" : sprintf("%.2e", f[5] - value[f[1]]),
                       f[2] == "ours" ? reach[f[1]] " ms" : ""
            }
    }' "$out"
