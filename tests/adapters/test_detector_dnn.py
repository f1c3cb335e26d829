"""The networks' surroundings: what goes in forgets level, gain and size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.adapters.detector_dnn import DnnFaceDetector, Models, look, normalise, prepare, scaled, shipped_models
from edge.core.errors import ConfigError
from training.synthetic import people

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
    planes = prepare(scaled(np.full((rows, columns), value, np.float32))[0]).planes
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


@pytest.mark.parametrize(
    ("score", "weak"), [(0.0, None), (1.0, None), (-1.0, None), (0.5, 0.6), (0.5, 0.0), (1.0, 0.5)]
)
def test_an_impossible_score_is_refused(score: float, weak: float | None) -> None:
    with pytest.raises(ConfigError, match="min_score"):
        DnnFaceDetector(min_score=score, weak_score=weak)


@pytest.mark.parametrize("model", [b"", b"not a model", bytes(100)])
def test_a_damaged_model_says_what_to_do(model: bytes) -> None:
    with pytest.raises(ConfigError, match="Reinstall"):
        DnnFaceDetector(Models(model, shipped_models().second))
    with pytest.raises(ConfigError, match="Reinstall"):
        DnnFaceDetector(Models(shipped_models().first, model))


def test_weaker_claims_are_told_beside_the_sure_ones_and_change_none_of_them() -> None:
    sure, both = DnnFaceDetector(), DnnFaceDetector(weak_score=0.1)
    weaker = 0
    for seed in range(12):
        picture = people(np.random.default_rng(seed), 160, 120)[0].astype(np.float32)
        told = both.detect(picture)
        assert tuple(one for one in told if one.score > 0.5) == sure.detect(picture)
        weaker += sum(one.score < 0.5 for one in told)
    assert weaker


def boxes(*corners: tuple[float, float, float, float]) -> NDArray[np.float64]:
    return np.array(corners, np.float64)


def test_a_look_shows_the_box_in_its_middle_at_one_size() -> None:
    picture = room()
    near, far = boxes((40, 40, 60, 67)), boxes((30, 26.5, 70, 80.5))
    for box in (near, far):
        planes, shown = look(picture, box)
        assert planes.shape == (1, 2, 48, 48)
        middle = shown[0, :2] + shown[0, 2] / 2
        assert np.abs(middle - [50.0, 53.5]).max() <= 1.0
    assert look(picture, far)[1][0, 2] == pytest.approx(2 * look(picture, near)[1][0, 2], abs=1.0)


def test_what_lies_outside_the_picture_is_zero_in_a_look() -> None:
    planes, shown = look(room(), boxes((-10, 40, 10, 67)))
    outside = round(-float(shown[0, 0]) * 48 / float(shown[0, 2])) - 1
    assert outside > 10
    assert not planes[0, :, :, :outside].any()
    assert planes[0, :, :, outside + 2 :].any()


def test_a_look_beyond_the_picture_is_empty_not_an_error() -> None:
    planes, _ = look(room(), boxes((300, 40, 320, 67), (-90, -90, -60, -50)))
    assert not planes.any()
