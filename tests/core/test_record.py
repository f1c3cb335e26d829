"""The wire contract: the same record always has the same bytes, and nothing else is a record."""

import base64
import hashlib
import json
import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import contents
from edge.core.contents import Measurement
from edge.core.errors import RecordError
from edge.core.record import (
    MAX_BYTES,
    NOTHING_BEFORE,
    SCHEMA,
    Record,
    Stamp,
    canonical_bytes,
    fingerprint,
    is_gate_id,
    is_signed,
    link_bytes,
    parse,
    parse_link,
    sealed_bytes,
    signed_bytes,
    split,
)
from tests.core.records import (
    EVENT,
    MEASURED,
    MISSING,
    ONE_OF_EACH,
    OVERRIDE,
    PASSAGE,
    UUID,
    altered,
    json_values,
    paths,
    record_of,
    records,
    renamed,
)
from tests.fakes.signing import SALT, SIGNER, SOMETHING_BEFORE, FakeSigner, bytes_of, written

RECORD = record_of(PASSAGE)
BYTES = canonical_bytes(RECORD)
EVERY_KIND = pytest.mark.parametrize("kind", list(ONE_OF_EACH))


@given(records)
def test_the_bytes_of_a_record_are_read_back_and_written_the_same(record: Record) -> None:
    body = canonical_bytes(record)
    read = parse(body)
    assert canonical_bytes(read) == body
    assert len(body) <= MAX_BYTES
    assert_same_but_for_rounding(record, read)


def assert_same_but_for_rounding(ours: Any, theirs: Any) -> None:
    if is_dataclass(ours):
        assert type(ours) is type(theirs)
        for field in fields(ours):
            assert_same_but_for_rounding(getattr(ours, field.name), getattr(theirs, field.name))
    elif isinstance(ours, float):
        assert math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=0.000501)
    else:
        assert ours == theirs


@given(records, records)
def test_other_records_have_other_bytes(one: Record, other: Record) -> None:
    one, other = parse(canonical_bytes(one)), parse(canonical_bytes(other))
    assert (one == other) == (canonical_bytes(one) == canonical_bytes(other))


@given(st.sampled_from(list(ONE_OF_EACH.values())), st.data())
def test_bytes_that_differ_anywhere_are_another_record_or_none(content: contents.Content, data: st.DataObject) -> None:
    record = record_of(content)
    body = canonical_bytes(record)
    position = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255))
    spoilt = body[:position] + bytes([byte]) + body[position + 1 :]
    try:
        read = parse(spoilt)
    except RecordError:
        return
    assert canonical_bytes(read) == spoilt
    assert (read == record) == (spoilt == body)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_and_crash_nothing(body: bytes) -> None:
    with pytest.raises(RecordError):
        parse(body)


PATHS = [
    ("schema",),
    ("kind",),
    ("content_sha256",),
    *(path for path in paths(RECORD) if path[0] != "content"),
    ("content",),
]
ALL_PATHS = [(kind, path) for kind, one in ONE_OF_EACH.items() for path in (*paths(record_of(one)), ("kind",))]


@given(st.sampled_from(ALL_PATHS), json_values)
def test_any_json_in_any_field_is_taken_in_canonical_form_or_refused(
    place: tuple[str, tuple[str, ...]], value: Any
) -> None:
    kind, path = place
    body = altered(record_of(ONE_OF_EACH[kind]), path, value)
    try:
        read = parse(body)
    except RecordError:
        return
    assert canonical_bytes(read) == body


@pytest.mark.parametrize("path", PATHS)
def test_every_field_must_be_there(path: tuple[str, ...]) -> None:
    with pytest.raises(RecordError):
        parse(altered(RECORD, path, MISSING))


@pytest.mark.parametrize(
    "path",
    [("extra",), ("passage",), ("decided", "extra"), ("content", "extra"), ("link", "extra"), ("sealed", "extra")],
)
def test_no_field_may_be_added(path: tuple[str, ...]) -> None:
    with pytest.raises(RecordError):
        parse(altered(RECORD, path, 1))


