#!/usr/bin/env bash
# Debian's Chromium, for the tests that drive the pages. Installed where that is allowed, else named in one line.
set -euo pipefail
packages="chromium fonts-noto-cjk fontconfig"
if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'cjk'; then exit 0; fi
if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
if [ -z "$as_root" ] || sudo -n true 2>/dev/null; then
    echo "安装 / installing: $packages" >&2
    if $as_root apt-get -qq update >/dev/null &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $packages >/dev/null; then
        exit 0
    fi
fi
echo "浏览器测试需要 / the browser tests need: sudo apt install $packages (they are skipped until then)" >&2
