"""Quantiles are those of numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.core.quantiles import middle, quantiles

SHAPES = arrays.array_shapes(min_dims=1, max_dims=2, max_side=24)


@given(arrays.arrays(np.float32, SHAPES, elements=st.floats(-60, 200, width=32)), st.floats(0, 100))
def test_of_temperatures(values: np.ndarray, percent: float) -> None:
    found = quantiles(values, 0, percent, 100)
    assert found == pytest.approx(tuple(np.percentile(values.astype(np.float64), (0, percent, 100))), abs=1e-9)
    assert middle(values) == pytest.approx(float(np.median(values.astype(np.float64))), abs=1e-9)


@given(arrays.arrays(np.uint16, SHAPES))
def test_of_counts_whose_sums_and_differences_would_run_over(values: np.ndarray) -> None:
    assert quantiles(values, 0.5, 99.5) == pytest.approx(tuple(np.percentile(values, (0.5, 99.5))))
    assert middle(values) == np.median(values)


def test_the_values_stay_as_they_are() -> None:
    values = np.array([3.0, 1.0, 2.0])
    quantiles(values, 50)
    middle(values)
    assert values.tolist() == [3.0, 1.0, 2.0]
