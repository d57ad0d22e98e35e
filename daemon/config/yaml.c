#include "config/yaml.h"

#include <stdbool.h>
#include <string.h>

#include <yaml.h>

#include "base/text.h"
#include "config/file.h"

struct level {
    struct node *node;
    struct node *key; /* a map's key that waits for its value */
};

struct builder {
    const char *name, *bytes;
    size_t len;
    struct doc *doc;
    struct level stack[YAML_DEPTH_MAX];
    size_t depth;
    bool have_document;
    size_t mark_chars, mark_bytes; /* a place reached so far: libyaml counts characters, we look at bytes */
};

static int line_of(yaml_mark_t m)
{
    return (int)m.line + 1;
}

static int col_of(yaml_mark_t m)
{
    return (int)m.column + 1;
}

#define AT "%s:%d:%d: "

/* Where byte `at` is, in lines and characters from 1. */
static void place(const char *bytes, size_t at, int *line, int *col)
{
    *line = *col = 1;
    for (size_t i = 0; i < at; i++) {
        if (bytes[i] == '\n') {
            ++*line;
            *col = 1;
        } else if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
            ++*col;
        }
    }
}

/* Right-to-left marks and overrides let a line show other than what it says. */
static bool turns_direction(const char *s, size_t len)
{
    unsigned char a, b;

    if (len < 3 || (unsigned char)s[0] != 0xe2) {
        return false;
    }
    a = (unsigned char)s[1];
    b = (unsigned char)s[2];
    return (a == 0x80 && b >= 0xaa && b <= 0xae) || (a == 0x81 && b >= 0xa6 && b <= 0xa9);
}

static enum status check_bytes(const char *name, const char *s, size_t len, struct err *err)
{
    size_t good = utf8_valid_prefix(s, len);
    int line, col;

    for (size_t i = 0; i < good; i++) {
        unsigned char c = (unsigned char)s[i];

        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            place(s, i, &line, &col);
            return err_set(err, E_CONFIG, AT "a control character (0x%02x); delete it", name, line, col, c);
        }
        if (turns_direction(s + i, good - i)) {
            place(s, i, &line, &col);
            return err_set(err, E_CONFIG,
                           AT "an invisible character that turns the reading direction; delete it", name,
                           line, col);
        }
    }
    if (good < len) {
        place(s, good, &line, &col);
        return err_set(err, E_CONFIG, AT "not UTF-8 (byte 0x%02x); save the file as UTF-8", name, line, col,
                       (unsigned)(unsigned char)s[good]);
    }
    return OK;
}

/* libyaml's own words, and what to do about them. */
static const char *remedy(const char *problem)
{
    static const struct {
        const char *part, *cure;
    } table[] = {
        {"cannot start any token", "put the value in quotes"},
        {"could not find expected ':'", "write 'key: value', with a blank after the colon"},
        {"unexpected ':'", "put a value that holds ': ' in quotes"},
        {"alphanumerical characters only", "put a value that begins with & or * in quotes"},
        {"node content", "write a value here"},
        {"mapping values are not allowed",
         "put a value that holds ': ' in quotes, and check the indentation"},
        {"did not find expected key", "check the indentation of this line and the one above"},
        {"did not find expected '-' indicator", "begin each item of the list with '- ', all in one column"},
        {"block sequence entries are not allowed", "put the list on lines of its own below the key"},
        {"unexpected end of stream", "close the quotes that were opened above"},
        {"document indicator", "close the quotes that were opened above"},
        {"unknown escape", "in double quotes write a backslash twice, or use single quotes"},
        {"did not find expected ',' or ']'", "close the list with ]"},
        {"did not find expected ',' or '}'", "close the map with }"},
        {"did not find expected <document start>", "keep one document in the file, without % lines"},
        {"tab character", "indent with blanks, not tabs"},
        {"leading UTF-8", "save the file as UTF-8"},
        {"control characters are not allowed", "delete the control character"},
        {"mapping keys are not allowed", "put the key on a line of its own"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strstr(problem, table[i].part) != NULL) {
            return table[i].cure;
        }
    }
    return "check the indentation and the quotes here";
}

