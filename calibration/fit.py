"""Readings of blackbodies -> gain and offset, with their covariance; or the reason why these readings give none.

    W(T_true) - W(T_0) = a + g (W(T_seen) - W(T_0)),   W(T) = T^4 in kelvin,   T_0 = 37 C

About T_0, where the gate decides, gain and offset hardly correlate; a is told in kelvin at T_0 (`offset_k`). T_seen is
what a gate without a calibration makes of the pixel: the camera's claim plus the live offset of the reference.
Each reading counts with 1 / u^2 (weighted least squares with known u: ISO/IEC Guide 98-3 (GUM), H.3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.core.correction import Correction, centred_w, w_slope
from edge.core.texts import Text

Refusal = Literal[
    "too_short", "ill_conditioned", "drifting", "restless", "non_monotonic", "gain_implausible", "off_the_line"
]

LEAST_SAMPLES = 20
LEAST_SPAN_K = 4.0
# A camera whose level wanders is corrected by the reference; what is left must stand still.
MOST_SLOPE_K_PER_MIN = 0.05
MOST_SPREAD_K = 0.10
# FLIR states 5 % for the Lepton; a fifth is no sensor's but a mistake's.
MOST_GAIN_ERROR = 0.2
# Three standard deviations of the residuals that a fit of more than two temperatures may leave.
MOST_CHI = 3.0

REFUSALS: dict[Refusal, Text] = {
    "too_short": Text(
        "读数太少：每个温度至少 20 个，至少两个温度；请重测", "Too few readings: 20 at each of two temperatures; again"
    ),
    "ill_conditioned": Text(
        "温度太接近，定不出增益；请用约 33 和 40 °C",
        "Temperatures too close for a gain: use about 33 and 40 °C",
    ),
    "drifting": Text(
        "测量时黑体温度还在变化；请等它稳定后重测", "A source still drifted while it was read: let it settle, again"
    ),
    "restless": Text(
        "读数跳动太大，可能有东西挡过黑体；请移开后重测", "The readings jump, something was in front: clear it, again"
    ),
    "non_monotonic": Text(
        "温度较高的黑体读数反而较低：两个黑体是否放反或填反？",
        "The warmer source reads colder: were the two swapped?",
    ),
    "gain_implausible": Text(
        "增益与 1 相差超过 20%，不是传感器的误差；请核对填写的温度和单位",
        "The gain is off by more than 20 %, which no sensor is: check the temperatures and units that were typed",
    ),
    "off_the_line": Text(
        "各温度的读数不在一条直线上；请核对填写的温度后重测",
        "The readings do not lie on one line: check the temperatures that were typed, then measure again",
    ),
}


@dataclass(frozen=True, slots=True)
class Series:
    """Readings seen_c (C) of one source at t_s (s). true_c: its apparent temperature (C), with its u_k (k = 1)."""

    true_c: float
    u_k: float
    t_s: tuple[float, ...]
    seen_c: tuple[float, ...]

    @property
    def mean_c(self) -> float:
        return float(np.mean(self.seen_c))

    @property
    def spread_k(self) -> float:
        """Standard deviation of the readings about their own line: noise without the drift."""
        if len(self.seen_c) < 3:
            return 0.0
        residual_k = np.array(self.seen_c) - np.polyval(np.polyfit(self._minutes, self.seen_c, 1), self._minutes)
        return float(np.sqrt(np.sum(residual_k**2) / (len(self.seen_c) - 2)))

    @property
    def slope_k_per_min(self) -> float:
        return float(np.polyfit(self._minutes, self.seen_c, 1)[0]) if len(self.seen_c) > 1 else 0.0

    @property
    def mean_u_k(self) -> float:
        """Standard uncertainty of the mean. Readings of one second are not independent of the next: half count."""
        return self.spread_k / math.sqrt(max(1.0, len(self.seen_c) / 2))

    @property
    def _minutes(self) -> NDArray[np.float64]:
        return (np.array(self.t_s) - self.t_s[0]) / 60.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Gain and offset (K at 37 C) with their covariance: variances of the offset (K2), of the gain, and between (K)."""

    gain: float
    offset_k: float
    offset_var_k2: float
    gain_var: float
    covariance_k: float
    residuals_k: tuple[float, ...]
    dof: int

    @property
    def correction(self) -> Correction:
        return Correction(self.gain, self.offset_k)

    def u_k(self, seen_c: float) -> float:
        """Standard uncertainty of a corrected temperature near `seen_c`, in kelvin, of the fit alone."""
        x_k = centred_w(seen_c)
        return math.sqrt(max(0.0, self.offset_var_k2 + 2 * x_k * self.covariance_k + x_k**2 * self.gain_var))


def fit(series: Sequence[Series]) -> Fit | Refusal:
    """Weighted least squares over the means of these series; or the first reason why they give no line."""
    refusal = _unusable(series)
    if refusal is not None:
        return refusal
    x_k = np.array([centred_w(one.mean_c) for one in series])
    y_k = np.array([centred_w(one.true_c) for one in series])
    # u of source and of the mean reading, both on the scale of W about T_0; the gain is near 1.
    u_k = np.array([math.hypot(one.u_k, one.mean_u_k) * w_slope(one.true_c) for one in series])
    design = np.stack([np.ones_like(x_k), x_k], axis=1) / u_k[:, None]
    covariance = np.linalg.inv(design.T @ design)
    offset_k, gain = covariance @ design.T @ (y_k / u_k)
    if abs(gain - 1.0) > MOST_GAIN_ERROR:
        return "gain_implausible"
    residuals_k = y_k - offset_k - gain * x_k
    dof = len(series) - 2
    if dof and math.sqrt(float(np.sum((residuals_k / u_k) ** 2)) / dof) > MOST_CHI:
        return "off_the_line"
    return Fit(
        gain=float(gain),
        offset_k=float(offset_k),
        offset_var_k2=float(covariance[0, 0]),
        gain_var=float(covariance[1, 1]),
        covariance_k=float(covariance[0, 1]),
        residuals_k=tuple(float(one) for one in residuals_k),
        dof=dof,
    )


def _unusable(series: Sequence[Series]) -> Refusal | None:
    if len(series) < 2 or any(len(one.seen_c) < LEAST_SAMPLES for one in series):
        return "too_short"
    true_c = [one.true_c for one in series]
    if max(true_c) - min(true_c) < LEAST_SPAN_K:
        return "ill_conditioned"
    if any(one.spread_k > MOST_SPREAD_K for one in series):
        return "restless"
    if any(abs(one.slope_k_per_min) > MOST_SLOPE_K_PER_MIN for one in series):
        return "drifting"
    rising = sorted(series, key=lambda one: one.true_c)
    if any(above.mean_c <= below.mean_c for below, above in pairwise(rising)):
        return "non_monotonic"
    return None
