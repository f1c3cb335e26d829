"""A person read through a calibration: gain, offset and map put right, for the very sensor that was calibrated."""

from dataclasses import replace

import numpy as np
import pytest

from edge.core import pipeline
from edge.core.correction import Correction, Surface
from edge.core.frame import Telemetry
from edge.core.profile import Profile
from edge.core.radiometry import Budget
from tests.core.scenes import SETTINGS, face, frame, room

BUDGET = Budget(reference_k=0.05, uniformity_k=0.03, drift_k=0.05, calibration_k=0.02)
CORRECTION = Correction(1.1, 0.2, Surface((0.0, 0.5, 0.0, 0.0, 0.0, 0.0), (-1.0, -1.0), (1.0, 1.0)), ((3, 4),))
PROFILE = Profile("cal-1", "gate-1", 0, 1, "A1", False, SETTINGS.reference_c, CORRECTION, BUDGET, {})


def read_by(profile: Profile | None, serial: str | None = "A1") -> tuple[float, float]:
    settings = replace(SETTINGS, profile=profile)
    state = pipeline.start(settings)
    found = []
    for k in range(25):
        picture = room(k)
        boxes = [face(picture, 40, 30, 34, 35.0)] if k > 7 else []
        shown = frame(picture, k, -1.5, Telemetry(serial=serial))
        state, out = pipeline.step(state, shown, boxes, shown.t_s)
        found += [f.reading for f in out.frame.faces if f.reading.usable]
    reading = found[-1]
    assert reading.temp_c is not None
    assert reading.u_c is not None
    return reading.temp_c, reading.u_c


def test_gain_and_offset_act_behind_the_live_offset_of_the_reference() -> None:
    plain_c, _ = read_by(None)
    flat = replace(PROFILE, correction=Correction(1.1, 0.2))
    corrected_c, u_c = read_by(flat)
    # About 37 C: two kelvin below become 2.2, and everything 0.2 K warmer.
    assert corrected_c - plain_c == pytest.approx(0.2 + 0.1 * (plain_c - 37.0), abs=0.02)
    assert u_c < read_by(None)[1]


@pytest.mark.parametrize("serial", ["B2", None])
def test_another_sensor_is_read_without_it(serial: str | None) -> None:
    assert read_by(PROFILE, serial) == read_by(None)


def test_a_typed_serial_number_is_believed_where_the_camera_tells_none() -> None:
    assert read_by(replace(PROFILE, serial_typed=True), None) == read_by(PROFILE)


def test_the_map_is_put_right_in_the_stored_frame_and_bad_pixels_are_bridged() -> None:
    shown = frame(room(0), 0, 0.0, Telemetry(serial="A1"))
    shown.counts[3, 4] = 40_000
    with_it = pipeline.picture(shown, replace(SETTINGS, profile=PROFILE))
    without = pipeline.picture(shown, SETTINGS)
    assert with_it is not None
    assert without is not None
    stored = [np.rot90(p, SETTINGS.rotation_deg // 90) for p in (with_it, without)]
    assert float(stored[0].max()) < 60 < float(stored[1].max())
    columns_k = np.median(stored[1] - stored[0], axis=0)
    assert columns_k[-1] == pytest.approx(0.5, abs=0.01)
    assert columns_k[0] == pytest.approx(-0.5, abs=0.01)
