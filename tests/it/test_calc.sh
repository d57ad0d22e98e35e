#!/bin/bash
# The calculator by itself: every reference set passes, and nonsense is refused by the name of its column (of every column and
# kind: tests/unit/test_calc.c).
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
CTL=${DSMB_BIN:-$PWD/build/bin}/dsmbctl
W=$(mktemp -d) || exit 70
trap 'rm -rf "$W"' EXIT
. tests/support/tap.sh

t "every reference set passes" "$CTL" validate

# SET COLUMN=VALUE...: one row through the calculator.
calc() {
    local set=$1 head='' row='' pair; shift
    for pair in "$@"; do head+=${head:+,}${pair%%=*}; row+=${row:+,}${pair#*=}; done
    printf '%s\n%s\n' "$head" "$row" | timeout 20 "$CTL" calc "$set" - >"$W/got" 2>"$W/err"
}
refused() { # SAYS SET COLUMN=VALUE...
    local says=$1; shift
    calc "$@"; [ $? = 65 ] && grep -qF -- "$says" "$W/err" && return
    cat "$W/err"; return 1
}
B=(boundaries type=LDOF sided=1)
t "alpha 0 is refused with its range" refused 'column alpha: "0" is not a number in [1e-100, 1)' "${B[@]}" alpha=0 K=1 info_fractions=1 look=1
t "alpha 2 is refused" refused 'column alpha: "2"' "${B[@]}" alpha=2 K=1 info_fractions=1 look=1
t "a billion subjects are no trouble" calc exact test=fisher x1=500000000 n1=1000000000 x2=500001000 n2=1000000000 output=or_ci_hi
power() { # the methods: N = 44, alpha .05, 75 v 73 subjects, relative risk 3
    calc maxsprt kind=binomial_continuous T_or_N=44 z=0.9733333333333333 alpha=.05 M=1 rr=3 && tail -n 1 "$W/got" |
        grep -qE ',0\.88[45][0-9]*,[0-9.]+,[0-9.]+$'
}
t "the power of MaxSPRT at a relative risk is given" power
big_e() {
    calc evalue2x2 na=50 nb=50 "ya_control=$(printf '50;%.0s' {1..199})50" "yb_treat=$(printf '0;%.0s' {1..199})0" restriction=none \
        betaA1=1 betaA2=1 betaB1=1 betaB2=1 && tail -n 1 "$W/got" | grep -qE ',[1-9]\.[0-9]+e\+[0-9]{4,}$'
}
operating() { # 2 of 2 v 0 of 2 has posterior .95, and the chance 1/16
    calc operating kind=bayes looks_T=2 looks_C=2 aT=1 bT=1 aC=1 bC=1 cut=.94 true_T=.5 true_C=.5 && tail -n 1 "$W/got" |
        grep -qE ',0\.0625[0-9]*,4,4,'
}
t "what a rule on a posterior does is given" operating
t "an e-value beyond any double is written out" big_e
file() { # SAYS BYTES
    printf '%b' "$2" | "$CTL" calc bayes - >"$W/got" 2>"$W/err"
    if [ -z "$1" ]; then grep -q ',0\.5' "$W/got"; else grep -qF -- "$1" "$W/err"; fi
}
H='xT,nT,xC,nC,aT,bT,aC,bC,delta'
t "an empty file is said to be empty" file 'empty; the first line' ''
t "a missing column is named" file 'there is no column' 'xT,nT\n1,2\n'
t "a missing column is named where there are no rows either" file 'there is no column xC' 'xT,nT\n'
t "two columns of one name are refused" file "two columns are named 'xT'" "$H,xT\n1,2,1,2,1,1,1,1,0,2\n"
t "a column of results is not written twice" file 'there is a column calc_' "$H,calc_prob_pT_gt_pC_plus_delta\n1,2,1,2,1,1,1,1,0,2\n"
t "a zero byte is refused" file 'a zero byte' "$H\n1,2,1,2,1,1,1,1,0\\0\n"
t "line ends of another system and a byte order mark are read" file '' "\xef\xbb\xbf$H\r\n1,2,1,2,1,1,1,1,0\r\n"

t_end
