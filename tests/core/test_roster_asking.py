"""When a newer roster is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.answer import Answer
from edge.core.roster_asking import meaning, next_pause_s
from edge.core.texts import Text

ANSWERS = st.builds(
    Answer,
    status=st.none() | st.integers(100, 599),
    body=st.binary(max_size=40),
    failure=st.text(max_size=20),
    retry_after_s=st.none() | st.floats(),
)


@given(every_s=st.floats(1, 86_400), uniform=st.floats(0, 1, exclude_max=True))
def test_gates_of_a_county_spread_around_their_interval(every_s: float, uniform: float) -> None:
    assert 0.8 * every_s <= next_pause_s(every_s, 0, lambda: uniform) <= 1.2 * every_s


@given(failures=st.integers(1, 10**9), uniform=st.floats(0, 1, exclude_max=True), answer=st.none() | ANSWERS)
def test_after_failures_it_waits_between_a_second_and_what_the_county_may_wish(
    failures: int, uniform: float, answer: Answer | None
) -> None:
    assert 1.0 <= next_pause_s(300.0, failures, lambda: uniform, answer) <= 900.0


@given(ANSWERS)
def test_only_200_and_204_are_no_failure_and_every_failure_is_told(answer: Answer) -> None:
    says = meaning(answer)
    assert isinstance(says, Text) == (answer.status not in (200, 204))
    if isinstance(says, Text):
        assert says.zh
        assert says.en


@pytest.mark.parametrize(("status", "says"), [(200, "newer"), (204, "nothing")])
def test_what_the_county_has(status: int, says: str) -> None:
    assert meaning(Answer(status)) == says
