"""How far a gate's median forehead has moved: against its own past, and against what its neighbours did. Pure.

A day's median moves with the weather, at all gates alike; a camera or a reference that goes wrong moves one gate. So a
gate's change since its own past days is held against the median of its neighbours' changes.

Scale: 1.4826 x the median absolute deviation, which is the standard deviation of normal values and bears half of the
days being wrong (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", JASA 88, 1993). A change counts
beyond three scales and beyond 0.2 K, what IEC 80601-2-59 allows for stability and drift in 14 days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

PAST = timedelta(days=14)
LEAST_DAYS = 5
# Of three the middle one bears one that is wrong; of two it would be their mean.
LEAST_NEIGHBOURS = 3
LEAST_LIMIT_K = 0.2
SCALES = 3.0
NORMAL = 1.4826


@dataclass(frozen=True, slots=True)
class Change:
    """today_c: the last day's median; own_k: that less the median of the past days'; limit_k: beyond it, it counts."""

    today_c: float
    own_k: float
    limit_k: float


@dataclass(frozen=True, slots=True)
class Drift:
    """A gate's change, and how far that is from the neighbours' (None: fewer than LEAST_NEIGHBOURS can be asked)."""

    change: Change
    apart_k: float | None

    @property
    def moved_k(self) -> float:
        """How far it has moved against its neighbours, or where there are none against its own past."""
        return self.change.own_k if self.apart_k is None else self.apart_k

    @property
    def counts(self) -> bool:
        """Whether somebody should look."""
        return abs(self.moved_k) > self.change.limit_k


def scale_k(values: Sequence[float]) -> float:
    """The robust standard deviation of at least one value, in their unit."""
    middle = median(values)
    return NORMAL * median(abs(value - middle) for value in values)


def change(medians: Mapping[date, float]) -> Change | None:
    """The last day's median against those of the 14 days before it, in C; None: fewer than LEAST_DAYS of these."""
    if not medians:
        return None
    last = max(medians)
    past = [value for day, value in medians.items() if last - PAST <= day < last]
    if len(past) < LEAST_DAYS:
        return None
    limit_k = max(LEAST_LIMIT_K, SCALES * scale_k(past))
    return Change(medians[last], medians[last] - median(past), limit_k)


def drifts(changes: Mapping[str, Change | None], schools: Mapping[str, str]) -> dict[str, Drift | None]:
    """The drift of each gate; changes and schools by gate.

    A gate's neighbours are its school's others; with fewer than LEAST_NEIGHBOURS of them, all others of the county.
    """
    known = {gate: found for gate, found in changes.items() if found is not None}

    def apart_k(gate: str, own: Change) -> float | None:
        others = [one for one in known if one != gate]
        near = [one for one in others if schools[one] == schools[gate]]
        asked = near if len(near) >= LEAST_NEIGHBOURS else others
        if len(asked) < LEAST_NEIGHBOURS:
            return None
        return own.own_k - median(known[one].own_k for one in asked)

    return {gate: None if own is None else Drift(own, apart_k(gate, own)) for gate, own in changes.items()}
