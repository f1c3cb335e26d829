"""The power goes while somebody is let in, and comes back: run on the host, which pulls the guest's plug.

python -m tests.rig.host_power VM      VM: the rig's `vm`; `make rig` runs it (tools/rig.sh)

In the guest, `python -m tests.rig.host_power` installs the gate, starts it and lets somebody in.
"""

import subprocess
import sys
import time
from pathlib import Path

SHUT_FOR_S = 30.0
READY_WITHIN_S = 300.0
GATE, WATCHER = "foregate-gate.service", "rig-relay-watcher.service"
SEEN = "/run/rig-relay-levels"
# Looks at the relay's wire from the moment at which the board has one.
_WATCHER = f"""\
[Unit]
DefaultDependencies=no
After=rig-hardware.service
[Service]
ExecStart=/bin/sh -c 'while sleep 0.1; do rig-gpio get 24; done >{SEEN}'
[Install]
WantedBy=sysinit.target
"""


def main(vm: Path) -> int:
    """0 when the relay was shut from the boot on, until the gate was back and a while after."""

    def guest(command: str) -> str:
        done = subprocess.run([vm, "run", command], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else f"{done.stdout}\n{done.stderr}".strip()

    said = guest("cd /src/project && PYTHONDONTWRITEBYTECODE=1 /opt/venv/bin/python -m tests.rig.host_power")
    if said != "open":
        return _failed(f"nobody was let in: {said}")
    subprocess.run([vm, "powercut"], check=True)
    subprocess.run([vm, "start"], check=True, capture_output=True)
    end_s = time.monotonic() + READY_WITHIN_S
    while guest(f"systemctl is-active {GATE}") != "active":
        if time.monotonic() > end_s:
            return _failed("the gate did not come back")
        time.sleep(1.0)
    time.sleep(SHUT_FOR_S)
    levels = guest(f"sort {SEEN} | uniq -c").split()
    guest(f"systemctl disable --now {GATE} {WATCHER}")
    if len(levels) != 2 or levels[1] != "0":
        return _failed(f"how often the relay was seen at which level since the power came back: {' '.join(levels)}")
    _say(f"ok: shut whenever it was looked at ({levels[0]} times) since the board had a header")
    return 0


def in_guest() -> int:
    """Install the gate so that it starts with the board, and wait until it lets somebody in."""
    from tests.rig import lines, scenes, service

    lines.rest()
    scenes.camera("run")
    scenes.show("empty")
    service.install(f"relay_pulse_s = 10.0\n{scenes.CAMERA}", "WatchdogSec=30\n")
    (Path("/etc/systemd/system") / WATCHER).write_text(_WATCHER)
    service.run("systemctl", "enable", service.UNIT, WATCHER)
    service.start()
    scenes.show("healthy")
    # On the disk before the plug is pulled: what was installed, and that it starts with the board.
    service.run("sync")
    lines.until(lambda: lines.level("relay") == 1, "the relay opens", 120.0)
    _say("open")
    return 0


def _failed(why: str) -> int:
    _say(f"FAIL: {why}")
    return 1


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) if len(sys.argv) > 1 else in_guest())
