"""What the picture says of one person, from their readings."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.forehead import ForeheadReading
from edge.core.policy import Policy
from edge.core.screening import NEAR_SPAN_S, median_c, screen, screen_on_leaving, waits_near_alarm

POLICY = Policy(fever_forehead_c=36.0, fever_face_max_c=36.5, too_cold_c=33.0, usable_frames=4)
U_K, INTERVAL_S = 0.2, 0.114
MARGIN_K = 1.96 * U_K


def readings(*values_c: float, above_k: float = 0.3, every_s: float = INTERVAL_S) -> list[ForeheadReading]:
    """Readings one after another, the face's warmest spot above_k above the forehead."""
    return [
        ForeheadReading(None, 60, temp_c=c, raw_c=c, face_max_c=c + above_k, u_c=U_K, t_s=k * every_s)
        for k, c in enumerate(values_c)
    ]


@pytest.mark.parametrize(
    ("values_c", "finding", "reason"),
    [
        ((34.9, 35.0, 35.1, 35.0), "pass", "ok"),
        ((36.0, 36.0, 36.0, 36.0), "fever", "fever_forehead"),
        ((35.6, 35.6, 35.6, 35.6), "pass", "ok"),
        ((33.0, 33.0, 33.0, 33.0), "pass", "ok"),
        ((37.2, 34.0, 37.4, 37.3), "fever", "fever_forehead"),
        ((30.0, 30.0, 36.5, 36.5, 36.5, 36.4), "fever", "fever_forehead"),
    ],
)
def test_the_last_readings_decide(values_c: tuple[float, ...], finding: str, reason: str) -> None:
    made = screen(readings(*values_c), POLICY)
    assert made is not None
    assert (made.finding, made.reason) == (finding, reason)


def test_too_few_or_too_cold_readings_decide_nothing_yet() -> None:
    assert screen(readings(35.0, 35.0, 35.0), POLICY) is None
    assert screen(readings(32.9, 32.9, 32.9, 32.9), POLICY) is None


@pytest.mark.parametrize(("every_s", "needed"), [(0.05, 4), (0.114, 4), (0.228, 2), (0.25, 2)])
def test_a_slow_camera_needs_the_readings_of_the_same_time(every_s: float, needed: int) -> None:
    usable = [replace(one, stands_for_s=every_s) for one in readings(*[35.0] * 6, every_s=every_s)]
    assert next(n for n in range(1, 7) if screen(usable[:n], POLICY) is not None) == needed


def test_one_reading_is_never_enough_unless_the_site_says_so() -> None:
    only = [replace(readings(35.0)[0], stands_for_s=9.0)]
    assert screen(only, POLICY) is None
    assert screen(only, replace(POLICY, usable_frames=1)) is not None


def test_who_leaves_too_cold_or_unread_was_not_measured() -> None:
    cold = screen_on_leaving(readings(32.0, 32.0, 32.0, 32.0), Counter(), POLICY)
    assert (cold.finding, cold.reason) == ("not_measured", "too_cold")
    hat = screen_on_leaving(readings(35.0), Counter({"obscured": 9, "moving": 2}), POLICY)
    assert (hat.finding, hat.reason) == ("not_measured", "obscured")
    quick = screen_on_leaving(readings(35.0, 35.1), Counter({"moving": 1}), POLICY)
    assert (quick.finding, quick.reason) == ("not_measured", "left_early")


def test_the_warmest_spot_of_the_face_has_an_alarm_of_its_own() -> None:
    made = screen(readings(*[35.2] * 4, above_k=1.3), POLICY)
    assert made is not None
    assert (made.finding, made.reason) == ("fever", "fever_face_max")
    without = screen(readings(*[35.2] * 4, above_k=1.3), replace(POLICY, fever_face_max_c=43.0))
    assert without is not None
    assert (without.finding, without.reason) == ("pass", "ok")


def test_one_hot_spot_in_one_frame_is_no_alarm() -> None:
    one_hot = [*readings(35.0, 35.0, 35.0), replace(readings(35.0)[0], face_max_c=38.0, t_s=0.5)]
    made = screen(one_hot, POLICY)
    assert made is not None
    assert made.finding == "pass"


@pytest.mark.parametrize("forehead_c", [35.7, 35.99])
@pytest.mark.parametrize("every_s", [INTERVAL_S, 2 * INTERVAL_S])
def test_whose_interval_reaches_the_alarm_is_read_for_longer(forehead_c: float, every_s: float) -> None:
    usable = readings(*[forehead_c] * 12, every_s=every_s)
    first = next(n for n in range(1, 13) if screen(usable[:n], POLICY) is not None)
    made = screen(usable, POLICY)
    assert made is not None
    assert (made.finding, made.reason) == ("pass", "near_alarm")
    assert 0.0 <= usable[first - 1].t_s - NEAR_SPAN_S < every_s
    undecided = [n for n in range(1, 13) if waits_near_alarm(usable[:n], POLICY)]
    assert undecided == list(range(4, first))
    for n in undecided:
        left = screen_on_leaving(usable[:n], Counter(), POLICY)
        assert (left.finding, left.reason) == ("not_measured", "near_alarm")


def test_what_the_longer_look_says_counts() -> None:
    usable = readings(35.95, 35.95, 35.98, 35.95, 36.02, 36.03, 36.02, 36.04, 36.02)
    assert screen(usable[:4], POLICY) is None
    made = screen(usable, POLICY)
    assert made is not None
    assert (made.finding, made.reason) == ("fever", "fever_forehead")


@given(
    st.lists(st.floats(25, 42), max_size=12), st.dictionaries(st.sampled_from(["turned", "moving"]), st.integers(1, 9))
)
def test_nobody_passes_unmeasured_and_nobody_hot_passes(values_c: list[float], obstacles: dict[str, int]) -> None:
    usable = readings(*values_c)
    made = screen(usable, POLICY)
    if made is None:
        assert screen_on_leaving(usable, Counter(obstacles), POLICY).finding == "not_measured"
    elif made.finding == "pass":
        assert len(made.readings) >= 4
        assert list(made.readings) == usable[-len(made.readings) :]
        assert POLICY.too_cold_c <= median_c(made.readings) < POLICY.fever_forehead_c
        near = median_c(made.readings) + MARGIN_K >= POLICY.fever_forehead_c
        assert (made.reason == "near_alarm") == near
        assert not near or made.readings[-1].t_s - made.readings[0].t_s >= NEAR_SPAN_S
