"""Time that passes when the test says so."""

from collections.abc import Callable


class FakeTime:
    """Runs what was put off for later, in order, as `advance` moves time on (seconds)."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def later(self, delay_s: float, action: Callable[[], None]) -> Callable[[], None]:
        self._count += 1
        entry = (self.now_s + delay_s, self._count, action)
        self._due.append(entry)
        return lambda: self._due.remove(entry) if entry in self._due else None

    def advance(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self._due and min(self._due)[0] <= end_s + 1e-9:
            entry = min(self._due)
            self._due.remove(entry)
            self.now_s = max(self.now_s, entry[0])
            entry[2]()
        self.now_s = end_s

    @property
    def waiting(self) -> int:
        """How many actions are still to come."""
        return len(self._due)
