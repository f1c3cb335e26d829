"""How many of each class are still to come: members counted from the roster in force, a few with every frame."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from edge.app.known_people import KnownPeople
from edge.core.decision import LocalTime
from edge.core.roster import EntryWindow, Person

# About a millisecond of parsing; a school of a thousand is counted within two seconds.
A_FRAME = 60
# Windows that are told: those open now, else the next ones.
MOST_TOLD = 4


@dataclass(frozen=True, slots=True)
class ClassDue:
    """A class whose entry window is open, or the next to be: minutes of the local day; how many of how many are in."""

    name: str
    earliest_min: int
    latest_min: int
    is_open: bool
    members: int
    inside: int


class Expected:
    """Call `count` with every frame; `due` tells the windows of now."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._rows: Iterator[Person] | None = None
        self._members: dict[str, set[str]] = {}
        self._counting: dict[str, set[str]] = {}

    def count(self, people: KnownPeople) -> None:
        """Go on counting; a newer roster is counted from the beginning, and until then the older count is told."""
        header = people.header
        version = None if header is None else header.version
        if version != self._version:
            self._version, self._counting = version, {}
            self._rows = people.everybody()
        if self._rows is None:
            return
        for _ in range(A_FRAME):
            person = next(self._rows, None)
            if person is None:
                self._members, self._counting, self._rows = self._counting, {}, None
                return
            if person.class_id is not None and person.role == "pupil":
                self._counting.setdefault(person.class_id, set()).add(person.person_id)

    def due(self, windows: Mapping[str, EntryWindow], inside: Set[str], when: LocalTime | None) -> tuple[ClassDue, ...]:
        """Classes that may enter now, those whose time ends first before the others; else the next; none: no clock."""
        if when is None:
            return ()
        now = [one for one in windows.values() if one.earliest_min <= when.minute <= one.latest_min]
        later = [one for one in windows.values() if one.earliest_min > when.minute]
        first = min((one.earliest_min for one in later), default=None)
        told = sorted(now or [one for one in later if one.earliest_min == first], key=lambda one: one.latest_min)
        return tuple(self._due(one, inside, bool(now)) for one in told[:MOST_TOLD])

    def _due(self, window: EntryWindow, inside: Set[str], is_open: bool) -> ClassDue:
        members = self._members.get(window.class_id, set())
        come = len(members & inside)
        return ClassDue(window.name, window.earliest_min, window.latest_min, is_open, len(members), come)
