"""The newest look for the technician's page: kept by the gate's loop, encoded by whoever asks."""

import threading
from collections.abc import Callable
from dataclasses import replace

from edge.core.tech import Look, encoded

# Nobody has asked for so long: nothing is kept.
WANTED_S = 5.0


class TechPicture:
    """For several threads."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._changed = threading.Condition()
        self._look: Look | None = None
        self._number = 0
        self._wanted_s = float("-inf")

    @property
    def wanted(self) -> bool:
        """Whether somebody looks."""
        return self._now_s() - self._wanted_s < WANTED_S

    def saw(self, look: Look) -> None:
        """The newest frame, whatever its number. Its arrays must not be changed afterwards."""
        with self._changed:
            self._number += 1
            self._look = replace(look, number=self._number)
            self._changed.notify_all()

    def newer(self, after: int, timeout_s: float) -> bytes | None:
        """A look with another number than `after`, waited for; None: none came."""
        self._wanted_s = self._now_s()
        with self._changed:
            self._changed.wait_for(lambda: self._look is not None and self._look.number != after, timeout_s)
            look = self._look
        return None if look is None or look.number == after else encoded(look)
