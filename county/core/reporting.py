"""Where every school's report of a day stands: on time, late, not confirmed or missing; amended, or to be amended.

    waiting       the deadline is still ahead and nobody has confirmed
    on_time       the first version was confirmed at the deadline or before it
    late          the first version was confirmed after it
    unconfirmed   the deadline is over; the county has composed the report, and nobody has confirmed it
    missing       the deadline is over, nobody has confirmed, and there is nothing to confirm: no gate was heard from

An amendment is a further version: it makes no late report timely, and no timely one late.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from edge.core.texts import Text

State = Literal["waiting", "on_time", "late", "unconfirmed", "missing"]
Line = Literal["bureau", "township"]
STATES: dict[State, Text] = {
    "waiting": Text("待确认", "Waiting"),
    "on_time": Text("按时", "On time"),
    "late": Text("迟报", "Late"),
    "unconfirmed": Text("未确认", "Unconfirmed"),
    "missing": Text("缺报", "Missing"),
}
AMENDED = Text("已更正", "Amended")
AMENDMENT_DUE = Text("需更正", "Needs amendment")
LINES: dict[Line, Text] = {
    "bureau": Text("县教育局应急办", "Bureau's emergency office"),
    "township": Text("乡镇", "Township"),
}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One confirmed version of a school's report. at: when it was confirmed, with its zone; version 1 is the first."""

    school: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came after the last version of a report was confirmed.

    late: records of the time that it covers, which were not there yet; since: fevers and case steps of the same day
    that happened after it; gone: records that it counts and that turned out to be of another day, once their gate
    knew the time.
    """

    late: int = 0
    since: int = 0
    gone: int = 0

    @property
    def due(self) -> bool:
        """Whether the report needs an amendment."""
        return self.late > 0 or self.since > 0 or self.gone > 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One school's report of a day. versions: how many were confirmed; first_at, last_at: when; arrived: since then.

    overdue: for how long it has been late, up to its confirmation or now; zero when it is not.
    """

    school: str
    state: State
    versions: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    overdue: timedelta = timedelta()
    arrived: Arrived = field(default_factory=Arrived)

    @property
    def text(self) -> Text:
        """What the state is called."""
        return STATES[self.state]

    @property
    def amended(self) -> bool:
        """Whether there is more than the first version."""
        return self.versions > 1


def deadline_of(day: date, minute: int, zone: tzinfo) -> datetime:
    """The moment at which the day's report is due: this minute of the local day (0 to 1439)."""
    return datetime.combine(day, time(minute // 60, minute % 60), zone)


def states(
    reports: Iterable[Confirmed],
    schools: Iterable[str],
    now: datetime,
    deadline: datetime,
    composed: Collection[str] = (),
    arrived: Mapping[str, Arrived] | None = None,
) -> tuple[Standing, ...]:
    """Every school of `schools` once, in their order; reports of one day, in any order, of other schools ignored.

    composed: schools of which at least one gate was heard that day, or whose records of it are there; arrived: what
    came after a school's last version.
    """
    by_school: dict[str, list[Confirmed]] = {}
    for one in reports:
        by_school.setdefault(one.school, []).append(one)
    came = arrived or {}
    return tuple(
        _standing(school, by_school.get(school, []), now, deadline, school in composed, came.get(school, Arrived()))
        for school in dict.fromkeys(schools)
    )


def _standing(
    school: str, versions: list[Confirmed], now: datetime, deadline: datetime, composed: bool, arrived: Arrived
) -> Standing:
    if versions:
        in_order = sorted(versions, key=lambda one: one.version)
        first, last = in_order[0].at, in_order[-1].at
        state: State = "on_time" if first <= deadline else "late"
        overdue = max(timedelta(), first - deadline)
        return Standing(school, state, len({one.version for one in versions}), first, last, overdue, arrived)
    if now <= deadline:
        return Standing(school, "waiting")
    return Standing(school, "unconfirmed" if composed else "missing", overdue=now - deadline)


@dataclass(frozen=True, slots=True)
class Changed:
    """One figure that two versions of a report give differently; None: it is not in that version."""

    what: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Changed, ...]:
    """What differs between the figures of two versions, in the order of their names; nested ones with dots between."""
    found: list[Changed] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += [Changed(f"{name}.{one.what}", one.before, one.after) for one in differences(old, new)]
        elif old != new:
            found.append(Changed(name, old, new))
    return tuple(found)


def countdown_text(left: timedelta) -> Text:
    """How long until the deadline, or for how long it has been over."""
    minutes = int(abs(left).total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts_zh = [f"{days} 天"] * (days > 0) + [f"{hours} 小时"] * (hours > 0) + [f"{rest} 分钟"] * (days == 0)
    parts_en = [f"{days} d"] * (days > 0) + [f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (days == 0)
    if left >= timedelta():
        return Text("还剩 " + " ".join(parts_zh), " ".join(parts_en) + " left")
    return Text("已超时 " + " ".join(parts_zh), " ".join(parts_en) + " overdue")


def tally(standings: Sequence[Standing]) -> dict[str, int]:
    """How many schools stand where: each state, `amended` and `due`."""
    counts: dict[str, int] = {state: sum(one.state == state for one in standings) for state in STATES}
    counts["amended"] = sum(one.amended for one in standings)
    counts["due"] = sum(one.arrived.due for one in standings)
    return counts
