"""One gate with every outside thing faked, and scenes to play before its camera."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from edge.app.calibrated import Calibrated
from edge.app.config import Config, StoreSection
from edge.app.gate_loop import Gate
from edge.app.parts import Parts
from edge.core.contents import Passage
from edge.core.desk import Answer, Command, Request
from edge.core.errors import CameraError
from edge.core.faces import Detection
from edge.core.frame import Frame, NoFrame, Telemetry
from edge.core.identity import Scan
from edge.core.record import Record
from edge.ports import SettingsShelf
from tests.core.scenes import INFO, INTERVAL_S, face, frame, room
from tests.fakes.badges import FakeBadges
from tests.fakes.clock import FakeClock
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.guards import FakeGuards
from tests.fakes.roster import FakeRoster
from tests.fakes.scripted import FakeScreen, ScriptedCamera, ScriptedDetector
from tests.fakes.store import FakeStore

Draw = Callable[[NDArray[np.float32]], list[Detection]]
CONFIG = Config.model_validate(
    {"camera": {"kind": "sim"}, "skin": {"emissivity": 1.0}, "reference": {"temperature_c": 37.0}}
)


def nobody(picture: NDArray[np.float32]) -> list[Detection]:
    return []


def standing(forehead_c: float, x0: float = 40) -> Draw:
    return lambda picture: [face(picture, x0, 30, 34, forehead_c)]


class FakeDesk:
    """See `edge.ports.Desk`. `ask` puts a request there and gives the list that its answer will be in."""

    def __init__(self) -> None:
        self._waiting: list[Request] = []

    def ask(self, command: Command, session: str | None, t_s: float) -> list[Answer]:
        answers: list[Answer] = []
        self._waiting.append(Request(command, session, t_s, answers.append))
        return answers

    def requests(self) -> tuple[Request, ...]:
        waiting, self._waiting = tuple(self._waiting), []
        return waiting


class _DirectedCamera(ScriptedCamera):
    """Plays the script; before the k-th read comes what is to happen then."""

    happenings: dict[int, Callable[[], None]]
    reads = 0

    def read(self, timeout_s: float) -> Frame | NoFrame:
        self.happenings.get(self.reads, lambda: None)()
        self.reads += 1
        return super().read(timeout_s)


@dataclass
class Bench:
    """One gate and its outside; `play` lets scenes of (frames, who stands there) pass before the camera.

    at: what happens before the k-th frame. Without a roster nobody is asked who they are.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeStore = field(default_factory=FakeStore)
    gate_io: FakeGateIO = field(default_factory=FakeGateIO)
    screen: FakeScreen = field(default_factory=FakeScreen)
    said: list[str] = field(default_factory=list)
    on_line: Callable[[str], None] = lambda line: None
    play_then: CameraError | None = None
    roster: FakeRoster | None = None
    badges: FakeBadges = field(default_factory=FakeBadges)
    guards: FakeGuards = field(default_factory=FakeGuards)
    desk: FakeDesk = field(default_factory=FakeDesk)
    config: Config = CONFIG
    settings: tuple[SettingsShelf, SettingsShelf] | None = None
    calibrated: Calibrated | None = None
    telemetry: Telemetry = Telemetry()
    at: dict[int, Callable[[], None]] = field(default_factory=dict)

    def play(self, *scenes: tuple[int, Draw | NoFrame]) -> int:
        script: list[Frame | NoFrame] = []
        faces: list[list[Detection]] = []
        start_s = self.clock.now_s()
        for frames, draw in scenes:
            for _ in range(frames):
                k = len(script)
                if isinstance(draw, NoFrame):
                    script.append(draw)
                    continue
                picture = room(k)
                faces.append(draw(picture))
                shown = frame(picture, k, -1.5)
                script.append(Frame(shown.counts, k, start_s + (k + 1) * INTERVAL_S, telemetry=self.telemetry))
        camera = _DirectedCamera(INFO, script, self.clock, INTERVAL_S, self.play_then)
        camera.happenings = self.at
        parts = Parts(
            camera,
            ScriptedDetector(faces),
            self.gate_io,
            self.store,
            self.screen,
            self.clock,
            self.roster,
            self.badges,
            None,
            self.desk,
            self.guards,
            calibrated=self.calibrated,
            settings=self.settings,
        )
        with TemporaryDirectory() as folder:
            # What lies beside the records, that are none.
            store = StoreSection(path=Path(folder) / "records.sqlite")
            config = self.config.model_copy(update={"store": store})
            return self.gate(config, parts).run(threading.Event())

    def gate(self, config: Config, parts: Parts) -> Gate:
        """The gate itself."""
        return Gate(config, parts, self._say)

    def present(self, badge: str, direction: str = "in") -> Callable[[], None]:
        """A card held to the reader."""
        return lambda: self.badges.present(
            Scan(badge, self.clock.now_s(), "card", "door", "out" if direction == "out" else "in")
        )

    def ask(self, command: Command, session: str | None = None) -> list[Answer]:
        """A request from the desk, now."""
        return self.desk.ask(command, session, self.clock.now_s())

    def _say(self, line: str) -> None:
        self.said.append(line)
        self.on_line(line)

    def records(self) -> list[Record]:
        return [record for record, _ in self.store.unsent(1000)]

    def written(self) -> list[tuple[str, str]]:
        contents = [record.content for record in self.records()]
        return [(one.verdict, one.reasons[0]) for one in contents if isinstance(one, Passage)]
