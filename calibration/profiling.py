"""A finished calibration as plain values: what is signed, what the gate reads, and what the certificate shows."""

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from calibration.concluding import MS_PER_DAY, Conclusion
from calibration.state import POINTS, State
from edge.core.radiometry import Budget


def plain_profile(
    state: State, found: Conclusion, utc_ms: int, valid_days: float, software_version: str
) -> dict[str, Any]:
    """All of it, rounded to micro-kelvin; `edge.core.profile.profile` reads it back."""
    gate, surface = found.budget.gate, found.uniformity.surface
    live = ("offset_k", "noise_k")
    previous = state.setup.previous
    whole = {
        "gate_id": state.setup.gate_id,
        "made_utc_ms": utc_ms,
        "expires_utc_ms": utc_ms + round(valid_days * MS_PER_DAY),
        "software_version": software_version,
        "previous": None if previous is None else previous["id"],
        "sensor": {"serial": state.serial, "typed": state.serial_told},
        "answers": dict(state.answers),
        "reference_c": state.setup.reference_c,
        "reference_region": list(state.region or ()),
        "correction": {
            "gain": found.fit.gain,
            "offset_k": found.fit.offset_k,
            "surface": {"terms_k": surface.terms_k, "low": surface.low, "high": surface.high},
            "bad_pixels": state.bad,
        },
        "budget": {f.name: getattr(gate, f.name) for f in fields(Budget) if f.name not in live},
        "acceptance": _acceptance(found),
        "evidence": _evidence(state, found),
        "lines": dict(state.lines),
    }
    rounded: dict[str, Any] = _rounded(whole)
    return rounded


def _acceptance(found: Conclusion) -> dict[str, Any]:
    made = found.acceptance
    return {
        "error_k": made.error_k,
        "expanded_k": made.expanded_k,
        "coverage": found.budget.coverage,
        "passed": made.passed,
        "items": [{"code": one.code, "value_k": one.value_k, "limit_k": one.limit_k} for one in made.items],
        "advice": [asdict(one) for one in made.advice],
    }


def _evidence(state: State, found: Conclusion) -> dict[str, Any]:
    points = {}
    for name in POINTS:
        series = state.series(name)
        first_s = series.t_s[0]
        points[name] = {
            "true_c": series.true_c,
            "t_s": [t - first_s for t in series.t_s],
            "seen_c": series.seen_c,
            "level_c": [one.level_c for one in state.points[name]],
            "corrected_c": [found.correction.true_c(c + found.shift_k) for c in series.seen_c],
        }
    return {
        "points": points,
        "covariance": {
            "offset_var_k2": found.fit.offset_var_k2,
            "gain_var": found.fit.gain_var,
            "covariance_k": found.fit.covariance_k,
        },
        "spots": state.spots,
        "spot_residuals_k": found.uniformity.residuals_k,
        "distances": state.distances,
        "contributions": [
            {
                "code": one.code,
                "source": asdict(one.source),
                "distribution": one.distribution,
                "u": one.u,
                "unit": one.unit,
                "sensitivity": one.sensitivity,
                "dof": None if math.isinf(one.dof) else one.dof,
                "share_k": one.share_k,
            }
            for one in found.budget.contributions
        ],
        "effective_dof": None if math.isinf(found.budget.effective_dof) else found.budget.effective_dof,
        "combined_k": found.budget.combined_k,
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        # The variances are small: significant digits, not places.
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {str(key): _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
