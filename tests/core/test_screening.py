"""What the picture says of one person, from their readings."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.forehead import ForeheadReading
from edge.core.policy import Policy
from edge.core.screening import screen, screen_on_leaving

POLICY = Policy(fever_forehead_c=36.0, too_cold_c=33.0, usable_frames=4)


def readings(*values_c: float) -> list[ForeheadReading]:
    return [ForeheadReading(None, 60, temp_c=value, raw_c=value, u_c=0.2) for value in values_c]


@pytest.mark.parametrize(
    ("values_c", "finding", "reason"),
    [
        ((34.9, 35.0, 35.1, 35.0), "pass", "ok"),
        ((36.0, 36.0, 36.0, 36.0), "fever", "fever_forehead"),
        ((35.99, 35.99, 35.99, 35.99), "pass", "ok"),
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


def test_who_leaves_too_cold_or_unread_was_not_measured() -> None:
    cold = screen_on_leaving(readings(32.0, 32.0, 32.0, 32.0), Counter(), POLICY)
    assert (cold.finding, cold.reason) == ("not_measured", "too_cold")
    hat = screen_on_leaving(readings(35.0), Counter({"obscured": 9, "moving": 2}), POLICY)
    assert (hat.finding, hat.reason) == ("not_measured", "obscured")
    quick = screen_on_leaving(readings(35.0, 35.1), Counter({"moving": 1}), POLICY)
    assert (quick.finding, quick.reason) == ("not_measured", "left_early")


@given(
    st.lists(st.floats(25, 42), max_size=12), st.dictionaries(st.sampled_from(["turned", "moving"]), st.integers(1, 9))
)
def test_nobody_passes_unmeasured_and_nobody_hot_passes(values_c: list[float], obstacles: dict[str, int]) -> None:
    usable = readings(*values_c)
    made = screen(usable, POLICY)
    if made is None:
        assert screen_on_leaving(usable, Counter(obstacles), POLICY).finding == "not_measured"
    elif made.finding == "pass":
        last = sorted(values_c[-4:])
        assert len(last) == 4
        assert POLICY.too_cold_c <= (last[1] + last[2]) / 2 < POLICY.fever_forehead_c
