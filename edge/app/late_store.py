"""A records' file that could not be opened, or was damaged meanwhile, is opened as soon as it can be.

So the gate decides from its start on, whatever is wrong with the card: until the file is back every call is a
StoreError, as with a full disk, and nobody is let in who is not written down.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from edge.core.chain import Head
from edge.core.contents import Content
from edge.core.errors import DamagedError, StoreError
from edge.core.record import Record, Stamp
from edge.ports import Store

# Opening looks through the whole file: too long for the gate's loop, and for a card to be done all the time.
AGAIN_EVERY_S = 10.0
# A medium that hangs keeps nobody from ending.
LAST_WORDS_S = 2.0

T = TypeVar("T")


class CalibratedStore(Store, Protocol):
    """A store whose records carry the version of the gate's calibration."""

    def calibrated_by(self, version: str) -> None: ...


class LateStore:
    """See `edge.ports.Store`. open_: StoreError as long as there is no file that can be used.

    A file that turns out damaged while it is open is given up, so that whoever mends it can put another in its place.
    """

    def __init__(self, open_: Callable[[], CalibratedStore], again_every_s: float = AGAIN_EVERY_S) -> None:
        self._open, self._again_every_s = open_, again_every_s
        self._lock = threading.Lock()
        self._closing, self._there = threading.Event(), threading.Event()
        self._calibrated: str | None = None
        self._store: CalibratedStore | None = None
        self._opener: threading.Thread | None = None
        self._why: StoreError
        try:
            self._store = open_()
            self._there.set()
        except StoreError as error:
            self._wait_for_it(error)

    def wait(self, within_s: float) -> bool:
        """Until there is a file that can be used; whether there is one."""
        return self._there.wait(within_s)

    def calibrated_by(self, version: str) -> None:
        """What the next records carry as their calibration_version."""
        with self._lock:
            self._calibrated = version
            if self._store is not None:
                self._store.calibrated_by(version)

    def append(self, content: Content, decided: Stamp) -> Record:
        return self._of(lambda store: store.append(content, decided))

    def recall(self, kinds: Collection[str], since_utc_ms: int = 0) -> list[Record]:
        return self._of(lambda store: store.recall(kinds, since_utc_ms))

    def head(self) -> Head | None:
        return self._of(lambda store: store.head())

    def unsent(self, limit: int, newest: bool = False) -> list[tuple[Record, bytes]]:
        return self._of(lambda store: store.unsent(limit, newest))

    def acknowledge(self, uuid: str) -> None:
        self._of(lambda store: store.acknowledge(uuid))

    def set_aside(self, uuid: str, why: str) -> None:
        self._of(lambda store: store.set_aside(uuid, why))

    def erase_before(self, utc_ms: int, needed: Collection[str] = (), together: Iterable[Collection[str]] = ()) -> int:
        return self._of(lambda store: store.erase_before(utc_ms, needed, together))

    def erased(self, since_utc_ms: int, until_utc_ms: int) -> int:
        return self._of(lambda store: store.erased(since_utc_ms, until_utc_ms))

    def last_decided(self) -> Stamp | None:
        return self._of(lambda store: store.last_decided())

    def settle(self, acknowledged: Collection[str], set_aside: Mapping[str, str]) -> None:
        self._of(lambda store: store.settle(acknowledged, set_aside))

    def offer_missing(self, first: int, last: int) -> int:
        return self._of(lambda store: store.offer_missing(first, last))

    def counts(self) -> tuple[int, int, int]:
        return self._of(lambda store: store.counts())

    def close(self) -> None:
        """May be called twice."""
        self._closing.set()
        if self._opener is not None:
            self._opener.join(LAST_WORDS_S)
        with self._lock:
            store, self._store = self._store, None
            self._why = StoreError("记录文件已关闭；请重新打开", "the records' file is closed; open it again")
        if store is not None:
            store.close()

    def _of(self, call: Callable[[CalibratedStore], T]) -> T:
        store = self._store
        if store is None:
            raise self._why
        try:
            return call(store)
        except DamagedError as error:
            with self._lock:
                given_up = self._store is store
                if given_up:
                    self._store = None
            if given_up:
                store.close()
                self._wait_for_it(error)
            raise

    def _wait_for_it(self, why: StoreError) -> None:
        self._why = why
        self._there.clear()
        self._opener = threading.Thread(target=self._open_again, name="records", daemon=True)
        self._opener.start()

    def _open_again(self) -> None:
        while not self._closing.wait(self._again_every_s):
            try:
                store = self._open()
            except StoreError as error:
                if not self._closing.is_set():
                    self._why = error
                continue
            with self._lock:
                closed = self._closing.is_set()
                if not closed:
                    if self._calibrated is not None:
                        store.calibrated_by(self._calibrated)
                    self._store = store
                    self._there.set()
            if closed:
                store.close()
            return
