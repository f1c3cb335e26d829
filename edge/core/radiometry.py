"""Apparent temperatures -> temperatures of skin, and what can be known of them.

W(T) = T^4 in kelvin stands for the radiance that a Lepton's band receives; it agrees with the Planck integral
over 8-14 um within 0.01 C for surroundings of -5 to 45 C.
"""

import math
from dataclasses import dataclass

from edge.core.frame import ZERO_CELSIUS_K


@dataclass(frozen=True, slots=True)
class Skin:
    """How skin radiates. emissivity: 0.9 to 1; reflected_c: the surroundings it mirrors, None: from the picture."""

    emissivity: float = 0.98
    reflected_c: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Standard uncertainties of one forehead reading in kelvin, each its own cause (GUM, k = 1).

    Defaults are those of an honest Lepton without a calibration; a calibration brings its own (calibration/budget.py),
    with `calibration_k` for its fit. `offset_k` and `noise_k` are measured live: the filter's own uncertainty and the
    spread of the pixels read.
    """

    reference_k: float = 0.10
    uniformity_k: float = 0.20
    drift_k: float = 0.10
    emissivity_k: float = 0.07
    reflection_k: float = 0.02
    size_of_source_k: float = 0.05
    calibration_k: float = 0.0
    offset_k: float = 0.0
    noise_k: float = 0.0

    @property
    def combined_k(self) -> float:
        """Root of the sum of squares."""
        parts = (
            self.reference_k,
            self.uniformity_k,
            self.drift_k,
            self.emissivity_k,
            self.reflection_k,
            self.size_of_source_k,
            self.calibration_k,
            self.offset_k,
            self.noise_k,
        )
        return math.sqrt(sum(part * part for part in parts))


def skin_c(apparent_c: float, reflected_c: float, emissivity: float) -> float:
    """True temperature (C) of a surface that appears at `apparent_c` and mirrors surroundings of `reflected_c`.

    W_obj = (W_app - (1 - e) W_refl) / e, over the short distance of a gate without the air's share (t = 1).
    """
    w = (_w(apparent_c) - (1.0 - emissivity) * _w(reflected_c)) / emissivity
    # Less than the surroundings alone would reflect: a dead pixel, at absolute zero.
    return math.sqrt(math.sqrt(max(w, 0.0))) - ZERO_CELSIUS_K


def apparent_c(true_c: float, reflected_c: float, emissivity: float) -> float:
    """What a surface of `true_c` looks like to the camera (C): W_app = e W_true + (1 - e) W_refl."""
    w = emissivity * _w(true_c) + (1.0 - emissivity) * _w(reflected_c)
    return math.sqrt(math.sqrt(w)) - ZERO_CELSIUS_K


def _w(celsius: float) -> float:
    kelvin = celsius + ZERO_CELSIUS_K
    return kelvin * kelvin * kelvin * kelvin
