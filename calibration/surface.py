"""Readings of one source at a 3 x 3 grid of places -> the smooth map of what the sensor reads too warm where.

A quadratic surface by least squares: six terms from nine places leave three degrees of freedom, and what each place
would have been predicted to be without itself (its residual over 1 - leverage) is what the map is worth elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge.core.correction import MAP_TERMS, Surface
from edge.core.texts import Text

Refusal = Literal["too_few_places", "places_too_close", "not_smooth"]

LEAST_PLACES = 8
# Of the picture's half width: a map of the middle alone says nothing of the zone in which people stand.
LEAST_REACH = 0.7
# The recordings' Leptons show less than 0.4 K between centre and corner.
MOST_STEP_K = 1.5

REFUSALS: dict[Refusal, Text] = {
    "too_few_places": Text(
        "均匀性位置太少：请量满九个位置", "Too few places for the map: read the source at all nine of them"
    ),
    "places_too_close": Text(
        "各位置靠得太近：请把黑体放到画面的边上去", "The places lie too close together: reach for the picture's edges"
    ),
    "not_smooth": Text(
        "相邻位置相差太大，可能有一处被挡住；请重测该处",
        "One place differs too much from its neighbours, something may have been in front: read it again",
    ),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Mean reading at one place: u, v from -1 to 1 over the stored frame's columns and rows, seen_c in C."""

    u: float
    v: float
    seen_c: float


@dataclass(frozen=True, slots=True)
class Uniformity:
    """The map, and what it is worth: residuals of each place predicted without itself, and their rms, in kelvin.

    worst_before_k: the place that is furthest from the middle one without the map; worst_after_k: with it.
    """

    surface: Surface
    residuals_k: tuple[float, ...]
    worst_before_k: float
    worst_after_k: float
    dof: int

    @property
    def u_k(self) -> float:
        return float(np.sqrt(np.mean(np.square(self.residuals_k))))


def uniformity(spots: Sequence[Spot]) -> Uniformity | Refusal:
    """The map of these places, zero at u = v = 0; or why they give none."""
    if len(spots) < LEAST_PLACES:
        return "too_few_places"
    u, v = np.array([one.u for one in spots]), np.array([one.v for one in spots])
    if min(np.ptp(u), np.ptp(v)) < LEAST_REACH:
        return "places_too_close"
    seen_c = np.array([one.seen_c for one in spots])
    terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)
    if np.linalg.matrix_rank(terms, tol=1e-3) < MAP_TERMS:
        return "places_too_close"
    inverse = np.linalg.pinv(terms)
    found = inverse @ seen_c
    residuals_k = seen_c - terms @ found
    leverage = np.einsum("ij,ji->i", terms, inverse)
    without_k = residuals_k / np.maximum(1e-3, 1.0 - leverage)
    middle = int(np.argmin(u * u + v * v))
    step_k = seen_c - seen_c[middle]
    if float(np.max(np.abs(step_k))) > MOST_STEP_K or float(np.max(np.abs(residuals_k))) > MOST_STEP_K / 4:
        return "not_smooth"
    # What is the same everywhere is the offset's business.
    surface = Surface((0.0, *(float(t) for t in found[1:])), (float(u.min()), float(v.min())),
                      (float(u.max()), float(v.max())))  # fmt: skip
    return Uniformity(
        surface,
        tuple(float(r) for r in without_k),
        worst_before_k=float(np.max(np.abs(step_k))),
        worst_after_k=float(np.max(np.abs(without_k - without_k[middle]))),
        dof=len(spots) - MAP_TERMS,
    )
