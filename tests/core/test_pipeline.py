"""The whole step: one person through it, and everything that must keep them from being passed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.core import pipeline
from edge.core.deciding import Measured
from edge.core.faces import Detection
from edge.core.frame import Frame, Telemetry
from edge.core.geometry import Box
from edge.core.pipeline import Outputs, Settings, State
from tests.core.scenes import DISC, INTERVAL_S, ROOM_C, SETTINGS, face, frame, room

Draw = Callable[[NDArray[np.float32], int], list[Detection]]


def standing(forehead_c: float = 35.0) -> Draw:
    return lambda picture, k: [face(picture, 40, 30, 34, forehead_c)]


def nobody(picture: NDArray[np.float32], k: int) -> list[Detection]:
    return []


def play(
    scenes: list[tuple[int, Draw]], settings: Settings = SETTINGS, offset_k: Callable[[int], float] = lambda k: -1.5,
    telemetry: Telemetry | None = None,
) -> tuple[State, list[Outputs]]:  # fmt: skip
    state, outputs, k = pipeline.start(settings), [], 0
    for frames, draw in scenes:
        for _ in range(frames):
            picture = room(k)
            detections = draw(picture, k)
            shown = frame(picture, k, offset_k(k), telemetry)
            state, out = pipeline.step(state, shown, detections, shown.t_s)
            outputs.append(out)
            k += 1
    return state, outputs


def people(outputs: list[Outputs]) -> tuple[list[Measured], list[Measured]]:
    return [p for o in outputs for p in o.decided], [p for o in outputs for p in o.ended]


@pytest.mark.parametrize(("forehead_c", "verdict"), [(35.0, "pass"), (37.4, "fever")])
def test_one_person_is_measured_decided_once_and_leaves(forehead_c: float, verdict: str) -> None:
    _, outputs = play([(8, nobody), (20, standing(forehead_c)), (15, nobody)])
    decided, ended = people(outputs)
    assert [p.measurement.finding for p in decided] == [verdict]
    assert [p.measurement.finding for p in ended] == [verdict]
    measured = ended[0].measurement
    assert measured.forehead_c == pytest.approx(forehead_c, abs=0.06)
    assert measured.forehead_raw_c == pytest.approx(forehead_c - 1.5, abs=0.06)
    assert measured.reference_raw_c == pytest.approx(35.5, abs=0.05)
    assert measured.frames == 20
    assert measured.t_first_s == pytest.approx(8 * INTERVAL_S)
    assert measured.t_last_s == pytest.approx(27 * INTERVAL_S)


def test_the_verdict_falls_within_four_usable_frames() -> None:
    _, outputs = play([(8, nobody), (10, standing())])
    first = next(k for k, out in enumerate(outputs) if out.decided)
    assert first - 8 < 5


def test_a_first_frame_stands_for_no_time_so_that_a_slow_camera_does_not_decide_sooner() -> None:
    def turned(picture: NDArray[np.float32], k: int) -> list[Detection]:
        return [replace(one, readable_score=0.1) for one in standing()(picture, k)]

    found = []
    for every in (1, 2):
        state = pipeline.start(SETTINGS)
        ended: list[Measured] = []
        for k in range(0, 40, every):
            picture = room(k)
            draw = standing() if 8 <= k < 11 else turned if 11 <= k < 16 else nobody
            detections = draw(picture, k)
            shown = frame(picture, k)
            state, out = pipeline.step(state, shown, detections, shown.t_s)
            ended += out.ended
        found.append([one.measurement.finding for one in ended])
    # Three readings of nine a second, or two of half as many: the same moment, and nobody stood there before it.
    assert found == [["not_measured"], ["not_measured"]]


def test_two_people_are_two_people() -> None:
    def pair(picture: NDArray[np.float32], k: int) -> list[Detection]:
        return [face(picture, 10, 30, 34, 35.0), face(picture, 70, 34, 34, 37.5)]

    _, outputs = play([(8, nobody), (10, pair), (15, nobody)])
    assert sorted(p.measurement.finding for p in people(outputs)[1]) == ["fever", "pass"]


def test_without_a_reference_nobody_is_read_and_nobody_passes() -> None:
    state, outputs = pipeline.start(SETTINGS), []
    for k in range(30):
        picture = np.full((160, 120), ROOM_C, np.float32) + np.random.default_rng(k).normal(0, 0.02, (160, 120))
        shown_picture = picture.astype(np.float32)
        detections = [face(shown_picture, 40, 30, 34, 35.0)]
        shown = frame(shown_picture, k)
        state, out = pipeline.step(state, shown, detections, shown.t_s)
        outputs.append(out)
    assert {o.frame.status for o in outputs} == {"no_reference"}
    assert all(f.reading.temp_c is None and f.reading.why_not == "no_reference" for o in outputs for f in o.frame.faces)
    _, decided, ended = pipeline.finish(state, "stopped")
    assert [p.measurement.finding for p in decided] == ["not_measured"]
    assert [p.measurement.reason for p in ended] == ["no_reference"]


def test_what_is_wrong_with_the_reference_is_told() -> None:
    def covered(picture: NDArray[np.float32], k: int) -> list[Detection]:
        DISC.grown(0.3).crop(picture)[:] = ROOM_C
        return []

    def colder(picture: NDArray[np.float32], k: int) -> list[Detection]:
        picture[picture > ROOM_C + 5] -= 3.0
        return []

    _, outputs = play([(8, nobody), (10, covered)])
    assert {(o.frame.status, o.frame.reference_state) for o in outputs[-10:]} == {("no_reference", "not_uniform")}
    _, outputs = play([(8, nobody), (60, covered)])
    assert outputs[-1].frame.reference_state == "searching"
    _, outputs = play([(8, nobody), (10, colder)])
    assert {(o.frame.status, o.frame.reference_state) for o in outputs[-10:]} == {("no_reference", "changed")}
    _, outputs = play([(8, nobody)], replace(SETTINGS, reference_c=60.0))
    assert outputs[-1].frame.reference_state == "implausible"


def test_after_a_shutter_event_nothing_is_read_until_it_has_settled() -> None:
    _, outputs = play([(8, nobody), (130, standing())], offset_k=lambda k: -1.5 if k < 10 else -0.9)
    statuses = [o.frame.status for o in outputs]
    readings = [f.reading.temp_c for o in outputs if o.frame.status == "settling" for f in o.frame.faces]
    assert statuses[10] == "settling"
    assert readings
    assert set(readings) == {None}
    after = [f.reading.temp_c for o in outputs[-10:] for f in o.frame.faces]
    assert after == pytest.approx([35.0] * 10, abs=0.06)


def test_a_passer_by_who_never_stands_in_the_zone_is_nobody() -> None:
    def far(picture: NDArray[np.float32], k: int) -> list[Detection]:
        return [face(picture, 50 + k % 3, 30, 12, 35.0)]

    _, outputs = play([(8, nobody), (20, far), (15, nobody)])
    assert people(outputs) == ([], [])
    assert all(f.reading.why_not == "too_far" for o in outputs for f in o.frame.faces)


def weak(draw: Draw, score: float = 0.4) -> Draw:
    return lambda picture, k: [replace(one, score=score) for one in draw(picture, k)]


def test_what_is_hardly_a_face_is_nobody_however_long_it_is_there() -> None:
    _, outputs = play([(8, nobody), (60, weak(standing())), (15, nobody)])
    assert people(outputs) == ([], [])
    assert not any(out.frame.faces for out in outputs)


def test_somebody_whose_face_is_hardly_seen_for_a_moment_is_still_the_same() -> None:
    _, outputs = play([(8, nobody), (12, standing()), (1, weak(standing())), (12, standing()), (15, nobody)])
    decided, ended = people(outputs)
    assert len(decided) == len(ended) == 1
    assert ended[0].measurement.frames == 25


@pytest.mark.parametrize(("score", "frames"), [(0.4, 3), (0.45, 8), (0.49, 8)])
def test_who_stands_where_somebody_was_hardly_seen_for_longer_is_measured_too(score: float, frames: int) -> None:
    hardly: Draw = weak(standing(34.4), score)
    _, outputs = play([(8, nobody), (12, standing(35.0)), (frames, hardly), (12, standing(34.4)), (15, nobody)])
    decided, _ = people(outputs)
    assert [one.measurement.forehead_c for one in decided] == pytest.approx([35.0, 34.4], abs=0.1)


def test_a_face_that_is_hardly_seen_is_not_read() -> None:
    _, outputs = play([(8, nobody), (3, standing()), (40, weak(standing()))])
    decided, ended = people(outputs)
    assert [(one.measurement.finding, one.measurement.reason) for one in decided] == [("not_measured", "left_early")]
    assert decided == ended
    hardly = [f.reading.why_not for out in outputs[11:] for f in out.frame.faces]
    assert set(hardly) == {"obscured"}
    # Nobody is kept there by what may be a radiator.
    assert not outputs[-1].frame.faces


def test_what_hardly_is_a_face_and_was_nobody_hinders_nobodys_reading() -> None:
    def with_a_part_of_it(picture: NDArray[np.float32], k: int) -> list[Detection]:
        drawn = standing()(picture, k)
        return [*drawn, replace(drawn[0], box=Box(44, 30, 64, 57), score=0.45)]

    _, outputs = play([(8, nobody), (12, with_a_part_of_it), (15, nobody)])
    assert [one.measurement.finding for one in people(outputs)[0]] == ["pass"]


def test_who_walks_off_hardly_seen_is_kept_out_of_the_next_ones_forehead() -> None:
    def behind(picture: NDArray[np.float32], k: int) -> list[Detection]:
        next_one = face(picture, 20, 28, 30, 34.4)
        return [next_one, *weak(standing(35.0))(picture, k)]

    _, outputs = play([(8, nobody), (12, standing(35.0)), (2, behind), (15, nobody)])
    told = [face.reading.why_not for out in outputs[20:22] for face in out.frame.faces if face.track == 2]
    assert told == ["overlapped"] * 2


def test_what_may_be_a_face_in_the_zone_is_told_unless_it_is_somebody_who_is_followed() -> None:
    def beside(picture: NDArray[np.float32], k: int) -> list[Detection]:
        other = replace(face(picture, 75, 40, 30, 34.5), score=0.4)
        return [*standing()(picture, k), other]

    def hardly_seen(draw: Draw, before: int = 3) -> bool:
        return play([(8, nobody), (before, standing()), (2, draw)])[0].hardly_seen

    assert hardly_seen(beside)
    assert not hardly_seen(standing())
    assert not hardly_seen(weak(standing()))
    assert hardly_seen(weak(standing()), before=0)

    def far(picture: NDArray[np.float32], k: int) -> list[Detection]:
        return [*standing()(picture, k), replace(face(picture, 75, 40, 12, 34.5), score=0.4)]

    assert not hardly_seen(far)


def test_of_somebody_who_surely_was_a_face_less_is_enough() -> None:
    less: Draw = weak(standing(), 0.45)
    _, outputs = play([(8, nobody), (3, standing()), (4, less), (15, nobody)])
    decided, ended = people(outputs)
    assert [one.measurement.finding for one in decided] == ["pass"]
    assert ended[0].measurement.frames == 7


def test_less_is_not_enough_of_nobody_nor_of_a_glimpse_nor_after_somebody_was_hardly_seen() -> None:
    less: Draw = weak(standing(), 0.45)
    for before in (0, 1, 2):
        _, outputs = play([(8, nobody), (before, standing()), (40, less), (15, nobody)])
        assert people(outputs) == ([], [])
    _, outputs = play([(8, nobody), (3, standing()), (1, weak(standing())), (20, less), (15, nobody)])
    decided, _ = people(outputs)
    assert [(one.measurement.finding, one.measurement.reason) for one in decided] == [("not_measured", "left_early")]


def test_who_walks_off_hardly_seen_takes_their_verdict_along() -> None:
    # The next in line comes into view just where the first stood, as large, while the first goes to the side.
    def off(picture: NDArray[np.float32], k: int) -> list[Detection]:
        gone = replace(face(picture, 40 + 14 * (k - 19), 30, 34, 35.0), score=0.4)
        return [gone] if k < 21 else [gone, face(picture, 46, 33, 31, 34.4)]

    after: Draw = lambda picture, k: [face(picture, 46, 33, 31, 34.4)]  # noqa: E731
    _, outputs = play([(8, nobody), (12, standing()), (3, off), (12, after), (15, nobody)])
    decided, _ = people(outputs)
    assert [one.measurement.forehead_c for one in decided] == pytest.approx([35.0, 34.4], abs=0.1)


def test_a_frozen_camera_and_a_spoilt_frame_pass_nobody() -> None:
    state, _ = play([(8, nobody), (2, standing())])
    picture = room(99)
    detections = [face(picture, 40, 30, 34, 35.0)]
    shown = frame(picture, 20)
    state, _ = pipeline.step(state, shown, detections, shown.t_s)
    for k in range(21, 60):
        state, out = pipeline.step(state, replace(shown, seq=k, t_s=k * INTERVAL_S), detections, k * INTERVAL_S)
        assert (out.frame.status, out.frame.faces, out.decided) == ("stale", (), ())
    spoilt = Frame(np.zeros((4, 4), np.uint16), 60, 60 * INTERVAL_S)
    _, out = pipeline.step(state, spoilt, detections, spoilt.t_s)
    assert (out.frame.status, out.frame.faces) == ("invalid", ())


def test_raw_counts_show_faces_without_temperatures() -> None:
    settings = replace(SETTINGS, camera=replace(SETTINGS.camera, unit="raw_counts"))
    picture = room(1)
    detections = [face(picture, 40, 30, 34, 35.0)]
    shown = replace(frame(picture, 0), counts=(picture * 100).astype(np.uint16), unit="raw_counts")
    _, out = pipeline.step(pipeline.start(settings), shown, detections, 0.0)
    assert out.frame.status == "no_reference"
    assert len(out.frame.faces) == 1
    assert out.frame.faces[0].reading.temp_c is None


@pytest.mark.parametrize("level_k", [-3.0, 3.0])
def test_a_wrong_level_of_the_whole_frame_moves_no_reading(level_k: float) -> None:
    scenes: list[tuple[int, Draw]] = [(8, nobody), (10, standing())]
    _, right = play(scenes)
    _, wrong = play(scenes, offset_k=lambda k: -1.5 + level_k)
    a, b = people(right)[0][0].measurement, people(wrong)[0][0].measurement
    assert a.forehead_c == pytest.approx(b.forehead_c, abs=0.05)
    assert a.finding == b.finding


def test_state_does_not_grow_with_time() -> None:
    state, _ = play([(400, standing())])
    assert len(state.tracks) == 1
    assert len(state.tracks[0].usable) <= 32


def test_who_steps_into_a_passed_persons_place_unseen_is_measured_too() -> None:
    _, outputs = play([(8, nobody), (10, standing(35.0)), (2, nobody), (12, standing(38.5)), (15, nobody)])
    assert [p.measurement.finding for p in people(outputs)[0]] == ["pass", "fever"]
    assert [p.measurement.finding for p in people(outputs)[1]] == ["pass", "fever"]


def test_a_fever_that_shows_after_the_verdict_is_told_once() -> None:
    _, outputs = play([(8, nobody), (10, standing(35.0)), (40, standing(38.5)), (15, nobody)])
    decided = people(outputs)[0]
    assert [p.measurement.finding for p in decided] == ["pass", "fever"]
    assert decided[1].measurement.forehead_c == pytest.approx(38.5, abs=0.06)


def test_readings_of_who_was_here_a_second_ago_are_not_the_next_persons() -> None:
    _, outputs = play([(8, nobody), (3, standing(35.0)), (7, nobody), (12, standing(38.5)), (15, nobody)])
    decided = people(outputs)[0]
    assert decided[-1].measurement.finding == "fever"
    assert "pass" not in {p.measurement.finding for p in decided}


@pytest.mark.parametrize("gap_s", [2.0, 60.0])
def test_whoever_stands_there_after_a_gap_is_measured_anew(gap_s: float) -> None:
    state, outputs = play([(8, nobody), (10, standing(35.0))])
    later = []
    for k in range(18, 140):
        picture = room(k)
        detections = [face(picture, 40, 30, 34, 38.5)]
        shown = replace(frame(picture, k, -1.5), t_s=k * INTERVAL_S + gap_s)
        state, out = pipeline.step(state, shown, detections, shown.t_s)
        later.append(out)
    assert [p.measurement.finding for p in people(outputs)[0]] == ["pass"]
    assert [p.measurement.finding for p in people(later)[0]] == ["fever"]


def test_nobody_is_kept_when_the_camera_is_lost() -> None:
    state, _ = play([(8, nobody), (2, standing(35.0))])
    state, decided, _ = pipeline.finish(state, "camera_lost")
    assert (state.tracks, decided) == ((), ())
