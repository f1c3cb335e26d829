#!/bin/bash
# The tests that need no browser on 64-bit Arm, as the board has it: instruction set, wheels, Debian's Python.
#   tools/arm64.sh [PYTEST-ARGUMENT...]     without: everything but tests/browser and what needs a guest
# What was seen is written to docs/proved-board.md.
#   RIG: the folder of the rig's `arm64` (default: ../shared/rig beside this checkout). The first run builds its chroot.
# The processor is emulated, seven times slower than this one: right for results, wrong for times.
set -euo pipefail
cd "$(dirname "$0")/.."
arm64=${RIG:-$PWD/../shared/rig}/arm64
if [ ! -x "$arm64" ]; then
    echo "找不到 $arm64：请用 RIG=文件夹 指明测试台" >&2
    echo "there is no $arm64: name the rig's folder with RIG=FOLDER" >&2
    exit 2
fi
RIG_REQUIREMENTS=$(mktemp)
trap 'rm -f "$RIG_REQUIREMENTS"' EXIT
export RIG_REQUIREMENTS RIG_PROJECT=$PWD
python=.venv/bin/python
[ -x "$python" ] || python=python3
"$python" -m tools.arm64_requirements >"$RIG_REQUIREMENTS"
name=arm64
if [ $# = 0 ]; then
    set -- tests --ignore=tests/browser
else # a part of them: by its folder
    name=arm64_$(basename "$1" .py)
fi
mkdir -p build/rig
failed=0
# A bare userland does not know itself by name, nor the checkout's commands.
"$arm64" run sh -c 'grep -qs localhost /etc/hosts || echo 127.0.0.1 localhost >>/etc/hosts
    pip -q install --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
    OPENCV_LOG_LEVEL=ERROR exec python -m pytest "$@"' sh "$@" 2>&1 | tee "build/rig/$name.txt" || failed=1
"$python" -B -m tools.proved "$name" "build/rig/$name.txt"
exit $failed
