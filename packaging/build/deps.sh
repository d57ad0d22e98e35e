#!/bin/sh
# Installs what is missing of the named package groups: deps.sh GROUP...   Quiet when there is nothing to do.
set -eu
list=$(dirname "$0")/packages.txt
want=
for g in "$@"; do
    pk=$(sed -n "s/^$g: //p" "$list")
    [ -n "$pk" ] || { echo "deps.sh: no package group '$g' in $list" >&2; exit 2; }
    want="$want $pk"
done
missing=
for p in $want; do
    case "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || true)" in
    *'ok installed') ;;
    *) case " $missing " in *" $p "*) ;; *) missing="$missing $p" ;; esac ;;
    esac
done
[ -n "$missing" ] || exit 0
if [ "${DEPS:-yes}" = no ]; then
    echo "missing packages (DEPS=no, so nothing is installed):$missing" >&2
    exit 69
fi
as_root=
[ "$(id -u)" -eq 0 ] || as_root="sudo -n"
echo "installing:$missing"
# create_main_cluster=false: we start our own clusters and leave the machine's alone.
$as_root apt-get update -qq
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
