"""States for the guard's screen, with what a test cares about changed."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box
from edge.core.screen import FaceView, ScreenState, VerdictView

FACE = FaceView(7, Box(30, 40, 70, 95), Box(36, 44, 64, 56), 36.42, None)
PASS = VerdictView("pass", ("ok",), 36.42, 0.4, u_c=0.27)
FEVER = VerdictView("fever", ("fever_forehead",), 38.1, 0.4, u_c=0.27)
NOT_MEASURED = VerdictView("not_measured", ("too_cold",), 32.1, 0.4, u_c=0.27)

STATE = ScreenState(
    gate_id="gate-01",
    gate_name="东门 1 号",
    frame_seq=1,
    t_s=0.1,
    status="ok",
    reference_c=37.02,
    threshold_c=37.3,
    faces=(),
    last=None,
    passed=128,
    fever=2,
    not_measured=9,
    records=(139, 131, 1),
    faults=(),
)


def screen_state(frame_seq: int = 1, **changes: Any) -> ScreenState:
    """The state of that frame of a 9 Hz camera."""
    return replace(STATE, frame_seq=frame_seq, t_s=frame_seq / 9, **changes)


def even_picture(celsius: float, rows: int = 160, columns: int = 120) -> NDArray[np.float32]:
    """A picture of one temperature."""
    return np.full((rows, columns), celsius, np.float32)
