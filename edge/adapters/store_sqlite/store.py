"""The records' file: SQLite in WAL mode, written by the gate, read and acknowledged by the sync process.

synchronous=FULL: a commit is on the medium before `append` returns (docs/decisions/records-and-sync.md).
A transaction is over one record, or over what the county answered to one batch: neither process holds the file long.
"""

import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from edge.adapters.store_sqlite import erasing, opening
from edge.adapters.store_sqlite.faults import RAISED, damaged, fault, gone
from edge.core.chain import Head, is_fingerprint
from edge.core.contents import Content, kind_of
from edge.core.errors import RecordError, StoreError
from edge.core.record import (
    NOTHING_BEFORE,
    Parts,
    Record,
    Stamp,
    canonical_bytes,
    joined,
    parse,
    parse_link,
    sha256,
    signed,
    split,
)
from edge.ports import Signer

BUSY_TIMEOUT_S = 5.0

_BODY = "seq, uuid, link, sealed, signature, sha256"
_ACKNOWLEDGE = "UPDATE records SET state = 'acknowledged', why = '' WHERE uuid = ?"
_SET_ASIDE = """UPDATE records SET state = CASE state WHEN 'acknowledged' THEN state ELSE 'set_aside' END,
    why = CASE state WHEN 'acknowledged' THEN why ELSE ?2 END WHERE uuid = ?1"""
_COUNTS = """SELECT (SELECT coalesce(max(seq), 0) FROM records),
    (SELECT count(*) FROM records WHERE state = 'waiting'),
    (SELECT count(*) FROM records WHERE state = 'set_aside')"""


