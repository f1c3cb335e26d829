"""While gates send their backlog, pages that write something wait for their turn among them and are not refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, RLock

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from county import database
from county.accounts.slowing import counted
from county.core.day import local_day
from county.gates import enrolling
from county.gates.models import Gate
from county.reports import composing, filing
from county.rosters.changing import change_roll
from tests.county.gate_client import GateClient

PATIENCE_S = 30


class Turn:
    """A lock that tells when somebody has to wait for it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self.wanted = Event()

    def acquire(self, timeout: float) -> bool:
        if self._lock.acquire(blocking=False):
            return True
        self.wanted.set()
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        self._lock.release()


@pytest.fixture
def turn(gate: GateClient, monkeypatch: pytest.MonkeyPatch) -> Turn:
    """A gate G1 of 第一小学; SQLite refuses at once whoever comes while another writes."""
    made = Turn()
    monkeypatch.setattr(database, "_WRITING", made)
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0)
    return made


def today_confirmed() -> object:
    now = timezone.now()
    day = local_day(now, timezone.get_default_timezone())
    until = composing.end_of(day, now)
    shown = (round(until.timestamp() * 1000), composing.compose_now("第一小学", day, until).figures_sha256, 0)
    return filing.confirm("第一小学", day, shown, "李老师", "", "li", now + timedelta(milliseconds=1))


DOINGS: dict[str, Callable[[], object]] = {
    "sign in": lambda: counted("li", "10.0.0.1"),
    "enrol": lambda: enrolling.enrol("G1", "0000", "A" * 44, "10.0.0.1", timezone.now()),
    "look at a draft": lambda: composing.drafts(["第一小学"], timezone.now().date(), timezone.now()),
    "confirm a report": today_confirmed,
    "change a roster": lambda: change_roll("第一小学", "li", timezone.now(), lambda roll: roll),
}


@pytest.mark.parametrize("name", DOINGS)
def test_who_writes_waits_for_a_gate_that_writes(turn: Turn, name: str) -> None:
    def do() -> object:
        try:
            return DOINGS[name]()
        finally:
            turn.wanted.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with database.writing(), transaction.atomic():
            Gate.objects.update(last_seen_at=timezone.now())
            came = pool.submit(do)
            assert turn.wanted.wait(PATIENCE_S)
        assert came.result(PATIENCE_S) is not None


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/gates/G1"),
        lambda client: client.post("/sign-out"),
        lambda client: client.post("/sign-in", {"name": "王医生", "password": "a long one for tests"}),
    ],
    ids=["a look", "sign out", "sign in"],
)
def test_a_page_is_answered_after_a_gate_that_writes(
    turn: Turn, officer: Client, ask: Callable[[Client], HttpResponse]
) -> None:
    def do() -> int:
        try:
            return ask(officer).status_code
        finally:
            turn.wanted.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with database.writing(), transaction.atomic():
            Gate.objects.update(last_seen_at=timezone.now())
            came = pool.submit(do)
            assert turn.wanted.wait(PATIENCE_S)
        assert came.result(PATIENCE_S) in (200, 302)
