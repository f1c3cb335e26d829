"""A calibration at a real terminal, by keys alone (tmux), killed with SIGKILL in each stage and gone on with."""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from calibration.state import STAGES
from calibration.wizard import STAGE_NAMES
from edge.app import bootstrap
from edge.app.config_file import load
from edge.core.profile import Profile

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="sudo apt install tmux"),
]
LONGEST_S, LOOK_EVERY_S = 900.0, 0.2
ANSWERS = {"您的姓名": "Li Ming", "编号 /": "BB-0042", "证书的日期": "2026-01-02",
           "约 33": "33.0", "约 40": "40", "约 37": "37.0"}  # fmt: skip
HEADINGS = {f"== {STAGE_NAMES[stage]}": stage for stage in STAGES}


class Terminal:
    """A tmux server of its own with one window."""

    def __init__(self) -> None:
        self._name = f"foregate-{uuid4().hex[:12]}"
        self.tmux("new-session", "-d", "-x", "200", "-y", "60", "sh")

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-L", self._name, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-J", "-S", "-2000")

    def clear(self) -> None:
        self.tmux("send-keys", "-R")
        self.tmux("clear-history")

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._name, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


def kill(config: Path) -> None:
    """SIGKILL for whoever calibrates with this configuration."""
    found = subprocess.run(
        ["pgrep", "-f", f"edge.app.cli calibrate --config {config}"], capture_output=True, text=True, check=True
    )
    for pid in found.stdout.split():
        subprocess.run(["kill", f"-{signal.SIGKILL.value}", pid], check=True)


def test_by_keys_in_a_terminal_killed_in_each_stage_it_comes_to_a_signed_profile(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text('[gate]\nid = "gate-7"\n[camera]\nkind = "sim"\n', encoding="utf-8")
    command = f"{sys.executable} -m edge.app.cli calibrate --config {path}; echo ended $?"
    terminal.type(command)
    killed: set[str] = set()
    answered = ""
    end_s = time.monotonic() + LONGEST_S
    while time.monotonic() < end_s:
        time.sleep(LOOK_EVERY_S)
        seen = terminal.screen()
        if re.search(r"^ended 0$", seen, re.M):
            break
        headings = [stage for line in seen.splitlines() if (stage := HEADINGS.get(line.strip())) is not None]
        if headings and headings[-1] not in killed:
            killed.add(headings[-1])
            kill(path)
            answered = ""
            terminal.clear()
            terminal.type(command)
            continue
        shown = seen.rstrip()
        last = shown.splitlines()[-1] if shown else ""
        if last.endswith(":") and shown != answered:
            answered = shown
            terminal.type(next((answer for words, answer in ANSWERS.items() if words in last), ""))
    else:
        pytest.fail(f"it did not come to an end:\n{terminal.screen()[-2_000:]}")
    made = bootstrap.open_profile(load(path))
    assert isinstance(made, Profile)
    assert made.plain["answers"]["technician"] == "Li Ming"
    # The signature is given and the end is told in one breath; the first stage may be over before anybody looks.
    assert killed >= set(STAGES) - {"sensor", "sign", "done"}
