"""Plays frames through the pipeline for the benchmark: the recordings with models that never saw their camera."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_replay import ReplayCamera
from edge.app.config import Config
from edge.app.settings import pipeline_settings
from edge.core import pipeline
from edge.core.deciding import Measured
from edge.core.faces import WEAK_SCORE, Detection
from edge.core.frame import Frame, NoFrame
from edge.core.pipeline import FrameReport, Settings
from edge.ports import FaceDetector
from tools.held_out import models
from training.dataset import RECORDINGS

FOLD_OF_CAMERA = {"A": "without_a", "B": "without_bc", "C": "without_bc"}
# A gate as delivered: the reference taken for 37.0 C where nobody says otherwise.
DEFAULTS = Config.model_validate({"camera": {"kind": "sim"}})

Change = Callable[[Frame], Frame | None]


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of people, ready to be played: its frames and the pipeline's settings."""

    name: str
    camera: str
    settings: Settings
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """What the pipeline said: a report for every frame, and everybody who passed."""

    reports: tuple[FrameReport, ...]
    people: tuple[Measured, ...]


def recordings(folder: Path = RECORDINGS) -> list[Recording]:
    """All radiometric recordings; FileNotFoundError: they are not there."""
    about = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))["recordings"]
    return [
        _load(name, str(notes["camera"]), folder / str(notes["file"]))
        for name, notes in sorted(about.items())
        if notes["camera"] in FOLD_OF_CAMERA
    ]


def _load(name: str, camera: str, path: Path) -> Recording:
    source = ReplayCamera(path)
    frames = []
    while not isinstance(frame := source.read(60.0), NoFrame):
        frames.append(frame)
    source.close()
    return Recording(name, camera, pipeline_settings(DEFAULTS, source.info), tuple(frames))


def detectors() -> dict[str, FaceDetector]:
    """For each camera the model whose training left it out."""
    held_out = models(weak_score=WEAK_SCORE)
    return {camera: held_out[fold] for camera, fold in FOLD_OF_CAMERA.items()}


class SamePlaces:
    """Answers what was found when a recording was played before, whatever it is shown now."""

    def __init__(self, one: Recording, played: Played) -> None:
        told = zip(one.frames, played.reports, strict=True)
        seen = (report for frame, report in told if pipeline.picture(frame, one.settings) is not None)
        self._found = iter([tuple(face.face for face in report.faces) for report in seen])

    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        return next(self._found)


@cache
def plain() -> tuple[tuple[Recording, Played], ...]:
    """All recordings, each as it plays without any change; played once however many sections ask."""
    models = detectors()
    return tuple((one, play(one.frames, one.settings, models[one.camera])) for one in recordings())


def play(frames: Iterable[Frame], settings: Settings, detector: FaceDetector, change: Change = lambda f: f) -> Played:
    """Every frame through the pipeline, each changed before; None drops it."""
    state = pipeline.start(settings)
    reports: list[FrameReport] = []
    people: list[Measured] = []
    for original in frames:
        frame = change(original)
        if frame is None:
            continue
        picture = pipeline.picture(frame, settings)
        boxes = () if picture is None else detector.detect(picture)
        state, outputs = pipeline.step(state, frame, boxes, frame.t_s)
        reports.append(outputs.frame)
        people += outputs.ended
    people += pipeline.finish(state, "left_early")[2]
    return Played(tuple(reports), tuple(people))
