"""A batch of records: each line has its answer, nothing good is lost for what is wrong beside it, gaps are named."""

import json
import zlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from county.gates.models import Anomaly, Gate, LodgedHead, Record
from edge.core.record import canonical_bytes, fingerprint, parse
from tests.county.databases import on_both
from tests.county.gate_client import Answer, GateClient, register
from tests.county.records import EVENT, FEVER, MORNING_UTC_MS, Writer, a_body
from tests.fakes.signing import FakeSigner

pytestmark = on_both


def said(answer: Answer) -> list[str]:
    """created, already or the code of the refusal, of each line."""
    assert answer.status_code == 200, answer.content
    return [one.get("status") or one["error"]["code"] for one in answer.json()["answers"]]


def anomalies() -> list[tuple[str, int, int]]:
    return list(Anomaly.objects.order_by("pk").values_list("code", "seq", "times"))


def test_a_batch_is_kept_and_each_line_is_answered_in_order(gate: GateClient) -> None:
    bodies = Writer().many(5)

    answer = gate.send(*bodies)

    told = [{"uuid": parse(b).uuid, "sha256": fingerprint(b), "status": "created"} for b in bodies]
    last = {"seq": 5, "sha256": fingerprint(bodies[-1]), "signature": parse(bodies[-1]).signature}
    assert answer.json() == {"answers": told, "missing": [], "head": last}
    assert [record.body for record in Record.objects.order_by("seq")] == bodies
    kept = Gate.objects.get()
    assert (kept.records, kept.highest_seq, kept.complete_to) == (5, 5, 5)


def test_a_packed_batch_is_the_same(gate: GateClient) -> None:
    assert said(gate.send(*Writer().many(3), packed=True)) == ["created"] * 3


def test_an_empty_batch_asks_only_what_is_missing(gate: GateClient) -> None:
    assert gate.send().json() == {"answers": [], "missing": [], "head": None}


def test_a_duplicate_is_kept_once(gate: GateClient) -> None:
    bodies = Writer().many(3)
    gate.send(*bodies[:2])

    assert said(gate.send(*bodies, bodies[2])) == ["already", "already", "created", "already"]
    assert (Record.objects.count(), Gate.objects.get().records) == (3, 3)
    assert not anomalies()


def test_a_batch_in_any_order_is_kept(gate: GateClient) -> None:
    bodies = Writer().many(6)

    assert said(gate.send(*bodies[3:][::-1])) == ["created"] * 3
    answer = gate.send(bodies[1], bodies[0])
    assert said(answer) == ["created"] * 2
    assert answer.json()["missing"] == [[3, 3]]
    assert said(gate.send(bodies[2])) == ["created"]
    assert Gate.objects.get().complete_to == 6


def test_a_backlog_leaves_gaps_that_are_named_until_they_are_filled(gate: GateClient) -> None:
    bodies = Writer().many(60)
    todays = gate.send(*bodies[40:50])
    assert todays.json()["missing"] == [[1, 40]]

    gate.send(*bodies[0:10])
    answer = gate.send(*bodies[20:30])

    assert answer.json()["missing"] == [[11, 20], [31, 40]]
    gate.send(*bodies[10:20], *bodies[30:40], *bodies[50:])
    assert gate.send().json()["missing"] == []


def test_at_most_a_hundred_runs_are_named_the_lowest_first(gate: GateClient) -> None:
    bodies = Writer().many(250)
    gate.send(*bodies[1::2])

    assert gate.send().json()["missing"] == [[n, n] for n in range(1, 201, 2)]


def test_poison_among_good_ones_costs_the_good_ones_nothing(gate: GateClient) -> None:
    writer = Writer()
    bodies = writer.many(4)
    wrong_encoding = b'{"link":"\xff\xfe"}'
    lines = [
        bodies[0],
        b"garbage",
        bodies[1],
        wrong_encoding,
        bodies[2][:-1],
        bodies[2],
        b"",
        b"\x00" * 9_000,
        bodies[3],
    ]

    answer = gate.send(*lines)

    bad = "not_a_record"
    assert said(answer) == ["created", bad, "created", bad, bad, "created", bad, bad, "created"]
    assert [one["line"] for one in answer.json()["answers"] if "line" in one] == [2, 4, 5, 7, 8]
    assert Gate.objects.get().records == 4


