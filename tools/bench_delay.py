"""How long after the frame that decides does the relay's wire go up? `python -m tools.bench_delay [--people N]`.

    one person after another, frames PACE times as fast as a Lepton's -> a whole gate -> pins that note the time

Meanwhile everything that a gate may have to do at the same time: 20 pages watch, a backlog of records goes to a county
of its own process, and the report of the day is written again and again. Counted is from the moment at which the gate's
loop is given the frame after which the wire changes; recording and its fsync lie in between. The pins are gpiozero's
mock ones: what a kernel adds below them is not in it.
"""

import argparse
import contextlib
import queue
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from edge.adapters.camera_sim import SimCamera, SimSettings, Visitor
from edge.adapters.gate_gpio import GpioGate
from edge.app import bootstrap
from edge.app.children import Child, Said
from edge.app.config_file import load
from edge.app.gate_loop import Gate
from edge.app.parts import open_parts
from edge.core.frame import CameraInfo, Frame, NoFrame
from tools.backlog import await_line, run_county, stop, write_backlog
from tools.morning_lane import FrameClock

PEOPLE, VIEWERS, BACKLOG_DAYS = 10_000, 20, 20
PACE, FPS = 9.0, 9.0
STANDING, EMPTY = 7, 7
GOAL_MS = 20.0
GATE_ID, SCHOOL = "delay-1", "时延小学"
STOP_WITHIN_S = 15.0

_CONFIG = """\
[gate]
id = "{gate_id}"
[camera]
kind = "sim"
rotation_deg = 90
[policy]
lost_after_s = 0.3
hold_s = 0.5
[pins]
factory = "mock"
relay_pulse_s = 0.1
[screen]
port = 0
[store]
path = "records.sqlite"
[county]
url = "{url}"
token_file = "token"
every_s = 0.5
"""

_WATCH = """\
import asyncio, sys
from websockets.asyncio.client import connect
async def one(url):
    origin = url.rstrip("/")
    async with connect(origin.replace("http", "ws") + "/live", origin=origin, max_size=None) as socket:
        async for _ in socket:
            pass
async def main():
    await asyncio.gather(*(one(sys.argv[1]) for _ in range(int(sys.argv[2]))), return_exceptions=True)
asyncio.run(main())
"""


class NotingPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that calls `noted(bcm, level)` when it changes, and keeps no list of it."""

    noted: Any = staticmethod(lambda bcm, level: None)

    def _change_state(self, value: bool) -> bool:
        before, self._state = bool(self.state), value
        if before == value:
            return False
        NotingPin.noted(self.info.name, value)
        return True


class Passers:
    """See `edge.ports.Camera`: one after the other comes, stands for STANDING frames and has gone for EMPTY ones."""

    def __init__(self, info: CameraInfo, standing: Sequence[Frame], empty: Sequence[Frame], people: int) -> None:
        self.info, self._standing, self._empty = info, standing, empty
        self._left = people * (STANDING + EMPTY)
        self.clock = FrameClock(1_767_600_000_000, 1)
        self.given_s = 0.0
        self._seq, self._due_s = 0, time.monotonic()
        self._never = threading.Event()

    def read(self, timeout_s: float) -> Frame | NoFrame:
        if self._seq == self._left:
            return NoFrame("ended")
        self._due_s = max(self._due_s + 1.0 / (FPS * PACE), time.monotonic())
        self._never.wait(self._due_s - time.monotonic())
        place = self._seq % (STANDING + EMPTY)
        frames = self._standing if place < STANDING else self._empty
        frame = replace(frames[place % len(frames)], seq=self._seq, t_s=self._seq / FPS)
        self._seq += 1
        self.clock.t_s = frame.t_s
        self.given_s = time.monotonic()
        return frame

    def close(self) -> None:
        """Nothing is held."""


def delays_ms(place: Path, people: int) -> list[float]:
    """The relay's, for everybody who was let in, in ms. ForegateError: county or sync did not start."""
    path = place / "gate.toml"
    path.write_text(_CONFIG.format(gate_id=GATE_ID, url="http://127.0.0.1:1"), encoding="utf-8")
    config = load(path)
    with contextlib.closing(bootstrap.open_store(config)) as store:
        write_backlog(store, BACKLOG_DAYS, 1_200)
    found: list[float] = []
    with _county(place, path), ExitStack() as opened:
        standing, empty = scenes()
        camera = Passers(SimCamera(SimSettings()).info, standing, empty, people)
        relay = f"GPIO{config.pins.relay}"

        def noted(pin: str, level: bool) -> None:
            if pin == relay and level:
                found.append((time.monotonic() - camera.given_s) * 1000.0)

        NotingPin.noted = staticmethod(noted)
        gate_io = GpioGate(bootstrap.wiring(config.pins), MockFactory(pin_class=NotingPin))
        opened.callback(gate_io.close)
        parts = replace(
            open_parts(config, opened, lambda line: None), camera=camera, gate_io=gate_io, clock=camera.clock
        )
        opened.enter_context(watched(parts.screen.url, VIEWERS))  # type: ignore[attr-defined]  # this gate's screen is a page
        opened.enter_context(_reported(path))
        Gate(config, parts, lambda line: None).run(threading.Event())
    return found


