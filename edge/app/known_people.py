"""The roster in force, as the gate asks it: whose badge, which class, how old."""

from collections.abc import Callable, Iterator

from edge.core.errors import RosterError
from edge.core.record import Stamp
from edge.core.roster import EntryWindow, Header, Person
from edge.ports import RosterSource

HOUR_MS = 3_600_000
# People kept at hand: all that a screen tells of at once.
KEPT = 64


class KnownPeople:
    """Whom the gate knows; without a source nobody is asked who they are. `windows`: class_id -> when it may enter."""

    def __init__(self, source: RosterSource | None, max_age_h: float, announce: Callable[[str], None]) -> None:
        self._source, self.max_age_h, self._announce = source, max_age_h, announce
        self.windows: dict[str, EntryWindow] = {}
        self._asked_for: dict[str, Person | None] = {}
        self._learn_windows()

    @property
    def asked(self) -> bool:
        """Whether people are asked who they are."""
        return self._source is not None

    @property
    def header(self) -> Header | None:
        """Of the roster in force."""
        return None if self._source is None else self._source.header

    def by_badge(self, badge: str) -> Person | None:
        return None if self._source is None else self._source.by_badge(badge)

    def by_id(self, person_id: str | None) -> Person | None:
        if self._source is None or person_id is None:
            return None
        # The screen asks for the same few with every frame, and each is parsed anew.
        if person_id not in self._asked_for:
            while len(self._asked_for) >= KEPT:
                del self._asked_for[next(iter(self._asked_for))]
            self._asked_for[person_id] = self._source.by_id(person_id)
        return self._asked_for[person_id]

    def everybody(self) -> Iterator[Person]:
        """All of the roster in force, by id; to be taken a few at a time."""
        return iter(()) if self._source is None else self._source.people()

    def class_name(self, person: Person) -> str | None:
        """What the person's class is called."""
        window = self.windows.get(person.class_id or "")
        return person.class_id if window is None else window.name

    def age_h(self, now: Stamp) -> float | None:
        """Hours since the county issued the roster; None: no roster, or no clock to tell by.

        Negative: it was issued in the future, so one of the two clocks is wrong.
        """
        if self.header is None or not now.synchronised:
            return None
        return (now.utc_ms - self.header.issued_utc_ms) / HOUR_MS

    def is_old(self, now: Stamp) -> bool:
        """Whether the list is older than the site allows; one from a distant future is as doubtful."""
        age_h = self.age_h(now)
        return age_h is not None and abs(age_h) > self.max_age_h

    def refresh(self) -> None:
        """Take a newer roster into force, if there is one."""
        if self._source is None:
            return
        try:
            changed = self._source.refresh()
        except RosterError as error:
            self._announce(str(error))
            return
        if changed and self.header is not None:
            self._learn_windows()
            self._announce(
                f"名单第 {self.header.version} 版生效，共 {self.header.people} 人 / "
                f"roster version {self.header.version} in force, {self.header.people} people"
            )

    def _learn_windows(self) -> None:
        self._asked_for.clear()
        self.windows = {} if self.header is None else {window.class_id: window for window in self.header.windows}
