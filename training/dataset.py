"""The annotated recordings as upright pictures with faces, and the splits that never share a person."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box, Rotation, to_upright, upright

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "thermal"
FURTHER = Path(__file__).with_name("annotations.json")
# Recordings in which a person counted nobody at all: every frame of them is free of faces, annotated or not.
FREE_FRAMES_STEP = 4


@dataclass(frozen=True, slots=True)
class Face:
    """A face as annotated, in pixels of the upright picture."""

    box: Box
    forehead: Box | None
    tags: frozenset[str]
    usable: bool
    ignore: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """An upright picture, float32 [rows, columns] in degrees Celsius or raw counts, and what is in it.

    ignore: regions that are neither face nor free of faces. annotated: False for frames that are used for
    training only: those of `further`, and more frames of recordings in which nobody appears. category: what a frame
    shows, as ../shared/thermal/README.md names it.
    """

    picture: NDArray[np.float32]
    faces: tuple[Face, ...]
    ignore: tuple[Box, ...]
    recording: str
    camera: str
    frame: int
    annotated: bool
    category: str = "face"


def _box(corners: list[float], rotation_deg: Rotation, columns: int, rows: int) -> Box:
    return to_upright(Box(*map(float, corners)), rotation_deg, columns, rows)


def load(folder: Path = RECORDINGS) -> tuple[Sample, ...]:
    """All annotated frames, and the extra face-free ones. FileNotFoundError: the recordings are not there."""
    notes = json.loads((folder / "annotations.json").read_text())
    listed = _by_recording(notes["frames"])
    samples: list[Sample] = []
    for name, about in sorted(notes["recordings"].items()):
        frames = _frames(folder, name)
        nobody = about["people_screenable"] == 0 and about["people_other"] == 0
        extra = range(0, len(frames), FREE_FRAMES_STEP) if nobody else ()
        here = listed.get(name, {})
        for index in sorted(here.keys() | set(extra)):
            note = here.get(index, {"faces": [], "ignore_regions": []})
            samples.append(_sample(frames[index], note, name, index, about, annotated=index in here))
    return tuple(samples)


def further(folder: Path = RECORDINGS) -> tuple[Sample, ...]:
    """The frames annotated in this repository, never measured on."""
    about = json.loads((folder / "annotations.json").read_text())["recordings"]
    samples: list[Sample] = []
    for name, notes in sorted(_by_recording(json.loads(FURTHER.read_text())["frames"]).items()):
        frames = _frames(folder, name)
        for index, note in sorted(notes.items()):
            samples.append(_sample(frames[index], note, name, index, about[name], annotated=False))
    return tuple(samples)


def _by_recording(notes: list[dict[str, Any]]) -> dict[str, dict[int, dict[str, Any]]]:
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for note in notes:
        found.setdefault(note["recording"], {})[note["frame"]] = note
    return found


def _frames(folder: Path, name: str) -> NDArray[np.uint16]:
    with np.load(folder / f"{name}.npz") as stored:
        frames: NDArray[np.uint16] = stored["frames"]
    return frames


def _sample(
    stored: NDArray[np.uint16], note: dict[str, Any], name: str, index: int, about: dict[str, Any], annotated: bool
) -> Sample:
    rows, columns = stored.shape
    rotation: Rotation = 90 if "90 degrees clockwise" in str(about.get("orientation")) else 0
    counts = stored.astype(np.float32)
    celsius = about["pixel_unit"] == "centikelvin"
    values = np.asarray(counts / 100 - np.float32(273.15), np.float32) if celsius else counts
    faces = tuple(
        Face(
            _box(face["box"], rotation, columns, rows),
            _box(face["forehead"], rotation, columns, rows) if face["forehead"] else None,
            frozenset(face["tags"]),
            bool(face["usable"]),
            bool(face["ignore"]),
        )
        for face in note["faces"]
    )
    ignore = tuple(_box(region, rotation, columns, rows) for region in note["ignore_regions"])
    picture = np.ascontiguousarray(upright(values, rotation))
    category = str(note.get("category", "empty"))
    return Sample(picture, faces, ignore, name, about["camera"], index, annotated, category)


def spread(samples: list[Sample]) -> list[Sample]:
    """Frames repeated so that a recording weighs as the square root of its frames: a long visit is still one person."""
    count: dict[str, int] = {}
    for sample in samples:
        count[sample.recording] = count.get(sample.recording, 0) + 1
    return [sample for sample in samples for _ in range(max(1, round(12 / count[sample.recording] ** 0.5)))]


@cache
def seen(fold: str) -> tuple[list[Sample], list[Sample]]:
    """What a fold learns from: frames with faces, frames without."""
    return _nobody_first(*_parted(fold, ()))


@cache
def seen_hard(fold: str) -> tuple[list[Sample], list[Sample]]:
    """The same and, of `further`, the frames without a usable face: turned, hidden, heads from behind, nobody."""
    return _nobody_first(*_parted(fold, [one for one in further() if not any(face.usable for face in one.faces)]))


@cache
def seen_evenly(fold: str) -> tuple[list[Sample], list[Sample]]:
    """The same with all of `further`, each as often as it is to be shown (`spread`)."""
    faces, others = _parted(fold, further())
    return spread(faces), spread(others)


def _parted(fold: str, more: Iterable[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Frames with faces and without. An "uncertain" or far face alone teaches nothing but its surroundings: such a
    frame is one without."""
    parted: tuple[list[Sample], list[Sample]] = [], []
    for sample in (*load(), *more):
        if not is_left_out(sample, fold):
            parted[all(face.ignore for face in sample.faces)].append(sample)
    return parted


def _nobody_first(faces: list[Sample], others: list[Sample]) -> tuple[list[Sample], list[Sample]]:
    """The order that the draws count on: another one gives other weights."""
    return faces, sorted(others, key=lambda one: len(one.faces) > 0)


def names(*samples: list[Sample]) -> list[str]:
    """Of their recordings."""
    return sorted({sample.recording for some in samples for sample in some})


def checksum(more: bool = False, folder: Path = RECORDINGS) -> str:
    """SHA-256 over the annotations (more: those of this repository too) and all recordings: which data a model saw."""
    total = hashlib.sha256()
    own = [FURTHER] if more else []
    for path in [*own, folder / "annotations.json", *sorted(folder.glob("rec*.npz"))]:
        total.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


# What each training leaves out. A person returns within a camera only, so cameras are the honest split; the wildlife
# camera T shows no people: its even recordings are trained on by one half, its odd ones by the other.
LEFT_OUT = {"all": "", "without_a": "A", "without_bc": "BC"}


def is_left_out(sample: Sample, fold: str) -> bool:
    """Whether the training of this fold must not see the sample."""
    if fold == "all":
        return False
    if sample.camera == "T":
        return int(sample.recording[3:]) % 2 == (0 if fold == "without_a" else 1)
    return sample.camera in LEFT_OUT[fold]
