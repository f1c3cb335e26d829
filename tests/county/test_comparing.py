"""A gate asks which of its records the county has; anybody asks whether the county is there."""

import pytest
from django.test import Client

from county.gates import api
from edge.core.record import fingerprint, parse
from tests.county.gate_client import GateClient, register
from tests.county.records import Writer, a_body


def test_a_gate_sees_its_own_records_in_order(gate: GateClient) -> None:
    other = GateClient(register("G2"))
    other.put(*a_body(9, gate_id="G2"))
    sent = Writer().many(3)
    for at in (2, 0, 1):
        gate.send(sent[at])

    answer = gate.get("records", since_seq="1")

    rows = [{"seq": n + 1, "uuid": parse(sent[n]).uuid, "sha256": fingerprint(sent[n])} for n in (1, 2)]
    assert answer.json() == {"gate_id": "G1", "records": rows, "more": False}


def test_many_records_come_page_by_page(gate: GateClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAGE_RECORDS", 2)
    for seq in (1, 2, 3, 4, 5):
        gate.put(*a_body(seq))

    pages, since, more = [], 0, True
    while more:
        answer = gate.get("records", since_seq=str(since)).json()
        pages.append([row["seq"] for row in answer["records"]])
        since, more = pages[-1][-1], answer["more"]

    assert pages == [[1, 2], [3, 4], [5]]


def test_health_is_open_and_tells_nothing_of_people(gate: GateClient) -> None:
    gate.put(*a_body())

    answer = Client().get("/api/v1/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
