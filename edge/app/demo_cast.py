"""The school of the demonstration: who is on its roster, who comes with which badge, and what is right for each.

Nobody of it exists. The gate's process makes the simulated people from it, the demo the roster's table, and the
summary what should have been written; none of them tells another.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edge.core.contents import Verdict
from edge.core.texts import Text

Part = Literal["after", "before", "not_approved", "forgotten", "unknown", "off_hours", "no_record"]

SCHOOL = "演示学校"
OPEN_CLASS, CLOSED_CLASS = "一年级一班", "二年级一班"
# Open at any minute of the day, so that a demo that runs past midnight is no other one.
OPEN_WINDOW = ("00:00", "23:59")
CLOSED_AWAY_MIN, CLOSED_FOR_MIN = 12 * 60, 30
# Half of all may come in.
_TURNS: tuple[Part, ...] = (
    "after",
    "not_approved",
    "before",
    "forgotten",
    "after",
    "unknown",
    "before",
    "off_hours",
    "after",
    "after",
    "before",
    "no_record",
)
PEOPLE = 20 * len(_TURNS)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who comes. badge: what they hold to the reader, None: they have forgotten it.

    number: whose looks they have; again: how often they were here before, which is why they go out first.
    """

    number: int
    part: Part
    badge: str | None
    again: int = 0

    @property
    def may_come_in(self) -> bool:
        """Without a fever they pass."""
        return EXPECTED[self.part].verdict == "pass"


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be written of them: the verdict, and one of these reasons (empty: whichever)."""

    verdict: Verdict
    reasons: frozenset[str]
    text: Text


EXPECTED: dict[str, Expected] = {
    "after": Expected("pass", frozenset({"ok"}), Text("站定后刷卡", "badge after standing")),
    "before": Expected("pass", frozenset({"ok"}), Text("走近时刷卡", "badge while walking up")),
    "not_approved": Expected("refused", frozenset({"not_approved"}), Text("返校未批准", "return not approved")),
    "forgotten": Expected("refused", frozenset({"no_badge"}), Text("忘带卡", "forgotten badge")),
    "unknown": Expected("refused", frozenset({"outsider"}), Text("名单外的卡", "unknown badge")),
    "off_hours": Expected(
        "refused", frozenset({"too_early", "too_late"}), Text("不在入校时段", "not the class's time")
    ),
    "no_record": Expected("refused", frozenset({"no_health_record"}), Text("健康记录不全", "no health record")),
}
FEVER = Expected("fever", frozenset(), Text("发热", "fever"))


def guests() -> Iterator[Guest]:
    """Everybody in turn, without end: after the last the first comes again."""
    for count in itertools.count():
        number = count % PEOPLE
        part = _part(number)
        badge = None if part == "forgotten" else f"X{number:04d}" if part == "unknown" else _badge(number)
        yield Guest(number, part, badge, count // PEOPLE)


def person_id(badge: str | None) -> str | None:
    """Whose badge that is on the roster; None: nobody's."""
    return _id(int(badge[1:])) if badge is not None and badge.startswith("K") else None


def table() -> str:
    """The roster as the school's office would hand it in (docs/roster.md)."""
    rows = ["编号,姓名,角色,班级,卡号,返校批准,健康记录"]
    for number in range(PEOPLE):
        part = _part(number)
        if part == "unknown":
            continue
        # Staff are in no class, so that no window holds for them.
        staff = number % 10 == 4 and part != "off_hours"
        role, class_name = ("教职工", "") if staff else ("学生", OPEN_CLASS)
        if part == "off_hours":
            class_name = CLOSED_CLASS
        approved, record = "否" if part == "not_approved" else "是", "否" if part == "no_record" else "是"
        rows.append(f"{_id(number)},模拟{role}{number:03d},{role},{class_name},{_badge(number)},{approved},{record}")
    return "\n".join(rows) + "\n"


def closed_window(minute: int) -> tuple[str, str]:
    """When the class may enter that must not do so for hours before and after this minute of the day (0 to 1439)."""
    day = 24 * 60
    first = min((minute + CLOSED_AWAY_MIN) % day, day - 1 - CLOSED_FOR_MIN)
    return _time(first), _time(first + CLOSED_FOR_MIN)


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _part(number: int) -> Part:
    return _TURNS[number % len(_TURNS)]


def _id(number: int) -> str:
    return f"S{number:04d}"


def _badge(number: int) -> str:
    return f"K{number:04d}"
