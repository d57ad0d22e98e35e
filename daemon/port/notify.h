/*
 * notify.h - what the service manager is told.
 *
 * A status text is public: what the program is waiting for, never what a look found or how many messages there are.
 */
#ifndef DSMB_PORT_NOTIFY_H
#define DSMB_PORT_NOTIFY_H

struct notify {
    void *ctx;
    void (*ready)(void *ctx);
    void (*status)(void *ctx, const char *text);
    void (*alive)(void *ctx); /* feeds the watchdog; cheap enough to be called anywhere */
};

#endif
