#!/usr/bin/env bash
# Debian's Chromium, for the tests that drive the pages. Installed where that is allowed, else named in one line.
set -euo pipefail
if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'cjk'; then exit 0; fi
packages="chromium fonts-noto-cjk fontconfig"
if [ "$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2>/dev/null; then sudo=sudo; else
    echo "浏览器测试需要 / the browser tests need: sudo apt install $packages (they are skipped until then)" >&2
    exit 0
fi
echo "安装 / installing: $packages" >&2
{ $sudo apt-get -qq update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $packages; } >/dev/null
