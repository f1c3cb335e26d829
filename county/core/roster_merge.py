"""A school's table laid over its roll: who comes, who changes, who would go, and why it may not be done."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from county.core.roll import WHOLE_DAY, Roll, longer, under_observation
from county.core.roster_csv import Complaint, Row, refuse
from edge.core.errors import RosterError
from edge.core.roster import EntryWindow, Person, parse_person, person_line

_NUMBERED = re.compile(r"C([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Merged:
    """The roll as it would be. missing: how many of it the table does not name; kept_longer: people whose
    observation the table would have ended or shortened, which only a release does."""

    roll: Roll
    missing: int
    kept_longer: tuple[str, ...]


def merge(roll: Roll, rows: Iterable[Row], today: str, remove_missing: bool = False) -> Merged:
    """Lay the rows over the roll; a column that the table does not have changes nothing.

    remove_missing: whoever the table does not name is taken off the roll, unless under observation on `today`.
    RosterError: everything that cannot be, by row.
    """
    complaints: list[Complaint] = []
    classes = dict(roll.classes)
    rows_by_id: dict[str, Row] = {}
    people: dict[str, Person] = {}
    kept_longer: list[str] = []
    for row in rows:
        if row.person_id in rows_by_id:
            first = rows_by_id[row.person_id].number
            complaints.append(
                Complaint(
                    row.number,
                    f"编号 {row.person_id} 与第 {first} 行相同",
                    f"the id {row.person_id} stands in row {first} too",
                )
            )
            continue
        rows_by_id[row.person_id] = row
        old = roll.people.get(row.person_id)
        one = _laid_over(old, row, classes)
        if old is not None and one.observation_until != row.given.get("observation_until", one.observation_until):
            kept_longer.append(one.person_id)
        if complaint := _unacceptable(row, one):
            complaints.append(complaint)
        people[row.person_id] = one
    missing = {key: one for key, one in roll.people.items() if key not in people}
    if remove_missing:
        held = [key for key, one in missing.items() if under_observation(one, today)]
        complaints += [_held(key) for key in held]
    else:
        people = {**missing, **people}
    complaints += _two_holders(people, rows_by_id)
    refuse(complaints)
    return Merged(Roll(classes, people), len(missing), tuple(kept_longer))


def _laid_over(old: Person | None, row: Row, classes: dict[str, EntryWindow]) -> Person:
    given = dict(row.given)
    if "class" in given:
        given["class_id"] = _class_id(given.pop("class"), classes)
    if old is None:
        start = Person(row.person_id, given["name"], given["role"], None, (), False, None, False)
        return replace(start, **given)
    if "observation_until" in given:
        given["observation_until"] = longer(old.observation_until, given["observation_until"])
    return replace(old, **given)


def _class_id(name: str | None, classes: dict[str, EntryWindow]) -> str | None:
    """The id of the class of this name or id; a new name gets the next number, and may enter all day."""
    if name is None:
        return None
    for window in classes.values():
        if name in (window.name, window.class_id):
            return window.class_id
    taken = [int(match[1]) for match in map(_NUMBERED.fullmatch, classes) if match]
    class_id = f"C{max(taken, default=0) + 1}"
    classes[class_id] = EntryWindow(class_id, name, *WHOLE_DAY)
    return class_id


def _unacceptable(row: Row, one: Person) -> Complaint | None:
    if one.role == "visitor" and one.valid_until is None:
        return Complaint(row.number, "访客须有“有效期至”", "a visitor needs a last day (有效期至, valid_until)")
    try:
        parse_person(person_line(one))
    except RosterError as error:
        return Complaint(row.number, error.zh, error.en)
    return None


def _held(person_id: str) -> Complaint:
    return Complaint(
        1,
        f"{person_id} 正在医学观察，不能移出名单；请先运行 foregate-county observe … --release",
        f"{person_id} is under observation and cannot be taken off; run foregate-county observe … --release first",
    )


def _two_holders(people: dict[str, Person], rows_by_id: dict[str, Row]) -> Iterable[Complaint]:
    holders: dict[str, str] = {}
    for one in people.values():
        for badge in one.badges:
            other = holders.setdefault(badge, one.person_id)
            if other != one.person_id:
                row = rows_by_id.get(one.person_id) or rows_by_id[other]
                yield Complaint(
                    row.number,
                    f"卡号 {badge} 同时属于 {other} 和 {one.person_id}",
                    f"badge {badge} belongs to {other} and to {one.person_id}",
                )
