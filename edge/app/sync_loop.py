"""The sync process: what the gate has written goes to the county, oldest first, one by one, until all is there.

It shares nothing with the gate's process but the records' file. Order of things for one record: offer, answer,
acknowledge in the file. Whatever is cut off in between is offered again, and the county knows a record by its UUID.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.core.errors import StoreError
from edge.core.outbox import Acknowledged, OutboxState, SetAside, choose, look_ahead, pause, step
from edge.core.record import Record
from edge.core.texts import Text
from edge.ports import Store, Uplink

BATCH = 100


@dataclass(frozen=True, slots=True)
class SyncEvent:
    """Where the sync stands. sent, acknowledged, set_aside: since it started; waiting: in the file, not answered.

    failure: why the last offer was not taken, or why the file could not be used; None while all goes well.
    """

    sent: int = 0
    acknowledged: int = 0
    set_aside: int = 0
    waiting: int = 0
    failure: Text | None = None


def run_sync(
    store: Store,
    uplink: Uplink,
    clock_now_s: Callable[[], float],
    stop: threading.Event,
    report: Callable[[SyncEvent], None],
    every_s: float = 5.0,
    uniform: Callable[[], float] = random.random,
) -> None:
    """Send until `stop` is set; looks for new records every_s seconds (0.1 to 3,600) after the last was sent.

    report is told of every change. uniform: in [0, 1), spreads the retries. Faults of network, county and file are
    reported and tried again, for ever; nothing is raised for them.
    """
    _Sync(store, uplink, clock_now_s, stop, report, uniform).run(every_s)


class _Sync:
    def __init__(
        self,
        store: Store,
        uplink: Uplink,
        clock_now_s: Callable[[], float],
        stop: threading.Event,
        report: Callable[[SyncEvent], None],
        uniform: Callable[[], float],
    ) -> None:
        self._store, self._uplink = store, uplink
        self._now_s, self._stop, self._tell, self._uniform = clock_now_s, stop, report, uniform
        self._outbox = OutboxState()
        self._event = SyncEvent()
        self._told: SyncEvent | None = None
        self._file_failed = False

    def run(self, every_s: float) -> None:
        while not self._stop.is_set():
            any_offered = self._round()
            pause_s = self._outbox.not_before_s - self._now_s()
            if pause_s > 0:
                self._stop.wait(pause_s)
            elif not any_offered:
                self._stop.wait(every_s)

    def _round(self) -> bool:
        """Offer a batch; whether there was anything whose time has come."""
        try:
            waiting = self._store.unsent(BATCH + look_ahead(self._outbox))
            if self._file_failed and not waiting:
                self._file_failed = False
                self._event = replace(self._event, failure=None)
            self._report()
            return self._send(waiting)
        except StoreError as error:
            self._file_failed = True
            self._outbox, _ = pause(self._outbox, self._now_s(), self._uniform)
            self._event = replace(self._event, failure=Text(error.zh, error.en))
            self._tell_of_change()
            return False

    def _send(self, waiting: list[tuple[Record, bytes]]) -> bool:
        """Offer these records until all are answered or one is not; whether any was offered."""
        offered = False
        while not self._stop.is_set():
            chosen = choose(self._outbox, waiting, self._now_s())
            if chosen is None:
                return offered
            offered = True
            if not self._offer(*chosen):
                return True
            waiting = [item for item in waiting if item is not chosen]
        return offered

    def _offer(self, record: Record, body: bytes) -> bool:
        """Send one record and write down what the county said; whether it said anything on this record."""
        answer = self._uplink.put(record.uuid, body)
        self._event = event = replace(self._event, sent=self._event.sent + 1)
        self._outbox, outcome = step(self._outbox, record.uuid, body, answer, self._now_s(), self._uniform)
        if isinstance(outcome, Acknowledged):
            self._store.acknowledge(record.uuid)
            event = replace(event, acknowledged=event.acknowledged + 1, failure=None)
        elif isinstance(outcome, SetAside):
            self._store.set_aside(record.uuid, str(outcome.why))
            event = replace(event, set_aside=event.set_aside + 1, failure=outcome.why)
        else:
            event = replace(event, failure=outcome.why)
        self._event = event
        self._report()
        return isinstance(outcome, Acknowledged | SetAside)

    def _report(self) -> None:
        written, acknowledged, set_aside = self._store.counts()
        self._event = replace(self._event, waiting=written - acknowledged - set_aside)
        self._tell_of_change()

    def _tell_of_change(self) -> None:
        if self._event != self._told:
            self._told = self._event
            self._tell(self._event)
