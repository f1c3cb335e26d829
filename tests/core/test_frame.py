"""Counts to degrees, and the refusal of arrays that cannot be a radiometric picture."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.core.frame import HIGHEST_CENTIKELVIN, LOWEST_CENTIKELVIN, Frame, celsius, refusal

ROWS, COLUMNS = 120, 160


def filled(count: int, dtype: Any = np.uint16) -> NDArray[Any]:
    return np.full((ROWS, COLUMNS), count, dtype=dtype)


def test_centikelvin_become_degrees() -> None:
    assert celsius(Frame(filled(31_015), seq=0, t_s=0.0)) == pytest.approx(37.0, abs=0.002)


def test_raw_counts_stay_raw() -> None:
    assert (celsius(Frame(filled(8_192), seq=0, t_s=0.0, unit="raw_counts")) == 8_192).all()


@given(st.integers(LOWEST_CENTIKELVIN, HIGHEST_CENTIKELVIN))
def test_a_room_is_radiometric(count: int) -> None:
    assert refusal(filled(count), "centikelvin", ROWS, COLUMNS) is None


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        pytest.param(np.zeros((118, 160), np.uint16), "malformed", id="two rows short"),
        pytest.param(np.zeros((120, 160, 3), np.uint8), "malformed", id="colour"),
        pytest.param(filled(30_000, np.int32), "malformed", id="int32"),
        pytest.param(filled(200, np.uint8), "eight_bit", id="8 bits"),
        pytest.param(filled(200), "eight_bit", id="8 bits in 16"),
        pytest.param(filled(8_192), "not_radiometric", id="raw 14-bit counts"),
        pytest.param(filled(3_001), "not_radiometric", id="TLinear at 0.1 K"),
        pytest.param(filled(65_535), "not_radiometric", id="saturated"),
    ],
)
def test_what_is_no_radiometric_picture_is_refused_with_its_reason(counts: NDArray[Any], reason: str) -> None:
    refused = refusal(counts, "centikelvin", ROWS, COLUMNS)

    assert refused is not None
    assert refused.reason == reason


def test_raw_counts_may_be_anything_above_eight_bits() -> None:
    assert refusal(filled(3_000), "raw_counts", ROWS, COLUMNS) is None
