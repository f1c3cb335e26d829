"""`foregate demo`: the whole way on this machine. A simulated gate, its sync and a county, each a process of its own.

    county on loopback -> signed roster -> sync -> demo.roster
    gate (camera.kind = "sim", simulated badges, mock pins) -> records.sqlite -> sync -> county

It runs until Ctrl-C or for so many seconds, stops the gate first, lets the sync finish, stops the county, and says
what became of every simulated person, and what should have. Whatever happens, no process is left behind.
"""

import contextlib
import os
import queue
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.adapters.device_key import FILE_NAME as DEVICE_KEY
from edge.adapters.device_key import DeviceKey
from edge.adapters.guards_file import add_guard
from edge.app import bootstrap, demo_cast
from edge.app.children import Child, Said
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.demo_summary import county_fingerprints, read_records, read_truth, summary
from edge.core.errors import ConfigError, ForegateError
from edge.core.pin_rule import check_pin
from edge.ports import Store

Announce = Callable[[str], None]

GATE_ID = "demo-gate"
OFFICER = "demo"
GUARD = "demo"
PIN_DIGITS = 6
# One with a fever among the first.
SEED = 51
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0
SYNC_WITHIN_S = 30.0
LOOK_EVERY_S = 0.2

_CONFIG = """\
# 演示用，自动生成 / made by `foregate demo`
[gate]
id = "{gate_id}"
name = "演示闸机 / demo gate"
[camera]
kind = "sim"
[sim]
seed = {seed}
badges = true
truth_file = "truth.jsonl"
people_every_s = 3.5
fever_fraction = 0.2
[pins]
factory = "mock"
[store]
path = "records.sqlite"
[screen]
port = 0
[county]
url = "{county_url}"
token_file = "token"
every_s = 0.5
[roster]
school = "{school}"
key_file = "roster.pub"
path = "demo.roster"
"""


def demo(seconds: float | None, folder: Path | None, stop: threading.Event, announce: Announce) -> int:
    """Run for so many seconds (None: until `stop`); 0 when everybody reached the county with the right verdict, else 1.

    folder: keep the files there (it must be empty or new); None: in a temporary one, removed in the end.
    ForegateError: a part could not be started, or died.
    """
    with _folder(folder) as place, _Parts(place, announce) as parts:
        parts.start_county()
        parts.start_sync_and_gate()
        if folder is not None:
            announce(f"文件 / files: {place}")
        announce("Ctrl-C 停止 / stops it" if seconds is None else f"{seconds:g} 秒后自停 / stops after {seconds:g} s")
        parts.watch(stop, seconds)
        announce("正在停止 / stopping …")
        stopped_s = parts.stop_gate()
        parts.let_sync_finish()
        told = summary(
            read_truth(place / "truth.jsonl"),
            read_records(parts.config.store.path),
            county_fingerprints(parts.config),
            stopped_s,
        )
        parts.stop_county()
        announce(told.text)
    # Who stops it at once has seen nobody pass, and nobody was lost; a demo that was to run its time must show people.
    return 0 if told.all_is_well or (seconds is None and not told.anybody) else 1


