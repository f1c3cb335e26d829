"""Where each person of a verified roster stands in its body: a few bytes a person, whoever is asked for is parsed.

The body stays in memory as it was verified, so that nothing that happens to the file later changes who is let in.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from edge.core.roster import Header, Person, parse_person


class Roster:
    """A roster in memory: header, body, and an index of it. Made by `verify.verified` only."""

    def __init__(self, header: Header, body: bytes, lines: "Lines") -> None:
        self.header = header
        self._body = body
        self._lines = lines

    def issued_anew(self, header: Header) -> "Roster":
        """The same people under another header, which names the same body."""
        return Roster(header, self._body, self._lines)

    def by_badge(self, badge: str) -> Person | None:
        """Who has this normalised badge."""
        return next((person for person in self._at(self._lines.badges, badge) if badge in person.badges), None)

    def by_id(self, person_id: str) -> Person | None:
        """Who has this id."""
        return next((person for person in self._at(self._lines.ids, person_id) if person_id == person.person_id), None)

    def people(self) -> Iterator[Person]:
        """Everybody, in the order of their ids."""
        return (self._person(row) for row in range(len(self._lines.starts) - 1))

    def _at(self, places: "Places", text: str) -> Iterable[Person]:
        return (self._person(row) for row in places.rows(text))

    def _person(self, row: int) -> Person:
        return parse_person(self._body[self._lines.starts[row] : self._lines.starts[row + 1] - 1])


class Places:
    """Fingerprint of a text -> the rows whose persons may have it (8 + 4 bytes an entry, in two arrays)."""

    def __init__(self, entries: list[tuple[int, int]]) -> None:
        entries.sort()
        self._prints = array("Q", (fingerprint for fingerprint, _ in entries))
        self._rows = array("I", (row for _, row in entries))

    def rows(self, text: str) -> Iterable[int]:
        """One row, or none; more when two fingerprints are the same by chance."""
        wanted = fingerprint_of(text)
        n = bisect_left(self._prints, wanted)
        while n < len(self._prints) and self._prints[n] == wanted:
            yield self._rows[n]
            n += 1


class Lines:
    """starts: first byte of each person's line, and the body's length behind the last; ids, badges: who is in which."""

    def __init__(self, starts: "array[int]", ids: Places, badges: Places) -> None:
        self.starts = starts
        self.ids = ids
        self.badges = badges


def fingerprint_of(text: str) -> int:
    """64 bits of a text: what two people share by chance once in billions of rosters, which only costs a parse."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
