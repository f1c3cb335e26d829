"""The forehead's reading, and what is in its way."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.forehead import LEAST_PIXELS, MARGIN, Conditions, not_beside, read
from edge.core.geometry import Box
from edge.core.radiometry import Budget, Skin, apparent_c
from tests.core.scenes import ROOM_C, face, room

CONDITIONS = Conditions(0.0, 0.02, ROOM_C, Skin(1.0, ROOM_C), Budget(), 20.0)


@given(st.floats(30, 41), st.floats(-8, 8))
def test_the_reading_is_the_foreheads_temperature_whatever_the_cameras_level(true_c: float, offset_k: float) -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, true_c)
    reading = read(picture - np.float32(offset_k), drawn, 0.0, replace(CONDITIONS, offset_k=offset_k))
    assert reading.usable
    assert reading.temp_c == pytest.approx(true_c, abs=0.03)
    assert reading.raw_c == pytest.approx(true_c - offset_k, abs=0.03)
    assert reading.u_c == pytest.approx(Budget().combined_k, abs=0.01)


def test_a_small_face_is_read_with_less_certainty() -> None:
    picture = room()
    drawn = [face(picture, x0, y0, width_px, 35.0) for x0, y0, width_px in ((2, 5, 20), (30, 5, 27), (65, 5, 50))]
    u_c = [one.u_c for one in (read(picture, d, 0.0, CONDITIONS) for d in drawn) if one.u_c is not None]
    assert len(u_c) == 3
    assert u_c == sorted(u_c, reverse=True)
    assert u_c[0] == pytest.approx(math.hypot(Budget().combined_k, 12 * (1 / 20 - 1 / 36) / math.sqrt(3)), abs=0.01)
    assert u_c[2] == pytest.approx(Budget().combined_k, abs=0.01)


def test_emissivity_is_corrected_once() -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, apparent_c(36.0, ROOM_C, 0.98))
    reading = read(picture, drawn, 0.0, replace(CONDITIONS, skin=Skin(0.98, ROOM_C)))
    assert reading.temp_c == pytest.approx(36.0, abs=0.03)


def test_one_hot_pixel_hardly_moves_it() -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 35.0)
    assert drawn.forehead is not None
    drawn.forehead.crop(picture)[2, 5] += 8.0
    assert read(picture, drawn, 0.0, CONDITIONS).temp_c == pytest.approx(35.0, abs=0.05)


def test_a_fringe_over_a_quarter_of_it_costs_a_tenth_of_a_kelvin() -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 35.0)
    assert drawn.forehead is not None
    drawn.forehead.crop(picture)[:3] = 31.0
    assert read(picture, drawn, 0.0, CONDITIONS).temp_c == pytest.approx(34.9, abs=0.03)


def test_something_hot_beside_it_does_not_make_a_fever() -> None:
    for beside_px, most_k in ((0, 0.15), (1, 0.01)):
        picture = room()
        drawn = face(picture, 40, 30, 34, 35.0)
        assert drawn.forehead is not None
        top = math.ceil(drawn.forehead.y0) - beside_px
        picture[top - 4 : top, 40:74] = 60.0
        temp_c = read(picture, drawn, 0.0, CONDITIONS).temp_c
        assert temp_c is not None
        assert 34.99 <= temp_c <= 35.0 + most_k


def test_a_glint_does_not_warm_even_the_smallest_forehead() -> None:
    picture = room()
    drawn = replace(face(picture, 40, 30, 34, 35.0), forehead=Box(48, 33, 56, 37))
    picture[35, 52] = 60.0
    reading = read(picture, drawn, 0.0, CONDITIONS)
    assert reading.temp_c == pytest.approx(35.0, abs=0.3)


def test_the_faces_maximum_is_measured_beside_it_without_hot_things() -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 35.0)
    picture[60:64, 50:54] = 35.9
    picture[66:72, 55:61] = 60.0
    reading = read(picture, drawn, 0.0, CONDITIONS)
    assert reading.face_max_c == pytest.approx(35.9, abs=0.1)


@pytest.mark.parametrize("wall_c", [37.5, 42.0])
@pytest.mark.parametrize("width_px", [20.0, 27.4, 34.0, 48.7])
def test_a_wall_as_warm_as_a_fever_behind_the_head_is_no_fever(width_px: float, wall_c: float) -> None:
    picture = np.full((160, 120), wall_c, np.float32)
    drawn = face(picture, 40.3, 30.6, width_px, 34.7)
    picture[:] = 34.7
    y, x = np.mgrid[:160, :120] + 0.5
    (cx, cy), box = drawn.box.centre, drawn.box
    picture[((x - cx) / box.width_px) ** 2 + ((y - cy) / box.height_px) ** 2 > 0.25] = wall_c
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.float32)
    reading = read(blurred, drawn, 0.0, replace(CONDITIONS, min_face_width_px=20.0))
    assert reading.face_max_c is not None
    assert reading.face_max_c < 36.3


OBSTACLES = {
    "cut_off": lambda d: (replace(d, box=Box(0, 30, 34, 76)), 0.0),
    "too_far": lambda d: (replace(d, box=Box(40, 30, 59, 55)), 0.0),
    "moving": lambda d: (d, 4.0),
    "turned": lambda d: (replace(d, readable_score=0.2), 0.0),
    "obscured": lambda d: (replace(d, forehead=None), 0.0),
    "too_few_pixels": lambda d: (replace(d, forehead=Box(45, 33, 52, 35)), 0.0),
}


@pytest.mark.parametrize("why", OBSTACLES)
def test_what_is_in_the_way_is_said(why: str) -> None:
    picture = room()
    drawn, speed_widths_per_s = OBSTACLES[why](face(picture, 40, 30, 34, 35.0))
    reading = read(picture, drawn, speed_widths_per_s, CONDITIONS)
    assert reading.why_not == why
    assert not reading.usable


def test_a_face_that_is_hardly_one_is_not_used() -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 35.0)
    unsure = read(picture, drawn, 0.0, replace(CONDITIONS, sure_score=drawn.score + 0.01))
    assert unsure.why_not == "obscured"
    assert read(picture, drawn, 0.0, replace(CONDITIONS, sure_score=drawn.score)).usable


@pytest.mark.parametrize("around_px", [1, 2])
@pytest.mark.parametrize(("below_k", "why"), [(1.5, None), (2.5, "wet_or_cold"), (5.0, "hat")])
def test_a_forehead_far_below_the_rest_of_the_face_is_covered_wet_or_cold(
    below_k: float, why: str | None, around_px: int
) -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 36.0)
    assert drawn.forehead is not None
    drawn.box.crop(picture)[:] = 36.0
    above, a = drawn.forehead, around_px
    Box(above.x0 - a, above.y0 - a, above.x1 + a, above.y1 + a).crop(picture)[:] = 36.0 - below_k
    reading = read(picture, drawn, 0.0, CONDITIONS)
    assert reading.why_not == why
    assert reading.temp_c == pytest.approx(36.0 - below_k, abs=0.1)


def test_a_feverish_forehead_counts_whatever_is_warmer_in_the_face() -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 37.5)
    picture[60:64, 50:54] = 41.0
    assert read(picture, drawn, 0.0, CONDITIONS).why_not == "wet_or_cold"
    assert read(picture, drawn, 0.0, replace(CONDITIONS, fever_c=37.0)).usable


@pytest.mark.parametrize("forehead_c", [-20.0, 44.0, 300.0])
def test_what_no_skin_can_be_is_no_reading(forehead_c: float) -> None:
    picture = room()
    reading = read(picture, face(picture, 40, 30, 34, forehead_c), 0.0, CONDITIONS)
    assert (reading.temp_c, reading.why_not) == (None, "not_skin")


def test_without_a_trusted_offset_there_is_no_temperature_at_all() -> None:
    picture = room()
    reading = read(picture, face(picture, 40, 30, 34, 35.0), 0.0, replace(CONDITIONS, offset_k=None))
    assert (reading.temp_c, reading.face_max_c, reading.raw_c, reading.u_c) == (None, None, None, None)
    assert reading.why_not == "no_reference"


@given(
    st.tuples(st.floats(-50, 170), st.floats(-50, 210), st.floats(0, 120), st.floats(0, 120)),
    st.tuples(st.floats(-50, 170), st.floats(-50, 210), st.floats(0, 120), st.floats(0, 120)),
)
def test_no_box_breaks_it_and_few_pixels_never_make_a_reading(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> None:
    picture = room()
    drawn = face(picture, 40, 30, 34, 35.0)
    boxes = [Box(x, y, x + w, y + h) for x, y, w, h in (a, b)]
    reading = read(picture, replace(drawn, box=boxes[0], forehead=boxes[1]), 0.0, CONDITIONS)
    assert reading.temp_c is None or reading.pixels >= LEAST_PIXELS
    assert not reading.usable or reading.temp_c is not None


def test_a_forehead_that_reaches_into_another_face_is_not_read() -> None:
    picture = room()
    reading = read(picture, face(picture, 40, 30, 34, 35.0), 0.0, CONDITIONS)
    assert reading.usable
    assert reading.box is not None
    right = reading.box.x1 + MARGIN * reading.box.width_px
    beside = Box(right - 0.5, 20, right + 34, 66)
    assert not_beside(reading, [beside]).why_not == "overlapped"
    assert not_beside(reading, [Box(right + 0.5, 20, right + 35, 66), Box(0, 90, 30, 130)]) == reading
    turned = replace(reading, why_not="turned")
    assert not_beside(turned, [beside]) == turned
