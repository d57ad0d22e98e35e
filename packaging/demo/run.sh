#!/bin/bash
# make demo: a private PostgreSQL cluster and mail server on loopback, a synthetic re-enactment of MAGiCAL-CKD entered
# month by month, and the real dsmbd and dsmb-mailer watching it.  KEEP=1 keeps it up for psql; Ctrl-C ends it all.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec tests/support/with_pg.sh packaging/demo/timeline.sh
