#!/usr/bin/env bash
# What Debian's own tools say of the packages in dist/ and of the units in them: `make deb-check`, after `make deb`.
# Fails on an error of lintian, and when systemd finds a service more exposed than it may be.
set -euo pipefail
cd "$(dirname "$0")/.."
# The highest exposure allowed, in tenths.
declare -A exposure=([gate]=20 [sync]=15 [county]=20)
if ! command -v lintian >/dev/null; then
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
    echo "安装 / installing: lintian" >&2
    if ! { $as_root apt-get -qq update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends lintian; } >/dev/null 2>&1; then
        echo "没有 lintian；请运行 / there is no lintian; run: sudo apt install lintian" >&2
        exit 2
    fi
fi
shopt -s nullglob
debs=(dist/*.deb)
if [ ${#debs[@]} = 0 ]; then
    echo "dist/ 里没有软件包；请先运行 make deb / no package in dist/; run make deb first" >&2
    exit 2
fi
failed=0
found=$(lintian --allow-root --fail-on error "${debs[@]}" 2>&1) || failed=1
[ -z "$found" ] || echo "$found"
echo "lintian: ${#debs[@]} 个软件包 / packages, $(grep -c '^E:' <<<"$found" || true) 个错误 / errors," \
    "$(grep -c '^W:' <<<"$found" || true) 个警告 / warnings"
for service in gate sync county; do
    # Only a later systemd can look at a unit that is not installed.
    systemd-analyze security --no-pager --offline=true --threshold="${exposure[$service]}" \
        "systemd/foregate-$service.service" | tail -n 1 || failed=1
done
exit $failed
