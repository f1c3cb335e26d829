"""Contents leave when their time is over; the chain that is left is still provable, and tampering with it shows."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from county.accounts.models import Look
from county.gates.models import Anomaly, LodgedHead, Record
from edge.core.errors import ConfigError
from tests.county.databases import on_both
from tests.county.gate_client import GateClient
from tests.county.records import FEVER, OVERRIDE, Writer
from tests.fakes.signing import FakeSigner

pytestmark = on_both


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=StringIO(), no_color=True)
    except ConfigError as error:
        return out.getvalue() + str(error)
    return out.getvalue()


def days_ago_ms(days: float) -> int:
    return round((timezone.now() - timedelta(days=days)).timestamp() * 1000)


@pytest.fixture
def old_and_new(gate: GateClient) -> Writer:
    """Three records of 500 days ago, which came then, and two of today."""
    writer = Writer()
    writer.write(content=FEVER, utc_ms=days_ago_ms(500))
    writer.many(2, utc_ms=days_ago_ms(499))
    writer.many(2, utc_ms=days_ago_ms(0))
    gate.send(*writer.bodies)
    Record.objects.filter(seq__lte=3).update(received_at=timezone.now() - timedelta(days=499))
    return writer


def test_what_is_too_old_names_nobody_any_more_and_still_counts(old_and_new: Writer) -> None:
    run("forget")

    gone = Record.objects.get(seq=1)
    assert (gone.body, gone.sealed, gone.person_id, gone.forehead_c, gone.u_c) == (None, None, "", None, None)
    assert (gone.kind, gone.verdict, gone.reasons) == ("passage", "fever", "fever_forehead")
    assert b"p-0417" not in bytes(gone.link)
    kept = Record.objects.get(seq=4)
    assert (kept.body, kept.person_id) == (old_and_new.bodies[3], "p-0417")


def test_it_says_how_much_and_the_second_time_nothing(old_and_new: Writer) -> None:
    assert "3 records, 0 anomalies" in run("forget")
    assert "0 records, 0 anomalies" in run("forget")


def test_what_arrived_late_is_kept_for_its_time_from_the_arrival(gate: GateClient) -> None:
    gate.send(Writer().write(utc_ms=days_ago_ms(500)))

    assert "0 records" in run("forget")


def test_evidence_loses_what_it_says_of_people(gate: GateClient) -> None:
    gate.send(*Writer(signer=FakeSigner(9)).many(2))
    Anomaly.objects.filter(seq=1).update(last_at=timezone.now() - timedelta(days=401))

    assert "0 records, 1 anomalies" in run("forget")
    assert [row.body is None for row in Anomaly.objects.order_by("seq")] == [True, False]


def test_the_chain_is_whole_before_and_after(old_and_new: Writer) -> None:
    assert "5 records, the chain is whole" in run("verify_gate", "G1")
    run("forget")
    assert "5 records, the chain is whole" in run("verify_gate", "G1")


def test_a_record_that_was_forgotten_and_comes_again_is_known(old_and_new: Writer, gate: GateClient) -> None:
    run("forget")

    assert gate.send(old_and_new.bodies[0]).json()["answers"][0]["status"] == "already"
    assert Record.objects.get(seq=1).sealed is None


def test_the_pages_say_that_a_content_was_erased(old_and_new: Writer) -> None:
    from county.gates.models import Gate
    from county.gates.rows import ERASED, rows

    run("forget")

    shown = rows(Gate.objects.get(), list(Record.objects.order_by("seq")))
    assert [ERASED in row.words for row in shown] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    ("seq", "changes", "told"),
    [
        (2, {"link": b"{}"}, "its link is not valid"),
        (2, {"signature": "A" * 86 + "=="}, "did not sign"),
        (2, {"sealed": b"{}"}, "not the one that was signed"),
        (2, {"sha256": "0" * 64}, "columns"),
        (2, {"kind": "event"}, "columns"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_whatever_is_altered_in_the_database_shows(
    old_and_new: Writer, seq: int, changes: dict[str, Any], told: str
) -> None:
    Record.objects.filter(seq=seq).update(**changes)

    said = run("verify_gate", "G1")

    assert f"\n{seq}: " in "\n" + said
    assert told in said
    assert "breaks" in said


def test_a_row_that_was_deleted_shows_and_a_tail_by_the_lodged_head(old_and_new: Writer) -> None:
    LodgedHead.objects.create(gate_id="G1", lodged_at=timezone.now(), **old_and_new.head)
    Record.objects.filter(seq=2).delete()
    assert "2: " in run("verify_gate", "G1")

    Record.objects.filter(seq=5).delete()
    assert "5: " in run("verify_gate", "G1")


def test_links_of_other_kinds_stay_too(gate: GateClient) -> None:
    writer = Writer()
    gate.send(writer.write(utc_ms=days_ago_ms(500)), writer.write(content=OVERRIDE, utc_ms=days_ago_ms(500)))
    Record.objects.update(received_at=timezone.now() - timedelta(days=500))

    assert "2 records" in run("forget")
    assert "the chain is whole" in run("verify_gate", "G1")


@pytest.mark.usefixtures("database")
def test_who_looked_is_kept_for_its_own_time() -> None:
    now = timezone.now()
    for days in (1099, 1101):
        at = now - timedelta(days=days)
        Look.objects.create(at=at, last_at=at, by="li", role="officer", address="", what="people", school="", about="")
    assert "erased 1 looks older than 1100 days" in run("forget")
    assert [(now - look.at).days for look in Look.objects.all()] == [1099]