class SqliteStore:
    """The records of one gate in one file; see `edge.ports.Store`.

    Any number of processes and threads may hold the same file. After a fault that passes (a full disk, a file that
    was locked) the same object works again.
    StoreError: the file cannot be used; the message tells the technician what to do.
    """

    def __init__(
        self, path: Path, gate_id: str, software_version: str, calibration_version: str, signer: Signer
    ) -> None:
        self._path = path.absolute()
        self._gate_id = gate_id
        self._versions = software_version, calibration_version
        self._signer = signer
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        opening.ensure_file(path)
        try:
            # check_same_thread: the lock does it. isolation_level None: transactions are begun here, by name.
            self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            self._db.text_factory = _text
            # Not before: opening for writing may give the file another identity (overlayfs copies it up).
            self._file = opening.identity(path)
            self._prepare(self._db)
        except RAISED as error:
            self.close()
            raise fault(path, error) from error
        except StoreError:
            self.close()
            raise

    def calibrated_by(self, version: str) -> None:
        """What the next records carry as their calibration_version."""
        self._versions = self._versions[0], version

    def append(self, content: Content, decided: Stamp) -> Record:
        """Write down under the next sequence number what happened; returns, as it is on disk, once it is there.

        StoreError: nothing was written, the number is not used up. RecordError: nor can it ever be, as it is.
        """
        with self._transaction() as db:
            seq, before = _end(db)
            salt = secrets.token_hex(16)
            record = Record(str(uuid4()), self._gate_id, seq + 1, decided, content, *self._versions, before, salt)
            body = canonical_bytes(signed(record, self._signer.sign))
            # Numbers are rounded on their way into the bytes; and no bytes go to disk that the county must refuse.
            record, parts = parse(body), split(body)
            db.execute(
                """INSERT INTO records (seq, uuid, kind, utc_ms, link, sealed, signature, sha256)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    record.seq,
                    record.uuid,
                    kind_of(content),
                    decided.utc_ms,
                    parts.link,
                    parts.sealed,
                    parts.signature,
                    sha256(parts.link),
                ),
            )
        return record

    def head(self) -> Head | None:
        """The last record written, as the file holds it; None: there is none yet."""
        found = self._read("SELECT seq, sha256, signature FROM records ORDER BY seq DESC LIMIT 1")
        if found and [type(value) for value in found[0]] != [int, str, str]:
            raise damaged(self._path, "the last record holds values of the wrong kind")
        return Head(*found[0]) if found else None

    def recall(self, kinds: Collection[str], since_utc_ms: int = 0) -> list[Record]:
        """Records of these kinds, decided at since_utc_ms or later, by seq; without damaged and erased ones."""
        marks = ", ".join("?" * len(kinds))
        rows = self._read(
            f"SELECT {_BODY} FROM records WHERE kind IN ({marks}) AND utc_ms >= ? AND sealed IS NOT NULL ORDER BY seq",
            *kinds,
            since_utc_ms,
        )
        return [one[0] for row in rows if (one := self._intact(*row)) is not None]

    def unsent(self, limit: int, newest: bool = False) -> list[tuple[Record, bytes]]:
        """Records without an answer, with their canonical bytes; at most `limit`, the oldest (or newest) first.

        A record whose bytes the medium has changed is set aside here, so that it neither lies nor blocks the others.
        """
        order = "DESC" if newest else "ASC"
        while True:
            rows = self._read(
                f"SELECT {_BODY} FROM records WHERE state = 'waiting' ORDER BY seq {order} LIMIT ?", limit
            )
            intact = []
            for row in rows:
                one = self._intact(*row)
                if one is None:
                    self._set_damaged_aside(row[0])
                else:
                    intact.append(one)
            if intact or not rows:
                return intact

    def acknowledge(self, uuid: str) -> None:
        """The county has this record. Only `offer_missing` changes that again. StoreError: no such record."""
        self.settle((uuid,), {})

    def set_aside(self, uuid: str, why: str) -> None:
        """The county refuses this record; it stays in the file with the reason. StoreError: no such record."""
        self.settle((), {uuid: why})

    def settle(self, acknowledged: Collection[str], set_aside: Mapping[str, str]) -> None:
        """Both for many records in one transaction, which is one wait for the medium. StoreError: none of it."""
        with self._transaction() as db:
            for uuid in acknowledged:
                self._check_one(uuid, db.execute(_ACKNOWLEDGE, (uuid,)).rowcount)
            for uuid, why in set_aside.items():
                self._check_one(uuid, db.execute(_SET_ASIDE, (uuid, why)).rowcount)

    def offer_missing(self, first: int, last: int) -> int:
        """Let acknowledged records of these numbers be sent again, unless their content was erased; how many."""
        lost = "state = 'acknowledged' AND sealed IS NOT NULL AND seq BETWEEN ? AND ?"
        # Looked for first: most of the time there is none, and nothing needs to be written.
        if not self._read(f"SELECT 1 FROM records WHERE {lost} LIMIT 1", first, last):
            return 0
        with self._transaction() as db:
            return db.execute(f"UPDATE records SET state = 'waiting' WHERE {lost}", (first, last)).rowcount

    def refusals(self, limit: int) -> list[tuple[Record | None, str]]:
        """The oldest records that were set aside, and why; None for one whose bytes are damaged."""
        rows = self._read(f"SELECT {_BODY}, why FROM records WHERE state = 'set_aside' ORDER BY seq LIMIT ?", limit)
        return [((self._intact(*row) or (None,))[0], why) for *row, why in rows]

    def offer_again(self) -> int:
        """Let every record that was set aside be sent once more (the county was repaired); how many."""
        with self._transaction() as db:
            return db.execute("UPDATE records SET state = 'waiting', why = '' WHERE state = 'set_aside'").rowcount

    def erase_before(self, utc_ms: int, needed: Collection[str] = (), together: Iterable[Collection[str]] = ()) -> int:
        """Erase the contents that the county has and that were decided before utc_ms; how many. See the port.

        In bites of one short transaction each, so that nobody at the gate waits for it.
        """
        old = self._read(erasing.OLD, erasing.BY_A_SET_CLOCK, utc_ms)
        erased = 0
        for bite in erasing.bites({uuid: seq for seq, uuid in old if uuid not in needed}, together):
            numbers = f"({', '.join(map(str, bite))})"
            with self._transaction() as db:
                # The county may meanwhile have lost one of them, which is then to be sent again.
                erased += db.execute(
                    f"""UPDATE records SET sealed = NULL WHERE seq IN {numbers} AND NOT EXISTS
                    (SELECT 1 FROM records WHERE seq IN {numbers} AND state <> 'acknowledged')"""
                ).rowcount
        if erased:
            self._empty_log()
        return erased

    def erased(self, since_utc_ms: int, until_utc_ms: int) -> int:
        """How many records of this time, its end not included, have no content any more."""
        sql = "SELECT count(*) FROM records WHERE sealed IS NULL AND utc_ms >= ? AND utc_ms < ?"
        ((count,),) = self._read(sql, since_utc_ms, until_utc_ms)
        return int(count)

    def last_decided(self) -> Stamp | None:
        """When the last record was decided; None: there is none, or its link is damaged."""
        found = self._read("SELECT link FROM records ORDER BY seq DESC LIMIT 1")
        try:
            return parse_link(found[0][0]).decided if found and isinstance(found[0][0], bytes) else None
        except RecordError:
            return None

    def counts(self) -> tuple[int, int, int]:
        """(written, acknowledged, set aside). Sequence numbers have no gaps: the last one is the number written."""
        ((written, waiting, set_aside),) = self._read(_COUNTS)
        return written, written - waiting - set_aside, set_aside

    def close(self) -> None:
        """May be called twice."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _prepare(self, db: sqlite3.Connection) -> None:
        opening.refuse_foreign(self._path, db)
        opening.use_wal(self._path, db)
        with self._transaction():
            opening.make_tables(db, self._gate_id, self._signer.public_key)
        opening.check_content(self._path, db, self._gate_id)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            db = self._connection()
            try:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    self._check_place()
                    db.execute("COMMIT")
                finally:
                    # After most faults SQLite has rolled back by itself, after some it has not.
                    if db.in_transaction:
                        db.execute("ROLLBACK")
            except RAISED as error:
                raise fault(self._path, error) from error

    def _read(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            try:
                # All rows at once: an open cursor would hold back the checkpoint of the other process.
                rows = self._connection().execute(sql, values).fetchall()
                self._check_place()
                return rows
            except RAISED as error:
                raise fault(self._path, error) from error

    def _empty_log(self) -> None:
        """The write-ahead log still holds what was erased. A reader may be in the way of emptying it: then the next
        time, or the next thousand pages, do."""
        with self._lock:
            db = self._connection()
            try:
                # Whoever waits for readers here keeps the gate from writing (https://sqlite.org/pragma.html,
                # wal_checkpoint: FULL blocks writers while it is pending).
                db.execute("PRAGMA busy_timeout = 0")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except RAISED as error:
                raise fault(self._path, error) from error
            finally:
                db.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")

    def _check_place(self) -> None:
        """StoreError unless the open file is still the one at its path: what is written to any other is lost."""
        if self._file is None or opening.identity(self._path) != self._file:
            raise gone(self._path)

    def _check_one(self, uuid: str, found: int) -> None:
        if found != 1:
            raise StoreError(
                f"{self._path} 中没有记录 {uuid}；请核对记录文件",
                f"{self._path} has no record {uuid}; check that it is the right file",
            )

    def _set_damaged_aside(self, seq: int) -> None:
        # By its number: whatever else it says may be what is damaged.
        why = "记录在存储介质上已损坏 / damaged on the medium"
        with self._transaction() as db:
            db.execute("UPDATE records SET state = 'set_aside', why = ? WHERE seq = ?", (why, seq))

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreError(f"{self._path} 已关闭；请重新打开", f"{self._path} is closed; open it again")
        return self._db

    def _intact(
        self, seq: int, uuid: str, link: bytes, sealed: bytes | None, signature: str, fingerprint: str
    ) -> tuple[Record, bytes] | None:
        """The record and its bytes; None: they are damaged, or its content was erased."""
        if sealed is None or not isinstance(link, bytes) or not isinstance(sealed, bytes):
            return None
        if sha256(link) != fingerprint:
            return None
        body = joined(Parts(link, sealed, signature))
        try:
            record = parse(body)
        except RecordError:
            return None
        return (record, body) if (record.seq, record.uuid, record.gate_id) == (seq, uuid, self._gate_id) else None


def _end(db: sqlite3.Connection) -> tuple[int, str]:
    """Number and fingerprint of the last record; (0, zeros): there is none."""
    last = db.execute("SELECT seq, sha256, link FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    if last is None:
        return 0, NOTHING_BEFORE
    seq, noted, link = last
    # The one that was noted: should the medium have changed the link since, it must not pass for what was written.
    # What is no fingerprint any more must keep nobody from being written down.
    return seq, noted if is_fingerprint(str(noted)) else sha256(link if isinstance(link, bytes) else b"")


def _text(stored: bytes) -> str:
    # One changed bit must not make a row unreadable: it is damaged, and set aside for that.
    return stored.decode(errors="replace")