/* The byte a mark stands on; the next mark is nearly always further on. */
static char byte_at(struct builder *b, yaml_mark_t m)
{
    if (m.index < b->mark_chars) {
        b->mark_chars = b->mark_bytes = 0;
    }
    while (b->mark_chars < m.index && b->mark_bytes < b->len) {
        b->mark_bytes++;
        while (b->mark_bytes < b->len && ((unsigned char)b->bytes[b->mark_bytes] & 0xc0) == 0x80) {
            b->mark_bytes++;
        }
        b->mark_chars++;
    }
    return b->mark_bytes < b->len ? b->bytes[b->mark_bytes] : '\0';
}

static enum status parser_error(struct builder *b, const yaml_parser_t *p, struct err *err)
{
    const char *problem = p->problem == NULL ? "this is not YAML" : p->problem;
    yaml_mark_t at = p->problem_mark;
    int line, col;

    switch (p->error) {
    case YAML_MEMORY_ERROR:
        return err_set(err, E_NOMEM, "%s: out of memory", b->name);
    case YAML_READER_ERROR:
        place(b->bytes, p->problem_offset < b->len ? p->problem_offset : b->len, &line, &col);
        return err_set(err, E_CONFIG, AT "%s; %s", b->name, line, col, problem, remedy(problem));
    case YAML_NO_ERROR:
    case YAML_SCANNER_ERROR:
    case YAML_PARSER_ERROR:
    case YAML_COMPOSER_ERROR:
    case YAML_WRITER_ERROR:
    case YAML_EMITTER_ERROR:
        break;
    }
    /* Where it began says more than where the file ended. */
    if (p->context != NULL && strstr(problem, "end of stream") != NULL) {
        at = p->context_mark;
    }
    if (strstr(problem, "cannot start any token") != NULL && byte_at(b, at) == '\t') {
        return err_set(err, E_CONFIG, AT "a tab; indent with blanks, not tabs", b->name, line_of(at),
                       col_of(at));
    }
    return err_set(err, E_CONFIG, AT "%s%s%s; %s", b->name, line_of(at), col_of(at), problem,
                   p->context == NULL ? "" : " ", p->context == NULL ? "" : p->context, remedy(problem));
}

/* Puts a finished scalar, or a list or map that just began, where it belongs. */
static enum status attach(struct builder *b, struct node *n, struct err *err)
{
    struct level *top = b->depth == 0 ? NULL : &b->stack[b->depth - 1];
    struct node *key;

    if (top == NULL) {
        doc_set_root(b->doc, n);
        return OK;
    }
    if (node_kind(top->node) == NODE_LIST) {
        return doc_append(b->doc, top->node, n, err);
    }
    if (top->key == NULL) {
        if (node_kind(n) != NODE_SCALAR) {
            return err_set(err, E_CONFIG, "%s: a key must be a word; write 'key: value'", node_where(n));
        }
        top->key = n;
        return OK;
    }
    key = top->key;
    top->key = NULL;
    return doc_put(b->doc, top->node, key, n, err);
}

static enum status open_level(struct builder *b, struct node *n, struct err *err)
{
    enum status st;

    if (b->depth == YAML_DEPTH_MAX) {
        return err_set(err, E_CONFIG, "%s: more than %d levels deep; flatten it", node_where(n),
                       YAML_DEPTH_MAX);
    }
    st = attach(b, n, err);
    if (st == OK) {
        b->stack[b->depth++] = (struct level){.node = n};
    }
    return st;
}

static enum status refuse_names(const struct builder *b, const yaml_event_t *ev, const yaml_char_t *anchor,
                                const yaml_char_t *tag, struct err *err)
{
    int line = line_of(ev->start_mark), col = col_of(ev->start_mark);

    if (anchor != NULL) {
        return err_set(err, E_CONFIG,
                       AT "an anchor (&); write the value out in each place, or put it in quotes", b->name,
                       line, col);
    }
    if (tag != NULL) {
        return err_set(err, E_CONFIG, AT "a tag (!); leave it out, or put the value in quotes", b->name, line,
                       col);
    }
    return OK;
}

/* A scalar may hold \0 by escape: its length is what libyaml says, not what strlen finds. */
static enum status on_scalar(struct builder *b, const yaml_event_t *ev, struct err *err)
{
    const yaml_mark_t m = ev->start_mark;
    bool quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    const char *text = (const char *)ev->data.scalar.value;
    size_t len = ev->data.scalar.length;
    struct node *n = NULL;
    enum status st = refuse_names(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag, err);
    char first = byte_at(b, m);

