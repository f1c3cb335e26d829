"""What the pipeline says -> the lines of the replay contract (docs/replay.md), with boxes in sensor pixels."""

from dataclasses import asdict
from typing import Any

from edge.core.deciding import Measured
from edge.core.forehead import ForeheadReading
from edge.core.geometry import Box, to_sensor
from edge.core.pipeline import FaceReport, FrameReport, Settings
from edge.core.radiometry import Budget


def frame_event(recording: str, report: FrameReport, settings: Settings) -> dict[str, Any]:
    """One line for one frame of a recording."""
    return {
        "kind": "frame",
        "recording": recording,
        "seq": report.seq,
        "t_s": round(report.t_s, 3),
        "status": report.status,
        "reference_c": _celsius(report.reference_c),
        "faces": [_face(face, settings) for face in report.faces],
    }


def passage_event(recording: str, person: Measured) -> dict[str, Any]:
    """One line for one person who has left (or was in view when the recording ended)."""
    passage = person.measurement
    return {
        "kind": "passage",
        "recording": recording,
        "track": person.track,
        "t_first_s": round(passage.t_first_s, 3),
        "t_last_s": round(passage.t_last_s, 3),
        "frames": passage.frames,
        "forehead_c": _celsius(passage.forehead_c),
        "face_max_c": _celsius(passage.face_max_c),
        "u_c": _celsius(passage.u_c),
        "verdict": passage.finding,
        "reason": passage.reason,
    }


def _face(report: FaceReport, settings: Settings) -> dict[str, Any]:
    reading: ForeheadReading = report.reading
    return {
        "track": report.track,
        "box": _sensor_box(report.face.box, settings),
        "score": round(report.face.score, 3),
        "forehead": None if reading.box is None else _sensor_box(reading.box, settings),
        "forehead_c": _celsius(reading.temp_c),
        "face_max_c": _celsius(reading.face_max_c),
        "u_c": _celsius(reading.u_c),
        "u_parts_k": None if reading.budget is None else _parts_k(reading.budget),
        "usable": reading.usable,
        "why_not": reading.why_not,
    }


def _parts_k(budget: Budget) -> dict[str, float]:
    return {name.removesuffix("_k"): round(k, 3) for name, k in asdict(budget).items()}


def _sensor_box(box: Box, settings: Settings) -> list[float]:
    turned = settings.rotation_deg in (90, 270)
    rows, columns = settings.camera.rows, settings.camera.columns
    width_px, height_px = (rows, columns) if turned else (columns, rows)
    sensor = to_sensor(box, settings.rotation_deg, width_px, height_px)
    return [round(value, 2) for value in (sensor.x0, sensor.y0, sensor.x1, sensor.y1)]


def _celsius(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
