/*
 * Sealing: what goes in comes out for the member alone, of one size, and no wrong certificate is taken.  Messages are
 * opened with OpenSSL's own functions, step by step as a mail program does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "cms/pki.h"

/* ---- a message ---- */

static void message(struct buf *b, const char *address, size_t lines)
{
    buf_fmt(b,
            "From: \"dsmbd\"\r\n <%s>\r\nTo: \"Karen Eksempel\"\r\n <%s>\r\nSubject: [t] DSMB message 7\r\n"
            "Date: Sun, 17 Mar 2030 17:46:40 +0000\r\nMessage-ID: "
            "<0f1e2d3c-aaaa-4bbb-8ccc-0123456789ab@trial.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"=_x\"\r\n"
            "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n"
            "--=_x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nQZXQZXARM 6 of 75\r\n",
            FROM, address);
    for (size_t i = 0; i < lines; i++) {
        buf_str(b, "a line of the report, not longer than lines of quoted-printable text are\r\n");
    }
    buf_str(b, "--=_x--\r\n");
}

static struct seal_job job_of(const struct buf *plain, const struct buf *cert, const char *address)
{
    return (struct seal_job){.to = {.address = address, .certificate = cert->data, .fingerprint = ""},
                             .plain = plain->data,
                             .plain_len = plain->len,
                             .subject = "URGENT: QZXQZXSUBJECT",
                             .outer_subject = "[t] DSMB message 7",
                             .now = NOW};
}

static enum status seal_one(const struct pki *p, const struct buf *cert, enum seal_cipher cipher,
                            const char *address, size_t lines, struct buf *out, struct err *err)
{
    struct buf plain = {0};
    struct seal_job job;
    enum status st;

    message(&plain, address, lines);
    job = job_of(&plain, cert, address);
    job.to.cipher = cipher;
    st = p->port.seal(p->port.ctx, &job, out, err);
    buf_done(&plain);
    return st;
}

/* Decrypts with the key, verifies the signature against the CA; the signed entity, NULL when either fails. */
static char *opened(const struct pki *p, const struct buf *wire, EVP_PKEY *key, bool *verified)
{
    BIO *in = BIO_new_mem_buf(wire->data, (int)wire->len), *inner = BIO_new(BIO_s_mem()), *detached = NULL;
    BIO *out = BIO_new(BIO_s_mem()), *cb = BIO_new_mem_buf(p->ca_cert.data, (int)p->ca_cert.len);
    CMS_ContentInfo *env = SMIME_read_CMS(in, NULL), *sig = NULL;
    X509_STORE *store = X509_STORE_new();
    X509 *ca = PEM_read_bio_X509(cb, NULL, NULL, NULL);
    char *text = NULL, *s = NULL;
    long n;

    X509_STORE_add_cert(store, ca);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), NOW / 1000000);
    *verified = false;
    if (env != NULL && CMS_decrypt(env, key, NULL, NULL, inner, 0) == 1) {
        sig = SMIME_read_CMS(inner, &detached);
        if (sig != NULL && CMS_verify(sig, NULL, store, detached, out, CMS_BINARY) == 1) {
            *verified = true;
            n = BIO_get_mem_data(out, &text);
            s = strndup(text, (size_t)n);
        }
    }
    ERR_clear_error();
    CMS_ContentInfo_free(env);
    CMS_ContentInfo_free(sig);
    X509_STORE_free(store);
    X509_free(ca);
    BIO_free(in);
    BIO_free(inner);
    BIO_free(detached);
    BIO_free(out);
    BIO_free(cb);
    return s;
}

/* ---- tests ---- */

