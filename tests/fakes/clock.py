"""A clock that moves only when it is told to."""

import threading

from edge.core.record import Stamp

BOOT_ID = "0b00b00b-0000-4000-8000-000000000001"


class FakeClock:
    """See `edge.ports.Clock`. Starts at 1,000 s after boot, on 2026-01-05, 08:00 UTC."""

    def __init__(self, now_s: float = 1_000.0, utc_ms: int = 1_767_600_000_000, synchronised: bool = True) -> None:
        self._now_s = now_s
        self._ahead_ms = utc_ms - round(now_s * 1000)
        self.synchronised = synchronised

    def advance(self, seconds: float) -> None:
        self._now_s += seconds

    def jump(self, seconds: float) -> None:
        """Somebody, or a time service, sets the wall clock."""
        self._ahead_ms += round(seconds * 1000)

    def now_s(self) -> float:
        return self._now_s

    def stamp(self) -> Stamp:
        return Stamp(round(self._now_s * 1000) + self._ahead_ms, self._now_s, BOOT_ID, self.synchronised)


class FakeStop(threading.Event):
    """A stop event on whose `wait` the fake clock's time passes at once, and which is set when `until_s` has come."""

    def __init__(self, clock: FakeClock, for_s: float) -> None:
        super().__init__()
        self._clock = clock
        self._until_s = clock.now_s() + for_s
        self.waits_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            assert timeout is not None, "a wait without end"
            assert timeout > 0
            self.waits_s.append(timeout)
            self._clock.advance(timeout)
            if self._clock.now_s() >= self._until_s:
                self.set()
        return self.is_set()
