"""The technician's side of a running gate, put together: what the loop tells it, and what it keeps the loop from."""

import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.app import bootstrap, bootstrap_county
from edge.app.config import Config
from edge.app.parts import Parts
from edge.app.settings import pipeline_settings
from edge.app.tech_bench import Bench
from edge.app.tech_calibration import TechCalibration
from edge.app.tech_charts import charts
from edge.app.tech_clip import TechClip
from edge.app.tech_doctor import findings
from edge.app.tech_files import tech_files
from edge.app.tech_lines import TechLines
from edge.app.tech_log import TechLog
from edge.app.tech_picture import TechPicture
from edge.app.tech_sessions import TechSessions
from edge.app.tech_settings import TechSettings
from edge.app.tech_work import TechWork
from edge.core import pipeline
from edge.core.frame import Frame
from edge.core.pipeline import FrameReport
from edge.core.tech import Look
from edge.core.texts import Text
from edge.ports import TechPages

# Beside the records: former configurations, and the clip that was asked for.
VERSIONS, CLIPS = "settings.d", "clip.d"
_BY_COMMAND = Text("由启动命令的 --set 决定", "decided by the command line's --set")
_BY_COUNTY = Text("由县里决定", "decided by the county")


class Tech:
    """Of one gate. turn, on_frame: for the gate's loop; parts: the gate's, with its lines held by maintenance."""

    def __init__(
        self, parts: Parts, lines: TechLines, picture: TechPicture, calibration: TechCalibration, clip: TechClip
    ) -> None:
        self.parts = replace(parts, gate_io=lines)
        self._lines, self._picture, self._calibration, self._clip = lines, picture, calibration, clip

    def turn(self, now_s: float) -> bool:
        """Do what was asked of the lines; whether nobody is let in because somebody works at the gate."""
        working = self._lines.turn(now_s)
        if not working and self._calibration.running:
            # A fire, or nobody there any more: it can be gone on with.
            self._calibration.leave()
        return working

    def on_frame(
        self, frame: Frame, report: FrameReport, state: pipeline.State, corrected_c: pipeline.Picture | None
    ) -> None:
        """One frame, judged."""
        self._calibration.offer(frame)
        self._clip.offer(frame)
        if self._picture.wanted and not self._calibration.brings_pictures:
            known = state.reference
            rotation_deg = state.settings.rotation_deg
            self._picture.saw(
                Look(
                    frame,
                    rotation_deg,
                    corrected_c,
                    report.status,
                    known.region,
                    known.measured_c,
                    known.offset_k,
                    known.state,
                )
            )

    def close(self) -> None:
        """What runs beside the loop ends."""
        self._calibration.stop()
        self._clip.close()


def open_tech(
    config: Config, parts: Parts, stop: threading.Event, log: TechLog, source: Path | None, pinned: tuple[str, ...] = ()
) -> Tech:
    """Serve the technician's pages on the gate's screen. source: the configuration's file; pinned: --set keys."""
    clock_s, info = parts.clock.now_s, parts.camera.info
    lines, picture = TechLines(parts.gate_io, log.say, clock_s), TechPicture(clock_s)
    signed = (lambda profile: None) if parts.calibrated is None else parts.calibrated.renew
    calibration = TechCalibration(config, info, picture, log.say, signed)
    rotation_deg = pipeline_settings(config, info).rotation_deg
    clip = TechClip(
        config.store.path.absolute().with_name(CLIPS),
        replace(info, rotation_deg=rotation_deg),
        bootstrap.software_version(),
        log.say,
    )

    def utc_ms() -> int:
        return parts.clock.stamp().utc_ms

    if isinstance(parts.screen, TechPages):
        bench = Bench(
            config=config,
            camera=info,
            rotation_deg=rotation_deg,
            sessions=TechSessions(bootstrap.open_technicians(config), clock_s),
            lines=lines,
            picture=picture,
            log=log,
            calibration=calibration,
            clip=clip,
            settings=None if source is None else _settings(config, source, pinned),
            restart=stop.set if _is_supervised() else None,
            files=tech_files(config, source, log, clip, utc_ms),
            charts=lambda: charts(config, utc_ms()),
            doctor=lambda: _doctor(source, pinned),
        )
        parts.screen.attend(TechWork(bench))
    return Tech(parts, lines, picture, calibration, clip)


def _settings(config: Config, source: Path, overrides: tuple[str, ...]) -> TechSettings:
    given = {one.partition("=")[0].strip(): _BY_COMMAND for one in overrides}
    county = bootstrap_county.open_settings(config, "in_force", lambda line: None)

    def pinned() -> Mapping[str, Text]:
        held = None if county is None else county.held()
        return given if held is None else {**dict.fromkeys(held[0].settings, _BY_COUNTY), **given}

    return TechSettings(source, config.store.path.absolute().with_name(VERSIONS), pinned)


def _doctor(source: Path | None, overrides: tuple[str, ...]) -> Mapping[str, Any]:
    return {"findings": findings(source, overrides)}


def _is_supervised() -> bool:
    """Whether systemd starts the gate anew when it ends."""
    return bool(os.environ.get("NOTIFY_SOCKET") or os.environ.get("INVOCATION_ID"))
