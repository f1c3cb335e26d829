"""What every face detector keeps to: the shipped networks, and the three baselines of the benchmark beside them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.adapters.detector_dnn import DnnFaceDetector
from edge.core.faces import Detection
from edge.ports import FaceDetector
from tools.bench_baselines import Haar, WarmBlob
from tools.held_out import previous
from training.synthetic import people

SIZES = [(160, 120), (120, 160), (320, 256), (80, 60), (256, 320)]


def scene(seed: int, rows: int = 160, columns: int = 120) -> NDArray[np.float32]:
    """Drawn people before a wall of 21 C, in C, with 50 mK of noise."""
    draw = np.random.default_rng(seed)
    picture, _ = people(draw, rows, columns)
    return (21.0 + 12.0 * picture + draw.normal(0, 0.05, (rows, columns))).astype(np.float32)


@pytest.fixture(scope="module", params=[DnnFaceDetector, lambda: previous()["without_a"], Haar, WarmBlob])
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    made: FaceDetector = request.param()
    return made


def inside(found: Detection, rows: int, columns: int) -> bool:
    boxes = [found.box] if found.forehead is None else [found.box, found.forehead]
    return all(0 <= box.x0 < box.x1 <= columns and 0 <= box.y0 < box.y1 <= rows for box in boxes)


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_boxes_lie_in_the_picture_and_scores_fall_from_1_to_0(detector: FaceDetector, rows: int, columns: int) -> None:
    for seed in range(6):
        found = detector.detect(scene(seed, rows, columns))
        assert all(inside(each, rows, columns) for each in found)
        scores = [each.score for each in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= each.score <= 1 and 0 <= each.readable_score <= 1 for each in found)


def test_no_face_is_claimed_twice(detector: FaceDetector) -> None:
    for seed in range(20):
        found = detector.detect(scene(seed))
        assert all(a.box.iou(b.box) < 0.5 for k, a in enumerate(found) for b in found[k + 1 :])


def test_the_same_picture_has_the_same_faces_and_is_left_as_it_was(detector: FaceDetector) -> None:
    picture = scene(3)
    before = picture.copy()
    first = detector.detect(picture)
    detector.detect(scene(4, 256, 320))
    assert detector.detect(picture) == first
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("level_c", [-20.0, 0.0, 35.0])
@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_a_bare_wall_has_no_face(detector: FaceDetector, level_c: float, rows: int, columns: int) -> None:
    assert detector.detect(np.full((rows, columns), level_c, np.float32)) == ()


def test_a_view_of_a_turned_frame_serves_as_well(detector: FaceDetector) -> None:
    picture = scene(5)
    turned = np.rot90(np.ascontiguousarray(np.rot90(picture)), -1)
    assert not turned.flags.c_contiguous
    assert detector.detect(turned) == detector.detect(picture)
