/*
 * Memory that runs out anywhere inside OpenSSL: never a message that is not whole, never a good certificate called bad.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "cms/pki.h"

static long until; /* allocations that still succeed; negative: all do */
static long asked;

static bool refused(void)
{
    asked++;
    return until >= 0 && until-- <= 0;
}

static void *take(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return n == 0 || refused() ? NULL : malloc(n);
}

static void *again(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return n != 0 && refused() ? NULL : realloc(p, n);
}

static void give(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

static const char text[] =
    "From: <" FROM ">\r\nTo: <" ADDR ">\r\nSubject: x\r\nContent-Type: multipart/mixed;\r\n"
    " boundary=\"=_x\"\r\n\r\n--=_x\r\n\r\nQZXQZX\r\n--=_x--\r\n";

/* Each allocation of a check fails once: it answers as it should, or E_NOMEM. */
static void check_with_gaps(const struct pki *p, const struct odd *o, enum seal_fault want)
{
    struct buf cert = {0};
    struct seal_recipient who = {.address = ADDR};
    struct seal_check r;
    struct err err = {0};
    long n, failed = 0;

    odd_make(p, o, NULL, &cert);
    who.certificate = buf_cstr(&cert);
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    asked = 0;
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    n = asked;
    assert_true(n > 100);
    for (long i = 0; i < n; i++) {
        enum status st;

        memset(&r, 0xa5, sizeof r);
        until = i;
        st = p->port.check(p->port.ctx, &who, NOW, &r, &err);
        until = -1;
        if (st == OK && r.fault != want) {
            fail_msg("allocation %ld of %ld: %s", i, n, r.why);
        }
        failed += st != OK;
    }
    assert_true(failed > 20);
    buf_done(&cert);
}

static void a_good_certificate_is_never_called_bad_for_want_of_memory(void **state)
{
    check_with_gaps(*state, &ODD_GOOD, SEAL_VALID);
}

static void a_bad_certificate_is_never_called_good_for_want_of_memory(void **state)
{
    struct odd o = ODD_GOOD;

    o.san = "someone.else@hospital.example";
    check_with_gaps(*state, &o, SEAL_ADDRESS);
    o = ODD_GOOD;
    o.ku = "critical,digitalSignature";
    check_with_gaps(*state, &o, SEAL_PURPOSE);
    o = ODD_GOOD;
    o.eku = "serverAuth";
    check_with_gaps(*state, &o, SEAL_PURPOSE);
    o = ODD_GOOD;
    o.self_signed = true;
    check_with_gaps(*state, &o, SEAL_CHAIN);
}

static void a_message_is_sealed_whole_or_not_at_all(void **state)
{
    const struct pki *p = *state;
    struct cms_sealer_opts o = pki_opts(p);
    struct buf cert = {0};
    struct sealer port;
    struct cms_sealer *s = NULL;
    struct seal_job job = {.to = {.address = ADDR},
                           .plain = text,
                           .plain_len = sizeof text - 1,
                           .subject = "inside",
                           .outer_subject = "outside",
                           .now = NOW};
    struct err err = {0};
    long n, failed = 0;

    o.size = SEAL_SIZE_MIN;
    assert_ok(cms_sealer_new(&o, &port, &s, &err), err);
    odd_make(p, &ODD_GOOD, NULL, &cert);
    job.to.certificate = buf_cstr(&cert);
    for (int round = 0; round < 2; round++) {
        struct buf out = {0};

        asked = 0;
        assert_ok(port.seal(port.ctx, &job, &out, &err), err);
        n = asked;
        buf_done(&out);
    }
    for (long i = 0; i < n; i += 1 + n / 150) {
        struct buf out = {0};
        enum status st;

        until = i;
        st = port.seal(port.ctx, &job, &out, &err);
        until = -1;
        assert_int_equal(out.len, st == OK ? SEAL_SIZE_MIN : 0);
        assert_null(strstr(buf_cstr(&out), "QZXQZX"));
        failed += st != OK;
        buf_done(&out);
    }
    assert_true(failed > 20);
    cms_sealer_free(s);
    buf_done(&cert);
}

static int set_up(void **state)
{
    until = -1;
    return pki_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_certificate_is_never_called_bad_for_want_of_memory),
        cmocka_unit_test(a_bad_certificate_is_never_called_good_for_want_of_memory),
        cmocka_unit_test(a_message_is_sealed_whole_or_not_at_all),
    };

    until = -1;
    if (CRYPTO_set_mem_functions(take, again, give) != 1) {
        return 1;
    }
    return cmocka_run_group_tests(tests, set_up, pki_tear_down);
}
