"""Detector output -> plausible faces."""

from dataclasses import dataclass

from edge.core.geometry import Box


@dataclass(frozen=True, slots=True)
class Detection:
    """What a face detector claims: a box from hairline to chin and ear to ear in the upright picture, and how sure it is (0 to 1)."""

    box: Box
    score: float
