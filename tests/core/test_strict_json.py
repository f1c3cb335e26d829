"""What is an object of JSON, and what only looks like one."""

import pytest

from edge.core.strict_json import read_object


def test_an_object_is_read() -> None:
    assert read_object('{"a": [1, 2.5, "五"], "b": {"c": null}}'.encode(), 100) == {
        "a": [1, 2.5, "五"],
        "b": {"c": None},
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b'"text"',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1',
        b"\xff\xfe{}",
        b'{"a": ' + b"[" * 40_000 + b"]" * 40_000 + b"}",
    ],
)
def test_what_two_readers_could_read_differently_is_none(body: bytes) -> None:
    assert read_object(body, 1_000_000) is None


def test_a_byte_too_many_is_not_read() -> None:
    assert read_object(b'{"a": 1}', 8) == {"a": 1}
    assert read_object(b'{"a": 1}', 7) is None
