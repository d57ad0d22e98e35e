# Judges the lists that packaging/build/check-layers makes; see there and layers.txt.  `file` counts them: 1 is the table.

function fail(text)
{
    print text
    bad = 1
}

# A shell pattern as a whole-string regular expression; only * is special.
function regex(pattern)
{
    gsub(/[.+?()^$|\[\]{}\\]/, "\\\\&", pattern)
    gsub(/\*/, ".*", pattern)
    return "^(" pattern ")$"
}

function add_allow(place, word,    n, i, part)
{
    if (word ~ /^@/) {
        word = substr(word, 2)
        if (!(word in group)) {
            fail("layers.txt: there is no group " word)
        }
        n = split(group[word], part, " ")
        for (i = 1; i <= n; i++) {
            add_allow(place, part[i])
        }
    } else if (word ~ /\*/) {
        patterns[place] = patterns[place] (patterns[place] == "" ? "" : "|") regex(word)
    } else {
        exact[place, word] = 1
    }
}

function permits(place, symbol)
{
    return ((place, symbol) in exact) || (patterns[place] != "" && symbol ~ patterns[place])
}

# Is FOLDER/OBJECT one of the places of a list?
function among(folder, object, list,    n, i, part)
{
    n = split(list, part, " ")
    for (i = 1; i <= n; i++) {
        if (part[i] == folder || (folder "/" object) ~ regex(part[i])) {
            return 1
        }
    }
    return 0
}

# What the compiler, the linker and the instruments add.
function instrument(s)
{
    return s ~ /^(__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|_DYNAMIC|__tls_get_addr|__(asan|ubsan|lsan|msan|tsan|sanitizer)_.*|__gcov_.*|__sancov_.*|__cov.*|__interceptor_.*|_Unwind_Resume)$/
}

function plain(s)
{
    sub(/@.*/, "", s)
    if (s ~ /^__.*_chk$/) {
        s = substr(s, 3, length(s) - 6)
    }
    sub(/^__isoc(99|23)_/, "", s)
    return s
}

# The table.
file == 1 {
    sub(/#.*/, "")
    if (NF == 0) {
        next
    }
    what = $1
    head = $0
    sub(/:.*/, "", head)
    rest = $0
    sub(/^[^:]*:/, "", rest)
    split(head, h, " ")
    if (what == "layer") {
        layer[h[2]] = " " h[2] " " rest " "
    } else if (what == "group") {
        group[h[2]] = group[h[2]] " " rest
    } else if (what == "allow") {
        n = split(rest, w, " ")
        for (i = 1; i <= n; i++) {
            add_allow(h[2], w[i])
        }
    } else if (what == "only") {
        only[h[2]] = rest
    } else if (what == "links") {
        links[h[2]] = rest
    } else if (what == "needs") {
        never[h[2]] = rest
    } else {
        fail("layers.txt:" FNR ": " $0)
    }
    next
}

# Definitions and uses come mixed: uses are judged at the end.
file == 2 && $1 == "D" {
    home[$4] = $2
    next
}
file == 2 {
    uses[++n_uses] = $2 " " $3 " " $4
    next
}

file == 3 {
    place = $1
    sub("^" regex_quote(root), "", place)
    split(place, p, "/")
    from = p[2]
    if (index($2, "/") == 0) {
        if ($2 == "sql_catalog.h") {
            if (from != "pg" && from != "cmd") {
                fail(place ": sql_catalog.h belongs to pg")
            }
        } else {
            fail(place ": include \"" $2 "\" without its folder")
        }
        next
    }
    to = $2
    sub(/\/.*/, "", to)
    if (!(from in layer)) {
        fail(place ": the folder " from " is not in layers.txt")
    } else if (index(layer[from], " " to " ") == 0) {
        fail(place ": " from " may not include " $2)
    }
    next
}

file == 4 {
    if ($1 in links) {
        seen[$1]++
        if (!among($2, $3, links[$1])) {
            fail($1 ": links " $2 "/" $3)
        }
    }
    next
}

file == 5 {
    if ($1 in never) {
        n = split(never[$1], w, " ")
        for (i = 1; i <= n; i++) {
            if (w[i] ~ /./ && $2 ~ ("^" w[i] "[-0-9.]")) {
                fail($1 ": is linked with " $2)
            }
        }
        if (!($1 in seen) && ($1 in links)) {
            fail($1 ": its link map shows none of our objects")
            seen[$1] = 1
        }
    }
    next
}

function regex_quote(s)
{
    gsub(/[.+?()^$|\[\]{}\\]/, "\\\\&", s)
    return s
}

END {
    for (i = 1; i <= n_uses; i++) {
        split(uses[i], u, " ")
        folder = u[1]
        object = u[2]
        symbol = u[3]
        if (symbol in only && !among(folder, object, only[symbol])) {
            fail(folder "/" object ": may not use " symbol)
        } else if (symbol in home) {
            if (folder != "gen" && home[symbol] != "gen" && index(layer[folder], " " home[symbol] " ") == 0) {
                fail(folder "/" object ": uses " symbol " of " home[symbol])
            }
        } else if (!instrument(symbol)) {
            s = plain(symbol)
            if (!permits(folder, s) && !permits(folder "/" object, s)) {
                fail(folder "/" object ": may not use " s)
            }
        }
    }
    exit bad
}
