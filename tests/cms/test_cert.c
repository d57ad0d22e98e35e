/*
 * Whose certificate is good for what, and the certificates that dsmbctl makes.
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

static EVP_PKEY *key_from(const struct buf *pem)
{
    BIO *b = BIO_new_mem_buf(pem->data, (int)pem->len);
    EVP_PKEY *k = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);

    BIO_free(b);
    assert_non_null(k);
    return k;
}

static void a_good_certificate_is_valid_and_says_for_how_long(void **state)
{
    struct odd o = ODD_GOOD;
    struct seal_check r = odd_judged(*state, &o);

    assert_int_equal(r.fault, SEAL_VALID);
    assert_int_equal(r.days_left, 100);
    assert_int_equal(strlen(r.fingerprint), 64);
    o.san = NULL;
    o.email_in_subject = true;
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_VALID);
    o.eku = NULL; /* neither extension forbids what it does not name */
    o.ku = NULL;
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_VALID);
}

static void an_expired_or_future_certificate_is_refused(void **state)
{
    struct odd o = ODD_GOOD;
    struct seal_check r;

    o.from_days = -100;
    o.to_days = -1;
    r = odd_judged(*state, &o);
    assert_int_equal(r.fault, SEAL_EXPIRED);
    assert_int_equal(r.days_left, -1);
    o.from_days = 1;
    o.to_days = 100;
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_NOT_YET);
}

static void a_certificate_for_another_address_is_refused(void **state)
{
    static const char nul[] = "karen.eksempel@hospital.example\0.evil.example";
    struct odd o = ODD_GOOD;

    o.san = "someone.else@hospital.example";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_ADDRESS);
    o.san = "karen.eksempel@hospital.example.evil.example";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_ADDRESS);
    o.san = "*@hospital.example";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_ADDRESS);
    o.san = NULL;
    o.cn = ADDR; /* a common name is no address */
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_ADDRESS);
    o.cn = NULL;
    o.raw_email = nul; /* what C would cut at the NUL */
    o.raw_len = sizeof nul - 1;
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_ADDRESS);
}

static void a_certificate_for_another_purpose_is_refused(void **state)
{
    struct odd o = ODD_GOOD;

    o.eku = "serverAuth,clientAuth";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_PURPOSE);
    o = ODD_GOOD;
    o.ku = "critical,digitalSignature";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_PURPOSE);
    o = ODD_GOOD;
    o.rsa_bits = 0;
    o.curve = "P-256";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_PURPOSE); /* keyEncipherment is nothing to a curve */
}

static void a_weak_key_or_signature_is_refused(void **state)
{
    struct odd o = ODD_GOOD;

    o.rsa_bits = 1024;
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_WEAK);
    o = ODD_GOOD;
    o.sha1 = true;
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_CHAIN);
    o = ODD_GOOD;
    o.rsa_bits = 0;
    o.curve = "P-224";
    o.ku = "keyAgreement";
    assert_int_equal(odd_judged(*state, &o).fault, SEAL_WEAK);
}

static void a_certificate_without_a_trusted_issuer_is_refused(void **state)
{
    const struct pki *p = *state;
    struct cms_sealer_opts opts = pki_opts(p);
    struct odd o = ODD_GOOD;
    struct buf cert = {0};
    struct seal_recipient who = {.address = ADDR};
    struct sealer port;
    struct cms_sealer *s = NULL;
    struct seal_check r;
    struct err err = {0};

    o.self_signed = true;
    assert_int_equal(odd_judged(p, &o).fault, SEAL_CHAIN);
    opts.trusted_len = 0;
    assert_ok(cms_sealer_new(&opts, &port, &s, &err), err);
    odd_make(p, &ODD_GOOD, NULL, &cert);
    who.certificate = buf_cstr(&cert);
    assert_ok(port.check(port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_CHAIN);
    cms_sealer_free(s);
    buf_done(&cert);
}

static void a_damaged_missing_or_exchanged_certificate_is_refused(void **state)
{
    static const char junk[] =
        "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    const struct pki *p = *state;
    struct seal_recipient who = {.address = ADDR};
    struct buf cert = {0}, wire = {0}, huge = {0};
    struct seal_check r;
    struct err err = {0};

    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_NONE);
    who.certificate = "";
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_NONE);
    who.certificate = junk;
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_UNREADABLE);
    who.certificate = p->key.data; /* a key pasted by mistake */
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_UNREADABLE);
    buf_fill(&huge, 'x', 100000);
    who.certificate = buf_cstr(&huge);
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_UNREADABLE);
    odd_make(p, &ODD_GOOD, NULL, &cert);
    who.certificate = buf_cstr(&cert);
    who.fingerprint = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_FINGERPRINT);
    who.fingerprint = r.fingerprint;
    assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_VALID);
    buf_done(&cert);
    buf_done(&huge);
    buf_done(&wire);
}

