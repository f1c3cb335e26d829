"""A county with a data folder and a signing key, and browsers of every role."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.test.utils import override_settings

from county.accounts.making import make_account
from county.core.environment import Environment

PASSWORD = "a long one for tests"


@pytest.fixture
def data(database: Path, tmp_path: Path) -> Iterator[Path]:
    """The data folder, with an empty database and no key in it."""
    folder = tmp_path / "county"
    folder.mkdir()
    with override_settings(ENVIRONMENT=Environment(folder, None, ("localhost",), False)):
        yield folder


@pytest.fixture
def as_role(database: Path) -> Callable[[str], Client]:
    """A browser in which somebody of this role is signed in."""

    def sign_in(role: str) -> Client:
        make_account(role, role, "第一小学" if role == "school" else None, password=PASSWORD)  # type: ignore[arg-type]
        browser = Client()
        assert browser.login(username=role, password=PASSWORD)
        return browser

    return sign_in
