/* A row of the source as UTF-8 text, whatever the server's encoding. */
#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "pg/source_priv.h"

enum source_way { WAY_UTF8, WAY_ICONV };

struct source_text {
    enum source_way way;
    iconv_t cd;
    uint64_t sense;     /* 0: UTF-8; else the encoding's place in the list, from 1 */
    struct buf scratch; /* what could not be borrowed from the row */
};

/* PostgreSQL's server encodings and iconv's names.  MULE_INTERNAL has none. */
static const struct {
    const char *pg, *iconv;
} encodings[] = {
    {"LATIN1", "ISO-8859-1"},     {"LATIN2", "ISO-8859-2"},
    {"LATIN3", "ISO-8859-3"},     {"LATIN4", "ISO-8859-4"},
    {"LATIN5", "ISO-8859-9"},     {"LATIN6", "ISO-8859-10"},
    {"LATIN7", "ISO-8859-13"},    {"LATIN8", "ISO-8859-14"},
    {"LATIN9", "ISO-8859-15"},    {"LATIN10", "ISO-8859-16"},
    {"ISO_8859_5", "ISO-8859-5"}, {"ISO_8859_6", "ISO-8859-6"},
    {"ISO_8859_7", "ISO-8859-7"}, {"ISO_8859_8", "ISO-8859-8"},
    {"WIN1250", "CP1250"},        {"WIN1251", "CP1251"},
    {"WIN1252", "CP1252"},        {"WIN1253", "CP1253"},
    {"WIN1254", "CP1254"},        {"WIN1255", "CP1255"},
    {"WIN1256", "CP1256"},        {"WIN1257", "CP1257"},
    {"WIN1258", "CP1258"},        {"WIN866", "CP866"},
    {"WIN874", "CP874"},          {"KOI8R", "KOI8-R"},
    {"KOI8U", "KOI8-U"},          {"EUC_JP", "EUC-JP"},
    {"EUC_CN", "EUC-CN"},         {"EUC_KR", "EUC-KR"},
    {"EUC_TW", "EUC-TW"},         {"EUC_JIS_2004", "EUC-JISX0213"},
};

enum status source_text_new(const char *encoding, struct source_text **ret, struct err *err)
{
    struct source_text *t;
    const char *from = NULL;
    uint64_t sense = 0;
    bool utf8 = strcmp(encoding, "UTF8") == 0 || strcmp(encoding, "SQL_ASCII") == 0;

    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        if (strcmp(encodings[i].pg, encoding) == 0) {
            from = encodings[i].iconv;
            sense = i + 1;
        }
    }
    if (!utf8 && from == NULL) {
        return err_set(err, E_DATA, "the trial database is encoded in %s, which cannot be converted to UTF-8",
                       encoding);
    }
    t = calloc(1, sizeof *t);
    if (t == NULL) {
        return err_set(err, E_NOMEM, "reading the trial database");
    }
    t->way = utf8 ? WAY_UTF8 : WAY_ICONV;
    t->sense = sense;
    if (t->way == WAY_ICONV) {
        t->cd = iconv_open("UTF-8", from);
        if (t->cd == (iconv_t)-1) {
            free(t);
            return err_set(
                err, E_DATA,
                "the trial database is encoded in %s, which this system cannot convert to UTF-8: its "
                "character set modules (gconv) are not installed",
                encoding);
        }
    }
    *ret = t;
    return OK;
}

uint64_t source_text_sense(const struct source_text *t)
{
    return t->sense;
}

void source_text_free(struct source_text *t)
{
    if (t != NULL) {
        if (t->way == WAY_ICONV) {
            (void)iconv_close(t->cd);
        }
        buf_wipe(&t->scratch);
        free(t);
    }
}

/* Appends the text as UTF-8; what cannot be converted becomes U+FFFD, byte by byte. */
static bool convert(struct source_text *t, const char *p, size_t len)
{
    char out[512];
    /* iconv's interface predates const; it writes to nothing here. */
    union {
        const char *in;
        char *iconv;
    } at = {.in = p};
    size_t left = len;
    bool repaired = false;

    (void)iconv(t->cd, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char *o = out;
        size_t room = sizeof out;
        size_t n = iconv(t->cd, &at.iconv, &left, &o, &room);

        buf_add(&t->scratch, out, sizeof out - room);
        if (n == (size_t)-1 && errno != E2BIG && left > 0) {
            buf_str(&t->scratch, "\xef\xbf\xbd");
            repaired = true;
            at.in++;
            left--;
            (void)iconv(t->cd, NULL, NULL, NULL, NULL);
        }
    }
    return repaired;
}

/* The identifier's beginning, a tilde and the SHA-256 of all of it. */
static enum status shorten(struct source_text *t, const char *p, size_t len, size_t *off, size_t *n,
                           struct err *err)
{
    enum { KEEP = SOURCE_ID_MAX - SHA256_HEX };
    struct sha256 h;
    char hex[SHA256_HEX];
    /* p may lie in the scratch, which appending moves. */
    char begin[KEEP];
    size_t keep;
    enum status st = sha256_of(p, len, &h, err);

    if (st != OK) {
        return st;
    }
    memcpy(begin, p, KEEP);
    keep = utf8_valid_prefix(begin, KEEP);
    sha256_hex(&h, hex);
    *off = t->scratch.len;
    buf_add(&t->scratch, begin, keep);
    buf_char(&t->scratch, '~');
    buf_str(&t->scratch, hex);
    *n = t->scratch.len - *off;
    return OK;
}

