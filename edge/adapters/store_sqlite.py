"""The records' file: SQLite in WAL mode, written by the gate, read and acknowledged by the sync process.

synchronous=FULL: a commit is on the medium before `append` returns (docs/decisions/records-and-sync.md).
Every transaction touches one record, so that neither process ever holds the file for longer than one commit.
"""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from edge.core.errors import RecordError, StoreError
from edge.core.record import Passage, Record, Stamp, canonical_bytes, fingerprint, parse

APPLICATION_ID = 0x46475431  # "FGT1" in the file's header: tells our file from any other program's
SCHEMA = 1
BUSY_TIMEOUT_S = 5.0
FILE_MODE = 0o640  # records are about people: nobody else on the board reads them
DISK_IS_FULL_BELOW_BYTES = 1_000_000

_TABLES = (
    "CREATE TABLE gate (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), gate_id TEXT NOT NULL) STRICT",
    """CREATE TABLE records (
        seq INTEGER PRIMARY KEY CHECK (seq >= 1),
        uuid TEXT NOT NULL UNIQUE,
        body BLOB NOT NULL,
        sha256 TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'acknowledged', 'set_aside')),
        why TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX records_waiting ON records (seq) WHERE state = 'waiting'",
    "CREATE INDEX records_set_aside ON records (seq) WHERE state = 'set_aside'",
    """CREATE TRIGGER records_stay BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END""",
    # The columns are compared, not named (UPDATE OF seq): rowid is another name for seq, which that would let pass.
    """CREATE TRIGGER records_stand BEFORE UPDATE ON records
        WHEN NEW.seq IS NOT OLD.seq OR NEW.uuid IS NOT OLD.uuid OR NEW.body IS NOT OLD.body
            OR NEW.sha256 IS NOT OLD.sha256
        BEGIN SELECT RAISE(ABORT, 'a record is never rewritten'); END""",
    # REPLACE deletes what is in its way without calling delete triggers (https://sqlite.org/lang_conflict.html).
    """CREATE TRIGGER records_are_new BEFORE INSERT ON records
        WHEN EXISTS (SELECT 1 FROM records WHERE seq = NEW.seq) OR EXISTS (SELECT 1 FROM records WHERE uuid = NEW.uuid)
        BEGIN SELECT RAISE(ABORT, 'a record is never overwritten'); END""",
)

_COUNTS = """SELECT (SELECT coalesce(max(seq), 0) FROM records),
    (SELECT count(*) FROM records WHERE state = 'waiting'),
    (SELECT count(*) FROM records WHERE state = 'set_aside')"""


class SqliteStore:
    """The records of one gate in one file; see `edge.ports.Store`.

    Any number of processes and threads may hold the same file. After a fault that passes (a full disk, a file that
    was locked) the same object works again.
    StoreError: the file cannot be used; the message tells the technician what to do.
    """

    def __init__(self, path: Path, gate_id: str, software_version: str, calibration_version: str) -> None:
        self._path = path.absolute()
        self._gate_id = gate_id
        self._versions = software_version, calibration_version
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        _ensure_file(path)
        try:
            # check_same_thread: the lock does it. isolation_level None: transactions are begun here, by name.
            self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            # Not before: opening for writing may give the file another identity (overlayfs copies it up).
            self._file = _identity(path)
            self._prepare(self._db)
        except sqlite3.Error as error:
            self.close()
            raise _fault(path, error) from error
        except StoreError:
            self.close()
            raise

    def append(self, passage: Passage, decided: Stamp) -> Record:
        """Write a person down under the next sequence number; returns, as it is on disk, once it is there.

        StoreError: nothing was written, the number is not used up. RecordError: nor can it ever be, as it is.
        """
        with self._transaction() as db:
            (seq,) = db.execute("SELECT coalesce(max(seq), 0) + 1 FROM records").fetchone()
            record = Record(str(uuid4()), self._gate_id, seq, decided, passage, *self._versions)
            body = canonical_bytes(record)
            # Numbers are rounded on their way into the bytes; and no bytes go to disk that the county must refuse.
            record = parse(body)
            db.execute(
                "INSERT INTO records (seq, uuid, body, sha256) VALUES (?, ?, ?, ?)",
                (seq, record.uuid, body, fingerprint(body)),
            )
        return record

    def unsent(self, limit: int) -> list[tuple[Record, bytes]]:
        """The oldest records without an answer, with their canonical bytes; at most `limit`.

        A record whose bytes the medium has changed is set aside here, so that it neither lies nor blocks the others.
        """
        while True:
            rows = self._read(
                "SELECT seq, uuid, body, sha256 FROM records WHERE state = 'waiting' ORDER BY seq LIMIT ?", limit
            )
            intact = []
            for seq, uuid, body, sha256 in rows:
                record = self._intact(seq, uuid, body, sha256)
                if record is None:
                    self.set_aside(uuid, "记录在存储介质上已损坏 / damaged on the medium")
                else:
                    intact.append((record, bytes(body)))
            if intact or not rows:
                return intact

    def acknowledge(self, uuid: str) -> None:
        """The county has this record. Final: nothing later changes it. StoreError: no such record."""
        self._settle("UPDATE records SET state = 'acknowledged', why = '' WHERE uuid = ?", uuid)

    def set_aside(self, uuid: str, why: str) -> None:
        """The county refuses this record; it stays in the file with the reason. StoreError: no such record."""
        self._settle(
            """UPDATE records SET state = CASE state WHEN 'acknowledged' THEN state ELSE 'set_aside' END,
            why = CASE state WHEN 'acknowledged' THEN why ELSE ?2 END WHERE uuid = ?1""",
            uuid,
            why,
        )

    def refusals(self, limit: int) -> list[tuple[Record | None, str]]:
        """The oldest records that were set aside, and why; None for one whose bytes are damaged."""
        rows = self._read(
            "SELECT seq, uuid, body, sha256, why FROM records WHERE state = 'set_aside' ORDER BY seq LIMIT ?", limit
        )
        return [(self._intact(*row[:4]), row[4]) for row in rows]

    def offer_again(self) -> int:
        """Let every record that was set aside be sent once more (the county was repaired); how many."""
        with self._transaction() as db:
            return db.execute("UPDATE records SET state = 'waiting', why = '' WHERE state = 'set_aside'").rowcount

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
        _refuse_foreign(self._path, db)
        if (mode := _journal_to_wal(db)) != "wal":
            raise StoreError(
                f"{self._path}：此文件系统不支持 WAL（得到 {mode}）；请将记录文件放在本机磁盘上",
                f"{self._path}: this file system cannot do WAL (got {mode}); put the file on a local disk",
            )
        db.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            # Both processes may have found an empty file; whoever is second finds it made.
            if _pragma(db, "user_version") == 0:
                for statement in _TABLES:
                    db.execute(statement)
                db.execute("INSERT INTO gate VALUES (1, ?)", (self._gate_id,))
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {SCHEMA}")
        found = _pragma(db, "quick_check(1)")
        if found != "ok":
            raise _damaged(self._path, str(found))
        (owner,) = db.execute("SELECT gate_id FROM gate").fetchone() or ("?",)
        if owner != self._gate_id:
            raise StoreError(
                f"{self._path} 属于闸机 {owner}，本机是 {self._gate_id}；请核对配置中的 gate.id，或指定另一个记录文件",
                f"{self._path} belongs to gate {owner}, this is {self._gate_id}; check the gate's id in the"
                " configuration, or name another file",
            )

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
            except sqlite3.Error as error:
                raise _fault(self._path, error) from error

    def _read(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            try:
                # All rows at once: an open cursor would hold back the checkpoint of the other process.
                rows = self._connection().execute(sql, values).fetchall()
                self._check_place()
                return rows
            except sqlite3.Error as error:
                raise _fault(self._path, error) from error

    def _check_place(self) -> None:
        """StoreError unless the open file is still the one at its path: what is written to any other is lost."""
        if _identity(self._path) != self._file:
            raise StoreError(
                f"{self._path} 在使用中被移走、删除或替换，记录无法写入；请把原文件放回原处（自动继续）；"
                "若已丢失，请以县级服务器发放的新闸机编号重新启动（序号从 1 重新开始）",
                f"{self._path} was moved, deleted or replaced while it was in use, no record can be written; put the"
                " file back (the gate then goes on by itself), or, when it is lost, start again under a new gate id"
                " from the county, since sequence numbers begin at 1 again",
            )

    def _settle(self, sql: str, *values: str) -> None:
        with self._transaction() as db:
            if db.execute(sql, values).rowcount != 1:
                raise StoreError(
                    f"{self._path} 中没有记录 {values[0]}；请核对记录文件",
                    f"{self._path} has no record {values[0]}; check that it is the right file",
                )

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreError(f"{self._path} 已关闭；请重新打开", f"{self._path} is closed; open it again")
        return self._db

    def _intact(self, seq: int, uuid: str, body: bytes, sha256: str) -> Record | None:
        if fingerprint(body) != sha256:
            return None
        try:
            record = parse(body)
        except RecordError:
            return None
        return record if (record.seq, record.uuid, record.gate_id) == (seq, uuid, self._gate_id) else None


def _ensure_file(path: Path) -> None:
    """Make an empty file with the right mode unless one is there. An existing file is not opened here: closing any
    descriptor of it would drop this process's POSIX locks on it (https://sqlite.org/howtocorrupt.html, 2.2)."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"无法创建记录文件 {path}（{error.strerror}）；请检查目录是否存在、可写，磁盘是否已满",
            f"cannot make the records' file {path} ({error.strerror}); check that its folder exists, is writable"
            " and has room",
        ) from error


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells the file at this path from every other; None: there is none, or it cannot be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _refuse_foreign(path: Path, db: sqlite3.Connection) -> None:
    """StoreError unless the file is empty or ours, and not newer than this software."""
    application_id, version = _pragma(db, "application_id"), _pragma(db, "user_version")
    if application_id != APPLICATION_ID and (version or db.execute("SELECT 1 FROM sqlite_schema").fetchone()):
        raise StoreError(
            f"{path} 是其他程序的数据库；请在配置中指定另一个记录文件",
            f"{path} is another program's database; name another file in the configuration",
        )
    if version > SCHEMA:
        raise StoreError(
            f"{path} 由更新版本的软件写入（格式 {version}，本软件 {SCHEMA}）；请升级本机软件",
            f"{path} was written by newer software (format {version}, this is {SCHEMA}); upgrade the gate's software",
        )


