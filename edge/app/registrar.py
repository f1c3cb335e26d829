"""Writes down what happens before the gate acts on it, and keeps what could not be written until the disk takes it."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict

from edge.core.contents import Content, kind_of
from edge.core.errors import RecordError, StoreError
from edge.core.record import Record, Stamp
from edge.ports import Store

RETRY_S = 1.0


class Registrar:
    """What happened, in its order, each exactly once. What waits is not on disk yet."""

    def __init__(self, store: Store, announce: Callable[[str], None]) -> None:
        self._store = store
        self._announce = announce
        self._waiting: deque[tuple[Content, Stamp]] = deque()
        self._retry_at_s = 0.0

    @property
    def failing(self) -> bool:
        return bool(self._waiting)

    def write(self, content: Content, decided: Stamp, now_s: float) -> Record | None:
        """Write it down; None while the disk does not take records (it is kept and tried again)."""
        self._waiting.append((content, decided))
        # What waits goes first; the last one written is this one once nothing waits any more.
        record = self._flush(now_s) if len(self._waiting) == 1 else self.retry(now_s)
        return None if self._waiting else record

    def retry(self, now_s: float) -> Record | None:
        """Try again to write what waits, at most once a second; the last record written, if any."""
        if not self._waiting or now_s < self._retry_at_s:
            return None
        return self._flush(now_s)

    def close(self) -> tuple[str, ...]:
        """A last try; what still waits, as JSON lines for the journal, so that nothing is lost without a trace."""
        self._flush(float("inf"))
        return tuple(_journal_line(content, stamp) for content, stamp in self._waiting)

    def _flush(self, now_s: float) -> Record | None:
        record: Record | None = None
        was_failing = self._retry_at_s > 0.0
        while self._waiting:
            content, decided = self._waiting[0]
            try:
                record = self._store.append(content, decided)
            except RecordError as error:
                # No disk will ever take it: it must not stand in everybody's way.
                self._waiting.popleft()
                self._announce(f"{error}\n{_journal_line(content, decided)}")
                record = None
                continue
            except StoreError as error:
                self._retry_at_s = now_s + RETRY_S
                if not was_failing:
                    self._announce(str(error))
                return record
            self._waiting.popleft()
        if was_failing:
            self._retry_at_s = 0.0
            self._announce("记录恢复写入 / records are written again")
        return record


def _journal_line(content: Content, decided: Stamp) -> str:
    return json.dumps({kind_of(content): asdict(content), "decided": asdict(decided)}, sort_keys=True)