class _Parts:
    """The three processes, started and stopped in order; leaving the block ends whatever still runs."""

    config: Config

    def __init__(self, place: Path, announce: Announce) -> None:
        self.place, self.announce = place, announce
        self._said: queue.Queue[Said] = queue.Queue()
        self._children: dict[str, Child] = {}
        self._county_environment = {"FOREGATE_COUNTY_DATA": str(self.place / "county")}

    def __enter__(self) -> "_Parts":
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children.values():
            child.stop(0.0)
        deadline_s = time.monotonic() + STOP_WITHIN_S
        for child in self._children.values():
            child.wait(max(0.0, deadline_s - time.monotonic()))
            child.end()

    def start_county(self) -> None:
        """A county with one school, one gate and one officer, and a gate's configuration that knows it."""
        (self.place / "county").mkdir()
        self._county("migrate", "--verbosity", "0")
        names = ("--name", "演示闸机", "--school", demo_cast.SCHOOL)
        # Both stand on this machine: no code has to be carried from one to the other.
        key = DeviceKey(self.place / DEVICE_KEY).public_key
        self._county("add-gate", GATE_ID, *names, "--public-key", key, "--token-file", str(self.place / "token"))
        self._import_roster()
        self._county("add-account", OFFICER, "--role", "officer", "--generate")
        sign_in = self._county("sign-in-link", OFFICER).strip().splitlines()[-1]
        self._start("county", "county.manage", "serve", "--bind", "127.0.0.1:0")
        url = self._await_url("county", "ready").rstrip("/")
        path = self.place / "gate.toml"
        text = _CONFIG.format(gate_id=GATE_ID, county_url=url, school=demo_cast.SCHOOL, seed=SEED)
        path.write_text(text, encoding="utf-8")
        self.config = load(path)
        self.announce(f"县级页面（此地址只能打开一次）/ county's page (this address opens once): {url}{sign_in}")

    def start_sync_and_gate(self) -> None:
        """The gate last: whom the roster does not know yet would be turned away."""
        path = str(self.place / "gate.toml")
        self._start("sync", "edge.app.cli", "sync", "--config", path)
        self.announce(self._await("sync", re.compile(r".*roster version.*"))[0])
        pin = random_pin()
        add_guard(self.config.guards_file, GUARD, "演示门卫", "guard", pin)
        self._start("gate", "edge.app.cli", "run", "--config", path)
        url = self._await_url("gate", "screen")
        self.announce(f"门卫屏幕 / guard's screen: {url}")
        # The only place where it ever stands; the guards' file holds what cannot be read back.
        self.announce(f"门卫登录（仅此一次）/ sign in there (for this demo alone): {GUARD}, PIN {pin}")

    def watch(self, stop: threading.Event, seconds: float | None) -> None:
        """Show what the gate says, until it is time. ForegateError: a part has died."""
        deadline_s = float("inf") if seconds is None else time.monotonic() + seconds
        while not stop.is_set() and time.monotonic() < deadline_s:
            said = self._next_line(LOOK_EVERY_S)
            if said is not None:
                self._on_line(said)

    def stop_gate(self) -> float:
        """When it was told to (monotonic s). ForegateError: it did not stop, or not all of its people are on disk."""
        stopped_s = time.monotonic()
        code = self._children["gate"].stop(STOP_WITHIN_S)
        # People who stood there at the end are announced on the way out.
        while (said := self._next_line(1.0)) is not None and (said.child, said.line) != ("gate", None):
            self._on_line(said, stopping="gate")
        self._check_exit("gate", code)
        return stopped_s

    def let_sync_finish(self) -> None:
        """Wait until nothing is left to send, or long enough, then stop it."""
        deadline_s = time.monotonic() + SYNC_WITHIN_S
        with contextlib.closing(bootstrap.open_store(self.config)) as store:
            while _waiting(store) and time.monotonic() < deadline_s:
                said = self._next_line(LOOK_EVERY_S)
                if said is not None:
                    self._on_line(said, stopping="gate")
        self._check_exit("sync", self._children["sync"].stop(STOP_WITHIN_S))

    def stop_county(self) -> None:
        self._check_exit("county", self._children["county"].stop(STOP_WITHIN_S))

    def _import_roster(self) -> None:
        """The school's table and its classes' windows at the county, and the key that signs them for the gate."""
        school, table = demo_cast.SCHOOL, self.place / "roster.csv"
        table.write_text(demo_cast.table(), encoding="utf-8")
        self._county("import-roster", school, str(table))
        windows = {
            demo_cast.OPEN_CLASS: demo_cast.OPEN_WINDOW,
            demo_cast.CLOSED_CLASS: demo_cast.closed_window(_minute_of_day()),
        }
        for name, window in windows.items():
            self._county("entry-window", school, name, *window)
        (self.place / "roster.pub").write_text(self._county("roster-key"), encoding="ascii")

    def _start(self, name: str, *module: str) -> None:
        environment = self._county_environment if name == "county" else {}
        self._children[name] = Child(name, module, self._said, environment)

    def _county(self, *arguments: str) -> str:
        """Run one of the county's commands to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "county.manage", *arguments],
            env={**os.environ, **self._county_environment},
            capture_output=True,
            text=True,
            timeout=READY_WITHIN_S,
            check=False,
        )
        if done.returncode != 0:
            raise _died(f"county {arguments[0]}", done.returncode, (done.stdout + done.stderr).splitlines()[-20:])
        return done.stdout

    def _await_url(self, name: str, word: str) -> str:
        return self._await(name, re.compile(rf"{word}.*?(https?://\S+)"))[1]

    def _await(self, name: str, pattern: re.Pattern[str]) -> re.Match[str]:
        deadline_s = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline_s:
            said = self._next_line(LOOK_EVERY_S)
            if said is None:
                continue
            if said.child == name and said.line and (match := pattern.search(said.line)):
                return match
            self._on_line(said)
        raise _died(name, None, list(self._children[name].last_lines))

    def _next_line(self, within_s: float) -> Said | None:
        try:
            return self._said.get(timeout=within_s)
        except queue.Empty:
            return None

    def _on_line(self, said: Said, stopping: str = "") -> None:
        if said.line is None:
            if said.child != stopping:
                child = self._children[said.child]
                raise _died(said.child, child.wait(STOP_WITHIN_S), list(child.last_lines))
        elif said.child == "gate":
            self.announce(said.line)

    def _check_exit(self, name: str, code: int | None) -> None:
        if code != 0:
            raise _died(name, code, list(self._children[name].last_lines))


def random_pin() -> str:
    """A PIN that nobody knows before, and that is none of the first ones somebody would try."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        with contextlib.suppress(ConfigError):
            check_pin(pin, GUARD)
            return pin


def _minute_of_day() -> int:
    """On the school's wall clock, as the gate's configuration has it when it names none."""
    there = datetime.now(ZoneInfo(Config().gate.timezone))
    return there.hour * 60 + there.minute


def _waiting(store: Store) -> int:
    written, acknowledged, set_aside = store.counts()
    return written - acknowledged - set_aside


@contextlib.contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="foregate-demo-") as made:
            yield Path(made)
        return
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        empty = not any(wanted.iterdir())
    except OSError as error:
        raise ForegateError(
            f"无法使用文件夹 {wanted}（{error.strerror}）；请另选一个",
            f"cannot use the folder {wanted} ({error.strerror}); choose another",
        ) from error
    if not empty:
        raise ForegateError(f"{wanted} 不是空文件夹；请另选一个", f"{wanted} is not empty; choose another folder")
    yield wanted.absolute()


def _died(name: str, code: int | None, last_lines: list[str]) -> ForegateError:
    lines = "\n".join(f"  {line}" for line in last_lines) or "  (…)"
    how, how_en = (f"退出码 {code}", f"exit code {code}") if code is not None else ("没有应答", "no answer")
    return ForegateError(
        f"{name} 已停止（{how}），其最后的输出：\n{lines}", f"{name} has stopped ({how_en}); its last lines are above"
    )
