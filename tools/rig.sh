#!/bin/bash
# The tests that need a board with a header, a camera and readers on its bus: they run in the guest that the rig simulates.
#   tools/rig.sh [TEST...]    some of tests/rig/guest_*.py and host_*.py by name (guest_lines); without: all of them
# What each of them has shown is written to docs/proved-board.md.
#   RIG: the folder of the rig's `vm` (default: ../shared/rig beside this checkout); RIG_KEEP=1 leaves the guest on.
#   RIG_FROM=STEP: host_install goes on there, on the disk as its last run has left it
# The first run builds the guest (minutes); without KVM its processor is emulated, and everything takes its time.
set -euo pipefail
cd "$(dirname "$0")/.."
vm=${RIG:-$PWD/../shared/rig}/vm
if [ ! -x "$vm" ]; then
    echo "找不到 $vm：请用 RIG=文件夹 指明测试台" >&2
    echo "there is no $vm: name the rig's folder with RIG=FOLDER" >&2
    exit 2
fi
RIG_REQUIREMENTS=$(mktemp)
export RIG_NAME=${RIG_NAME:-foregate} RIG_PROJECT=$PWD RIG_REQUIREMENTS
tidy() {
    [ -n "${RIG_KEEP:-}" ] || "$vm" stop
    rm -f "$RIG_REQUIREMENTS"
}
trap tidy EXIT
python3 tools/rig_requirements.py >"$RIG_REQUIREMENTS"

# A guest that was started from another checkout, or with other wheels, would test that one.
"$vm" stop >/dev/null 2>&1 || true
# A busy machine takes longer than the rig waits for.
fresh=--fresh
[ -z "${RIG_FROM:-}" ] || fresh=
"$vm" start $fresh || "$vm" wait || "$vm" wait

if [ $# = 0 ]; then
    mapfile -t tests < <(basename -s .py -a tests/rig/guest_*.py tests/rig/host_*.py)
else
    tests=("$@")
fi
one() { # what this test says, on the terminal too; its exit code
    if [[ $1 == host_* ]]; then
        timeout "${RIG_SECONDS:-6000}" python3 -B -m "tests.rig.$1" "$vm"
    else
        # The board's own watchdog is none of theirs: a slow processor must not be taken for a dead one.
        "$vm" run "busctl set-property org.freedesktop.systemd1 /org/freedesktop/systemd1 \
            org.freedesktop.systemd1.Manager RuntimeWatchdogUSec t 600000000; cd /src/project && OPENCV_LOG_LEVEL=ERROR PYTHONDONTWRITEBYTECODE=1 timeout 3000 \
            /opt/venv/bin/python -W ignore::DeprecationWarning -m unittest -v tests.rig.$1"
    fi 2>&1 | tee "build/rig/$1.txt"
}
mkdir -p build/rig
failed=0
for test in "${tests[@]}"; do
    echo "== $test"
    one "$test" || failed=1
    # The packages' test writes a page of its own.
    [ "$test" = host_install ] || python3 -B -m tools.proved "$test" "build/rig/$test.txt"
done
if [ $failed = 0 ]; then
    echo "rig: 全部通过 / all passed"
else
    echo "rig: 有测试失败，见上文 / some tests failed, see above" >&2
fi
exit $failed
