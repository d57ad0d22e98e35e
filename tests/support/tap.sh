# shellcheck shell=bash
# tap.sh - what a test of the whole says: ok N - sentence, and the closing line.  Needs $W, a folder of the test's own.
#   t SENTENCE COMMAND...     passes when the command does
#   t_skip SENTENCE WHY       must stand in tests/skips.txt
#   same GOT WANT
#   t_end                     the closing line, and the exit status

T_N=0 T_OK=0 T_BAD=0 T_SKIP=0
t() { # SENTENCE COMMAND...: passes when the command does
    local what=$1; shift
    T_N=$((T_N + 1))
    if "$@" >"$W/t.out" 2>&1; then
        T_OK=$((T_OK + 1)); echo "ok $T_N - $what"
    else
        T_BAD=$((T_BAD + 1)); echo "not ok $T_N - $what"; sed 's/^/# /' "$W/t.out" | tail -n 20
    fi
}
t_skip() { T_N=$((T_N + 1)); T_SKIP=$((T_SKIP + 1)); echo "ok $T_N - $1 # SKIP $2"; }
t_end() {
    echo "$T_OK passed, $T_BAD failed, $T_SKIP skipped"
    [ "$T_BAD" -eq 0 ] || exit 1
}
same() { [ "$1" = "$2" ] || { echo "got:  $1"; echo "want: $2"; return 1; }; }
