"""What every camera keeps to: a frame or a reason, in time, each frame once and in order, and an end that stays.

One suite on the scripted camera of the tests, the replay, the simulation, and the Lepton and
the Boson on flirpy's own classes.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.camera_flirpy import BosonCamera, LeptonCamera
from edge.adapters.camera_replay import ReplayCamera
from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.adapters.camera_sim.sensor import INTERVAL_S, Faults
from edge.adapters.recording import RecordingWriter
from edge.core.frame import CameraInfo, Counts, Frame, NoFrame, Telemetry, refusal
from edge.ports import Camera
from tests.adapters.flirpy_fakes import QUICK, Bus
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedCamera

COUNT = 6
INFO = CameraInfo("FLIR Lepton 3.5", rows=120, columns=160, rotation_deg=90)


def room(n: int) -> Frame:
    counts = np.full((INFO.rows, INFO.columns), 29_515 + n, np.uint16)
    return Frame(counts, seq=n, t_s=50.0 + n * 0.115, telemetry=Telemetry(uptime_ms=n * 115, last_ffc_ms=0))


@dataclass(frozen=True)
class Source:
    """A camera that has at least COUNT frames to give, and whether it can fall silent (`silence` makes it)."""

    camera: Camera
    silence: Callable[[], None] | None = None


def scripted(folder: Path) -> Source:
    return Source(ScriptedCamera(INFO, [room(n) for n in range(COUNT)], FakeClock(), step_s=0.115))


def replay(folder: Path) -> Source:
    with RecordingWriter(folder / "rec.npz", INFO, {}) as writer:
        for n in range(COUNT):
            writer.append(room(n))
    return Source(ReplayCamera(folder / "rec.npz"))


def sim(folder: Path) -> Source:
    faults = Faults(first_ffc_s=(COUNT - 0.5) * INTERVAL_S, ffc_period_s=1e6)
    camera = SimCamera(SimSettings(realtime=True, faults=faults))
    return Source(camera, lambda: None)


def lepton(folder: Path) -> Source:
    bus, go_on = Bus(), threading.Event()
    camera = LeptonCamera(bus.lepton, QUICK)
    go_on.set()
    threading.Thread(target=_feed, args=(bus, go_on, bus.image), daemon=True).start()
    return Source(camera, go_on.clear)


def boson(folder: Path) -> Source:
    bus, go_on = Bus(), threading.Event()
    rng = np.random.default_rng(1)
    camera = BosonCamera(bus.boson, QUICK)
    go_on.set()

    def noise() -> Counts:
        return rng.integers(29_500, 29_530, (256, 320)).astype(np.uint16)

    threading.Thread(target=_feed, args=(bus, go_on, noise), daemon=True).start()
    return Source(camera, go_on.clear)


def _feed(bus: Bus, go_on: threading.Event, image: Callable[[], Counts]) -> None:
    capture = bus.capture()
    while go_on.is_set() and not capture.released.is_set():
        capture.show(image())
        capture.released.wait(0.01)


@pytest.fixture(params=[scripted, replay, sim, lepton, boson], ids=lambda make: make.__name__)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    made: Source = request.param(tmp_path)
    yield made
    made.camera.close()


def frames(camera: Camera, count: int) -> list[Frame]:
    """The next frames; refusals between them are passed over, but not for ever."""
    got: list[Frame] = []
    for _ in range(200):
        answer = camera.read(1.0)
        if isinstance(answer, Frame):
            got.append(answer)
        if len(got) == count:
            return got
    raise AssertionError(f"{len(got)} frames of {count}; the last answer was {answer}")


def test_frames_are_what_info_promises(source: Source) -> None:
    info = source.camera.info

    for frame in frames(source.camera, COUNT):
        assert refusal(frame.counts, info.unit, info.rows, info.columns) is None
        assert frame.unit == info.unit


def test_each_frame_comes_once_in_order_never_older_than_the_one_before(source: Source) -> None:
    got = frames(source.camera, COUNT)

    assert [frame.seq for frame in got] == list(range(COUNT))
    assert all(before.t_s < after.t_s for before, after in pairwise(got))


def test_a_frames_counts_stay_as_they_are_while_later_ones_come(source: Source) -> None:
    first = frames(source.camera, 1)[0]
    before = first.counts.copy()

    frames(source.camera, COUNT - 1)

    assert (first.counts == before).all()


def test_a_read_without_time_to_wait_answers(source: Source) -> None:
    assert isinstance(source.camera.read(0.0), Frame | NoFrame)


def test_silence_is_a_reason(source: Source) -> None:
    if source.silence is None:
        frames(source.camera, COUNT)
        assert [source.camera.read(0.05) for _ in range(3)] == [NoFrame("ended")] * 3
        return
    frames(source.camera, 1)
    source.silence()
    reasons = [got.reason for _ in range(20) if isinstance(got := source.camera.read(0.02), NoFrame)]
    assert reasons
    assert set(reasons) == {"stalled"}


def test_it_may_be_closed_twice(source: Source) -> None:
    frames(source.camera, 1)

    source.camera.close()
    source.camera.close()
