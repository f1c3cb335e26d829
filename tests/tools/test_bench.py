"""The rules of the benchmark: what is found, false, dropped, a forehead hit; and it runs without recordings."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from edge.core.faces import Detection
from edge.core.geometry import Box, Rotation
from tools import bench, bench_detector
from tools.bench_baselines import Haar, OneNetwork, WarmBlob
from tools.bench_scoring import Tally, score, share, total
from tools.held_out import previous
from training.dataset import RECORDINGS, Face, Sample, is_left_out, load

FACE = Box(40, 40, 70, 80)
BROW = Box(45, 42, 65, 52)
ELSEWHERE = Box(5, 100, 35, 140)


def face(box: Box = FACE, forehead: Box | None = BROW, usable: bool = True, ignore: bool = False) -> Face:
    return Face(box, forehead, frozenset(), usable, ignore)


def sample(*faces: Face, ignore: tuple[Box, ...] = ()) -> Sample:
    return Sample(np.zeros((160, 120), np.float32), faces, ignore, "rec01", "A", 0, True)


def seen(box: Box = FACE, score: float = 0.9, forehead: Box | None = BROW, readable: float = 0.9) -> Detection:
    return Detection(box, score, forehead, readable)


def test_a_face_is_found_once() -> None:
    tally = score(sample(face()), [seen(score=0.8), seen()])
    assert (tally.faces_found, tally.usable_found, tally.false) == (1, 1, 1)
    assert (tally.precision, tally.recall, tally.recall_usable) == (0.5, 1.0, 1.0)


def test_an_overlap_below_the_limit_is_a_miss_and_a_false_face() -> None:
    tally = score(sample(face()), [seen(Box(40, 40, 70, 54))])
    assert (tally.faces_found, tally.false) == (0, 1)


def test_the_better_score_chooses_first() -> None:
    other = Box(44, 40, 74, 80)
    tally = score(sample(face(), face(other)), [seen(other, 0.6), seen(FACE, 0.9)])
    assert (tally.faces_found, tally.false) == (2, 0)


@pytest.mark.parametrize("box", [ELSEWHERE, Box(5, 100, 20, 120), Box(0, 95, 45, 145)])
def test_what_lies_on_an_ignored_face_is_neither_right_nor_false(box: Box) -> None:
    tally = score(sample(face(ELSEWHERE, ignore=True)), [seen(box)])
    assert (tally.faces, tally.faces_found, tally.false) == (0, 0, 0)
    assert (tally.free_frames, tally.unsure_frames, tally.unsure_frames_with_false) == (0, 1, 0)


def test_a_claim_beside_an_ignored_face_is_false_on_a_frame_that_is_not_free_of_faces() -> None:
    tally = score(sample(face(ELSEWHERE, ignore=True)), [seen()])
    assert (tally.false, tally.free_frames, tally.free_frames_with_false) == (1, 0, 0)
    assert (tally.unsure_frames, tally.unsure_frames_with_false) == (1, 1)


def test_what_lies_in_an_ignored_region_is_neither_right_nor_false() -> None:
    assert score(sample(ignore=(ELSEWHERE,)), [seen(Box(0, 100, 20, 130))]).false == 0
    assert score(sample(ignore=(ELSEWHERE,)), [seen(Box(25, 100, 60, 130))]).false == 1


def test_a_false_face_on_a_frame_without_faces_is_counted_once_per_frame() -> None:
    tally = score(sample(), [seen(), seen(ELSEWHERE)])
    assert (tally.false, tally.free_frames, tally.free_frames_with_false) == (2, 1, 1)
    assert (tally.unsure_frames, tally.unsure_frames_with_false) == (0, 0)


def test_a_frame_with_a_face_that_counts_is_neither_free_nor_unsure() -> None:
    tally = score(sample(face(), face(ELSEWHERE, ignore=True)), [seen(Box(80, 10, 100, 40))])
    assert (tally.false, tally.free_frames, tally.unsure_frames) == (1, 0, 0)


@pytest.mark.parametrize(
    ("forehead", "hits", "overlaps"),
    [(BROW, 1, 1), (Box(54, 45, 56, 47), 1, 0), (Box(45, 52, 65, 62), 0, 0), (None, 0, 0)],
)
def test_a_forehead_hit_has_its_centre_in_the_annotated_one(forehead: Box | None, hits: int, overlaps: int) -> None:
    tally = score(sample(face()), [seen(forehead=forehead)])
    assert (tally.forehead_hits, tally.forehead_overlaps) == (hits, overlaps)


def test_only_usable_faces_are_asked_for_their_forehead() -> None:
    tally = score(sample(face(usable=False)), [seen()])
    assert (tally.usable, tally.forehead_hits, tally.others_called_readable) == (0, 0, 1)


def test_tallies_add_up() -> None:
    both = total([score(sample(face()), [seen()]), score(sample(), [seen()])])
    assert (both.frames, both.faces, both.faces_found, both.false) == (2, 1, 1, 1)
    assert np.isnan(share(0, 0))
    assert total([]) == Tally()


def test_the_warm_blob_finds_the_largest_warm_region() -> None:
    picture = np.random.default_rng(1).normal(20, 0.05, (160, 120)).astype(np.float32)
    picture[90:150, 20:90] = 26.0
    picture[40:80, 40:70] = 33.0
    (found,) = WarmBlob().detect(picture)
    assert found.box.iou(FACE) > 0.9


@pytest.mark.parametrize("detector", [Haar(), WarmBlob(), *previous().values()])
def test_the_baselines_find_nothing_on_a_wall(detector: Haar | WarmBlob | OneNetwork) -> None:
    assert detector.detect(np.full((160, 120), 20.0, np.float32)) == ()


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_turned_recording_is_set_upright_by_its_configuration(rotation_deg: Rotation) -> None:
    plain = sample(face())
    picture = np.random.default_rng(2).normal(20, 1, (160, 120)).astype(np.float32)
    (again,) = bench_detector.turned([replace(plain, picture=picture)], rotation_deg)
    assert np.array_equal(again.picture, picture)
    assert again.faces == plain.faces


def test_without_recordings_the_section_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_detector, "RECORDINGS", tmp_path / "absent")
    assert "No recordings" in bench_detector.report()


def test_sections_are_printed_in_their_order() -> None:
    first, second = ModuleType("first"), ModuleType("second")
    first.__dict__["report"] = lambda: "one"
    second.__dict__["report"] = lambda: "two"
    assert bench.reports((first, second)) == "one\n\ntwo"


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings (../shared/thermal) are not beside this checkout")
def test_every_annotated_frame_is_left_out_by_exactly_one_held_out_training() -> None:
    samples = load()
    annotated = [each for each in samples if each.annotated]
    assert len(annotated) == 472
    assert sum(not one.ignore for each in annotated for one in each.faces) == 224
    for each in samples:
        assert is_left_out(each, "without_a") != is_left_out(each, "without_bc")
        assert not is_left_out(each, "all")
    for fold in ("without_a", "without_bc"):
        learnt = {each.camera for each in samples if not is_left_out(each, fold)} - {"T"}
        asked = {each.camera for each in samples if is_left_out(each, fold)} - {"T"}
        assert not learnt & asked
