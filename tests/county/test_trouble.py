"""When the database cannot take a record, the gate is told so and asked to come again; it is never told a lie."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import Client

from county.gates.models import Record
from tests.county.gate_client import GateClient
from tests.county.records import Writer, a_body


@pytest.fixture
def impatient(database: Path) -> Iterator[None]:
    """A busy database is given up on at once."""
    options = connections.databases["default"]["OPTIONS"]
    patient_s, options["timeout"] = options["timeout"], 0.0
    connection.close()
    yield
    options["timeout"] = patient_s


def test_a_busy_database_means_later(gate: GateClient, impatient: None, database: Path) -> None:
    _, body = a_body()
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = gate.send(body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) > 0
    assert not Record.objects.exists()
    assert gate.put(*a_body())["status"] == "created"


def test_a_full_disk_means_later_and_keeps_what_was_acknowledged(gate: GateClient) -> None:
    def limit(pages: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {pages}")

    limit(1)  # SQLite takes the present size then
    acknowledged = []
    writer = Writer()
    for _ in range(200):
        answer = gate.send(writer.write())
        if answer.status_code != 200:
            break
        acknowledged.append(answer.json()["answers"][0]["uuid"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "disk_full")
    assert int(answer["Retry-After"]) > 0
    assert {str(kept) for kept in Record.objects.values_list("uuid", flat=True)} == set(acknowledged)

    limit(100_000)
    assert gate.send(writer.bodies[-1]).status_code == 200
    assert Record.objects.count() == len(acknowledged) + 1


def test_a_damaged_database_means_later(gate: GateClient, database: Path) -> None:
    connection.close()
    database.write_bytes(b"this is no database, whatever its name says" * 100)

    answer = gate.send(a_body()[1])

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage")
    assert Client().get("/api/v1/health").status_code == 503