static void keys_that_do_not_fit_are_refused_with_the_remedy(void **state)
{
    const struct pki *p = *state;
    struct cms_sealer_opts o = pki_opts(p);
    struct sealer port;
    struct cms_sealer *s = NULL;
    struct err err = {0};

    o.key = p->ca_key.data;
    o.key_len = p->ca_key.len;
    assert_int_equal(cms_sealer_new(&o, &port, &s, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "belong together"));
    o = pki_opts(p);
    o.from = "other@trial.example";
    assert_int_equal(cms_sealer_new(&o, &port, &s, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "keys rotate"));
    o = pki_opts(p);
    o.key = "junk";
    o.key_len = 4;
    assert_int_equal(cms_sealer_new(&o, &port, &s, &err), E_CONFIG);
    assert_non_null(strstr(err.msg, "keys init"));
    o = pki_opts(p);
    o.size = 1000;
    assert_int_equal(cms_sealer_new(&o, &port, &s, &err), E_CONFIG);
    assert_null(s);
}

static void an_announcement_verifies_under_the_former_key_alone(void **state)
{
    const struct pki *p = *state;
    struct buf pem = {0}, text = {0}, other_key = {0}, other = {0};
    struct err err = {0};

    assert_ok(issue_sign_text(&p->key, &p->cert, "new: abc\n", NOW, &pem, &err), err);
    assert_ok(issue_read_text(&p->cert, &pem, &text, &err), err);
    assert_string_equal(buf_cstr(&text), "new: abc\n");
    pki_make(ISSUE_SIGNER, "dsmbd", FROM, p, &other_key, &other);
    assert_int_equal(issue_read_text(&other, &pem, &text, &err), E_DATA);
    buf_done(&pem);
    buf_done(&text);
    buf_wipe(&other_key);
    buf_done(&other);
}

static void issued_certificates_are_good_for_hostile_names(void **state)
{
    static const char *const names[] = {
        "Karen \"O'\" Eksempel, CN=admin/emailAddress=x@y, and more than sixty-four bytes \xc3\xa6",
        "email:copy"};
    const struct pki *p = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf key = {0}, cert = {0}, p12 = {0};
        struct seal_recipient who = {.address = "a,b+c'd@hospital.example"};
        char password[PASSWORD_LEN + 1];
        struct seal_check r;
        struct err err = {0};

        pki_make(ISSUE_MEMBER, names[i], who.address, p, &key, &cert);
        who.certificate = buf_cstr(&cert);
        assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
        assert_string_equal(r.why, "");
        who.address = "b+c'd@hospital.example";
        assert_ok(p->port.check(p->port.ctx, &who, NOW, &r, &err), err);
        assert_int_equal(r.fault, SEAL_ADDRESS);
        assert_ok(issue_password(password, &err), err);
        assert_int_equal(strlen(password), PASSWORD_LEN);
        assert_ok(issue_p12(&key, &cert, &p->ca_cert, names[i], password, &p12, &err), err);
        assert_true(p12.len > 1000);
        EVP_PKEY_free(key_from(&key));
        buf_wipe(&key);
        buf_done(&cert);
        buf_wipe(&p12);
    }
}

static void the_signing_certificate_is_watched_too(void **state)
{
    const struct pki *p = *state;
    struct seal_check r;
    struct err err = {0};

    assert_ok(p->port.check_signer(p->port.ctx, NOW, &r, &err), err);
    assert_int_equal(r.fault, SEAL_VALID);
    assert_int_equal(r.days_left, 1000);
    assert_ok(p->port.check_signer(p->port.ctx, NOW + 1001 * US_PER_DAY, &r, &err), err);
    assert_int_equal(r.fault, SEAL_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_certificate_is_valid_and_says_for_how_long),
        cmocka_unit_test(an_expired_or_future_certificate_is_refused),
        cmocka_unit_test(a_certificate_for_another_address_is_refused),
        cmocka_unit_test(a_certificate_for_another_purpose_is_refused),
        cmocka_unit_test(a_weak_key_or_signature_is_refused),
        cmocka_unit_test(a_certificate_without_a_trusted_issuer_is_refused),
        cmocka_unit_test(a_damaged_missing_or_exchanged_certificate_is_refused),
        cmocka_unit_test(keys_that_do_not_fit_are_refused_with_the_remedy),
        cmocka_unit_test(an_announcement_verifies_under_the_former_key_alone),
        cmocka_unit_test(issued_certificates_are_good_for_hostile_names),
        cmocka_unit_test(the_signing_certificate_is_watched_too),
    };

    return cmocka_run_group_tests(tests, pki_set_up, pki_tear_down);
}
