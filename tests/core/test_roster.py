"""The roster's bytes: one form only, every field in its range, nobody twice; anything else is refused by name."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.errors import RosterError
from edge.core.roster import (
    BADGE,
    MAX_HEADER_BYTES,
    MAX_PEOPLE,
    MAX_PERSON_BYTES,
    MAX_WINDOWS,
    UNTIL_RELEASED,
    EntryWindow,
    Header,
    Person,
    Role,
    compose,
    header_bytes,
    normal_badge,
    parse_header,
    parse_person,
    person_line,
)

# Bytes of one kind, and the two ways between them and the value.
Form = tuple[bytes, Callable[[bytes], Any], Callable[[Any], bytes]]

PERSON = Person("p1", "李雷", "pupil", "3-1", ("A1", "B-2"), True, None, True)
WINDOW = EntryWindow("3-1", "三（1）班", 420, 450)
HEADER = Header(1, "第一小学", 7, 1_767_600_000_000, 1, 200, "0" * 64, (WINDOW,))
# Direction marks, zero-width characters, line ends, controls, half a surrogate pair, a blank at the end.
BAD_NAMES = [
    "",
    " ",
    "a\nb",
    "a\x00",
    "a\x7f",
    "a\u0085",
    "a\u202eb",
    "a\u200bb",
    "a\u2028b",
    "\ud800",
    "李雷 ",
    "x" * 61,
]
BAD_IDS = ["", " p1", "p 1", "-p1", "李", "p\n", "p" * 65, None, 1, True]
BAD_BADGES = [None, "A1", ["a1"], ["A1", "A1"], ["A 1"], [""], ["A" * 65], [1], [str(i) for i in range(9)]]
BAD_WINDOWS: list[Any] = [None, {}, 1, [1], [{}], [None]]
BAD_DATES = [
    "",
    "2026-2-3",
    "20260203",
    "2026-02-30",
    "2025-02-29",
    "0000-01-01",
    "2026-02-03T00:00",
    "２０２６-02-03",
    20260203,
]


def plain(thing: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(thing)
    return read


def canonical(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(errors="surrogatepass")


def altered(line: bytes, **values: Any) -> bytes:
    return canonical(plain(line) | values)


NAMES = (
    st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=60)
    .map(str.strip)
    .filter(bool)
)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
BADGES = st.from_regex(BADGE, fullmatch=True)
DATES = st.one_of(st.none(), st.dates().map(str))
PASSES = st.one_of(
    st.tuples(DATES, st.none()), st.tuples(st.none(), DATES), st.tuples(st.dates(), st.dates()).map(sorted)
)


@st.composite
def someone(draw: st.DrawFn) -> Person:
    valid = [None if day is None else str(day) for day in draw(PASSES)]
    return Person(
        draw(IDS),
        draw(NAMES),
        draw(st.sampled_from(get_args(Role))),
        draw(st.one_of(st.none(), IDS)),
        tuple(draw(st.lists(BADGES, max_size=8, unique=True))),
        draw(st.booleans()),
        draw(st.one_of(DATES, st.just(UNTIL_RELEASED))),
        draw(st.booleans()),
        *valid,
    )


@given(someone())
def test_a_person_comes_back_from_their_bytes(person: Person) -> None:
    line = person_line(person)
    assert b"\n" not in line
    assert len(line) <= MAX_PERSON_BYTES
    assert parse_person(line) == person


@given(st.lists(someone(), max_size=12), st.integers(1, 2**53), st.randoms(use_true_random=False))
def test_a_roster_comes_back_from_its_bytes_in_one_form(people: list[Person], version: int, chance: Any) -> None:
    # Nobody twice, and each badge only with the first who has it.
    unique = {person.person_id: person for person in people}
    held: set[str] = set()
    for person_id, person in unique.items():
        unique[person_id] = replace(person, badges=tuple(badge for badge in person.badges if badge not in held))
        held |= set(person.badges)
    listed = list(unique.values())
    header_line, body = compose("第一小学", version, 5, [WINDOW], listed)
    chance.shuffle(listed)
    assert compose("第一小学", version, 5, [WINDOW], listed) == (header_line, body)
    header = parse_header(header_line)
    assert (header.version, header.people, header.body_bytes) == (version, len(listed), len(body))
    assert header.body_sha256 == hashlib.sha256(body).hexdigest()
    lines = body.split(b"\n")
    assert lines.pop() == b""
    read = [parse_person(line) for line in lines]
    assert read == sorted(listed, key=lambda person: person.person_id)


@given(st.binary(max_size=300))
@example(b"[" * 4_000)
@example(b'{"x":' + b"9" * 4_000 + b"}")
@example(b"\xff\xfe{\x00}\x00")
@example(b"NaN")
@example(b"null")
def test_garbage_is_refused(line: bytes) -> None:
    for parse in (parse_person, parse_header):
        with pytest.raises(RosterError):
            parse(line)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_one_changed_byte_is_refused_or_is_another_true_roster_entry(place: int, byte: int) -> None:
    kinds: tuple[Form, ...] = (
        (person_line(PERSON), parse_person, person_line),
        (header_bytes(HEADER), parse_header, header_bytes),
    )
    for line, parse, write in kinds:
        spoilt = bytearray(line)
        spoilt[place % len(line)] = byte
        try:
            read = parse(bytes(spoilt))
        except RosterError:
            continue
        assert write(read) == bytes(spoilt)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", name) for name in [*BAD_NAMES, None, 1]),
        *(("person_id", one) for one in BAD_IDS),
        *(("class_id", one) for one in BAD_IDS if one is not None),
        *((field, date) for field in ("observation_until", "valid_from", "valid_until") for date in BAD_DATES),
        *(("role", role) for role in ("Pupil", "", None, "admin", ["pupil"])),
        *((field, flag) for field in ("approved", "health_record") for flag in (None, 1, 0, "true")),
        *(("badges", one) for one in BAD_BADGES),
        ("extra", 1),
    ],
)
def test_each_field_has_its_range(field: str, value: Any) -> None:
    with pytest.raises(RosterError) as caught:
        parse_person(altered(person_line(PERSON), **{field: value}))
    assert caught.value.zh.startswith("名单不可用")


def test_a_missing_field_is_refused() -> None:
    values = plain(person_line(PERSON))
    for name in values:
        with pytest.raises(RosterError):
            parse_person(canonical({key: value for key, value in values.items() if key != name}))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line + b"\n",
        lambda line: b" " + line,
        lambda line: line.replace(b":", b": ", 1),
        lambda line: line.replace(b'"approved":true,', b'"approved":true,"approved":true,'),
        lambda line: line.replace("李".encode(), b"\\u674e"),
        lambda line: line.decode().encode("utf-16"),
        lambda line: b"\xef\xbb\xbf" + line,
        lambda line: line.replace("李".encode(), "李".encode() * 2_000),
    ],
)
def test_another_form_of_the_same_values_is_refused(spoil: Any) -> None:
    line = person_line(PERSON)
    assert spoil(line) != line
    with pytest.raises(RosterError):
        parse_person(spoil(line))


def test_a_pass_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(RosterError):
        parse_person(person_line(replace(PERSON, valid_from="2026-03-02", valid_until="2026-03-01")))


@pytest.mark.parametrize("name", ["·买买提·艾力", "𠮷田", "Ó Briain", "\ue000明", "x" * 60])
def test_names_of_all_kinds_are_taken(name: str) -> None:
    assert parse_person(person_line(replace(PERSON, name=name))).name == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("schema", one) for one in (0, 2, True, 1.0, "1", None)),
        *(("version", one) for one in (0, -1, 2**53 + 1, 1.5, True, "1")),
        *(("issued_utc_ms", one) for one in (-1, 2**53 + 1, 1.0, None)),
        *(("people", one) for one in (-1, MAX_PEOPLE + 1, 1.0)),
        *(("body_bytes", one) for one in (-1, 64 * 2**20 + 1, None)),
        *(("body_sha256", one) for one in ("", "0" * 63, "0" * 65, "A" * 64, None)),
        *(("school", name) for name in BAD_NAMES),
        *(("windows", windows) for windows in BAD_WINDOWS),
    ],
)
def test_each_field_of_the_header_has_its_range(field: str, value: Any) -> None:
    with pytest.raises(RosterError):
        parse_header(altered(header_bytes(HEADER), **{field: value}))


@pytest.mark.parametrize(
    "windows",
    [
        (WINDOW, WINDOW),
        (replace(WINDOW, class_id="3-2"), WINDOW),
        (replace(WINDOW, earliest_min=451),),
        (replace(WINDOW, latest_min=1441),),
        (replace(WINDOW, earliest_min=-1),),
        (replace(WINDOW, name="a\u202eb"),),
        tuple(replace(WINDOW, class_id=f"{i:05}") for i in range(MAX_WINDOWS + 1)),
    ],
)
def test_windows_that_cannot_be_are_refused(windows: tuple[EntryWindow, ...]) -> None:
    with pytest.raises(RosterError):
        parse_header(header_bytes(replace(HEADER, windows=windows)))


def test_as_many_windows_as_may_be_fit_into_a_header() -> None:
    windows = [EntryWindow(f"{i:064}", "班" * 60, 0, 1440) for i in range(MAX_WINDOWS)]
    line, _ = compose("学" * 60, 2**53, 2**53, windows, [])
    assert len(line) <= MAX_HEADER_BYTES
    assert len(parse_header(line).windows) == MAX_WINDOWS
    assert parse_header(line).people == 0


def test_a_header_that_is_too_long_is_not_even_looked_at() -> None:
    with pytest.raises(RosterError, match="bytes"):
        parse_header(b" " * (MAX_HEADER_BYTES + 1))


def test_composing_names_both_who_have_one_badge() -> None:
    other = replace(PERSON, person_id="p2")
    with pytest.raises(RosterError) as caught:
        compose("第一小学", 1, 0, [], [other, PERSON])
    for text in (caught.value.zh, caught.value.en):
        assert "A1" in text
        assert "p1" in text
        assert "p2" in text


def test_composing_refuses_somebody_twice() -> None:
    with pytest.raises(RosterError, match="p1"):
        compose("第一小学", 1, 0, [], [PERSON, replace(PERSON, badges=())])


def test_composing_refuses_too_many() -> None:
    with pytest.raises(RosterError, match="100001"):
        compose("第一小学", 1, 0, [], [PERSON] * (MAX_PEOPLE + 1))


@pytest.mark.parametrize(
    "person",
    [
        replace(PERSON, badges=("a1",)),
        replace(PERSON, badges=("A1", "A1")),
        replace(PERSON, name="\ud800"),
        replace(PERSON, observation_until="2026-02-30"),
        replace(PERSON, valid_from="2026-03-02", valid_until="2026-03-01"),
    ],
)
def test_composing_signs_nothing_that_a_gate_refuses(person: Person) -> None:
    with pytest.raises(RosterError):
        compose("第一小学", 1, 0, [], [person])


def test_composing_sorts_and_refuses_windows() -> None:
    line, _ = compose("第一小学", 1, 0, [replace(WINDOW, class_id="3-2"), WINDOW], [])
    assert [window.class_id for window in parse_header(line).windows] == ["3-1", "3-2"]
    with pytest.raises(RosterError):
        compose("第一小学", 1, 0, [WINDOW, WINDOW], [])
    with pytest.raises(RosterError):
        compose("", 1, 0, [], [])
    with pytest.raises(RosterError):
        compose("第一小学", 0, 0, [], [])


@pytest.mark.parametrize(
    ("typed", "reduced"),
    [
        ("a1", "A1"),
        ("  0012-ab.C_9\r\n", "0012-AB.C_9"),
        ("A" * 64, "A" * 64),
        ("A" * 65, None),
        ("", None),
        ("   ", None),
        ("a 1", None),
        ("a1;drop", None),
        ("ß", None),
        ("ſ", None),
        ("ı1", None),
        ("１２", None),
        ("卡1", None),
        ("A\x001", None),
        ("\ud800", None),
    ],
)
def test_badges_are_reduced_or_garbage(typed: str, reduced: str | None) -> None:
    assert normal_badge(typed) == reduced


@given(st.text(max_size=80))
def test_a_reduced_badge_stays_what_it_is(typed: str) -> None:
    reduced = normal_badge(typed)
    if reduced is not None:
        assert BADGE.fullmatch(reduced)
        assert normal_badge(reduced) == reduced
        assert reduced == typed.strip().upper()
