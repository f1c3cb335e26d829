"""The records' file is made or refused: what it holds, whose it is, and that it is whole."""

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

from edge.adapters.store_sqlite.faults import damaged
from edge.core.errors import StoreError

APPLICATION_ID = 0x46475431  # "FGT1" in the file's header: tells our file from any other program's
SCHEMA = 3
FILE_MODE = 0o640  # records are about people: nobody else on the board reads them
# The switch to WAL is tried so often, this far apart: 5 s in all.
WAL_TRIES, WAL_PAUSE_S = 50, 0.1

_TABLES = (
    "CREATE TABLE gate (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), gate_id TEXT NOT NULL) STRICT",
    # Whose signatures the records carry: more than one only when the device's key was ever replaced.
    "CREATE TABLE keys (public_key TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE records (
        seq INTEGER PRIMARY KEY CHECK (seq >= 1),
        uuid TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        utc_ms INTEGER NOT NULL,
        link BLOB NOT NULL,
        sealed BLOB,
        signature TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'acknowledged', 'set_aside')),
        why TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX records_waiting ON records (seq) WHERE state = 'waiting'",
    "CREATE INDEX records_set_aside ON records (seq) WHERE state = 'set_aside'",
    "CREATE INDEX records_erasable ON records (seq) WHERE state = 'acknowledged' AND sealed IS NOT NULL",
    "CREATE INDEX records_kind ON records (kind, utc_ms)",
    """CREATE TRIGGER records_stay BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END""",
    # The columns are compared, not named (UPDATE OF seq): rowid is another name for seq, which that would let pass.
    # The one change: a content is erased that the county has.
    """CREATE TRIGGER records_stand BEFORE UPDATE ON records
        WHEN NEW.seq IS NOT OLD.seq OR NEW.uuid IS NOT OLD.uuid OR NEW.link IS NOT OLD.link
            OR NEW.signature IS NOT OLD.signature OR NEW.sha256 IS NOT OLD.sha256 OR NEW.kind IS NOT OLD.kind
            OR NEW.utc_ms IS NOT OLD.utc_ms OR (NEW.sealed IS NOT OLD.sealed
                AND NOT (NEW.sealed IS NULL AND OLD.state = 'acknowledged' AND NEW.state = 'acknowledged'))
        BEGIN SELECT RAISE(ABORT, 'a record is never rewritten'); END""",
    # REPLACE deletes what is in its way without calling delete triggers (https://sqlite.org/lang_conflict.html).
    """CREATE TRIGGER records_are_new BEFORE INSERT ON records
        WHEN EXISTS (SELECT 1 FROM records WHERE seq = NEW.seq) OR EXISTS (SELECT 1 FROM records WHERE uuid = NEW.uuid)
        BEGIN SELECT RAISE(ABORT, 'a record is never overwritten'); END""",
)


