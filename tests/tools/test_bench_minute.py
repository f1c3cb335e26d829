"""The minute after a shutter event: recordings of parts of it are laid end to end, and what is wrong in it is found."""

from dataclasses import replace

import numpy as np
import pytest

from edge.core.faces import Detection
from edge.core.forehead import ForeheadReading
from edge.core.frame import Frame, Telemetry
from edge.core.geometry import Box
from edge.core.pipeline import FaceReport
from tests.core.scenes import DISC, INTERVAL_S, SETTINGS, frame, room
from tools.bench_minute import MINUTE_S, Second, minutes_curve, read_there, report, still_seconds
from tools.bench_play import Played, Recording, play

WALL = np.zeros((160, 120), np.float32)
WALL[20:100] = 3.0
HINTED = replace(SETTINGS, reference_hint=DISC)


class Nobody:
    def detect(self, picture: np.ndarray) -> tuple[()]:
        return ()


def seen(name: str, from_s: float, until_s: float, wall_k: float = 0.0) -> tuple[Recording, Played]:
    """A room from so many seconds after a shutter event on; wall_k: how much warmer it seems at the event, less and
    less until a minute later."""
    shown: list[Frame] = []
    for k in range(int((until_s - from_s) / INTERVAL_S)):
        since_s = from_s + k * INTERVAL_S
        picture = room(k)
        picture[:120] += wall_k * max(0.0, 1.0 - since_s / MINUTE_S)
        telemetry = Telemetry(uptime_ms=round(1e6 + 1000 * since_s), last_ffc_ms=1_000_000)
        shown.append(frame(picture, k, -1.5, telemetry))
    one = Recording(name, "A", HINTED, tuple(shown))
    return one, play(one.frames, one.settings, Nobody())


@pytest.mark.parametrize("wall_k", [0.0, 0.4, -0.4])
def test_parts_of_the_minute_tell_what_the_whole_of_it_does(wall_k: float) -> None:
    parts = [("early", 11.0, 30.0), ("middle", 28.0, 45.0), ("late", 44.0, 58.0)]
    seconds = [second for part in parts for second in still_seconds(*seen(*part, wall_k), WALL)]
    curve = minutes_curve(seconds)
    assert curve.apart_k == pytest.approx([wall_k * k / 60 for k in (50, 40, 30, 20)], abs=0.03)
    assert np.all(curve.error_k < 0.03)


def test_what_nobody_saw_is_said_and_not_guessed() -> None:
    late = [Second("late", 40.5 + k, 0.0) for k in range(15)]
    with pytest.raises(ValueError, match="do not cover the minute"):
        minutes_curve(late)


def test_seconds_in_which_nothing_is_read_are_no_seconds() -> None:
    one, played = seen("settling", 2.0, 14.0)
    assert {second.since_s for second in still_seconds(one, played, WALL)} <= {10.5, 11.5, 12.5, 13.5}
    nothing = tuple(replace(told, status="settling") for told in played.reports)
    assert still_seconds(one, replace(played, reports=nothing), WALL) == []


def test_who_moves_does_not_stand_still_and_what_drifts_does() -> None:
    one, played = seen("somebody", 11.0, 58.0, 0.4)
    somebody = WALL > 0
    somebody[:, 60:] = False
    moved = []
    for shown in one.frames:
        counts = shown.counts.copy()
        counts[somebody] += np.uint16(500 if shown.seq % 100 < 40 else 0)
        moved.append(replace(shown, counts=counts))
    before = still_seconds(one, played, np.where(somebody, 0.0, WALL).astype(np.float32))
    assert still_seconds(replace(one, frames=tuple(moved)), played, WALL) == before
    assert before[0].level_k - before[-1].level_k > 0.3
    assert still_seconds(replace(one, frames=tuple(moved)), played, somebody.astype(np.float32)) == []


def test_the_report_says_how_far_apart_where_foreheads_are_read() -> None:
    plain = [seen("a", 11.0, 40.0, 0.3), seen("b", 35.0, 58.0, 0.3), seen("after", 70.0, 80.0)]
    box = Box(40, 30, 60, 40)
    face = FaceReport(1, Detection(box, 0.9, box, 0.9), ForeheadReading(box, 200, temp_c=35.0))
    one, played = plain[2]
    plain[2] = one, replace(played, reports=(replace(played.reports[0], faces=(face,)), *played.reports[1:]))
    told = report(plain)
    assert "| where foreheads are read | 2 | +0.2" in told
    assert "0 foreheads" in told
    assert read_there(plain).sum() == box.crop(WALL).size
