"""What every RosterSource promises, on the fake and on the signed file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from edge.adapters.roster_file import RosterFile, read_public_keys
from edge.core.roster import Person
from edge.ports import RosterSource
from tests.fakes.roster import FakeRoster
from tests.fakes.rosters import ISSUED_UTC_MS, LI, SCHOOL, WINDOW, a_person, a_roster, key_file, people


class Site(Protocol):
    """A source, and a way to put another roster where it finds it."""

    source: RosterSource

    def bring(self, members: Iterable[Person], version: int, issued_utc_ms: int = ISSUED_UTC_MS) -> None: ...


class FakeSite:
    def __init__(self, tmp_path: Path) -> None:
        self.source: FakeRoster = FakeRoster(None)

    def bring(self, members: Iterable[Person], version: int, issued_utc_ms: int = ISSUED_UTC_MS) -> None:
        self.source.replace(members, version, issued_utc_ms)


class FileSite:
    def __init__(self, tmp_path: Path) -> None:
        self._path = tmp_path / "roster"
        self._aside = tmp_path / "aside"
        self.source: RosterSource = RosterFile(
            self._path, read_public_keys(key_file(tmp_path)), SCHOOL, lambda line: None
        )

    def bring(self, members: Iterable[Person], version: int, issued_utc_ms: int = ISSUED_UTC_MS) -> None:
        self._aside.write_bytes(a_roster(version, members, issued_utc_ms))
        self._aside.replace(self._path)


@pytest.fixture(params=[FakeSite, FileSite])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    kind: Callable[[Path], Site] = request.param
    made = kind(tmp_path)
    yield made
    made.source.close()
    made.source.close()


def test_before_the_first_roster_nobody_is_known(site: Site) -> None:
    assert not site.source.refresh()
    assert site.source.header is None
    assert site.source.by_badge("A1") is None
    assert site.source.by_id("P0001") is None
    assert list(site.source.people()) == []


def test_everybody_can_be_gone_through_by_id(site: Site) -> None:
    site.bring([LI, *people(50)], 7)
    site.source.refresh()
    assert set(site.source.people()) == {LI, *people(50)}
    assert [one.person_id for one in site.source.people()] == sorted(one.person_id for one in [LI, *people(50)])


def test_everybody_is_found_by_each_badge_and_by_id_and_nobody_else_is(site: Site) -> None:
    site.bring([LI, *people(50)], 7)
    assert site.source.refresh()
    assert site.source.by_badge("A1") == site.source.by_badge("QR-7") == site.source.by_id("P0001") == LI
    for n in range(1, 51):
        assert site.source.by_badge(f"B{n}") == site.source.by_id(f"P{n:06d}") == a_person(n)
    for stranger in ("B51", "P0001", "a1", "", "A", "A11", "李小明", "\ud800"):
        assert site.source.by_badge(stranger) is None
    assert site.source.by_id("A1") is None


def test_the_header_tells_version_issue_and_windows(site: Site) -> None:
    site.bring([LI], 7)
    site.source.refresh()
    header = site.source.header
    assert header is not None
    assert (header.school, header.version, header.issued_utc_ms, header.people) == (SCHOOL, 7, ISSUED_UTC_MS, 1)
    assert header.windows == (WINDOW,)


def test_a_newer_roster_takes_the_place_of_the_old_one_whole_and_is_told_once(site: Site) -> None:
    site.bring(people(3), 1)
    assert site.source.refresh()
    assert not site.source.refresh()
    site.bring([replace(a_person(2), approved=False), a_person(4)], 2)
    assert site.source.by_badge("B1") is not None, "nothing changes before it is taken into force"
    assert site.source.refresh()
    assert not site.source.refresh()
    assert [site.source.by_badge(f"B{n}") is not None for n in (1, 2, 3, 4)] == [False, True, False, True]
    changed = site.source.by_id("P000002")
    assert changed is not None
    assert not changed.approved


def test_the_same_roster_issued_anew_is_in_force_with_its_later_time(site: Site) -> None:
    site.bring(people(3), 1)
    site.source.refresh()
    site.bring(people(3), 1, ISSUED_UTC_MS + 1)
    assert site.source.refresh()
    assert site.source.header is not None
    assert site.source.header.issued_utc_ms == ISSUED_UTC_MS + 1
    assert site.source.by_badge("B3") == a_person(3)


@pytest.mark.parametrize(
    ("version", "issued_utc_ms"), [(4, ISSUED_UTC_MS + 10_000), (5, ISSUED_UTC_MS - 1), (5, ISSUED_UTC_MS)]
)
def test_an_older_roster_never_takes_the_place_of_a_newer_one(site: Site, version: int, issued_utc_ms: int) -> None:
    site.bring([LI], 5)
    site.source.refresh()
    site.bring(people(2), version, issued_utc_ms)
    assert not site.source.refresh()
    assert site.source.header is not None
    assert site.source.header.version == 5
    assert site.source.by_badge("A1") == LI
    assert site.source.by_badge("B1") is None
