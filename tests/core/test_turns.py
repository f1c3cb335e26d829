"""Whose turn a turn was."""

from hypothesis import given
from hypothesis import strategies as st

from edge.core.turns import Turns, opened, turned

WITHIN_S = 5.0


def test_one_opening_is_good_for_one_turn() -> None:
    turns = opened(Turns(WITHIN_S), "pass", 10.0)
    turns, first = turned(turns, 11.5)
    turns, second = turned(turns, 12.0)
    assert (first.kind, first.opened_by, first.since_open_s) == ("passed", "pass", 1.5)
    assert (second.kind, second.opened_by, second.since_open_s) == ("tailgate", "pass", 2.0)


def test_after_its_time_an_opening_is_good_for_nothing() -> None:
    turns = opened(Turns(WITHIN_S), "exit", 10.0)
    _, told = turned(turns, 10.0 + WITHIN_S + 0.01)
    assert (told.kind, told.opened_by, told.since_open_s) == ("forced", None, None)


def test_turns_are_given_to_openings_in_their_order() -> None:
    turns = opened(opened(Turns(WITHIN_S), "pass", 0.0), "exit", 2.0)
    turns, first = turned(turns, 3.0)
    turns, second = turned(turns, 3.5)
    assert [(one.opened_by, one.since_open_s) for one in (first, second)] == [("pass", 3.0), ("exit", 1.5)]


def test_in_a_fire_everybody_may_go_and_no_opening_is_used_up() -> None:
    turns = opened(Turns(WITHIN_S), "pass", 0.0)
    turns, told = turned(turns, 1.0, fire=True)
    _, after = turned(turns, 2.0)
    assert (told.kind, told.opened_by) == ("passed", "fire")
    assert (after.kind, after.opened_by) == ("passed", "pass")


@given(st.lists(st.tuples(st.sampled_from(["open", "turn"]), st.floats(0, 3)), max_size=60))
def test_never_more_have_passed_than_the_gate_was_opened_for_and_the_state_is_bounded(
    steps: list[tuple[str, float]],
) -> None:
    turns, now_s, openings, passed = Turns(WITHIN_S), 0.0, 0, 0
    for what, wait_s in steps:
        now_s += wait_s
        if what == "open":
            turns, openings = opened(turns, "pass", now_s), openings + 1
        else:
            turns, told = turned(turns, now_s)
            passed += told.kind == "passed"
        assert passed <= openings
        assert all(now_s - opening.began_s <= WITHIN_S for opening in turns.openings)
