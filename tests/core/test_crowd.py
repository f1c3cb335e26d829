"""The recent crowd: bounded, forgetful, everybody once, nobody alone, and it follows the weather."""

import csv
import math
import random
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import crowd
from edge.core.crowd import MOST_PEOPLE, Crowd
from edge.core.entry_policy import EntryPolicy

POLICY = EntryPolicy()
PHYSIONET = Path(__file__).resolve().parents[3] / "shared" / "physionet" / "flir.csv"


def people(*foreheads_c: float, every_s: float = 2.0, start_s: float = 0.0, then: Crowd | None = None) -> Crowd:
    state = then or crowd.start()
    for place, forehead_c in enumerate(foreheads_c):
        state = crowd.add(state, forehead_c, start_s + place * every_s)
    return state


def test_off_until_enough_people_came() -> None:
    nine = people(*[34.0] * 9)
    assert crowd.baseline_c(nine, 18.0, POLICY) is None
    assert crowd.baseline_c(crowd.add(nine, 34.4, 18.0), 18.0, POLICY) == 34.0


def test_nobody_seeds_it_alone() -> None:
    state = crowd.start()
    for now_s in range(100):
        state = crowd.add(state, 35.0, float(now_s), "p1")
    assert len(state.passers) == 1
    assert crowd.baseline_c(state, 100.0, POLICY) is None


def test_whoever_comes_again_counts_once_and_with_the_last_reading() -> None:
    state = crowd.add(people(*[34.0] * 9), 33.2, 20.0, "p1")
    again = crowd.add(state, 34.8, 30.0, "p1")
    assert [one.forehead_c for one in again.passers] == [34.0] * 9 + [34.8]
    assert len(crowd.add(again, 34.8, 31.0, "p2").passers) == 11


def test_people_without_a_name_are_each_somebody_else() -> None:
    assert len(people(34.0, 34.0, 34.0).passers) == 3


def test_hours_later_the_morning_does_not_count() -> None:
    morning = people(*[33.4] * 25)
    last_s = morning.passers[-1].t_s
    assert crowd.baseline_c(morning, last_s + POLICY.crowd_forget_s - 60, POLICY) == 33.4
    assert crowd.baseline_c(morning, last_s + POLICY.crowd_forget_s + 60, POLICY) is None
    noon = people(*[35.2] * 10, start_s=last_s + POLICY.crowd_forget_s + 60, then=morning)
    assert crowd.baseline_c(noon, noon.passers[-1].t_s, POLICY) == 35.2


def test_a_step_of_the_weather_is_followed_within_one_crowd() -> None:
    cold = people(*[33.2] * MOST_PEOPLE)
    warm = people(*[35.2] * (MOST_PEOPLE // 2 + 1), start_s=60.0, then=cold)
    assert crowd.baseline_c(warm, 100.0, POLICY) == 35.2


def test_bounds_hold_whatever_the_crowd_reads() -> None:
    assert crowd.baseline_c(people(*[29.0] * 25), 60.0, POLICY) == POLICY.crowd_low_c
    assert crowd.baseline_c(people(*[39.0] * 25), 60.0, POLICY) == POLICY.crowd_high_c


def test_a_feverish_quarter_does_not_hide_among_themselves() -> None:
    mixed = [33.6 + 0.02 * place for place in range(19)] + [36.0] * 6
    random.Random(4).shuffle(mixed)
    baseline_c = crowd.baseline_c(people(*mixed), 60.0, POLICY)
    assert baseline_c is not None
    assert 36.0 - baseline_c > POLICY.crowd_delta_k


def test_a_recalibration_starts_anew() -> None:
    assert crowd.start().passers == ()
    assert crowd.baseline_c(crowd.start(), 0.0, POLICY) is None


@pytest.mark.parametrize("forehead_c", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_nobody(forehead_c: float) -> None:
    state = people(34.0, 34.1)
    assert crowd.add(state, forehead_c, 5.0, "p1") == state


READINGS = st.lists(
    st.tuples(
        st.floats(allow_nan=True, allow_infinity=True),
        st.floats(0, 30_000),
        st.one_of(st.none(), st.sampled_from(["p1", "p2", "p3", "p4", "p5", "p6"])),
    ),
    max_size=60,
)


@given(READINGS, st.floats(0, 40_000), st.integers(5, 25), st.floats(600, 14_400))
def test_whatever_comes(
    readings: list[tuple[float, float, str | None]], now_s: float, least: int, forget_s: float
) -> None:
    policy = replace(POLICY, crowd_people=least, crowd_forget_s=forget_s)
    state = crowd.start()
    for forehead_c, t_s, person_id in sorted(readings, key=lambda reading: reading[1]):
        state = crowd.add(state, forehead_c, t_s, person_id)
        assert len(state.passers) <= MOST_PEOPLE
    named = [one.person_id for one in state.passers if one.person_id is not None]
    assert len(named) == len(set(named))
    counted = crowd.recent(state, now_s, policy)
    assert all(0 <= now_s - one.t_s <= forget_s for one in counted)
    baseline_c = crowd.baseline_c(state, now_s, policy)
    assert (baseline_c is None) == (len(counted) < least)
    if baseline_c is not None:
        assert policy.crowd_low_c <= baseline_c <= policy.crowd_high_c
        middle_c = median(one.forehead_c for one in counted)
        if policy.crowd_low_c <= middle_c <= policy.crowd_high_c:
            assert baseline_c == middle_c


@given(st.lists(st.floats(33.0, 35.5), min_size=MOST_PEOPLE, max_size=MOST_PEOPLE), st.floats(-60, 200))
def test_one_person_never_moves_it_beyond_their_neighbours(foreheads_c: list[float], other_c: float) -> None:
    before = people(*foreheads_c)
    after_c = crowd.baseline_c(crowd.add(before, other_c, 60.0), 60.0, POLICY)
    ordered = sorted(foreheads_c)
    middle = MOST_PEOPLE // 2
    assert after_c is not None
    assert ordered[middle - 1] <= after_c <= ordered[middle + 1]


@pytest.mark.skipif(not PHYSIONET.is_file(), reason="needs ../shared/physionet beside the repository")
def test_the_default_delta_is_what_its_source_says() -> None:
    with PHYSIONET.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for column in ("forehead_center_max_r1", "forehead_max_r1"):
        skin_c, oral_c = (np.array([float(row[name] or "nan") for row in rows]) for name in (column, "aveOralM"))
        known = np.isfinite(skin_c) & np.isfinite(oral_c)
        above_k = (skin_c - np.median(skin_c[known]))[known & (oral_c < 37.5)]
        assert np.mean(above_k > POLICY.crowd_delta_k) <= 0.02, column
        assert 0 < POLICY.crowd_high_c - np.median(skin_c[known]) < 0.6
