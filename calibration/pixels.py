"""Which pixels do not see: dead, restless or hot ones, from the mean and the spread of each over a minute of frames."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.core.texts import Text

Refusal = Literal["too_few_frames", "too_many"]

LEAST_FRAMES = 30
# A good pixel differs from its neighbours by 0.05 K of fixed pattern; where the scene itself is steep nothing is said.
MOST_STEP_K = 1.0
MOST_SCENE_SPAN_K = 0.6
RESTLESS_FACTOR = 6.0
MOST_BAD_FRACTION = 0.0025

REFUSALS: dict[Refusal, Text] = {
    "too_few_frames": Text("画面太少，查不出坏点；请多等一会", "Too few pictures to find bad pixels: wait a little"),
    "too_many": Text(
        "坏点超过 0.25%：传感器已损坏或镜头有脏污；请清洁镜头，仍不行则更换",
        "More than 0.25 % of the pixels are bad: clean the lens, and replace the sensor if that does not help",
    ),
}


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sums over frames [rows, columns] of T - first (C), with the first: enough for mean and spread."""

    frames: int = 0
    first_c: NDArray[np.float32] | None = None
    sum_k: NDArray[np.float64] | None = None
    squares_k2: NDArray[np.float64] | None = None


def seen(statistics: Statistics, stored_c: NDArray[np.float32]) -> Statistics:
    """One more stored frame, in C."""
    if statistics.first_c is None or statistics.sum_k is None or statistics.squares_k2 is None:
        none = np.zeros(stored_c.shape)
        return Statistics(1, stored_c.copy(), none, none.copy())
    # Without what all of them do together: the level of a Lepton wanders more than its pixels are restless.
    step_k = (stored_c - statistics.first_c).astype(np.float64)
    step_k -= np.median(step_k)
    return replace(
        statistics,
        frames=statistics.frames + 1,
        sum_k=statistics.sum_k + step_k,
        squares_k2=statistics.squares_k2 + step_k**2,
    )


def bad_pixels(statistics: Statistics) -> tuple[tuple[int, int], ...] | Refusal:
    """(row, column) of each bad pixel of the stored frame; or why that cannot be told."""
    n, first_c = statistics.frames, statistics.first_c
    if n < LEAST_FRAMES or first_c is None or statistics.sum_k is None or statistics.squares_k2 is None:
        return "too_few_frames"
    mean_k = statistics.sum_k / n
    spread_k = np.sqrt(np.maximum(0.0, statistics.squares_k2 / n - mean_k**2))
    mean_c = first_c + mean_k
    around = _neighbours(mean_c)
    calm = np.ptp(np.sort(around, axis=0)[1:-1], axis=0) < MOST_SCENE_SPAN_K
    stuck = np.abs(mean_c - np.median(around, axis=0)) > MOST_STEP_K
    typical_k = float(np.median(spread_k))
    # People may walk through the picture: one pixel is restless only beside calm ones.
    beside_k = np.median(_neighbours(spread_k), axis=0)
    restless = (spread_k > RESTLESS_FACTOR * typical_k) & (spread_k > 3 * beside_k)
    dead = (spread_k < 0.05 * typical_k) & (beside_k > 0.3 * typical_k)
    bad = (calm & stuck) | restless | dead
    if bad.mean() > MOST_BAD_FRACTION:
        return "too_many"
    return tuple((int(row), int(column)) for row, column in zip(*np.nonzero(bad), strict=True))


def _neighbours(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The eight values around each [8, rows, columns]; beyond the edge those of the edge."""
    rows, columns = values.shape
    padded = np.pad(values, 1, mode="edge")
    offsets: Sequence[tuple[int, int]] = [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
    return np.stack([padded[y : y + rows, x : x + columns] for y, x in offsets])
