"""The gate's side: the roster in force, in memory, replaced when a newer file stands at its path."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

from edge.adapters.roster_file.index import Roster
from edge.adapters.roster_file.keys import Keys
from edge.adapters.roster_file.opening import identity, older, opened, order, unreadable
from edge.adapters.roster_file.verify import verified
from edge.core.errors import RosterError
from edge.core.roster import Header, Person

_BREATH_S = 0.002


class RosterFile:
    """See `edge.ports.RosterSource`. The file at the path is read when this is made, then whenever it was replaced.

    announce: told once of each file that is not taken, and of one that is gone; the roster in force stays then.
    background: a file that comes later is verified beside the caller, whose `refresh` always returns at once; True
    is what a gate needs, which has people in front of it. Look-ups are for the thread that calls `refresh`.
    """

    def __init__(
        self, path: Path, keys: Keys, school: str, announce: Callable[[str], None], background: bool = False
    ) -> None:
        self._path, self._keys, self._school = path, keys, school
        self._announce, self._background = announce, background
        self._roster: Roster | None = None
        self._job: _Verifying | None = None
        self._closed = False
        self._seen = identity(path)
        if self._seen is None:
            announce(
                f"尚无名单 {path}：收到之前不认识任何人 / no roster at {path} yet: nobody is known before it comes"
            )
        else:
            self._take(_Verifying(self._load))

    def refresh(self) -> bool:
        """Take a newer file into force if there is one; whether the roster changed. Returns at once in the background.

        A file that is deleted leaves the roster in force until this process ends.
        """
        if self._job is not None:
            if self._job.is_alive():
                return False
            job, self._job = self._job, None
            return self._take(job)
        found = identity(self._path)
        if found == self._seen:
            return False
        self._seen = found
        if found is None:
            self._announce(
                f"名单 {self._path} 不见了，内存中的继续有效 / the roster {self._path} is gone, the one in memory stays"
            )
            return False
        if not self._background:
            return self._take(_Verifying(self._load))
        self._job = _Verifying(self._load_in_breaths)
        self._job.start()
        return False

    @property
    def header(self) -> Header | None:
        """Of the roster in force."""
        return None if self._roster is None else self._roster.header

    def by_badge(self, badge: str) -> Person | None:
        """Who has this normalised badge."""
        return None if self._roster is None else self._roster.by_badge(badge)

    def by_id(self, person_id: str) -> Person | None:
        """Who has this id."""
        return None if self._roster is None else self._roster.by_id(person_id)

    def people(self) -> Iterator[Person]:
        """Everybody on the roster in force, by id."""
        return iter(()) if self._roster is None else self._roster.people()

    def close(self) -> None:
        """Give up a file that is being verified. May be called twice."""
        self._closed = True
        if self._job is not None:
            self._job.join()
            self._job = None

    def _take(self, job: "_Verifying") -> bool:
        newcomer = job.outcome()
        try:
            if isinstance(newcomer, RosterError):
                raise newcomer
            in_force = self.header
            if in_force is not None and order(newcomer.header) == order(in_force):
                return False
            if in_force is not None and order(newcomer.header) < order(in_force):
                raise older(newcomer.header, in_force)
        except RosterError as error:
            self._announce(str(error))
            return False
        self._roster = newcomer
        return True

    def _load(self, breathe: Callable[[], None] | None = None) -> Roster:
        with opened(self._path) as file:
            try:
                return verified(file, self._keys, self._school, self._roster, breathe)
            except OSError as error:
                raise unreadable(self._path, error) from error

    def _load_in_breaths(self) -> Roster:
        def breathe() -> None:
            if self._closed:
                raise RosterError("闸机停止，名单未核对完", "the gate stops, the roster was not verified to its end")
            # Parsing holds the interpreter; without pauses every picture of the gate would wait for it.
            time.sleep(_BREATH_S)

        return self._load(breathe)


class _Verifying(Thread):
    """One file being verified; run in the caller's thread when it was not started."""

    def __init__(self, load: Callable[[], Roster]) -> None:
        super().__init__(name="roster", daemon=True)
        self._load = load
        self._outcome: Roster | RosterError | None = None

    def run(self) -> None:
        try:
            self._outcome = self._load()
        except RosterError as error:
            self._outcome = error

    def outcome(self) -> Roster | RosterError:
        """What came out, once the thread has ended."""
        if self._outcome is None:
            self.run()
        if self._outcome is None:
            raise AssertionError("a file that is neither taken nor refused")
        return self._outcome
