"""Fields of the wire contract: what each may hold, refused when bytes are read, rounded when they are written.

A dataclass of the contract declares each field with one of these functions:

    forehead_c: float | None = fraction(-60, 200, optional=True)

`to_plain` makes JSON values of such an object, `from_plain` makes the object of JSON values that somebody else sent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, get_args
from uuid import UUID

from edge.core.errors import RecordError


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is written, and how it is read: `read(value, name)` gives it back, or raises RecordError.

    holds: what it may hold, in words, as the contract's document says it.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any, str], Any]
    holds: str


def fraction(low: float, high: float, *, optional: bool = False) -> Any:
    """A number rounded to three decimals, always with a point; low to high, both allowed."""
    holds = f"number, {_written(low)} to {_written(high)}"

    def write(value: Any) -> float:
        # + 0.0 makes one zero of the two.
        return round(float(value), 3) + 0.0

    def read(value: Any, name: str) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # The comparison refuses infinities and NaN too; math.isfinite would overflow on a whole number of 400 digits.
        if not number or not low <= value <= high:
            raise refused(f"{name} is no {holds}")
        return float(value)

    return _field(Rule(write, read, holds), optional)


def whole(low: int, high: int, *, optional: bool = False) -> Any:
    """A whole number of low to high."""
    holds = f"whole number, {_written(low)} to {_written(high)}"

    def read(value: Any, name: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise refused(f"{name} is no {holds}")
        return value

    return _field(Rule(_same, read, holds), optional)


def flag() -> Any:
    """True or false."""

    def read(value: Any, name: str) -> bool:
        if not isinstance(value, bool):
            raise refused(f"{name} is not true or false")
        return value

    return _field(Rule(_same, read, "true or false"), optional=False)


def choice(kind: Any, *, optional: bool = False) -> Any:
    """One of the words of a Literal."""

    def read(value: Any, name: str) -> str:
        if not isinstance(value, str) or value not in get_args(kind):
            raise refused(f"{name} is {value!r}, expected one of {list(get_args(kind))}")
        return value

    return _field(Rule(_same, read, ", ".join(f"`{word}`" for word in get_args(kind))), optional)


def text(pattern: re.Pattern[str], *, optional: bool = False) -> Any:
    """Text that matches the pattern from its first to its last character."""

    def read(value: Any, name: str) -> str:
        return matching(value, pattern, name)

    return _field(Rule(_same, read, f"text, `{pattern.pattern}`"), optional)


def texts(pattern: re.Pattern[str], least: int, most: int) -> Any:
    """A tuple of so many texts that each match the pattern."""

    def read(value: Any, name: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise refused(f"{name} is not a list of {least} to {most}")
        return tuple(matching(one, pattern, name) for one in value)

    return _field(Rule(list, read, f"list of {least} to {most} texts, `{pattern.pattern}`"), optional=False)


def uuid(*, optional: bool = False) -> Any:
    """A UUID in lower case with its hyphens."""

    def read(value: Any, name: str) -> str:
        try:
            known = isinstance(value, str) and str(UUID(value)) == value
        except ValueError:
            known = False
        if not known:
            raise refused(f"{name} is not a lower-case UUID")
        return str(value)

    return _field(Rule(_same, read, "UUID in lower case"), optional)


def part(kind: type[Any], *, optional: bool = False) -> Any:
    """Another dataclass of the contract."""
    return _field(
        Rule(to_plain, lambda value, name: from_plain(kind, value, name), f"object, {kind.__name__}"), optional
    )


def to_plain(thing: Any) -> dict[str, Any]:
    """The object as JSON values. TypeError, ValueError or OverflowError: a field cannot be one."""
    return {f.name: f.metadata["rule"].write(getattr(thing, f.name)) for f in fields(thing)}


def from_plain(kind: type[Any], plain: Any, where: str) -> Any:
    """The object that these JSON values are. RecordError: a field is missing, unknown or out of its range."""
    with_keys(plain, {f.name for f in fields(kind)}, where)
    return kind(**{f.name: f.metadata["rule"].read(plain[f.name], f"{where}.{f.name}") for f in fields(kind)})


def with_keys(plain: Any, expected: set[str], where: str) -> None:
    """RecordError unless this is an object with exactly these keys."""
    if not isinstance(plain, dict) or set(plain) != expected:
        found = sorted(plain) if isinstance(plain, dict) else type(plain).__name__
        raise refused(f"{where} has {found}, expected {sorted(expected)}")


def matching(value: Any, pattern: re.Pattern[str], name: str) -> str:
    """The value, when it is text that matches. RecordError otherwise."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise refused(f"{name} does not match {pattern.pattern}")
    return value


def refused(detail: str) -> RecordError:
    """The fault of bytes that are no record."""
    # What was wrong may be 8 KiB of somebody else's bytes.
    detail = detail if len(detail) <= 300 else detail[:300] + "…"
    return RecordError(
        f"记录无效（{detail}）；请核对闸机与县级服务器的软件版本",
        f"not a valid record ({detail}); check that gate and county run matching versions",
    )


def _field(rule: Rule, optional: bool) -> Any:
    if optional:
        needed = rule
        rule = Rule(
            lambda value: None if value is None else needed.write(value),
            lambda value, name: None if value is None else needed.read(value, name),
            f"{needed.holds}; or null",
        )
    return field(metadata={"rule": rule})


def _written(limit: float) -> str:
    return f"{limit:,}".removesuffix(".0")


def _same(value: Any) -> Any:
    return value