static void check_opens(const struct pki *p, const struct odd *o, enum seal_cipher cipher, const char *type)
{
    struct buf cert = {0}, wire = {0};
    EVP_PKEY *key = NULL;
    struct err err = {0};
    bool verified = false;
    char *text;

    odd_make(p, o, &key, &cert);
    assert_ok(seal_one(p, &cert, cipher, ADDR, 100, &wire, &err), err);
    assert_int_equal(wire.len, SEAL_SIZE_DEFAULT);
    assert_non_null(strstr(wire.data, type));
    assert_null(strstr(wire.data, "QZXQZX"));
    assert_non_null(strstr(wire.data, "Subject: [t] DSMB message 7\r\n"));
    text = opened(p, &wire, key, &verified);
    assert_true(verified);
    assert_non_null(strstr(text, "Subject: URGENT: QZXQZXSUBJECT\r\n"));
    assert_non_null(strstr(text, "hp=\"cipher\"; protected-headers=\"v1\"\r\n"));
    assert_non_null(strstr(text, "HP-Outer: Subject: [t] DSMB message 7\r\n"));
    assert_non_null(strstr(text, "QZXQZXARM 6 of 75"));
    free(text);
    EVP_PKEY_free(key);
    buf_done(&cert);
    buf_done(&wire);
}

static void a_sealed_message_opens_for_an_rsa_key(void **state)
{
    check_opens(*state, &ODD_GOOD, SEAL_AES256_CBC, "smime-type=enveloped-data;");
}

static void a_sealed_message_opens_with_gcm_where_asked(void **state)
{
    check_opens(*state, &ODD_GOOD, SEAL_AES256_GCM, "smime-type=authEnveloped-data;");
}

static void a_sealed_message_opens_for_a_key_of_a_curve(void **state)
{
    struct odd o = ODD_GOOD;

    o.rsa_bits = 0;
    o.curve = "P-256";
    o.ku = "critical,keyAgreement";
    check_opens(*state, &o, SEAL_AES256_CBC, "smime-type=enveloped-data;");
    o.curve = "P-384";
    check_opens(*state, &o, SEAL_AES256_GCM, "smime-type=authEnveloped-data;");
}

static void all_messages_have_one_size_whatever_they_say(void **state)
{
    static const struct {
        const char *address;
        size_t lines;
    } cases[] = {{ADDR, 0}, {ADDR, 1}, {ADDR, 2}, {ADDR, 17}, {ADDR, 900}, {ADDR, 2300}, {ADDR, 2310}};
    const struct pki *p = *state;
    struct buf cert = {0};

    odd_make(p, &ODD_GOOD, NULL, &cert);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf wire = {0};
        struct err err = {0};

        assert_ok(seal_one(p, &cert, i % 2 == 0 ? SEAL_AES256_CBC : SEAL_AES256_GCM, cases[i].address,
                           cases[i].lines, &wire, &err),
                  err);
        assert_int_equal(wire.len, SEAL_SIZE_DEFAULT);
        buf_done(&wire);
    }
    buf_done(&cert);
}

/* What was learned from one member's message does not hold for the next one's key, nor at the edge of the size. */
static void the_message_before_does_not_decide_what_fits(void **state)
{
    struct odd curve = ODD_GOOD;
    const struct pki *p = *state;
    struct buf cert[2] = {{0}, {0}};
    size_t fits[2] = {0, 0};

    curve.rsa_bits = 0;
    curve.curve = "P-256";
    curve.ku = "critical,keyAgreement";
    odd_make(p, &ODD_GOOD, NULL, &cert[0]);
    odd_make(p, &curve, NULL, &cert[1]);
    for (size_t lines = 2500; lines < 2580; lines++) {
        for (size_t k = 0; k < 2; k++) {
            struct buf wire = {0};
            struct err err = {0};
            enum status st = seal_one(p, &cert[k], SEAL_AES256_CBC, ADDR, lines, &wire, &err);

            assert_true(st == OK || st == E_STATE);
            if (st == OK) {
                assert_int_equal(wire.len, SEAL_SIZE_DEFAULT);
                assert_int_equal(lines, 2500 + fits[k]); /* once too long, no longer one fits */
                fits[k]++;
            }
            buf_done(&wire);
        }
    }
    assert_in_range(fits[0], 1, 79);
    assert_in_range(fits[1], 1, 79);
    buf_done(&cert[0]);
    buf_done(&cert[1]);
}

