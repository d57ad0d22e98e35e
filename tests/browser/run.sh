#!/bin/bash
# make check-browser: installs what package-lock.json names under build/browser and runs check.mjs on Chromium.
#   tests/browser/run.sh [--write]     --write renews the golden images, after a look at build/browser/shots
set -euo pipefail
cd "$(dirname "$0")/../.."
work=build/browser
mkdir -p "$work"
# A copy: what npm puts beside its package.json stays out of the source tree.
cp tests/browser/package.json tests/browser/package-lock.json tests/browser/.npmrc tests/browser/check.mjs tests/browser/mail.mjs "$work/"
if ! cmp -s "$work/package-lock.json" "$work/node_modules/.installed"; then
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp "$work/package-lock.json" "$work/node_modules/.installed"
fi
exec timeout 300 node "$work/check.mjs" . "$@"
