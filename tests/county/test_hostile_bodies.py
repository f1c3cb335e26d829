"""Whatever bytes arrive: the answer is one of the agreed ones, and only a valid record is ever stored."""

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from county.gates.models import Record
from edge.core.record import parse
from tests.county.gate_client import GateClient
from tests.county.records import ONE_OF_EACH, a_body

UUID_SENT = "6f2c0f9e-6f0c-4a43-9a43-0d9d6a0f8f11"
BODIES = [a_body(uuid=UUID_SENT, content=content)[1] for content in ONE_OF_EACH.values()]


def fields_of(plain: dict[str, Any], *outer: str) -> list[tuple[str, ...]]:
    """The way to every field, and to those of the objects in it."""
    found: list[tuple[str, ...]] = []
    for key, value in plain.items():
        found.append((*outer, key))
        if isinstance(value, dict):
            found += fields_of(value, *outer, key)
    return found


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**320)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\ud800", "\x00", "9" * 400, -0.0, 1e308]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def with_a_changed_field(draw: st.DrawFn) -> bytes:
    """The record with one field replaced, removed or added, and dumped canonically."""
    plain: dict[str, Any] = json.loads(draw(st.sampled_from(BODIES)))
    *outer, key = draw(st.sampled_from(fields_of(plain)))
    part = plain
    for name in outer:
        part = part[name]
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            part[key] = draw(anything)
        case "remove":
            del part[key]
        case _:
            part[draw(st.text(max_size=8))] = draw(anything)
    text = json.dumps(plain, ensure_ascii=draw(st.booleans()), sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def with_changed_bytes(draw: st.DrawFn) -> bytes:
    """The record with some of its bytes replaced by others."""
    body = draw(st.sampled_from(BODIES))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 20)))
    return body[:start] + draw(st.binary(max_size=20)) + body[end:]


deep = st.integers(1, 8_000).map(lambda depth: b"[" * depth)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=False
)
@example(body=b"\n" + BODIES[0])
@given(body=st.binary(max_size=300) | with_a_changed_field() | with_changed_bytes() | deep)
def test_any_body_is_answered_and_only_records_are_stored(gate: GateClient, body: bytes) -> None:
    Record.objects.all().delete()

    answer = gate.send(body)

    assert answer.status_code == 200
    # A line's end among the bytes makes two lines of them.
    told = answer.json()["answers"]
    assert len(told) == body.count(b"\n") + 1
    codes = [one.get("status") or one["error"]["code"] for one in told]
    assert set(codes) <= {"not_a_record", "other_gate", "bad_signature", "created"}
    taken = [line for line, code in zip(body.split(b"\n"), codes, strict=True) if code == "created"]
    if taken:
        assert [one.body for one in Record.objects.all()] == taken
        assert [parse(line).uuid for line in taken] == [UUID_SENT]
    else:
        assert not Record.objects.exists()
