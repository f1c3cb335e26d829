"""The uncertainty budget of a calibrated reading, in the manner of the GUM (JCGM 100:2008).

    u_c^2 = sum (c_i u_i)^2      nu_eff = u_c^4 / sum (c_i u_i)^4 / nu_i      U = t(nu_eff) u_c

(5.1.2, G.4.1 Welch and Satterthwaite, G.3.1.) Every contribution belongs to one field of `edge.core.radiometry.Budget`,
which is what each reading carries at the gate; what the gate knows better, live, is not in here: the reference's
offset of this moment and the noise of the pixels read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from calibration.student import coverage_factor
from edge.core import radiometry
from edge.core.frame import ZERO_CELSIUS_K
from edge.core.radiometry import Skin
from edge.core.texts import Text

Distribution = Literal["normal", "rectangular"]
GateField = Literal[
    "reference_k", "calibration_k", "uniformity_k", "drift_k", "emissivity_k", "reflection_k", "size_of_source_k"
]

QUANTUM_K = 0.02
# Forehead skin is 0.98 +- 0.01 (0.97 to 0.99); what it mirrors is known to 2 C either way.
SKIN_EMISSIVITY_HALF_WIDTH = 0.01
REFLECTED_HALF_WIDTH_K = 2.0
# What camera, reference and their alignment may change until the next calibration, where nothing was measured yet.
UNKNOWN_DRIFT_HALF_WIDTH_K = 0.15
SOURCE_EMISSIVITY_HALF_WIDTH = 0.005


@dataclass(frozen=True, slots=True)
class Contribution:
    """One cause. u: its standard uncertainty in `unit`; sensitivity: K per unit; dof: math.inf when it is not measured.

    field: of the gate's budget.
    """

    code: str
    source: Text
    distribution: Distribution
    u: float
    unit: str
    sensitivity: float
    dof: float
    field: GateField

    @property
    def share_k(self) -> float:
        """What it adds to the temperature, in kelvin (k = 1)."""
        return abs(self.sensitivity) * self.u


@dataclass(frozen=True, slots=True)
class Budget:
    """All that is uncertain in one temperature."""

    contributions: tuple[Contribution, ...]

    @property
    def combined_k(self) -> float:
        return math.sqrt(sum(one.share_k**2 for one in self.contributions))

    @property
    def effective_dof(self) -> float:
        measured = sum(one.share_k**4 / one.dof for one in self.contributions if math.isfinite(one.dof))
        return math.inf if measured == 0.0 else self.combined_k**4 / measured

    @property
    def coverage(self) -> float:
        """k for a level of 95.45 %; the degrees of freedom are rounded down (GUM G.4.1)."""
        dof = self.effective_dof
        return coverage_factor(dof if math.isinf(dof) else max(1.0, math.floor(dof)))

    @property
    def expanded_k(self) -> float:
        return self.coverage * self.combined_k

    @property
    def gate(self) -> radiometry.Budget:
        """The same budget as each reading carries it; its coverage makes up for few degrees of freedom at k = 2."""
        widened = self.coverage / 2.0
        shares: dict[GateField, float] = {}
        for one in self.contributions:
            shares[one.field] = math.hypot(shares.get(one.field, 0.0), one.share_k * widened)
        return radiometry.Budget(**shares)


@dataclass(frozen=True, slots=True)
class Found:
    """What the calibration has measured or was told, all standard uncertainties in kelvin unless named otherwise.

    source_expanded_k: U (k = 2) of the blackbody's own certificate; source_emissivity: what it was set to, 0.9 to 1.
    fit_u_k: worst within 34 to 39 C, of noise alone and without the source; stability_k: spread of successive means,
    with stability_dof; uniformity_k with its degrees of freedom; size_half_width_k: the furthest reading of the
    distance run from that at the working distance; drift_half_width_k: until the next calibration, None: unknown.
    """

    source_expanded_k: float
    source_emissivity: float
    ambient_c: float
    fit_u_k: float
    fit_dof: float
    stability_k: float
    stability_dof: float
    uniformity_k: float
    uniformity_dof: float
    size_half_width_k: float
    drift_half_width_k: float | None = None


def rectangular(half_width: float) -> float:
    """Standard uncertainty of what lies anywhere within +- half_width (GUM 4.3.7)."""
    return half_width / math.sqrt(3.0)


def budget(found: Found, skin: Skin, at_c: float = 37.0) -> Budget:
    """The whole budget of one reading of skin at `at_c`."""
    drift_k = UNKNOWN_DRIFT_HALF_WIDTH_K if found.drift_half_width_k is None else found.drift_half_width_k
    return Budget((*_source(found, at_c), *_sensor(found, drift_k), *_skin(skin, found.ambient_c, at_c)))


def _source(found: Found, at_c: float) -> Sequence[Contribution]:
    per_emissivity_k = _per_emissivity_k(at_c, found.ambient_c, found.source_emissivity)
    return (
        Contribution(
            "source_certificate",
            Text("黑体：其校准证书（U，k = 2）", "Blackbody: its own certificate (U, k = 2)"),
            "normal", found.source_expanded_k / 2, "K", 1.0, math.inf, "reference_k",
        ),
        Contribution(
            "source_emissivity",
            Text("黑体：发射率", "Blackbody: its emissivity"),
            "rectangular", rectangular(SOURCE_EMISSIVITY_HALF_WIDTH), "1", per_emissivity_k, math.inf, "reference_k",
        ),
        Contribution(
            "stability",
            Text("参考与黑体：相继平均值的离散", "Reference and blackbody: spread of successive means"),
            "normal", found.stability_k, "K", 1.0, found.stability_dof, "reference_k",
        ),
    )  # fmt: skip


def _sensor(found: Found, drift_k: float) -> Sequence[Contribution]:
    return (
        Contribution(
            "fit", Text("增益和零点的拟合", "Fit of gain and offset"),
            "normal", found.fit_u_k, "K", 1.0, found.fit_dof, "calibration_k",
        ),
        Contribution(
            "uniformity", Text("均匀性：修正图之外的残差", "Uniformity: what the map leaves"),
            "normal", found.uniformity_k, "K", 1.0, found.uniformity_dof, "uniformity_k",
        ),
        Contribution(
            "size_of_source", Text("辐射源大小与距离", "Size of source, and distance"),
            "rectangular", rectangular(found.size_half_width_k), "K", 1.0, math.inf, "size_of_source_k",
        ),
        Contribution(
            "drift", Text("到下次校准为止的漂移", "Drift until the next calibration"),
            "rectangular", rectangular(drift_k), "K", 1.0, math.inf, "drift_k",
        ),
        Contribution(
            "resolution", Text("分辨力", "Resolution"),
            "rectangular", rectangular(QUANTUM_K / 2), "K", 1.0, math.inf, "calibration_k",
        ),
    )  # fmt: skip


def _skin(skin: Skin, ambient_c: float, at_c: float) -> Sequence[Contribution]:
    per_reflected = (1 - skin.emissivity) / skin.emissivity * ((ambient_c + _K) / (at_c + _K)) ** 3
    return (
        Contribution(
            "skin_emissivity", Text("皮肤：发射率", "Skin: its emissivity"),
            "rectangular", rectangular(SKIN_EMISSIVITY_HALF_WIDTH), "1",
            _per_emissivity_k(at_c, ambient_c, skin.emissivity), math.inf, "emissivity_k",
        ),
        Contribution(
            "reflection", Text("皮肤：反射的环境温度", "Skin: the surroundings it reflects"),
            "rectangular", rectangular(REFLECTED_HALF_WIDTH_K), "K", per_reflected, math.inf, "reflection_k",
        ),
    )  # fmt: skip


_K = ZERO_CELSIUS_K


def _per_emissivity_k(at_c: float, reflected_c: float, emissivity: float) -> float:
    """Kelvin per unit of emissivity: the derivative of W_app = e W + (1 - e) W_refl solved for T."""
    return ((at_c + _K) ** 4 - (reflected_c + _K) ** 4) / (4 * emissivity * (at_c + _K) ** 3)
