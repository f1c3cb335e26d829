"""What a calibration does to a temperature: gain and offset on W, the map of the sensor's non-uniformity, bad pixels.

The map and the bad pixels belong to the sensor and are put right in the stored frame, before anything looks at it.
Gain and offset belong to what a gate without a calibration would read, T_seen = claim + live offset of the reference:

    W(T) - W(T_0) = a + g (W(T_seen) - W(T_0)),   W(T) = T^4 in kelvin,   T_0 = 37 C
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge.core.frame import ZERO_CELSIUS_K

T0_C = 37.0
_T0_K = T0_C + ZERO_CELSIUS_K
_W0 = _T0_K**4
_SLOPE0 = 4 * _T0_K**3
MAP_TERMS = 6


@dataclass(frozen=True, slots=True)
class Surface:
    """A smooth map over the stored frame: kelvin that a pixel reads too warm, relative to the middle of the picture.

    terms_k: of 1, u, v, u2, uv, v2; u and v run from -1 to 1 across the columns and down the rows. Beyond low and
    high, the corners (u, v) of what was measured, the map goes on as it was at their edge.
    """

    terms_k: tuple[float, ...]
    low: tuple[float, float]
    high: tuple[float, float]

    def at(self, u: "float | NDArray[np.float64]", v: "float | NDArray[np.float64]") -> NDArray[np.float64]:
        """Kelvin at these places."""
        u = np.clip(u, self.low[0], self.high[0])
        v = np.clip(v, self.low[1], self.high[1])
        a, b, c, d, e, f = self.terms_k
        return np.asarray(a + b * u + c * v + d * u * u + e * u * v + f * v * v)

    def over(self, rows: int, columns: int) -> NDArray[np.float32]:
        """The map of a stored frame [rows, columns]."""
        u = (2 * np.arange(columns) + 1) / columns - 1
        v = (2 * np.arange(rows) + 1) / rows - 1
        return self.at(u[None, :], v[:, None]).astype(np.float32)


@dataclass(frozen=True)
class Correction:
    """gain and offset_k (kelvin at 37 C) of a sensor; surface: None without a map; bad: (row, column) stored pixels."""

    gain: float = 1.0
    offset_k: float = 0.0
    surface: Surface | None = None
    bad: tuple[tuple[int, int], ...] = field(default=())

    def levelled(self, stored_c: NDArray[np.float32]) -> NDArray[np.float32]:
        """The stored picture [rows, columns] (C) without the sensor's map, its bad pixels bridged."""
        if self.surface is not None:
            stored_c = stored_c - self._map(*stored_c.shape)
        return bridged(stored_c, self.bad) if self.bad else stored_c

    def true_c(self, seen_c: float) -> float:
        """T of T_seen, both in C."""
        w = _W0 + _SLOPE0 * (self.offset_k + self.gain * centred_w(seen_c))
        return math.sqrt(math.sqrt(max(w, 0.0))) - ZERO_CELSIUS_K

    def picture_c(self, seen_c: NDArray[np.float32]) -> NDArray[np.float32]:
        """T of a whole picture of T_seen."""
        if self.gain == 1.0 and self.offset_k == 0.0:
            return seen_c
        kelvin = seen_c.astype(np.float64) + ZERO_CELSIUS_K
        w = _W0 + _SLOPE0 * self.offset_k + self.gain * (kelvin**4 - _W0)
        picture: NDArray[np.float32] = (np.sqrt(np.sqrt(np.maximum(w, 0.0))) - ZERO_CELSIUS_K).astype(np.float32)
        return picture

    def _map(self, rows: int, columns: int) -> NDArray[np.float32]:
        known = self._maps
        if (rows, columns) not in known and self.surface is not None:
            known[rows, columns] = self.surface.over(rows, columns)
        return known[rows, columns]

    @cached_property
    def _maps(self) -> dict[tuple[int, int], NDArray[np.float32]]:
        return {}


IDENTITY = Correction()


def centred_w(celsius: float) -> float:
    """(W(T) - W(T_0)) / W'(T_0): kelvin from 37 C on the scale on which radiance is linear."""
    kelvin = celsius + ZERO_CELSIUS_K
    return (kelvin**4 - _W0) / _SLOPE0


def w_slope(celsius: float) -> float:
    """How much `centred_w` changes with one kelvin at this temperature: 1 at 37 C."""
    return ((celsius + ZERO_CELSIUS_K) / _T0_K) ** 3


def bridged(stored_c: NDArray[np.float32], bad: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """A copy whose bad pixels are the median of those around them that are good; one without any stays."""
    mended = stored_c.copy()
    spoilt = set(bad)
    rows, columns = stored_c.shape
    for row, column in bad:
        around = [
            stored_c[y, x]
            for y in range(max(0, row - 1), min(rows, row + 2))
            for x in range(max(0, column - 1), min(columns, column + 2))
            if (y, x) not in spoilt
        ]
        if around and row < rows and column < columns:
            mended[row, column] = np.median(around)
    return mended
