# Embeds SQL files as C: sql/queries/NAME.sql as prepared statements with their declared shape, sql/schema/NNN_x.sql as
# migrations, sql/source/*.sql and sql/setup/source.sql as scripts.  Usage: awk -f sql2c.awk -v out=build/gen/sql_catalog FILE...
# A query file's head:   -- @param NAME type      -- @column NAME type      (types as pg_type names them)

function cstr(s) { gsub(/\\/, "\\\\&", s); gsub(/"/, "\\\"", s); return "\"" s "\\n\"" }
# No sprintf of a whole text: mawk's ends at 8 kB.
function flush_file() {
    if (file == "") return
    if (script) {
        scr[++n_scr] = "    {\"" file "\",\n" text "    },\n"
    } else if (migration) {
        mig[++n_mig] = "    {" (substr(base, 1, 3) + 0) ", \"" base "\",\n" text "    },\n"
    } else {
        up = toupper(name); id[++n_q] = "SQL_" up
        body[n_q] = "    {\"" name "\", \"" file "\",\n" text ",\n     " n_par ", {" (par == "" ? "{0}" : par) "}, " \
                    n_col ", {" (col == "" ? "{0}" : col) "}},\n"
    }
}
FNR == 1 {
    flush_file()
    file = FILENAME; base = file; sub(/.*\//, "", base); name = base; sub(/\.sql$/, "", name)
    migration = file ~ /\/schema\//; script = file ~ /\/(source|setup)\//
    text = ""; par = ""; col = ""; n_par = 0; n_col = 0
}
/^-- @param/  { par = par sprintf("{\"%s\", \"%s\"}, ", $3, $4); n_par++ }
/^-- @column/ { col = col sprintf("{\"%s\", \"%s\"}, ", $3, $4); n_col++ }
{ text = text "     " cstr($0) "\n" }
END {
    flush_file()
    h = out ".h"; c = out ".c"
    printf "/* Generated from sql/ by packaging/build/sql2c.awk. */\n#ifndef SQL_CATALOG_H\n#define SQL_CATALOG_H\n" > h
    printf "enum { SQL_PARAMS_MAX = 24, SQL_COLUMNS_MAX = 40 };\n" > h
    printf "struct sql_shape { const char *name, *type; };\n" > h
    printf "struct sql_query { const char *name, *file, *text; int n_params; struct sql_shape param[SQL_PARAMS_MAX];\n" > h
    printf "    int n_columns; struct sql_shape column[SQL_COLUMNS_MAX]; };\n" > h
    printf "struct sql_migration { int version; const char *file, *text; };\n" > h
    printf "struct sql_script { const char *file, *text; };\n" > h
    printf "enum sql_id {\n" > h
    for (i = 1; i <= n_q; i++) printf "    %s,\n", id[i] > h
    printf "    SQL_COUNT\n};\nextern const struct sql_query sql_queries[SQL_COUNT + 1];\n" > h
    printf "enum { SQL_MIGRATIONS = %d };\nextern const struct sql_migration sql_migrations[SQL_MIGRATIONS + 1];\n", n_mig > h
    printf "enum { SQL_SCRIPTS = %d };\nextern const struct sql_script sql_scripts[SQL_SCRIPTS + 1];\n#endif\n", n_scr > h
    printf "/* Generated from sql/ by packaging/build/sql2c.awk. */\n#include \"sql_catalog.h\"\n" > c
    # C11 promises 4095 bytes of a string literal; both our compilers take far more.
    printf "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n" > c
    printf "const struct sql_query sql_queries[SQL_COUNT + 1] = {\n" > c
    for (i = 1; i <= n_q; i++) printf "%s", body[i] > c
    printf "    {0}};\nconst struct sql_migration sql_migrations[SQL_MIGRATIONS + 1] = {\n" > c
    for (i = 1; i <= n_mig; i++) printf "%s", mig[i] > c
    printf "    {0}};\n" > c
    printf "const struct sql_script sql_scripts[SQL_SCRIPTS + 1] = {\n" > c
    for (i = 1; i <= n_scr; i++) printf "%s", scr[i] > c
    printf "    {0}};\n" > c
}
