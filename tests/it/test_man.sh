#!/bin/bash
# The manual pages, the completion and the programs tell of the same options, keys and verbs; and the pages are clean.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
BIN=${DSMB_BIN:-$PWD/build/bin}
MAN=build/man
W=$(mktemp -d) || exit 70
trap 'rm -rf "$W"' EXIT
. tests/support/tap.sh
same_set() { # A-FILE A-NAME B-FILE B-NAME
    local r=0 only
    only=$(comm -23 "$1" "$3"); [ -z "$only" ] || { echo "in $2 only: $(tr '\n' ' ' <<<"$only")"; r=1; }
    only=$(comm -13 "$1" "$3"); [ -z "$only" ] || { echo "in $4 only: $(tr '\n' ' ' <<<"$only")"; r=1; }
    return $r
}
make -s --no-print-directory man || exit 70

help_options() { "$BIN/$1" ${2:+"$2"} --help 2>&1 | grep -oE -- '--[a-z][a-z-]*' | sort -u; }
# The options a page describes: .It Fl -name, also several on a line.
page_options() { grep -E '^\.It Fl ' "$1" | grep -oE -- 'Fl -[a-z][a-z-]*' | sed 's/^Fl -/--/' | sort -u; }
section() { awk -v s="$2" '/^\.S[sh] / {on = $0 == ".Ss " s} on' "$1"; }
options_of() { # PROGRAM PAGE
    { help_options "$1"; } >"$W/help"
    page_options "$2" >"$W/page"
    same_set "$W/help" "$1 --help" "$W/page" "$2"
}
verbs() { "$BIN/dsmbctl" --help | sed -nE 's/^  ([a-z]+) .*/\1/p'; }
verbs | sort >"$W/verbs"
verbs_of_page() {
    sed -n 's/^\.Ss \([a-z]*\)$/\1/p' $MAN/dsmbctl.1 | sort >"$W/page"
    [ -s "$W/verbs" ] && same_set "$W/verbs" "dsmbctl --help" "$W/page" "the page"
}
options_of_verb() { # VERB
    help_options dsmbctl "$1" | grep -vx -- --help >"$W/help"
    section $MAN/dsmbctl.1 "$1" >"$W/section"
    page_options "$W/section" >"$W/page"
    same_set "$W/help" "dsmbctl $1 --help" "$W/page" "the page"
}
# What the program takes, as its source says, whether or not --help tells: PROGRAM'S FILES - PAGE
options_taken() {
    local page=$1; shift
    cat "$@" | grep -ohE '\{"[a-z-]+", *((no|required|optional)_argument|CTL_[A-Z]+)' | sed -E 's/\{"([a-z-]+)".*/\1/' | sort -u >"$W/taken"
    [ -s "$W/taken" ] || { echo "no option found in $*"; return 1; }
    grep -ohE -- 'Fl -[a-z][a-z-]*' "$page" | sed 's/^Fl -//' | sort -u >"$W/page"
    comm -23 "$W/taken" "$W/page" >"$W/missing"
    cat "$W/missing"; [ ! -s "$W/missing" ]
}
# Every word of small letters that a parser's source has as a literal is a key or a value: FILES...
words_of() { cat "$@" | grep -vE '^#include|^ *(/\*|\*)' | grep -ohE '"[a-z][a-z0-9_-]*"' | tr -d '"' | sort -u; }
keys_of_page() { # PAGE: what is marked as a key
    grep -E '^\.(It )?Cm ' "$1" | sed -E 's/^\.(It )?Cm //; s/ (Pq|No|Ns|Li) .*//; s/[ ,:.]+/\n/g' | grep -E '^[a-z][a-z0-9_]+$' | sort -u
}
keys() { # PAGE IGNORED PARSER-FILE...: every word of the parser stands in the page, every key of the page in the parser
    local page=$1 ignored=$2 w r=0; shift 2
    words_of "$@" | grep -vxE "${ignored:-#}" >"$W/words"
    [ "$(wc -l <"$W/words")" -gt 10 ] || { echo "too few words found in $*"; return 1; }
    while read -r w; do
        grep -qE -- "^\.(It )?(Cm|Li|Pq)? ?(.*[^a-z0-9_-])?$w([^a-z0-9_-]|$)" "$page" || { echo "$w: known to the parser, not in $page"; r=1; }
    done <"$W/words"
    words_of "$@" >"$W/words"
    while read -r w; do
        grep -qx -- "$w" "$W/words" || { echo "$w: in $page, not known to the parser"; r=1; }
    done < <(keys_of_page "$page")
    return $r
}

t "dsmbd: the options of --help and of the page" options_of dsmbd $MAN/dsmbd.8
t "dsmb-mailer: the options of --help and of the page" options_of dsmb-mailer $MAN/dsmb-mailer.8
t "dsmbd: every option it takes" options_taken $MAN/dsmbd.8 daemon/cmd/dsmbd.c
t "dsmb-mailer: every option it takes" options_taken $MAN/dsmb-mailer.8 daemon/cmd/dsmb-mailer.c
t "dsmbctl: every option it takes" options_taken $MAN/dsmbctl.1 daemon/cmd/ctl_*.c
t "dsmbctl: the verbs of --help and of the page" verbs_of_page
while read -r v; do
    t "dsmbctl $v: the options of --help and of the page" options_of_verb "$v"