/* A day outside 1900..2199, or none: readable, and no date to any reader. */
static void odd_day(struct buf *b, int64_t days)
{
    /* Howard Hinnant's civil_from_days, for any year. */
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    int64_t y = yoe + era * 400 + (m <= 2 ? 1 : 0);

    buf_fmt(b, "%s%04" PRId64 "-%02" PRId64 "-%02" PRId64, y < 0 ? "-" : "", y < 0 ? -y : y, m, d);
}

static const char *infinite(bool low)
{
    return low ? "-infinity" : "infinity";
}

static void add_date(struct buf *b, const struct pgfield *f)
{
    enum { PG_EPOCH = 10957 };
    day_t day = DAY_NONE;
    int32_t raw = 0;
    char text[11];

    if (pgfield_day(f, &day)) {
        day_format(day, text);
        buf_str(b, text);
    } else if (!pgfield_int32(f, &raw)) {
        buf_str(b, "?");
    } else if (raw == INT32_MAX || raw == INT32_MIN) {
        buf_str(b, infinite(raw == INT32_MIN));
    } else {
        odd_day(b, (int64_t)raw + PG_EPOCH);
    }
}

static void add_instant(struct buf *b, const struct pgfield *f)
{
    instant_t t = INSTANT_NONE;
    int64_t raw = 0;
    char text[28];

    if (pgfield_instant(f, &t) && t >= day_start(day_from_ymd(1900, 1, 1)) &&
        t < day_start(day_from_ymd(2199, 12, 31)) + US_PER_DAY) {
        instant_format(t, text);
        buf_str(b, text);
    } else if (!pgfield_int64(f, &raw)) {
        buf_str(b, "?");
    } else if (raw == INT64_MAX || raw == INT64_MIN) {
        buf_str(b, infinite(raw == INT64_MIN));
    } else {
        odd_day(b, raw / US_PER_DAY + 10957);
        buf_str(b, "T?");
    }
}

/* Everything but text: into the scratch. */
static enum status add_plain(struct buf *b, enum src_type type, const struct pgfield *f, struct err *err)
{
    bool flag = false;
    int16_t small = 0;

    switch (type) {
    case TYPE_BOOL:
        if (!pgfield_bool(f, &flag)) {
            return err_set(err, E_DATA, "a boolean of %d bytes", (int)f->len);
        }
        buf_char(b, flag ? 't' : 'f');
        return OK;
    case TYPE_INT2:
        if (!pgfield_int16(f, &small)) {
            return err_set(err, E_DATA, "a smallint of %d bytes", (int)f->len);
        }
        buf_fmt(b, "%d", (int)small);
        return OK;
    case TYPE_DATE:
        add_date(b, f);
        return OK;
    case TYPE_INSTANT:
        add_instant(b, f);
        return OK;
    case TYPE_TEXT:
        break;
    }
    return err_set(err, E_INTERNAL, "text is converted elsewhere");
}

static bool is_identifier(enum src_view view, size_t col)
{
    return col < contract_views[view].n_keys || (view == SRC_AE && (col == AE_SUBJECT || col == AE_EPISODE));
}

enum status source_text_row(struct source_text *t, enum src_view view, const struct pgfield *in,
                            struct field *out, struct err *err)
{
    const struct src_view_def *def = &contract_views[view];
    size_t off[SRC_COLUMNS_MAX];
    bool own[SRC_COLUMNS_MAX] = {false};
    enum status st;

    buf_clear(&t->scratch);
    for (size_t i = 0; i < def->n_columns; i++) {
        const char *p = (const char *)in[i].p;
        size_t n;

        out[i] = (struct field){.p = NULL, .len = -1, .repaired = false};
        if (in[i].len < 0) {
            continue;
        }
        n = (size_t)in[i].len;
        off[i] = t->scratch.len;
        if (def->column[i].type != TYPE_TEXT) {
            st = add_plain(&t->scratch, def->column[i].type, &in[i], err);
            if (st != OK) {
                return err_wrap(err, st, "%s.%s", def->name, def->column[i].name);
            }
            own[i] = true;
        } else if (t->way == WAY_ICONV) {
            out[i].repaired = convert(t, p, n);
            own[i] = true;
        } else if (utf8_valid_prefix(p, n) != n || memchr(p, 0, n) != NULL) {
            out[i].repaired = utf8_repair(&t->scratch, p, n) > 0;
            own[i] = true;
        }
        n = own[i] ? t->scratch.len - off[i] : n;
        if (n > SOURCE_ID_MAX && is_identifier(view, i)) {
            st = buf_check(&t->scratch, err);
            if (st == OK) {
                st = shorten(t, own[i] ? t->scratch.data + off[i] : p, n, &off[i], &n, err);
            }
            if (st != OK) {
                return st;
            }
            own[i] = true;
            out[i].repaired = true;
        }
        out[i].p = p;
        out[i].len = (int32_t)n;
    }
    st = buf_check(&t->scratch, err);
    if (st != OK) {
        return st;
    }
    for (size_t i = 0; i < def->n_columns; i++) {
        if (own[i]) {
            out[i].p = t->scratch.data + off[i];
        }
    }
    return OK;
}
