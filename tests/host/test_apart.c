/*
 * Work in processes of its own: what comes back, and what a child that crashes, hangs or never stops talking costs.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/apart.h"
#include "support/t.h"

static const size_t MOST = 1 << 20;
static const int64_t SOON = 300000, LATE = 60000000;

static enum status says(const void *ctx, struct buf *out, struct err *err)
{
    (void)err;
    buf_str(out, ctx);
    return OK;
}

static enum status says_much(const void *ctx, struct buf *out, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < *(const size_t *)ctx; i++) {
        buf_char(out, (char)('a' + i % 26));
    }
    return OK;
}

static enum status crashes(const void *ctx, struct buf *out, struct err *err)
{
    (void)ctx;
    (void)out;
    (void)err;
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

static enum status hangs(const void *ctx, struct buf *out, struct err *err)
{
    (void)ctx;
    (void)err;
    buf_str(out, "begun");
    while (pause() != 0) {
    }
    return OK;
}

static enum status refuses(const void *ctx, struct buf *out, struct err *err)
{
    (void)ctx;
    (void)out;
    return err_set(err, E_DATA, "no");
}

/* Nothing of ours is open in the child but its pipe, and what it prints goes nowhere. */
static enum status looks_around(const void *ctx, struct buf *out, struct err *err)
{
    int open = 0;

    (void)ctx;
    (void)err;
    for (int fd = 4; fd < 256; fd++) {
        open += dup2(fd, fd) == fd;
    }
    (void)!write(STDOUT_FILENO, "heard\n", 6);
    buf_fmt(out, "%d open", open);
    return OK;
}

static void no_child_is_left(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void what_each_says_comes_back(void **state)
{
    size_t much = 700000;
    struct apart_job jobs[] = {
        {.fn = says, .ctx = "one"}, {.fn = says_much, .ctx = &much}, {.fn = says, .ctx = ""}};
    struct err err = {0};

    (void)state;
    assert_ok(apart_run(jobs, 3, MOST, LATE, &err), err);
    assert_string_equal(buf_cstr(&jobs[0].out), "one");
    assert_int_equal(jobs[1].out.len, much);
    assert_int_equal(jobs[1].out.data[much - 1], 'a' + (much - 1) % 26);
    assert_int_equal(jobs[2].out.len, 0);
    buf_done(&jobs[0].out);
    buf_done(&jobs[1].out);
    no_child_is_left();
}

static void only_the_pipe_is_open_in_a_child(void **state)
{
    struct apart_job job = {.fn = looks_around};
    struct err err = {0};

    (void)state;
    assert_ok(apart_run(&job, 1, MOST, LATE, &err), err);
    assert_string_equal(buf_cstr(&job.out), "0 open");
    buf_done(&job.out);
}

static void one_that_fails_costs_the_result_and_no_more(void **state)
{
    apart_fn *const bad[] = {crashes, hangs, refuses};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct apart_job jobs[] = {{.fn = says, .ctx = "one"}, {.fn = bad[i]}};

        assert_int_equal(apart_run(jobs, 2, MOST, bad[i] == hangs ? SOON : LATE, &err), E_IO);
        assert_int_equal(jobs[0].out.len, 0);
        assert_int_equal(jobs[1].out.len, 0);
        no_child_is_left();
    }
}

static void one_that_says_too_much_is_ended(void **state)
{
    size_t much = MOST + 1;
    struct apart_job job = {.fn = says_much, .ctx = &much};
    struct err err = {0};

    (void)state;
    assert_int_equal(apart_run(&job, 1, MOST, LATE, &err), E_IO);
    assert_non_null(strstr(err.msg, "too much"));
    no_child_is_left();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_says_comes_back),
        cmocka_unit_test(only_the_pipe_is_open_in_a_child),
        cmocka_unit_test(one_that_fails_costs_the_result_and_no_more),
        cmocka_unit_test(one_that_says_too_much_is_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
