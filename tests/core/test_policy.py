"""Thresholds and times that make no sense are refused by name, with the range to choose from."""

import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import ConfigError
from edge.core.policy import Policy

RANGES = {
    "fever_forehead_c": (34.0, 40.0),
    "fever_face_max_c": (34.0, 43.0),
    "too_cold_c": (25.0, Policy().fever_forehead_c),
    "usable_frames": (1, 30),
    "min_face_width_px": (8.0, 200.0),
    "lost_after_s": (0.2, 10.0),
    "hold_s": (0.5, 30.0),
}


def policy(**values: Any) -> Policy:
    return Policy(**values)


def test_every_field_has_a_range() -> None:
    assert {field.name for field in fields(Policy)} == set(RANGES)


@pytest.mark.parametrize("name", RANGES)
def test_limits_are_allowed_and_what_lies_beyond_is_refused_by_name(name: str) -> None:
    low, high = RANGES[name]
    floor = {"too_cold_c": 25.0} if name == "fever_forehead_c" else {}
    assert getattr(policy(**floor, **{name: low}), name) == low
    assert getattr(policy(**floor, **{name: high}), name) == high
    step = 1 if isinstance(low, int) else 0.01
    for wrong in (low - step, high + step, math.nan, math.inf, -math.inf):
        with pytest.raises(ConfigError) as caught:
            policy(**floor, **{name: wrong})
        assert caught.value.zh.startswith(name)
        assert caught.value.en.startswith(name)
        assert f"{low:g} … {high:g}" in caught.value.en


@given(st.floats(34, 40), st.floats(20, 45))
def test_a_reading_is_never_both_too_cold_and_a_fever(fever_c: float, cold_c: float) -> None:
    try:
        made = policy(fever_forehead_c=fever_c, too_cold_c=cold_c)
    except ConfigError:
        assert cold_c > fever_c or cold_c < 25
    else:
        assert made.too_cold_c <= made.fever_forehead_c
