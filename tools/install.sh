#!/usr/bin/env bash
# Makes a virtual environment from the lock: tools/install.sh FOLDER
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

need_package() { # COMMAND-THAT-MUST-WORK PACKAGE...
    local check=$1 && shift
    if bash -c "$check" >/dev/null 2>&1; then return; fi
    if [ "$(id -u)" = 0 ]; then
        say "安装系统软件包 / installing Debian packages: $*"
        { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } >/dev/null
    elif sudo -n true 2>/dev/null; then
        say "安装系统软件包 / installing Debian packages: $*"
        { sudo apt-get -qq update && sudo DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } >/dev/null
    else
        say "缺少系统软件包，请运行 / Debian packages are missing, please run: sudo apt install $*"
        exit 1
    fi
}

need_package "$python -c 'import sys; sys.exit(sys.version_info < (3, 11))'" python3
need_package "$python -c 'import ensurepip, venv'" python3-venv
# libudev: flirpy finds the camera with it.
need_package "$python -c 'import ctypes; ctypes.CDLL(\"libudev.so.1\")'" libudev1

rm -rf "$venv"
"$python" -m venv "$venv"
say "安装依赖（约一分钟）/ installing the locked dependencies (about a minute) …"
"$venv/bin/python" -m pip --disable-pip-version-check -qq install --require-hashes --only-binary :all: -r requirements.lock
"$venv/bin/python" -m pip --disable-pip-version-check -qq install --no-deps --no-build-isolation --no-index -e .
touch "$venv/.installed"
say "完成 / done: $venv/bin/foregate --help"
