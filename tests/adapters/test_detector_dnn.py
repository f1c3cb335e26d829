"""The network's surroundings: what goes in forgets level, gain and size; one box per face comes out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.adapters.detector_dnn import READABLE_SHIFT, DnnFaceDetector, decode, normalise, prepare
from edge.core.errors import ConfigError

BACKGROUND_C = 22.0


def room(seed: int = 1, rows: int = 160, columns: int = 120) -> NDArray[np.float32]:
    """A wall with a warm patch and 50 mK of noise, in C."""
    picture = np.random.default_rng(seed).normal(BACKGROUND_C, 0.05, (rows, columns))
    picture[rows // 4 : rows // 2, columns // 3 : columns // 2] += 11.0
    return picture.astype(np.float32)


@given(level=st.floats(-40, 60), gain=st.floats(0.2, 5.0))
@settings(deadline=None, max_examples=25)
def test_what_goes_in_forgets_level_and_gain(level: float, gain: float) -> None:
    picture = room()
    other = (picture.astype(np.float64) * gain + level).astype(np.float32)
    assert np.abs(normalise(picture) - normalise(other)).max() < 0.02


def test_counts_go_in_as_degrees_do() -> None:
    picture = room()
    counts = np.round((picture + 273.15) * 100).astype(np.float32)
    assert np.abs(normalise(picture) - normalise(counts)).mean() < 0.02


@given(value=st.floats(-300, 70000), rows=st.integers(8, 300), columns=st.integers(8, 300))
@settings(deadline=None, max_examples=25)
def test_a_picture_without_contrast_goes_in_as_nearly_nothing(value: float, rows: int, columns: int) -> None:
    planes = prepare(np.full((rows, columns), value, np.float32)).planes
    assert np.abs(planes).max() < 0.1  # rounding of the resize
    assert planes.shape[2] % 16 == 0
    assert planes.shape[3] % 16 == 0
    assert max(planes.shape) <= 160


def test_dead_pixels_do_not_spread() -> None:
    picture = room()
    broken = picture.copy()
    broken[3, 5], broken[80, 60], broken[20, 20] = np.nan, np.inf, -np.inf
    planes = normalise(broken)
    assert np.isfinite(planes).all()
    assert np.abs(planes - normalise(picture))[:, 100:140].max() < 0.05


def answers(*faces: tuple[int, int, float]) -> NDArray[np.float32]:
    """Answers [11, 40, 32] in which the given cells (row, column, logit) each claim a face of 32 x 32 pixels."""
    maps = np.zeros((11, 40, 32), np.float32)
    maps[0] = -9.0
    maps[5:9] = np.array([0.25, 0.1, 0.75, 0.3], np.float32)[:, None, None]
    maps[9:] = 4.0
    for row, column, logit in faces:
        maps[0, row, column] = logit
    return maps


def test_a_cell_becomes_its_box_and_forehead() -> None:
    scores, boxes, foreheads, bare, readable = decode(answers((10, 20, 3.0)), 0.5, 12)
    assert boxes.tolist() == [pytest.approx([66.0, 26.0, 98.0, 58.0])]
    assert foreheads.tolist() == [pytest.approx([74.0, 29.2, 90.0, 35.6])]
    assert scores == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert bare == pytest.approx(1 / (1 + np.exp(-4.0)))
    assert readable == pytest.approx(1 / (1 + np.exp(-4.0 - READABLE_SHIFT)))


def test_neighbouring_cells_are_one_face_and_far_ones_two() -> None:
    scores, boxes, *_ = decode(answers((10, 10, 2.0), (10, 11, 3.0), (10, 24, 1.0)), 0.5, 12)
    assert len(boxes) == 2
    assert scores[0] > scores[1]
    # The best cell's box moves towards its neighbour's, which is 4 pixels to the left.
    assert 26.0 < boxes[0][0] < 30.0


def test_a_cell_too_weak_to_claim_a_face_helps_to_place_one() -> None:
    alone = decode(answers((10, 10, 3.0)), 0.5, 12)
    helped = decode(answers((10, 10, 3.0), (10, 11, -0.5)), 0.5, 12)
    nothing = decode(answers((10, 11, -0.5)), 0.5, 12)
    assert len(nothing[0]) == 0
    assert helped[0] == pytest.approx(alone[0])
    assert alone[1][0][0] < helped[1][0][0] < alone[1][0][0] + 2.0


def test_nothing_above_the_score_gives_nothing() -> None:
    scores, boxes, *_ = decode(answers((10, 10, -1.0)), 0.5, 12)
    assert len(scores) == 0
    assert boxes.shape == (0, 4)


def test_no_more_faces_than_asked_for() -> None:
    far_apart = tuple((row, column, 2.0) for row in (4, 16, 28) for column in (4, 16, 28))
    assert len(decode(answers(*far_apart), 0.5, 5)[1]) == 5


@pytest.mark.parametrize("score", [0.0, 1.0, -1.0])
def test_an_impossible_score_is_refused(score: float) -> None:
    with pytest.raises(ConfigError, match="min_score"):
        DnnFaceDetector(min_score=score)


@pytest.mark.parametrize("model", [b"", b"not a model", bytes(100)])
def test_a_damaged_model_says_what_to_do(model: bytes) -> None:
    with pytest.raises(ConfigError, match="Reinstall"):
        DnnFaceDetector(model)