def test_five_hundred_lines_of_garbage_are_answered_each(gate: GateClient) -> None:
    assert said(gate.send(*[b"[" * 1_000] * 500)) == ["not_a_record"] * 500
    assert gate.send(*[b"{}"] * 501).status_code == 413
    strange = a_body()[1].replace(b'"kind":"passage"', b'"kind":"' + "\U0001f637".encode() * 300 + b'"')
    assert len(gate.send(*[strange] * 500).content) < 512 * 1024, "what a gate reads of an answer"
    assert not anomalies()


def test_a_forged_signature_is_refused_and_kept_as_evidence(gate: GateClient) -> None:
    writer = Writer()
    good = writer.many(2)
    forged = Writer(signer=FakeSigner(9))
    forged.bodies = good[:]
    poison = forged.write(content=FEVER)

    assert said(gate.send(good[0], poison, good[1])) == ["created", "bad_signature", "created"]
    assert anomalies() == [("bad_signature", 3, 1)]
    assert bytes(Anomaly.objects.get().body or b"") == poison
    gate.send(poison)
    assert anomalies() == [("bad_signature", 3, 2)]


def test_a_signature_moved_to_another_record_is_refused(gate: GateClient) -> None:
    one, two = Writer().many(2)
    moved = two.replace(parse(two).signature.encode(), parse(one).signature.encode())

    assert said(gate.send(one, moved)) == ["created", "bad_signature"]


def test_another_gates_key_signs_nothing_here(gate: GateClient) -> None:
    other = FakeSigner(2)
    register("G2", key=other.public_key)

    assert said(gate.send(*Writer(signer=other).many(2))) == ["bad_signature"] * 2


def test_another_gates_records_replayed_are_refused(gate: GateClient) -> None:
    other = GateClient(register("G2"))
    bodies = Writer("G2").many(3)
    other.send(*bodies)

    assert said(gate.send(*bodies)) == ["other_gate"] * 3
    assert anomalies() == [("other_gate", 0, 3)]


def test_another_record_under_a_kept_uuid_or_number_is_refused_and_the_first_stays(gate: GateClient) -> None:
    uuid = str(uuid4())
    writer = Writer()
    bodies = [writer.write(uuid=uuid), *writer.many(2)]
    gate.send(*bodies)
    other = writer.cut(0)
    replaced = other.write(uuid=uuid, content=FEVER)
    renumbered = other.write(content=FEVER)

    assert said(gate.send(replaced, renumbered)) == ["uuid_taken", "seq_taken"]
    assert [record.body for record in Record.objects.order_by("seq")] == bodies
    assert {code for code, _, _ in anomalies()} == {"uuid_taken", "seq_taken"}


@pytest.mark.parametrize("order", [(1, 0), (0, 1)], ids=["later-first", "earlier-first"])
def test_what_does_not_follow_its_kept_neighbour_is_refused(gate: GateClient, order: tuple[int, int]) -> None:
    honest = Writer()
    honest.many(4)
    rewritten = honest.cut(2)
    third, fourth = rewritten.write(content=FEVER), honest.bodies[3]
    pair = (third, fourth)
    gate.send(*honest.bodies[:2])

    gate.send(pair[order[0]])

    assert said(gate.send(pair[order[1]])) == ["broken_chain"]
    assert anomalies()[0][0] == "broken_chain"


def test_a_record_that_was_lodged_otherwise_is_refused(gate: GateClient) -> None:
    honest = Writer()
    honest.many(3)
    LodgedHead.objects.create(
        gate_id="G1", seq=3, sha256=honest.head["sha256"], signature=honest.head["signature"], lodged_at=timezone.now()
    )
    rewritten = honest.cut(2)
    rewritten.write(content=FEVER)

    answer = gate.send(*rewritten.bodies)

    assert said(answer) == ["created", "created", "broken_chain"]
    assert answer.json()["head"] == honest.head
    assert answer.json()["missing"] == [[3, 3]]
    assert said(gate.send(honest.bodies[2])) == ["created"]


