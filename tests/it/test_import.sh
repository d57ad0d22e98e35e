#!/bin/bash
# dsmbctl import: a folder of SDTM data sets becomes a source that dsmbd can read, or nothing happens at all.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 70
[ -n "${DSMB_PGDATA:-}" ] || exec tests/support/with_pg.sh "$0" "$@"
W_TRIAL=imported
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
world_init import
shared=${DSMB_SHARED:-../shared}
psql -X -q -c "CREATE DATABASE trial"
import() { PGDATABASE=trial "$BIN/dsmbctl" import sdtm "$@"; }
state() { trial "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('sdtm', 'dsmb_source')"; }
refuses() { # EXIT PATTERN ARGUMENT...: exit code and message, and nothing has changed
    local want=$1 pattern=$2 before rc
    shift 2
    before=$(state)
    import "$@" >"$W/out" 2>&1; rc=$?
    cat "$W/out"
    [ "$rc" = "$want" ] || { echo "exit $rc, want $want"; return 1; }
    grep -qE -- "$pattern" "$W/out" || { echo "no match for: $pattern"; return 1; }
    same "$(state)" "$before"
}
says() { local want=$1; shift; "$@" >"$W/out" 2>&1 || { cat "$W/out"; return 1; }; grep -qE -- "$want" "$W/out" || { cat "$W/out"; return 1; }; }
q() { same "$(trial "$1")" "$2"; }
drop() { trial "DROP SCHEMA IF EXISTS sdtm CASCADE; DROP SCHEMA IF EXISTS dsmb_source CASCADE" 2>/dev/null; }

# --- a small study, as text and as transport; words in it are letters of three encodings ---
small() { # DIR
    mkdir -p "$1"
    cat >"$1/dm.csv" <<'CSV'
STUDYID,USUBJID,SITEID,ARMCD,RFSTDTC,DTHDTC,DTHFL,ARM
ST,S1,01,A,2024-01-02,,,Active
ST,S2,01,P,2024-01-03,2024-05-06,Y,Placebo
ST,S3,02,SCRNFAIL,,,,
CSV
    cat >"$1/ae.csv" <<'CSV'
USUBJID,AESEQ,AETERM,AEDECOD,AEBODSYS,AESER,AEREL,AESTDTC,AEENDTC,AESDTH,AEDTC
S1,1,"smørebræt, ""NOS""",Nausea,GI,N,N,2024-02,,N,2024-02-10
S1,2,Übelkeit – œsophage,Nausea,GI,N,Y,2024-02-11,2024-02-12,N,2024-02-12
S2,1,"tab	and \ and
line",Death,General,Y,,2024-05-06,,Y,2024-05-07
CSV
    printf 'USUBJID,DSSEQ,DSDECOD,DSCAT,DSSTDTC\nS1,1,COMPLETED,DISPOSITION EVENT,2024-06-01\nS2,1,DEATH,DISPOSITION EVENT,2024-05-06\n' >"$1/ds.csv"
    printf 'USUBJID,EXSTDTC,EXENDTC\nS1,2024-01-02,2024-05-01\nS2,2024-01-03,\n' >"$1/ex.csv"
    printf 'USUBJID,IDVAR,IDVARVAL,QNAM,QVAL\nS1,AESEQ,  2,AEEXPCT,Y\nS2,AESEQ,1,OTHER,Y\n' >"$1/suppae.csv"
}
to_xpt() { # DIR-OF-CSV DIR [ENCODING]
    local d
    mkdir -p "$2"
    for d in dm ae ds ex suppae; do
        /usr/bin/python3 tests/support/xpt.py "$1/$d.csv" "$2/$d.xpt" "${d^^}" --numbers AESEQ,DSSEQ,AGE,DMDY --encoding "${3:-utf-8}"
    done
}
contents() { # every cell of every table, NULL as such
    local d
    for d in dm ae ds ex suppae; do
        psql -X -q -A -t --csv -P null='<null>' -d trial -c "SELECT * FROM sdtm.$d ORDER BY $d::text"
    done
}
small "$W/small"
to_xpt "$W/small" "$W/xpt"
to_xpt "$W/small" "$W/cp1252" windows-1252

