"""Quantiles of the few values that a face, a disc or every other pixel has.

As numpy's own; for the 36 values of a disc `numpy.percentile` takes 25 times as long, and a frame asks for ten of
them: they were a tenth of what a frame cost (docs/performance.md).
"""

import math

import numpy as np
from numpy.typing import NDArray


def quantiles(values: NDArray[np.generic], *percents: float) -> tuple[float, ...]:
    """At 0 to 100 percent of these values (any shape, at least one, no NaN), linear between neighbours."""
    ordered = np.sort(values, axis=None)
    return tuple(_at(ordered, (ordered.size - 1) * percent / 100.0) for percent in percents)


def middle(values: NDArray[np.generic]) -> float:
    """The median of these values (any shape, at least one, no NaN)."""
    size = values.size
    if size % 2:
        return float(np.partition(values, size // 2, axis=None)[size // 2])
    parted = np.partition(values, (size // 2 - 1, size // 2), axis=None)
    return (float(parted[size // 2 - 1]) + float(parted[size // 2])) / 2.0


def _at(ordered: NDArray[np.generic], place: float) -> float:
    below = math.floor(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, ordered.size - 1)])
    return low + (high - low) * (place - below)