def test_evidence_is_bounded(gate: GateClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("county.gates.anomalies.MOST_OF_A_GATE", 3)

    gate.send(*Writer(signer=FakeSigner(9)).many(8))

    assert [(code, times) for code, _, times in anomalies()] == [("bad_signature", 1)] * 3 + [("too_many", 5)]


def test_a_gzip_bomb_is_not_unpacked(gate: GateClient) -> None:
    packing = zlib.compressobj(9, wbits=31)
    bomb = packing.compress(b"\n" * 200_000_000) + packing.flush()
    headers = {**gate.headers, "Content-Encoding": "gzip"}

    answer = gate.post("records", bomb, content_type="application/x-ndjson", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("sent", [b"plain", b"", b"\x1f\x8b\x08", "cut", "twice"], ids=str)
def test_what_is_no_gzip_is_refused(gate: GateClient, sent: bytes | str) -> None:
    packing = zlib.compressobj(9, wbits=31)
    whole = packing.compress(Writer().write()) + packing.flush()
    body = whole[:-3] if sent == "cut" else whole * 2 if isinstance(sent, str) else sent
    headers = {**gate.headers, "Content-Encoding": "gzip"}

    answer = gate.post("records", body, content_type="application/x-ndjson", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_gzip")
    assert not Record.objects.exists()


def test_another_encoding_is_refused(gate: GateClient) -> None:
    answer = gate.post("records", b"", headers={**gate.headers, "Content-Encoding": "br"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "content_encoding")


def test_a_key_that_was_replaced_still_proves_what_it_signed(gate: GateClient) -> None:
    from county.gates import keys

    old, new = Writer(), FakeSigner(7)
    old.many(3)
    gate.send(*old.bodies[:2])
    keys.register(Gate.objects.get(), new.public_key, timezone.now())
    renewed = Writer(signer=new)
    renewed.bodies = old.bodies[:]
    renewed.write()

    assert said(gate.send(*renewed.bodies[2:])) == ["created", "created"]


def moments() -> list[tuple[str, bool]]:
    kept = Record.objects.order_by("seq")
    return [
        (record.counted_at.astimezone(timezone.get_default_timezone()).strftime("%H:%M:%S"), record.clock_ok)
        for record in kept
    ]


def stamped(writer: Writer, monotonic_s: float, utc_ms: int, synchronised: bool, boot: str = "1" * 32) -> bytes:
    """A record of this moment of this boot."""
    return writer.write(content=EVENT, utc_ms=utc_ms, synchronised=synchronised, monotonic_s=monotonic_s, boot_id=boot)


def test_records_without_a_time_are_dated_when_their_boot_tells_it(gate: GateClient) -> None:
    writer = Writer()
    early = [stamped(writer, 10.0, 0, False), stamped(writer, 70.0, 60_000, False)]
    other_boot = stamped(writer, 70.0, 0, False, "2" * 32)
    gate.send(*early, other_boot)
    assert [ok for _, ok in moments()] == [False] * 3

    gate.send(stamped(writer, 130.0, MORNING_UTC_MS, True))

    assert [moments()[at] for at in (0, 1, 3)] == [("07:28:00", True), ("07:29:00", True), ("07:30:00", True)]
    assert str(Record.objects.get(seq=1).counted_on) == "2026-03-02"
    undated = Record.objects.get(seq=3)
    assert (undated.clock_ok, undated.counted_at) == (False, undated.received_at)


def test_a_record_that_comes_after_its_boots_time_is_known_is_dated_at_once(gate: GateClient) -> None:
    writer = Writer()
    first, second = stamped(writer, 10.0, 0, False), stamped(writer, 70.0, MORNING_UTC_MS, True)
    gate.send(second)

    gate.send(first)

    assert moments() == [("07:29:00", True), ("07:30:00", True)]


def test_a_clock_that_cannot_be_right_dates_nothing(gate: GateClient) -> None:
    writer = Writer()
    ahead_ms = round((timezone.now() + timedelta(days=400)).timestamp() * 1000)

    gate.send(stamped(writer, 10.0, 0, False), stamped(writer, 70.0, ahead_ms, True))

    assert [ok for _, ok in moments()] == [False, False]


def test_a_record_of_another_schema_is_told_so(gate: GateClient) -> None:
    _, body = a_body(1)
    plain: dict[str, Any] = json.loads(body)
    plain["link"]["schema"] = 2
    old = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    answer = gate.send(old)

    assert said(answer) == ["not_a_record"]
    assert canonical_bytes(parse(body)) == body