t "a dry run reads everything and connects nowhere" says 'dry run: .*nothing was written' env PGHOST=/nowhere "$BIN/dsmbctl" import sdtm "$W/small" --dry-run
t "and nothing is there after it" q "SELECT count(*) FROM pg_namespace WHERE nspname = 'sdtm'" 0
t "the first import makes schema and tables" says 'written to schema sdtm' import "$W/small"
t "it says rows and columns of each domain" grep -qE '^ae +3 +11 +.*/ae.csv$' "$W/out"
t "what feeds nothing is named" grep -qxE 'ae.s_life +nothing: no AESLIFE; not answered' "$W/out"
t "every column is text" q "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'sdtm'" text
contents >"$W/from.csv"
t "an empty cell is NULL" q "SELECT count(*) FROM sdtm.dm WHERE dthfl IS NULL" 2
t "commas, quotes, tabs, backslashes and line ends are kept" q "SELECT aeterm = E'tab\tand \\\\ and\nline' FROM sdtm.ae WHERE usubjid = 'S2'" t
t "tables that are there are refused" refuses 69 'sdtm.dm is there already; --replace' "$W/small"
psql_copy() { # what PostgreSQL's own reader makes of the same files
    local d columns
    trial "CREATE SCHEMA byhand"
    for d in dm ae ds ex suppae; do
        columns=$(head -n 1 "$W/small/$d.csv" | sed 's/,/ text, /g')
        trial "CREATE TABLE byhand.$d ($columns text)"
        psql -X -q -v ON_ERROR_STOP=1 -d trial -c "\copy byhand.$d FROM '$W/small/$d.csv' CSV HEADER" || return 1
        q "SELECT count(*) FROM ((TABLE byhand.$d EXCEPT ALL TABLE sdtm.$d) UNION ALL (TABLE sdtm.$d EXCEPT ALL TABLE byhand.$d)) x" 0 || return 1
    done
}
t "the cells are those that psql reads" psql_copy

# --- forms of the same study ---
again() { import "$@" --replace >"$W/out" 2>&1 || { cat "$W/out"; return 1; }; contents >"$W/again.csv"; diff "$W/from.csv" "$W/again.csv"; }
mkdir "$W/dos"
for d in dm ae ds ex suppae; do { printf '\xef\xbb\xbf'; sed 's/$/\r/' "$W/small/$d.csv"; printf '\r\n'; } >"$W/dos/${d^^}.CSV"; done
sed -i 's/tab\tand \\ and\r/tab\tand \\ and/' "$W/dos/AE.CSV"
t "a byte order mark, CR LF, capitals, an empty last line: the same cells" again "$W/dos"
t "SAS transport: the same cells" again "$W/xpt"
t "SAS transport in Windows-1252: the same cells" again "$W/cp1252" --encoding windows-1252
t "also under SAS's name for it" again "$W/cp1252" --encoding wlatin1
t "without --encoding: file, row and column are named" \
    refuses 65 'cp1252/ae.xpt: row 1, column aeterm: not text in utf-8; --encoding' "$W/cp1252" --replace
t "an en dash is no letter of ISO 8859-1" refuses 65 'ae.xpt: row 2, column aeterm: not text in iso-8859-1' "$W/cp1252" --replace --encoding latin1
contents >"$W/again.csv"
t "and the tables are as they were" cmp "$W/from.csv" "$W/again.csv"

# --- refused, by name ---
drop
with() { # FILE SED: a copy of the small study with one file changed
    rm -rf "$W/bad"; cp -r "$W/small" "$W/bad"; sed -i "$2" "$W/bad/$1"
}
with ex.csv ''; rm "$W/bad/ex.csv"
t "a domain that is missing" refuses 65 '/bad: no ex.csv and no ex.xpt there \(exposure' "$W/bad"
for c in dm:USUBJID dm:ARMCD dm:DTHFL ae:AETERM ae:AESER ds:DSCAT ex:EXENDTC suppae:QNAM; do
    with "${c%:*}.csv" "1s/${c#*:}/XX/"
    t "a variable that is missing: $c" refuses 65 "bad/${c%:*}.csv: no column ${c#*:}, which the mapping needs; add it" "$W/bad"
