"""The units: what systemd starts is what the command line takes, and who hangs is killed soon."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from edge.app import cli

UNITS = Path(__file__).parents[2] / "systemd"


def unit(name: str) -> ConfigParser:
    parsed = ConfigParser(interpolation=None, strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parsed.read_string((UNITS / name).read_text(encoding="utf-8"))
    return parsed


@pytest.fixture
def service() -> dict[str, str]:
    return dict(unit("foregate-gate.service")["Service"])


def test_whoever_hangs_is_killed_within_seconds_and_started_again(service: dict[str, str]) -> None:
    assert service["Type"] == "notify"
    assert 1 <= int(service["WatchdogSec"]) <= 10
    assert service["WatchdogSignal"] == "SIGKILL"
    assert service["Restart"] == "always"


def test_after_any_end_the_lines_are_driven_safe(service: dict[str, str]) -> None:
    assert " safe-lines " in service["ExecStopPost"]
    # A "-" would hide from systemd that a line could not be switched off.
    assert service["ExecStopPost"].startswith("/")


@pytest.mark.parametrize("key", ["ExecStart", "ExecStopPost"])
def test_what_is_started_is_a_command_of_this_program(
    key: str, service: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *arguments = service[key].split()
    assert Path(command).name == "foregate"
    configuration = tmp_path / "nowhere.toml"
    arguments[arguments.index("--config") + 1] = str(configuration)
    assert cli.main(arguments) == cli.MISUSE
    assert "nowhere.toml" in capsys.readouterr().err


def test_a_refused_configuration_is_not_tried_again(service: dict[str, str]) -> None:
    assert int(service["RestartPreventExitStatus"]) == cli.MISUSE


@pytest.mark.parametrize(
    ("name", "call"),
    [
        # setpriv (edge/adapters/badge_evdev/pump.py) ends when it may not: no badge would be read.
        ("gate", "capset"),
        # glibc's adjtimex() is either. Without it no clock would ever count as set: no entry window is judged.
        *((name, call) for name in ("gate", "sync") for call in ("adjtimex", "clock_adjtime")),
    ],
)
def test_what_a_service_needs_of_the_privileged_calls_it_may_call(name: str, call: str) -> None:
    """@privileged holds them, and the later line counts: what is allowed before it is forbidden again (@clock)."""
    text = (UNITS / f"foregate-{name}.service").read_text(encoding="utf-8")
    filters = re.findall(r"(?m)^SystemCallFilter=(.*)$", text)
    forbids = max(k for k, line in enumerate(filters) if line.startswith("~") and "@privileged" in line)
    assert any(call in line.split() for line in filters[forbids + 1 :])


def test_the_kernel_may_be_asked_for_the_clock_and_the_devices_are_there(service: dict[str, str]) -> None:
    assert not {"ProtectClock", "PrivateDevices"} & set(service)
    assert {"gpio", "video", "input"} <= set(service["SupplementaryGroups"].split())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="Debian's package systemd is not there")
@pytest.mark.parametrize(("name", "at_most"), [("gate", 2.0), ("sync", 1.5)])
def test_a_service_is_exposed_no_more_than_it_may_be(name: str, at_most: float) -> None:
    asked = ["systemd-analyze", "security", "--no-pager", "--offline=true", str(UNITS / f"foregate-{name}.service")]
    said = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)
    assert exposure is not None, said.stderr
    assert float(exposure[1]) <= at_most
