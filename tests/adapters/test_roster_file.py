"""The signed file: what is refused and told, what an index costs, and that a replacement is whole."""

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.roster_file import RosterFile, read_public_keys
from edge.core.errors import RosterError
from edge.core.roster import compose, header_bytes, parse_header, person_line
from tests.fakes.rosters import (
    COUNTY_KEY,
    FORGERS_KEY,
    ISSUED_UTC_MS,
    LI,
    SCHOOL,
    WINDOW,
    a_person,
    a_roster,
    key_file,
    people,
    public_line,
    signed,
)


def lying(people_count: int | None = None, body_bytes: int | None = None, body: bytes | None = None) -> bytes:
    """A roster whose own county signed a header that does not fit to its body."""
    header, real = compose(SCHOOL, 1, ISSUED_UTC_MS, [WINDOW], people(3))
    body = real if body is None else body
    claimed = replace(parse_header(header), body_sha256=hashlib.sha256(body).hexdigest(), body_bytes=len(body))
    if people_count is not None:
        claimed = replace(claimed, people=people_count)
    if body_bytes is not None:
        claimed = replace(claimed, body_bytes=body_bytes)
    return signed(header_bytes(claimed), body)


def lines_of(*members: int) -> bytes:
    return b"".join(person_line(a_person(n)) + b"\n" for n in members)


GOOD = a_roster(1, people(3))
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "damaged"),
    "no roster": (b"<html>" * 100_000, "damaged"),
    "forged": (a_roster(1, people(3), key=FORGERS_KEY), "signature"),
    "of another school": (a_roster(1, people(3), school="第二小学"), "第二小学"),
    "no signature": (GOOD.replace(GOOD.split(b"\n")[1], b""), "signature"),
    "signature of something else": (
        GOOD.replace(GOOD.split(b"\n")[1], base64.b64encode(COUNTY_KEY.sign(b"something else"))),
        "signature",
    ),
    "signature that is no base64": (GOOD.replace(GOOD.split(b"\n")[1], b"*" * 88), "signature"),
    "header changed": (GOOD.replace(b'"version":1', b'"version":9'), "signature"),
    "person approved by hand": (GOOD.replace(b'"approved":true', b'"approved":TRUE'), "SHA-256"),
    "cut off": (GOOD[:-1], "damaged"),
    "cut off in the header": (GOOD[:100], "damaged"),
    "longer": (GOOD + b"\n", "damaged"),
    "one more person than signed": (GOOD + lines_of(4), "damaged"),
    "fewer people than it says": (lying(people_count=4), "3 people of 4"),
    "more people than it says": (lying(people_count=2), "person 3"),
    "longer than it is": (lying(body_bytes=10**6), "damaged"),
    "no final newline": (lying(body=lines_of(1, 2, 3)[:-1]), "person 3"),
    "not in order": (lying(body=lines_of(1, 3, 2)), "person 3"),
    "somebody twice": (lying(body=lines_of(1, 2, 2)), "person 3"),
    "a badge of two": (
        lying(body=lines_of(1, 2) + person_line(replace(a_person(3), badges=("B1",))) + b"\n"),
        "person 3",
    ),
    "somebody who is none": (lying(body=lines_of(1, 2) + b"{}\n"), "cannot be used"),
    "signed garbage": (signed(b'{"schema":1}', b""), "cannot be used"),
    "signed garbage that is no JSON": (signed(b"\xff[[", b""), "cannot be used"),
}


class Site:
    def __init__(self, tmp_path: Path, background: bool = False) -> None:
        self.path = tmp_path / "roster"
        self.lines: list[str] = []
        self.keys = read_public_keys(key_file(tmp_path))
        self._background = background
        self._aside = tmp_path / "aside"

    def put(self, content: bytes) -> None:
        self._aside.write_bytes(content)
        self._aside.replace(self.path)

    def open(self) -> RosterFile:
        return RosterFile(self.path, self.keys, SCHOOL, self.lines.append, self._background)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_roster_of_ours_is_told_once_and_leaves_the_old_one_in_force(site: Site, kind: str) -> None:
    content, told = BAD[kind]
    site.put(a_roster(1, [LI]))
    source = site.open()
    assert site.lines == []
    site.put(content)
    assert not source.refresh()
    assert not source.refresh()
    assert len(site.lines) == 1
    assert told in site.lines[0]
    assert "\n" in site.lines[0], "in both languages"
    assert source.by_badge("A1") == LI
    assert source.by_badge("B1") is None
    site.put(a_roster(2, people(3)))
    assert source.refresh()
    assert source.by_badge("B1") == a_person(1)


@pytest.mark.parametrize("kind", BAD)
def test_a_gate_that_starts_with_such_a_file_knows_nobody(site: Site, kind: str) -> None:
    site.put(BAD[kind][0])
    source = site.open()
    assert source.header is None
    assert source.by_id("P000001") is None
    assert len(site.lines) == 1