EDGES: list[tuple[tuple[str, ...], list[Any], list[Any]]] = [
    (("schema",), [3], [0, 1, 2, 4, 3.0, True, "3", None, [3]]),
    (("kind",), ["passage"], ["Passage", "override", "", None, 0, ["passage"], {"passage": 1}, "x" * 8000]),
    (
        ("uuid",),
        [UUID],
        [UUID.upper(), "{" + UUID + "}", "urn:uuid:" + UUID, UUID.replace("-", ""), UUID + " ", "", 7, None],
    ),
    (("gate_id",), ["g", "G" * 64, "a.b_c-9"], ["", "G" * 65, "-a", ".a", "a b", "a/b", "门", "a\n", "a\x00", None, 7]),
    (("seq",), [2, 2**53], [0, 1, -1, 2**53 + 1, 1.0, True, "1", None, 10**400]),
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
    (("decided",), [], [None, [], {}, 1, "now"]),
    (("content",), [], [None, [], {}, 1, "pass"]),
    (("content_sha256",), [], ["c" * 64, "C" * 64, "", "c" * 63, "c" * 65, None, 7]),
    (
        ("previous_sha256",),
        ["a" * 64, "0" * 63 + "1"],
        [NOTHING_BEFORE, "A" * 64, "g" * 64, "", "a" * 63, "a" * 65, "a" * 63 + "\n", None, 7],
    ),
    (("salt",), ["0" * 32, "0123456789abcdef" * 2], ["", "a" * 31, "a" * 33, "A" * 32, "g" * 32, None, 7]),
    (
        ("signature",),
        ["A" * 86 + "==", "z/+9" * 21 + "zg=="],
        ["", "A" * 87 + "=", "A" * 85 + "B==", "A" * 86 + "=", "A" * 84 + "-A==", "é" + "A" * 84 + "==", None, 7, {}],
    ),
]


def test_every_field_has_its_edges_tried() -> None:
    assert {path for path, _, _ in EDGES} == set(PATHS)


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, good, _ in EDGES for value in good])
def test_a_field_may_be_at_the_edge_of_its_range(path: tuple[str, ...], value: Any) -> None:
    assert canonical_bytes(parse(altered(RECORD, path, value))) == altered(RECORD, path, value)


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, _, bad in EDGES for value in bad])
def test_a_field_beyond_its_range_is_refused(path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(RecordError) as caught:
        parse(altered(RECORD, path, value))
    assert "；请" in caught.value.zh
    assert "check" in caught.value.en


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused_as_bytes_and_as_a_record(value: float) -> None:
    with pytest.raises(RecordError):
        parse(altered(RECORD, ("content", "measurement", "forehead_c"), value))
    with pytest.raises(RecordError):
        canonical_bytes(replace(RECORD, content=replace(PASSAGE, measurement=replace(MEASURED, forehead_c=value))))


def with_measurement(measured: Measurement) -> Record:
    return record_of(replace(PASSAGE, measurement=measured))


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
        renamed(BYTES.replace(b'"p-0417"', b'"p\\u002d0417"')),
        BYTES.replace(b'"seq":7', b'"seq":6,"seq":7'),
        renamed(BYTES.replace(b"36.125", b"36.1250")),
        renamed(BYTES.replace(b"36.125", b"3.6125e1")),
        renamed(BYTES.replace(b"36.125", b"36.12500000000000001")),
        renamed(BYTES.replace(b"37.0", b"37")),
        BYTES.replace(b'"seq":7', b'"seq":7e0'),
        renamed(BYTES.replace(b"100.0", b"-0.0")),
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
        renamed(BYTES.replace(b"36.125", b"1" * 5000)),
        renamed(BYTES.replace(b"36.125", b"1e999999")),
        BYTES.replace(b'"seq":7', b'"seq":' + b"9" * 4000),
        renamed(BYTES.replace(b"36.125", b"9" * 400)),
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
    assert bytes_of(with_measurement(replace(MEASURED, **careless))) == BYTES


def test_there_is_one_zero() -> None:
    body = bytes_of(with_measurement(replace(MEASURED, forehead_c=-0.0, face_max_c=-0.0001, reference_c=0.0)))
    assert b"-0.0" not in body
    assert b'"face_max_c":0.0' in body
    assert canonical_bytes(parse(body)) == body


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 1j},
        {"gate_id": "\ud800"},
        {"gate_id": object()},
        {"gate_id": b"gate"},
        {"content": replace(OVERRIDE, note="\udfff")},
        {"content": replace(EVENT, duration_s=float("nan"))},
    ],
)
def test_a_record_that_cannot_be_written_is_refused_with_a_record_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        canonical_bytes(replace(RECORD, **wrong))


