"""Reads a school's roll and writes it back: the only place where rosters change in the county's database."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.db import transaction

from county.core.roll import Difference, Roll, check, differences
from county.database import writing
from county.rosters.models import Badge, Change, Person, School, SchoolClass
from edge.core import roster as wire

_BATCH = 500


def roll_of(school: School) -> Roll:
    """The school's roll as it stands."""
    badges: dict[int, list[str]] = {}
    for person, badge in Badge.objects.filter(school=school).order_by("pk").values_list("person_id", "badge"):
        badges.setdefault(person, []).append(badge)
    people = Person.objects.filter(school=school).select_related("school_class")
    classes = SchoolClass.objects.filter(school=school)
    return Roll(
        {one.class_id: wire.EntryWindow(one.class_id, one.name, one.earliest_min, one.latest_min) for one in classes},
        {one.person_id: _to_wire(one, tuple(badges.get(one.pk, ()))) for one in people},
    )


def change_roll(
    school_name: str, by: str, now: datetime, edit: Callable[[Roll], Roll]
) -> tuple[School, tuple[Difference, ...]]:
    """Let `edit` make another roll of the school's, write it down with who did it; the school and what has changed.

    RosterError (of edit, or because no gate would accept the result): nothing has changed.
    """
    # A name that no roster could carry is refused before there is a school of it.
    wire.compose(school_name, 1, 0, (), ())
    # Two who change the same school stand in line: SQLite begins IMMEDIATE (settings), others lock the school's row.
    with writing(), transaction.atomic():
        School.objects.get_or_create(name=school_name)
        school = School.objects.select_for_update().get(name=school_name)
        old = roll_of(school)
        new = edit(old)
        changed = [one for key, one in new.people.items() if one != old.people.get(key)]
        check(new, changed)
        found = differences(old, new)
        if found or school.version == 0:
            school.version += 1
            school.save(update_fields=["version"])
            _write(school, old, new, changed)
            _note(school, by, now, found)
        return school, found


def _write(school: School, old: Roll, new: Roll, changed: list[wire.Person]) -> None:
    for class_id, window in new.classes.items():
        if window != old.classes.get(class_id):
            told = {"name": window.name, "earliest_min": window.earliest_min, "latest_min": window.latest_min}
            SchoolClass.objects.update_or_create(school=school, class_id=class_id, defaults=told)
    gone = old.people.keys() - new.people.keys()
    for batch in _batches(sorted(gone)):
        Person.objects.filter(school=school, person_id__in=batch).delete()
    classes = {one.class_id: one for one in SchoolClass.objects.filter(school=school)}
    added = [one for one in changed if one.person_id not in old.people]
    Person.objects.bulk_create(
        [Person(school=school, person_id=one.person_id, **_columns(one, classes)) for one in added], batch_size=_BATCH
    )
    _update(school, old, [one for one in changed if one.person_id in old.people], classes)
    with_badges = [one for one in changed if one.badges != _badges_of(old.people.get(one.person_id))]
    _write_badges(school, with_badges)


def _update(school: School, old: Roll, changed: list[wire.Person], classes: dict[str, SchoolClass]) -> None:
    """One statement for all who get the same value of a field: an approval of thousands holds no gate up."""
    same: dict[tuple[str, object], list[str]] = {}
    for one in changed:
        before, after = _columns(old.people[one.person_id], classes), _columns(one, classes)
        for name, value in after.items():
            if value != before[name]:
                same.setdefault((name, value), []).append(one.person_id)
    for (name, value), ids in same.items():
        for batch in _batches(ids):
            Person.objects.filter(school=school, person_id__in=batch).update(**{name: value})


def _badges_of(one: wire.Person | None) -> tuple[str, ...]:
    return () if one is None else one.badges


def _write_badges(school: School, changed: list[wire.Person]) -> None:
    """All old ones go before any new one comes: a card may pass from one person to another."""
    badges = {one.person_id: one.badges for one in changed}
    rows: dict[str, int] = {}
    for batch in _batches(list(badges)):
        rows.update(Person.objects.filter(school=school, person_id__in=batch).values_list("person_id", "pk"))
        Badge.objects.filter(school=school, person__person_id__in=batch).delete()
    Badge.objects.bulk_create(
        [Badge(school=school, person_id=rows[key], badge=badge) for key, given in badges.items() for badge in given],
        batch_size=_BATCH,
    )


def _note(school: School, by: str, now: datetime, found: Iterable[Difference]) -> None:
    Change.objects.bulk_create(
        [
            Change(
                school=school,
                version=school.version,
                at=now,
                by=by,
                who=one.who,
                what=one.what,
                before=one.before,
                after=one.after,
            )
            for one in found
        ],
        batch_size=_BATCH,
    )


def _batches(keys: list[str]) -> Iterable[list[str]]:
    # SQLite takes so many values in one statement, and no more.
    return (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))


def _columns(one: wire.Person, classes: dict[str, SchoolClass]) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role,
        "school_class": None if one.class_id is None else classes[one.class_id],
        "approved": one.approved,
        "observation_until": _day(one.observation_until),
        "health_record": one.health_record,
        "valid_from": _day(one.valid_from),
        "valid_until": _day(one.valid_until),
    }


def _to_wire(one: Person, badges: tuple[str, ...]) -> wire.Person:
    return wire.Person(
        person_id=one.person_id,
        name=one.name,
        role=one.role,  # type: ignore[arg-type]  # a column is text; compose() refuses what is no role
        class_id=one.school_class.class_id if one.school_class is not None else None,
        badges=badges,
        approved=one.approved,
        observation_until=_iso(one.observation_until),
        health_record=one.health_record,
        valid_from=_iso(one.valid_from),
        valid_until=_iso(one.valid_until),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
