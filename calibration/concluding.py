"""A finished set of readings -> correction, budget, acceptance; or the first reason why it gives none."""

import math
from dataclasses import dataclass, replace

import numpy as np

from calibration import fit as fitting
from calibration import surface as surfaces
from calibration.acceptance import Acceptance, Shown, accept
from calibration.budget import Budget, Found, budget
from calibration.fit import Fit, Series, fit
from calibration.state import State
from calibration.surface import Uniformity, uniformity
from edge.core.correction import Correction
from edge.core.geometry import Box, to_sensor
from edge.core.texts import Text

Refusal = tuple[str, Text]
MS_PER_DAY = 86_400_000
BLOCK = 10
WORKING_M = 0.8


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The result; shift_k: what the map says of the reference's own place."""

    fit: Fit
    uniformity: Uniformity
    correction: Correction
    budget: Budget
    acceptance: Acceptance
    shown: Shown
    found: Found
    shift_k: float


def fit_refusal(state: State) -> Refusal | None:
    """Why the points read so far give no line."""
    made = fit([state.series(name) for name in ("low", "high")])
    return (made, fitting.REFUSALS[made]) if isinstance(made, str) else None


def map_refusal(state: State) -> Refusal | None:
    """Why the places give no map."""
    made = uniformity(state.places())
    return (made, surfaces.REFUSALS[made]) if isinstance(made, str) else None


def conclude(state: State, utc_ms: int) -> Conclusion | Refusal:
    """Everything from the readings of `state`; utc_ms: now."""
    flat = uniformity(state.places())
    if isinstance(flat, str):
        return flat, surfaces.REFUSALS[flat]
    shift_k = _at_reference_k(state, flat)
    points = {name: _levelled(state, name, flat, shift_k) for name in ("low", "high", "verify")}
    line = fit([points["low"], points["high"]])
    if isinstance(line, str):
        return line, fitting.REFUSALS[line]
    correction = replace(line.correction, surface=flat.surface, bad=state.bad)
    verify = points["verify"]
    error_k = correction.true_c(verify.mean_c) - verify.true_c
    blocks_c = _block_means_c(verify)
    stability_k = float(np.std(blocks_c, ddof=1))
    working_m = min((m for m, _, _ in state.distances), key=lambda m: abs(m - WORKING_M))
    at_working_c = next(c for m, c, _ in state.distances if m == working_m)
    distance_k = max(abs(c - at_working_c) for _, c, _ in state.distances)
    previous = state.setup.previous
    since_days = since_k = None
    if previous is not None:
        since_days = (utc_ms - int(previous["made_utc_ms"])) / MS_PER_DAY
        before = Correction(float(previous["gain"]), float(previous["offset_k"]))
        since_k = correction.true_c(37.0) - before.true_c(37.0)
    found = Found(
        source_expanded_k=state.number("source_expanded_k"),
        source_emissivity=state.number("source_emissivity"),
        ambient_c=state.number("ambient_c"),
        fit_u_k=_noise_of_fit_k(points["low"], points["high"]),
        fit_dof=len(points["low"].seen_c) - 2,
        stability_k=stability_k,
        stability_dof=len(blocks_c) - 1,
        uniformity_k=flat.u_k,
        uniformity_dof=flat.dof,
        size_half_width_k=distance_k,
        drift_half_width_k=None if since_k is None or since_days is None or since_days < 14 else abs(since_k),
    )
    shown = Shown(error_k, stability_k, flat.worst_after_k, distance_k, verify.spread_k, since_days, since_k or 0.0)
    whole = budget(found, state.setup.skin)
    return Conclusion(line, flat, correction, whole, accept(shown, whole), shown, found, shift_k)


def _at_reference_k(state: State, flat: Uniformity) -> float:
    """The gate's reference is read through the map too."""
    if state.region is None:
        return 0.0
    setup = state.setup
    wide, high = (setup.columns, setup.rows)
    if setup.rotation_deg in (90, 270):
        wide, high = high, wide
    u_px, v_px = to_sensor(Box(*state.region), setup.rotation_deg, wide, high).centre  # type: ignore[arg-type]  # one of the four turns
    return float(flat.surface.at(2 * u_px / setup.columns - 1, 2 * v_px / setup.rows - 1))


def _levelled(state: State, name: str, flat: Uniformity, shift_k: float) -> Series:
    """The readings as a gate with this map makes them: without the map at their place, and at the reference's."""
    samples = state.points[name]
    seen_c = tuple(one.seen_c - float(flat.surface.at(one.u, one.v)) + shift_k for one in samples)
    return replace(state.series(name), seen_c=seen_c)


def _block_means_c(series: Series) -> list[float]:
    """Means of ten seconds each."""
    values = series.seen_c
    return [float(np.mean(values[n : n + BLOCK])) for n in range(0, len(values) - BLOCK + 1, BLOCK)]


def _noise_of_fit_k(low: Series, high: Series) -> float:
    """The worst u of the line within 34 to 39 C, of the readings' noise alone: the source is a cause of its own."""
    quiet = [replace(one, u_k=1e-4) for one in (low, high)]
    made = fit(quiet)
    return math.nan if isinstance(made, str) else max(made.u_k(c) for c in (34.0, 36.5, 39.0))