done
with ae.csv '1s/AEDTC/aeterm/'
t "two columns of one name" refuses 65 'ae.csv: columns 3 and 11 are both named aeterm' "$W/bad"
with ae.csv '1s/AEDTC/AE DTC/'
t "a name that SAS would not take" refuses 65 'ae.csv: the name of column 11 is not made of letters' "$W/bad"
with ae.csv 's/,/;/g'
t "a semicolon between cells" refuses 65 'ae.csv: its cells are separated by something else than commas' "$W/bad"
iconv -f utf-8 -t utf-16 "$W/small/ae.csv" >"$W/bad/ae.csv"
t "UTF-16" refuses 65 'ae.csv:1: a NUL byte in the name of column 1; is the file UTF-16' "$W/bad"
with ae.csv '1s/USUBJID/,USUBJID/; 2,$s/^/1,/'
t "R's row numbers" refuses 65 'ae.csv: column 1 has no name; R.s write.csv' "$W/bad"
with suppae.csv '3s/$/,one more/'
t "a row of more cells, in the last file: nothing of the first stays" refuses 65 'suppae.csv:3: 6 cells where the header has 5' "$W/bad" --map
with ae.csv '3s/Nausea,//'
t "a row of fewer cells" refuses 65 'ae.csv:3: 10 cells where the header has 11' "$W/bad"
with ae.csv '3s/Nausea/"Nausea/'
t "a quote that never ends" refuses 65 'ae.csv:[34]:[0-9]+: ' "$W/bad"
with ae.csv '3s/Nausea/Naus\xe9e/'
t "what is not UTF-8: file, line, column" refuses 65 'ae.csv: line 3, column aedecod: not text in utf-8' "$W/bad"
with ae.csv '2s/Nausea/Nau\x00sea/'
t "a NUL byte: file, line, column" refuses 65 'ae.csv: line 2, column aedecod: a NUL byte' "$W/bad" --encoding windows-1252
with dm.csv '2,$d'
t "nobody in dm" refuses 65 'dm.csv: no rows' "$W/bad"
with ae.csv 'd'
t "an empty file" refuses 65 'ae.csv: empty; the first line' "$W/bad"
with ae.csv ''; { echo "A,B"; head -c 40000000 /dev/zero | tr '\0' x; } >"$W/bad/ae.csv"
t "a cell of 40 MB" refuses 65 'ae.csv: no column USUBJID' "$W/bad"
with ae.csv ''; { head -n 1 "$W/small/ae.csv"; printf '"'; head -c 40000000 /dev/zero | tr '\0' x; } >"$W/bad/ae.csv"
t "a row of 40 MB" refuses 65 'ae.csv:2: a row of more than 16777216 bytes' "$W/bad"
with ae.csv ''; cp "$W/xpt/dm.xpt" "$W/bad/DM.XPT"
t "two files of one domain" refuses 65 'holds the same domain; leave one' "$W/bad"
with ae.csv ''; mv "$W/bad/ae.csv" "$W/bad/was.csv"; cp "$W/xpt/dm.xpt" "$W/bad/ae.xpt"
t "a data set of another name" refuses 65 'bad/ae.xpt: holds the data set DM, not ae' "$W/bad"
/usr/bin/python3 tests/support/xpt.py "$W/small/ae.csv" "$W/bad/ae.xpt" AE --numbers AESEQ
head -c -100 "$W/bad/ae.xpt" >"$W/cut"; cp "$W/cut" "$W/bad/ae.xpt"
t "a transport file that was cut off" refuses 65 'ae.xpt: record [0-9]+ has 60 bytes of 80: the file was cut off' "$W/bad"
head -c 100000 /dev/zero >"$W/bad/ae.xpt"
t "zeros" refuses 65 'ae.xpt: record 1 should begin with' "$W/bad"
printf '%-80s' 'HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!000000000000000000000000000000' >"$W/bad/ae.xpt"
t "V8 transport" refuses 65 'ae.xpt: a SAS V8 transport file; write it as V5' "$W/bad"
sed 's/2024-02-1[0-2]/19000/g; s/2024-05-0[67]/19000/g; s/2024-02,/19000,/' "$W/small/ae.csv" >"$W/numbers.csv"
/usr/bin/python3 tests/support/xpt.py "$W/numbers.csv" "$W/bad/ae.xpt" AE --numbers AESTDTC
t "a date that is a number" refuses 65 'ae.xpt: AESTDTC is a number; SDTM has it as text' "$W/bad"
t "a folder that is not there" refuses 66 '/nowhere: No such file' /nowhere
t "no folder" refuses 2 'DIR is missing'
t "an encoding that is none of ours" refuses 2 'encoding is utf-8, windows-1252 or iso-8859-1, not "utf-16"' "$W/small" --encoding utf-16
t "a schema that needs quotes" refuses 2 '--schema ' "$W/small" --schema 'a"b'
t "the schema of the views" refuses 2 '--schema is where the contract.s views go' "$W/small" --schema dsmb_source
t "--set of a name that the mapping does not have" refuses 2 'from the top of sql/source/sdtm.sql' "$W/small" --map --set data_cutof=2015
t "--set without --map" refuses 2 'goes with --map' "$W/small" --set data_cutoff=2015-01-01
t "--reader without --map" refuses 2 'goes with --map' "$W/small" --reader x
t "a password among the arguments" refuses 2 '--conninfo holds a password' "$W/small" --conninfo 'dbname=trial password=x'
trial "CREATE ROLE reader LOGIN"
t "a role that may only read" refuses 77 'writing needs a role that may create tables in schema sdtm' "$W/small" --conninfo 'dbname=trial user=reader'
t "a server that is not there" refuses 75 'cannot connect' "$W/small" --conninfo 'dbname=nowhere'

