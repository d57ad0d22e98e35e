/* The answer of each distinct (verbatim, pt, soc), for as long as the ruleset lives. */
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/vec.h"
#include "classify/ruleset.h"
#include "trial/snapshot.h"

/* Beyond this many distinct verbatims something feeds us noise: answers are then worked out and not kept. */
enum { MEMO_MAX = 4000000 };

/* By the snapshot's string numbers: most events end here. */
struct words {
    str_id term, pt, soc;
    uint32_t answer; /* 1 + its place; 0: empty */
};

enum { WORDS_MAX = 1 << 20, WORDS_FIRST = 1 << 12 };

struct memo {
    struct words *words; /* a place holds the words that hash to it or to its neighbour */
    size_t n_words, words_used;
    uint64_t words_of; /* serial of the pool that their numbers are of */
    struct pool *keys;
    struct answer *answers; /* by key id - 1 */
    size_t n, cap;
    struct answer last; /* where the memo is full */
    struct buf key;
};

enum status memo_new(struct memo **ret, struct err *err)
{
    struct memo *m = calloc(1, sizeof *m);
    enum status st;

    if (m == NULL) {
        return err_set(err, E_NOMEM, "preparing the rules");
    }
    st = pool_new(&m->keys, err);
    if (st != OK) {
        memo_free(m);
        return st;
    }
    *ret = m;
    return OK;
}

void memo_free(struct memo *m)
{
    if (m == NULL) {
        return;
    }
    free(m->words);
    pool_free(m->keys);
    free(m->answers);
    buf_wipe(&m->key);
    free(m);
}

/* Lengths first, so that no two triples share a key. */
static void make_key(struct buf *key, const char *term, size_t len, const char *pt, const char *soc)
{
    buf_clear(key);
    buf_u32be(key, (uint32_t)len);
    buf_add(key, term, len);
    buf_u32be(key, pt == NULL ? UINT32_MAX : (uint32_t)strlen(pt));
    buf_str(key, pt == NULL ? "" : pt);
    buf_u32be(key, soc == NULL ? UINT32_MAX : (uint32_t)strlen(soc));
    buf_str(key, soc == NULL ? "" : soc);
}

enum status memo_answer(struct ruleset *rs, const char *term, size_t len, const char *pt, const char *soc,
                        const struct answer **ret, struct err *err)
{
    struct memo *m = rs->memo;
    struct answer a;
    enum status st;
    str_id id;

    if (term == NULL) {
        term = "";
        len = 0;
    }
    /* One byte more than is read tells "cut" apart; the rest need not be kept. */
    make_key(&m->key, term, len > TERM_MAX + 1 ? TERM_MAX + 1 : len, pt, soc);
    st = buf_check(&m->key, err);
    if (st != OK) {
        return st;
    }
    id = pool_find(m->keys, m->key.data, m->key.len);
    if (id != 0 && id <= m->n) {
        *ret = &m->answers[id - 1];
        return OK;
    }
    st = answer_of(rs, term, len, pt, soc, &a, err);
    if (st != OK) {
        return st;
    }
    if (id == 0 && m->n >= MEMO_MAX) {
        m->last = a;
        *ret = &m->last;
        return OK;
    }
    st = VEC_PUSH_ROOM(m->answers, m->n, m->cap, err);
    st = st != OK ? st : pool_intern(m->keys, m->key.data, m->key.len, &id, err);
    if (st != OK) {
        return st;
    }
    m->answers[m->n++] = a;
    *ret = &m->answers[id - 1];
    return OK;
}

/* Empty, with n places. */
static enum status words_make(struct memo *m, size_t n, struct err *err)
{
    struct words *w = calloc(n, sizeof *w);

    if (w == NULL) {
        return err_set(err, E_NOMEM, "classifying events");
    }
    free(m->words);
    m->words = w;
    m->n_words = n;
    m->words_used = 0;
    return OK;
}

enum status memo_words_begin(struct ruleset *rs, const struct pool *pool, struct err *err)
{
    struct memo *m = rs->memo;
    uint64_t of = pool == NULL ? 0 : pool_serial(pool);
    enum status st = OK;

    if (m->words == NULL || m->words_of != of) {
        st = words_make(m, m->n_words < WORDS_FIRST ? WORDS_FIRST : m->n_words, err);
        m->words_of = of;
    }
    return st;
}

static size_t words_first(const struct memo *m, const struct event *e)
{
    uint64_t h = (((uint64_t)e->term * UINT64_C(0x9E3779B97F4A7C15)) ^
                  ((uint64_t)e->pt * UINT64_C(0xC2B2AE3D27D4EB4F))) +
                 (uint64_t)e->soc * UINT64_C(0x165667B19E3779F9);

    return (size_t)(h ^ h >> 32) & (m->n_words - 1);
}

static struct words *words_place(struct memo *m, const struct event *e)
{
    size_t i = words_first(m, e);
    struct words *a = &m->words[i], *b = &m->words[i ^ 1];

    if (a->term == e->term && a->pt == e->pt && a->soc == e->soc) {
        return a;
    }
    if ((b->term == e->term && b->pt == e->pt && b->soc == e->soc) || (a->answer != 0 && b->answer == 0)) {
        return b;
    }
    return a;
}

void memo_words_soon(const struct ruleset *rs, const struct event *e)
{
    __builtin_prefetch(&rs->memo->words[words_first(rs->memo, e)]);
}

enum status memo_words(struct ruleset *rs, const struct pool *pool, const struct event *e, struct answer *ret,
                       struct err *err)
{
    struct memo *m = rs->memo;
    struct words *w = words_place(m, e);
    const struct answer *a = NULL;
    enum status st;

    if (w->answer != 0 && w->term == e->term && w->pt == e->pt && w->soc == e->soc) {
        *ret = m->answers[w->answer - 1];
        return OK;
    }
    st = memo_answer(rs, pool_str(pool, e->term), e->term == 0 ? 0 : pool_len(pool, e->term),
                     pool_str(pool, e->pt), pool_str(pool, e->soc), &a, err);
    if (st != OK) {
        return st;
    }
    *ret = *a;
    if (a == &m->last) {
        return OK;
    }
    if (w->answer == 0 && ++m->words_used * 4 > m->n_words && m->n_words < WORDS_MAX) {
        st = words_make(m, m->n_words * 4, err); /* filled anew, from the memo */
        w = st == OK ? words_place(m, e) : w;
    }
    *w =
        (struct words){.term = e->term, .pt = e->pt, .soc = e->soc, .answer = (uint32_t)(a - m->answers) + 1};
    return st;
}
