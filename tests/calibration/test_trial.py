"""A few of the hundred sensors: python -m tools.calibration_trial prints the rest."""

from tools.calibration_trial import trial


def test_calibrated_sensors_err_less_than_they_say_and_far_less_than_uncalibrated_ones() -> None:
    found = trial(4, first_seed=500)
    assert found.within >= 0.95
    assert found.calibrated_k < found.bare_k / 5
    assert found.calibrated_k < found.referenced_k / 2
