"""Detections against annotated faces: what is found, what is false, where the forehead was put.

Rules
- A detection finds the face with which its IoU is largest, if that is at least 0.4 and no better detection has found
  that face already; best scores choose first.
- A detection that finds none is dropped, neither right nor false, if its IoU with an ignored face is at least 0.4, or
  if half of it lies in an ignored face or region. All others are false faces.
- A forehead hit: of a usable face that was found, the centre of the predicted forehead lies in the annotated forehead.
  A prediction without a forehead is a miss. Stricter: the IoU of both foreheads is at least 0.4.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from edge.core.faces import Detection
from edge.core.geometry import Box
from training.dataset import Face, Sample

SAME_FACE_IOU = 0.4


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over frames; adding two gives the counts over both.

    free_frames: those without any face; unsure_frames: those whose faces are all to be ignored.
    """

    frames: int = 0
    free_frames: int = 0
    free_frames_with_false: int = 0
    unsure_frames: int = 0
    unsure_frames_with_false: int = 0
    faces: int = 0
    faces_found: int = 0
    usable: int = 0
    usable_found: int = 0
    usable_called_readable: int = 0
    others_called_readable: int = 0
    false: int = 0
    forehead_hits: int = 0
    forehead_overlaps: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def precision(self) -> float:
        return share(self.faces_found, self.faces_found + self.false)

    @property
    def recall(self) -> float:
        return share(self.faces_found, self.faces)

    @property
    def recall_usable(self) -> float:
        return share(self.usable_found, self.usable)


def share(part: int, whole: int) -> float:
    """part / whole; not a number when there is nothing to share."""
    return part / whole if whole else float("nan")


def matches(detections: Sequence[Detection], faces: Sequence[Face]) -> dict[int, Face]:
    """Which detection (by position) finds which face."""
    found: dict[int, Face] = {}
    free = list(faces)
    for place in sorted(range(len(detections)), key=lambda k: -detections[k].score):
        best = max(free, key=lambda face: detections[place].box.iou(face.box), default=None)
        if best is not None and detections[place].box.iou(best.box) >= SAME_FACE_IOU:
            found[place] = best
            free.remove(best)
    return found


def is_dropped(box: Box, sample: Sample) -> bool:
    """Whether a detection that finds no face lies where the truth is unknown."""
    unsure = [face.box for face in sample.faces if face.ignore]
    return any(box.iou(each) >= SAME_FACE_IOU for each in unsure) or any(
        box.overlap_px(each) >= 0.5 * box.area_px for each in [*unsure, *sample.ignore]
    )


def score(sample: Sample, detections: Sequence[Detection]) -> Tally:
    """The counts of one frame."""
    faces = [face for face in sample.faces if not face.ignore]
    free, unsure = not sample.faces, not faces and len(sample.faces) > 0
    found = matches(detections, faces)
    false = sum(k not in found and not is_dropped(one.box, sample) for k, one in enumerate(detections))
    usable = [(detections[place], face) for place, face in found.items() if face.usable]
    others = [detections[place] for place, face in found.items() if not face.usable]
    return Tally(
        frames=1,
        free_frames=int(free),
        free_frames_with_false=int(free and false > 0),
        unsure_frames=int(unsure),
        unsure_frames_with_false=int(unsure and false > 0),
        faces=len(faces),
        faces_found=len(found),
        usable=sum(face.usable for face in faces),
        usable_found=len(usable),
        usable_called_readable=sum(one.readable_score >= 0.5 for one, _ in usable),
        others_called_readable=sum(one.readable_score >= 0.5 for one in others),
        false=false,
        forehead_hits=sum(_centre_inside(one.forehead, face.forehead) for one, face in usable),
        forehead_overlaps=sum(_overlaps(one.forehead, face.forehead) for one, face in usable),
    )


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def _centre_inside(predicted: Box | None, annotated: Box | None) -> bool:
    if predicted is None or annotated is None:
        return False
    x, y = predicted.centre
    return annotated.x0 <= x < annotated.x1 and annotated.y0 <= y < annotated.y1


def _overlaps(predicted: Box | None, annotated: Box | None) -> bool:
    return predicted is not None and annotated is not None and predicted.iou(annotated) >= SAME_FACE_IOU
