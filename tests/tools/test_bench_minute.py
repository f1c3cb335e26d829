"""The minute after a shutter event: recordings of parts of it are laid end to end, and what is wrong in it is found."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.core.faces import Detection
from edge.core.forehead import ForeheadReading
from edge.core.frame import Frame, Telemetry
from edge.core.geometry import Box
from edge.core.pipeline import FaceReport
from tests.core.scenes import DISC, INTERVAL_S, SETTINGS, frame, room
from tools.bench_minute import (
    LONGER_S,
    MINUTE_S,
    Second,
    minutes_curve,
    quiet_curves,
    read_there,
    report,
    still_seconds,
)
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
    assert minutes_curve(seconds) == pytest.approx([wall_k * k / 60 for k in (50, 40, 30, 20)], abs=0.03)


def test_a_drift_that_goes_on_after_the_minute_is_found_where_recordings_do() -> None:
    parts = [
        ("a", range(10, 17)),
        ("b", range(18, 50)),
        ("c", range(47, 56)),
        ("d", range(61, 80)),
        ("e", range(79, 106)),
    ]
    seconds = [Second(name, s + 0.5, 0.4 * math.exp(-s / 60)) for name, those in parts for s in those]
    fallen_k = [0.4 * (math.exp(-s / 60) - math.exp(-105 / 60)) for s in (10, 20, 30, 40)]
    assert minutes_curve(seconds, LONGER_S)[:4] == pytest.approx(fallen_k, abs=0.04)


@pytest.mark.parametrize("unseen", [range(10, 20), range(30, 40), range(40, 60)])
def test_what_nobody_saw_is_said_and_not_guessed(unseen: range) -> None:
    rest = [Second("all the rest", k + 0.5, 0.0) for k in range(10, 60) if k not in unseen]
    with pytest.raises(ValueError, match=f"from {unseen.start} to {unseen.stop} s"):
        minutes_curve(rest)


def test_what_drifts_without_an_event_is_told_beside_it() -> None:
    rng = np.random.default_rng(2)
    asked = [
        [Second(name, k + 0.5, 0.0) for k in those] for name, those in (("a", range(10, 40)), ("b", range(38, 58)))
    ]
    level_k = np.cumsum(rng.normal(0.0, 0.02, 60))
    drifting = [[Second("later", 200.5 + k, float(level_k[k])) for k in range(60)]]
    calm = [[Second("later", 200.5 + k, 0.0) for k in range(60)]]
    assert quiet_curves(asked, drifting).std(axis=0).min() > 0.02
    assert np.abs(quiet_curves(asked, calm)).max() < 1e-6
    with pytest.raises(ValueError, match="30 s long"):
        quiet_curves(asked, [drifting[0][:29]])


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


def test_a_face_is_no_wall_however_still_it_is_held_and_two_events_are_not_one() -> None:
    one, played = seen("somebody", 11.0, 30.0)
    box = Box(0, 10, 120, 110)
    face = FaceReport(1, Detection(box, 0.9, None, 0.9), ForeheadReading(None, 0))
    there = replace(played, reports=(replace(played.reports[0], faces=(face,)), *played.reports[1:]))
    assert still_seconds(one, played, WALL)
    assert still_seconds(one, there, WALL) == []
    again = tuple(
        replace(shown, telemetry=replace(shown.telemetry, last_ffc_ms=1_020_000 if shown.seq > 80 else 1_000_000))
        for shown in one.frames
    )
    assert still_seconds(replace(one, frames=again), played, WALL) == []


def test_the_report_says_how_far_apart_where_foreheads_are_read() -> None:
    parts = [(11.0, 40.0), (35.0, 59.0), (61.0, 90.0), (80.0, 110.0), (120.0, 152.0)]
    plain = [seen(f"{begins}", begins, ends, 0.3) for begins, ends in parts]
    box = Box(40, 30, 60, 40)
    face = FaceReport(1, Detection(Box(38, 28, 62, 60), 0.9, box, 0.9), ForeheadReading(box, 200, temp_c=35.0))
    one, played = seen("one who is read", 120.0, 130.0)
    plain.append((one, replace(played, reports=(replace(played.reports[0], faces=(face,)), *played.reports[1:]))))
    told = report(plain)
    assert "| where foreheads are read | 2 | +0.2" in told
    assert "| the same, followed on to 105 s | 4 | +0.2" in told
    assert "the others 0 foreheads" in told
    assert read_there(plain).sum() == box.crop(WALL).size
    assert "Not compared: no recording shows what stands still from 40 to 60 s" in report([plain[0], *plain[2:]])
