"""The rooms that one frame goes through, each as something that can be done again and again with prepared input.

`tracking` is the pipeline's step with the pictures, reference and readings of its rooms given to it; `decision` is what
the gate does with people, badges and signals after it, and is timed inside the whole gate, whose state it changes.

What a stage needs is made beforehand by playing the frames once, so that timing a stage times nothing else. The frames
are the simulated camera's: a morning's people one after another, on any machine the same.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any
from unittest.mock import patch

import numpy as np

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.app import bootstrap
from edge.app.config import Config
from edge.app.gate_loop import Gate
from edge.app.parts import open_parts
from edge.app.settings import pipeline_settings
from edge.core import pipeline
from edge.core.frame import CameraInfo, Frame, NoFrame, refusal
from edge.core.screen import ScreenState, message
from edge.core.telemetry import LINE_WORDS, LINES, decode
from tools.bench_baselines import Haar
from tools.morning_lane import FrameClock

FRAMES = 90
# The sensor settles for ten seconds after it was switched on; then a few frames find the reference.
UNSETTLED, BEFORE = 100, 20
CAMERAS = {"lepton": (120, 160), "boson": (256, 320)}
HAAR, WHOLE, DECISION = "haar", "gate", "decision"
BEGAN_UTC_MS = 1_767_600_000_000

# What a function was called with, and its answer.
Noted = tuple[Callable[..., Any], tuple[Any, ...], Any]
Work = Callable[[int], object]
# Given the address of a gate's screen: somebody who watches it meanwhile.
Watched = Callable[[str], AbstractContextManager[object]]
Asked = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Stages:
    """Name -> what it does to frame k, 0 to frames - 1. gate: plays all frames through the whole loop of a gate, which
    asks for each of them by calling `asked(k)`, while its screen is watched, and calls `decides(k)` before and after
    frame k's decision."""

    frames: int
    work: dict[str, Work]
    gate: Callable[..., None]


def config(folder: Path) -> Config:
    """A gate as delivered, with the simulated camera's mounting, that keeps its files in this folder."""
    return Config.model_validate(
        {
            "camera": {"kind": "sim", "rotation_deg": 90},
            "pins": {"factory": "mock"},
            "screen": {"port": 0},
            "store": {"path": str(folder / "records.sqlite")},
        }
    )


@contextmanager
def prepared(camera: str, count: int = FRAMES) -> Iterator[Stages]:
    """The stages on `count` frames of this camera ("lepton", "boson") in which people come and go."""
    rows, columns = CAMERAS[camera]
    source = SimCamera(SimSettings(seed=5, rows=rows, columns=columns, people_every_s=3.5))
    frames = _frames(source, UNSETTLED + BEFORE + count)[UNSETTLED:]
    with TemporaryDirectory() as folder:
        settings = pipeline_settings(config(Path(folder)), source.info)
        yield Stages(count, _work(frames, settings), _gate(Path(folder), source.info, frames))


def _frames(source: SimCamera, count: int) -> list[Frame]:
    found: list[Frame] = []
    while len(found) < count:
        got = source.read(1.0)
        if isinstance(got, Frame):
            found.append(got)
    return found


def _work(frames: Sequence[Frame], settings: pipeline.Settings) -> dict[str, Work]:
    detector, haar = bootstrap.open_detector(), Haar()
    rows, columns = settings.camera.rows, settings.camera.columns
    footer = np.ones((LINES, LINE_WORDS), np.uint16)
    pictures: list[pipeline.Picture] = []
    steps: list[tuple[pipeline.State, Frame, Any]] = []
    inside: list[dict[str, list[Noted]]] = []
    state = pipeline.start(settings)
    for frame in frames:
        picture = pipeline.picture(frame, settings)
        assert picture is not None
        boxes = detector.detect(picture)
        pictures.append(picture)
        steps.append((state, frame, boxes))
        with _noting("picture", "watch", "read") as noted:
            state, _ = pipeline.step(state, frame, boxes, frame.t_s)
        inside.append(noted)
    pictures, steps, inside = pictures[BEFORE:], steps[BEFORE:], inside[BEFORE:]

    def decoding(k: int) -> None:
        counts = steps[k][1].counts.copy()
        decode(footer)
        refusal(counts, "centikelvin", rows, columns)

    def again(name: str) -> Work:
        return lambda k: [call(*given) for call, given, _ in inside[k][name]]

    def tracking(k: int) -> object:
        before, frame, boxes = steps[k]
        with _told(inside[k]):
            return pipeline.step(before, frame, boxes, frame.t_s)

    screen = _a_screen_state()
    return {
        HAAR: lambda k: haar.detect(pictures[k]),
        "decode": decoding,
        "radiometry": lambda k: pipeline.picture(steps[k][1], settings),
        "detection": lambda k: detector.detect(pictures[k]),
        "reference": again("watch"),
        "forehead": again("read"),
        "tracking": tracking,
        "screen": lambda k: message(screen, pictures[k], 1.0),
    }


