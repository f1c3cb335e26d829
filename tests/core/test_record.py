"""The wire contract: the same record always has the same bytes, and nothing else is a record."""

import json
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import RecordError
from edge.core.record import MAX_BYTES, Passage, Record, Stamp, Verdict, canonical_bytes, fingerprint, parse

UUID = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"
DECIDED = Stamp(1_767_600_000_000, 102.5, "0b00b00b-0000-4000-8000-000000000001", True)
PASSAGE = Passage(100.0, 101.25, 9, 36.125, 36.75, 0.25, 35.5, 36.375, 37.0, 37.25, "pass", "ok")
RECORD = Record(UUID, "gate-1", 7, DECIDED, PASSAGE, "0.1.0", "2026-01-05.a")
BYTES = canonical_bytes(RECORD)
MISSING = object()
VERDICTS_OF_A_READING: tuple[Verdict, ...] = ("pass", "fever")


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def code(first: str, rest: str, longest: int) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(first), st.text(rest, max_size=longest - 1))


LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
celsius = st.none() | number(-60, 200)


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    verdict: Verdict = draw(st.sampled_from(get_args(Verdict)))
    begins, ends = sorted((draw(number(0, 1e10)), draw(number(0, 1e10))))
    measured = verdict != "not_measured"
    return Passage(
        t_first_s=begins,
        t_last_s=ends,
        frames=draw(st.integers(1, 10**7)),
        forehead_c=draw(number(-60, 200) if measured else celsius),
        face_max_c=draw(celsius),
        u_c=draw(number(0, 100) if measured else st.none() | number(0, 100)),
        forehead_raw_c=draw(celsius),
        reference_raw_c=draw(celsius),
        reference_c=draw(celsius),
        threshold_c=draw(number(20, 50)),
        verdict=verdict,
        reason=draw(code(LETTERS, LETTERS + DIGITS + "_", 40)),
    )


stamps = st.builds(
    Stamp, st.integers(0, 2**53), number(0, 1e10), st.text("0123456789abcdef-", min_size=8, max_size=64), st.booleans()
)
names = code(LETTERS + LETTERS.upper() + DIGITS, LETTERS + DIGITS + "._-", 64)
records = st.builds(Record, st.uuids().map(str), names, st.integers(1, 2**53), stamps, passages(), names, names)


@given(records)
def test_the_bytes_of_a_record_are_read_back_and_written_the_same(record: Record) -> None:
    body = canonical_bytes(record)
    read = parse(body)
    assert canonical_bytes(read) == body
    assert len(body) <= MAX_BYTES
    for name in (f.name for f in fields(Passage)):
        ours, theirs = getattr(record.passage, name), getattr(read.passage, name)
        assert ours == theirs or math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=0.000501)
    assert replace(read, decided=record.decided, passage=record.passage) == record
    assert math.isclose(read.decided.monotonic_s, record.decided.monotonic_s, rel_tol=1e-12, abs_tol=0.000501)
    assert replace(read.decided, monotonic_s=record.decided.monotonic_s) == record.decided


@given(records, records)
def test_other_records_have_other_bytes(one: Record, other: Record) -> None:
    one, other = parse(canonical_bytes(one)), parse(canonical_bytes(other))
    assert (one == other) == (canonical_bytes(one) == canonical_bytes(other))


