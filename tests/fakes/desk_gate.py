"""A gate at work behind its screen: desk, entrance, cases and signals are real, what the camera saw is the test's."""

import queue
import threading
from collections.abc import Callable

from edge.adapters.clock_system import SystemClock
from edge.adapters.web_screen import WebScreen
from edge.app import view
from edge.app.config import Config
from edge.app.desk_work import DeskWork
from edge.app.entrance import Entrance
from edge.app.registrar import Registrar
from edge.app.signalling import Shown, Signalling
from edge.core.contents import Content, Passage
from edge.core.identity import Scan
from edge.core.pipeline import FrameReport
from edge.core.roster import Person
from edge.core.visits import Outcome
from tests.fakes.badges import FakeBadges
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.guards import FakeGuards
from tests.fakes.roster import FakeRoster
from tests.fakes.store import FakeStore
from tests.fakes.thermal_scene import scene

FRAME_S = 0.05
WAIT_S = 20.0
PIN = "274951"


class DeskGate:
    """One gate that asks who people are; `judge` lets a verdict fall, `close` stops it as its process does."""

    def __init__(self, screen: WebScreen, people: tuple[Person, ...], **entry: float) -> None:
        self.screen, self.people = screen, people
        self.store, self.gate_io, self.badges, self.guards = FakeStore(), FakeGateIO(), FakeBadges(), FakeGuards()
        self.guards.add("zhao", "guard", PIN)
        self.guards.add("sun", "medic", PIN)
        self.typed: list[Scan] = []
        self._config = Config.model_validate(
            {"gate": {"id": "gate-1", "name": "东门 1 号"}, "camera": {"kind": "sim"}, "entry": entry}
        )
        self._clock = SystemClock()
        registrar = Registrar(self.store, lambda line: None)
        self._entrance = Entrance(
            self._config, self.store, registrar, self._clock, lambda line: None, FakeRoster(people), self.badges
        )
        self._signalling = Signalling(self.gate_io, None, self._config.policy.hold_s, lambda line: None)
        self._desk = DeskWork(self._config, self._entrance, self._signalling, self.guards)
        self._due: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gate")
        self._thread.start()

    def judge(self, passage: Passage) -> None:
        """This verdict falls now, of somebody who still stands there."""

        def fall() -> None:
            now_s = self._clock.now_s()
            person = next((one for one in self.people if one.person_id == passage.person_id), None)
            written = self._entrance.write(Outcome(1, passage, person), now_s)
            assert written.record is not None
            self._signalling.verdict(Shown(passage, person, written.record.uuid, now_s), False, now_s)

        self.do(fall)

    def do(self, what: Callable[[], None]) -> None:
        """Have the gate's loop do this between two frames, and wait until it has."""
        done = threading.Event()
        self._due.put(what)
        self._due.put(done.set)
        assert done.wait(WAIT_S)

    def written(self) -> list[Content]:
        """Everything that is on the disk, in its order."""
        return [record.content for record, _ in self.store.unsent(1000)]

    def close(self) -> None:
        """The gate's process ends: nothing is answered any more, and no frame comes."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        seq = 0
        while not self._stop.wait(FRAME_S):
            seq += 1
            while not self._due.empty():
                self._due.get()()
            now_s = self._clock.now_s()
            for request in self.screen.requests():
                self._desk.handle(request, now_s)
            self.typed += self._desk.take(self._entrance.scans(), now_s)
            self._entrance.step((), (), (), (), now_s)
            self._publish(seq, now_s)
        self._desk.close()

    def _publish(self, seq: int, now_s: float) -> None:
        state = view.compose(
            self._config,
            FrameReport(seq, now_s, "ok", 37.0),
            self._entrance,
            self._signalling,
            now_s,
            records=self.store.counts(),
            faults=(),
            alerts=(),
            no_camera=False,
        )
        self.screen.publish(state, scene())
