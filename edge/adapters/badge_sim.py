"""Simulated badge readers: badges come at the times that a schedule has for them."""

from collections.abc import Callable, Iterable, Iterator

from edge.core.identity import Scan


class SimBadges:
    """See `edge.ports.BadgeReader`. scans: what is presented, ordered by t_s on the clock of now_s; may be endless."""

    def __init__(self, scans: Iterable[Scan], now_s: Callable[[], float]) -> None:
        self._presented: list[Scan] = []
        self._coming: Iterator[Scan] = iter(scans)
        self._next = next(self._coming, None)
        self._now_s = now_s

    def scans(self) -> tuple[Scan, ...]:
        now_s = self._now_s()
        due, self._presented = self._presented, []
        while self._next is not None and self._next.t_s <= now_s:
            due.append(self._next)
            self._next = next(self._coming, None)
        return tuple(due)

    def present(self, scan: Scan) -> None:
        """Somebody presents this one now, beside the schedule."""
        self._presented.append(scan)

    def faults(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._next = None
