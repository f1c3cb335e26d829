"""`make soak`: a simulated day of 70,000 frames and 3,000 people through a whole gate; is everything accounted for?

    simulated people -> gate (shutter events, the camera unplugged again and again, pages that watch) -> records
    -> sync, begun when half of the day is over, so that a backlog waits -> a county's own process

Nobody is asked who they are (mornings with badges: `make morning`), so every record belongs to whoever stood there at
its time. The day adds up when everybody who came has a record, or stood there while the camera was unplugged, but for
the few whom the detector never found, who are named; when no record belongs to nobody; when the chain is whole and the
county has all of it; and when memory has not gone on growing.
"""

import argparse
import queue
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from edge.adapters.camera_sim import PersonTruth, SimCamera, SimSettings
from edge.app import bootstrap
from edge.app.children import Child, Said
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.gate_loop import Gate
from edge.app.parts import open_parts
from edge.app.verify_command import verify
from edge.core.contents import GateEvent, Measurement, Passage
from edge.core.frame import Frame, NoFrame
from edge.core.record import Record
from tools.backlog import await_line, run_county, stop
from tools.bench_delay import watched
from tools.morning_lane import FrameClock

FRAMES, PEOPLE, VIEWERS = 70_000, 3_000, 3
FRAME_S = 1 / 8.7
# The last has left when the day ends: so many more would have had the time to come.
BEFORE_THE_END = 25
# The camera is away for so long, so often in a day.
AWAY_S, TIMES_AWAY = 25.0, 6
# A record may begin and end this much beside what the simulation calls a face.
BESIDE_S = 0.5
# Who is seen in one frame more than another is there no longer.
A_FRAME_S = 0.15
# Once the first part of the day has filled all caches.
GROWTH_MB, SETTLED_SHARE = 10.0, 0.25
SENT_WITHIN_S = 300.0
# A face that the detector never found has no record here: the gate stays shut for it. With a badge it would have one.
MOST_UNSEEN_SHARE = 0.01
GATE_ID = "soak-1"

_CONFIG = """\
[gate]
id = "{gate_id}"
[camera]
kind = "sim"
rotation_deg = 90
[pins]
factory = "mock"
[screen]
port = 0
[store]
path = "records.sqlite"
[county]
url = "{url}"
token_file = "token"
every_s = 0.5
"""


class Unplugged:
    """See `edge.ports.Camera`: the simulated one, pulled out now and then; the clock stands where the frames are."""

    def __init__(self, camera: SimCamera, clock: FrameClock, frames: int) -> None:
        self.info, self._camera, self._clock, self._frames = camera.info, camera, clock, frames
        every_s = frames * FRAME_S / (TIMES_AWAY + 1)
        self.away_s = [(n * every_s, n * every_s + AWAY_S) for n in range(1, TIMES_AWAY + 1)]
        self.taken = 0
        self.megabytes: list[tuple[int, float]] = []
        self.on_half = threading.Event()

    def read(self, timeout_s: float) -> Frame | NoFrame:
        if self.taken >= self._frames:
            return NoFrame("ended")
        got = self._camera.read(timeout_s)
        if not isinstance(got, Frame):
            return got
        self.taken += 1
        self._clock.t_s = got.t_s
        if self.taken == self._frames // 2:
            self.on_half.set()
        if self.taken % 1_000 == 0:
            self.megabytes.append((self.taken, resident_mb()))
        if any(since_s <= got.t_s < until_s for since_s, until_s in self.away_s):
            return NoFrame("not_connected", "unplugged")
        return got

    def close(self) -> None:
        self._camera.close()


def resident_mb() -> float:
    """Memory of this process, MB (VmRSS, proc(5))."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError("no VmRSS in /proc/self/status")


@dataclass(frozen=True, slots=True)
class Sums:
    """Who came, and what is written of it. twice: records beyond a person's first (lost sight of and seen again)."""

    people: int
    measured: int
    not_measured: int
    twice: int
    unseen: tuple[PersonTruth, ...]
    nobodys: tuple[Record, ...]
    away: tuple[GateEvent, ...]


