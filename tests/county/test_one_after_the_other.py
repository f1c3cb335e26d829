"""Rules that one must come after the other, on both databases: whoever comes at the same moment stands in line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from county.core import problems
from county.core.roll import Roll
from county.database import stand_in_line
from county.gates import ingest
from county.gates.models import Anomaly, Gate, Record
from county.rosters.changing import change_roll, roll_of
from county.rosters.models import School
from edge.core.record import canonical_bytes
from edge.core.roster import Person
from tests.county.databases import on_both
from tests.county.gate_client import GateClient
from tests.county.records import a_record

pytestmark = on_both
MANY = 6
PATIENCE_S = 30


def at_once(doings: list[Callable[[], Any]]) -> list[Any]:
    """Do them at the same moment, each in a thread with a connection of its own; what came of each."""
    together = Barrier(len(doings))

    def do(doing: Callable[[], Any]) -> Any:
        together.wait(PATIENCE_S)
        try:
            return doing()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(do, doings))


def test_the_same_batch_from_many_is_created_once(gate: GateClient) -> None:
    found = Gate.objects.get()
    body = canonical_bytes(a_record(1))

    came = at_once([lambda: ingest.store(found, [body], timezone.now())[0]] * MANY)

    assert sorted(one.status for one in came) == ["already"] * (MANY - 1) + ["created"]
    assert (Record.objects.count(), Gate.objects.get().records) == (1, 1)


def test_of_two_histories_one_is_kept_and_the_other_is_evidence(gate: GateClient) -> None:
    found = Gate.objects.get()
    bodies = [canonical_bytes(a_record(1)) for _ in range(MANY)]

    came = at_once([lambda body=body: ingest.store(found, [body], timezone.now())[0] for body in bodies])  # type: ignore[misc]  # a default

    refused = [one for one in came if one == problems.SEQ_TAKEN]
    assert len(refused) == MANY - 1
    assert Record.objects.count() == 1
    assert Anomaly.objects.filter(code="seq_taken").count() == MANY - 1


@pytest.mark.usefixtures("database")
def test_a_school_that_many_make_at_once_has_all_their_people() -> None:
    def adding(number: int) -> Callable[[], Any]:
        one = Person(f"p-{number}", f"学生{number}", "staff", None, (f"B{number}",), True, None, True)

        def edit(roll: Roll) -> Roll:
            return replace(roll, people={**roll.people, one.person_id: one})

        return lambda: change_roll("第一小学", "教务处", timezone.now(), edit)

    at_once([adding(number) for number in range(MANY)])

    school = School.objects.get()
    assert school.version == MANY
    assert len(roll_of(school).people) == MANY


@pytest.mark.usefixtures("database")
def test_who_stands_in_line_sees_what_those_before_them_did() -> None:
    def count_up() -> int:
        with transaction.atomic():
            stand_in_line("a school that nobody has made yet")
            found = School.objects.filter(name="数").first()
            version = 0 if found is None else found.version
            School.objects.update_or_create(name="数", defaults={"version": version + 1})
            return version

    assert sorted(at_once([count_up] * MANY)) == list(range(MANY))


@pytest.mark.usefixtures("database")
def test_an_answer_goes_out_when_what_it_acknowledges_is_on_the_disk() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
        else:
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)
