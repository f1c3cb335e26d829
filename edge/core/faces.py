"""Detector output -> plausible faces."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.core.geometry import Box

# In the median of the recordings; a profile is narrower, a face cut by the frame wider.
HEIGHT_OVER_WIDTH = 1.35
NARROWEST, WIDEST = 0.3, 1.6
SMALLEST_PX = 6.0
# Two boxes that share so much are one face.
SAME_FACE_IOU = 0.4
# A claim of this score is a person. Of somebody who surely was one in the frame before, KNOWN_SCORE is enough: whether
# there is a face at all is no longer in doubt. Weaker ones, down to the last, are believed only of somebody who is
# known to be there: a face that turns, walks off or is half hidden by another often is no more than that.
SURE_SCORE, KNOWN_SCORE, WEAK_SCORE = 0.5, 0.43, 0.37


@dataclass(frozen=True, slots=True)
class Detection:
    """What a face detector claims of one face, in pixels of the upright picture.

    box: hairline to chin, ear to ear; forehead: bare skin between brow (or glasses) and hairline, None when it
    sees none. Scores are 0 to 1: that it is a face; that it is fit to be read (faces the camera, whole, sharp).
    """

    box: Box
    score: float
    forehead: Box | None
    readable_score: float


def plausible(detections: Sequence[Detection], reference: Box | None, least_score: float) -> tuple[Detection, ...]:
    """The detections that can be faces, best first: not the reference, of a face's shape, none twice."""
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda d: -d.score):
        if detection.score < least_score or not _shaped_like_a_face(detection.box):
            continue
        if reference is not None and _mostly_reference(detection.box, reference):
            continue
        if all(detection.box.iou(other.box) < SAME_FACE_IOU for other in kept):
            kept.append(detection)
    return tuple(kept)


def stands_in_zone(box: Box, min_face_width_px: float) -> bool:
    """Whether a face is near enough for a person in the zone; a profile, narrower, is told by its height."""
    return max(box.width_px, box.height_px / HEIGHT_OVER_WIDTH) >= min_face_width_px


def _shaped_like_a_face(box: Box) -> bool:
    if box.width_px < SMALLEST_PX or box.height_px < SMALLEST_PX:
        return False
    return NARROWEST <= box.width_px / box.height_px <= WIDEST


def _mostly_reference(box: Box, reference: Box) -> bool:
    # A box around the disc lies mostly on it; a face before it, however small, mostly does not.
    return box.overlap_px(reference) > 0.4 * box.area_px
