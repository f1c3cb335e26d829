"""The demo as a person runs it: real processes, ports that are taken, parts that die, and nothing left behind."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from edge.adapters.guards_file import GuardsFile
from edge.app.demo import demo
from edge.app.demo_summary import read_records
from edge.core.contents import Passage
from edge.core.errors import ForegateError

pytestmark = pytest.mark.system

WITHIN_S = 120.0
PIN = re.compile(r"PIN ([0-9]{6})$", re.MULTILINE)
PERSON = re.compile(r"#\d{4}  ")
URL = re.compile(r"http://\S+")


def processes_below(pid: int) -> dict[int, str]:
    """Every process that this one has started, and their own: pid -> command line."""
    found: dict[int, str] = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError):
            found[int(child)] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            found |= processes_below(int(child))
    return found


def have_ended(pids: dict[int, int]) -> bool:
    """Whether all these processes (pid -> its pidfd) end within WITHIN_S."""
    try:
        return all(select.select([descriptor], [], [], WITHIN_S)[0] for descriptor in pids.values())
    finally:
        for descriptor in pids.values():
            os.close(descriptor)


@contextmanager
def running(*arguments: str) -> "Iterator[tuple[subprocess.Popen[str], list[str]]]":
    """A demo whose screen is up, and what it has printed so far."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edge.app.cli", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield process, printed_until(process, "guard's screen")
    finally:
        # It stops its parts; a second, harder way out only if it should hang.
        process.terminate()
        try:
            process.wait(WITHIN_S)
        finally:
            process.kill()
            process.communicate()


def printed_until(process: "subprocess.Popen[str]", what: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(what, line):
            return lines
    assert process.stderr is not None
    pytest.fail(f"it ended without {what!r}:\n{''.join(lines)}{process.stderr.read()}")


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
        return str(answer.read().decode())


def keeps_no_pin(folder: Path, pin: str, said_later: str) -> None:
    """It was said once; what the folder keeps is enough to check it and not to read it."""
    guards = GuardsFile(folder / "guards.json", print)
    assert guards.role("demo") == "guard"
    assert guards.knows("demo", pin)
    assert not guards.knows("demo", "000000")
    assert pin not in said_later
    assert pin.encode() not in (folder / "gate.toml").read_bytes() + (folder / "guards.json").read_bytes()


@pytest.fixture
def ports_taken() -> Iterator[None]:
    """The default ports of county and screen belong to somebody (us, or a neighbour)."""
    with socket.socket() as county, socket.socket() as screen:
        for listener, port in ((county, 8600), (screen, 8601)):
            with suppress(OSError):
                listener.bind(("127.0.0.1", port))
                listener.listen()
        yield


@pytest.mark.usefixtures("ports_taken")
def test_people_pass_until_ctrl_c_and_all_of_them_reach_the_county(tmp_path: Path) -> None:
    with running("--dir", str(tmp_path / "demo")) as (process, lines):
        county, screen = (match[0] for line in lines if (match := URL.search(line)))
        assert "<title>额温闸机" in page(screen)
        assert "登录" in page(county) or "sign" in page(county).lower()
        lines.extend(printed_until(process, PERSON.pattern))
        lines.extend(printed_until(process, PERSON.pattern))
        county_knows = next(line for line in lines if "roster version" in line)
        pin = next(match[1] for line in lines if (match := PIN.search(line)))
        pids = {pid: os.pidfd_open(pid) for pid in processes_below(process.pid)}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=WITHIN_S)
        assert (process.returncode, err) == (0, "")
        assert "nobody was lost" in out
        assert re.search(r"the verdict that is right +(\d+) / \1\n", out)
        assert len(pids) >= 4
        assert have_ended(pids)
    assert re.search(r"\b[1-9]\d+ people", county_knows)
    keeps_no_pin(tmp_path / "demo", pin, out)
    kept = read_records(tmp_path / "demo" / "records.sqlite")
    asked = [one.record.content for one in kept if isinstance(one.record.content, Passage)]
    assert {one.roster_version is not None for one in asked} == {True}
    assert {"known"} <= {one.identified for one in asked}
    assert [one.record.seq for one in kept] == list(range(1, len(kept) + 1))
    assert len(kept) >= 2
    assert re.search(rf"acknowledged by the county\s+{len(kept)}\n", out)


def test_it_stops_by_itself() -> None:
    with running("--seconds", "10") as (process, _):
        out, err = process.communicate(timeout=WITHIN_S)
    assert (process.returncode, err) == (0, "")
    assert "simulated people who passed" in out


@pytest.mark.parametrize(("part", "name"), [(" run ", "gate"), (" sync ", "sync"), (" serve ", "county")])
def test_part_that_dies_is_named_and_all_stop(part: str, name: str) -> None:
    with running() as (process, _):
        below = processes_below(process.pid)
        pids = {pid: os.pidfd_open(pid) for pid in below}
        os.kill(next(pid for pid, command in below.items() if part in command), signal.SIGKILL)
        _, err = process.communicate(timeout=WITHIN_S)
        assert process.returncode == 1
        assert f"{name} has stopped (exit code -9)" in err
        assert have_ended(pids)


def test_nothing_outlives_a_demo_that_is_killed(tmp_path: Path) -> None:
    with running("--dir", str(tmp_path)) as (process, _):
        pids = {pid: os.pidfd_open(pid) for pid in processes_below(process.pid)}
        process.kill()
        assert len(pids) >= 4
        assert have_ended(pids)


def test_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ForegateError, match="is not empty"):
        demo(10.0, tmp_path, threading.Event(), print)
    with pytest.raises(ForegateError, match="cannot use the folder"):
        demo(10.0, tmp_path / "thesis.txt", threading.Event(), print)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
