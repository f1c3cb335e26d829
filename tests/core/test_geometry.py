"""Boxes and turns: nothing is lost on the way to the upright picture and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.geometry import Box, Rotation, to_sensor, to_upright, upright

ROTATIONS: list[Rotation] = [0, 90, 180, 270]
boxes = st.tuples(
    st.integers(0, 100), st.integers(0, 80), st.integers(1, 60), st.integers(1, 40)
).map(lambda v: Box(v[0], v[1], v[0] + v[2], v[1] + v[3]))  # fmt: skip


@pytest.mark.parametrize("rotation_deg", ROTATIONS)
@given(box=boxes)
def test_a_turned_box_holds_the_same_pixels(rotation_deg: Rotation, box: Box) -> None:
    stored = np.arange(120 * 160).reshape(120, 160)
    picture = upright(stored, rotation_deg)
    turned = to_upright(box, rotation_deg, 160, 120)
    assert sorted(turned.crop(picture).ravel()) == sorted(box.crop(stored).ravel())
    height_px, width_px = picture.shape
    assert to_sensor(turned, rotation_deg, width_px, height_px) == box


def test_upright_is_clockwise() -> None:
    stored = np.array([[1, 2, 3], [4, 5, 6]])
    assert upright(stored, 90).tolist() == [[4, 1], [5, 2], [6, 3]]


@given(boxes, boxes)
def test_iou_is_a_share(a: Box, b: Box) -> None:
    assert 0.0 <= a.iou(b) <= 1.0
    assert a.iou(b) == b.iou(a)
    assert a.iou(a) == 1.0
    assert (a.iou(b) > 0) == (a.overlap_px(b) > 0)


@given(boxes)
def test_what_is_clipped_lies_inside(box: Box) -> None:
    clipped = box.clipped(50, 40)
    assert 0 <= clipped.x0 <= clipped.x1 <= 50
    assert 0 <= clipped.y0 <= clipped.y1 <= 40
