"""Personal data leaves the gate when its time is over: once an hour, beside the sync, in small bites."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge.core.errors import StoreError
from edge.core.retention import limit_utc_ms, settled, still_needed
from edge.ports import Clock, Store

EVERY_S = 3600.0
# What erases may be under way when the sync stops; it is cut off between two records, and done again.
LAST_WORDS_S = 10.0

Announce = Callable[[str], None]


def erase_old(store: Store, clock: Clock, keep_days: int) -> int:
    """Erase the contents that have had their time; of how many records. StoreError: not all of them, for now."""
    limit_ms = limit_utc_ms(clock.stamp(), keep_days)
    if limit_ms is None:
        return 0
    steps = store.recall({"case"})
    return store.erase_before(limit_ms, still_needed(steps), settled(steps))


@contextmanager
def retention(
    store: Store, clock: Clock, keep_days: int, announce: Announce, every_s: float = EVERY_S
) -> Iterator[None]:
    """While the block runs: erase at once, and every_s seconds after the last time, on a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(store, clock, keep_days, stop, announce, every_s), name="retention")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LAST_WORDS_S)


def _run(store: Store, clock: Clock, keep_days: int, stop: threading.Event, announce: Announce, every_s: float) -> None:
    told = ""
    while not stop.is_set():
        try:
            erased, fault = erase_old(store, clock, keep_days), ""
        except StoreError as error:
            erased, fault = 0, str(error)
        if erased:
            announce(f"已按保留期删除 {erased} 条记录的个人内容 / the personal data of {erased} old records was erased")
        if fault and fault != told:
            announce(fault)
        told = fault
        stop.wait(every_s)
