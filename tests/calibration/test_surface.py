"""The map of non-uniformity, and the pixels that do not see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import pixels
from calibration.surface import Spot, Uniformity, uniformity
from edge.core.correction import Surface

GRID = [(u, v) for v in (-0.7, 0.0, 0.3) for u in (-0.6, 0.0, 0.6)]


def spots(surface: Surface, noise_k: float = 0.0, level_c: float = 37.0) -> list[Spot]:
    rng = np.random.default_rng(3)
    return [Spot(u, v, level_c + float(surface.at(u, v)) + float(rng.normal(0, noise_k))) for u, v in GRID]


@given(st.lists(st.floats(-0.15, 0.15), min_size=5, max_size=5), st.floats(30, 40))
def test_a_smooth_pattern_is_found_whatever_the_level(terms_k: list[float], level_c: float) -> None:
    truth = Surface((0.0, *terms_k), (-1.0, -1.0), (1.0, 1.0))
    found = uniformity(spots(truth, level_c=level_c))
    assert isinstance(found, Uniformity)
    for u, v in ((0.0, 0.0), (0.5, -0.6), (-0.4, 0.2)):
        assert float(found.surface.at(u, v)) == pytest.approx(float(truth.at(u, v)), abs=1e-6)
    assert found.u_k == pytest.approx(0.0, abs=1e-6)


def test_what_the_map_is_worth_is_what_noise_and_roughness_leave() -> None:
    truth = Surface((0.0, 0.3, -0.2, 0.0, 0.1, 0.0), (-1.0, -1.0), (1.0, 1.0))
    found = uniformity(spots(truth, noise_k=0.02))
    assert isinstance(found, Uniformity)
    assert 0.01 < found.u_k < 0.15
    assert found.worst_after_k < found.worst_before_k


def test_a_covered_place_too_few_and_too_close_ones_are_refused() -> None:
    flat = Surface((0.0,) * 6, (-1.0, -1.0), (1.0, 1.0))
    good = spots(flat)
    assert uniformity(good[:6]) == "too_few_places"
    assert uniformity([Spot(s.u / 10, s.v / 10, s.seen_c) for s in good]) == "places_too_close"
    covered = [*good[:8], Spot(good[8].u, good[8].v, 35.0)]
    assert uniformity(covered) == "not_smooth"


def minute(spoil: dict[tuple[int, int], str]) -> pixels.Statistics:
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:30, :40]
    scene_c = 22 + 0.02 * y + 0.5 * np.sin(x / 6)
    scene_c[:, 30:] += 6  # a wall's edge is no fault
    statistics = pixels.Statistics()
    for n in range(40):
        frame_c = scene_c + rng.normal(0, 0.03, scene_c.shape) + 0.2 * np.sin(n / 5)
        for (row, column), fault in spoil.items():
            if fault == "hot":
                frame_c[row, column] += 4
            elif fault == "dead":
                frame_c[row, column] = 22.0 + 0.2 * np.sin(n / 5)
            else:
                frame_c[row, column] += rng.normal(0, 1.0)
        statistics = pixels.seen(statistics, frame_c.astype(np.float32))
    return statistics


def test_dead_hot_and_restless_pixels_are_found_and_no_others() -> None:
    assert pixels.bad_pixels(minute({})) == ()
    spoilt = {(4, 7): "hot", (20, 11): "dead", (25, 22): "restless"}
    assert pixels.bad_pixels(minute(spoilt)) == tuple(sorted(spoilt))


def test_too_few_frames_and_too_many_bad_pixels_are_refused() -> None:
    assert pixels.bad_pixels(pixels.Statistics()) == "too_few_frames"
    many = {(row, column): "restless" for row in range(0, 30, 5) for column in range(0, 28, 5)}
    assert pixels.bad_pixels(minute(many)) == "too_many"