@contextmanager
def _noting(*names: str) -> Iterator[dict[str, list[Noted]]]:
    """What these functions of the pipeline are called with while this lasts, and what they answer."""
    noted: dict[str, list[Noted]] = {name: [] for name in names}

    def noter(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*given: Any) -> Any:
            answer = call(*given)
            noted[name].append((call, given, answer))
            return answer

        return noting

    with ExitStack() as patched:
        for name in names:
            patched.enter_context(patch.object(pipeline, name, noter(name, getattr(pipeline, name))))
        yield noted


@contextmanager
def _told(noted: dict[str, list[Noted]]) -> Iterator[None]:
    """These functions answer as they did, without doing anything."""
    with ExitStack() as patched:
        for name, calls in noted.items():
            answers = iter([answer for _, _, answer in calls])
            patched.enter_context(patch.object(pipeline, name, lambda *given, answers=answers: next(answers)))
        yield


def _a_screen_state() -> ScreenState:
    """What a page is told while somebody stands there, taken from a gate in the middle of its work."""
    return ScreenState(
        gate_id="gate-1", gate_name="", frame_seq=1, t_s=1.0, status="ok", reference_c=36.9, threshold_c=35.9, faces=(),
        last=None, passed=120, fever=1, refused=3, not_measured=4, records=(128, 120, 0), faults=(), alerts=(),
        ask=None, utc_ms=1_767_600_000_000, asked=True, inside=120, crowd_c=34.8, roster=None, cases=(),
    )  # fmt: skip


class _ListedCamera:
    """See `edge.ports.Camera`: these frames, one after the other, without waiting; the clock stands where they are."""

    def __init__(
        self, info: CameraInfo, frames: Sequence[Frame], clock: FrameClock, asked: Callable[[int], None]
    ) -> None:
        self.info, self._frames, self._clock, self._asked, self._next = info, frames, clock, asked, 0

    @property
    def k(self) -> int:
        """The frame that was given last, counted like the stages' frames."""
        return self._next - 1 - BEFORE

    def read(self, timeout_s: float) -> Frame | NoFrame:
        k = self._next
        self._next += 1
        if k >= BEFORE:
            self._asked(k - BEFORE)
        if k >= len(self._frames):
            return NoFrame("ended")
        self._clock.t_s = self._frames[k].t_s
        return self._frames[k]

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def _marked(camera: _ListedCamera, decides: Asked) -> Iterator[None]:
    """Before and after what the gate does about people, while this lasts."""
    name = "_on_people"
    call = getattr(Gate, name)

    def marking(*given: Any) -> Any:
        if camera.k < 0:
            return call(*given)
        decides(camera.k)
        answer = call(*given)
        decides(camera.k)
        return answer

    with patch.object(Gate, name, marking):
        yield


def _gate(folder: Path, info: CameraInfo, frames: Sequence[Frame]) -> Callable[..., None]:
    def play(asked: Asked, watched: Watched = lambda url: nullcontext(), decides: Asked = lambda k: None) -> None:
        with ExitStack() as opened:
            settings, clock = config(folder), FrameClock(BEGAN_UTC_MS, 1)
            camera = _ListedCamera(info, frames, clock, asked)
            parts = replace(open_parts(settings, opened, lambda line: None), camera=camera, clock=clock)
            opened.enter_context(watched(parts.screen.url))  # type: ignore[attr-defined]  # this gate's screen is a page
            opened.enter_context(_marked(camera, decides))
            Gate(settings, parts, lambda line: None).run(Event())

    return play
