#!/usr/bin/env bash
# Makes a virtual environment from the lock: tools/install.sh FOLDER
# The old one stays in place until the new one is complete: without a network a working gate keeps working.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

need_package() { # COMMAND-THAT-MUST-WORK PACKAGE...
    local check=$1 && shift
    if bash -c "$check" >/dev/null 2>&1; then return; fi
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    if [ ${#as_root[@]} = 0 ] || sudo -n true 2>/dev/null; then
        say "安装系统软件包 / installing Debian packages: $*"
        if "${as_root[@]}" apt-get -qq update >/dev/null &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null; then
            return
        fi
    fi
    say "缺少系统软件包，请运行 / Debian packages are missing, please run: sudo apt install $*"
    exit 1
}

need_package "$python -c 'import sys; sys.exit(sys.version_info < (3, 11))'" python3
need_package "$python -c 'import ensurepip, venv'" python3-venv

options=()
# What the index has no wheel of for the board comes from Debian: evdev, which reads badge readers, and for Python 3.13
# lgpio, which drives the pins (Raspberry Pi OS has it, Debian itself does not).
if [ "$(uname -m)" = aarch64 ]; then
    need_package "$python -c 'import evdev'" python3-evdev
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' && apt-cache show python3-lgpio >/dev/null 2>&1; then
        need_package "$python -c 'import lgpio'" python3-lgpio
    fi
    options+=(--system-site-packages)
fi

new=$venv.new
rm -rf "$new"
"$python" -m venv "${options[@]}" "$new"
say "安装依赖（约一分钟）/ installing the locked dependencies (about a minute) …"
pip=("$new/bin/python" -m pip --disable-pip-version-check -qq install)
if ! "${pip[@]}" --require-hashes --only-binary :all: -r requirements.lock ||
    ! "${pip[@]}" --no-deps --no-build-isolation --no-index -e .; then
    rm -rf "$new"
    say "安装失败，原有的环境未动；请检查网络后重试 / the installation failed and changed nothing; check the network and try again"
    exit 1
fi
# Scripts name their interpreter by its place: put them in the final one before the swap.
grep -rlI --null "$PWD/$new" "$new/bin" "$new/pyvenv.cfg" | xargs -0 -r sed -i "s|$PWD/$new|$PWD/$venv|g"
rm -rf "$venv"
mv "$new" "$venv"
touch "$venv/.installed"
say "完成 / done: $venv/bin/foregate --help"
