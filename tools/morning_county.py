"""The county of the morning: its own process, with the school's roster; and a sync process for each gate."""

import os
import queue
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from edge.adapters.device_key import FILE_NAME, DeviceKey
from edge.app.children import Child, Said
from edge.app.config import Config
from edge.app.config_file import load
from edge.core.errors import ForegateError
from tools.morning_school import SCHOOL, School

WITHIN_S = 120.0
STOP_WITHIN_S = 15.0
_URL = re.compile(r"https?://\S+")

_CONFIG = """\
[gate]
id = "{gate_id}"
name = "晨光小学 {gate_id}"
[camera]
kind = "sim"
[pins]
factory = "mock"
[store]
path = "{gate_id}.sqlite"
[county]
url = "{url}"
token_file = "{gate_id}.token"
every_s = 0.5
[roster]
path = "{gate_id}.roster"
key_file = "roster.key"
school = "{school}"
"""


class County:
    """Processes in a folder of their own; leaving the block ends whatever still runs."""

    def __init__(self, place: Path, announce: Callable[[str], None]) -> None:
        self._place, self._announce = place, announce
        self._said: queue.Queue[Said] = queue.Queue()
        self._children: dict[str, Child] = {}
        self._environment = {"FOREGATE_COUNTY_DATA": str(place / "county")}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children.values():
            child.stop(0.0)
        for child in self._children.values():
            child.wait(STOP_WITHIN_S)
            child.end()

    def open(self, school: School) -> list[Config]:
        """A county that knows the school and its gates; each gate's configuration, its roster in place."""
        (self._place / "county").mkdir()
        self._run("migrate", "--verbosity", "0")
        table = self._place / "table.csv"
        table.write_text(school.table(), encoding="utf-8")
        self._run("import-roster", SCHOOL, str(table), "--by", "office")
        for name, window in school.windows.items():
            times = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in window]
            self._run("entry-window", SCHOOL, name, *times, "--by", "office")
        key = self._place / "roster.key"
        key.write_text(self._run("roster-key"), encoding="ascii")
        key.chmod(0o600)
        gates = [f"lane-{lane + 1}" for lane in range(school.lanes)]
        for gate_id in gates:
            token = str(self._place / f"{gate_id}.token")
            names = ("--name", gate_id, "--school", SCHOOL)
            # The lanes' files lie in one folder, and so have one key.
            device = DeviceKey(self._place / FILE_NAME).public_key
            self._run("add-gate", gate_id, *names, "--public-key", device, "--token-file", token)
        self._children["county"] = Child(
            "county", ("county.manage", "serve", "--bind", "127.0.0.1:0"), self._said, self._environment
        )
        url = self._await("county", lambda line: "ready" in line and bool(_URL.search(line)))
        match = _URL.search(url)
        assert match is not None
        configs = []
        for gate_id in gates:
            path = self._place / f"{gate_id}.toml"
            text = _CONFIG.format(gate_id=gate_id, url=match[0].rstrip("/"), school=SCHOOL)
            path.write_text(text, encoding="utf-8")
            self._children[gate_id] = Child(gate_id, ("edge.app.cli", "sync", "--config", str(path)), self._said, {})
            self._await(gate_id, lambda line: "roster version" in line)
            configs.append(load(path))
        return configs

    def await_all_sent(self, waiting: Callable[[], int]) -> None:
        """Until nothing waits to be sent. ForegateError: a process died, or it took too long."""
        deadline_s = time.monotonic() + WITHIN_S
        while waiting():
            if time.monotonic() > deadline_s:
                raise ForegateError("县里没有收齐记录", "the county did not get all records in time")
            self._next_line(0.2)

    def _await(self, name: str, wanted: Callable[[str], bool]) -> str:
        deadline_s = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline_s:
            said = self._next_line(0.2)
            if said is not None and said.child == name and said.line is not None and wanted(said.line):
                return said.line
        raise _failed(name, list(self._children[name].last_lines))

    def _next_line(self, within_s: float) -> Said | None:
        try:
            said = self._said.get(timeout=within_s)
        except queue.Empty:
            return None
        if said.line is None:
            raise _failed(said.child, list(self._children[said.child].last_lines))
        return said

    def _run(self, *arguments: str) -> str:
        """Run one of the county's commands to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "county.manage", *arguments],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        if done.returncode != 0:
            raise _failed(f"county {arguments[0]}", (done.stdout + done.stderr).splitlines()[-20:])
        return done.stdout


def _failed(name: str, lines: list[str]) -> ForegateError:
    told = "\n".join(f"  {line}" for line in lines)
    return ForegateError(f"{name} 失败：\n{told}", f"{name} has failed; its last lines are above")
