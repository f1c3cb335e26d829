"""The radiation formula against itself and against published figures, and the budget."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.radiometry import Budget, apparent_c, skin_c

TEMPERATURES = st.floats(min_value=-10, max_value=60)
EMISSIVITIES = st.floats(min_value=0.9, max_value=1.0)


@given(TEMPERATURES, TEMPERATURES, EMISSIVITIES)
def test_correcting_what_emissivity_did_gives_the_truth_back(true_c: float, around_c: float, emissivity: float) -> None:
    seen_c = apparent_c(true_c, around_c, emissivity)
    assert skin_c(seen_c, around_c, emissivity) == pytest.approx(true_c, abs=1e-9)


@given(TEMPERATURES, EMISSIVITIES)
def test_in_surroundings_as_warm_as_itself_nothing_changes(true_c: float, emissivity: float) -> None:
    assert apparent_c(true_c, true_c, emissivity) == pytest.approx(true_c, abs=1e-9)


@pytest.mark.parametrize(("around_c", "cost_c"), [(23.0, 0.26), (-5.0, 0.69)])
def test_emissivity_costs_what_the_literature_says(around_c: float, cost_c: float) -> None:
    assert 36.0 - apparent_c(36.0, around_c, 0.98) == pytest.approx(cost_c, abs=0.03)


@given(TEMPERATURES, st.floats(min_value=0, max_value=5), TEMPERATURES)
def test_a_warmer_surface_never_reads_colder(seen_c: float, more_k: float, around_c: float) -> None:
    assert skin_c(seen_c + more_k, around_c, 0.98) >= skin_c(seen_c, around_c, 0.98)


def test_a_dead_pixel_is_colder_than_anything_and_no_crash() -> None:
    assert skin_c(-273.15, 22.0, 0.98) == pytest.approx(-273.15)


def test_the_budget_adds_as_squares() -> None:
    budget = Budget(0.1, 0.2, 0.1, 0.07, 0.02, 0.05, 0.0, 0.0)
    assert budget.combined_k == pytest.approx(math.sqrt(0.01 + 0.04 + 0.01 + 0.0049 + 0.0004 + 0.0025))
    assert 2 * budget.combined_k == pytest.approx(0.52, abs=0.02)
