"""Detector output -> plausible faces."""

from dataclasses import dataclass

from edge.core.geometry import Box


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
