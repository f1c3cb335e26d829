"""Who may come in: the list that the county signs, one entry a person, as bytes and as values.

    line 1    the header, canonical JSON: school, version, when issued, entry windows, size and SHA-256 of the body
    line 2    the signature over the bytes of line 1 (edge/adapters verify it)
    line 3 …  the body: one person a line, canonical JSON, sorted by person_id

Canonical JSON has sorted keys, no blanks, UTF-8: equal lists have equal bytes. Every line ends with a newline, which
belongs to the body's size and fingerprint, but is no part of what the functions here take or give for one line.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from edge.core.contents import NAME
from edge.core.errors import RecordError, RosterError
from edge.core.wire import Rule, choice, flag, from_plain, refused, text, texts, to_plain, whole

Role = Literal["pupil", "staff", "visitor", "guard", "medic"]

SCHEMA = 1
MAX_PEOPLE = 100_000
MAX_BODY_BYTES = 64 * 2**20
MAX_PERSON_BYTES = 4_096
# A thousand classes with names of the greatest length.
MAX_HEADER_BYTES = 512 * 2**10
MAX_WINDOWS = 1_000
# Under observation until somebody entitled to it releases them.
UNTIL_RELEASED = "9999-12-31"

BADGE = re.compile(r"[A-Z0-9._-]{1,64}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_NAME = 60


def _name() -> Any:
    """A name in any language: 1 to 60 characters on one line, nothing invisible, no blank at either end."""

    def read(value: Any, name: str) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= _MAX_NAME or value != value.strip():
            raise refused(f"{name} is not a name of 1 to {_MAX_NAME} characters")
        # Controls, directions, surrogates, line ends: they make a guard's screen show another name than it holds.
        # Private-use characters stay: rare Chinese names are still written with them.
        if any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in value):
            raise refused(f"{name} has characters that cannot be seen")
        return value

    return field(metadata={"rule": Rule(lambda value: value, read, f"name of 1 to {_MAX_NAME} characters")})


def _read_day(value: Any, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise refused(f"{name} is no date such as 2026-02-28")
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise refused(f"{name} is no day of the calendar") from error
    return value


def _day(*, may_be_left_out: bool = False) -> Any:
    """A day of the calendar as ISO date, or None."""
    rule = {"rule": Rule(lambda value: value, _read_day, "date such as 2026-02-28; or null")}
    return field(default=None, metadata=rule) if may_be_left_out else field(metadata=rule)


def _windows() -> Any:
    def write(windows: Sequence[EntryWindow]) -> list[dict[str, Any]]:
        return [to_plain(one) for one in windows]

    def read(value: Any, name: str) -> tuple[EntryWindow, ...]:
        if not isinstance(value, list) or len(value) > MAX_WINDOWS:
            raise refused(f"{name} is not a list of at most {MAX_WINDOWS}")
        windows = tuple(from_plain(EntryWindow, one, f"{name}[{i}]") for i, one in enumerate(value))
        classes = [window.class_id for window in windows]
        if sorted(set(classes)) != classes:
            raise refused(f"{name} are not sorted by class, or name one twice")
        if any(window.earliest_min > window.latest_min for window in windows):
            raise refused(f"{name} has one that ends before it begins")
        return windows

    return field(
        metadata={"rule": Rule(write, read, f"list of at most {MAX_WINDOWS} objects, EntryWindow, sorted by class")}
    )


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the roster.

    badges: normalised badge texts; approved: their return is approved; observation_until: ISO date, inclusive, or
    None; health_record: the 14-day record is complete; valid_from, valid_until: ISO dates, inclusive, of a dated pass.
    """

    person_id: str = text(NAME)
    name: str = _name()
    role: Role = choice(Role)
    class_id: str | None = text(NAME, optional=True)
    badges: tuple[str, ...] = texts(BADGE, 0, 8)
    approved: bool = flag()
    observation_until: str | None = _day()
    health_record: bool = flag()
    valid_from: str | None = _day(may_be_left_out=True)
    valid_until: str | None = _day(may_be_left_out=True)


@dataclass(frozen=True, slots=True)
class EntryWindow:
    """When a class may enter: minutes of the local day, 0 to 1440, both included."""

    class_id: str = text(NAME)
    name: str = _name()
    earliest_min: int = whole(0, 1440)
    latest_min: int = whole(0, 1440)


@dataclass(frozen=True, slots=True)
class Header:
    """What the county signs: of which school, which version, issued when, and what the body is."""

    schema: int = whole(SCHEMA, SCHEMA)
    school: str = _name()
    version: int = whole(1, 2**53)
    issued_utc_ms: int = whole(0, 2**53)
    people: int = whole(0, MAX_PEOPLE)
    body_bytes: int = whole(0, MAX_BODY_BYTES)
    body_sha256: str = text(_SHA256)
    windows: tuple[EntryWindow, ...] = _windows()


