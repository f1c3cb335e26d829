"""A request at the desk: understood as it is meant, or not at all, whoever sent it."""

import json
import math
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import desk
from edge.core.contents import NAME, NOTE
from edge.core.desk import (
    Answer,
    Contact,
    LetIn,
    Request,
    SignIn,
    SignInByBadge,
    SignOut,
    Symptom,
    TakeStep,
    TypeBadge,
    parse,
)
from edge.core.roster import normal_badge
from edge.core.texts import ANSWERS, OVERRIDES, SYMPTOMS

CASE = "0b0f7b9e-5a55-4f0e-9d8e-0a4d0b1f7c11"
PASSAGE = "8f9c3f58-46a1-4a0c-9a6a-6f6fbd2f3a10"

GOOD: list[tuple[dict[str, Any], desk.Command]] = [
    ({"do": "sign_in", "guard_id": "li-na", "pin": "482915"}, SignIn("li-na", "482915")),
    ({"do": "sign_in_by_badge"}, SignInByBadge()),
    ({"do": "sign_out"}, SignOut()),
    ({"do": "type_badge", "badge": " ab-12 "}, TypeBadge("AB-12")),
    ({"do": "symptom", "symptom": "cough", "passage_uuid": PASSAGE}, Symptom("cough", PASSAGE)),
    ({"do": "symptom", "symptom": "rash", "passage_uuid": None}, Symptom("rash", None)),
    ({"do": "contact", "case_id": CASE, "contact_c": 38, "confirmed": False}, Contact(CASE, 38.0, False)),
    ({"do": "take_step", "case_id": CASE, "step": "informed", "note": "母亲"}, TakeStep(CASE, "informed", "母亲")),
    (
        {"do": "let_in", "passage_uuid": PASSAGE, "reason": "paper_record", "note": ""},
        LetIn(PASSAGE, "paper_record", ""),
    ),
    (
        {"do": "let_in", "passage_uuid": PASSAGE, "reason": "other", "note": "校长电话"},
        LetIn(PASSAGE, "other", "校长电话"),
    ),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def body(asked: dict[str, Any]) -> bytes:
    return json.dumps(asked, ensure_ascii=False).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(("asked", "command"), GOOD)
def test_every_command_is_understood(asked: dict[str, Any], command: desk.Command) -> None:
    assert parse(body(asked)) == command


@pytest.mark.parametrize("asked", [asked for asked, _ in GOOD])
def test_a_key_too_many_too_few_or_twice_is_not_understood(asked: dict[str, Any]) -> None:
    assert parse(body({**asked, "by": "li-na"})) == "not_understood"
    for key in asked:
        assert parse(body({name: value for name, value in asked.items() if name != key})) == "not_understood"
    assert parse(body(asked)[:-1] + b', "do": "sign_out"}') == "not_understood"


@given(st.sampled_from(GOOD), st.data(), json_values)
def test_a_value_of_another_kind_is_refused_or_still_in_its_range(
    good: tuple[dict[str, Any], desk.Command], data: st.DataObject, value: Any
) -> None:
    asked = {**good[0], data.draw(st.sampled_from(sorted(good[0]))): value}
    assert_sound(parse(body(asked)))


@given(
    st.binary(max_size=300) | st.text(max_size=100).map(str.encode) | json_values.map(lambda v: json.dumps(v).encode())
)
def test_whatever_arrives_is_a_sound_command_or_a_refusal_with_words(sent: bytes) -> None:
    assert_sound(parse(sent))


def assert_sound(understood: desk.Command | str) -> None:
    """No command holds anything that records, look-ups or a log could stumble over."""
    match understood:
        case str():
            assert ANSWERS[understood].zh
        case SignIn(guard_id, pin):
            assert NAME.fullmatch(guard_id)
            assert pin.isascii()
            assert pin.isdigit()
        case TypeBadge(badge):
            assert normal_badge(badge) == badge
        case Symptom(symptom, passage_uuid):
            assert symptom in SYMPTOMS
            assert passage_uuid is None or str(UUID(passage_uuid)) == passage_uuid
        case Contact(case_id, contact_c, confirmed):
            assert str(UUID(case_id)) == case_id
            assert type(contact_c) is float
            assert 20 <= contact_c <= 50
            assert type(confirmed) is bool
        case TakeStep(case_id, step, note):
            assert str(UUID(case_id)) == case_id
            assert step in ("observation", "informed", "released", "closed")
            assert NOTE.fullmatch(note)
            assert note.encode().decode() == note
        case LetIn(passage_uuid, reason, note):
            assert str(UUID(passage_uuid)) == passage_uuid
            assert reason in OVERRIDES
            assert NOTE.fullmatch(note)
            assert note.encode().decode() == note
        case SignInByBadge() | SignOut():
            pass


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"null",
        b"[]",
        b'"sign_out"',
        b"{}",
        b'{"do": null}',
        b'{"do": ["sign_out"]}',
        b'{"do": {"do": "sign_out"}}',
        b'{"do": "open_gate"}',
        b'{"do": "sign_out"} ',
        b'\xef\xbb\xbf{"do": "sign_out"}',
        b'{"do": "sign_out"}{"do": "sign_out"}',
        b'{"do": "sign_\xff"}',
        b"[" * 2048,
        b'{"a":' * 400,
        b'{"do": "sign_out"}'.ljust(2049),
    ],
)
def test_what_is_no_request_is_not_understood(sent: bytes) -> None:
    # Blanks around an object are JSON; everything else here is none, or too much of it.
    expected = SignOut() if sent == b'{"do": "sign_out"} ' else "not_understood"
    assert parse(sent) == expected