done <"$W/verbs"
# Values that stand in the settings' source and are none of a key's: names of fields in messages, and defaults.
t "dsmbd.yaml(5): every key and value of the settings, and no other" keys $MAN/dsmbd.yaml.5 '' daemon/config/settings.c
t "dsmbd-plan(5): every key and value of the plan and the board, and no other" \
    keys $MAN/dsmbd-plan.5 '' daemon/monitor/plan.c daemon/monitor/plan_[!n]*.c daemon/alert/board.c
t "dsmbd-rules(5): every key and value of the rules, and no other" keys $MAN/dsmbd-rules.5 '' daemon/classify/rulefile.c

metrics_of_page() {
    grep -ohE '"dsmbd_[a-z_]+"' daemon/host/metrics.c | tr -d '"' | sort -u >"$W/words"
    grep -oE '^\.It Li dsmbd_.*' $MAN/dsmbd.8 | grep -oE 'dsmbd_[a-z_]+' | sort -u >"$W/page"
    same_set "$W/words" "daemon/host/metrics.c" "$W/page" "the page"
}
t "dsmbd(8): every metric, and no other" metrics_of_page
# These comparisons find what is planted.
finds() { ! "$@"; }
sed 's/^\.It Cm lease$/.It Cm leash/' $MAN/dsmbd.yaml.5 >"$W/planted.5"
t "a key that is spelt wrong is found" finds keys "$W/planted.5" '' daemon/config/settings.c
sed 's/^\.It Fl -once$/.It Fl -twice/' $MAN/dsmb-mailer.8 >"$W/planted.8"
t "an option that is spelt wrong is found" finds options_of dsmb-mailer "$W/planted.8"

clean_mandoc() { local said; said=$(mandoc -Tlint -W warning "$@" 2>&1); echo "$said"; [ -z "$said" ]; }
clean_groff() { local said; said=$(groff -mdoc -Tutf8 -ww -z "$1" 2>&1); echo "$said"; [ -z "$said" ]; }
version() { grep -qF ".Os dsmbd $("$BIN/dsmbctl" --version | cut -d' ' -f2)" "$1"; }
# Pages and completion are there for every program; pages that name a page name one that exists.
references() {
    local r=0 n s
    while read -r n s; do
        [ -e "$MAN/$n.$s" ] || { echo "$1: $n($s) does not exist"; r=1; }
    done < <(sed -nE 's/^\.Xr (dsmb[a-z.-]*) ([0-9]).*/\1 \2/p' "$1")
    return $r
}
for p in dsmbd.8 dsmb-mailer.8 dsmbctl.1 dsmbd.yaml.5 dsmbd-plan.5 dsmbd-rules.5; do
    t "$p: mandoc has no warning" clean_mandoc $MAN/$p
    t "$p: groff has no warning" clean_groff $MAN/$p
    t "$p: the program's version" version $MAN/$p
    t "$p: the pages it names exist" references $MAN/$p
done

# --- completion ---
complete_for() { # WORD...: what is offered for the last one
    bash -c '. packaging/completion/dsmbctl; PATH='"$BIN"':$PATH
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        _dsmbctl; printf "%s\n" "${COMPREPLY[@]}"' _ "$@" | sed 's/ *$//' | grep . | sort -u
}
completes_verbs() { complete_for dsmbctl "" | grep -v '^-' >"$W/offered"; same_set "$W/verbs" "dsmbctl --help" "$W/offered" "the completion"; }
completes_options() {
    { help_options dsmbctl "$1"; echo --help; } | sort -u >"$W/help"
    complete_for dsmbctl "$1" -- >"$W/offered"
    same_set "$W/help" "dsmbctl $1 --help" "$W/offered" "the completion"
}
offers() { # WANT WORD...
    local want=$1; shift
    [ "$(complete_for "$@" | tr '\n' ' ')" = "$want " ] || { complete_for "$@"; return 1; }
}
t "bash completion knows every verb" completes_verbs
while read -r v; do t "bash completion of dsmbctl $v: its options" completes_options "$v"; done <"$W/verbs"
t "bash completion: the words of an option" offers "closed open" dsmbctl report --audience ""
t "bash completion: the words of a format" offers "csv json" dsmbctl classify --format ""
t "bash completion: what a verb does" offers "adopt diff show" dsmbctl plan ""
t "bash completion: what a verb does, of another" offers "decide list" dsmbctl review ""
t "bash completion: the sets of calc" offers "exact exact_spending" dsmbctl calc exact
t "bash completion: files" offers "rules/README.md" dsmbctl classify rules/RE
t_end
