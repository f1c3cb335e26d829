#!/usr/bin/env bash
# Debian's PostgreSQL, for the county's tests. Installed where that is allowed, else named in one line. The tests start
# a server of their own from it; the one that Debian would start is not made.
set -euo pipefail
packages="postgresql"
if command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
if [ -z "$as_root" ] || sudo -n true 2>/dev/null; then
    echo "安装 / installing: $packages" >&2
    if $as_root apt-get -qq update >/dev/null &&
        $as_root mkdir -p /etc/postgresql-common/createcluster.d &&
        echo 'create_main_cluster = false' |
        $as_root tee /etc/postgresql-common/createcluster.d/foregate-tests.conf >/dev/null &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $packages >/dev/null; then
        exit 0
    fi
fi
echo "PostgreSQL 的测试需要 / the tests on PostgreSQL need: sudo apt install $packages (they are skipped until then)" >&2