def scenes() -> tuple[list[Frame], list[Frame]]:
    """Frames of somebody usual who stands there, and of nobody."""
    source = SimCamera(SimSettings(seed=3), schedule=[Visitor(0, 3.0, fever=False, stands_s=60.0, attire=frozenset())])
    standing: list[Frame] = []
    empty: list[Frame] = []
    while len(standing) < STANDING:
        frame = source.read(1.0)
        assert isinstance(frame, Frame)
        faces = source.truth(frame.seq).faces
        if not faces and len(empty) < EMPTY:
            empty.append(frame)
        if faces and faces[0].standing:
            standing.append(frame)
    return standing, empty


@contextlib.contextmanager
def _county(place: Path, path: Path) -> Iterator[None]:
    """A county, and a sync that sends it the backlog."""
    said: queue.Queue[Said] = queue.Queue()
    environment = {"FOREGATE_COUNTY_DATA": str(place / "county")}
    (place / "county").mkdir()
    run_county(environment, "migrate", "--verbosity", "0")
    key = bootstrap.open_device_key(load(path)).public_key
    names = ("--name", GATE_ID, "--school", SCHOOL, "--public-key", key, "--token-file", str(place / "token"))
    run_county(environment, "add-gate", GATE_ID, *names)
    county = Child("county", ("county.manage", "serve", "--bind", "127.0.0.1:0"), said, environment)
    try:
        url = await_line(said, re.compile(r"ready.*?(https?://\S+?)/?$"))
        path.write_text(_CONFIG.format(gate_id=GATE_ID, url=url), encoding="utf-8")
        sync = Child("sync", ("edge.app.cli", "sync", "--config", str(path)), said, {})
        try:
            yield
        finally:
            stop(sync)
    finally:
        stop(county)


@contextlib.contextmanager
def watched(url: str, pages: int) -> Iterator[None]:
    """So many pages look at this gate's screen, in a process of their own."""
    viewers = subprocess.Popen([sys.executable, "-c", _WATCH, url, str(pages)])
    try:
        yield
    finally:
        viewers.terminate()
        viewers.wait(STOP_WITHIN_S)


@contextlib.contextmanager
def _reported(path: Path) -> Iterator[None]:
    """The report of the day, written again and again."""
    over = threading.Event()

    def report() -> None:
        while not over.is_set():
            command = [sys.executable, "-m", "edge.app.cli", "report", "--config", str(path)]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            over.wait(1.0)

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60.0)


def lines(found: Sequence[float], people: int) -> list[str]:
    """What is printed of it."""
    by_size = sorted(found)
    p99 = by_size[min(len(by_size) - 1, int(len(by_size) * 0.99))]
    return [
        "## From the frame that decides to the relay's wire",
        "",
        f"{people} people came, {len(found)} were let in; {VIEWERS} viewers, a backlog of"
        f" {BACKLOG_DAYS * 1_200} records on its way, reports being written; frames {PACE:g} times as fast as at"
        f" {FPS:g} Hz.",
        "",
        f"median {statistics.median(found):.1f} ms, p99 {p99:.1f} ms, worst {by_size[-1]:.1f} ms. Goal: p99 within"
        f" {GOAL_MS:g} ms: {'met' if p99 <= GOAL_MS else 'NOT met'} on this machine.",
    ]


def main() -> int:
    """0: the goal is met; 1: it is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=PEOPLE)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory(prefix="foregate-delay-") as folder:
        found = delays_ms(Path(folder), people)
    sys.stdout.write("\n".join(lines(found, people)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
