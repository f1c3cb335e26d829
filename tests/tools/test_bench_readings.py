"""The benchmark of the readings: what is injected is really there, and what is compared belongs together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.core import pipeline
from edge.core.faces import Detection
from edge.core.geometry import Box
from tests.core.scenes import DISC, INTERVAL_S, REFERENCE_C, SETTINGS, face, frame, room
from tools import bench_changes, bench_readings, bench_simulated
from tools.bench_changes import Fault, Variant, faults, injected_at, variants
from tools.bench_play import Played, Recording, SamePlaces, play
from tools.bench_readings import halves_c, verdicts, visits_c

FRAMES = 40
HINTED = replace(SETTINGS, reference_hint=DISC)


class Seen:
    """Sees the face that stands there, wherever it has gone to: the warmest column within the face's rows."""

    def detect(self, picture: np.ndarray) -> tuple[Detection, ...]:
        rows = picture[35:60].mean(axis=0)
        columns = np.nonzero(rows > (rows.min() + rows.max()) / 2)[0]
        if columns.size < 20:
            return ()
        left = float(columns[0])
        box = Box(left, 30, left + 34, 30 + 1.35 * 34)
        return (Detection(box, 0.9, Box(left + 7, 33, left + 27, 43), 0.9),)


def recording() -> Recording:
    frames = []
    for k in range(FRAMES):
        picture = room(k)
        face(picture, 40, 30, 34, 35.0)
        frames.append(frame(picture, k, -1.5))
    return Recording("drawn", "A", HINTED, tuple(frames))


@pytest.fixture(scope="module")
def plain() -> Played:
    one = recording()
    return play(one.frames, one.settings, Seen())


def test_who_stands_still_reads_the_same_in_both_halves(plain: Played) -> None:
    (visit,) = visits_c(plain)
    first_c, second_c = halves_c(visit)
    assert abs(first_c - second_c) < 0.05
    assert len(verdicts(plain)) == 1


@pytest.mark.parametrize("variant", variants(), ids=lambda variant: variant.name)
def test_a_change_moves_a_drawn_reading_by_what_it_says(variant: Variant, plain: Played) -> None:
    one = recording()
    again = play(one.frames, variant.settings(one.settings), Seen(), variant.make(one, plain))
    before, after = verdicts(plain)[0].measurement, verdicts(again)[0].measurement
    assert after.forehead_c is not None
    assert before.forehead_c is not None
    assert after.forehead_c - before.forehead_c == pytest.approx(variant.moves_k, abs=0.06)
    line = bench_readings._compared(variant, [plain], [again])
    assert "| 0 of 1 | 0 |" in line


def test_warmer_skin_leaves_the_hair_above_it_as_it_was(plain: Played) -> None:
    one = recording()
    (warmer,) = (variant for variant in variants() if variant.moves_k)
    brow = next(face.reading.box for report in plain.reports for face in report.faces if face.reading.usable)
    assert brow is not None
    shown = one.frames[-1]
    hair = slice(round(brow.y0) - 6, round(brow.y0) - 2), slice(round(brow.x0) + 2, round(brow.x1) - 2)
    skin = slice(round(brow.y0) + 2, round(brow.y1) - 2), hair[1]
    wall = slice(None), slice(0, 40)
    counts = shown.counts.copy()
    counts[hair] = np.median(brow.crop(counts)) - 300
    changed = warmer.make(one, plain)(replace(shown, counts=counts))
    assert changed is not None
    moved = changed.counts.astype(int) - counts
    assert np.array_equal(changed.counts[hair], counts[hair])
    assert np.all(moved[skin] > 190)
    assert moved[wall].max() < 20  # the wall is warmer further down, by a twentieth of what skin is warmer


@pytest.mark.parametrize("wall_c", [27.0, 34.8, 38.0])
def test_a_wall_is_no_skin_however_warm(plain: Played, wall_c: float) -> None:
    (seen,) = plain.reports[-1].faces
    picture = np.full((160, 120), wall_c, np.float32)
    face(picture, 40, 30, 34, 35.0)
    share = bench_changes.skin_share(frame(picture, 1, -1.5).counts, seen)
    assert seen.reading.box is not None
    assert seen.reading.box.crop(share).min() > 0.9
    assert share[:, :38].max() == share[:, 76:].max() == share[:28].max() == 0.0


