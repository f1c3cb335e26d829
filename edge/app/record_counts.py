"""How many records there are, read from the disk at most once a second."""

from collections.abc import Callable

from edge.core.errors import StoreError
from edge.ports import Store

EVERY_S = 1.0


class RecordCounts:
    """Of one store; the last that could be read."""

    def __init__(self, store: Store, announce: Callable[[str], None]) -> None:
        self._store, self._announce = store, announce
        self._counts, self._at_s = (0, 0, 0), float("-inf")
        self.unreadable = False

    def soon(self) -> None:
        """Something was written: the next look is at the disk."""
        self._at_s = float("-inf")

    def at(self, now_s: float) -> tuple[int, int, int]:
        """(written, acknowledged, set aside)."""
        if now_s - self._at_s >= EVERY_S:
            self._at_s = now_s
            try:
                self._counts, self.unreadable = self._store.counts(), False
            except StoreError as error:
                if not self.unreadable:
                    self._announce(str(error))
                self.unreadable = True
        return self._counts
