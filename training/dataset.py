"""The annotated recordings as upright pictures with faces, and the splits that never share a person."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box, Rotation, to_upright, upright

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "thermal"
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

    ignore: regions that are neither face nor free of faces. annotated: False for further frames of recordings in which
    nobody appears, which are used for training only.
    """

    picture: NDArray[np.float32]
    faces: tuple[Face, ...]
    ignore: tuple[Box, ...]
    recording: str
    camera: str
    frame: int
    annotated: bool


def _box(corners: list[float], rotation_deg: Rotation, columns: int, rows: int) -> Box:
    return to_upright(Box(*map(float, corners)), rotation_deg, columns, rows)


def load(folder: Path = RECORDINGS) -> tuple[Sample, ...]:
    """All annotated frames, then the extra face-free ones. FileNotFoundError: the recordings are not there."""
    notes = json.loads((folder / "annotations.json").read_text())
    by_recording: dict[str, list[dict[str, Any]]] = {}
    for note in notes["frames"]:
        by_recording.setdefault(note["recording"], []).append(note)
    samples: list[Sample] = []
    for name, about in sorted(notes["recordings"].items()):
        celsius = about["pixel_unit"] == "centikelvin"
        rotation: Rotation = 90 if "90 degrees clockwise" in str(about.get("orientation")) else 0
        with np.load(folder / f"{name}.npz") as stored:
            frames = stored["frames"]
        rows, columns = frames.shape[1:]
        listed = {note["frame"]: note for note in by_recording.get(name, [])}
        nobody = about["people_screenable"] == 0 and about["people_other"] == 0
        extra = range(0, len(frames), FREE_FRAMES_STEP) if nobody else ()
        for index in sorted(listed.keys() | set(extra)):
            note = listed.get(index, {"faces": [], "ignore_regions": []})
            values = frames[index].astype(np.float32)
            picture = np.ascontiguousarray(upright(values / 100 - np.float32(273.15) if celsius else values, rotation))
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
            samples.append(Sample(picture, faces, ignore, name, about["camera"], index, index in listed))
    return tuple(samples)


def checksum(folder: Path = RECORDINGS) -> str:
    """SHA-256 over the annotations and all recordings: which data a model saw."""
    total = hashlib.sha256()
    for path in [folder / "annotations.json", *sorted(folder.glob("rec*.npz"))]:
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
