/*
 * board.h - who is told: the members of the data and safety monitoring board.
 *
 * Its own file, adopted under the closed role; an administrator's YAML cannot add a recipient.  Pure.
 */
#ifndef DSMB_ALERT_BOARD_H
#define DSMB_ALERT_BOARD_H

#include <stddef.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"

enum { MEMBERS_MAX = 24, ADDRESS_MAX = 254, CERTIFICATE_MAX = 32768 };

enum member_role { MEMBER_CHAIR, MEMBER_DEPUTY, MEMBER_MEMBER, MEMBER_STATISTICIAN };

enum member_cipher { MEMBER_AES256_CBC, MEMBER_AES256_GCM };

struct member {
    char name[81];
    char address[ADDRESS_MAX +
                 1]; /* local@domain, printable ASCII, no blanks, no control bytes, no angle brackets */
    enum member_role role;
    char certificate_sha256[65]; /* fingerprint, or "" */
    /* PEM as it was adopted, read by nobody here; the member's own first; NULL: none.  The board's. */
    char *certificate;
    enum member_cipher cipher;
};

struct board {
    char trial[41];
    char chair_phone[41];
    size_t n;
    struct member members[MEMBERS_MAX];
};

/* E_CONFIG with file:line:col: fewer than two members, no or two chairs, duplicate or unsafe addresses... */
enum status board_read(const struct doc *d, struct board **ret, struct err *err);
void board_free(struct board *b);
/*
 * Appends what is different, in a sentence's part for people: "added NAME (ADDRESS), chair; removed ...; NAME: another
 * certificate".  Members are known by name.  Nothing where nothing is.
 */
enum status board_changes(const struct board *was, const struct board *is, struct buf *out, struct err *err);
const struct member *board_member(const struct board *b, const char *name); /* NULL: none */
const char *member_role_name(enum member_role r);

#endif
