"""The simulated camera as a source of frames, with the truth beside them."""

import heapq
import itertools
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from edge.adapters.camera_sim.people import Person, Visitor, person, regular
from edge.adapters.camera_sim.scene import FaceTruth, Room, draw, empty_room
from edge.adapters.camera_sim.sensor import INTERVAL_S, Faults, Sensor
from edge.core.errors import CameraError
from edge.core.frame import CameraInfo, Frame, NoFrame, Telemetry
from edge.core.geometry import Rotation, to_sensor

# Time that the sensor has been on when the scene begins: a warm one.
POWERED_S = 6_000.0
# A reader that comes later than this has missed frames, as with a real camera.
LATE_S = 0.3
TRUTHS_KEPT = 256


@dataclass(frozen=True, slots=True)
class SimSettings:
    """A scene and a sensor. rows, columns: stored frame (at least 60 x 60); rotation_deg: makes it upright.

    people_every_s: a new person each so many seconds (1 or more); people: how many in all, None without end;
    fever_fraction, and cold_fraction of the others (in from the cold, 30 to 33.5 C): 0 to 1;
    ambient_c, reference_temperature_c: C; reference_emissivity: 0.5 to 1.
    reference_across: its centre in the upright view, 0 (left) to 1 (right).
    realtime: frames come when they are due on the clock; otherwise as fast as they are read.
    truth_path: a file to which one JSON line per person is appended once they have left.
    """

    seed: int = 1
    rows: int = 120
    columns: int = 160
    rotation_deg: Rotation = 90
    people_every_s: float = 3.5
    people: int | None = None
    fever_fraction: float = 0.1
    cold_fraction: float = 0.0
    ambient_c: float = 22.0
    reference_temperature_c: float = 37.0
    reference_emissivity: float = 1.0
    reference_across: float = 0.22
    realtime: bool = False
    truth_path: Path | None = None
    faults: Faults = Faults()


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """What really was in the frame of that number."""

    seq: int
    t_s: float
    faces: tuple[FaceTruth, ...]


@dataclass(frozen=True, slots=True)
class PersonTruth:
    """Somebody who has left: first and last frame that showed their face (seconds, as frames say), forehead in C.

    person: their place in the schedule; badge, kind: as the schedule has them.
    """

    person: int
    t_first_s: float
    t_last_s: float
    forehead_c: float
    fever: bool
    child: bool
    attire: tuple[str, ...]
    badge: str | None = None
    kind: str = ""


