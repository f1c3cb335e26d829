"""States for the guard's screen, with what a test cares about changed."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from edge.core.contents import Verdict
from edge.core.geometry import Box
from edge.core.screen import (
    CaseView,
    ConditionView,
    FaceView,
    PersonView,
    QueueView,
    RosterView,
    ScreenState,
    VerdictView,
)

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
    refusal=None,
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
# Ten people, the last at 08:05:00 UTC of the cases' clock.
PEOPLE = tuple(
    PersonView(1_767_607_498_000 - 7_000 * n, cast(Verdict, verdict), reason, forehead_c, name, class_name, let_in_by)
    for n, (verdict, reason, forehead_c, name, class_name, let_in_by) in enumerate(
        [
            ("pass", "ok", 36.42, "张伟", "三年级二班", None),
            ("pass", "ok", 36.1, "王小红", "三年级二班", None),
            ("fever", "fever_forehead", 38.13, "欧阳阿依古丽·买买提", "三年级一班", None),
            ("not_measured", "wet_or_cold", None, None, None, None),
            ("refused", "no_health_record", 35.9, "李强", "三年级二班", "zhao"),
            ("refused", "too_early", 36.0, "陈晨", "五年级一班", None),
            ("pass", "ok", 35.8, "刘洋", "三年级一班", None),
            ("pass", "ok", 36.3, "赵敏", "三年级一班", None),
            ("not_measured", "left_early", None, None, None, None),
            ("pass", "ok", 36.5, "孙丽", "三年级一班", None),
        ]
    )
)
QUEUE = (QueueView("三年级一班", 460, 480, True, 41, 38), QueueView("三年级二班", 470, 490, True, 40, 3))
CONDITION = ConditionView(
    calibrated=True,
    calibration_days=143,
    clock_ok=True,
    disk_free_mb=23_400,
    has_county=True,
    county_age_s=12.0,
    checked_utc_ms=1_767_567_000_000,
)

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


def names_of(state: ScreenState) -> tuple[str, ...]:
    """What people, classes and the gate itself are called: the same in every language; the longest first."""
    about: list[str | None] = [state.gate_id, state.gate_name]
    about += [name for one in (*state.people, state.last) if one for name in (one.name, one.class_name, one.let_in_by)]
    about += [one.class_name for one in state.queue] + [one.name for one in state.cases]
    if state.signed_off is not None:
        about.append(state.signed_off.by)
    return tuple(sorted({name for name in about if name}, key=len, reverse=True))