@given(st.data())
def test_bytes_that_differ_anywhere_are_another_record_or_none(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(BYTES) - 1))
    byte = data.draw(st.integers(0, 255))
    spoilt = BYTES[:position] + bytes([byte]) + BYTES[position + 1 :]
    try:
        read = parse(spoilt)
    except RecordError:
        return
    assert canonical_bytes(read) == spoilt
    assert (read == RECORD) == (spoilt == BYTES)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_and_crash_nothing(body: bytes) -> None:
    with pytest.raises(RecordError):
        parse(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = (
    [(f.name,) for f in fields(Record)]
    + [("decided", f.name) for f in fields(Stamp)]
    + [("passage", f.name) for f in fields(Passage)]
    + [("schema",), ("extra",), ("passage", "extra")]
)


def altered(path: tuple[str, ...], value: Any) -> bytes:
    """The record's bytes with one field replaced, in canonical form as far as that goes."""
    plain: dict[str, Any] = json.loads(BYTES)
    place = plain
    for name in path[:-1]:
        place = place[name]
    if value is MISSING:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


@given(st.sampled_from(PATHS), json_values)
def test_any_json_in_any_field_is_taken_in_canonical_form_or_refused(path: tuple[str, ...], value: Any) -> None:
    body = altered(path, value)
    try:
        read = parse(body)
    except RecordError:
        return
    assert canonical_bytes(read) == body


@pytest.mark.parametrize("path", [path for path in PATHS if path[-1] != "extra"])
def test_every_field_must_be_there(path: tuple[str, ...]) -> None:
    with pytest.raises(RecordError):
        parse(altered(path, MISSING))


@pytest.mark.parametrize("path", [("extra",), ("passage", "extra"), ("decided", "extra")])
def test_no_field_may_be_added(path: tuple[str, ...]) -> None:
    with pytest.raises(RecordError):
        parse(altered(path, 1))


EDGES: list[tuple[tuple[str, ...], list[Any], list[Any]]] = [
    (("schema",), [1], [0, 2, 1.0, True, "1", None]),
    (
        ("uuid",),
        [UUID],
        [UUID.upper(), "{" + UUID + "}", "urn:uuid:" + UUID, UUID.replace("-", ""), UUID + " ", "", 7, None],
    ),
    (("gate_id",), ["g", "G" * 64, "a.b_c-9"], ["", "G" * 65, "-a", ".a", "a b", "a/b", "门", "a\n", "a\x00", None, 7]),
    (("seq",), [1, 2**53], [0, -1, 2**53 + 1, 1.0, True, "1", None, 10**400]),
    (("software_version",), ["0", "1.2+g3f.dirty", "v" * 64], ["", "v" * 65, "+1", "1 2", "1\n", None]),
    (("calibration_version",), ["none", "c" * 64], ["", "c" * 65, "_c", "校准", None]),
    (("decided", "utc_ms"), [0, 2**53], [-1, 2**53 + 1, 1.5, True, "0", None]),
    (("decided", "monotonic_s"), [0.0, 1e10, 0.001], [-0.001, 1e10 + 1, 1, 0.0001, "0", None, True, -0.0]),
    (
        ("decided", "boot_id"),
        ["89abcde-", "f" * 64],
        ["f" * 7, "f" * 65, "F" * 8, "g" * 8, "f" * 8 + "\n", None],
    ),
    (("decided", "synchronised"), [True, False], [0, 1, "true", None]),
    (("passage", "t_first_s"), [0.0, 101.25], [-0.001, 101.251, 100, None, True]),
    (("passage", "t_last_s"), [100.0, 1e10], [99.999, 1e10 + 1, None, "101"]),
    (("passage", "frames"), [1, 10**7], [0, 10**7 + 1, 1.0, None, True]),
    (("passage", "forehead_c"), [-60.0, 200.0], [-60.001, 200.001, 36, "36.5", None, True, 36.1234]),
    (("passage", "face_max_c"), [-60.0, 200.0, None], [-60.001, 200.001, 37, "37", False]),
    (("passage", "u_c"), [0.0, 100.0], [-0.001, 100.001, None, 1]),
    (("passage", "forehead_raw_c"), [-60.0, 200.0, None], [-60.001, 200.001, 36]),
    (("passage", "reference_raw_c"), [-60.0, 200.0, None], [-60.001, 200.001, 36]),
    (("passage", "reference_c"), [-60.0, 200.0, None], [-60.001, 200.001, 36]),
    (("passage", "threshold_c"), [20.0, 50.0], [19.999, 50.001, None, 37]),
    (("passage", "verdict"), ["pass", "fever", "not_measured"], ["Pass", "", None, ["pass"], {"pass": 1}, 0]),
    (("passage", "reason"), ["ok", "a" * 40, "a_1"], ["", "a" * 41, "_a", "1a", "A", "ok\n", "好", None]),
    (("decided",), [], [None, [], {}, 1, "now"]),
    (("passage",), [], [None, [], {}, 1, "pass"]),
]


def test_every_field_has_its_edges_tried() -> None:
    assert {path for path, _, _ in EDGES} == {path for path in PATHS if path[-1] != "extra"}


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, good, _ in EDGES for value in good])
def test_a_field_may_be_at_the_edge_of_its_range(path: tuple[str, ...], value: Any) -> None:
    assert canonical_bytes(parse(altered(path, value))) == altered(path, value)


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, _, bad in EDGES for value in bad])
def test_a_field_beyond_its_range_is_refused(path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(RecordError) as caught:
        parse(altered(path, value))
    assert "；请" in caught.value.zh
    assert "check" in caught.value.en


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused_as_bytes_and_as_a_record(value: float) -> None:
    with pytest.raises(RecordError):
        parse(altered(("passage", "forehead_c"), value))
    with pytest.raises(RecordError):
        canonical_bytes(replace(RECORD, passage=replace(PASSAGE, forehead_c=value)))


def test_a_verdict_needs_its_reading_but_not_measured_needs_none() -> None:
    unread = replace(PASSAGE, forehead_c=None, u_c=None)
    for verdict in VERDICTS_OF_A_READING:
        with pytest.raises(RecordError):
            parse(canonical_bytes(replace(RECORD, passage=replace(unread, verdict=verdict))))
    blank = replace(unread, verdict="not_measured", reason="obscured")
    assert parse(canonical_bytes(replace(RECORD, passage=blank))).passage == blank


def reordered(body: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(body).items())), separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "other",
    [
        b" " + BYTES,
        BYTES + b"\n",
        BYTES.replace(b",", b", "),
        BYTES.replace(b":", b": "),
        reordered(BYTES),
        b"\xef\xbb\xbf" + BYTES,
        BYTES.decode().encode("utf-16"),
        BYTES.decode().encode("utf-32-le"),
        BYTES.replace(b'"gate-1"', b'"g\\u0061te-1"'),
        BYTES.replace(b'"seq":7', b'"seq":6,"seq":7'),
        BYTES.replace(b"36.125", b"36.1250"),
        BYTES.replace(b"36.125", b"3.6125e1"),
        BYTES.replace(b"36.125", b"36.12500000000000001"),
        BYTES.replace(b"37.0", b"37"),
        BYTES.replace(b'"seq":7', b'"seq":7e0'),
        BYTES.replace(b"100.0", b"-0.0"),
        BYTES[:-1],
        BYTES + BYTES,
    ],
)
def test_the_same_record_in_other_bytes_is_refused(other: bytes) -> None:
    assert other != BYTES
    with pytest.raises(RecordError):
        parse(other)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"record"',
        b"7",
        b"{}",
        b"[" * MAX_BYTES,
        b'{"a":' * 1600,
        b"1" * MAX_BYTES,
        b"-" * 100,
        BYTES.replace(b"36.125", b"1" * 5000),
        BYTES.replace(b"36.125", b"1e999999"),
        BYTES.replace(b'"seq":7', b'"seq":' + b"9" * 4000),
        BYTES.replace(b"36.125", b"9" * 400),
        BYTES.replace(b"gate-1", b"\xff\xfe"),
        BYTES.replace(b"gate-1", b"\xed\xa0\x80"),
        BYTES.replace(b"gate-1", b"\\ud800"),
        json.dumps({"key" * 50: 1, "\ud800": 2, "k" * 7000: 3}).encode(),
        BYTES[:-1] + b" " * MAX_BYTES + b"}",
    ],
)
def test_hostile_json_is_refused_in_few_words(body: bytes) -> None:
    with pytest.raises(RecordError) as caught:
        parse(body)
    assert len(str(caught.value)) < 900
    str(caught.value).encode()


