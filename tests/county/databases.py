"""The databases of the county's tests: every test has its own copy of an empty one.

SQLite without a word. A file of tests to which it matters runs on both:

    pytestmark = on_both
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import override_settings, setup_test_environment, teardown_test_environment

from county.core.database_url import parse
from county.database import postgresql, sqlite
from tools.postgres_cluster import ABSENT, CARELESS, Server, cluster, programs

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def quick_passwords() -> Iterator[None]:
    """Django's surroundings for tests; real password hashing is slow on purpose."""
    setup_test_environment()
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
    teardown_test_environment()


@pytest.fixture(scope="session")
def empty_database(quick_passwords: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file without any row."""
    folder = tmp_path_factory.mktemp("county")
    with as_default(sqlite(folder)):
        call_command("migrate", verbosity=0)
    return folder / "county.sqlite3"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for all tests; skipped where it is not installed."""
    if programs() is None:
        pytest.skip(ABSENT)
    with cluster(*CARELESS) as server:
        yield server


@pytest.fixture(scope="session")
def empty_postgres(quick_passwords: None, postgres: Server) -> str:
    """The name of a migrated database without any row."""
    url = postgres.create("empty")
    with as_default(postgresql(parse(url), None)):
        call_command("migrate", verbosity=0)
    return "empty"


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The test's own database, as Django's default connection: its file, or the folder of PostgreSQL's socket."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "county.sqlite3"
        shutil.copyfile(request.getfixturevalue("empty_database"), path)
        with as_default(sqlite(tmp_path)):
            yield path
        return
    server: Server = request.getfixturevalue("postgres")
    name = f"t{uuid4().hex}"
    url = server.create(name, like=request.getfixturevalue("empty_postgres"))
    with as_default(postgresql(parse(url), None)):
        yield server.folder
    server.drop(name)


@contextmanager
def as_default(settings: dict[str, Any]) -> Iterator[None]:
    """Django's default connection is to this database, in every thread that has not used the default one before."""
    before = connections.databases["default"]
    _use(connections.configure_settings({"default": settings})["default"])
    try:
        yield
    finally:
        _use(before)


def _use(settings: dict[str, Any]) -> None:
    # A connection that something left open would still be to the database of the test before.
    connections.close_all()
    connections["default"].close()
    connections.databases["default"] = settings
    # The next who asks gets one that knows these settings.
    del connections["default"]