def normal_badge(badge: str) -> str | None:
    """What a badge's text is reduced to: stripped, upper case, 1 to 64 of A-Z 0-9 . _ - ; None: it is garbage."""
    stripped = badge.strip()
    # Asked before upper(), which makes an S of a long s and SS of a sharp one.
    if not stripped.isascii():
        return None
    upper = stripped.upper()
    return upper if BADGE.fullmatch(upper) else None


def header_bytes(header: Header) -> bytes:
    """The header's canonical JSON, without a newline: what is signed."""
    return _canonical(to_plain(header))


def person_line(person: Person) -> bytes:
    """One person's canonical JSON, without a newline."""
    return _canonical(to_plain(person))


def parse_header(line: bytes) -> Header:
    """The header in these bytes. RosterError unless they are exactly its canonical form, each field in its range."""
    header: Header = _parsed(Header, line, MAX_HEADER_BYTES, "header")
    if header_bytes(header) != line:
        raise _unusable(refused("header is not in canonical form"))
    return header


def parse_person(line: bytes) -> Person:
    """The person in these bytes. RosterError unless they are exactly its canonical form, each field in its range."""
    person: Person = _parsed(Person, line, MAX_PERSON_BYTES, "person")
    if person_line(person) != line:
        raise _unusable(refused("person is not in canonical form"))
    if len(set(person.badges)) != len(person.badges):
        raise _unusable(refused("person has a badge twice"))
    if person.valid_from is not None and person.valid_until is not None and person.valid_from > person.valid_until:
        raise _unusable(refused("person has a pass that ends before it begins"))
    return person


def compose(
    school: str, version: int, issued_utc_ms: int, windows: Iterable[EntryWindow], people: Iterable[Person]
) -> tuple[bytes, bytes]:
    """Header (without its newline) and body (with all newlines) of the roster of these people, in any order.

    RosterError: too many people, somebody twice, a badge that two people have, or a field that no gate would accept.
    """
    in_order = sorted(people, key=lambda person: person.person_id)
    if len(in_order) > MAX_PEOPLE:
        raise RosterError(
            f"名单有 {len(in_order)} 人，最多 {MAX_PEOPLE} 人；请按学校拆分",
            f"the list has {len(in_order)} people, at most {MAX_PEOPLE} are possible; split it by school",
        )
    _nobody_twice(in_order)
    body = bytearray()
    for person in in_order:
        line = person_line(person)
        # Nothing is signed that a gate would refuse.
        parse_person(line)
        body += line + b"\n"
    if len(body) > MAX_BODY_BYTES:
        raise RosterError(
            "名单过大，最大 64 MiB；请按学校拆分", "the list is too large, at most 64 MiB; split it by school"
        )
    header = header_bytes(
        Header(
            schema=SCHEMA,
            school=school,
            version=version,
            issued_utc_ms=issued_utc_ms,
            people=len(in_order),
            body_bytes=len(body),
            body_sha256=hashlib.sha256(body).hexdigest(),
            windows=tuple(sorted(windows, key=lambda window: window.class_id)),
        )
    )
    parse_header(header)
    return header, bytes(body)


def _nobody_twice(people: Sequence[Person]) -> None:
    seen: set[str] = set()
    holders: dict[str, str] = {}
    for person in people:
        if person.person_id in seen:
            raise RosterError(
                f"编号 {person.person_id} 有两人；请改正其中一个",
                f"two people have the number {person.person_id}; correct one of them",
            )
        seen.add(person.person_id)
        for badge in person.badges:
            other = holders.setdefault(badge, person.person_id)
            if other != person.person_id:
                raise RosterError(
                    f"证件 {badge} 同时属于 {other} 和 {person.person_id}；请收回其中一张",
                    f"badge {badge} belongs to both {other} and {person.person_id}; take it from one of them",
                )


def _parsed(kind: type[Any], line: bytes, most: int, where: str) -> Any:
    if len(line) > most:
        raise _unusable(refused(f"{where} has {len(line)} bytes, at most {most}"))
    try:
        # Decoded here: json.loads would guess UTF-16 or UTF-32 from bytes.
        plain: Mapping[str, Any] = json.loads(line.decode(), parse_constant=_no_constant)
        return from_plain(kind, plain, where)
    except RecordError as error:
        raise _unusable(error) from error
    except (ValueError, RecursionError) as error:
        raise _unusable(refused(f"{where} is no JSON: {error}")) from error


def _canonical(plain: dict[str, Any]) -> bytes:
    try:
        return json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError, OverflowError) as error:
        raise _unusable(refused(f"cannot be written: {error}")) from error


def _unusable(error: RecordError) -> RosterError:
    return RosterError(f"名单不可用：{error.zh}", f"the roster cannot be used: {error.en}")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
