"""Early signals: exact chances, the national numbers, and silence where there is too little to say anything."""

from datetime import date, timedelta
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core.signals_early import CHANCE, Fever, chance_of, counted, school_days_of, signal_text, signals

TODAY = date(2026, 3, 30)


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


PAST = [ago(back) for back in range(1, 29)]


def fevers(many: int, back: int = 0, class_id: str | None = "C1", prefix: str = "p") -> list[Fever]:
    return [Fever(ago(back), f"{prefix}-{back}-{n}", class_id) for n in range(many)]


@given(st.integers(0, 12), st.integers(0, 40), st.integers(1, 40))
def test_the_chance_is_the_exact_tail_of_a_binomial(today: int, past: int, days: int) -> None:
    share, both = Fraction(1, days + 1), today + past
    tail = sum(comb(both, k) * share**k * (1 - share) ** (both - k) for k in range(today, both + 1))
    assert chance_of(today, past, days) == tail
    assert 0 < tail <= 1
    assert chance_of(today + 1, past, days) <= chance_of(today, past, days)
    assert chance_of(today, past + 1, days) >= chance_of(today, past, days)
    assert chance_of(0, past, days) == 1


def test_figures_that_can_be_checked_by_hand() -> None:
    assert chance_of(2, 0, 28) == Fraction(1, 29**2)
    assert chance_of(1, 1, 1) == Fraction(3, 4)


def test_three_of_a_class_in_a_day_is_a_signal_even_without_a_past() -> None:
    (one,) = signals(ago(0), fevers(3), [])
    assert (one.class_id, one.rules, one.today, one.past_days) == ("C1", ("three_in_a_day",), 3, 0)
    assert signals(ago(0), fevers(2), []) == ()
    # Of three classes one each: no class stands out.
    assert signals(ago(0), [*fevers(1), *fevers(1, class_id="C2"), *fevers(1, class_id=None)], []) == ()


def test_five_different_people_within_three_days() -> None:
    spread = [*fevers(2, 2), *fevers(2, 1), *fevers(1)]
    (one,) = signals(ago(0), spread, [])
    assert (one.rules, one.three_days) == (("five_in_three_days",), 5)
    # None today, four days, or the same five-fold person: none of it is one.
    assert signals(ago(0), [*fevers(3, 2), *fevers(2, 1)], []) == ()
    assert signals(ago(0), [*fevers(2, 3), *fevers(2, 1), *fevers(1)], []) == ()
    same = [Fever(ago(back), f"p-{n}", "C1") for back in range(3) for n in range(2)]
    assert signals(ago(0), same, []) == ()


def test_a_class_well_above_its_own_past_and_one_that_is_as_ever() -> None:
    quiet = fevers(1, 20)
    found = {one.class_id: one for one in signals(ago(0), [*quiet, *fevers(4)], PAST)}
    assert found["C1"].rules == ("three_in_a_day", "above_own_past")
    assert found["C1"].chance < float(CHANCE)
    assert found[None].rules == ("above_own_past",)
    often = [one for back in range(1, 29) for one in fevers(1, back)]
    assert signals(ago(0), [*often, *fevers(2)], PAST) == ()


def test_the_whole_school_may_stand_out_where_no_class_does() -> None:
    spread = [one for n in range(5) for one in fevers(1, class_id=f"C{n}", prefix=f"c{n}")]
    assert [one.class_id for one in signals(ago(0), spread, PAST)] == [None]


@given(st.integers(0, 2), st.integers(0, 9), st.integers(0, 3))
def test_tiny_data_say_nothing(today: int, past_days: int, past: int) -> None:
    assert signals(ago(0), [*fevers(today), *fevers(past, 5)], PAST[:past_days]) == ()


@given(st.integers(0, 1))
def test_one_fever_is_never_a_signal(past: int) -> None:
    assert signals(ago(0), [*fevers(1), *fevers(past, 9)], PAST) == ()


EVERYBODY = st.builds(
    Fever,
    st.integers(-2, 40).map(ago),
    st.sampled_from([f"p-{n}" for n in range(9)]),
    st.sampled_from(["C1", "C2", None]),
)


@given(st.lists(EVERYBODY, max_size=40), st.lists(st.sampled_from(PAST)), st.randoms())
def test_order_repetition_and_the_future_change_nothing(told: list[Fever], days: list[str], random: object) -> None:
    found = signals(ago(0), told, days)
    assert signals(ago(0), [*told[::-1], *told], [*days, *days]) == found
    assert signals(ago(0), [*told, *fevers(9, -1)], [*days, ago(0), ago(-1)]) == found
    for one in found:
        assert one.rules
        assert one.today <= one.three_days
        assert 0 < one.chance <= 1
    assert [one.class_id or "~" for one in found] == sorted(one.class_id or "~" for one in found)


def test_school_days_are_those_with_a_tenth_of_the_people() -> None:
    assert school_days_of({"2026-03-01": 3, "2026-03-02": 116, "2026-03-03": 115}, 1160) == ("2026-03-02",)
    assert school_days_of({"2026-03-02": 1, "2026-03-03": 0}, 0) == ("2026-03-02",)


@pytest.mark.parametrize(("many", "word"), [(3, "1 天内 3 例"), (4, "机会小于")])
def test_a_signal_says_why_in_both_languages(many: int, word: str) -> None:
    one = signals(ago(0), fevers(many), PAST if many == 4 else [])[0]
    text = signal_text(one, "三年级一班")
    assert word in text.zh
    assert text.en.startswith("三年级一班: three or more of one class in a day")
    assert str(many) in text.en


def test_people_are_counted_once_a_day() -> None:
    twice = [Fever(ago(0), "p-1", "C1"), Fever(ago(0), "p-1", "C1"), Fever(ago(1), "p-2", "C1")]
    assert counted(twice, ago(0)) == {"C1": 1}
