"""The gate's process: frames in, verdicts out, each person written down before the gate opens for them.

    camera -> pipeline.step -> record on disk -> lamp, buzzer, relay -> screen

A fever is signalled at once; a pass only once its record is on disk. Without a camera, a reference or a disk the
gate stays shut and says why. Of two verdicts at a time the graver one is shown.
"""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import numpy as np

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.registrar import Registrar
from edge.app.settings import pipeline_settings
from edge.core import pipeline
from edge.core.errors import GateIOError, StoreError
from edge.core.forehead import ForeheadReading
from edge.core.frame import Frame, NoFrame
from edge.core.record import Passage, Verdict
from edge.core.screen import FaceView, ScreenState, VerdictView
from edge.core.signals import FAULT, IDLE, Signal, signal_for
from edge.core.texts import FAULTS, REASONS, VERDICTS
from edge.ports import Camera, Clock, FaceDetector, GateIO, Screen, Store

READ_TIMEOUT_S = 0.5
# A shutter event takes 2 s of frames away; who stood there still stands there.
CAMERA_LOST_S = 3.0
REFERENCE_LOST_S = 5.0
COUNTS_EVERY_S = 1.0

Announce = Callable[[str], None]


def run_gate(config: Config, stop: threading.Event, announce: Announce) -> int:
    """Run until `stop` is set or the source has ended; the exit code: 0, or 1 when a record could not be written."""
    with ExitStack() as opened:
        clock = bootstrap.open_clock()
        store = bootstrap.open_store(config)
        opened.callback(store.close)
        gate_io = bootstrap.open_gate_io(config)
        opened.callback(gate_io.close)
        screen = bootstrap.open_screen(config)
        opened.callback(screen.close)
        camera = bootstrap.open_camera(config, clock)
        opened.callback(camera.close)
        announce(f"屏幕 / screen: {screen.url}")
        gate = Gate(config, camera, bootstrap.open_detector(), gate_io, store, screen, clock, announce)
        return gate.run(stop)


