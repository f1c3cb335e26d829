"""Where the county keeps things: a file of the data folder, or a PostgreSQL that the environment names.

The rules that one must come after the other hold on both: SQLite queues its writers at the start of a transaction
(IMMEDIATE), on PostgreSQL whoever must not be overtaken takes the row they are about, or stands in line by a name.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any

from django.db import OperationalError, transaction

from county.core.database_url import DatabaseUrl
from county.core.environment import PREFIX
from edge.core.errors import ConfigError

# Longer than any of our transactions takes, shorter than a gate waits for its answer (edge/adapters/uplink_http.py).
WAIT_FOR_LOCK_S = 5
# Until so many batches as there are threads have been written.
WAIT_FOR_WRITERS_S = 15
# A page that asks for more than this has a fault; without it a thread would be gone.
STATEMENT_S = 30
CONNECT_S = 5


def sqlite(data: Path | None) -> dict[str, Any]:
    """Django's settings for the file in the data folder; without a folder a database in memory."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(data / "county.sqlite3") if data is not None else ":memory:",
        # Kept open: closing the last connection folds the log into the database, which would be work on every request.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # FULL: what was acknowledged is on the disk; NORMAL loses the last commits when the power fails.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            # IMMEDIATE: writers queue at the start of a transaction instead of failing in its middle.
            "transaction_mode": "IMMEDIATE",
            "timeout": WAIT_FOR_LOCK_S,
        },
    }


def postgresql(url: DatabaseUrl, password_file: Path | None) -> dict[str, Any]:
    """Django's settings for a PostgreSQL. ConfigError: no driver, or the password's file cannot be used."""
    try:
        import psycopg  # noqa: F401, PLC0415  # whether it is there; only a county with PostgreSQL needs it
    except ImportError as error:
        raise ConfigError(
            "没有 PostgreSQL 驱动；请运行 pip install 'foregate[postgres]'",
            "PostgreSQL's driver is not there; run pip install 'foregate[postgres]'",
        ) from error
    session = {
        # The server's own setting may have been loosened for speed; what is acknowledged must be on the disk.
        "synchronous_commit": "on",
        "lock_timeout": f"{WAIT_FOR_LOCK_S}s",
        "statement_timeout": f"{STATEMENT_S}s",
        # A process that died in the middle of a transaction and whose network fell silent holds no lock for ever.
        "idle_in_transaction_session_timeout": f"{STATEMENT_S}s",
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": url.host,
        "PORT": str(url.port),
        "NAME": url.name,
        "USER": url.user,
        "PASSWORD": (_password(password_file) if password_file is not None else url.password) or "",
        "CONN_MAX_AGE": None,
        # The database may have been started anew since the last request.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "sslmode": url.sslmode,
            **({"sslrootcert": url.sslrootcert} if url.sslrootcert else {}),
            "connect_timeout": CONNECT_S,
            "application_name": "foregate-county",
            "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        },
    }


# Again within itself: a session that is saved within a transaction of ours has its turn already.
_WRITING = RLock()


@contextmanager
def writing() -> Iterator[None]:
    """Around the transactions of which many come at once; OperationalError: no turn within WAIT_FOR_WRITERS_S.

    SQLite's writers do not queue, each asks again after a pause that grows: under load some are never lucky. Threads of
    this process that wait for a lock are woken at once. On PostgreSQL there is nothing to wait for.
    """
    if transaction.get_connection().vendor == "postgresql":
        yield
        return
    if not _WRITING.acquire(timeout=WAIT_FOR_WRITERS_S):
        raise OperationalError("database is locked")
    try:
        yield
    finally:
        _WRITING.release()


def stand_in_line(*about: str) -> None:
    """Wait until no other transaction that stands in line for the same words is left, and keep the place to the end.

    Within a transaction only; for rules about rows that may not be there yet, where no row can be locked.
    Source: PostgreSQL, "Advisory Locks"; the key is the first 8 bytes of the words' SHA-256.
    """
    connection = transaction.get_connection()
    # SQLite stands in line already: its transactions begin IMMEDIATE.
    if connection.vendor == "postgresql":
        key = int.from_bytes(sha256("\0".join(about).encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _password(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        password = path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"无法读取 {PREFIX}DATABASE_PASSWORD_FILE 所指的 {path}（{type(error).__name__}）；请检查路径和权限",
            f"cannot read {path} of {PREFIX}DATABASE_PASSWORD_FILE ({type(error).__name__}); check it and its mode",
        ) from None
    if mode & 0o077:
        raise ConfigError(f"{path} 可被他人读取；请运行 chmod 600 {path}", f"others can read {path}; chmod 600 {path}")
    if not password or "\n" in password or "\0" in password:
        raise ConfigError(f"{path} 应只有一行密码", f"{path} should hold one line, the password")
    return password