psql -X -q -c "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
t "a database that has not the letter" refuses 65 'the database is encoded in LATIN1, and may not have a letter of the files: sdtm.ae' \
    "$W/small" --conninfo 'dbname=latin'

# --- in the middle ---
with ae.csv ''; rm "$W/bad/ae.csv"; mkfifo "$W/bad/ae.csv"
copying() { [ "$(psql -X -A -t -q -d postgres -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%COPY \"sdtm\".\"ae\"%' AND application_name = 'dsmbctl import'")" = 1 ]; }
gone() { [ "$(psql -X -A -t -q -d postgres -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dsmbctl import'")" = 0 ]; }
# Rows without end of file; its own program, so that neither side waits for the other when one of them is gone.
cat >"$W/rows.sh" <<'SH'
exec >"$2"
head -n 1 "$1"
for _ in {1..20000}; do echo "S1,1,a term that is long enough,Nausea,GI,N,N,2024-02,,N,2024-02-10"; done
exec sleep 600
SH
killed() { # SIGNAL: while rows of ae are under way
    local pid writer
    world_bg rows bash "$W/rows.sh" "$W/small/ae.csv" "$W/bad/ae.csv"; writer=$W_PID
    PGDATABASE=trial world_bg import "$BIN/dsmbctl" import sdtm "$W/bad" --map; pid=$W_PID
    wait_for 60 "the copy" copying
    kill "-$1" "$pid"
    world_gone "$pid"
    world_stop "$writer"
    wait_for 60 "the end of its transaction" gone
    same "$(state)" 0
}
t "killed in the middle: nothing is there" killed KILL
t "told to end in the middle: nothing is there" killed TERM

# --- the views ---
t "--map makes the views in the same step" says 'views made in schema dsmb_source' import "$W/small" --map --set data_cutoff=2024-07-01
t "they hold the study" q "SELECT (SELECT count(*) FROM dsmb_source.subject), (SELECT count(*) FROM dsmb_source.ae), (SELECT value FROM dsmb_source.meta WHERE name = 'data_cutoff')" "2 3 2024-07-01"
t "a supplemental qualifier with blanks before its number is found" q "SELECT ae_id FROM dsmb_source.ae WHERE expected" S1/2
t "what SDTM permits to be missing is not answered" q "SELECT count(*) FROM dsmb_source.ae WHERE s_life IS NULL AND outcome IS NULL AND grade IS NULL" 3
t "no end of the newest dose: no last dose" q "SELECT string_agg(subject_id, ',') FROM dsmb_source.subject WHERE last_dose IS NULL" S2
definitions() { # SCHEMA
    trial "SELECT c.relname, pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relnamespace = '$1'::regnamespace AND c.relkind = 'v' ORDER BY 1" | sed "s/\b$1\b/S/g"
    trial "SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = '$1'::regnamespace ORDER BY 1"
}
alike() { # the embedded script, run by dsmbctl, against the file, run by psql
    local set=(data_cutoff=2024-07-01 "trial_id=it's" "not_randomised=SCRNFAIL,X" supp_expected=OTHER related_yes=Y related_no=N) args=() v
    for v in "${set[@]}"; do args+=(--set "$v"); done
    import "$W/small" --replace --map --set schema=ours "${args[@]}" >"$W/out" 2>&1 || { cat "$W/out"; return 1; }
    args=(); for v in "${set[@]}"; do args+=(-v "$v"); done
    psql -X -q -v ON_ERROR_STOP=1 -d trial -v schema=theirs "${args[@]}" -f sql/source/sdtm.sql
    definitions ours >"$W/ours"; definitions theirs >"$W/theirs"
    [ "$(wc -l <"$W/ours")" -gt 80 ] && diff "$W/ours" "$W/theirs"
}
t "the views are those that psql makes of the file" alike
trial "DROP SCHEMA ours CASCADE; DROP SCHEMA theirs CASCADE" 2>/dev/null
settings() { # ROLE, of rights too
    trial "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = '$1'::regrole ORDER BY 1"
    trial "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = '$1'"
    trial "SELECT n.nspname, c.relname, a.privilege_type FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a WHERE a.grantee = '$1'::regrole ORDER BY 1, 2, 3"
}
granted() { # again the embedded script against the file
    import "$W/small" --replace --map --reader dsmb_reader >"$W/out" 2>&1 || { cat "$W/out"; return 1; }
    psql -X -q -v ON_ERROR_STOP=1 -d trial -v role=other_reader -v arms=yes -f sql/setup/source.sql
    settings dsmb_reader >"$W/ours"; settings other_reader >"$W/theirs"
    grep -qx 'dsmb_source arm SELECT' "$W/ours" && [ "$(wc -l <"$W/ours")" -gt 10 ] && diff "$W/ours" "$W/theirs"
}
t "--reader gives the rights that psql gives by the file, and no other" granted
reads() { same "$(psql -X -A -t -q -U dsmb_reader -d trial -c "SELECT count(*) FROM dsmb_source.ae")" "$1"; }
t "the reader reads" reads 3

# --- replace ---
sed -i '$d' "$W/small/dm.csv"; rm "$W/small/suppae.csv"
snapshot_holds() { # a reader at work sees what it saw, and ends with it
    local out=$W/reader.out
    psql -X -A -t -q -d trial >"$out" 2>&1 <<SQL
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT count(*) FROM dsmb_source.ae;
\setenv PGDATABASE trial
\! "$BIN/dsmbctl" import sdtm "$W/small" --replace >"$W/out" 2>&1 || cat "$W/out"
SELECT count(*), (SELECT count(*) FROM sdtm.dm), (SELECT count(*) FROM sdtm.suppae) FROM dsmb_source.ae;
COMMIT;
SQL
    same "$(tr '\n' ' ' <"$out")" "3 3|3|2 "
}
t "the same columns: a reader at work keeps its rows" snapshot_holds
t "then the new rows are there, and those of a file that is gone are not" \
    q "SELECT (SELECT count(*) FROM sdtm.dm), (SELECT count(*) FROM sdtm.suppae), (SELECT count(*) FROM dsmb_source.ae WHERE expected)" "2 0 0"
t "views and rights stay" reads 3
sed -i '1s/$/,AELOC/; 2,${/and$/!s/$/,/}' "$W/small/ae.csv" # a line that ends in "and" is the first half of a row
t "other columns while views stand on the table: refused, with what to do" \
    refuses 65 'the columns of sdtm.ae have changed, .*--map' "$W/small" --replace
t "other columns with --map" says 'which dsmb_reader may read' import "$W/small" --replace --map --reader dsmb_reader
t "and the reader reads on" reads 3
t "the column is there" q "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'sdtm' AND column_name = 'aeloc'" 1
both() { # two who replace at once, held until both wait
    local a b
    psql -X -q -d trial -c "BEGIN" -c "LOCK TABLE sdtm.dm IN EXCLUSIVE MODE" -c "SELECT pg_sleep(600)" >/dev/null 2>&1 &
    local holder=$!
    wait_for 60 "the lock" held 1
    PGDATABASE=trial world_bg first "$BIN/dsmbctl" import sdtm "$W/small" --replace; a=$W_PID
    PGDATABASE=trial world_bg second "$BIN/dsmbctl" import sdtm "$W/small" --replace; b=$W_PID
    wait_for 60 "both to wait" waiting 2
    psql -X -q -d postgres -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()" >/dev/null
    wait "$a" && wait "$b" || { cat "$W/log/first.log" "$W/log/second.log"; return 1; }
    wait "$holder" 2>/dev/null
    q "SELECT (SELECT count(*) FROM sdtm.dm), (SELECT count(*) FROM sdtm.ae)" "2 3"
}
held() { [ "$(psql -X -A -t -q -d trial -c "SELECT count(*) FROM pg_locks WHERE relation = 'sdtm.dm'::regclass AND mode = 'ExclusiveLock' AND granted")" = "$1" ]; }
waiting() { [ "$(psql -X -A -t -q -d trial -c "SELECT count(*) FROM pg_locks WHERE relation = 'sdtm.dm'::regclass AND NOT granted")" = "$1" ]; }
t "two replace at once: no row twice" both
trial "DROP SCHEMA dsmb_source CASCADE; ALTER TABLE sdtm.ae RENAME TO ae_away; CREATE VIEW sdtm.ae AS TABLE sdtm.ae_away" 2>/dev/null
t "a view in a table's place is not replaced" refuses 69 'sdtm.ae is there, and is no plain table' "$W/small" --replace
drop

# --- what others see ---
says_not() { ! grep -qE -- "$1" "$DSMB_PGLOG"; }
t "with every statement logged" says 'written' env PGOPTIONS="-c log_statement=all -c log_min_duration_statement=0" PGDATABASE=trial "$BIN/dsmbctl" import sdtm "$W/small" --map
t "the server's log has the statements" grep -qF 'COPY "sdtm"."dm"' "$DSMB_PGLOG"
t "and no cell" says_not 'Active|S1|Nausea'
t "nor does what is printed" bash -c "! grep -qE 'Active|Placebo|S1|Nausea' '$W/out'"
drop

# --- large ---
/usr/bin/python3 - "$W/small" "$W/large" "${ROWS:-200000}" <<'P'
import os, shutil, sys
small, large, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
shutil.copytree(small, large)
with open(large + "/ae.csv", "w") as f:
    f.write("USUBJID,AESEQ,AETERM,AEDECOD,AEBODSYS,AESER,AEREL,AESTDTC,AEENDTC\n")
    for i in range(n):
        f.write('S%d,%d,"term, number %d of many, long enough to be one",Nausea,GI,N,N,2024-02-01,\n' % (i % 2 + 1, i, i))
P
peak() { # kB at most, of one import
    PGDATABASE=trial /usr/bin/python3 - "$BIN/dsmbctl" import sdtm "$1" --replace <<'P' 2>&1
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
P
}
bounded() {
    local few many room=4096
    [ -z "${DSMB_SAN:-}" ] || room=300000 # a sanitizer keeps what was freed
    few=$(peak "$W/small") && many=$(peak "$W/large") || { echo "$few $many"; return 1; }
    echo "$few kB for 3 rows, $many kB for ${ROWS:-200000}"
    [ "$many" -lt $((few + room)) ]
}
t "many rows take no more memory than a few" bounded
t "and all are there" q "SELECT count(*), count(DISTINCT aeseq) FROM sdtm.ae" "${ROWS:-200000} ${ROWS:-200000}"
drop

# --- written and read by others ---
if command -v Rscript >/dev/null && Rscript -e 'quit(status = !requireNamespace("foreign", quietly = TRUE))' 2>/dev/null; then
    foreign() { # R's reader of transport files, against ours: the file of tests/support/xpt.py
        import "$W/xpt" >"$W/out" 2>&1 || { cat "$W/out"; return 1; }
        Rscript - "$W/xpt" "$W/r" <<'R' || return 1
a <- commandArgs(TRUE); dir.create(a[2])
for (d in c("dm", "ae", "ds", "ex", "suppae")) {
    x <- foreign::read.xport(file.path(a[1], paste0(d, ".xpt")), as.is = TRUE)
    names(x) <- tolower(names(x))
    for (i in seq_along(x)) x[[i]] <- ifelse(is.na(x[[i]]) | x[[i]] == "", NA, enc2utf8(as.character(x[[i]])))
    write.csv(x, file.path(a[2], paste0(d, ".csv")), row.names = FALSE, na = "")
}
R
        contents >"$W/ours.csv"
        import "$W/r" --replace >"$W/out" 2>&1 || { cat "$W/out"; return 1; }
        contents >"$W/theirs.csv"
        diff "$W/ours.csv" "$W/theirs.csv"
    }
    t "R reads the same from the transport files" foreign
    drop
else
    t_skip "R reads the same from the transport files" "no R with package foreign"
fi
if command -v Rscript >/dev/null && Rscript -e 'quit(status = !requireNamespace("haven", quietly = TRUE))' 2>/dev/null; then
    haven() { # a writer that is not ours: numbers of every size come back as the doubles they were
        rm -rf "$W/haven"; cp -r "$W/small" "$W/haven"; rm "$W/haven/ae.csv"
        Rscript - "$W/small/ae.csv" "$W/haven/ae.xpt" "$W/numbers.txt" <<'R' || return 1
a <- commandArgs(TRUE); set.seed(1)
x <- read.csv(a[1], colClasses = "character", encoding = "UTF-8")
x <- x[rep(1:3, length.out = 5000), ]
x$AESEQ <- as.numeric(seq_len(nrow(x)))
x$X <- rnorm(nrow(x)) * 10^runif(nrow(x), -70, 70)
x$X[7] <- NA
haven::write_xpt(x, a[2], version = 5, name = "AE")
write(ifelse(is.na(x$X), "", sprintf("%.17g", x$X)), a[3], ncolumns = 1)
R
        import "$W/haven" >"$W/out" 2>&1 || { cat "$W/out"; return 1; }
        trial "SELECT coalesce(x, '') FROM sdtm.ae ORDER BY aeseq::int" >"$W/ours.txt"
        /usr/bin/python3 - "$W/ours.txt" "$W/numbers.txt" <<'P'
import sys
a, b = ([float(v) if v else None for v in open(f).read().split("\n")[:-1]] for f in sys.argv[1:])
print(len(a), sum(x != y for x, y in zip(a, b)))
sys.exit(not (len(a) == len(b) == 5000 and a == b))
P
    }
    t "numbers that haven wrote come back" haven
    drop
else
    t_skip "numbers that haven wrote come back" "no R with package haven"
fi
if [ -r "$shared/data/cdiscpilot01/dm.csv" ]; then
    pilot() { # a real study: as it is, and through transport
        import "$shared/data/cdiscpilot01" >"$W/out" 2>&1 || { cat "$W/out"; return 1; }
        contents >"$W/from.csv"
        to_xpt "$shared/data/cdiscpilot01" "$W/pilot" && again "$W/pilot"
    }
    t "the CDISC pilot study: the same cells from CSV and from transport" pilot
else
    t_skip "the CDISC pilot study: the same cells from CSV and from transport" "$shared/data/cdiscpilot01 is not there"
fi
t_end
