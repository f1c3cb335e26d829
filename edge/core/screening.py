"""Readings of one person + policy -> what the picture alone says of them.

    enough usable readings, median >= threshold      fever          fever_forehead
    enough usable readings, median believable        pass           ok
    gone, and the median was too cold                not_measured   too_cold
    gone, without enough usable readings             not_measured   what was in the way most often, or left_early

Nobody who was not measured ever passes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from edge.core.contents import Finding
from edge.core.forehead import ForeheadReading
from edge.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Screening:
    """A finding, its reason code, and the readings it stands on (empty: none)."""

    finding: Finding
    reason: str
    readings: tuple[ForeheadReading, ...]


def screen(usable: Sequence[ForeheadReading], policy: Policy) -> Screening | None:
    """The finding that the last readings allow while the person stands there; None: not yet.

    The readings' spread around their median is the sensor's; the median keeps one bad frame from deciding.
    """
    if len(usable) < policy.usable_frames:
        return None
    last = tuple(usable[-policy.usable_frames :])
    middle_c = median_c(last)
    if middle_c >= policy.fever_forehead_c:
        return Screening("fever", "fever_forehead", last)
    if middle_c >= policy.too_cold_c:
        return Screening("pass", "ok", last)
    return None


def screen_on_leaving(usable: Sequence[ForeheadReading], obstacles: Counter[str], policy: Policy) -> Screening:
    """The finding on somebody who has left undecided: `not_measured`, and why."""
    if len(usable) >= policy.usable_frames:
        return Screening("not_measured", "too_cold", tuple(usable[-policy.usable_frames :]))
    most = obstacles.most_common(1)
    reason = most[0][0] if most and most[0][1] > len(usable) else "left_early"
    return Screening("not_measured", reason, ())


def median_c(readings: Sequence[ForeheadReading]) -> float:
    """Median forehead temperature in C of readings that have one."""
    return float(median(r.temp_c for r in readings if r.temp_c is not None))
