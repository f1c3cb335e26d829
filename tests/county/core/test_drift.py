"""Drift of a gate's median: what all gates do together is the weather, what one does alone is the gate."""

from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core.drift import LEAST_LIMIT_K, SCALES, change, drifts, scale_k

TODAY = date(2026, 3, 16)
TEMPERATURES = st.floats(30, 40)
PASTS = st.lists(TEMPERATURES, min_size=5, max_size=14)


def days(past: list[float], today_c: float) -> dict[date, float]:
    return {**{TODAY - timedelta(days=n): c for n, c in enumerate(past, start=1)}, TODAY: today_c}


def test_a_gate_that_moves_alone_stands_out_and_its_neighbours_do_not() -> None:
    steady = [34.9, 35.0, 35.1, 35.0, 34.9, 35.0]
    changes = {name: change(days(steady, 35.02)) for name in ("A", "B", "C")}
    changes["D"] = change(days(steady, 35.5))

    found = drifts(changes, dict.fromkeys("ABCD", "第一小学"))

    assert {gate: one.counts for gate, one in found.items() if one is not None} == {
        "A": False,
        "B": False,
        "C": False,
        "D": True,
    }
    assert found["D"] is not None
    assert found["D"].apart_k == pytest.approx(0.48)


@given(PASTS, TEMPERATURES, st.floats(-5, 5))
def test_weather_that_comes_to_all_gates_moves_none_of_them(past: list[float], today_c: float, cold_k: float) -> None:
    before = drifts({name: change(days(past, today_c)) for name in "ABCD"}, dict.fromkeys("ABCD", "S"))
    after = drifts({name: change(days(past, today_c + cold_k)) for name in "ABCD"}, dict.fromkeys("ABCD", "S"))

    assert [one.apart_k for one in before.values() if one] == pytest.approx([0, 0, 0, 0], abs=1e-9)
    assert [one.apart_k for one in after.values() if one] == pytest.approx([0, 0, 0, 0], abs=1e-9)
    assert not any(one.counts for one in after.values() if one)


@given(PASTS, TEMPERATURES, st.floats(-3, 3))
def test_the_level_of_a_gate_says_nothing(past: list[float], today_c: float, shift_k: float) -> None:
    one, other = change(days(past, today_c)), change(days([c + shift_k for c in past], today_c + shift_k))

    assert one is not None
    assert other is not None
    assert (other.own_k, other.limit_k) == pytest.approx((one.own_k, one.limit_k), abs=1e-9)


@given(st.lists(st.floats(34, 36), min_size=7, max_size=14), st.floats(-300, 300))
def test_one_wild_day_moves_no_verdict_beyond_the_other_days(past: list[float], wild_c: float) -> None:
    found = change(days([*past[:-1], wild_c], 35.0))

    assert found is not None
    assert 35 - 36 <= found.own_k <= 35 - 34
    assert found.limit_k <= max(LEAST_LIMIT_K, SCALES * 1.4826 * 2)


@given(st.lists(TEMPERATURES, min_size=1))
def test_the_scale_is_never_negative_and_nothing_for_equal_values(values: list[float]) -> None:
    assert scale_k(values) >= 0
    assert scale_k([median(values)] * 3) == 0


@pytest.mark.parametrize("past", [[], [35.0] * 4])
def test_too_few_days_say_nothing(past: list[float]) -> None:
    assert change(days(past, 36.0)) is None
    assert change({}) is None


def test_days_older_than_a_fortnight_are_forgotten() -> None:
    old = {TODAY - timedelta(days=15 + n): 30.0 for n in range(9)}

    assert change({**old, **days([35.0] * 5, 35.0)}) == change(days([35.0] * 5, 35.0))


def test_without_neighbours_at_its_school_the_county_is_asked_and_without_any_its_own_past() -> None:
    moved, still = change(days([35.0] * 6, 36.0)), change(days([35.0] * 6, 35.0))
    schools = {"A": "S1", "B": "S2", "C": "S3", "D": "S4"}

    alone = drifts({"A": moved}, schools)["A"]
    two = drifts({"A": moved, "B": still, "C": still}, schools)["A"]
    three = drifts(dict.fromkeys("ABCD", moved), schools)["A"]

    assert alone is not None
    assert two is not None
    assert three is not None
    assert (alone.apart_k, alone.moved_k, alone.counts) == (None, 1.0, True)
    assert two.apart_k is None
    assert (three.apart_k, three.counts) == (0.0, False)


def test_a_gate_without_medians_has_no_drift() -> None:
    assert drifts({"A": None}, {"A": "S"}) == {"A": None}