static void every_wire_line_is_short_and_ends_with_crlf(void **state)
{
    const struct pki *p = *state;
    struct buf cert = {0}, wire = {0};
    struct err err = {0};
    size_t col = 0;

    odd_make(p, &ODD_GOOD, NULL, &cert);
    assert_ok(seal_one(p, &cert, SEAL_AES256_CBC, ADDR, 3, &wire, &err), err);
    for (size_t i = 0; i < wire.len; i++) {
        col = wire.data[i] == '\n' ? 0 : col + 1;
        assert_true(col < 998);
        assert_true((unsigned char)wire.data[i] < 0x80 && wire.data[i] != '\0');
        assert_true(wire.data[i] != '\n' || wire.data[i - 1] == '\r');
    }
    assert_int_equal(col, 0);
    buf_done(&cert);
    buf_done(&wire);
}

static void a_message_too_long_is_an_error_with_its_remedy_and_nothing_else(void **state)
{
    const struct pki *p = *state;
    struct buf cert = {0}, wire = {0};
    struct err err = {0};

    odd_make(p, &ODD_GOOD, NULL, &cert);
    assert_int_equal(seal_one(p, &cert, SEAL_AES256_CBC, ADDR, 4000, &wire, &err), E_STATE);
    assert_non_null(strstr(err.msg, "mail.sealed_size_kib"));
    assert_null(strstr(err.msg, "QZXQZX"));
    assert_int_equal(wire.len, 0);
    buf_done(&cert);
}

static void another_key_opens_nothing(void **state)
{
    const struct pki *p = *state;
    struct buf cert = {0}, wire = {0};
    struct err err = {0};
    EVP_PKEY *other = EVP_RSA_gen(2048);
    bool verified = true;
    char *text;

    odd_make(p, &ODD_GOOD, NULL, &cert);
    assert_ok(seal_one(p, &cert, SEAL_AES256_CBC, ADDR, 3, &wire, &err), err);
    text = opened(p, &wire, other, &verified);
    free(text);
    assert_null(text);
    assert_false(verified);
    EVP_PKEY_free(other);
    buf_done(&cert);
    buf_done(&wire);
}

static void a_byte_changed_on_the_way_is_noticed(void **state)
{
    static const size_t at[] = {5000, 60000, 131072, 200000, 261000};
    const struct pki *p = *state;
    struct buf cert = {0};
    EVP_PKEY *key = NULL;

    odd_make(p, &ODD_GOOD, &key, &cert);
    for (int cipher = SEAL_AES256_CBC; cipher <= SEAL_AES256_GCM; cipher++) {
        struct buf wire = {0};
        struct err err = {0};
        bool verified = false;

        assert_ok(seal_one(p, &cert, (enum seal_cipher)cipher, ADDR, 3, &wire, &err), err);
        free(opened(p, &wire, key, &verified));
        assert_true(verified);
        for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
            size_t k = at[i];
            char was;

            while (wire.data[k] == '\r' || wire.data[k] == '\n' || wire.data[k] == '=') {
                k--;
            }
            was = wire.data[k];
            wire.data[k] = was == 'A' ? 'B' : 'A';
            free(opened(p, &wire, key, &verified));
            assert_false(verified);
            wire.data[k] = was;
        }
        buf_done(&wire);
    }
    EVP_PKEY_free(key);
    buf_done(&cert);
}

static void the_signing_time_is_the_one_given(void **state)
{
    const struct pki *p = *state;
    struct buf cert = {0}, wire = {0};
    struct err err = {0};
    EVP_PKEY *key = NULL;
    BIO *in, *inner = BIO_new(BIO_s_mem()), *detached = NULL;
    CMS_ContentInfo *env, *sig;
    const ASN1_TIME *t;

    odd_make(p, &ODD_GOOD, &key, &cert);
    assert_ok(seal_one(p, &cert, SEAL_AES256_CBC, ADDR, 3, &wire, &err), err);
    in = BIO_new_mem_buf(wire.data, (int)wire.len);
    env = SMIME_read_CMS(in, NULL);
    assert_int_equal(CMS_decrypt(env, key, NULL, NULL, inner, 0), 1);
    sig = SMIME_read_CMS(inner, &detached);
    assert_non_null(sig);
    t = CMS_signed_get0_data_by_OBJ(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(sig), 0),
                                    OBJ_nid2obj(NID_pkcs9_signingTime), -3, V_ASN1_UTCTIME);
    assert_non_null(t);
    assert_int_equal(ASN1_TIME_cmp_time_t(t, NOW / 1000000), 0);
    CMS_ContentInfo_free(env);
    CMS_ContentInfo_free(sig);
    BIO_free(in);
    BIO_free(inner);
    BIO_free(detached);
    EVP_PKEY_free(key);
    buf_done(&cert);
    buf_done(&wire);
}