def sums(records: Iterable[Record], people: Sequence[PersonTruth], away_s: Sequence[tuple[float, float]]) -> Sums:
    """Each passage to whose it is (`_whose`); who has none although the camera was there meanwhile."""
    own: dict[int, list[Passage]] = {one.person: [] for one in people}
    nobodys: list[Record] = []
    events: list[GateEvent] = []
    for record in records:
        content = record.content
        if isinstance(content, GateEvent) and content.code == "camera_away":
            events.append(content)
        if not isinstance(content, Passage) or content.measurement is None:
            continue
        likely = _whose(content.measurement, people)
        if likely is None:
            nobodys.append(record)
        else:
            own[likely.person].append(content)
    unseen = tuple(
        one
        for one in people
        if not own[one.person]
        and not any(since - BESIDE_S < one.t_last_s and one.t_first_s < until + BESIDE_S for since, until in away_s)
    )
    best = [min((p.verdict == "not_measured" for p in of_one), default=None) for of_one in own.values()]
    return Sums(
        people=len(people),
        measured=best.count(False),
        not_measured=best.count(True),
        twice=sum(max(0, len(of_one) - 1) for of_one in own.values()),
        unseen=unseen,
        nobodys=tuple(nobodys),
        away=tuple(events),
    )


def _whose(measured: Measurement, people: Sequence[PersonTruth]) -> PersonTruth | None:
    """Who was there most of this time; None: nobody was. Of two who were there as long it is the one whose forehead it
    was, as in the morning's sums."""

    def there_s(one: PersonTruth) -> float:
        return min(measured.t_last_s, one.t_last_s) - max(measured.t_first_s, one.t_first_s)

    longest_s = max(map(there_s, people))
    if longest_s < -BESIDE_S:
        return None
    read_c = measured.forehead_c
    if read_c is None:
        return max(people, key=there_s)
    as_long = [one for one in people if there_s(one) > longest_s - A_FRAME_S]
    return min(as_long, key=lambda one: abs(one.forehead_c - read_c))