SEALED = (
    b'{"content":{"crowd_c":35.75,"identified":"known","means":"card","measurement":{"face_max_c":36.75,'
    b'"finding":"pass","forehead_c":36.125,"forehead_raw_c":35.5,"frames":9,"reason":"ok","reference_c":37.0,'
    b'"reference_raw_c":36.375,"t_first_s":100.0,"t_last_s":101.25,"threshold_c":37.25,"u_c":0.25},'
    b'"person_id":"p-0417","reasons":["not_approved","too_early"],"roster_version":12,"verdict":"refused"},'
    b'"salt":"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"}'
)
LINK = (
    b'{"calibration_version":"2026-01-05.a",'
    b'"content_sha256":"CONTENT",'
    b'"decided":{"boot_id":"0b00b00b-0000-4000-8000-000000000001","monotonic_s":102.5,"synchronised":true,'
    b'"utc_ms":1767600000000},"gate_id":"gate-1","kind":"passage",'
    b'"previous_sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",'
    b'"schema":3,"seq":7,"software_version":"0.1.0","uuid":"3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"}'
)


def test_the_bytes_and_the_fingerprint_never_change() -> None:
    """Bytes written by hand: a gate of today and a county of tomorrow must agree on them."""
    link = LINK.replace(b"CONTENT", hashlib.sha256(SEALED).hexdigest().encode())
    assert sealed_bytes(RECORD) == SEALED
    assert link_bytes(RECORD) == link
    signature = base64.b64encode(SIGNER.sign(b"foregate-record-3\n" + link))
    assert b'{"link":' + link + b',"sealed":' + SEALED + b',"signature":"' + signature + b'"}' == BYTES
    assert parse(BYTES) == RECORD
    assert fingerprint(BYTES) == hashlib.sha256(link).hexdigest()


def test_a_fingerprint_is_had_of_records_only() -> None:
    for body in (b"", b"{}", BYTES[:-1], BYTES + b" "):
        with pytest.raises(RecordError):
            fingerprint(body)


def test_bytes_are_cut_apart_into_what_they_were_made_of() -> None:
    parts = split(BYTES)
    assert (parts.link, parts.sealed, parts.signature) == (link_bytes(RECORD), sealed_bytes(RECORD), RECORD.signature)
    link = parse_link(parts.link)
    assert (link.seq, link.kind, link.previous_sha256) == (7, "passage", SOMETHING_BEFORE)


def test_the_link_names_nobody_and_holds_nothing_that_was_measured() -> None:
    secret = [b"p-0417", b"36.125", b"refused", b"not_approved", SALT.encode()]
    assert all(one in sealed_bytes(RECORD) and one not in link_bytes(RECORD) for one in secret)


@given(records)
def test_a_signature_is_the_gate_s_over_this_very_link(record: Record) -> None:
    parts = split(canonical_bytes(record))
    assert is_signed(parts, SIGNER.verify)
    assert not is_signed(parts, FakeSigner(2).verify)
    assert not is_signed(replace(parts, link=BYTES), SIGNER.verify)
    assert signed_bytes(parts.link) != parts.link