def test_of_a_pixel_that_is_half_skin_half_is_warmed(plain: Played) -> None:
    shown = recording().frames[-1]
    (seen,) = plain.reports[-1].faces
    counts = shown.counts.copy()
    rim = slice(40, 60), 39
    counts[rim] = round((float(counts[40:60, 37].mean()) + (35.0 - 1.5 + 273.15) * 100) / 2)
    share = bench_changes.skin_share(counts, seen)
    assert share[rim] == pytest.approx(0.5, abs=0.03)
    assert share[40:60, 30:38].max() < 0.02


def test_what_is_read_in_the_same_places_is_read_nowhere_else(plain: Played) -> None:
    one = recording()
    again = play(one.frames, one.settings, SamePlaces(one, plain))
    assert again.reports == plain.reports
    assert again.people == plain.people
    moved = bench_readings._frame_by_frame_k(plain, again)
    assert list(moved) == [verdicts(plain)[0].track]
    assert set(moved[verdicts(plain)[0].track]) == {0.0}


def test_a_verdict_where_there_was_none_is_counted_and_so_is_one_that_is_lost(plain: Played) -> None:
    same = variants()[0]
    both = Played(plain.reports, (*plain.people, *plain.people))
    later = replace(both.people[1].measurement, t_first_s=100.0, t_last_s=101.0)
    twice = replace(both, people=(both.people[0], replace(both.people[1], measurement=later)))
    assert "| 0 of 1 | 1 |" in bench_readings._compared(same, [plain], [twice])
    assert "| 1 of 2 | 0 |" in bench_readings._compared(same, [twice], [plain])


@pytest.mark.parametrize("fault", faults(SETTINGS.settling_s), ids=lambda fault: fault.name)
def test_a_fault_is_really_there_and_leaves_no_reading(fault: Fault, plain: Played) -> None:
    one, began_s = recording(), injected_at(plain)
    assert began_s is not None
    change = fault.make(one, began_s)
    later = one.frames[-1]
    changed = change(later)
    assert changed is None or not np.array_equal(changed.counts, later.counts)
    again = play(one.frames, one.settings, Seen(), change)
    assert f"| {fault.name} | 0 | " in bench_readings._withheld(fault, [plain], [again])
    assert any(f.reading.usable for r in again.reports for f in r.faces if r.t_s < began_s)


def test_a_reading_during_a_fault_would_be_counted(plain: Played) -> None:
    fault = faults(SETTINGS.settling_s)[0]
    given = sum(r.t_s >= (injected_at(plain) or 0.0) for r in plain.reports if any(f.reading.usable for f in r.faces))
    assert f"| {fault.name} | {given} | {given} |" in bench_readings._withheld(fault, [plain], [plain])


def test_simulated_people_are_paired_with_their_own_passages() -> None:
    class Nobody:
        def detect(self, picture: np.ndarray) -> tuple[Detection, ...]:
            return ()

    met = bench_simulated.people_at(25, 2, Nobody())
    assert [one.measured for one in met] == [False, False]
    assert all(one.came_again for one in met)
    assert all(one.distance_m <= bench_simulated.DISTANCES_M[1] - bench_simulated.STEP_M for one in met)
    assert "0.000" in bench_simulated._line("all", met)


def test_without_recordings_the_section_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_readings, "RECORDINGS", tmp_path / "absent")
    assert "not here" in bench_readings.report()


def test_the_drawn_scene_is_what_the_tests_take_it_for() -> None:
    one = recording()
    picture = pipeline.picture(one.frames[0], one.settings)
    assert picture is not None
    assert float(np.median(DISC.crop(picture)[4:9, 4:9])) == pytest.approx(REFERENCE_C - 1.5, abs=0.1)
    assert one.frames[1].t_s == pytest.approx(INTERVAL_S)
