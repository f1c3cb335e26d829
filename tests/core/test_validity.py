"""Which frames are pictures to measure on."""

from dataclasses import replace

import numpy as np
import pytest

from edge.core.frame import Frame, Telemetry
from edge.core.validity import Validity, judge
from tests.core.scenes import COLUMNS, INTERVAL_S, ROWS, frame, room

SETTLING_S = 10.0


def judged(state: Validity, shown: Frame, late_s: float = 0.0) -> tuple[Validity, str]:
    return judge(state, shown, shown.t_s + late_s, ROWS, COLUMNS, SETTLING_S)


def after(frames: int = 3) -> Validity:
    state = Validity()
    for k in range(frames):
        state, status = judged(state, frame(room(k), k))
        assert status == "ok"
    return state


def test_the_same_picture_twice_is_stale() -> None:
    state, _ = judged(after(), frame(room(9), 9))
    _, status = judged(state, replace(frame(room(9), 9), seq=10, t_s=10 * INTERVAL_S))
    assert status == "stale"


def test_the_same_frame_counter_twice_is_stale() -> None:
    state, _ = judged(after(), frame(room(9), 9, telemetry=Telemetry(frame_counter=77, shutter="open")))
    _, status = judged(state, frame(room(10), 10, telemetry=Telemetry(frame_counter=77, shutter="open")))
    assert status == "stale"


def test_a_late_frame_and_one_from_the_past_are_stale() -> None:
    assert judged(after(), frame(room(9), 9), late_s=0.6)[1] == "stale"
    state, _ = judged(after(), frame(room(9), 9))
    assert judged(state, frame(room(8), 8))[1] == "stale"


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((120, 160), np.uint16),
        np.full((ROWS, COLUMNS), 120, np.uint16),
        np.full((ROWS, COLUMNS), 8_000, np.uint16),
        np.full((ROWS, COLUMNS), 30_000, np.int32),
        np.full((ROWS, COLUMNS), 200, np.uint8),
    ],
    ids=["shape", "8-bit values", "raw counts", "dtype", "8-bit"],
)
def test_what_is_no_radiometric_picture_is_invalid(counts: np.ndarray) -> None:
    assert judged(after(), Frame(counts, 9, 1.0))[1] == "invalid"


def test_a_closed_shutter_that_holds_the_picture_is_no_frozen_camera() -> None:
    state = after()
    for k in range(9, 14):
        held = replace(
            frame(room(9), k, telemetry=Telemetry(shutter="closed", frame_counter=77)), counts=frame(room(9), 9).counts
        )
        state, status = judged(state, held)
        assert status == "shutter"


def test_a_closed_shutter_shows_in_telemetry_and_in_the_picture() -> None:
    assert judged(after(), frame(room(9), 9, telemetry=Telemetry(shutter="closed")))[1] == "shutter"
    flat = np.full((ROWS, COLUMNS), 28.0, np.float32) + np.random.default_rng(1).normal(0, 0.05, (ROWS, COLUMNS))
    state, status = judged(after(), frame(flat.astype(np.float32), 9))
    assert status == "shutter"
    assert judged(state, frame(room(10), 10))[1] == "settling"


@pytest.mark.parametrize(("since_ms", "status"), [(900, "settling"), (9_900, "settling"), (10_100, "ok")])
def test_telemetry_dates_the_last_shutter_event(since_ms: int, status: str) -> None:
    telemetry = Telemetry(uptime_ms=1_000_000, last_ffc_ms=1_000_000 - since_ms)
    assert judged(Validity(), frame(room(0), 0, telemetry=telemetry))[1] == status


@pytest.mark.parametrize(("on_s", "status"), [(200, "settling"), (299, "settling"), (301, "ok"), (None, "settling")])
def test_a_cold_sensor_is_not_believed_until_it_has_warmed_up(on_s: int | None, status: str) -> None:
    told = Telemetry() if on_s is None else Telemetry(uptime_ms=on_s * 1000, last_ffc_ms=0)
    shown = frame(room(0), 0, telemetry=told)
    state, found = judge(Validity(), shown, shown.t_s, ROWS, COLUMNS, SETTLING_S, 300.0)
    assert found == status
    left_s = state.unsettled_until_s - shown.t_s
    assert (left_s == pytest.approx(300.0 - (on_s or 0))) if status == "settling" else (left_s <= 0)
    # A shutter event meanwhile makes it no shorter.
    closed = frame(room(1), 1, telemetry=replace(told, shutter="closed"))
    state, _ = judge(state, closed, closed.t_s, ROWS, COLUMNS, SETTLING_S, 300.0)
    assert state.unsettled_until_s - shown.t_s >= left_s


def test_a_sensor_that_does_not_tell_warms_up_from_its_first_frame_on() -> None:
    state, found = Validity(), []
    for k in range(30):
        shown = frame(room(k), k)
        state, status = judge(state, shown, shown.t_s, ROWS, COLUMNS, SETTLING_S, 2.0)
        found.append(status)
    cold = round(2.0 / INTERVAL_S)
    assert found == ["settling"] * cold + ["ok"] * (30 - cold)


def test_a_step_of_the_whole_picture_is_a_shutter_event_and_settles() -> None:
    state = after()
    statuses = []
    for k in range(3, 110):
        state, status = judged(state, frame(room(k), k, offset_k=0.6))
        statuses.append(status)
    assert statuses[0] == "settling"
    assert statuses[int(9.5 / INTERVAL_S)] == "settling"
    assert statuses[-1] == "ok"


def test_a_frame_from_the_future_is_stale_and_blinds_nobody() -> None:
    state = after()
    state, status = judge(state, replace(frame(room(9), 9), t_s=3_600.0), 1.0, ROWS, COLUMNS, SETTLING_S)
    assert status == "stale"
    assert judged(state, frame(room(10), 10))[1] == "ok"


def test_a_sensor_that_never_had_a_shutter_event_is_not_measured_with() -> None:
    telemetry = Telemetry(uptime_ms=60_000, last_ffc_ms=0, frame_counter=500, shutter="unknown")
    assert judged(after(), frame(room(9), 9, telemetry=telemetry))[1] == "settling"


def test_a_person_who_walks_in_is_no_shutter_event() -> None:
    picture = room(9)
    picture[40:, 20:90] += 9.0
    assert judged(after(), frame(picture, 9))[1] == "ok"


def test_a_gap_in_the_stream_is_one_where_no_telemetry_says_otherwise() -> None:
    state = after()
    late = replace(frame(room(9), 9), t_s=2.5)
    assert judged(state, late)[1] == "settling"
    told = replace(late, telemetry=Telemetry(uptime_ms=600_000, last_ffc_ms=1_000))
    assert judged(state, told)[1] == "ok"
