"""A roster in memory."""

from collections.abc import Iterable, Iterator

from edge.core.roster import Header, Person, compose, parse_header
from tests.fakes.rosters import ISSUED_UTC_MS, SCHOOL, WINDOW


class FakeRoster:
    """See `edge.ports.RosterSource`. Holds these people; `replace` puts a newcomer where `refresh` finds it."""

    def __init__(self, people: Iterable[Person] | None = (), version: int = 1) -> None:
        self._header: Header | None = None
        self._people: tuple[Person, ...] = ()
        self._newcomer: tuple[Header, tuple[Person, ...]] | None = None
        if people is not None:
            self.replace(people, version)
            self.refresh()

    def replace(self, people: Iterable[Person], version: int, issued_utc_ms: int = ISSUED_UTC_MS) -> None:
        """Another roster, not yet in force."""
        members = tuple(people)
        header, _ = compose(SCHOOL, version, issued_utc_ms, [WINDOW], members)
        self._newcomer = parse_header(header), members

    def refresh(self) -> bool:
        newcomer, self._newcomer = self._newcomer, None
        if newcomer is None:
            return False
        old, new = self._header, newcomer[0]
        if old is not None and (new.version, new.issued_utc_ms) <= (old.version, old.issued_utc_ms):
            return False
        self._header, self._people = newcomer
        return True

    @property
    def header(self) -> Header | None:
        return self._header

    def by_badge(self, badge: str) -> Person | None:
        return next((person for person in self._people if badge in person.badges), None)

    def by_id(self, person_id: str) -> Person | None:
        return next((person for person in self._people if person_id == person.person_id), None)

    def people(self) -> Iterator[Person]:
        return iter(sorted(self._people, key=lambda person: person.person_id))

    def close(self) -> None: ...
