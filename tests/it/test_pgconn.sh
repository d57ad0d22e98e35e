#!/bin/bash
# daemon/pg/pgconn against a real PostgreSQL: tests/it/pgconn.c, built here with the archives and flags of $DSMB_BIN's
# flavour (build/<compiler>-<flavour>/bin).
set -euo pipefail
cd "$(dirname "$0")/../.."
flavour=build/gcc-release
if [ -n "${DSMB_BIN:-}" ] && [ -d "$DSMB_BIN/../lib" ]; then flavour=${DSMB_BIN%/*}; fi
[ -f "$flavour/lib/pg.a" ] || { echo "not ok 1 - $flavour/lib/pg.a is not built"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
name=${flavour##*/}
extra=()
case ${name#*-} in
    release) ;;
    coverage) extra=(--coverage) ;;
    *) kind=${name#*-}; extra=("-fsanitize=${kind//+/,}") ;;
esac
out=$(mktemp -d /tmp/dsmb_pgconn.XXXXXX)
trap 'rm -rf "$out"' EXIT
read -ra flags <<<"$(pkg-config --cflags libpq) -D_GNU_SOURCE -std=c11 -O1 -g -Idaemon -Itests -Ibuild/gen"
read -ra libs <<<"$(pkg-config --libs libpq libcrypto cmocka) -lm"
"${name%%-*}" "${flags[@]}" "${extra[@]}" -o "$out/pgconn" tests/it/pgconn.c tests/support/t.c \
    -Wl,--start-group "$flavour/lib/pg.a" "$flavour/lib/port.a" "$flavour/lib/base.a" -Wl,--end-group "${libs[@]}"
tests/support/with_pg.sh "$out/pgconn"
