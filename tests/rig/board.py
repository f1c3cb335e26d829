"""The guest as a board that somebody installs the packages on: commands, waiting, and the report of what was seen."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

GATE, SYNC, COUNTY = "foregate-gate.service", "foregate-sync.service", "foregate-county.service"
CONFIG = "/etc/foregate/gate.toml"
RECORDS = "/var/lib/foregate/foregate.sqlite"
LET_IN = "Forehead below the alarm"

# Without KVM the guest's processor is emulated: what the board starts in seconds takes minutes here. The rig's own
# /proc/cpuinfo is lost where a unit gets a /proc of its own.
SLOW = """\
mkdir -p /etc/systemd/system/foregate-gate.service.d /etc/systemd/system/foregate-upgrade.service.d
cat >/etc/systemd/system/foregate-gate.service.d/rig.conf <<'END'
[Service]
TimeoutStartSec=300
TimeoutStopSec=60
WatchdogSec=30
BindReadOnlyPaths=/run/rig/cpuinfo:/proc/cpuinfo
END
cat >/etc/systemd/system/foregate-upgrade.service.d/rig.conf <<'END'
[Service]
ExecStart=
ExecStart=/usr/lib/foregate/foregate-release watch --within 240 --steady 20
END
systemctl daemon-reload
"""
# How the simulated camera is mounted and where its reference hangs; patient with a slow processor.
MOUNTED = r"""
sed -i '/^\[camera\]/a rotation_deg = 90\nsettling_s = 0' /etc/foregate/gate.toml
cat >>/etc/foregate/gate.toml <<'END'

[reference]
temperature_c = 37.0
region = [128, 87, 141, 100]

[policy]
usable_frames = 2
lost_after_s = 10.0
hold_s = 10.0

[[readers]]
name = "card"
match = "usb:ffff:0035"
END
"""
# So that those who pass one after the other are told apart (tests/rig/passing.py); the second puts it back.
QUICK, AGAIN_SLOW = (
    f"sed -i 's/^\\(lost_after_s\\|hold_s\\) = .*/\\1 = {hold_s}/' {CONFIG} && foregate config check {CONFIG} && "
    f"systemctl restart {GATE}"
    for hold_s in ("2.0", "10.0")
)


class NotSeenError(Exception):
    """What should have been seen was not."""


class Board:
    """vm: the rig's program. Everything that is seen is said, and kept for the report."""

    def __init__(self, vm: Path) -> None:
        self.vm, self.seen = vm, list[str]()

    def host(self, *words: str) -> None:
        """A command of the rig itself: net down, unplug camera, powercut, start …"""
        done = subprocess.run([self.vm, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotSeenError(f"vm {' '.join(words)}: {done.stdout}{done.stderr}")

    def run(self, command: str, may_fail: bool = False) -> str:
        """A command of the board, as root; what it says."""
        done = subprocess.run([self.vm, "run", command], capture_output=True, text=True, check=False)
        if done.returncode and not may_fail:
            raise NotSeenError(f"{command}\n{done.stdout}{done.stderr}")
        return (done.stdout + done.stderr).strip()

    def put(self, file: Path, folder: str = "/root") -> str:
        self.host("put", str(file), folder)
        return f"{folder}/{file.name}"

    def back(self) -> None:
        """On again after the plug was pulled: a busy host takes more than the rig waits for."""
        for _ in range(5):
            try:
                self.host("start")
                self.run("true")
                return
            except NotSeenError:
                time.sleep(5.0)
        raise NotSeenError("the board does not come back")

    def until(self, what: str, true: Callable[[], bool], within_s: float = 300.0) -> float:
        """Wait for it; how long it took, in s."""
        began_s = time.monotonic()
        while not true():
            if time.monotonic() - began_s > within_s:
                raise NotSeenError(f"not within {within_s:.0f} s: {what}\n{self.journal()[-3000:]}")
            time.sleep(1.0)
        return time.monotonic() - began_s

    def is_active(self, unit: str = GATE) -> bool:
        return self.run(f"systemctl is-active {unit}", may_fail=True) == "active"

    def pid(self, unit: str = GATE) -> int:
        return int(self.run(f"systemctl show --value -p MainPID {unit}"))

    def mark(self) -> str:
        """A place in the journal; `since` tells what came after it."""
        return self.run(
            "echo mark | systemd-cat -t rig-mark && journalctl --sync && "
            "journalctl -t rig-mark -n 1 -o cat --show-cursor -q --no-pager | sed -n 's/^-- cursor: //p'"
        )

    def since(self, mark: str, unit: str = GATE) -> str:
        # Not --after-cursor=: with a unit that the mark itself is not of, it leaves out the unit's first line.
        return self.run(f"journalctl -u {unit} -o cat --no-pager --cursor='{mark}'")

    def journal(self, unit: str = GATE) -> str:
        return self.run(f"journalctl -u {unit} -o short --no-pager -n 40", may_fail=True)

    def journal_of(self, part: str, unit: str = GATE) -> str:
        """The last line in which this part of the program has said something."""
        return self.run(f"journalctl -u {unit} -o cat --no-pager | grep '{part}' | tail -n 1")

    def show(self, scene: str) -> None:
        """What the camera sees: `empty`, `healthy` or `fever`."""
        self.run(
            "cd /src/project && PYTHONDONTWRITEBYTECODE=1 OPENCV_LOG_LEVEL=ERROR /opt/venv/bin/python -W ignore -c "
            f'\'from tests.rig import scenes; scenes.camera("run"); scenes.show("{scene}")\''
        )

    def somebody_is_let_in(self, within_s: float = 400.0) -> float:
        """Somebody healthy comes and the gate says that they may come in; how long that took in s."""
        self.show("empty")
        mark = self.mark()
        self.show("healthy")
        took_s = self.until("somebody healthy is let in", lambda: LET_IN in self.since(mark), within_s)
        self.show("empty")
        return took_s

    def records(self) -> int:
        """How many there are; NotSeenError when their chain is broken."""
        found = re.search(r"(\d+) records", self.run(f"foregate verify {RECORDS}"))
        return int(found[1]) if found else 0

    def written_bytes(self) -> int:
        """What has been written to its disk since it was switched on, by the kernel's count; all of it is there now."""
        return int(self.run("sync && awk '{print $7 * 512}' /sys/block/vda/stat"))

    def saw(self, words: str) -> None:
        """A line of the report."""
        self.seen.append(words)
        sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S}  {words}\n")
        sys.stdout.flush()
