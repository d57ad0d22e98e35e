#!/bin/bash
# Runs test programs, JOBS of them at a time (default 1), shows what fails in the order given, and closes with one line:
# N passed, N failed, N skipped.
# Programs are CMocka binaries, or scripts that print "ok N - sentence", "not ok N - sentence", "ok N - sentence # SKIP why".
# A skipped test must stand in tests/skips.txt ("why program: test"), else it counts as failed.
set -u
list=$(dirname "$0")/../../tests/skips.txt
# For programs built with SAN=address.
export LSAN_OPTIONS="suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
passed=0 failed=0 skipped=0
dir=$(mktemp -d) || exit 70
declare -A number=() # of the programs that run, by process
since=() # when each began
# Each program stops what it started when it is told to; pdeathsig tells it where this script cannot any more.
finish() {
    [ ${#number[@]} -eq 0 ] || { kill "${!number[@]}"; wait; } 2>/dev/null
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
start() { # N PROGRAM
    setpriv --pdeathsig TERM timeout -k 20 "${TEST_TIMEOUT:-600}" "$2" >"$dir/$1.out" 2>&1 </dev/null &
    number[$!]=$1
    since[$1]=$SECONDS
}
report() { # NAME OUT RC
    local name=$1 out=$2 rc=$3 p f s skips
    if grep -qE '^\[==========\]' "$out"; then # CMocka names a failed test twice: where it ran and in its summary
        p=$(grep -cE '^\[ +OK +\]' "$out")
        f=$(grep -E '^\[ +FAILED +\] [^0-9]' "$out" | sort -u | wc -l)
        skips=$(sed -nE 's/^\[ +SKIPPED +\] ([^0-9].*)/\1/p' "$out" | sort -u)
    else
        p=$(grep -E '^ok [0-9]+' "$out" | grep -vc '# SKIP')
        f=$(grep -cE '^not ok [0-9]+' "$out")
        skips=$(sed -nE 's/^ok [0-9]+ - (.*) # SKIP.*/\1/p' "$out")
    fi
    if [ "$rc" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
    if [ $((p + f)) -eq 0 ] && [ -z "$skips" ]; then f=1; echo "--- $name ran no test"; fi
    while read -r s; do
        [ -n "$s" ] || continue
        skipped=$((skipped + 1))
        echo "skipped: $name: $s"
        if grep -qxF "shared $name: $s" "$list"; then
            [ ! -d "${DSMB_SHARED:-../shared}" ] && continue
            echo "--- $name: \"$s\" was skipped although ${DSMB_SHARED:-../shared} is there"
            f=$((f + 1))
        elif [ -n "${DSMB_SAN:-}" ] && grep -qxF "sanitizer $name: $s" "$list"; then
            continue
        elif ! grep -qxF "system $name: $s" "$list"; then
            echo "--- $name: \"$s\" was skipped and does not stand in tests/skips.txt"
            f=$((f + 1))
        fi
    done <<<"$skips"
    passed=$((passed + p)); failed=$((failed + f))
    if [ "$f" -ne 0 ]; then
        echo "--- $name (exit $rc)"
        grep -vE '^\[ (RUN|      OK) +\]|^ok ' "$out" | tail -n 120
    elif [ -n "${VERBOSE:-}" ]; then
        cat "$out"
    else
        grep -E '^#' "$out"
    fi
}
programs=("$@") started=0 reported=0
while [ "$reported" -lt $# ]; do
    while [ "$started" -lt $# ] && [ ${#number[@]} -lt "${JOBS:-1}" ]; do
        started=$((started + 1))
        start "$started" "${programs[started - 1]}"
    done
    wait -n -p ended "${!number[@]}"
    rc=$? n=${number[$ended]}
    echo "$((SECONDS - since[n])) ${programs[n - 1]##*/}" >>"$dir/times"
    echo "$rc" >"$dir/$n.rc"
    unset "number[$ended]"
    while [ -s "$dir/$((reported + 1)).rc" ]; do
        reported=$((reported + 1))
        report "${programs[reported - 1]##*/}" "$dir/$reported.out" "$(cat "$dir/$reported.rc")"
    done
done
slow=$(awk '$1 >= 10' "$dir/times" | sort -rn | awk '{printf "%s%s %d s", sep, $2, $1; sep = ", "}')
[ -z "$slow" ] || echo "# 10 s and more: $slow"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
