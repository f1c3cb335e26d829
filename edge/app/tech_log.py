"""The last lines that the gate has said, for the technician's page and the support bundle."""

import threading
import time
from collections import deque
from collections.abc import Callable

MOST_LINES = 500

Announce = Callable[[str], None]


class TechLog:
    """Hands every line on, and keeps the last of them. The gate's lines name nobody: records do."""

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._lock = threading.Lock()
        self._lines: deque[tuple[int, str]] = deque(maxlen=MOST_LINES)

    def say(self, line: str) -> None:
        """One more line."""
        with self._lock:
            self._lines.append((round(time.time()), line))
        self._announce(line)

    def lines(self) -> list[tuple[int, str]]:
        """(seconds since 1970 UTC, line), the oldest first."""
        with self._lock:
            return list(self._lines)
