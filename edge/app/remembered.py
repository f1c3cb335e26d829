"""What must outlive a restart: who is inside, and which cases are open. It is read back from the records."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from edge.app.local_time import midnight_utc_ms
from edge.core import cases
from edge.core.cases import Case
from edge.core.contents import CaseStep, GateEvent, Override, Passage
from edge.core.decision import LocalTime
from edge.core.errors import StoreError
from edge.core.record import Record, Stamp
from edge.ports import Store

# Earlier than this software: a board that has no idea of the time, so that all its records would be today's.
NO_IDEA_UTC_MS = 1_735_689_600_000  # 2025-01-01


class Remembered:
    """`inside`: person_ids; `cases`: by their id; `forgetful` as long as the records could not be read."""

    def __init__(self, store: Store, zone: ZoneInfo, announce: Callable[[str], None], now: Stamp) -> None:
        self._store, self._zone, self._announce = store, zone, announce
        self._day: str | None = None
        self._guessed: set[str] | None = None
        self.inside: set[str] = set()
        self.cases: dict[str, Case] = {}
        self.forgetful = True
        self.recall(now)

    @property
    def open_cases(self) -> tuple[Case, ...]:
        """Cases that keep somebody out, the oldest first."""
        held = (case for case in self.cases.values() if cases.holds(case))
        return tuple(sorted(held, key=lambda case: case.opened_utc_ms))

    def today_is(self, when: LocalTime | None, now: Stamp) -> None:
        """On a new day everybody comes in again; cases stay."""
        if when is None or when.date == self._day:
            return
        if self._day is not None:
            self.inside.clear()
            self.cases = {case_id: case for case_id, case in self.cases.items() if case.state != "closed"}
        elif self._guessed is not None:
            # Read back by a clock that was not set: which of them came in today shows only now.
            self.inside -= self._guessed
            self._guessed, self.forgetful = None, True
        self._day = when.date
        if self.forgetful:
            self.recall(now)

    def advance(self, step: CaseStep, utc_ms: int) -> None:
        """A step of a case was taken."""
        self.cases[step.case_id] = cases.advance(self.cases.get(step.case_id), step, utc_ms)

    def recall(self, now: Stamp) -> None:
        """What the records say of cases ever opened, and of today."""
        known = now.synchronised or now.utc_ms >= NO_IDEA_UTC_MS
        try:
            opened = self._store.recall({"case"})
            since_ms = midnight_utc_ms(now, self._zone)
            today = self._store.recall({"passage", "override", "event"}, since_ms) if known else []
        except StoreError as error:
            self._announce(str(error))
            return
        self.forgetful = False
        self.cases = {**cases.fold(opened), **self.cases}
        inside = _inside(today)
        self._guessed = None if now.synchronised else inside - self.inside
        self.inside |= inside


def _inside(records: list[Record]) -> set[str]:
    inside: set[str] = set()
    for record in records:
        content = record.content
        if isinstance(content, GateEvent) and content.code == "exit":
            inside.discard(str(content.by))
        elif isinstance(content, Override) or (isinstance(content, Passage) and content.verdict == "pass"):
            inside |= {content.person_id} if content.person_id else set()
    return inside
