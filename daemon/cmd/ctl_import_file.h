/*
 * ctl_import_file.h - one file of a folder of SDTM data sets, CSV or SAS V5 transport, as rows ready for COPY.
 *
 * Names of columns are made lower case.  Every text is made UTF-8; an empty cell and a missing number are NULL.  Errors are
 * E_DATA and name file, row (the line in a CSV) and column, never what stands in a cell.
 */
#ifndef DSMB_CMD_CTL_IMPORT_FILE_H
#define DSMB_CMD_CTL_IMPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/charset.h"
#include "base/err.h"
#include "trial/sdtm.h"

/* The files of a folder by domain; NULL: none.  Endings and names in either case. */
struct import_folder {
    char *path[SDTM_DOMAINS];
    struct buf aside; /* names of other data sets there, which nothing reads: "lb.xpt, vs.xpt" */
    size_t n_aside;
};
enum status import_folder_read(const char *dir, struct import_folder *ret, struct err *err);
void import_folder_done(struct import_folder *f);

struct import_file;

/* Reads the head: names are good, and no two the same. */
enum status import_file_open(const char *path, enum sdtm_domain domain, enum charset cs,
                             struct import_file **ret, struct err *err);
void import_file_close(struct import_file *f);
/* file and names; borrowed. */
struct sdtm_columns import_file_columns(const struct import_file *f);
/* Appends the next row; *more false after the last. */
enum status import_file_next(struct import_file *f, struct buf *rows, bool *more, struct err *err);

#endif
