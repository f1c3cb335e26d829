"""What the guard's screen is sent: plain values, colours fixed in degrees, one message."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from edge.core.geometry import Box
from edge.core.screen import (
    SCALE_HIGH_C,
    SCALE_LOW_C,
    FaceView,
    ScreenState,
    VerdictView,
    message,
    to_plain,
    to_steps,
)

FACE = FaceView(3, Box(10, 20, 50, 70), Box(15.5, 22, 45, 35), 36.4, None)
STATE = ScreenState(
    gate_id="gate-01",
    gate_name="东门",
    frame_seq=12,
    t_s=1.5,
    status="ok",
    reference_c=37.0,
    threshold_c=37.3,
    faces=(FACE, replace(FACE, track=4, forehead=None, forehead_c=None, why_not="turned")),
    last=VerdictView("pass", ("ok",), 36.4, 0.5),
    passed=7,
    fever=1,
    not_measured=2,
    records=(10, 6, 1),
    faults=("reference",),
)


def read(sent: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(sent[:4], "little")
    return json.loads(sent[4 : 4 + length]), sent[4 + length :]


def test_boxes_become_corners_and_records_get_names() -> None:
    plain = to_plain(STATE)
    assert plain["faces"][0] == {
        "track": 3,
        "box": [10, 20, 50, 70],
        "forehead": [15.5, 22, 45, 35],
        "forehead_c": 36.4,
        "why_not": None,
    }
    assert plain["faces"][1]["forehead"] is None
    assert plain["records"] == {"written": 10, "waiting": 3, "set_aside": 1}
    assert plain["last"] == {
        "verdict": "pass",
        "reasons": ["ok"],
        "forehead_c": 36.4,
        "age_s": 0.5,
        "u_c": None,
        "name": None,
        "class_name": None,
        "passage_uuid": None,
        "refusal": "may_not_override",
        "let_in_by": None,
    }
    assert plain["faults"] == ["reference"]


def test_records_in_flight_never_count_below_nothing() -> None:
    # The three counts are read one after the other while the sync process works.
    assert to_plain(replace(STATE, records=(10, 11, 1)))["records"]["waiting"] == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_becomes_null(value: float) -> None:
    head, _ = read(message(replace(STATE, reference_c=value, faces=(replace(FACE, forehead_c=value),)), None, 1.0))
    assert head["state"]["reference_c"] is None
    assert head["state"]["faces"][0]["forehead_c"] is None


def test_the_scale_is_fixed_in_degrees() -> None:
    picture = np.array([[-20, SCALE_LOW_C, 28.5], [SCALE_HIGH_C, 90, math.nan]], np.float32)
    assert to_steps(picture).tolist() == [[1, 1, 128], [255, 255, 0]]


@given(st.floats(SCALE_LOW_C, SCALE_HIGH_C, width=32), st.floats(-40, 150, width=32))
def test_a_temperature_has_one_colour_whatever_else_is_in_the_picture(here_c: float, elsewhere_c: float) -> None:
    alone = to_steps(np.array([[here_c]], np.float32))[0, 0]
    assert to_steps(np.array([[here_c, elsewhere_c]], np.float32))[0, 0] == alone
    back_c = SCALE_LOW_C + (int(alone) - 1) / 254 * (SCALE_HIGH_C - SCALE_LOW_C)
    assert back_c == pytest.approx(here_c, abs=0.06)


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(width=32)))
def test_every_picture_travels_with_its_state(picture: NDArray[np.float32]) -> None:
    head, pixels = read(message(STATE, picture, 99.25))
    assert head["published_s"] == 99.25
    assert head["picture"] == {
        "rows": picture.shape[0],
        "columns": picture.shape[1],
        "low_c": SCALE_LOW_C,
        "high_c": SCALE_HIGH_C,
    }
    assert head["state"] == json.loads(json.dumps(to_plain(STATE)))
    assert (np.frombuffer(pixels, np.uint8).reshape(picture.shape) == to_steps(picture)).all()


def test_a_camera_without_temperatures_sends_no_picture() -> None:
    head, pixels = read(message(STATE, None, 1.0))
    assert head["picture"] is None
    assert pixels == b""


def test_a_picture_on_its_side_travels_row_by_row() -> None:
    turned = np.rot90(np.array([[20, 25], [30, 35], [40, 41]], np.float32))
    _, pixels = read(message(STATE, turned, 1.0))
    assert list(pixels) == to_steps(turned).ravel().tolist()
