"""A school's roll: its classes and people as they stand, and what an officer may do to it. Pure: roll in, roll out.

Nothing here knows of files, databases or signatures; `edge.core.roster` says what a gate accepts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from edge.core.errors import RosterError
from edge.core.roster import UNTIL_RELEASED, EntryWindow, Person, parse_person, person_line

WHOLE_DAY = (0, 1440)


@dataclass(frozen=True, slots=True)
class Roll:
    """classes by class_id, people by person_id."""

    classes: Mapping[str, EntryWindow] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that has changed: of a person or a class, which field, its value before and after (None: absent).

    what: the field's name, or `entry` for a whole person or class that came or went.
    """

    who: str
    what: str
    before: str | None
    after: str | None


def person(roll: Roll, person_id: str) -> Person:
    """This person. RosterError: there is nobody of this id."""
    found = roll.people.get(person_id)
    if found is None:
        raise RosterError(
            f"名单上没有编号 {person_id}；编号见 foregate-county show-roster",
            f"nobody on the roll has the id {person_id}; foregate-county show-roster lists the ids",
        )
    return found


def class_called(roll: Roll, name: str) -> EntryWindow:
    """The class of this name or id. RosterError: there is none."""
    found = next((one for one in roll.classes.values() if name in (one.name, one.class_id)), None)
    if found is None:
        known = "、".join(one.name for one in roll.classes.values()) or "-"
        raise RosterError(f"没有班级 {name}；现有 {known}", f"there is no class {name}; there are {known}")
    return found


def chosen(roll: Roll, person_ids: Iterable[str], class_names: Iterable[str]) -> tuple[Person, ...]:
    """These people and all of these classes, each once. RosterError: one of them is not there."""
    people = {one: person(roll, one) for one in person_ids}
    for name in class_names:
        class_id = class_called(roll, name).class_id
        people.update((key, one) for key, one in roll.people.items() if one.class_id == class_id)
    return tuple(people.values())


def with_people(roll: Roll, changed: Iterable[Person]) -> Roll:
    """The roll with these people in the place of those who had their ids."""
    return replace(roll, people={**roll.people, **{one.person_id: one for one in changed}})


def with_window(roll: Roll, name: str, earliest_min: int, latest_min: int) -> Roll:
    """The roll with another entry window of a class. RosterError: no such class, or it ends before it begins."""
    window = class_called(roll, name)
    if not 0 <= earliest_min <= latest_min <= 1440:
        raise RosterError(
            "入校时段须先早后晚，在 00:00 到 24:00 之间",
            "an entry window begins before it ends, between 00:00 and 24:00",
        )
    changed = replace(window, earliest_min=earliest_min, latest_min=latest_min)
    return replace(roll, classes={**roll.classes, window.class_id: changed})


def under_observation(one: Person, today: str) -> bool:
    """Whether they are under medical observation on this day (ISO date), or until somebody releases them."""
    return one.observation_until is not None and one.observation_until >= today


def longer(old: str | None, new: str | None) -> str | None:
    """Of two days until which somebody is under observation the later one: only a release ends what was ordered."""
    return max((day for day in (old, new) if day is not None), default=None)


def check(roll: Roll, changed: Iterable[Person]) -> None:
    """RosterError: a gate would not accept one of the changed people, or a badge has two holders."""
    for one in changed:
        parse_person(person_line(one))
    holders: dict[str, str] = {}
    for one in roll.people.values():
        for badge in one.badges:
            other = holders.setdefault(badge, one.person_id)
            if other != one.person_id:
                raise RosterError(
                    f"卡号 {badge} 同时属于 {other} 和 {one.person_id}；请改正其中一个",
                    f"badge {badge} belongs to {other} and to {one.person_id}; correct one of them",
                )


def differences(old: Roll, new: Roll) -> tuple[Difference, ...]:
    """What has changed between two rolls, in the order of classes and people."""
    return (*_differences(old.classes, new.classes, _class_words), *_differences(old.people, new.people, _person_words))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], words: Callable[[Any], str]) -> Iterable[Difference]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before is None or after is None:
            yield Difference(key, "entry", before and words(before), after and words(after))
            continue
        for one in fields(before):
            was, is_now = getattr(before, one.name), getattr(after, one.name)
            if was != is_now:
                yield Difference(key, one.name, _word(was), _word(is_now))


def _word(value: Any) -> str | None:
    if value is None:
        return None
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _person_words(one: Person) -> str:
    return person_line(one).decode()


def _class_words(one: EntryWindow) -> str:
    return f"{one.name} {clock(one.earliest_min)}-{clock(one.latest_min)}"


def clock(minute: int) -> str:
    """A minute of the day as people write it: 07:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def told_until(day: str) -> str:
    """Until when, in both languages."""
    return "解除为止 / until released" if day == UNTIL_RELEASED else day