def ensure_file(path: Path) -> None:
    """Make an empty file with the right mode unless one is there. An existing file is not opened here: closing any
    descriptor of it would drop this process's POSIX locks on it (https://sqlite.org/howtocorrupt.html, 2.2)."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE)
        try:
            if os.geteuid() == 0:
                # A technician's command was first: the services, who own the folder, have to write to it.
                folder = path.parent.stat()
                os.fchown(descriptor, folder.st_uid, folder.st_gid)
        finally:
            os.close(descriptor)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"无法创建记录文件 {path}（{error.strerror}）；请检查目录是否存在、可写，磁盘是否已满",
            f"cannot make the records' file {path} ({error.strerror}); check that its folder exists, is writable"
            " and has room",
        ) from error


def identity(path: Path) -> tuple[int, int] | None:
    """What tells the file at this path from every other; None: there is none, or it cannot be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def refuse_foreign(path: Path, db: sqlite3.Connection) -> None:
    """StoreError unless the file is empty or ours, and of the very format that this software writes."""
    application_id, version, holds_something = _header(db)
    if application_id != APPLICATION_ID and (version or holds_something):
        raise StoreError(
            f"{path} 是其他程序的数据库；请在配置中指定另一个记录文件",
            f"{path} is another program's database; name another file in the configuration",
        )
    if version > SCHEMA:
        raise StoreError(
            f"{path} 由更新版本的软件写入（格式 {version}，本软件 {SCHEMA}）；请升级本机软件",
            f"{path} was written by newer software (format {version}, this is {SCHEMA}); upgrade the gate's software",
        )
    if application_id == APPLICATION_ID and version < SCHEMA:
        raise StoreError(
            f"{path} 由旧版软件写入（格式 {version}，本软件 {SCHEMA}），无法续写；请先用旧版软件把其中的记录全部上传，"
            "再把它与同名的 -wal、-shm 文件一起移走保存（勿删），"
            "并以县级服务器发放的新闸机编号重新启动（序号从 1 重新开始）",
            f"{path} was written by older software (format {version}, this is {SCHEMA}) and cannot be continued; let"
            " the older software send all its records, then move it away together with its -wal and -shm files (keep"
            " them) and start again under a new gate id from the county, since sequence numbers begin at 1 again",
        )


def use_wal(path: Path, db: sqlite3.Connection) -> None:
    """Write-ahead log, and every commit waits for the medium. StoreError: this file system has no shared memory."""
    if (mode := _journal_to_wal(db)) != "wal":
        raise StoreError(
            f"{path}：此文件系统不支持 WAL（得到 {mode}）；请将记录文件放在本机磁盘上",
            f"{path}: this file system cannot do WAL (got {mode}); put the file on a local disk",
        )
    db.execute("PRAGMA synchronous = FULL")
    # What is erased is overwritten, not merely forgotten (https://sqlite.org/pragma.html#pragma_secure_delete).
    db.execute("PRAGMA secure_delete = ON")


def make_tables(db: sqlite3.Connection, gate_id: str, public_key: str) -> None:
    """Tables and triggers, unless they are there, and this key among those that sign; inside a transaction.

    Both processes may have found an empty file: whoever is second finds it made.
    """
    if _pragma(db, "user_version") == 0:
        for statement in _TABLES:
            db.execute(statement)
        db.execute("INSERT INTO gate VALUES (1, ?)", (gate_id,))
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    db.execute("INSERT INTO keys SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE public_key = ?1)", (public_key,))


def check_content(path: Path, db: sqlite3.Connection, gate_id: str) -> None:
    """StoreError unless the file is whole and this gate's."""
    found = _pragma(db, "quick_check(1)")
    if found != "ok":
        raise damaged(path, str(found))
    (owner,) = db.execute("SELECT gate_id FROM gate").fetchone() or ("?",)
    if owner != gate_id:
        raise StoreError(
            f"{path} 属于闸机 {owner}，本机是 {gate_id}；请核对配置中的 gate.id，或指定另一个记录文件",
            f"{path} belongs to gate {owner}, this is {gate_id}; check the gate's id in the configuration, or name"
            " another file",
        )


def _journal_to_wal(db: sqlite3.Connection) -> str:
    # The switch needs the file for itself, and SQLite does not wait for that when both processes start at once.
    for _ in range(WAL_TRIES):
        try:
            return str(_pragma(db, "journal_mode = WAL"))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            threading.Event().wait(WAL_PAUSE_S)
    return str(_pragma(db, "journal_mode = WAL"))


def _header(db: sqlite3.Connection) -> tuple[int, int, bool]:
    # In one read transaction: another process may make the tables between one statement and the next.
    db.execute("BEGIN")
    try:
        holds_something = db.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None
        return _pragma(db, "application_id"), _pragma(db, "user_version"), holds_something
    finally:
        if db.in_transaction:  # a file that is no database has ended it by itself
            db.execute("ROLLBACK")


def _pragma(db: sqlite3.Connection, pragma: str) -> Any:
    return db.execute(f"PRAGMA {pragma}").fetchone()[0]
