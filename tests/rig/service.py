"""The gate as systemd runs it, installed in the guest from the checkout as it is."""

import shutil
import subprocess
import time
from pathlib import Path

from tests.rig.lines import PINS, until

CHECKOUT = Path("/src/project")
UNIT = "foregate-gate.service"
PREFIX, SETTINGS, STATE = Path("/usr/lib/foregate/current"), Path("/etc/foregate"), Path("/var/lib/foregate")
# A name for it that some of the rig's tests use.
ALSO_AT = Path("/opt/foregate")
DROP_IN = Path("/etc/systemd/system") / f"{UNIT}.d" / "rig.conf"

# The guest's processor is emulated: what the board starts in seconds takes minutes here.
# The model that the rig writes over the kernel's own is lost where the unit gets a /proc of its own.
RIG = """\
[Service]
TimeoutStartSec=300
TimeoutStopSec=60
BindReadOnlyPaths=/run/rig/cpuinfo:/proc/cpuinfo
"""

_PROGRAM = f"""\
#!/bin/sh
export PYTHONPATH={PREFIX}/lib:{CHECKOUT} PYTHONDONTWRITEBYTECODE=1 OPENCV_LOG_LEVEL=ERROR
exec /opt/venv/bin/python -W ignore::DeprecationWarning -m "$@"
"""
PROGRAMS = {"foregate": "edge.app.cli", "gate-driver": "tests.rig.gate_driver"}


def run(*command: str, check: bool = True) -> str:
    """What it says."""
    return subprocess.run(command, capture_output=True, text=True, check=check).stdout


def install(config: str, drop_in: str = "") -> None:
    """User, program, unit and this configuration behind the pins' section; not started, its records are gone."""
    stop()
    run("systemd-sysusers", str(CHECKOUT / "systemd" / "foregate.sysusers.conf"))
    for name, module in PROGRAMS.items():
        program = PREFIX / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_PROGRAM.replace('-m "$@"', f'-m {module} "$@"'))
        program.chmod(0o755)
    if not ALSO_AT.is_symlink():
        ALSO_AT.symlink_to(PREFIX)
    # What pip would write: the program tells its version.
    about = PREFIX / "lib" / "foregate-0.dist-info" / "METADATA"
    about.parent.mkdir(parents=True, exist_ok=True)
    about.write_text("Metadata-Version: 2.1\nName: foregate\nVersion: 0+rig\n")
    SETTINGS.mkdir(exist_ok=True)
    (SETTINGS / "gate.toml").write_text(PINS + config)
    (Path("/etc/systemd/system") / UNIT).write_text((CHECKOUT / "systemd" / UNIT).read_text())
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text(RIG + drop_in)
    for left in STATE.glob("*"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    run("systemctl", "daemon-reload")
    run("systemctl", "reset-failed", UNIT, check=False)


def start() -> None:
    """And wait until it says that it is ready."""
    began_s = now_s()
    done = subprocess.run(["systemctl", "start", UNIT], capture_output=True, check=False)
    assert done.returncode == 0, journal(began_s)


def stop() -> None:
    run("systemctl", "stop", UNIT, check=False)


def shown(key: str) -> str:
    """What systemd knows of the unit."""
    return run("systemctl", "show", "--value", "-p", key, UNIT).strip()


def pid() -> int:
    return int(shown("MainPID"))


def until_state(state: str, within_s: float = 300.0) -> float:
    return until(lambda: shown("ActiveState") == state, f"{UNIT} is {state}", within_s)


def journal(since_s: float) -> str:
    """What the unit has said since then (wall clock)."""
    return run("journalctl", "-u", UNIT, "-o", "cat", "--no-pager", f"--since=@{since_s:.0f}")


def now_s() -> float:
    return time.time()
