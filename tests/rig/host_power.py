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


def main(vm: Path) -> int:
    """0 when the relay was shut whenever somebody looked, from the boot on."""

    def guest(command: str) -> str:
        done = subprocess.run([vm, "run", command], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else f"{done.stdout}\n{done.stderr}".strip()

    def relay() -> str:
        return subprocess.run([vm, "gpio", "get", "24"], capture_output=True, text=True, check=True).stdout.strip()

    said = guest("cd /src/project && PYTHONDONTWRITEBYTECODE=1 /opt/venv/bin/python -m tests.rig.host_power")
    if said != "open":
        return _failed(f"nobody was let in: {said}")
    subprocess.run([vm, "powercut"], check=True)
    subprocess.run([vm, "start"], check=True, capture_output=True)
    began_s = time.monotonic()
    ready_s = float("inf")
    while time.monotonic() < min(ready_s + SHUT_FOR_S, began_s + READY_WITHIN_S):
        if relay() != "0":
            return _failed(f"the relay is on {time.monotonic() - began_s:.0f} s after the power came back")
        if ready_s == float("inf") and guest("systemctl is-active foregate-gate.service") == "active":
            ready_s = time.monotonic()
    guest("systemctl disable --now foregate-gate.service")
    if ready_s == float("inf"):
        return _failed("the gate did not come back")
    _say(f"ok: shut for {ready_s - began_s:.0f} s until the gate was back, and {SHUT_FOR_S:.0f} s after")
    return 0


def in_guest() -> int:
    """Install the gate so that it starts with the board, and wait until it lets somebody in."""
    from tests.rig import lines, scenes, service

    lines.rest()
    scenes.camera("run")
    scenes.show("empty")
    service.install(f"relay_pulse_s = 10.0\n{scenes.CAMERA}", "WatchdogSec=30\n")
    service.run("systemctl", "enable", service.UNIT)
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
