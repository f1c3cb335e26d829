"""The records' file is read by somebody who only looks: nothing is written to it, a gate may be at work on it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.adapters.store_sqlite.faults import damaged
from edge.adapters.store_sqlite.opening import APPLICATION_ID, SCHEMA
from edge.core.chain import Row
from edge.core.errors import ConfigError

_ROWS = "SELECT seq, uuid, kind, utc_ms, link, sealed, signature, sha256, state, why FROM records ORDER BY seq"
_KINDS = (int, str, str, int, bytes, bytes | None, str, str, str, str)


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that is open for reading. keys: whose signatures it says its records carry (base64)."""

    gate_id: str
    keys: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def looked_into(path: Path) -> Iterator[Looked]:
    """The file's records, by seq, all of one moment.

    ConfigError: it cannot be opened, or is no records' file of this software's format. StoreError, also from the rows:
    it is damaged where it was just read.
    """
    try:
        if not path.is_file():
            raise _unusable(path, "no such file")
        with _opened(path) as db:
            db.execute("BEGIN")
            _refuse_foreign(path, db)
            (gate_id,) = db.execute("SELECT gate_id FROM gate").fetchone() or ("",)
            keys = tuple(str(key) for (key,) in db.execute("SELECT public_key FROM keys ORDER BY rowid"))
            yield Looked(gate_id, keys, _rows(path, db))
    except UnicodeDecodeError as error:
        # SQLite's own complaint quotes the file, for example a table's damaged name.
        raise damaged(path, str(error)) from error
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_CORRUPT:
            raise damaged(path, str(error)) from error
        raise _unusable(path, str(error)) from error
    except OSError as error:
        raise _unusable(path, str(error.strerror)) from error


def _rows(path: Path, db: sqlite3.Connection) -> Iterator[Row]:
    try:
        for row in db.execute(_ROWS):
            # The file's own tables see to it; somebody may have made others.
            if not all(isinstance(value, kind) for value, kind in zip(row, _KINDS, strict=True)):
                raise damaged(path, f"record {row[0]!r:.40} holds values of the wrong kind")
            yield Row(*row)
        found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise damaged(path, str(error)) from error
    if found != "ok":
        raise damaged(path, str(found))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    wal, shm = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if not wal.exists():
        # Nobody has it open: SQLite need not make its shared memory beside it, which a read-only medium would refuse.
        with closing(_connected(path, "immutable=1")) as db:
            yield db
    elif shm.exists():
        with closing(_connected(path, "mode=ro")) as db:
            yield db
    else:
        # A copy with its log: to read it the log has to be gone through, and that writes.
        with TemporaryDirectory() as folder:
            copied = Path(folder) / path.name
            shutil.copyfile(path, copied)
            shutil.copyfile(wal, copied.with_name(wal.name))
            with closing(_connected(copied, "mode=rw")) as db:
                yield db


def _connected(path: Path, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
    # A text with a changed bit is still to be looked at.
    db.text_factory = lambda stored: stored.decode(errors="replace")
    return db


def _refuse_foreign(path: Path, db: sqlite3.Connection) -> None:
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if (application_id, version) != (APPLICATION_ID, SCHEMA):
        raise _unusable(path, f"application {application_id:#x}, format {version}, expected {SCHEMA}")


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _unusable(path: Path, detail: str) -> ConfigError:
    return ConfigError(
        f"{path} 不是可读的记录文件（{detail}）；请核对路径、权限与软件版本",
        f"{path} is no records' file that can be read ({detail}); check path, permissions and the software's version",
    )
