"""What an amendment changes, in words that a headmaster reads: only what differs, in the order of the report."""

from typing import Any

from county.core.labels import event_text
from county.core.report_words import changed_words
from county.core.reporting import differences

CLASS: dict[str, Any] = {
    "class_id": "C1",
    "name": "一年级一班",
    "people": 4,
    "entered": 3,
    "refused": 0,
    "in_observation": 0,
    "absent": 1,
    "fevers": 0,
}
BEFORE: dict[str, Any] = {
    "absent": 1,
    "entered": 3,
    "classes": [CLASS, {**CLASS, "class_id": "C2", "name": "一年级二班"}],
    "downtime": [],
    "verdicts": {"pass": 3, "fever": 0},
    "open_cases": [],
    "reasons": [["ok", 3]],
}


def test_only_what_differs_is_told_whatever_order_its_keys_have() -> None:
    # As it is read back from canonical JSON.
    late = dict(sorted({**CLASS, "entered": 4, "absent": 0}.items()))
    down = {"gate_id": "G1", "code": "camera_away", "ended_utc_ms": 1, "duration_s": 90.0, "count": 2, "note": ""}
    case = {"case_id": "c", "person_id": None, "state": "observation"}
    after = {
        **BEFORE,
        "absent": 0,
        "entered": 4,
        "classes": [late, BEFORE["classes"][1]],
        "downtime": [down],
        "verdicts": {"pass": 4, "fever": 0},
        "open_cases": [case],
        "reasons": [["ok", 4]],
    }

    told = [(name.zh, before, now) for name, before, now in changed_words(differences(BEFORE, after))]

    counts = "应到人数 4、已入校 {}、未放行 0、医学观察 0、未到 {}、发热 0"
    assert told == [
        ("已入校", "3", "4"),
        ("未到", "1", "0"),
        ("未结病例", "—", "? 观察中"),
        ("各班人数", "一年级一班：" + counts.format(3, 1), "一年级一班：" + counts.format(4, 0)),
        ("通行原因", "额温低于报警值 3", "额温低于报警值 4"),
        ("停机记录", "—", f"G1 {event_text('camera_away').zh} 90 秒"),
        ("通行结果：通过", "3", "4"),
    ]