static void a_header_cannot_be_forged_by_a_subject(void **state)
{
    static const char *const bad[] = {"x\r\nBcc: evil@x.example", "x\nBcc: evil@x.example", "x\r", "x\x01",
                                      "\xc3\xb8"};
    const struct pki *p = *state;
    struct buf cert = {0}, plain = {0};

    odd_make(p, &ODD_GOOD, NULL, &cert);
    message(&plain, ADDR, 2);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct seal_job in = job_of(&plain, &cert, ADDR), out = in;
        struct buf wire = {0};
        struct err err = {0};

        in.subject = bad[i];
        out.outer_subject = bad[i];
        assert_int_equal(p->port.seal(p->port.ctx, &in, &wire, &err), E_INTERNAL);
        assert_int_equal(p->port.seal(p->port.ctx, &out, &wire, &err), E_INTERNAL);
        assert_int_equal(wire.len, 0);
    }
    buf_done(&plain);
    buf_done(&cert);
}

static void an_unknown_header_stays_inside(void **state)
{
    static const char text[] =
        "From: <dsmbd@trial.example>\r\nSubject: x\r\nX-Odd: QZXQZXHEADER\r\n"
        "Content-Type: multipart/mixed; boundary=\"=_x\"\r\n\r\n--=_x\r\n\r\nhello\r\n--=_x--\r\n";
    const struct pki *p = *state;
    struct buf cert = {0}, plain = {0}, wire = {0};
    struct err err = {0};
    struct seal_job job;

    odd_make(p, &ODD_GOOD, NULL, &cert);
    buf_str(&plain, text);
    job = job_of(&plain, &cert, ADDR);
    assert_ok(p->port.seal(p->port.ctx, &job, &wire, &err), err);
    assert_null(strstr(wire.data, "QZXQZX"));
    assert_null(strstr(wire.data, "X-Odd"));
    buf_done(&plain);
    buf_done(&cert);
    buf_done(&wire);
}

static void nothing_is_sealed_for_a_bad_certificate(void **state)
{
    const struct pki *p = *state;
    struct odd o = ODD_GOOD;
    struct buf cert = {0}, wire = {0};
    struct err err = {0};

    o.to_days = 0;
    o.from_days = -10;
    odd_make(p, &o, NULL, &cert);
    {
        struct buf plain = {0};
        struct seal_job job;

        message(&plain, ADDR, 2);
        job = job_of(&plain, &cert, ADDR);
        job.now = NOW + US_PER_DAY;
        assert_int_equal(p->port.seal(p->port.ctx, &job, &wire, &err), E_DATA);
        buf_done(&plain);
    }
    assert_int_equal(wire.len, 0);
    assert_non_null(strstr(err.msg, "expired"));
    buf_done(&cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_message_opens_for_an_rsa_key),
        cmocka_unit_test(a_sealed_message_opens_with_gcm_where_asked),
        cmocka_unit_test(a_sealed_message_opens_for_a_key_of_a_curve),
        cmocka_unit_test(all_messages_have_one_size_whatever_they_say),
        cmocka_unit_test(the_message_before_does_not_decide_what_fits),
        cmocka_unit_test(every_wire_line_is_short_and_ends_with_crlf),
        cmocka_unit_test(a_message_too_long_is_an_error_with_its_remedy_and_nothing_else),
        cmocka_unit_test(another_key_opens_nothing),
        cmocka_unit_test(a_byte_changed_on_the_way_is_noticed),
        cmocka_unit_test(the_signing_time_is_the_one_given),
        cmocka_unit_test(a_header_cannot_be_forged_by_a_subject),
        cmocka_unit_test(an_unknown_header_stays_inside),
        cmocka_unit_test(nothing_is_sealed_for_a_bad_certificate),
    };

    return cmocka_run_group_tests(tests, pki_set_up, pki_tear_down);
}