def _journal_to_wal(db: sqlite3.Connection) -> str:
    # The switch needs the file for itself, and SQLite does not wait for that when both processes start at once.
    for _ in range(50):
        try:
            return str(_pragma(db, "journal_mode = WAL"))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            threading.Event().wait(BUSY_TIMEOUT_S / 50)
    return str(_pragma(db, "journal_mode = WAL"))


def _pragma(db: sqlite3.Connection, pragma: str) -> Any:
    return db.execute(f"PRAGMA {pragma}").fetchone()[0]


def _fault(path: Path, error: sqlite3.Error) -> StoreError:
    """What SQLite's error means to a technician (codes: https://sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
        return StoreError(
            f"磁盘已满，记录无法写入 {path}；请腾出空间，之后自动继续（没有写入一半的记录）",
            f"the disk is full, no record can be written to {path}; free some space, the gate then goes on by itself"
            " (nothing was half-written)",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, str(error))
    remedies = {
        sqlite3.SQLITE_BUSY: (
            "另一个程序占用了记录文件；请关闭打开它的工具",
            "another program holds the records' file; close the tool that has it open",
        ),
        sqlite3.SQLITE_READONLY: (
            "记录文件或其目录只读；请检查权限和挂载方式",
            "the records' file or its folder is read-only; check permissions and how it is mounted",
        ),
        sqlite3.SQLITE_CANTOPEN: (
            "无法打开记录文件；请检查它是否为普通文件、目录是否可写",
            "the records' file cannot be opened; check that it is a plain file in a writable folder",
        ),
        sqlite3.SQLITE_IOERR: (
            "读写存储介质失败；请检查并更换存储卡或硬盘",
            "the medium cannot be read or written; check the card or disk and replace it",
        ),
    }
    zh, en = remedies.get(code, ("记录文件出错；请保留该文件并联系支持", "keep the file and call support"))
    return StoreError(f"{path}：{zh}（{name}）", f"{path}: {en} ({name}: {error})")


def _disk_is_full(path: Path) -> bool:
    # The shared-memory file that WAL needs reports a full disk as a plain I/O error.
    try:
        return shutil.disk_usage(path.parent).free < DISK_IS_FULL_BELOW_BYTES
    except OSError:
        return False


def _damaged(path: Path, detail: str) -> StoreError:
    return StoreError(
        f"{path} 已损坏或不是记录文件（{detail}）；请把它与同名的 -wal、-shm 文件一起移走保存（勿删），"
        "并以县级服务器发放的新闸机编号重新启动（序号从 1 重新开始）",
        f"{path} is damaged or no records' file ({detail}); move it away together with its -wal and -shm files"
        " (keep them: what is readable can be recovered) and start again under a new gate id from the county,"
        " since sequence numbers begin at 1 again",
    )