@given(place=st.integers(0, len(GOOD) - 1), flipped=st.integers(1, 255))
def test_no_single_byte_can_be_changed(place: int, flipped: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = bytearray(GOOD)
    content[place] ^= flipped
    site = Site(tmp_path_factory.mktemp("roster"))
    site.path.write_bytes(content)
    assert site.open().header is None


def test_the_county_may_change_its_key_while_both_are_pinned(tmp_path: Path) -> None:
    path = tmp_path / "roster"
    both = read_public_keys(key_file(tmp_path, FORGERS_KEY, COUNTY_KEY))
    for key in (COUNTY_KEY, FORGERS_KEY):
        path.write_bytes(a_roster(1, [LI], key=key))
        assert RosterFile(path, both, SCHOOL, lambda line: None).header is not None


def test_a_file_that_is_changed_in_place_after_it_was_verified_changes_nobody(site: Site) -> None:
    site.put(a_roster(1, [replace(LI, approved=False)]))
    source = site.open()
    content = site.path.read_bytes()
    site.path.write_bytes(content.replace(b'"approved":false', b'"approved":true '))
    person = source.by_badge("A1")
    assert person is not None
    assert not person.approved
    assert not source.refresh()
    assert source.by_badge("A1") == person


def test_a_file_that_is_deleted_leaves_the_roster_in_memory_and_says_so(site: Site) -> None:
    site.put(a_roster(5, [LI]))
    source = site.open()
    site.path.unlink()
    assert not source.refresh()
    assert not source.refresh()
    assert len(site.lines) == 1
    assert "is gone" in site.lines[0]
    assert source.by_badge("A1") == LI
    site.put(a_roster(4, people(1)))
    assert not source.refresh(), "still measured by the one in memory"
    site.put(a_roster(6, people(1)))
    assert source.refresh()


def test_a_folder_a_pipe_and_a_file_nobody_may_read_do_not_hold_it_up(tmp_path: Path) -> None:
    for make in (lambda path: path.mkdir(), os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        act: Callable[[Path], object] = make
        site = Site(tmp_path)
        act(site.path)
        assert site.open().header is None
        assert len(site.lines) == 1
        site.path.rmdir() if site.path.is_dir() else site.path.unlink()


def test_before_there_is_a_file_it_says_so_and_takes_the_first_that_comes(site: Site) -> None:
    source = site.open()
    assert "no roster" in site.lines[0]
    site.put(a_roster(1))
    assert source.refresh()
    assert source.by_badge("A1") == LI
    assert len(site.lines) == 1


def test_in_the_background_the_gate_goes_on_while_a_newcomer_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path, background=True)
    site.put(a_roster(1, [LI]))
    source = site.open()
    held, go_on = Event(), Event()

    def breath(seconds: float) -> None:
        held.set()
        assert go_on.wait(30)

    monkeypatch.setattr("edge.adapters.roster_file.source.time.sleep", breath)
    site.put(a_roster(2, people(3)))
    assert not source.refresh()
    assert held.wait(30)
    assert not source.refresh()
    assert source.by_badge("A1") == LI, "while it is verified the old one is in force"
    go_on.set()
    changed = next(changed for _ in iter(int, 1) if (changed := source.refresh()))
    assert changed
    assert source.by_badge("B3") == a_person(3)
    assert source.by_badge("A1") is None
    source.close()


def test_closing_gives_up_what_is_being_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path, background=True)
    source = site.open()
    held, go_on = Event(), Event()
    breaths: list[float] = []

    def breath(seconds: float) -> None:
        breaths.append(seconds)
        held.set()
        assert go_on.wait(30)

    monkeypatch.setattr("edge.adapters.roster_file.source.time.sleep", breath)
    site.put(a_roster(1, people(100)))
    assert not source.refresh()
    assert held.wait(30)
    wait_for = Thread.join

    def join(thread: Thread, timeout: float | None = None) -> None:
        go_on.set()
        wait_for(thread, timeout)

    monkeypatch.setattr(Thread, "join", join)
    source.close()
    assert len(breaths) == 1, "of the ten that a hundred people take"
    source.close()


# --- the key file ----------------------------------------------------------------------------------------------------


def test_remarks_and_blank_lines_in_a_key_file_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "roster.pub"
    path.write_text(f"# county, March\n\n  {public_line()} \r\n")
    assert len(read_public_keys(path)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# nothing\n",
        b"key\n",
        public_line().encode()[:-4],
        b"\xff\xfe" * 20,
        f"{public_line()}\nx\n".encode(),
        f"{public_line()}\n".encode() * 5,
        b"#" * 5_000 + b"\n" + public_line().encode(),
    ],
    ids=["empty", "comment", "word", "cut", "binary", "key and word", "five keys", "long"],
)
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roster.pub"
    path.write_bytes(content)
    with pytest.raises(RosterError, match="roster-key"):
        read_public_keys(path)


def test_a_key_file_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    path.chmod(0o666)
    with pytest.raises(RosterError, match="chmod 644"):
        read_public_keys(path)


def test_a_key_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="roster-key"):
        read_public_keys(tmp_path / "none")
