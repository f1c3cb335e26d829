"""What weeks of days say of a gate: nothing moves, the camera does, the reference does, somebody moved something."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.upkeep import CARRIED, LEAST_DAYS, LONGEST_DAYS, Day, outlook, trend

FIRST = date(2026, 3, 2)


def weeks(
    count: int = 28, *, seed: int = 1, camera_k: float = 0.0, reference_k: float = 0.0, weather_k: float = 0.0
) -> list[Day]:
    """So many days; what camera, reference and weather move by in a day, through what days differ by anyhow."""
    rng = np.random.default_rng(seed)
    return [
        Day(
            FIRST + timedelta(days=n),
            -1.8 + (camera_k + reference_k) * n + float(rng.normal(0, 0.03)),
            34.6 + (reference_k + weather_k) * n + float(rng.normal(0, 0.05)),
            300,
        )
        for n in range(count)
    ]


def last(days: list[Day]) -> date:
    return days[-1].day


def test_a_gate_that_stays_as_it_is_is_steady_and_warns_of_nothing() -> None:
    warned = 0
    for seed in range(100):
        days = weeks(seed=seed)
        found = outlook(days, None, 0.15, last(days))
        warned += found.warns(last(days))
        assert found.stepped_k is None
    # An interval of 95 % is wrong in one of twenty; hardly ever does it then end within two weeks.
    assert warned <= 2


def test_a_reference_that_drifts_moves_readings_by_all_of_it_and_the_day_is_foretold() -> None:
    days = weeks(28, reference_k=0.004)
    found = outlook(days, None, 0.15, last(days))
    assert found.cause == "reference"
    assert found.moved_k == pytest.approx(0.004 * 27, abs=0.03)
    assert found.leaves_on is not None
    assert abs((found.leaves_on - (FIRST + timedelta(days=38))).days) <= 8
    assert found.warns(last(days))


def test_a_camera_that_drifts_is_told_apart_for_the_crowd_stays() -> None:
    days = weeks(28, camera_k=0.02)
    found = outlook(days, None, 0.15, last(days))
    assert found.cause == "camera"
    assert found.moved_k == pytest.approx(CARRIED * 0.02 * 27, abs=0.03)
    # 0.15 / (0.25 x 0.02) = 30 days.
    assert found.leaves_on is not None
    assert abs((found.leaves_on - (FIRST + timedelta(days=31))).days) <= 3


def test_spring_is_no_drift() -> None:
    days = weeks(28, weather_k=0.03)
    found = outlook(days, None, 0.15, last(days))
    assert found.crowd is not None
    assert found.crowd.certain
    assert (found.cause, found.leaves_on) == ("steady", None)


def test_a_calibration_begins_anew() -> None:
    days = weeks(28, reference_k=0.004)
    on = days[-5].day
    found = outlook(days, on, 0.15, last(days))
    assert (found.cause, found.since, found.leaves_on) == ("too_few_days", on + timedelta(days=1), None)


def test_what_was_touched_overnight_shows_at_the_opening() -> None:
    days = weeks(14)
    touched = Day(last(days) + timedelta(days=1), (days[-1].offset_k or 0.0) + 0.8, None)
    found = outlook([*days, touched], None, 0.15, touched.day)
    assert found.stepped_k == pytest.approx(0.8, abs=0.15)
    assert found.warns(touched.day)
    # One opening does not bend the trend of two weeks.
    assert found.cause == "steady"


def test_days_without_values_and_days_of_another_season_are_left_out() -> None:
    days = weeks(28)
    holes = [Day(one.day, None, None) if n % 3 == 0 else one for n, one in enumerate(days)]
    assert outlook(holes, None, 0.15, last(days)).cause == "steady"
    assert outlook([], None, 0.15, FIRST).cause == "too_few_days"
    late = last(days) + timedelta(days=LONGEST_DAYS)
    assert outlook(days, None, 0.15, late).cause == "too_few_days"


@given(st.floats(-0.1, 0.1), st.integers(LEAST_DAYS, 40), st.integers(0, 3))
def test_a_straight_line_is_found_whatever_a_few_days_say(per_day_k: float, count: int, wrong: int) -> None:
    values = {FIRST + timedelta(days=n): per_day_k * n for n in range(count)}
    for n in range(min(wrong, count // 4)):
        values[FIRST + timedelta(days=3 * n)] += 5.0
    found = trend(values)
    assert found is not None
    # A few wrong days of few bend it a little.
    assert found.low_k - 1e-9 <= per_day_k <= found.high_k + 1e-9


def test_its_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        found = trend({FIRST + timedelta(days=n): 0.01 * n + float(rng.normal(0, 0.05)) for n in range(20)})
        assert found is not None
        covered += found.low_k <= 0.01 <= found.high_k
    assert covered >= 0.92 * 300


def test_fewer_than_a_week_of_days_is_no_trend() -> None:
    assert trend({FIRST + timedelta(days=n): 0.0 for n in range(LEAST_DAYS - 1)}) is None
