"""What a gate says of itself is kept, and a head that contradicts what is known is kept as evidence."""

import json
from typing import Any

import pytest

from county.gates import status
from county.gates.models import Anomaly, Gate, GateStatus, LodgedHead
from edge.core.wire import to_plain
from tests.core.test_health import WELL
from tests.county.databases import on_both
from tests.county.gate_client import Answer, GateClient, register
from tests.county.records import FEVER, Writer

pytestmark = on_both
HEALTH = to_plain(WELL)


def tell(gate: GateClient, head: dict[str, Any] | None = None, **changes: Any) -> Answer:
    return gate.post("status", json.dumps({"head": head, "health": {**HEALTH, **changes}}).encode())


def anomalies() -> list[tuple[str, int, int]]:
    return list(Anomaly.objects.order_by("pk").values_list("code", "seq", "times"))


def test_health_is_kept_and_read_back(gate: GateClient) -> None:
    answer = tell(gate, camera="no_camera")

    assert (answer.status_code, answer.json()) == (200, {"missing": [], "head": None})
    kept = GateStatus.objects.get()
    assert status.health_of(kept).camera == "no_camera"
    seen_at = Gate.objects.get().last_seen_at
    assert seen_at == kept.at
    tell(gate)
    assert status.health_of(GateStatus.objects.get()) == WELL


def test_a_head_tells_what_is_missing_before_any_record_has_come(gate: GateClient) -> None:
    writer = Writer()
    writer.many(7)

    assert tell(gate, writer.head).json() == {"missing": [[1, 7]], "head": writer.head}
    gate.send(*writer.bodies[:3])
    assert tell(gate, writer.head).json()["missing"] == [[4, 7]]
    gate.send(*writer.bodies[3:])
    assert tell(gate, writer.head).json() == {"missing": [], "head": writer.head}
    assert not anomalies()


def test_heads_that_go_on_are_kept_until_their_records_are_here(gate: GateClient) -> None:
    writer = Writer()
    for _ in range(5):
        writer.write()
        tell(gate, writer.head)
    assert list(LodgedHead.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]

    gate.send(*writer.bodies)
    writer.write()
    tell(gate, writer.head)

    assert list(LodgedHead.objects.values_list("seq", flat=True)) == [6]
    assert not anomalies()


@pytest.mark.parametrize("kept", [0, 2, 6], ids=["none-kept", "some-kept", "all-kept"])
@pytest.mark.parametrize("cut_to", [0, 1, 5])
def test_a_file_that_was_cut_off_shows(gate: GateClient, kept: int, cut_to: int) -> None:
    writer = Writer()
    writer.many(6)
    tell(gate, writer.head)
    gate.send(*writer.bodies[:kept])

    cut = writer.cut(cut_to)
    answer = tell(gate, cut.head if cut_to else None)
    tell(gate, cut.head if cut_to else None)

    assert anomalies() == [("cut_off", cut_to, 2)]
    assert answer.json()["head"] == writer.head


def test_a_file_cut_below_what_was_sent_shows_without_any_head(gate: GateClient) -> None:
    writer = Writer()
    gate.send(*writer.many(4))

    tell(gate, writer.cut(2).head)

    assert anomalies() == [("cut_off", 2, 1)]


def test_a_tail_that_was_rewritten_shows_at_the_same_number_and_above(gate: GateClient) -> None:
    writer = Writer()
    writer.many(6)
    tell(gate, writer.head)
    rewritten = writer.cut(4)
    rewritten.many(2, content=FEVER)

    tell(gate, rewritten.head)
    assert anomalies() == [("other_head", 6, 1)]

    rewritten.write()
    tell(gate, rewritten.head)
    answers = gate.send(*rewritten.bodies).json()["answers"]
    told = [one.get("status") or one["error"]["code"] for one in answers]
    assert told == ["created"] * 5 + ["broken_chain", "created"]
    assert [code for code, _, _ in anomalies()] == ["other_head", "broken_chain"]


def test_an_old_head_replayed_is_noted_and_changes_nothing(gate: GateClient) -> None:
    writer = Writer()
    writer.many(2)
    old = writer.head
    tell(gate, old)
    writer.many(2)
    tell(gate, writer.head)

    answer = tell(gate, old)

    assert anomalies() == [("cut_off", 2, 1)]
    assert answer.json()["head"] == writer.head


def test_what_was_said_earlier_and_arrives_late_accuses_nobody(gate: GateClient) -> None:
    # Its answer took too long, the gate gave it up and said the next; the server came to it after that one.
    writer = Writer()
    writer.many(2)
    late = writer.head
    writer.many(2)
    tell(gate, writer.head, uptime_s=3_660.0, camera="no_camera")

    answer = tell(gate, late, uptime_s=3_600.0)

    assert not anomalies()
    assert answer.json()["head"] == writer.head
    assert status.health_of(GateStatus.objects.get()).camera == "no_camera"


def test_a_file_that_was_cut_off_shows_at_the_next_word_and_after_a_new_start(gate: GateClient) -> None:
    writer = Writer()
    writer.many(4)
    tell(gate, writer.head, uptime_s=3_600.0)

    tell(gate, writer.cut(2).head, uptime_s=3_660.0)
    assert anomalies() == [("cut_off", 2, 1)]
    tell(gate, writer.cut(1).head, uptime_s=20.0, boot_id="0b00b00b-0000-4000-8000-000000000002")
    assert anomalies() == [("cut_off", 2, 1), ("cut_off", 1, 1)]


def test_two_gates_do_not_mix(gate: GateClient) -> None:
    other = GateClient(register("G2"))
    writer = Writer()
    writer.many(5)
    tell(gate, writer.head)

    assert tell(other).json() == {"missing": [], "head": None}
    assert not anomalies()


def test_what_was_settled_and_comes_again_is_open_again(gate: GateClient) -> None:
    writer = Writer()
    writer.many(3)
    tell(gate, writer.head)
    tell(gate, None)
    Anomaly.objects.update(settled_by="li", settled_at=Anomaly.objects.get().at)

    tell(gate, None)

    again = Anomaly.objects.get()
    assert (again.settled_at, again.settled_by, again.times) == (None, "", 2)


HEAD = {"seq": 1, "sha256": "a" * 64, "signature": "A" * 86 + "=="}


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"head": None},
        {"head": None, "health": None},
        {"head": None, "health": {}},
        {"head": None, "health": {**HEALTH, "written": -1}},
        {"head": None, "health": HEALTH, "more": 1},
        {"head": {**HEAD, "seq": 0}, "health": HEALTH},
        {"head": {**HEAD, "seq": 10**400}, "health": HEALTH},
        {"head": {**HEAD, "sha256": "A" * 64}, "health": HEALTH},
        {"head": {**HEAD, "signature": ""}, "health": HEALTH},
        {"head": {**HEAD, "more": 1}, "health": HEALTH},
    ],
    ids=lambda plain: str(plain)[:60],
)
def test_what_is_no_status_is_refused(gate: GateClient, plain: Any) -> None:
    answer = gate.post("status", json.dumps(plain).encode())

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_a_status")
    assert not GateStatus.objects.exists()


@pytest.mark.parametrize("sent", [b"", b"\xff", b"{", b"[" * 8_000], ids=len)
def test_other_bytes_are_no_status(gate: GateClient, sent: bytes) -> None:
    assert gate.post("status", sent).status_code == 400
    assert gate.post("status", b" " * 8_193).status_code == 413
