"""Gain and offset: found where they are, with an uncertainty that holds; refused where they are not, and why."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.fit import Fit, Series, fit
from edge.core.correction import IDENTITY, Correction, Surface, centred_w

NOISE_K = 0.02


def series(
    true_c: float, sensor: Correction = IDENTITY, *, seed: int = 0, count: int = 60, slope_k_per_min: float = 0.0
) -> Series:
    """What a sensor reads of a source: `sensor` is the correction that would make it right."""
    rng = np.random.default_rng((seed, round(true_c * 10)))
    seen_c = sensor_sees(true_c, sensor) + rng.normal(0, NOISE_K, count) + slope_k_per_min * np.arange(count) / 60
    return Series(true_c, 0.05, tuple(map(float, range(count))), tuple(map(float, seen_c)))


def sensor_sees(true_c: float, sensor: Correction) -> float:
    low_c, high_c = 0.0, 80.0
    for _ in range(60):
        middle_c = (low_c + high_c) / 2
        low_c, high_c = (middle_c, high_c) if sensor.true_c(middle_c) < true_c else (low_c, middle_c)
    return low_c


@given(gain=st.floats(0.85, 1.15), offset_k=st.floats(-3, 3), seed=st.integers(0, 1000))
def test_gain_and_offset_are_found_within_their_uncertainty(gain: float, offset_k: float, seed: int) -> None:
    sensor = Correction(gain, offset_k)
    found = fit([series(33.0, sensor, seed=seed), series(40.0, sensor, seed=seed)])
    assert isinstance(found, Fit)
    # The sources are right here: what is left is the noise of the means, far below the 0.05 K that they might be wrong.
    assert abs(found.gain - gain) < 4 * found.gain_var**0.5
    for true_c in (33.0, 35.0, 37.0, 39.0, 40.0):
        error_k = found.correction.true_c(sensor_sees(true_c, sensor)) - true_c
        assert abs(error_k) < 2 * found.u_k(true_c)


def test_the_stated_uncertainty_is_the_spread_of_many_calibrations() -> None:
    rng = np.random.default_rng(7)
    errors_k, stated_k = [], []
    for seed in range(400):
        wrong = [replace(series(t, seed=seed), true_c=t + rng.normal(0, 0.05)) for t in (33.0, 40.0)]
        found = fit(wrong)
        assert isinstance(found, Fit)
        errors_k.append(found.correction.true_c(36.5) - 36.5)
        stated_k.append(found.u_k(36.5))
    assert np.std(errors_k) == pytest.approx(np.mean(stated_k), rel=0.15)


def test_a_correction_undone_is_the_identity() -> None:
    assert IDENTITY.true_c(36.6) == pytest.approx(36.6, abs=1e-9)
    assert centred_w(37.0) == 0.0
    picture = np.linspace(10, 45, 12, dtype=np.float32).reshape(3, 4)
    sensor = Correction(1.07, -0.4)
    one_by_one = [[sensor.true_c(float(c)) for c in row] for row in picture]
    assert sensor.picture_c(picture) == pytest.approx(np.array(one_by_one), abs=1e-4)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ([series(33.0)], "too_short"),
        ([series(33.0), series(40.0, count=10)], "too_short"),
        ([series(36.0), series(38.0)], "ill_conditioned"),
        ([series(33.0), series(40.0, slope_k_per_min=0.2)], "drifting"),
        ([replace(series(33.0), true_c=40.0), replace(series(40.0), true_c=33.0)], "non_monotonic"),
        ([replace(series(33.0), true_c=30.0), series(40.0)], "gain_implausible"),
        ([series(33.0), replace(series(36.5), true_c=37.5), series(40.0)], "off_the_line"),
    ],
)
def test_a_spoilt_set_is_refused_with_its_reason(spoilt: list[Series], why: str) -> None:
    assert fit(spoilt) == why


def test_a_hand_before_the_source_is_refused() -> None:
    good = series(40.0)
    covered = tuple(c - 3.0 if 20 <= n < 26 else c for n, c in enumerate(good.seen_c))
    assert fit([series(33.0), replace(good, seen_c=covered)]) == "restless"


def test_bad_pixels_are_bridged_and_the_map_is_taken_away() -> None:
    stored_c = np.full((12, 16), 30.0, np.float32)
    stored_c[4, 5] = 99.0
    surface = Surface((0.0, 0.5, 0.0, 0.0, 0.0, 0.0), (-0.5, -1.0), (0.5, 1.0))
    levelled_c = Correction(surface=surface, bad=((4, 5),)).levelled(stored_c)
    assert levelled_c[4, 5] == pytest.approx(30.0, abs=0.2)
    # Beyond where the map was measured it goes on as at its edge: half of 0.5 K.
    assert levelled_c[0, 0] == pytest.approx(30.25, abs=1e-5)
    assert levelled_c[0, 15] == pytest.approx(29.75, abs=1e-5)
    assert stored_c[4, 5] == 99.0
