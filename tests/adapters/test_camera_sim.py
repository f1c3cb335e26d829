"""The simulated camera: it knows the truth, and its sensor has the faults that were measured on real ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.camera_sim import SimCamera, SimSettings, Visitor
from edge.adapters.camera_sim.scene import Room, empty_room
from edge.adapters.camera_sim.sensor import INTERVAL_S, Faults, Sensor
from edge.core.errors import CameraError
from edge.core.frame import Frame, NoFrame, celsius
from edge.core.geometry import Box, to_upright, upright
from edge.core.radiometry import skin_c
from edge.core.reference import find_disc

QUIET = Faults(offset_k=-1.5, first_ffc_s=-500.0, ffc_period_s=1e6)


def frames_of(camera: SimCamera, count: int = 100_000) -> list[Frame]:
    got: list[Frame] = []
    while len(got) < count and isinstance(frame := camera.read(1.0), Frame):
        got.append(frame)
    return got


def test_one_seed_is_one_world_and_another_is_another() -> None:
    one, same, other = (frames_of(SimCamera(SimSettings(seed=seed)), 30) for seed in (7, 7, 8))
    assert all(np.array_equal(a.counts, b.counts) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.counts, b.counts) for a, b in zip(one, other, strict=True))


def test_the_pixels_say_what_the_truth_says() -> None:
    camera = SimCamera(SimSettings(seed=3, people=12, faults=QUIET))
    errors_k = []
    while isinstance(frame := camera.read(1.0), Frame):
        picture = upright(celsius(frame), 90)
        assert camera.info.reference_box is not None
        disc = to_upright(camera.info.reference_box, 90, 160, 120)
        cx, cy = disc.centre
        offset_k = 37.0 - float(np.median(Box(cx - 3, cy - 3, cx + 3, cy + 3).crop(picture)))
        for face in camera.truth(frame.seq).faces:
            if face.standing and face.forehead is not None and not face.attire & {"fringe", "hat"}:
                seen_c = float(np.median(face.forehead.crop(picture))) + offset_k
                errors_k.append(skin_c(seen_c, 22.0, 0.98) - face.forehead_c)
    assert len(errors_k) > 60
    assert abs(np.mean(errors_k)) < 0.1
    assert np.std(errors_k) < 0.1


def test_everybody_who_came_is_in_the_truth_once_and_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    camera = SimCamera(SimSettings(seed=2, people=9, people_every_s=2.0, truth_path=path))
    frames = frames_of(camera)
    assert camera.read(1.0) == NoFrame("ended")
    camera.close()
    people = camera.people()
    assert [p.person for p in people] == list(range(9))
    assert all(frames[0].t_s <= p.t_first_s < p.t_last_s <= frames[-1].t_s for p in people)
    written = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(w["person"], w["forehead_c"]) for w in written] == [(p.person, p.forehead_c) for p in people]


def test_fevers_are_as_frequent_as_asked_and_clear_of_the_healthy() -> None:
    camera = SimCamera(SimSettings(seed=5, people=60, people_every_s=1.0, fever_fraction=0.5))
    frames_of(camera)
    hot = [p.forehead_c for p in camera.people() if p.fever]
    well = [p.forehead_c for p in camera.people() if not p.fever]
    assert 18 <= len(hot) <= 42
    assert min(hot) > max(well) + 0.5


def test_who_comes_in_from_the_cold_is_cold_unless_feverish() -> None:
    camera = SimCamera(SimSettings(seed=5, people=20, people_every_s=1.0, fever_fraction=0.3, cold_fraction=1.0))
    frames_of(camera)
    people = camera.people()
    assert all(p.forehead_c >= 36.5 if p.fever else 30.0 <= p.forehead_c <= 33.5 for p in people)
    assert 0 < sum(p.fever for p in people) < len(people) == 20


def test_one_way_to_make_a_schedule_is_somebody_every_few_seconds() -> None:
    settings = SimSettings(seed=11, people=4, people_every_s=2.0)
    visitors = [Visitor(person, person * 2.0) for person in range(4)]
    regular, scheduled = SimCamera(settings), SimCamera(settings, schedule=visitors)
    for one, other in zip(frames_of(regular), frames_of(scheduled), strict=True):
        assert one.t_s == other.t_s
        assert np.array_equal(one.counts, other.counts)
    assert regular.people() == scheduled.people()


def test_who_comes_again_is_the_same_person_and_leaves_twice() -> None:
    schedule = (
        Visitor(5, 0.0, badge="A", kind="in"),
        Visitor(6, 4.0, fever=True, attire=frozenset()),
        Visitor(5, 9.0, stands_s=0.6, badge="A", badge_at_s=8.5, kind="again"),
    )
    camera = SimCamera(SimSettings(seed=2), schedule=schedule)
    frames = frames_of(camera)
    first, hot, again = camera.people()
    assert (first.person, hot.person, again.person) == (0, 1, 2)
    assert [(p.badge, p.kind) for p in (first, hot, again)] == [("A", "in"), (None, ""), ("A", "again")]
    assert (again.forehead_c, again.child, again.attire) == (first.forehead_c, first.child, first.attire)
    assert hot.fever
    assert hot.forehead_c >= 36.5
    assert not first.fever
    assert hot.attire == ()
    assert first.t_last_s < hot.t_first_s < again.t_first_s <= frames[-1].t_s
    assert again.t_last_s - again.t_first_s < first.t_last_s - first.t_first_s - 0.5


def test_of_two_side_by_side_one_steps_back_with_their_face_to_the_camera() -> None:
    schedule = (
        Visitor(1, 0.0, stands_s=3.0, aside_m=-0.13, attire=frozenset()),
        Visitor(2, 0.0, stands_s=1.0, aside_m=0.13, attire=frozenset(), steps_back=True),
    )
    camera = SimCamera(SimSettings(seed=4, faults=QUIET), schedule=schedule)
    widths_px: dict[int, list[float]] = {0: [], 1: []}
    while isinstance(frame := camera.read(1.0), Frame):
        faces = camera.truth(frame.seq).faces
        if 1.6 <= frame.t_s <= 2.4:
            assert [face.standing for face in faces] == [True, True]
            assert faces[0].box.overlap_px(faces[1].box) == 0
        for face in faces:
            widths_px[face.person].append(face.box.width_px)
    assert min(widths_px[0]) < 15
    assert max(widths_px[0]) > 25
    came, went = widths_px[1][:10], widths_px[1][-10:]
    assert came == sorted(came)
    assert went == sorted(went, reverse=True)
    assert min(went) < 12


def test_people_may_be_sent_and_dismissed_while_it_runs() -> None:
    camera = SimCamera(SimSettings(seed=4, faults=QUIET), schedule=(), open_end=True)
    assert len(frames_of(camera, 20)) == 20
    late = camera.send(Visitor(3, 0.0, stands_s=60.0))
    back = camera.send(Visitor(4, 9.0, stands_s=60.0, aside_m=0.0))
    frames_of(camera, 40)
    assert camera.people() == ()
    camera.dismiss(late)
    frames_of(camera, 60)
    camera.dismiss(back, back=True)
    camera.dismiss(back)
    before = frames_of(camera, 1)[0]
    frames_of(camera, 15)
    gone = camera.people()
    assert [p.person for p in gone] == [late, back]
    assert [p.t_first_s for p in gone] == pytest.approx([2.3, 9.0], abs=0.2)
    assert gone[0].t_last_s == pytest.approx(60 * INTERVAL_S + 0.8, abs=0.4)
    assert gone[1].t_last_s == pytest.approx(before.t_s + 1.4, abs=0.2)
    with pytest.raises(KeyError):
        camera.dismiss(late)
    assert len(frames_of(camera, 20)) == 20


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_turned_by_its_mounting_the_reference_is_where_info_says(rotation_deg: int) -> None:
    rows, columns = (120, 160) if rotation_deg in (90, 270) else (160, 120)
    settings = SimSettings(rows=rows, columns=columns, rotation_deg=rotation_deg)  # type: ignore[arg-type]  # one of the four
    camera = SimCamera(settings)
    frame = frames_of(camera, 1)[0]
    assert frame.counts.shape == (rows, columns)
    assert camera.info.reference_box is not None
    found = find_disc(celsius(frame))
    assert found is not None
    assert found.iou(camera.info.reference_box) > 0.6


def test_a_boson_sees_the_same_scene_in_its_own_size() -> None:
    camera = SimCamera(SimSettings(rows=256, columns=320, people=1, faults=QUIET))
    frames = frames_of(camera)
    assert frames[0].counts.shape == (256, 320)
    widths = [f.box.width_px for frame in frames[-20:] for f in camera.truth(frame.seq).faces]
    assert max(widths) > 45


def test_the_sensors_noise_is_a_leptons() -> None:
    wall = np.full((120, 160), 22.0, np.float32)
    sensor = Sensor(1, 120, 160, QUIET)
    frames_mk = np.stack([sensor.counts(wall, k * INTERVAL_S) for k in range(250)]) * 10.0
    noise_mk = detrended(frames_mk)
    common_mk = noise_mk.mean(axis=(2, 3), keepdims=True)
    assert 23.6 <= np.median(noise_mk.std(axis=1)) <= 28.3
    assert 14.5 <= np.median(np.diff(frames_mk, axis=0).std(axis=0) / 2**0.5) <= 17.5
    assert common_mk.std(axis=1).mean() == pytest.approx(11.9, abs=3.5)
    assert (noise_mk - common_mk).mean(axis=3).std(axis=1).mean() == pytest.approx(9.6, abs=2.5)
    assert (noise_mk - common_mk).mean(axis=2).std(axis=1).mean() == pytest.approx(14.8, abs=3.5)
    assert np.median(frames_mk[:, :, 0] - frames_mk[:, :, 1]) == pytest.approx(130, abs=40)
    assert set(np.unique(np.diff(np.unique(frames_mk)))) <= {10.0 * k for k in range(0, 3000, 2)}


def detrended(frames_mk: NDArray[np.floating]) -> NDArray[np.float64]:
    """Blocks of 25 frames [blocks, 25, rows, columns] without their mean and slope, as the recordings were treated."""
    blocks = frames_mk.reshape(-1, 25, *frames_mk.shape[1:])
    t = (np.arange(25) - 12.0)[None, :, None, None]
    centred = blocks - blocks.mean(axis=1, keepdims=True)
    result: NDArray[np.float64] = centred - t * (centred * t).sum(axis=1, keepdims=True) / (t**2).sum()
    return result


def test_the_level_drifts_like_a_leptons() -> None:
    still = np.ascontiguousarray(np.rot90(empty_room(Room(160, 120, 22.0, 37.0, 1.0))))
    slopes = []
    for seed in range(6):
        sensor = Sensor(seed, 120, 160, QUIET)
        means_k = [float(sensor.counts(still, k * 1.0).mean()) / 100 for k in range(60)]
        slopes.append(abs(np.polyfit(np.arange(60) / 60, means_k, 1)[0]))
    assert 0.05 < np.median(slopes) < 1.13


def reference_c(camera: SimCamera, frame: Frame) -> float:
    """What the camera reads of the inner half of its reference, in C."""
    assert camera.info.reference_box is not None
    cx, cy = camera.info.reference_box.centre
    return float(np.median(Box(cx - 3, cy - 3, cx + 3, cy + 3).crop(celsius(frame))))


def test_a_shutter_event_stops_the_stream_lifts_the_level_and_is_slowly_forgotten() -> None:
    # Ranges of three events in the recordings; a little more room, for noise and the slow drift beneath.
    camera = SimCamera(SimSettings(people_every_s=1e6, faults=Faults(first_ffc_s=-550.0)))
    frames = frames_of(camera, 800)
    at = max(range(1, len(frames)), key=lambda k: frames[k].t_s - frames[k - 1].t_s)
    before, after = frames[at - 1], frames[at]
    assert 1.939 <= after.t_s - before.t_s <= 2.2
    assert before.t_s == pytest.approx(20.0, abs=0.2)
    assert after.telemetry.uptime_ms is not None
    assert after.telemetry.last_ffc_ms is not None
    assert 910 <= after.telemetry.uptime_ms - after.telemetry.last_ffc_ms <= 1_030
    assert before.telemetry.last_ffc_ms == pytest.approx(after.telemetry.last_ffc_ms - 570_000, abs=2)

    level_c = {round(f.t_s - after.t_s + 0.91, 1): reference_c(camera, f) for f in frames}
    first_c, highest_c = reference_c(camera, after), max(level_c.values())
    assert 0.44 <= first_c - reference_c(camera, before) <= 0.79
    assert 0.46 <= highest_c - first_c <= 0.91

    def fall_k_per_min(from_s: float, to_s: float) -> float:
        times_s = [t_s for t_s in level_c if from_s <= t_s <= to_s]
        return float(-np.polyfit(times_s, [level_c[t_s] for t_s in times_s], 1)[0] * 60)

    assert 3.0 <= fall_k_per_min(5, 15) <= 5.5
    assert 1.0 <= fall_k_per_min(18, 50) <= 2.3
    assert -1.0 <= fall_k_per_min(46, 70) <= 1.2


def test_an_event_is_announced_and_the_picture_is_restless_after_it() -> None:
    camera = SimCamera(SimSettings(people_every_s=1e6, faults=Faults(first_ffc_s=-550.0)))
    frames = frames_of(camera, 300)
    at = max(range(1, len(frames)), key=lambda k: frames[k].t_s - frames[k - 1].t_s)
    announced_s = [f.t_s for f in frames if f.telemetry.shutter == "imminent"]
    assert announced_s[0] == pytest.approx(18.0, abs=0.2)
    assert announced_s[-1] == frames[at - 1].t_s

    def step_mk(k: int) -> float:
        return float(np.std(frames[k + 1].counts.astype(float) - frames[k].counts) * 10)

    assert all(50 <= step_mk(at + k) <= 140 for k in range(10))
    assert max(step_mk(at + k) for k in range(30, 60)) < 35


class SlowClock:
    """A clock that moves on by itself a little with every look."""

    def __init__(self) -> None:
        self.t_s = 500.0

    def __call__(self) -> float:
        self.t_s += 0.0001
        return self.t_s


def test_in_real_time_frames_are_due_and_a_late_reader_misses_some() -> None:
    clock = SlowClock()
    camera = SimCamera(SimSettings(realtime=True), now_s=clock)
    first = camera.read(1.0)
    assert isinstance(first, Frame)
    assert first.t_s == pytest.approx(500.0, abs=0.01)
    assert camera.read(0.0) == NoFrame("stalled", "the next frame is not due yet")
    clock.t_s += 5.0
    late = camera.read(1.0)
    assert isinstance(late, Frame)
    assert late.seq == 1
    assert late.t_s == pytest.approx(clock.t_s, abs=INTERVAL_S)
    camera.close()
    assert camera.read(1.0) == NoFrame("ended")


def test_a_truth_file_that_cannot_be_written_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="can be written"):
        SimCamera(SimSettings(truth_path=tmp_path / "no" / "truth.jsonl"))
