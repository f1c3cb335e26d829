"""The people of a school as the pages list them: searched, filtered by class and state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, QueryDict

from county.core.roll import clock, told_until
from county.core.roll_told import ROLES
from county.rosters.models import Person, School, SchoolClass
from edge.core.texts import Text

STATES = {
    "approved": Text("已批准返校", "Approved"),
    "not_approved": Text("未批准返校", "Not approved"),
    "observed": Text("医学观察中", "Under observation"),
    "no_health": Text("缺健康记录", "No health record"),
}
# In place of a class: those who have none (staff, visitors).
NO_CLASS = "-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; empty: everything. in_class: a class_id, or NO_CLASS; state: a key of STATES."""

    q: str
    in_class: str
    state: str

    @property
    def query(self) -> str:
        """The same as a query string, without what is empty."""
        named = {"q": self.q, "class": self.in_class, "state": self.state}
        return urlencode({key: value for key, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One person as a line of the list."""

    row: Person
    role: Text
    observed: bool
    until: str


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class with its window and its numbers."""

    row: SchoolClass
    earliest: str
    latest: str
    people: int
    approved: int
    observed: int
    no_health: int


def asked(given: QueryDict) -> Asked:
    """What a request asks for; what makes no sense is as if it were not there."""
    q, in_class, state = (given.get(name, "").replace("\0", "").strip()[:64] for name in ("q", "class", "state"))
    return Asked(q, in_class, state if state in STATES else "")


def people(school: School, wanted: Asked, today: date) -> QuerySet[Person]:
    """The people in the order of classes, then ids."""
    found = (
        Person.objects.filter(school=school)
        .select_related("school_class")
        .order_by("school_class__name", "school_class__class_id", "person_id")
    )
    if wanted.q:
        badge = Q(badges__badge__iexact=wanted.q)
        found = found.filter(Q(name__icontains=wanted.q) | Q(person_id__icontains=wanted.q) | badge).distinct()
    if wanted.in_class == NO_CLASS:
        found = found.filter(school_class=None)
    elif wanted.in_class:
        found = found.filter(school_class__class_id=wanted.in_class)
    states = {
        "approved": Q(approved=True),
        "not_approved": Q(approved=False),
        "observed": Q(observation_until__gte=today),
        "no_health": Q(health_record=False),
    }
    return found.filter(states[wanted.state]) if wanted.state else found


def lines(rows: list[Person], today: date) -> list[Line]:
    """The same in words."""
    return [
        Line(
            row,
            ROLES.get(row.role, Text(row.role, row.role)),
            row.observation_until is not None and row.observation_until >= today,
            "" if row.observation_until is None else told_until(row.observation_until.isoformat()),
        )
        for row in rows
    ]


def class_lines(school: School, today: date) -> list[ClassLine]:
    """The classes of a school with their numbers."""
    found = SchoolClass.objects.filter(school=school).annotate(
        people_n=Count("people"),
        approved_n=Count("people", filter=Q(people__approved=True)),
        observed_n=Count("people", filter=Q(people__observation_until__gte=today)),
        no_health_n=Count("people", filter=Q(people__health_record=False)),
    )
    return [
        ClassLine(
            one, clock(one.earliest_min), clock(one.latest_min), one.people_n, one.approved_n, one.observed_n,
            one.no_health_n,
        )
        for one in found.order_by("name", "class_id")
    ]  # fmt: skip


def told_look(wanted: Asked, name_of_class: Callable[[str], str]) -> str:
    """What a look at this list is about, for the log of looks."""
    words = [name_of_class(wanted.in_class) if wanted.in_class else "", wanted.q, wanted.state]
    return " · ".join(word for word in words if word)


def flash(request: HttpRequest, *texts: Text) -> None:
    """Say this on the next page that shows it."""
    request.session["told"] = [[one.zh, one.en] for one in texts]


def flashed(request: HttpRequest) -> list[Text]:
    """What was to be said, once."""
    return [Text(zh, en) for zh, en in request.session.pop("told", [])]
