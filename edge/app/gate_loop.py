"""The gate's process: frames and badges in, verdicts out, each written down before the gate opens for it.

    camera -> pipeline.step -> entrance (who, verdict, record on disk) -> lamp, buzzer, relay, voice -> screen

A fever is signalled at once; a pass only once its record is on disk. Without a camera, a reference or a disk the
gate stays shut and says why.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge.app import console, view
from edge.app.condition import Condition
from edge.app.config import Config
from edge.app.county_settings import CountySettings
from edge.app.desk_work import DeskWork
from edge.app.disk_room import DiskRoom
from edge.app.doorway import Doorway
from edge.app.downtime import Downtime
from edge.app.entrance import Entrance
from edge.app.faults import Faults, present_of
from edge.app.health_file import FILE_NAME as HEALTH_FILE
from edge.app.health_file import Facts, HealthFile
from edge.app.parts import Parts, open_parts
from edge.app.record_counts import RecordCounts
from edge.app.registrar import Registrar
from edge.app.settings import pipeline_settings
from edge.app.signalling import Shown, Signalling
from edge.app.tech import Tech, open_tech
from edge.app.tech_log import TechLog
from edge.core import pipeline
from edge.core.contents import GateEvent
from edge.core.deciding import Measured
from edge.core.desk import Answer
from edge.core.frame import Frame, NoFrame
from edge.core.identity import Scan
from edge.core.pipeline import FrameReport
from edge.core.texts import REASONS
from edge.core.visits import Outcome

READ_TIMEOUT_S = 0.5
# A shutter event takes 2 s of frames away; who stood there still stands there.
CAMERA_LOST_S = 3.0
REFERENCE_LOST_S = 5.0

Announce = Callable[[str], None]


def run_gate(
    config: Config,
    stop: threading.Event,
    announce: Announce,
    source: Path | None = None,
    overrides: tuple[str, ...] = (),
) -> int:
    """Run until `stop` is set or the source has ended; the exit code: 0, or 1 when a record could not be written.

    source: the configuration's file, which a technician may change; overrides: the command line's.
    """
    log = TechLog(announce)
    with ExitStack() as opened:
        parts = open_parts(config, opened, log.say)
        tech = open_tech(config, parts, stop, log, source, overrides)
        opened.callback(tech.close)
        gate = Gate(config, tech.parts, log.say, tech)
        gate.downtime.started()
        return gate.run(stop)


class Gate:
    """One gate with its parts; `run` is its life."""

    def __init__(self, site: Config, parts: Parts, announce: Announce, tech: Tech | None = None) -> None:
        """site: its own configuration, beneath what the county commands."""
        self._county = CountySettings(site, parts.settings, announce)
        config = self._config = self._county.config
        self._parts, self._announce = parts, announce
        self._tech, self._maintained = tech, False
        now_s = parts.clock.now_s()
        self._registrar = Registrar(parts.store, announce)
        self._signalling = Signalling(parts.gate_io, parts.voice, config.policy.hold_s, announce)
        self._entrance = Entrance(
            config, parts.store, self._registrar, parts.clock, announce, parts.roster, parts.badges
        )
        self.downtime = Downtime(self._entrance, parts.store, parts.clock)
        self._doorway = Doorway(self._entrance, self._signalling, parts.gate_io, announce)
        self._desk = DeskWork(config, self._entrance, self._signalling, parts.guards)
        self._settings = pipeline_settings(config, parts.camera.info)
        self._state = pipeline.start(self._settings)
        self._faults = Faults(announce)
        self._alarmed: set[int | None] = set()
        self._frame_at_s = self._seen_at_s = self._reference_at_s = now_s
        self._counts = RecordCounts(parts.store, announce)
        self._disk = DiskRoom(config.store.path)
        self._condition = Condition(config, parts.calibrated)
        self._corrects_itself = False
        self._health = HealthFile(config.store.path.with_name(HEALTH_FILE))

    def run(self, stop: threading.Event) -> int:
        """Until `stop` or the end of the source; 1 when people are left that the disk did not take."""
        try:
            self._signalling.idle()
            self._write_down(self._county.started())
            if self._parts.watchdog is not None:
                self._parts.watchdog.ready()
            self._watch(stop)
        except BaseException:
            # When a part has failed, too, nobody who stood there or waits for the disk is forgotten.
            self._finish()
            raise
        return self._finish()

    def _watch(self, stop: threading.Event) -> None:
        while not stop.is_set():
            got = self._parts.camera.read(READ_TIMEOUT_S)
            now_s = self._parts.clock.now_s()
            if isinstance(got, Frame):
                self._on_frame(got, now_s)
            elif got.reason == "ended":
                return
            else:
                self._on_no_frame(got, now_s)
            self._registrar.retry(now_s)
            self._follow_county(now_s)
            self._rest(now_s)
            self._tell_health()
            # Only here: the frame was judged, or its absence was. A loop that hangs anywhere is restarted.
            if self._parts.watchdog is not None:
                self._parts.watchdog.alive()

    def _on_frame(self, frame: Frame, now_s: float) -> None:
        self._corrects_itself = frame.telemetry.corrects_itself
        self._follow_calibration(frame)
        picture = pipeline.picture(frame, self._settings)
        boxes = () if picture is None or self._maintained else self._parts.detector.detect(picture)
        # A replayed recording has a clock of its own.
        frame_now_s = frame.t_s if self._config.camera.kind == "replay" else now_s
        self._state, outputs = pipeline.step(self._state, frame, boxes, frame_now_s, self._entrance.waiting, picture)
        report = outputs.frame
        if report.status not in ("stale", "invalid"):
            self._frame_at_s = now_s
        if report.status not in ("stale", "invalid", "shutter"):
            self._seen_at_s = now_s
        warming = report.settles_s is not None and report.settles_s > self._config.camera.settling_s
        if report.status == "ok" or warming:
            self._reference_at_s = now_s
        self._on_people(outputs.decided, outputs.ended, now_s)
        corrected = self._corrected(frame, picture)
        if self._tech is not None:
            self._tech.on_frame(frame, report, self._state, corrected)
        self._publish(report, now_s, corrected)

    def _follow_calibration(self, frame: Frame) -> None:
        calibrated = self._parts.calibrated
        if calibrated is None:
            return
        stamp = self._parts.clock.stamp()
        calibrated.on_frame(frame, stamp.utc_ms if stamp.synchronised else None)
        if calibrated.profile is not self._settings.profile:
            self._settings = replace(self._settings, profile=calibrated.profile)
            self._state = replace(self._state, settings=self._settings)
            self._entrance.recalibrated()

    def _follow_county(self, now_s: float) -> None:
        """Settings of the county come into force between two people, never under somebody's measurement."""
        self._write_down(self._county.step(now_s, not self._state.tracks and self._entrance.nobody_there))
        config = self._county.config
        if config is self._config:
            return
        self._config = config
        self._settings = replace(self._settings, policy=config.policy)
        self._state = replace(self._state, settings=self._settings)
        self._entrance.go_by(config)
        self._desk.go_by(config)

    def _write_down(self, events: Sequence[GateEvent]) -> None:
        for event in events:
            self._entrance.happened(event, self._parts.clock.now_s())

    def _corrected(self, frame: Frame, picture: pipeline.Picture | None) -> pipeline.Picture | None:
        """The picture on the scale of the readings, as far as the reference is trusted."""
        offset_k = self._state.reference.offset_k
        if self._settings.camera.unit == "raw_counts":
            return None  # no degrees to show
        if picture is None or offset_k is None:
            return picture
        return pipeline.correction(frame, self._settings).picture_c(picture + np.float32(offset_k))

    def _on_no_frame(self, missing: NoFrame, now_s: float) -> None:
        self._on_people((), (), now_s)
        report = FrameReport(-1, self._frame_at_s, "stale", None)
        self._publish(report, now_s, None, no_camera=missing.reason != "repeated")

    def _on_people(self, measured: Sequence[Measured], ended: Sequence[Measured], now_s: float) -> None:
        """Requests, inputs and badges of this moment together with whom the camera follows."""
        if self._tech is not None and self._tech.turn(now_s):
            self._maintain(measured, ended, now_s)
            return
        self._maintained = False
        if self._parts.desk is not None:
            for request in self._parts.desk.requests():
                self._desk.handle(request, now_s)
        unseen_s = now_s - self._seen_at_s
        if unseen_s > CAMERA_LOST_S:
            self._state, more, left = pipeline.finish(self._state, "camera_lost")
            measured, ended = (*measured, *more), (*ended, *left)
            self.downtime.blind(self._seen_at_s, more)
        elif unseen_s > 0.0 and not ended:
            # Blind for a moment: whose badge it is shows when there is a picture again, and so does who stands there.
            self._doorway.look((), now_s, blind=True)
            return
        scans = self._desk.take(self._entrance.scans(), now_s)
        scans = self._doorway.look(scans, now_s, blind=unseen_s > 0.0)
        self.downtime.presented(scans)
        if unseen_s <= CAMERA_LOST_S:
            self.downtime.over(now_s)
        self._judge(measured, [one.track for one in ended], scans, now_s)

    def _maintain(self, measured: Sequence[Measured], ended: Sequence[Measured], now_s: float) -> None:
        """A technician works at the gate: nobody is judged or let in, and who stood there then is not measured."""
        if not self._maintained:
            self._maintained = True
            self._state, more, left = pipeline.finish(self._state, "stopped")
            self._judge((*measured, *more), [one.track for one in (*ended, *left)], self._entrance.scans(), now_s)
            self._signalling.idle()
        if self._parts.desk is not None:
            for request in self._parts.desk.requests():
                request.answer(Answer(False, "maintenance"))
        # Badges of this time are nobody's; fire and tampering are told as ever.
        self._entrance.scans()
        self._doorway.look((), now_s, blind=True)

    def _judge(self, measured: Sequence[Measured], gone: Sequence[int], scans: tuple[Scan, ...], now_s: float) -> None:
        busy = self._signalling.shows_fever(now_s)
        hardly_seen = self._state.hardly_seen
        outputs = self._entrance.step(self._state.tracks, measured, gone, scans, now_s, busy, hardly_seen)
        for track in outputs.alarm:
            self._alarm(track)
        for outcome in outputs.outcomes:
            self._on_verdict(outcome, outcome.track in gone)
        for _ in outputs.too_soon:
            self._announce(str(REASONS["badge_too_soon"]))

    def _on_verdict(self, outcome: Outcome, has_gone: bool) -> None:
        passage = outcome.passage
        if passage.verdict == "fever":
            self._alarm(outcome.track)
        now_s = self._parts.clock.now_s()
        written = self._entrance.write(outcome, now_s)
        self._counts.soon()  # the guard sees this person counted at once
        seq = None if written.record is None else written.record.seq
        self._announce(console.line(passage, seq))
        uuid = None if written.record is None else written.record.uuid
        shown = Shown(passage, outcome.person, uuid, now_s, has_gone=has_gone)
        self._signalling.verdict(shown, has_gone or outcome.track is None, now_s, bool(self._entrance.waiting))

    def _alarm(self, track: int | None) -> None:
        """Once for each person, whatever else is still to be found out about them."""
        if track not in self._alarmed:
            still_there: set[int | None] = {one.number for one in self._state.tracks}
            self._alarmed = (self._alarmed & still_there) | {track}
            self._signalling.fever()

    def _rest(self, now_s: float) -> None:
        self._faults.tell(self._found(now_s))
        entrance = self._entrance
        self._signalling.rest(
            now_s,
            stopped=entrance.somebody_stopped,
            alarm=entrance.alarm,
            alerts=self._doorway.alerts(now_s),
            faulty=self._faults.grave,
            ask=entrance.ask,
            undecided=bool(entrance.waiting),
        )

    def _tell_health(self) -> None:
        header = self._entrance.people.header
        reference = self._state.reference
        offset_k = reference.offset_k if reference.trusted else None
        facts = Facts(self._faults.told, None if header is None else header.version, offset_k, self._county.version)
        self._health.tell(facts, self._parts.clock.stamp())

    def _found(self, now_s: float) -> dict[str, bool]:
        """What is wrong, the gravest first."""
        return {
            "maintenance": self._maintained,
            "camera": now_s - self._frame_at_s > CAMERA_LOST_S,
            "reference": now_s - self._reference_at_s > max(REFERENCE_LOST_S, self._config.camera.settling_s * 2),
            "store": self._registrar.failing or self._counts.unreadable or self._entrance.remembered.forgetful,
            "gate_io": self._signalling.failing,
            **self._entrance.faults(),
            "disk": self._disk.nearly_full(now_s),
            "settings": self._county.refused,
            "emissivity": self._corrects_itself,
            **({} if self._parts.calibrated is None else self._parts.calibrated.faults()),
        }

    def _publish(
        self, report: FrameReport, now_s: float, picture: pipeline.Picture | None, no_camera: bool = False
    ) -> None:
        state = view.compose(
            self._config,
            report,
            self._entrance,
            self._signalling,
            now_s,
            records=self._counts.at(now_s),
            faults=present_of(self._found(now_s)),
            alerts=self._doorway.alerts(now_s),
            no_camera=no_camera,
            condition=self._condition.view(self._parts.clock.stamp()),
            notice=self._county.notice,
        )
        self._parts.screen.publish(state, picture)

    def _finish(self) -> int:
        if self._parts.watchdog is not None:
            self._parts.watchdog.stopping()
        try:
            self._state, measured, ended = pipeline.finish(self._state, "stopped")
            self._judge(measured, [one.track for one in ended], self._entrance.scans(), self._parts.clock.now_s())
        finally:
            self.downtime.over(self._parts.clock.now_s())
            # Even when what ended the gate happens again: whoever waits for the disk is written or listed.
            self._signalling.idle()
            self._desk.close()
            lost = self._close_registrar()
        return 1 if lost else 0

    def _close_registrar(self) -> tuple[str, ...]:
        lost = self._registrar.close()
        for line in lost:
            self._announce(line)
        if lost:
            self._announce(
                f"有 {len(lost)} 条记录未能写入磁盘，已列于上方；请保存此日志\n"
                f"{len(lost)} records could not be written to disk and are listed above: keep this log"
            )
        return lost