class Gate:
    """One gate with its parts; `run` is its life."""

    def __init__(
        self,
        config: Config,
        camera: Camera,
        detector: FaceDetector,
        gate_io: GateIO,
        store: Store,
        screen: Screen,
        clock: Clock,
        announce: Announce,
    ) -> None:
        self._config = config
        self._camera, self._detector, self._gate_io = camera, detector, gate_io
        self._store, self._screen, self._clock = store, screen, clock
        self._announce = announce
        self._registrar = Registrar(store, announce)
        self._settings = pipeline_settings(config, camera.info)
        self._state = pipeline.start(self._settings)
        self._verdicts: Counter[str] = Counter()
        self._last: tuple[Passage, float] | None = None
        self._next: Passage | None = None
        self._told: tuple[str, ...] = ()
        self._shown: Signal | None = None
        self._io_failed = self._store_unreadable = False
        self._frame_at_s = clock.now_s()
        self._reference_at_s = clock.now_s()
        self._counts, self._counted_at_s = (0, 0, 0), float("-inf")

    def run(self, stop: threading.Event) -> int:
        """Until `stop` or the end of the source; 1 when people are left that the disk did not take."""
        try:
            self._show(IDLE)
            self._watch(stop)
        except BaseException:
            # When a part has failed, too, nobody who stood there or waits for the disk is forgotten.
            self._finish()
            raise
        return self._finish()

    def _watch(self, stop: threading.Event) -> None:
        while not stop.is_set():
            got = self._camera.read(READ_TIMEOUT_S)
            now_s = self._clock.now_s()
            if isinstance(got, Frame):
                self._on_frame(got, now_s)
            elif got.reason == "ended":
                return
            else:
                self._on_no_frame(got, now_s)
            self._registrar.retry(now_s)
            self._rest(now_s)

    def _on_frame(self, frame: Frame, now_s: float) -> None:
        picture = pipeline.picture(frame, self._settings)
        boxes = () if picture is None else self._detector.detect(picture)
        # A replayed recording has a clock of its own.
        frame_now_s = frame.t_s if self._config.camera.kind == "replay" else now_s
        self._state, outputs = pipeline.step(self._state, frame, boxes, frame_now_s)
        report = outputs.frame
        if report.status not in ("stale", "invalid"):
            self._frame_at_s = now_s
        if report.status == "ok":
            self._reference_at_s = now_s
        self._on_people(outputs.decided)
        self._screen.publish(self._view(report, now_s), self._corrected(picture))

    def _corrected(self, picture: pipeline.Picture | None) -> pipeline.Picture | None:
        """The picture on the scale of the readings, as far as the reference is trusted."""
        offset_k = self._state.reference.offset_k
        if self._settings.camera.unit == "raw_counts":
            return None  # no degrees to show
        return picture if picture is None or offset_k is None else picture + np.float32(offset_k)

    def _on_no_frame(self, missing: NoFrame, now_s: float) -> None:
        if now_s - self._frame_at_s > CAMERA_LOST_S:
            self._state, decided, _ = pipeline.finish(self._state, "camera_lost")
            self._on_people(decided)
        report = pipeline.FrameReport(-1, self._frame_at_s, "stale", None)
        self._screen.publish(self._view(report, now_s, no_camera=missing.reason != "repeated"), None)

    def _on_people(self, decided: tuple[pipeline.Person, ...]) -> None:
        # A fever of the same frame comes first: the gate does not open beside it, not even for a moment.
        for person in sorted(decided, key=lambda one: one.passage.verdict != "fever"):
            self._on_person(person.passage)

    def _on_person(self, passage: Passage) -> None:
        now_s = self._clock.now_s()
        signal = signal_for(passage.verdict)
        shown = self._held(now_s)
        if passage.verdict == "fever":
            self._show(signal)
        record = self._registrar.write(passage, self._clock.stamp(), now_s)
        self._verdicts[passage.verdict] += 1
        self._counted_at_s = float("-inf")  # the guard sees this person counted at once
        self._announce(_line(passage, None if record is None else record.seq))
        if shown == "fever" and passage.verdict != "fever":
            return  # the fever still stands there: nobody beside it opens the gate or takes its red away
        if shown == "pass" and passage.verdict == "not_measured":
            self._next = passage  # they are gone; who has just been let in is not shut out for them
            return
        if passage.verdict != "fever":
            self._show(signal if record is not None or not signal.open_gate else FAULT)
        self._last = passage, now_s

    def _held(self, now_s: float) -> Verdict | None:
        """The verdict that lamp and screen are still showing."""
        if self._last is None or now_s - self._last[1] >= self._config.policy.hold_s:
            return None
        return self._last[0].verdict

    def _fever_stands_there(self) -> bool:
        return any(t.decision is not None and t.decision.verdict == "fever" for t in self._state.tracks)

    def _rest(self, now_s: float) -> None:
        """Once a verdict has been shown long enough comes the one that waited, then what the gate itself has to say."""
        self._tell_faults(now_s)
        if self._last is not None and self._last[0].verdict == "fever" and self._fever_stands_there():
            self._last = self._last[0], now_s
        if self._held(now_s) is not None:
            return
        if self._next is not None:
            self._last, self._next = (self._next, now_s), None
            self._show(signal_for(self._last[0].verdict))
        else:
            self._show(FAULT if self._faults(now_s) else IDLE)

    def _tell_faults(self, now_s: float) -> None:
        """Every fault is announced when it begins, and when it is over."""
        present = self._faults(now_s)
        for code in present:
            if code not in self._told:
                self._announce(str(FAULTS[code]))
        for code in self._told:
            if code not in present:
                self._announce(f"已恢复 / over: {FAULTS[code]}")
        self._told = present

    def _show(self, signal: Signal) -> None:
        # The same verdict for the next person is news; the same rest is not.
        if signal == self._shown and signal in (IDLE, FAULT):
            return
        try:
            self._gate_io.show(signal)
        except GateIOError as error:
            if not self._io_failed:
                self._announce(str(error))
            self._io_failed, self._shown = True, None
            return
        self._io_failed, self._shown = False, signal

    def _faults(self, now_s: float) -> tuple[str, ...]:
        found = {
            "camera": now_s - self._frame_at_s > CAMERA_LOST_S,
            "reference": now_s - self._reference_at_s > max(REFERENCE_LOST_S, self._config.camera.settling_s * 2),
            "store": self._registrar.failing or self._store_unreadable,
            "gate_io": self._io_failed,
        }
        return tuple(code for code, present in found.items() if present)

    def _view(self, report: pipeline.FrameReport, now_s: float, no_camera: bool = False) -> ScreenState:
        last = None
        if self._last is not None:
            passage, at_s = self._last
            age_s = max(0.0, now_s - at_s)
            last = VerdictView(passage.verdict, passage.reason, passage.forehead_c, age_s, passage.u_c)
        return ScreenState(
            gate_id=self._config.gate.id,
            gate_name=self._config.gate.name,
            frame_seq=report.seq,
            t_s=report.t_s,
            status="no_camera" if no_camera else report.status,
            reference_c=report.reference_c,
            threshold_c=self._config.policy.fever_forehead_c,
            faces=tuple(
                FaceView(f.track, f.face.box, f.reading.box, f.reading.temp_c, self._why_not(f.reading))
                for f in report.faces
            ),
            last=last,
            passed=self._verdicts["pass"],
            fever=self._verdicts["fever"],
            not_measured=self._verdicts["not_measured"],
            records=self._records(now_s),
            faults=self._faults(now_s),
        )

    def _why_not(self, reading: ForeheadReading) -> str | None:
        """What the guard is told of a face while the person still stands there."""
        if reading.usable and reading.temp_c is not None and reading.temp_c < self._config.policy.too_cold_c:
            return "too_cold"
        return reading.why_not

    def _records(self, now_s: float) -> tuple[int, int, int]:
        """(written, acknowledged, set aside), read from the disk at most once a second."""
        if now_s - self._counted_at_s >= COUNTS_EVERY_S:
            self._counted_at_s = now_s
            try:
                self._counts, self._store_unreadable = self._store.counts(), False
            except StoreError as error:
                if not self._store_unreadable:
                    self._announce(str(error))
                self._store_unreadable = True
        return self._counts

    def _finish(self) -> int:
        self._state, decided, _ = pipeline.finish(self._state, "stopped")
        self._on_people(decided)
        self._show(IDLE)
        lost = self._registrar.close()
        for line in lost:
            self._announce(line)
        if lost:
            self._announce(
                f"有 {len(lost)} 人的记录未能写入磁盘，已列于上方；请保存此日志\n"
                f"{len(lost)} records could not be written to disk and are listed above: keep this log"
            )
        return 1 if lost else 0


def _line(passage: Passage, seq: int | None) -> str:
    """One line for one person, for the console."""
    number = "----" if seq is None else f"#{seq:04d}"
    reading = "--.- °C" if passage.forehead_c is None else f"{passage.forehead_c:4.1f} °C ±{2 * (passage.u_c or 0):.1f}"
    return f"{number}  {VERDICTS[passage.verdict]}  {reading}  {REASONS[passage.reason]}"
