"""What has changed on a roll, in words for a page: the field, before and after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from county.core.roll import clock, told_until
from edge.core.texts import Text

FIELDS: Mapping[str, Text] = {
    "entry": Text("条目", "Entry"),
    "name": Text("名称", "Name"),
    "role": Text("角色", "Role"),
    "class_id": Text("班级", "Class"),
    "badges": Text("卡号", "Badges"),
    "approved": Text("返校批准", "Approved"),
    "observation_until": Text("医学观察至", "Observation until"),
    "health_record": Text("健康记录", "Health record"),
    "valid_from": Text("有效期自", "Valid from"),
    "valid_until": Text("有效期至", "Valid until"),
    "earliest_min": Text("最早入校", "Earliest entry"),
    "latest_min": Text("最晚入校", "Latest entry"),
}
ROLES: Mapping[str, Text] = {
    "pupil": Text("学生", "pupil"),
    "staff": Text("教职工", "staff"),
    "visitor": Text("访客", "visitor"),
    "guard": Text("保安", "guard"),
    "medic": Text("校医", "medic"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One difference in words; None: there was or is nothing."""

    who: str
    what: Text
    before: str | None
    after: str | None


def told(who: str, what: str, before: str | None, after: str | None, classes: Mapping[str, str]) -> Told:
    """A difference (county/core/roll.py) in words; classes: names by class_id."""
    text = FIELDS.get(what, Text(what, what))
    return Told(who, text, _value(what, before, classes), _value(what, after, classes))


def _value(what: str, value: str | None, classes: Mapping[str, str]) -> str | None:
    if value is None:
        return None
    if what in {"approved", "health_record"}:
        return {"True": "是 yes", "False": "否 no"}.get(value, value)
    if what == "observation_until":
        return told_until(value)
    if what == "class_id":
        return classes.get(value, value)
    if what in {"earliest_min", "latest_min"} and value.isdigit():
        return clock(int(value))
    if what == "role" and value in ROLES:
        return ROLES[value].zh
    return _entry(value, classes) if what == "entry" else value


def _entry(value: str, classes: Mapping[str, str]) -> str:
    try:
        one = json.loads(value)
    except ValueError:
        # A class is told in words already.
        return value
    words = [one.get("name", ""), ROLES[one["role"]].zh if one.get("role") in ROLES else ""]
    class_id = one.get("class_id")
    return " · ".join(word for word in [*words, classes.get(class_id, class_id) if class_id else ""] if word)
