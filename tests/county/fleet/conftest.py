"""Accounts that look at the fleet, and gates that tell how they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from county.accounts.making import make_account
from county.gates.models import Gate

# A Monday, 09:00 in Beijing.
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSWORD = "a long one for tests"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def as_role(database: Path) -> Callable[[str], Client]:
    """A browser in which somebody of this role is signed in."""

    def sign_in(role: str) -> Client:
        make_account(role, role, "第一小学" if role == "school" else None, password=PASSWORD)  # type: ignore[arg-type]
        browser = Client()
        assert browser.login(username=role, password=PASSWORD)
        return browser

    return sign_in


@pytest.fixture
def make_gate(database: Path) -> Callable[..., Gate]:
    """A gate that was heard of just now, unless told otherwise."""

    def make(gate_id: str = "G1", school: str = "第一小学", seen: datetime | None = NOW) -> Gate:
        return Gate.objects.create(gate_id=gate_id, name="东门", school=school, created_at=NOW, last_seen_at=seen)

    return make