@pytest.mark.parametrize(
    ("contact_c", "answer"),
    [
        ("NaN", "not_understood"),
        ("Infinity", "not_understood"),
        ("-Infinity", "not_understood"),
        ("true", "not_understood"),
        ('"36.5"', "not_understood"),
        ("1e999", "contact_out_of_range"),
        ("9" * 1800, "contact_out_of_range"),
        ("-36.5", "contact_out_of_range"),
        ("19.99", "contact_out_of_range"),
        ("50.001", "contact_out_of_range"),
    ],
)
def test_a_reading_is_a_number_that_a_thermometer_could_show(contact_c: str, answer: str) -> None:
    sent = f'{{"do": "contact", "case_id": "{CASE}", "contact_c": {contact_c}, "confirmed": false}}'
    assert parse(sent.encode()) == answer


@given(st.floats(20, 50))
def test_every_reading_in_range_arrives_as_it_was_typed(contact_c: float) -> None:
    command = parse(body({"do": "contact", "case_id": CASE, "contact_c": contact_c, "confirmed": True}))
    assert isinstance(command, Contact)
    assert math.isclose(command.contact_c, contact_c, rel_tol=0, abs_tol=0)


@pytest.mark.parametrize("pin", ["", "12345a", "１２３４５６", "1234567890123", " 123456", "123456\n", 123456])
def test_a_pin_is_digits(pin: Any) -> None:
    assert parse(body({"do": "sign_in", "guard_id": "li-na", "pin": pin})) == "not_understood"


@pytest.mark.parametrize("badge", ["", "卡号", "a b", "a\x00b", "x" * 65, "<b>"])
def test_a_badge_that_no_reader_gives_is_told(badge: str) -> None:
    assert parse(body({"do": "type_badge", "badge": badge})) == "badge_unreadable"


@pytest.mark.parametrize("note", ["x" * 201, "a\nb", "a\u2028b", "\x1b[31m", "\ud800"])
def test_a_note_is_one_short_line(note: str) -> None:
    escaped = json.dumps({"do": "take_step", "case_id": CASE, "step": "closed", "note": note})
    assert parse(escaped.encode()) == "note_unfit"
    escaped = json.dumps({"do": "let_in", "passage_uuid": PASSAGE, "reason": "other", "note": note})
    assert parse(escaped.encode()) == "note_unfit"


@pytest.mark.parametrize("note", ["", "   "])
def test_another_reason_must_be_named(note: str) -> None:
    assert parse(body({"do": "let_in", "passage_uuid": PASSAGE, "reason": "other", "note": note})) == "note_needed"


@pytest.mark.parametrize("step", ["alarm", "symptom", "identified", "contact", "Released", ""])
def test_steps_that_are_none_of_the_guards_are_refused(step: str) -> None:
    assert parse(body({"do": "take_step", "case_id": CASE, "step": step, "note": ""})) == "step_unknown"


@pytest.mark.parametrize("wrong", [CASE.upper(), CASE[:-1], f"{{{CASE}}}", CASE.replace("-", ""), f" {CASE}", 7])
def test_a_uuid_is_written_in_one_way(wrong: Any) -> None:
    assert parse(body({"do": "take_step", "case_id": wrong, "step": "closed", "note": ""})) == "not_understood"
    assert parse(body({"do": "symptom", "symptom": "cough", "passage_uuid": wrong})) == "not_understood"


def test_no_secret_is_in_what_a_log_would_show() -> None:
    request = Request(SignIn("li-na", "482915"), "s3cret", 1.0, lambda answer: None)
    shown = repr(request) + repr(Answer(True, "signed_in", "s3cret", "li-na"))
    assert "482915" not in shown
    assert "s3cret" not in shown
    assert "li-na" in shown