    if (st == OK && first == '!') { /* "! text": the tag that libyaml swallows */
        st = err_set(err, E_CONFIG, AT "a tag (!); leave it out, or put the value in quotes", b->name,
                     line_of(m), col_of(m));
    }
    if (st == OK && utf8_valid_prefix(text, len) != len) {
        st = err_set(err, E_CONFIG, AT "an escape that is no character; write the character itself", b->name,
                     line_of(m), col_of(m));
    }
    if (st == OK && memchr(text, '\0', len) != NULL) {
        st = err_set(err, E_CONFIG, AT "a NUL character (\\0); remove it", b->name, line_of(m), col_of(m));
    }
    if (st == OK) {
        st = doc_scalar(b->doc, text, len, quoted, line_of(m), col_of(m), &n, err);
    }
    return st == OK ? attach(b, n, err) : st;
}

static enum status on_document(struct builder *b, const yaml_event_t *ev, struct err *err)
{
    int line = line_of(ev->start_mark), col = col_of(ev->start_mark);

    if (b->have_document) {
        return err_set(err, E_CONFIG, AT "a second document begins here; keep one document in a file",
                       b->name, line, col);
    }
    if (ev->data.document_start.version_directive != NULL ||
        ev->data.document_start.tag_directives.start != ev->data.document_start.tag_directives.end) {
        return err_set(err, E_CONFIG, AT "a directive (%%); remove the line", b->name, line, col);
    }
    b->have_document = true;
    return OK;
}

static enum status on_event(struct builder *b, const yaml_event_t *ev, struct err *err)
{
    const yaml_mark_t m = ev->start_mark;
    struct node *n = NULL;
    enum status st;

    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(b, ev, err);
    case YAML_ALIAS_EVENT:
        return err_set(err, E_CONFIG, AT "an alias (*); write the value out, or put it in quotes", b->name,
                       line_of(m), col_of(m));
    case YAML_SCALAR_EVENT:
        return on_scalar(b, ev, err);
    case YAML_SEQUENCE_START_EVENT:
        st = refuse_names(b, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag, err);
        st = st == OK ? doc_list(b->doc, line_of(m), col_of(m), &n, err) : st;
        return st == OK ? open_level(b, n, err) : st;
    case YAML_MAPPING_START_EVENT:
        st = refuse_names(b, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag, err);
        st = st == OK ? doc_map(b->doc, line_of(m), col_of(m), &n, err) : st;
        return st == OK ? open_level(b, n, err) : st;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return OK;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return OK;
}

static enum status run(struct builder *b, yaml_parser_t *p, struct err *err)
{
    enum status st = OK;
    bool end = false;

    while (st == OK && !end) {
        yaml_event_t ev;

        if (yaml_parser_parse(p, &ev) != 1) {
            return parser_error(b, p, err);
        }
        st = on_event(b, &ev, err);
        end = ev.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&ev);
    }
    return st;
}

enum status yaml_parse(const char *name, const char *bytes, size_t len, struct doc **ret, struct err *err)
{
    struct builder b = {.name = name, .bytes = bytes, .len = len};
    yaml_parser_t p;
    enum status st;

    if (len > YAML_SIZE_MAX) {
        return err_set(err, E_CONFIG, "%s:1:1: longer than %d bytes; is it the right file?", name,
                       (int)YAML_SIZE_MAX);
    }
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        b.bytes += 3;
        b.len -= 3;
    }
    st = check_bytes(name, b.bytes, b.len, err);
    if (st == OK) {
        st = doc_new(name, &b.doc, err);
    }
    if (st != OK) {
        return st;
    }
    if (yaml_parser_initialize(&p) != 1) {
        doc_free(b.doc);
        return err_set(err, E_NOMEM, "%s: out of memory", name);
    }
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)b.bytes, b.len);
    st = run(&b, &p, err);
    yaml_parser_delete(&p);
    if (st != OK) {
        doc_free(b.doc);
        return st;
    }
    *ret = b.doc;
    return OK;
}

enum status yaml_load(const char *path, struct doc **ret, struct err *err)
{
    struct buf b = {0};
    enum status st = file_read(path, YAML_SIZE_MAX, &b, err);

    if (st == OK) {
        st = yaml_parse(path, buf_cstr(&b), b.len, ret, err);
    }
    buf_wipe(&b);
    return st;
}
