"""A shelf for one roster, and a county that brings them, in memory."""

from collections.abc import Callable

from edge.core.answer import Answer
from edge.core.errors import RosterError
from edge.core.roster import Header, parse_header


class FakeShelf:
    """See `edge.ports.RosterShelf`. Believes everything whose header can be read; `refuses` comes first."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.installed: list[int] = []
        self.refuses: RosterError | None = None
        self._written = b""

    def begin(self) -> None:
        self._written = b""

    def write(self, chunk: bytes) -> None:
        self._written += chunk

    def install(self) -> Header:
        if self.refuses is not None:
            raise self.refuses
        header = parse_header(self._written.partition(b"\n")[0])
        if self.header is not None and header.version <= self.header.version:
            raise RosterError("旧的", "an old one")
        self.header = header
        self.installed.append(header.version)
        return header

    def close(self) -> None:
        self.begin()


class FakeFeed:
    """See `edge.ports.RosterFeed`. roster: what it has, with its version; `answers` come first, in turn."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.roster: tuple[int, bytes] | None = None
        self.asked: list[tuple[int, int]] = []

    def fetch(self, version: int, issued_utc_ms: int, write: Callable[[bytes], None]) -> Answer:
        self.asked.append((version, issued_utc_ms))
        if self._answers:
            answer = self._answers.pop(0)
            if answer.status == 200:
                write(answer.body)
            return answer
        if self.roster is None or self.roster[0] <= version:
            return Answer(204)
        for start in range(0, len(self.roster[1]), 100):
            write(self.roster[1][start : start + 100])
        return Answer(200)

    def close(self) -> None: ...
