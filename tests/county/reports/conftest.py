"""A county at 09:10 on a Monday, with accounts of every role."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from django.test import Client

from county.accounts.making import make_account
from tests.county.reports.helpers import SCHOOL

PASSWORD = "a long one for tests"


class Now:
    """The county's clock: a test sets it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)


@pytest.fixture
def now(database: Path) -> Iterator[Now]:
    """09:10 on 2026-03-02 in Beijing: twenty minutes before the deadline."""
    clock = Now()
    with patch("django.utils.timezone.now", lambda: clock.at):
        yield clock


@pytest.fixture
def as_role(now: Now) -> Callable[[str], Client]:
    """A browser in which somebody of this role is signed in; a school's is that of 第一小学."""

    def sign_in(role: str) -> Client:
        client = Client()
        # The roles are plain words here; making an account checks them.
        make_account(f"who-{role}", role, SCHOOL if role == "school" else None, password=PASSWORD)  # type: ignore[arg-type]
        assert client.login(username=f"who-{role}", password=PASSWORD)
        return client

    return sign_in
