"""Django for tests: no variable of the machine's own county, every test on its own copy of an empty database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

for name in [name for name in os.environ if name.startswith("FOREGATE_COUNTY_")]:
    del os.environ[name]
os.environ["DJANGO_SETTINGS_MODULE"] = "county.settings"
django.setup()

from django.core.management import call_command  # noqa: E402  # only after setup
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings, setup_test_environment, teardown_test_environment  # noqa: E402

from tests.county.gate_client import GateClient, register  # noqa: E402


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A migrated database file without any row."""
    path = tmp_path_factory.mktemp("county") / "empty.sqlite3"
    setup_test_environment()
    # Real password hashing is slow on purpose.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        connections.databases["default"]["NAME"] = str(path)
        call_command("migrate", verbosity=0)
        connections.close_all()
        yield path
    teardown_test_environment()


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Iterator[Path]:
    """The test's own database, as Django's default connection."""
    path = tmp_path / "county.sqlite3"
    shutil.copyfile(empty_database, path)
    # A connection that something left open would still be to the database of the test before.
    connections.close_all()
    connections.databases["default"]["NAME"] = str(path)
    yield path
    connections.close_all()


@pytest.fixture
def gate(database: Path) -> GateClient:
    """Gate G1, which speaks to the county."""
    return GateClient(register("G1"))


@pytest.fixture
def browser(database: Path) -> Client:
    """Somebody's browser, not signed in."""
    return Client()


@pytest.fixture
def officer(browser: Client) -> Client:
    """A browser in which 王医生 (password: a long one for tests) is signed in."""
    from county.accounts.making import make_account

    make_account("王医生", "officer", password="a long one for tests")
    assert browser.login(username="王医生", password="a long one for tests")
    return browser
