"""Fields of the contract: each kind of field at, within and beyond its edges."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given

from edge.core.errors import RecordError
from edge.core.wire import choice, flag, fraction, from_plain, part, text, texts, to_plain, uuid, whole, with_keys
from tests.core.records import UUID, json_values

WORD = re.compile(r"[a-z]{1,3}")
Colour = Literal["red", "green"]


@dataclass(frozen=True, slots=True)
class Inner:
    deep: int = whole(1, 3)


@dataclass(frozen=True, slots=True)
class Sample:
    """One field of every kind, and the same that may be missing."""

    length_m: float = fraction(-1, 2.5)
    count: int = whole(0, 1000)
    open: bool = flag()
    colour: Colour = choice(Colour)
    code: str = text(WORD)
    codes: tuple[str, ...] = texts(WORD, 1, 2)
    id: str = uuid()
    inner: Inner = part(Inner)
    maybe_m: float | None = fraction(0, 1, optional=True)
    maybe_count: int | None = whole(0, 1, optional=True)
    maybe_colour: Colour | None = choice(Colour, optional=True)
    maybe_code: str | None = text(WORD, optional=True)
    maybe_id: str | None = uuid(optional=True)
    maybe_inner: Inner | None = part(Inner, optional=True)


SAMPLE = Sample(1.25, 7, True, "red", "abc", ("a", "b"), UUID, Inner(2), None, None, None, None, None, None)
PLAIN: dict[str, Any] = {
    "length_m": 1.25,
    "count": 7,
    "open": True,
    "colour": "red",
    "code": "abc",
    "codes": ["a", "b"],
    "id": UUID,
    "inner": {"deep": 2},
    "maybe_m": None,
    "maybe_count": None,
    "maybe_colour": None,
    "maybe_code": None,
    "maybe_id": None,
    "maybe_inner": None,
}
MAYBES: dict[str, Any] = {
    "maybe_m": 0.5,
    "maybe_count": 1,
    "maybe_colour": "green",
    "maybe_code": "a",
    "maybe_id": UUID,
    "maybe_inner": {"deep": 3},
}


def test_an_object_and_its_plain_values_are_each_others() -> None:
    assert to_plain(SAMPLE) == PLAIN
    assert from_plain(Sample, PLAIN, "sample") == SAMPLE
    full = from_plain(Sample, {**PLAIN, **MAYBES}, "sample")
    assert to_plain(full) == {**PLAIN, **MAYBES}
    assert (full.maybe_m, full.maybe_inner) == (0.5, Inner(3))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("length_m", -1),
        ("length_m", 2.5),
        ("count", 0),
        ("count", 1000),
        ("open", False),
        ("colour", "green"),
        ("code", "a"),
        ("codes", ["abc"]),
        ("inner", {"deep": 1}),
        ("inner", {"deep": 3}),
    ],
)
def test_a_value_at_the_edge_is_taken(name: str, value: Any) -> None:
    assert to_plain(from_plain(Sample, {**PLAIN, name: value}, "sample"))[name] == value


BEYOND: dict[str, list[Any]] = {
    "length_m": [-1.001, 2.501, "1", True, None, [1], float("nan"), float("inf"), 10**400],
    "count": [-1, 1001, 1.0, True, "1", None, []],
    "open": [0, 1, "true", None],
    "colour": ["Red", "", None, ["red"], {"red": 1}, 0],
    "code": ["", "abcd", "A", "a\n", "a b", None, 7, ["a"]],
    "codes": [[], ["a", "b", "c"], ["A"], [None], "a", {"a": 1}, None],
    "id": [UUID.upper(), UUID.replace("-", ""), "{" + UUID + "}", "", None, 7, []],
    "inner": [None, [], {}, {"deep": 0}, {"deep": 4}, {"deep": 1, "more": 1}, 1],
    "maybe_m": [-0.001, "0.5", False],
    "maybe_count": [2, 0.0, False],
    "maybe_colour": ["", "blue", []],
    "maybe_code": ["", 0],
    "maybe_id": ["", 0],
    "maybe_inner": [{}, [], False],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BEYOND.items() for value in values])
def test_a_value_beyond_the_edge_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(RecordError) as caught:
        from_plain(Sample, {**PLAIN, name: value}, "sample")
    assert f"sample.{name}" in caught.value.en
    assert "；请" in caught.value.zh


@pytest.mark.parametrize("name", list(PLAIN))
def test_every_field_must_be_there_even_when_it_may_be_null(name: str) -> None:
    with pytest.raises(RecordError, match="expected"):
        from_plain(Sample, {key: value for key, value in PLAIN.items() if key != name}, "sample")


@pytest.mark.parametrize("plain", [None, [], "sample", 7, {**PLAIN, "more": 1}])
def test_what_is_no_such_object_is_refused(plain: Any) -> None:
    with pytest.raises(RecordError, match="sample has"):
        with_keys(plain, set(PLAIN), "sample")


@given(json_values)
def test_any_json_value_in_any_field_is_taken_or_refused(value: Any) -> None:
    for name in PLAIN:
        try:
            read = from_plain(Sample, {**PLAIN, name: value}, "sample")
        except RecordError:
            continue
        plain = to_plain(read)
        assert to_plain(from_plain(Sample, plain, "sample")) == plain


def test_numbers_are_rounded_to_three_decimals_always_with_a_point_and_have_one_zero() -> None:
    careless: list[tuple[float, Any]] = [
        (1.235, 1.2349999),
        (1.0, 1),
        (0.0, -0.0001),
        (0.5, np.float32(0.5)),
        (2.0, np.float64(2)),
    ]
    for written, value in careless:
        plain = to_plain(replace(SAMPLE, length_m=value))["length_m"]
        assert (type(plain), str(plain)) == (float, str(written))


def test_every_field_says_in_words_what_it_may_hold() -> None:
    assert {field.name: field.metadata["rule"].holds for field in fields(Sample)} == {
        "length_m": "number, -1 to 2.5",
        "count": "whole number, 0 to 1,000",
        "open": "true or false",
        "colour": "`red`, `green`",
        "code": "text, `[a-z]{1,3}`",
        "codes": "list of 1 to 2 texts, `[a-z]{1,3}`",
        "id": "UUID in lower case",
        "inner": "object, Inner",
        "maybe_m": "number, 0 to 1; or null",
        "maybe_count": "whole number, 0 to 1; or null",
        "maybe_colour": "`red`, `green`; or null",
        "maybe_code": "text, `[a-z]{1,3}`; or null",
        "maybe_id": "UUID in lower case; or null",
        "maybe_inner": "object, Inner; or null",
    }
