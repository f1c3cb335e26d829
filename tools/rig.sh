#!/bin/bash
# The tests that need a machine with a camera on its USB bus: they run in the guest that the rig simulates.
#   RIG: the folder of the rig's `vm` (default: ../shared/rig beside this checkout); RIG_KEEP=1 leaves the guest on.
# The first run builds the guest (minutes); without KVM its processor is emulated, and everything takes its time.
set -euo pipefail
cd "$(dirname "$0")/.."
vm=${RIG:-$PWD/../shared/rig}/vm
if [ ! -x "$vm" ]; then
    echo "找不到 $vm：请用 RIG=文件夹 指明测试台" >&2
    echo "there is no $vm: name the rig's folder with RIG=FOLDER" >&2
    exit 2
fi
export RIG_NAME=${RIG_NAME:-foregate} RIG_PROJECT=$PWD

# A guest that was started from another checkout would test that one.
"$vm" stop >/dev/null 2>&1 || true
"$vm" start
if [ -z "${RIG_KEEP:-}" ]; then trap '"$vm" stop' EXIT; fi

failed=0
for test in tests/rig/guest_*.py; do
    module=$(basename "$test" .py)
    echo "== $module"
    "$vm" run "cd /src/project && OPENCV_LOG_LEVEL=ERROR PYTHONDONTWRITEBYTECODE=1 \
        timeout 1200 /opt/venv/bin/python -W ignore::DeprecationWarning -m unittest -v tests.rig.$module" || failed=1
done
if [ $failed = 0 ]; then
    echo "rig: 全部通过 / all passed"
else
    echo "rig: 有测试失败，见上文 / some tests failed, see above" >&2
fi
exit $failed
