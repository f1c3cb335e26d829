"""States for the guard's screen, with what a test cares about changed."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.geometry import Box
from edge.core.screen import CaseView, FaceView, RosterView, ScreenState, VerdictView

FACE = FaceView(7, Box(30, 40, 70, 95), Box(36, 44, 64, 56), 36.42, None)
PASS = VerdictView("pass", ("ok",), 36.42, 0.4, u_c=0.27)
FEVER = VerdictView("fever", ("fever_forehead",), 38.1, 0.4, u_c=0.27)
NOT_MEASURED = VerdictView("not_measured", ("too_cold",), 32.1, 0.4, u_c=0.27)
REFUSED = VerdictView(
    "refused",
    ("no_health_record", "too_early"),
    36.1,
    0.4,
    u_c=0.27,
    name="张伟",
    class_name="三年级二班",
    passage_uuid="8f9c3f58-46a1-4a0c-9a6a-6f6fbd2f3a10",
    overridable=True,
)
CASE = CaseView(
    case_id="0b0f7b9e-5a55-4f0e-9d8e-0a4d0b1f7c11",
    kind="fever",
    state="open",
    opened_utc_ms=1_767_600_000_000,
    name="王小红",
    symptom=None,
    contact_c=None,
    passage_uuid=REFUSED.passage_uuid,
    next_steps=("contact", "observation"),
)
ROSTER = RosterView(version=12, people=1160, age_h=3.2)

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
