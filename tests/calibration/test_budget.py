"""The budget agrees with GTC, a library kept by a national metrology institute, and is what the gate carries."""

import math

import GTC
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.budget import Budget, Contribution, Found, budget, rectangular
from calibration.student import coverage_factor
from edge.core.radiometry import Skin, skin_c
from edge.core.texts import Text

FOUND = Found(
    source_expanded_k=0.1, source_emissivity=0.98, ambient_c=22.0, fit_u_k=0.02, fit_dof=59, stability_k=0.02,
    stability_dof=5, uniformity_k=0.05, uniformity_dof=3, size_half_width_k=0.05,
)  # fmt: skip


def contribution(u: float, sensitivity: float, dof: float) -> Contribution:
    return Contribution("x", Text("", ""), "normal", u, "K", sensitivity, dof, "drift_k")


parts = st.lists(
    st.builds(contribution, st.floats(0.01, 1), st.floats(0.1, 3), st.sampled_from([2.0, 3.0, 9.0, 50.0, math.inf])),
    min_size=1,
    max_size=8,
)


@given(parts)
def test_combined_uncertainty_and_degrees_of_freedom_are_those_of_gtc(given_parts: list[Contribution]) -> None:
    ours = Budget(tuple(given_parts))
    theirs = sum(one.sensitivity * GTC.ureal(0, one.u, one.dof) for one in given_parts)
    assert ours.combined_k == pytest.approx(theirs.u)
    assert ours.effective_dof == pytest.approx(theirs.df, rel=1e-6) or (ours.effective_dof > 1e6 and theirs.df > 1e6)


@given(st.sampled_from([1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 200.0, math.inf]))
def test_the_coverage_factor_is_that_of_gtc(dof: float) -> None:
    assert coverage_factor(dof) == pytest.approx(GTC.reporting.k_factor(dof, p=95.45), abs=2e-4)


def test_few_degrees_of_freedom_widen_the_interval_and_round_down() -> None:
    few = Budget((contribution(0.1, 1.0, 3.0), contribution(0.05, 1.0, math.inf)))
    theirs = GTC.ureal(0, 0.1, 3) + GTC.ureal(0, 0.05)
    assert few.expanded_k == pytest.approx(GTC.reporting.k_factor(math.floor(theirs.df), p=95.45) * theirs.u, abs=1e-3)


def test_the_sensitivities_are_those_of_the_gates_own_formula() -> None:
    whole = {one.code: one for one in budget(FOUND, Skin(0.98), at_c=37.0).contributions}
    step = 1e-3
    by_emissivity = (skin_c(36.66, 22.0, 0.98 + step) - skin_c(36.66, 22.0, 0.98 - step)) / (2 * step)
    by_reflection = (skin_c(36.66, 22.0 + step, 0.98) - skin_c(36.66, 22.0 - step, 0.98)) / (2 * step)
    assert whole["skin_emissivity"].sensitivity == pytest.approx(abs(by_emissivity), rel=0.03)
    assert whole["reflection"].sensitivity == pytest.approx(abs(by_reflection), rel=0.03)


def test_what_each_reading_carries_is_the_same_budget() -> None:
    whole = budget(FOUND, Skin(0.98))
    assert whole.gate.combined_k * 2 == pytest.approx(whole.expanded_k)
    assert whole.gate.uniformity_k == pytest.approx(0.05 * whole.coverage / 2)
    assert whole.gate.offset_k == whole.gate.noise_k == 0.0


def test_a_rectangular_half_width_is_divided_by_the_root_of_three() -> None:
    assert rectangular(0.3) == pytest.approx(0.1732, abs=1e-4)
