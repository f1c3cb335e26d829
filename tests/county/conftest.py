"""Django for tests: no variable of the machine's own county, every test on its own copy of an empty database."""

import os
from pathlib import Path

import django
import pytest

for name in [name for name in os.environ if name.startswith("FOREGATE_COUNTY_")]:
    del os.environ[name]
os.environ["DJANGO_SETTINGS_MODULE"] = "county.settings"
django.setup()

from django.test import Client  # noqa: E402  # only after setup

from tests.county.databases import (  # noqa: E402
    database,
    empty_database,
    empty_postgres,
    postgres,
    quick_passwords,
)
from tests.county.gate_client import GateClient, register  # noqa: E402

__all__ = ["database", "empty_database", "empty_postgres", "postgres", "quick_passwords"]


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
