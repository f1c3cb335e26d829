"""People before the camera: crossing, stopping, turning round, stepping back, a shutter event. Each is decided once,
and nobody's forehead becomes somebody else's."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.core import pipeline
from edge.core.deciding import Measured
from edge.core.faces import Detection
from edge.core.pipeline import Outputs
from tests.core.scenes import INTERVAL_S, SETTINGS, face, frame, room

WELL_C, HOT_C = 34.6, 37.8
EMPTY_FRAMES = 8
# Where somebody is in frame k: left edge, width and whether they face the camera; None: not to be seen.
At = Callable[[int], tuple[float, float, bool] | None]


def played(people: list[tuple[float, float, At]], frames: int, gap: tuple[int, int] = (0, 0)) -> list[Outputs]:
    """People (forehead in C, upper edge, where) before the camera; those later in the list are in front, and hide.

    gap: frames between these do not come (the shutter), and the level is another one afterwards.
    """
    state, outputs = pipeline.start(SETTINGS), []
    for k in range(frames):
        if gap[0] <= k < gap[1]:
            continue
        picture = room(k)
        boxes = _drawn(picture, people, k)
        shown = frame(picture, k, -1.5 if k < gap[1] or gap[1] == 0 else -0.9)
        state, out = pipeline.step(state, shown, boxes, shown.t_s)
        outputs.append(out)
    state, decided, ended = pipeline.finish(state, "left_early")
    return [*outputs, Outputs(outputs[-1].frame, decided, ended)]


def _drawn(picture: NDArray[np.float32], people: list[tuple[float, float, At]], k: int) -> list[Detection]:
    seen: list[Detection] = []
    for forehead_c, top, where in people:
        at = None if k < EMPTY_FRAMES else where(k - EMPTY_FRAMES)
        if at is None:
            continue
        left, width_px, facing = at
        found = face(picture, left, top, width_px, forehead_c)
        seen = [one for one in seen if one.box.iou(found.box) < 0.25]
        seen.append(found if facing else replace(found, readable_score=0.1))
    return seen


def told(outputs: list[Outputs]) -> tuple[list[Measured], list[Measured]]:
    return [one for out in outputs for one in out.decided], [one for out in outputs for one in out.ended]


def nobodys_mixture(found: list[Measured]) -> bool:
    """Whether every reading is one of the two foreheads, with the finding that belongs to it."""
    for one in found:
        forehead_c = one.measurement.forehead_c
        if forehead_c is None:
            continue
        if abs(forehead_c - WELL_C) > 0.1 and abs(forehead_c - HOT_C) > 0.1:
            return False
        if one.measurement.finding != ("pass" if forehead_c < 36 else "fever"):
            return False
    return True


@settings(max_examples=20, deadline=None)
@example(step_px=2.0, top=20.0, later=0, hot_in_front=True)
@given(st.floats(1.5, 5.0), st.floats(20, 44), st.integers(0, 14), st.booleans())
def test_two_who_cross_keep_their_own_foreheads(step_px: float, top: float, later: int, hot_in_front: bool) -> None:
    frames = int(110 / step_px) + 2

    def to_the_right(k: int) -> tuple[float, float, bool] | None:
        return (2 + step_px * k, 30, True) if k < frames else None

    def to_the_left(k: int) -> tuple[float, float, bool] | None:
        return (88 - step_px * (k - later), 32, True) if later <= k < later + frames else None

    back, front = (WELL_C, HOT_C) if hot_in_front else (HOT_C, WELL_C)
    decided, ended = told(
        played([(back, 30, to_the_right), (front, top, to_the_left)], EMPTY_FRAMES + frames + later + 12)
    )
    assert len({one.track for one in decided}) == len(decided)
    assert sorted(one.track for one in decided) == sorted(one.track for one in ended)
    assert nobodys_mixture(decided)
    assert "fever" in {one.measurement.finding for one in decided}


def test_who_stops_turns_round_and_looks_again_has_one_verdict() -> None:
    def where(k: int) -> tuple[float, float, bool] | None:
        walking = min(k, 12) / 12
        return (70 - 30 * walking, 22 + 14 * walking, not 20 <= k < 45) if k < 70 else None

    decided, ended = told(played([(WELL_C, 30, where)], EMPTY_FRAMES + 90))
    assert [one.measurement.finding for one in decided] == ["pass"]
    assert [one.measurement.finding for one in ended] == ["pass"]


def test_who_steps_back_and_comes_again_is_not_counted_twice_while_they_are_seen() -> None:
    def where(k: int) -> tuple[float, float, bool] | None:
        away = max(0.0, 1 - abs(k - 30) / 12)
        return (40 + 6 * away, 36 - 18 * away, True) if k < 70 else None

    decided, ended = told(played([(WELL_C, 30, where)], EMPTY_FRAMES + 90))
    assert len(decided) == len(ended) == 1


def test_who_walks_past_without_ever_facing_it_has_one_verdict_and_no_number() -> None:
    decided, ended = told(played([(HOT_C, 30, lambda k: (5 + 2 * k, 30, False) if k < 40 else None)], 70))
    assert [(one.measurement.finding, one.measurement.reason) for one in decided] == [("not_measured", "turned")]
    assert decided[0].measurement.forehead_c is None
    assert len(ended) == 1


@pytest.mark.parametrize("closes_at", [9, 11, 20])
def test_who_stands_there_while_the_shutter_closes_is_decided_on_what_is_read_after_it(closes_at: int) -> None:
    gap = (EMPTY_FRAMES + closes_at - 8, EMPTY_FRAMES + closes_at + 10)
    outputs = played([(HOT_C, 30, lambda k: (40, 34, True))], EMPTY_FRAMES + 150, gap)
    fevers = [one for one in told(outputs)[0] if one.measurement.finding == "fever"]
    assert fevers
    assert all(one.measurement.forehead_c == pytest.approx(HOT_C, abs=0.1) for one in fevers)
    assert "pass" not in {one.measurement.finding for one in told(outputs)[0]}


@pytest.mark.parametrize("forehead_c", [WELL_C, HOT_C])
def test_the_verdict_falls_with_the_fourth_usable_frame(forehead_c: float) -> None:
    outputs = played([(forehead_c, 30, lambda k: (40, 34, 5 <= k < 40))], EMPTY_FRAMES + 60)
    usable = [k for k, out in enumerate(outputs) if any(one.reading.usable for one in out.frame.faces)]
    assert next(k for k, out in enumerate(outputs) if out.decided) == usable[3]


def test_who_reads_just_below_the_alarm_is_told_so_while_they_are_read_for_longer() -> None:
    outputs = played([(35.7, 30, lambda k: (40, 34, True))], EMPTY_FRAMES + 30)
    waiting = [k for k, out in enumerate(outputs) if any(one.near_alarm for one in out.frame.faces)]
    first = next(k for k, out in enumerate(outputs) if out.decided)
    assert waiting == list(range(waiting[0], first))
    assert 0.2 < (first - waiting[0]) * INTERVAL_S < 0.8
    (one,) = told(outputs)[0]
    assert (one.measurement.finding, one.measurement.reason) == ("pass", "near_alarm")
