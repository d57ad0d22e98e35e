# A manual page from its source: @VERSION@, and lines `@include FILE`.  An unknown @WORD@ or a missing file is an error.
function put(file, line, s, n) {
    while ((n = (getline line < file)) > 0) {
        if (line ~ /^@include /) {
            s = line
            sub(/^@include /, "", s)
            put(dir "/" s)
            continue
        }
        gsub(/@VERSION@/, version, line)
        if (match(line, /@[A-Z]+@/)) fail(file ": unknown " substr(line, RSTART, RLENGTH))
        print line
    }
    if (n < 0) fail(file ": cannot be read")
    close(file)
}
function fail(what) {
    print "man.awk: " what > "/dev/stderr"
    failed = 1
    exit 1
}
BEGIN {
    if (version == "") fail("no version in CHANGELOG.md")
    put(ARGV[1])
    exit failed
}
