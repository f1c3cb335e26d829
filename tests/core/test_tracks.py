"""Faces of successive frames as one person."""

from dataclasses import replace

import pytest

from edge.core.forehead import ForeheadReading
from edge.core.geometry import Box
from edge.core.screening import Screening
from edge.core.tracks import Face, Track, anew, associate, missed, seen, with_reading

STEP_S = 0.114
PASSED = Screening("pass", "ok", ())


def track(number: int, box: Box) -> Track:
    return Track(number, box, 0.0, 0.0)


def test_everybody_keeps_their_own_track_in_whatever_order_boxes_come() -> None:
    left, right = track(1, Box(10, 30, 40, 70)), track(2, Box(70, 30, 100, 70))
    boxes = [Box(66, 31, 96, 71), Box(14, 30, 44, 70), Box(40, 100, 60, 127)]
    assert associate([left, right], [Face(box) for box in boxes], STEP_S) == [1, 0, None]


def test_two_people_side_by_side_are_never_one() -> None:
    one = track(1, Box(10, 30, 40, 70))
    assert associate([one], [Face(Box(12, 30, 42, 70)), Face(Box(30, 30, 60, 70))], STEP_S) == [0, None]


def test_a_small_face_behind_is_not_the_large_one_that_was_here() -> None:
    assert associate([track(1, Box(40, 30, 80, 84))], [Face(Box(54, 45, 66, 61))], STEP_S) == [None]


def test_who_was_hidden_for_a_moment_is_found_again_further_on() -> None:
    hidden = track(1, Box(40, 30, 70, 70))
    assert associate([hidden], [Face(Box(64, 30, 94, 70))], STEP_S) == [None]
    for _ in range(5):
        hidden = missed(hidden, STEP_S)
    assert associate([hidden], [Face(Box(64, 30, 94, 70))], STEP_S) == [0]


def test_who_has_a_verdict_is_not_taken_for_somebody_who_comes_into_view_in_their_place() -> None:
    decided = replace(track(1, Box(40, 30, 74, 76)), screening=PASSED, settled=True)
    assert associate([decided], [Face(Box(41, 30, 75, 76))], STEP_S) == [0]
    for _ in range(4):
        decided = missed(decided, STEP_S)
    assert associate([decided], [Face(Box(41, 30, 75, 76))], STEP_S) == [None]


def test_the_next_in_line_is_not_taken_for_who_left_two_frames_ago() -> None:
    # As the simulation had it: who had passed walked off to the left, and the next stood behind them, nearly as large.
    decided = replace(track(1, Box(56, 25, 91, 75)), screening=PASSED, settled=True)
    decided = seen(decided, Face(Box(51, 25, 88, 77)), STEP_S, STEP_S, in_zone=True)
    next_in_line = Box(36, 42, 64, 78)
    decided = missed(decided, STEP_S)
    assert associate([decided], [Face(Box(47, 26, 84, 77))], STEP_S) == [0]
    decided = missed(decided, STEP_S)
    assert associate([decided], [Face(next_in_line)], STEP_S) == [None]


def test_who_was_measured_and_waits_for_a_verdict_is_found_again_and_measured_anew() -> None:
    waiting = replace(track(1, Box(40, 30, 74, 76)), screening=PASSED)
    for _ in range(4):
        waiting = missed(waiting, STEP_S)
    assert associate([waiting], [Face(Box(41, 30, 75, 76))], STEP_S) == [0]
    assert seen(waiting, Face(Box(41, 30, 75, 76)), 0.5, STEP_S, in_zone=True).screening is None


def test_who_is_hidden_for_a_frame_or_two_keeps_what_was_measured() -> None:
    waiting = replace(track(1, Box(40, 30, 74, 76)), screening=PASSED)
    for _ in range(2):
        waiting = missed(waiting, STEP_S)
    assert seen(waiting, Face(Box(41, 30, 75, 76)), 0.3, STEP_S, in_zone=True).screening == PASSED


