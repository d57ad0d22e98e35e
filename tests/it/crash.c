/*
 * crash.c - loaded before a program under fault injection: when the program dies of a signal of its own, tells which
 * module called what did it, and by which way, so that a library that falls over can be told from our own code.
 */
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 64 };

/* Module of the innermost frame that is neither this file's nor the C library's. */
static void tell(int signo)
{
    void *at[DEPTH];
    int n = backtrace(at, DEPTH), fds[2];
    static char text[16384];
    ssize_t len;

    if (pipe(fds) != 0) {
        return;
    }
    backtrace_symbols_fd(at, n, fds[1]);
    (void)close(fds[1]);
    len = read(fds[0], text, sizeof text - 1);
    if (len > 0) {
        char *save = NULL, *line;

        dprintf(STDERR_FILENO, "CRASH signal %d in", signo);
        text[len] = '\0';
        for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
            char *end = strchr(line, '('), *name;

            if (end == NULL) {
                continue;
            }
            *end = '\0';
            name = strrchr(line, '/');
            name = name == NULL ? line : name + 1;
            if (strncmp(name, "libc.so", 7) != 0 && strncmp(name, "crash", 5) != 0) {
                dprintf(STDERR_FILENO, " %s", name);
            }
        }
        dprintf(STDERR_FILENO, "\n");
    }
    (void)signal(signo, SIG_DFL);
    (void)raise(signo);
}

__attribute__((constructor)) static void begin(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    void *at[2];

    (void)backtrace(at, 2); /* loads what it needs now, not in the handler */
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        (void)signal(signals[i], tell);
    }
}