class SimCamera:
    """See `edge.ports.Camera`. Its t_s is the clock's when realtime, else seconds since the scene began.

    schedule: who comes when, instead of the settings' people and people_every_s; more may be sent while it runs.
    open_end: frames go on when nobody is left to come. CameraError: the truth's file cannot be written.
    """

    def __init__(
        self,
        settings: SimSettings,
        now_s: Callable[[], float] = time.monotonic,
        schedule: Sequence[Visitor] | None = None,
        open_end: bool = False,
    ) -> None:
        self._settings, self._now_s = settings, now_s
        self._stream = regular(settings.people_every_s, settings.people) if schedule is None else iter(())
        self._ahead = next(self._stream, None)
        self._coming: list[tuple[float, int, Visitor]] = []  # a heap
        self._numbers = itertools.count()
        self._open_end = open_end
        for visitor in schedule or ():
            self.send(visitor)
        upright = settings.rotation_deg in (90, 270)
        rows, columns = (settings.columns, settings.rows) if upright else (settings.rows, settings.columns)
        self._room = Room(
            rows,
            columns,
            settings.ambient_c,
            settings.reference_temperature_c,
            settings.reference_emissivity,
            settings.reference_across,
        )
        self._background = empty_room(self._room)
        self._sensor = Sensor(settings.seed, settings.rows, settings.columns, settings.faults)
        self._closed = threading.Event()
        self._began_s: float | None = None
        self._slot = 0  # frame times are slots of INTERVAL_S; some stay empty
        self._seq = 0
        self._people: dict[int, tuple[Person, Visitor]] = {}
        self._seen: dict[int, tuple[float, float]] = {}
        self._left: list[PersonTruth] = []
        self._truths: dict[int, FrameTruth] = {}
        self._truth_file = _open_truth(settings.truth_path)
        box = self._room.reference_box
        self.info = CameraInfo(
            name="sim",
            rows=settings.rows,
            columns=settings.columns,
            rotation_deg=settings.rotation_deg,
            reference_box=to_sensor(box, settings.rotation_deg, columns, rows),
            reference_temperature_c=settings.reference_temperature_c,
        )

    def read(self, timeout_s: float) -> Frame | NoFrame:
        if self._closed.is_set() or self._is_over():
            return NoFrame("ended")
        if not self._settings.realtime:
            while self._sensor.shutter(self._slot * INTERVAL_S).closed:
                self._slot += 1
            return self._take(self._slot * INTERVAL_S)
        if self._began_s is None:
            self._began_s = self._now_s()
        late_s = self._now_s() - self._began_s - self._slot * INTERVAL_S
        if late_s > LATE_S:
            self._slot += round(late_s / INTERVAL_S)
        due_in_s = self._began_s + self._slot * INTERVAL_S - self._now_s()
        self._closed.wait(max(0.0, min(due_in_s, timeout_s)))
        if due_in_s > timeout_s:
            return NoFrame("stalled", "the next frame is not due yet")
        if self._sensor.shutter(self._slot * INTERVAL_S).closed:
            self._slot += 1
            return NoFrame("stalled", "the shutter is closed")
        return self._take(self._began_s + self._slot * INTERVAL_S)

    def close(self) -> None:
        self._closed.set()
        if self._truth_file is not None:
            self._truth_file.close()
            self._truth_file = None

    def send(self, visitor: Visitor) -> int:
        """One more comes, at visitor.enters_s or with the next frame if that is over. Their number."""
        number = next(self._numbers)
        heapq.heappush(self._coming, (visitor.enters_s, number, visitor))
        return number

    def dismiss(self, number: int, back: bool = False) -> None:
        """Whoever stands there, or is coming up, has seen enough and leaves, to the side or back the way they came.

        KeyError: nobody of that number is there.
        """
        who, visitor = self._people[number]
        scene_s = self._slot * INTERVAL_S
        if scene_s < who.turns_at_s:
            leaves = 0 if back else who.leaves
            who = replace(who, stands_s=max(0.0, scene_s - who.stops_at_s), leaves=leaves)
            self._people[number] = who, visitor

    def truth(self, seq: int) -> FrameTruth:
        """What the frame of that number really showed; the last 256 frames are remembered. KeyError: no longer."""
        return self._truths[seq]

    def people(self) -> tuple[PersonTruth, ...]:
        """Everybody who has left so far, in the order of their leaving."""
        return tuple(self._left)

    def _take(self, t_s: float) -> Frame:
        scene_s = self._slot * INTERVAL_S
        self._come_and_go(scene_s)
        picture, faces = draw(self._room, self._background, [who for who, _ in self._people.values()], scene_s)
        for face in faces:
            first_s, _ = self._seen.get(face.person, (t_s, t_s))
            self._seen[face.person] = first_s, t_s
        stored = np.ascontiguousarray(np.rot90(picture, self._settings.rotation_deg // 90))
        counts = self._sensor.counts(stored, scene_s)
        frame = Frame(counts, self._seq, t_s, telemetry=self._telemetry(scene_s))
        self._truths[self._seq] = FrameTruth(self._seq, t_s, faces)
        self._truths.pop(self._seq - TRUTHS_KEPT, None)
        self._slot, self._seq = self._slot + 1, self._seq + 1
        return frame

    def _telemetry(self, scene_s: float) -> Telemetry:
        shutter = self._sensor.shutter(scene_s)
        return Telemetry(
            uptime_ms=round((POWERED_S + scene_s) * 1000),
            last_ffc_ms=round((POWERED_S + shutter.ffc_s) * 1000),
            frame_counter=self._slot,
            shutter="imminent" if shutter.imminent else "open",
            fpa_c=self._sensor.fpa_c(scene_s),
            fpa_at_ffc_c=self._sensor.fpa_c(shutter.ffc_s),
            gain="high",
            tlinear=True,
            serial=serial_of(self._settings.seed),
        )

    def _come_and_go(self, scene_s: float) -> None:
        settings = self._settings
        while self._ahead is not None and self._ahead.enters_s <= scene_s:
            self.send(self._ahead)
            self._ahead = next(self._stream, None)
        while self._coming and self._coming[0][0] <= scene_s:
            _, number, visitor = heapq.heappop(self._coming)
            # Whoever was sent late comes from where everybody comes.
            visitor = replace(visitor, enters_s=max(visitor.enters_s, scene_s - INTERVAL_S))
            who = person(settings.seed, number, visitor, settings.fever_fraction, settings.cold_fraction)
            self._people[number] = who, visitor
        for who, visitor in [pair for pair in self._people.values() if pair[0].gone_at_s <= scene_s]:
            del self._people[who.number]
            self._write_down(who, visitor)

    def _write_down(self, who: Person, visitor: Visitor) -> None:
        if who.number not in self._seen:
            return
        left = PersonTruth(
            who.number,
            *self._seen.pop(who.number),
            who.forehead_c,
            who.fever,
            who.child,
            tuple(sorted(who.attire)),
            visitor.badge,
            visitor.kind,
        )
        self._left.append(left)
        if self._truth_file is not None:
            self._truth_file.write(json.dumps(asdict(left)) + "\n")
            self._truth_file.flush()

    def _is_over(self) -> bool:
        return not (self._open_end or self._ahead or self._coming or self._people)


def serial_of(seed: int) -> str:
    """The serial number of the simulated sensor with this seed."""
    return f"SIM-{seed:08d}"


def _open_truth(path: Path | None) -> IO[str] | None:
    if path is None:
        return None
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise CameraError(
            f"无法写入模拟真值文件 {path}（{error.strerror}）；请换一个可写的路径",
            f"cannot write the simulation's truth to {path} ({error.strerror}); name a path that can be written",
        ) from error
