"""A gate's records arrive, each once, as they were sent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from county.gates.models import Gate, Record
from edge.core.contents import KINDS
from edge.core.record import fingerprint
from tests.county.gate_client import GateClient, register
from tests.county.records import (
    CASE_STEP,
    EVENT,
    FEVER,
    MORNING_UTC_MS,
    NOT_MEASURED,
    ONE_OF_EACH,
    OTHER_UUID,
    OVERRIDE,
    REFUSED,
    a_body,
)


def test_a_new_record_is_created_and_kept_byte_for_byte(gate: GateClient) -> None:
    uuid, body = a_body(7, content=FEVER)

    assert gate.put(uuid, body) == {"uuid": uuid, "sha256": fingerprint(body), "status": "created"}

    kept = Record.objects.get()
    assert kept.body == body
    assert (kept.gate_id, kept.seq, kept.sha256) == ("G1", 7, fingerprint(body))
    assert (kept.kind, kept.verdict, kept.reasons) == ("passage", "fever", "fever_forehead")
    assert (kept.person_id, kept.identified, kept.finding) == ("p-0417", "known", "fever")
    assert (kept.forehead_c, kept.u_c, kept.passage_uuid) == (36.7, 0.28, None)


def test_the_same_record_again_is_acknowledged_and_kept_once(gate: GateClient) -> None:
    uuid, body = a_body()
    gate.put(uuid, body)

    assert gate.put(uuid, body) == {"uuid": uuid, "sha256": fingerprint(body), "status": "already"}

    assert Record.objects.count() == 1
    assert Gate.objects.get().records == 1


def test_another_body_under_a_known_uuid_is_refused_and_the_first_stays(gate: GateClient) -> None:
    uuid, body = a_body(1)
    gate.put(uuid, body)

    _, other = a_body(1, uuid=uuid, content=FEVER)
    answer = gate.put(uuid, other)

    assert answer["error"]["code"] == "uuid_taken"
    assert Record.objects.get().body == body


def test_another_uuid_under_a_known_sequence_number_is_refused(gate: GateClient) -> None:
    gate.put(*a_body(1))

    answer = gate.put(*a_body(1))

    assert answer["error"]["code"] == "seq_taken"
    assert Record.objects.count() == 1


def test_two_gates_number_their_records_independently(gate: GateClient) -> None:
    other = GateClient(register("G2"))

    assert gate.put(*a_body(1))["status"] == "created"
    assert other.put(*a_body(1, gate_id="G2"))["status"] == "created"


def test_the_gate_knows_how_many_it_sent_and_the_highest(gate: GateClient) -> None:
    for seq in (1, 5, 3):
        gate.put(*a_body(seq))

    kept = Gate.objects.get()
    assert (kept.records, kept.highest_seq) == (3, 5)


def test_a_record_that_was_never_measured_has_no_temperature(gate: GateClient) -> None:
    gate.put(*a_body(content=NOT_MEASURED))

    kept = Record.objects.get()
    assert (kept.verdict, kept.forehead_c, kept.u_c) == ("not_measured", None, None)
    assert (kept.identified, kept.person_id, kept.finding) == ("no_badge", "", "not_measured")


def test_all_reasons_of_a_refusal_are_kept_the_gravest_first(gate: GateClient) -> None:
    gate.put(*a_body(content=REFUSED))

    kept = Record.objects.get()
    assert (kept.verdict, kept.reasons, kept.finding) == ("refused", "not_approved,too_early", "pass")


def test_a_badge_that_nobody_stood_behind_has_no_finding(gate: GateClient) -> None:
    gate.put(*a_body(content=REFUSED, measurement=None, reasons=("no_face",)))

    kept = Record.objects.get()
    assert (kept.verdict, kept.finding, kept.forehead_c, kept.u_c) == ("refused", "", None, None)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_record_is_kept_and_can_be_looked_up_by_it(gate: GateClient, kind: str) -> None:
    uuid, body = a_body(3, content=ONE_OF_EACH[kind])

    assert gate.put(uuid, body)["status"] == "created"
    assert gate.put(uuid, body)["status"] == "already"

    kept = Record.objects.get(kind=kind)
    assert (kept.body, kept.seq) == (body, 3)


def test_an_override_names_its_passage_and_its_person(gate: GateClient) -> None:
    gate.put(*a_body(1, content=OVERRIDE))
    gate.put(*a_body(2, content=CASE_STEP, passage_uuid=OTHER_UUID, person_id=None))
    gate.put(*a_body(3, content=EVENT))

    columns = list(Record.objects.order_by("seq").values_list("passage_uuid", "person_id", "verdict", "reasons"))
    assert columns == [(UUID(OTHER_UUID), "p-0417", "", ""), (UUID(OTHER_UUID), "", "", ""), (None, "", "", "")]


def test_the_longest_list_of_reasons_is_kept_whole(gate: GateClient) -> None:
    reasons = tuple(f"{'r' * 38}{n:02}" for n in range(16))
    gate.put(*a_body(content=REFUSED, reasons=reasons))

    kept = Record.objects.get()
    assert kept.reasons.split(",") == list(reasons)
    kept.full_clean(exclude=["passage_uuid", "link", "sealed"])


def test_a_record_counts_on_the_day_it_was_written_in_beijing(gate: GateClient) -> None:
    late_utc_ms = int(datetime(2026, 3, 1, 16, 30, tzinfo=UTC).timestamp() * 1000)

    gate.put(*a_body(utc_ms=late_utc_ms))

    kept = Record.objects.get()
    assert (str(kept.counted_on), kept.clock_ok) == ("2026-03-02", True)
    assert kept.counted_at == datetime(2026, 3, 1, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("utc_ms", "synchronised"),
    [(MORNING_UTC_MS, False), (0, True), (2**53, True)],
    ids=["unset", "1970", "no-such-year"],
)
def test_a_clock_that_is_worth_nothing_makes_the_arrival_count(
    gate: GateClient, utc_ms: int, synchronised: bool
) -> None:
    assert gate.put(*a_body(utc_ms=utc_ms, synchronised=synchronised))["status"] == "created"

    kept = Record.objects.get()
    assert not kept.clock_ok
    assert kept.counted_at == kept.received_at
    assert abs(timezone.now() - kept.received_at) < timedelta(minutes=1)


@pytest.mark.parametrize("outcome", ["created", "refused", "listed"])
def test_every_request_of_a_gate_shows_that_it_lives(gate: GateClient, outcome: str) -> None:
    before = timezone.now()

    match outcome:
        case "created":
            gate.put(*a_body())
        case "refused":
            gate.put("x", b"no record")
        case _:
            gate.get("records")

    seen_at = Gate.objects.get().last_seen_at
    assert seen_at is not None
    assert seen_at >= before


def test_what_is_acknowledged_is_on_the_disk(gate: GateClient) -> None:
    gate.put(*a_body())

    with connection.cursor() as cursor:
        pragmas = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2], "2 is FULL"
