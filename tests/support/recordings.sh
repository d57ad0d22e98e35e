# shellcheck shell=bash
# recordings.sh - the same trial recorded several times, each in a cluster of its own, and one recording compared with
# another channel by channel.  Sourced after world.sh and world_init.
#
#   record_all KIND...            "$0" record $W/KIND KIND, side by side; each writes its channels there, then `done`
#   at_rest                       if there is such a function: called when all are done; a recording that stays until
#                                 $W/enough is there has its cluster up that long
#   recorded                      all of them came to their end
#   not_chance FILE               without what is random in every run: ids, dates of mails, filling of headers, folders
#   alike HOW A B CHANNEL...      A's and B's are the same, each put through HOW FILE; A is first compared with B's and one
#                                 character more, because a comparison that cannot tell proves nothing

record_all() {
    local k p running
    kinds=("$@") recorders=()
    for k in "${kinds[@]}"; do
        timeout 500 tests/support/with_pg.sh "$0" record "$W/$k" "$k" >"$W/log/$k.log" 2>&1 &
        recorders+=($!)
    done
    if declare -F at_rest >/dev/null; then
        running=yes
        while [ -n "$running" ] && ! recorded >/dev/null; do
            running=
            for p in "${recorders[@]}"; do ! world_alive "$p" || running=yes; done
            sleep 0.2
        done
        ! recorded >/dev/null || at_rest
        touch "$W/enough"
    fi
    wait
}
recorded() {
    local k
    for k in "${kinds[@]}"; do [ -f "$W/$k/done" ] || { echo "== $k"; tail -n 20 "$W/log/$k.log"; return 1; }; done
}
not_chance() {
    sed -E -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' -e 's/^X-Fill: x+/X-Fill: x/' \
        -e 's/(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} [+]0000/TIME/g' \
        -e 's#/tmp/dsmb_(pg|[a-z]+_[a-z]+)\.[A-Za-z0-9]+#/DIR#g' "$1"
}
alike() {
    local how=$1 a=$W/$2 b=$W/$3 c; shift 3
    for c in "$@"; do
        { [ -f "$a/$c" ] && [ -f "$b/$c" ]; } || { echo "$c was not recorded"; return 1; }
        case $c in cores) ;; *) { [ -s "$a/$c" ] && [ -s "$b/$c" ]; } || { echo "$c is empty"; return 1; } ;; esac # no core: the rule
        $how "$a/$c" >"$W/one"
        { head -c -1 "$b/$c"; echo 6; } >"$W/planted"
        $how "$W/planted" >"$W/two"
        ! cmp -s "$W/one" "$W/two" || { echo "a planted difference in $c is not found"; return 1; }
        $how "$b/$c" >"$W/two"
        cmp -s "$W/one" "$W/two" || { echo "$c differs:"; diff "$W/one" "$W/two" | head -n 10; return 1; }
    done
}