def hardly_seen(one: Track, frames: int) -> Track:
    for k in range(frames):
        one = seen(one, Face(one.box, sure=False), (k + 1) * STEP_S, STEP_S, in_zone=True)
    return one


def test_who_is_hardly_seen_is_followed_but_nobody_who_is_surely_there_is_taken_for_them_later() -> None:
    decided = replace(track(1, Box(40, 30, 74, 76)), screening=PASSED, settled=True)
    beside = Box(41, 30, 75, 76)
    for frames, sure in ((1, 0), (2, None), (6, None)):
        followed = hardly_seen(decided, frames)
        assert followed.screening == PASSED
        assert associate([followed], [Face(beside, sure=False)], STEP_S) == [0]
        assert associate([followed], [Face(beside)], STEP_S) == [sure]


def test_what_was_measured_of_somebody_who_was_hardly_seen_since_may_be_another_persons() -> None:
    waiting = replace(track(1, Box(40, 30, 74, 76)), screening=PASSED)
    for frames, measured in ((3, PASSED), (4, None)):
        followed = hardly_seen(waiting, frames)
        assert seen(followed, Face(waiting.box), 1.0, STEP_S, in_zone=True).screening == measured


def test_who_has_no_verdict_is_sought_among_those_who_are_surely_there() -> None:
    waiting = track(1, Box(40, 30, 74, 76))
    hardly, surely = Face(Box(40, 30, 74, 76), sure=False), Face(Box(48, 30, 82, 76))
    assert associate([waiting], [hardly, surely], STEP_S) == [None, 0]
    decided = replace(waiting, screening=PASSED, settled=True)
    assert associate([decided], [hardly, surely], STEP_S) == [0, None]


def test_a_face_that_is_hardly_one_does_not_stand_in_the_zone() -> None:
    assert not hardly_seen(track(1, Box(40, 30, 74, 76)), 20).stood_in_zone


def test_another_person_in_the_same_place_has_no_verdict() -> None:
    decided = replace(track(1, Box(40, 30, 74, 76)), screening=PASSED, settled=True)
    other = anew(decided, 2)
    assert (other.number, other.screening, other.settled) == (2, None, False)


def test_who_walks_off_sideways_is_followed_ever_faster() -> None:
    person, x = track(1, Box(40, 30, 74, 76)), 40.0
    for k in range(1, 8):
        x += 4.0 * k
        box = Box(x, 30, x + 34, 76)
        assert associate([person], [Face(box)], STEP_S) == [0]
        person = seen(person, Face(box), k * STEP_S, STEP_S, in_zone=True)


def test_a_gap_in_the_stream_is_not_held_against_anybody() -> None:
    assert missed(track(1, Box(0, 0, 30, 40)), 2.0).unseen_s == 0.25


def test_the_zone_takes_three_frames_to_stand_in() -> None:
    person = track(1, Box(0, 0, 30, 40))
    for k in range(3):
        assert not person.stood_in_zone
        person = seen(person, Face(Box(0, 0, 30, 40)), 0.1 * k, STEP_S, in_zone=True)
    assert person.stood_in_zone
    assert person.frames == 4


@pytest.mark.parametrize(
    ("then", "left"),
    [
        (["wet_or_cold"], 2),
        (["wet_or_cold", None], 3),
        (["wet_or_cold", None, "wet_or_cold", None], 4),
        (["wet_or_cold", "wet_or_cold"], 0),
        (["wet_or_cold", "turned", "wet_or_cold"], 0),
        (["wet_or_cold", "wet_or_cold", None], 1),
        (["hat"], 0),
        (["turned", "turned"], 2),
    ],
)
def test_what_was_read_before_a_covered_forehead_does_not_count_unless_it_was_for_one_frame(
    then: list[str | None], left: int
) -> None:
    one = track(1, Box(40, 30, 70, 70))
    for why_not in [None, None, *then]:
        one = with_reading(one, ForeheadReading(None, 60, why_not=why_not), STEP_S)
    assert len(one.usable) == left
    assert sum(one.obstacles.values()) == sum(why_not is not None for why_not in then)
