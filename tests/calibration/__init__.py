"""The calibration, from its arithmetic to the paper."""
