#!/bin/bash
# The real dsmb-mailer against a real PostgreSQL and a mail server with TLS that misbehaves on order.
# DSMB_SEED repeats a run of the kill tests, DSMB_KILLS sets their number.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec tests/support/with_pg.sh /usr/bin/python3 tests/it/mailer.py