def test_a_record_of_the_largest_size_is_still_read_and_one_byte_more_is_not() -> None:
    padded = BYTES + b" " * (MAX_BYTES - len(BYTES))
    with pytest.raises(RecordError, match="canonical"):
        parse(padded)
    with pytest.raises(RecordError, match="at most 8192"):
        parse(padded + b" ")


def test_whole_numbers_and_numpys_give_the_bytes_of_the_same_float() -> None:
    careless: dict[str, Any] = {
        "forehead_c": np.float64(36.125),
        "face_max_c": np.float32(36.75),
        "reference_c": 37,
        "t_first_s": 100,
    }
    mixed = replace(PASSAGE, **careless)
    assert canonical_bytes(replace(RECORD, passage=mixed)) == BYTES


def test_there_is_one_zero() -> None:
    nothing = replace(PASSAGE, forehead_c=-0.0, face_max_c=-0.0001, reference_c=0.0)
    body = canonical_bytes(replace(RECORD, passage=nothing))
    assert b"-0.0" not in body
    assert parse(body).passage.face_max_c == 0.0


@pytest.mark.parametrize("wrong", [{"seq": 1j}, {"gate_id": "\ud800"}, {"gate_id": object()}, {"gate_id": b"gate"}])
def test_a_record_that_cannot_be_written_is_refused_with_a_record_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        canonical_bytes(replace(RECORD, **wrong))


def test_the_bytes_and_the_fingerprint_never_change() -> None:
    """Bytes written by hand: a gate of today and a county of tomorrow must agree on them."""
    written = (
        b'{"calibration_version":"2026-01-05.a","decided":{"boot_id":"0b00b00b-0000-4000-8000-000000000001",'
        b'"monotonic_s":102.5,"synchronised":true,"utc_ms":1767600000000},"gate_id":"gate-1","passage":{'
        b'"face_max_c":36.75,"forehead_c":36.125,"forehead_raw_c":35.5,"frames":9,"reason":"ok","reference_c":37.0,'
        b'"reference_raw_c":36.375,"t_first_s":100.0,"t_last_s":101.25,"threshold_c":37.25,"u_c":0.25,'
        b'"verdict":"pass"},"schema":1,"seq":7,"software_version":"0.1.0",'
        b'"uuid":"3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"}'
    )
    assert written == BYTES
    assert parse(written) == RECORD
    assert fingerprint(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert fingerprint(written) == fingerprint(BYTES) != fingerprint(written[:-1])


def test_the_example_in_the_documents_is_this_record() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "wire.md").read_text()
    assert f"```json\n{BYTES.decode()}\n```" in document
    assert f"`{fingerprint(BYTES)}`" in document
    for name in json.loads(BYTES):
        assert f"`{name}" in document