def play(place: Path, frames: int, people: int) -> list[str]:
    """The day in this empty folder; what does not add up. Prints what was seen."""
    path = place / "gate.toml"
    path.write_text(_CONFIG.format(gate_id=GATE_ID, url="http://127.0.0.1:1"), encoding="utf-8")
    config = load(path)
    clock = FrameClock(time.time_ns() // 1_000_000 - round(frames * FRAME_S * 1000), 1)
    every_s = frames * FRAME_S / (people + BEFORE_THE_END)
    source = SimCamera(SimSettings(seed=7, people_every_s=every_s, people=people, reference_across=0.11), open_end=True)
    camera = Unplugged(source, clock, frames)
    began_s = time.monotonic()
    with ExitStack() as opened:
        county = opened.enter_context(County(place, path))
        starter = threading.Thread(target=county.sync_from, args=(camera.on_half,), daemon=True)
        starter.start()
        parts = replace(open_parts(config, opened, lambda line: None), camera=camera, clock=clock)
        opened.enter_context(watched(parts.screen.url, VIEWERS))  # type: ignore[attr-defined]  # this gate's screen is a page
        code = Gate(config, parts, lambda line: None).run(threading.Event())
        took_s = time.monotonic() - began_s
        camera.on_half.set()
        starter.join()
        wrong = [] if code == 0 else ["the gate could not write all of its records"]
        wrong += county.await_all(config)
    with closing(bootstrap.open_store(config)) as store:
        records = store.recall({"passage", "event"})
    found = sums(records, source.people(), camera.away_s)
    said: list[str] = []
    whole = verify(config.store.path, (), None, said.append)
    wrong += [] if whole == 0 else said
    _tell(camera, found, len(records), took_s)
    return wrong + _faults(found, camera)


def _tell(camera: Unplugged, found: Sums, records: int, took_s: float) -> None:
    say = bootstrap.say
    day_s = camera.taken * FRAME_S
    say(f"{camera.taken} 帧 / frames, {found.people} 人 / people, {took_s:.0f} s, {day_s / took_s:.0f}x")
    say(f"测到 / measured {found.measured}, 未测到而有记录 / recorded as not measured {found.not_measured}")
    say(f"再次看见的第二条记录 / second records of people lost sight of {found.twice}")
    unseen = ", ".join(f"{one.person} ({'+'.join(one.attire) or '-'})" for one in found.unseen)
    say(f"从未检测到、闸门未开 / never detected, the gate stayed shut: {len(found.unseen)}  {unseen}")
    away_s = sum(event.duration_s or 0.0 for event in found.away)
    say(f"相机拔出 / camera unplugged {len(found.away)} 次 / times, {away_s:.0f} s")
    say(f"记录 / records {records}")
    megabytes = camera.megabytes
    say("内存 / memory, MB: " + ", ".join(f"{mb:.0f} ({n})" for n, mb in megabytes[:: max(1, len(megabytes) // 8)]))


def _faults(found: Sums, camera: Unplugged) -> list[str]:
    wrong = [f"record {record.seq} belongs to nobody" for record in found.nobodys]
    if len(found.away) != TIMES_AWAY:
        wrong.append(f"the camera was unplugged {TIMES_AWAY} times, and {len(found.away)} are written down")
    if len(found.unseen) > found.people * MOST_UNSEEN_SHARE:
        wrong.append(f"{len(found.unseen)} of {found.people} people were never seen")
    settled = [mb for n, mb in camera.megabytes if n >= camera.taken * SETTLED_SHARE]
    if settled and settled[-1] - settled[0] > GROWTH_MB:
        wrong.append(f"memory grew from {settled[0]:.0f} to {settled[-1]:.0f} MB")
    return wrong


class County:
    """A county's process from the start, and a sync from half of the day on; leaving the block ends both."""

    def __init__(self, place: Path, path: Path) -> None:
        self._place, self._path = place, path
        self._said: queue.Queue[Said] = queue.Queue()
        self._children: list[Child] = []

    def __enter__(self) -> "County":
        environment = {"FOREGATE_COUNTY_DATA": str(self._place / "county")}
        (self._place / "county").mkdir()
        run_county(environment, "migrate", "--verbosity", "0")
        key = bootstrap.open_device_key(load(self._path)).public_key
        names = (
            "--name",
            GATE_ID,
            "--school",
            GATE_ID,
            "--public-key",
            key,
            "--token-file",
            str(self._place / "token"),
        )
        run_county(environment, "add-gate", GATE_ID, *names)
        command = ("county.manage", "serve", "--bind", "127.0.0.1:0")
        self._children.append(Child("county", command, self._said, environment))
        url = await_line(self._said, re.compile(r"ready.*?(https?://\S+?)/?$"))
        self._path.write_text(_CONFIG.format(gate_id=GATE_ID, url=url), encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            stop(child)

    def sync_from(self, moment: threading.Event) -> None:
        """Send what there is once this has come."""
        moment.wait()
        self._children.append(Child("sync", ("edge.app.cli", "sync", "--config", str(self._path)), self._said, {}))

    def await_all(self, config: Config) -> list[str]:
        """Until the county has every record; what is missing after SENT_WITHIN_S."""
        deadline_s, pause = time.monotonic() + SENT_WITHIN_S, threading.Event()
        with closing(bootstrap.open_store(config)) as store:
            while True:
                written, acknowledged, _ = store.counts()
                if acknowledged == written:
                    return []
                if time.monotonic() > deadline_s:
                    return [f"{written - acknowledged} of {written} records are not at the county"]
                pause.wait(0.5)


def main() -> int:
    """0: everything is accounted for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--people", type=int, default=PEOPLE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foregate-soak-") as folder:
        wrong = play(Path(folder), options.frames, options.people)
    for line in wrong:
        bootstrap.say(f"  ! {line}")
    bootstrap.say("有不符之处 / SOMETHING DOES NOT ADD UP" if wrong else "全部相符 / everything adds up")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