def test_the_same_content_is_not_known_again_by_its_fingerprint() -> None:
    other = written(replace(RECORD, salt="a5" * 16))
    assert parse_link(link_bytes(other)).content_sha256 != parse_link(link_bytes(RECORD)).content_sha256


def test_a_content_that_the_link_does_not_name_is_refused() -> None:
    with pytest.raises(RecordError, match="content_sha256"):
        parse(BYTES.replace(b"36.125", b"36.126"))
    other = bytes_of(replace(RECORD, content=OVERRIDE))
    with pytest.raises(RecordError, match="content_sha256"):
        parse(split(BYTES).link.join([b'{"link":', b""]) + other[other.index(b',"sealed":') :])


def test_the_first_record_and_no_other_follows_nothing() -> None:
    first = replace(RECORD, seq=1, previous_sha256=NOTHING_BEFORE)
    assert parse(bytes_of(first)).previous_sha256 == NOTHING_BEFORE
    for wrong in (replace(first, previous_sha256=SOMETHING_BEFORE), replace(RECORD, previous_sha256=NOTHING_BEFORE)):
        with pytest.raises(RecordError, match="first record"):
            parse(canonical_bytes(replace(wrong, salt=SALT)))


WRITTEN_BY_HAND = {
    "override": '{"by":"g-02","note":"班主任已电话确认","passage_uuid":"3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c002",'
    '"person_id":"p-0417","reason":"parent_called"}',
    "case": '{"by":"g-02","case_id":"3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c002","contact_c":38.25,"note":"右耳 / right ear",'
    '"passage_uuid":"3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001","person_id":"p-0417","step":"contact","symptom":null}',
    "event": '{"by":null,"code":"forced","count":1,"duration_s":0.5,"note":""}',
}


@pytest.mark.parametrize("kind", WRITTEN_BY_HAND)
def test_the_bytes_of_the_other_kinds_never_change_either(kind: str) -> None:
    record = record_of(ONE_OF_EACH[kind])
    assert sealed_bytes(record).decode() == f'{{"content":{WRITTEN_BY_HAND[kind]},"salt":"{SALT}"}}'
    assert parse_link(link_bytes(record)).kind == kind


def test_a_record_of_an_older_schema_is_refused_with_both_numbers() -> None:
    with pytest.raises(RecordError, match="schema 2, expected 3"):
        parse(altered(RECORD, ("schema",), 2))
    assert SCHEMA == 3


@pytest.mark.parametrize(
    ("name", "known"),
    [("gate-1", True), ("G" * 64, True), ("G" * 65, False), ("", False), ("a b", False), ("a\n", False)],
)
def test_what_a_gate_may_be_called(name: str, known: bool) -> None:
    assert is_gate_id(name) is known


@EVERY_KIND
def test_longest_contents_still_fit(kind: str) -> None:
    """Whatever is in range can be sent: the longest names, codes and notes of four bytes a letter."""
    longest: dict[str, dict[str, Any]] = {
        "passage": {"person_id": "p" * 64, "reasons": ("r" * 40,) * 16},
        "override": {"person_id": "p" * 64, "by": "g" * 64, "reason": "r" * 40, "note": "\U0001f600" * 200},
        "case": {"person_id": "p" * 64, "by": "g" * 64, "symptom": "r" * 40, "note": "\U0001f600" * 200},
        "event": {"code": "r" * 40, "by": "g" * 64, "note": "\U0001f600" * 200},
    }
    record = replace(
        record_of(replace(ONE_OF_EACH[kind], **longest[kind])),
        gate_id="g" * 64,
        seq=2**53,
        decided=Stamp(2**53, 9999999999.999, "f" * 64, False),
        software_version="v" * 64,
        calibration_version="v" * 64,
    )
    record = written(replace(record, signature=""))
    assert len(canonical_bytes(record)) < MAX_BYTES
    assert parse(canonical_bytes(record)) == record
