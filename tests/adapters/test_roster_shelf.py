"""Where downloads land: verified before they are in force, whole whenever it is cut off."""

import fcntl
import os
from pathlib import Path

import pytest

from edge.adapters.roster_file import FileShelf, read_public_keys
from edge.adapters.roster_file import shelf as shelf_module
from edge.core.errors import RosterError
from tests.fakes.rosters import FORGERS_KEY, ISSUED_UTC_MS, LI, SCHOOL, a_roster, key_file, people


class Site:
    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "gate"
        self.folder.mkdir()
        self.path = self.folder / "roster"
        self.lines: list[str] = []
        self.keys = read_public_keys(key_file(tmp_path))
        self.shelf = self.another()

    def another(self) -> FileShelf:
        return FileShelf(self.path, self.keys, SCHOOL, self.lines.append)

    def bring(self, content: bytes) -> None:
        self.shelf.begin()
        for start in range(0, len(content), 1_000):
            self.shelf.write(content[start : start + 1_000])
        self.shelf.install()

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_is_installed_is_in_force_byte_for_byte_and_nothing_is_left_beside_it(site: Site) -> None:
    assert site.another().header is None
    for version in (1, 2):
        content = a_roster(version, people(30))
        site.bring(content)
        assert site.path.read_bytes() == content
        assert site.shelf.header is not None
        assert site.shelf.header.version == version
        assert site.files() == {"roster"}
    assert site.path.stat().st_mode & 0o007 == 0, "nobody else reads who goes to this school"


@pytest.mark.parametrize(
    ("newcomer", "told"),
    [
        (a_roster(9, people(2), key=FORGERS_KEY), "signature"),
        (a_roster(9, people(2), school="第二小学"), "第二小学"),
        (a_roster(9, people(2))[:-5], "damaged"),
        (a_roster(4, people(2), ISSUED_UTC_MS + 1), "no newer"),
        (a_roster(5, people(2)), "no newer"),
        (a_roster(5, people(2), ISSUED_UTC_MS - 1), "no newer"),
        (b"<html>login</html>", "damaged"),
    ],
)
def test_a_newcomer_that_is_refused_leaves_the_file_and_nothing_else(site: Site, newcomer: bytes, told: str) -> None:
    content = a_roster(5, [LI])
    site.bring(content)
    before = site.path.stat()
    with pytest.raises(RosterError, match=told):
        site.bring(newcomer)
    assert site.path.stat() == before
    assert site.files() == {"roster"}
    site.bring(a_roster(5, people(2), ISSUED_UTC_MS + 1))
    assert site.shelf.header is not None
    assert site.shelf.header.issued_utc_ms == ISSUED_UTC_MS + 1


def test_the_version_in_force_is_that_of_the_file_whoever_put_it_there(site: Site) -> None:
    site.bring(a_roster(3))
    site.path.write_bytes(a_roster(8))
    with pytest.raises(RosterError, match="version 8"):
        site.bring(a_roster(7))
    assert site.another().header == site.shelf.header


def test_a_damaged_file_is_told_once_and_replaced(site: Site) -> None:
    site.path.write_bytes(b"rubbish")
    assert site.shelf.header is None
    assert site.shelf.header is None
    assert len(site.lines) == 1
    site.bring(a_roster(1))
    assert site.shelf.header is not None


def test_a_deleted_file_starts_from_nothing(site: Site) -> None:
    site.bring(a_roster(5))
    site.path.unlink()
    assert site.shelf.header is None
    site.bring(a_roster(4))
    assert site.shelf.header is not None


def test_nothing_is_installed_that_was_not_written(site: Site) -> None:
    with pytest.raises(RosterError, match="no roster came"):
        site.shelf.install()
    site.shelf.write(a_roster(1))
    site.shelf.begin()
    with pytest.raises(RosterError, match="no roster came"):
        site.shelf.install()
    assert site.files() == set()


def test_a_download_without_end_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "MAX_FILE_BYTES", 10_000)
    site.shelf.write(b"x" * 9_000)
    with pytest.raises(RosterError, match="too large"):
        site.shelf.write(b"x" * 1_001)
    site.shelf.close()
    site.shelf.close()
    assert site.files() == set()


def test_a_disk_that_does_not_take_it_is_told_and_the_old_one_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = a_roster(1)
    site.bring(content)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RosterError, match="No space left"):
            site.bring(a_roster(2))
    assert site.path.read_bytes() == content
    assert site.files() == {"roster"}
    site.bring(a_roster(2))


def test_a_folder_that_is_gone_is_told(site: Site) -> None:
    site.folder.rmdir()
    with pytest.raises(RosterError, match="cannot be written"):
        site.bring(a_roster(1))


def test_what_a_killed_sync_had_begun_is_overwritten(site: Site) -> None:
    (site.folder / ".roster.part").write_bytes(b"half of something" * 10_000)
    content = a_roster(1)
    site.bring(content)
    assert site.path.read_bytes() == content
    assert site.files() == {"roster"}


def test_two_syncs_do_not_write_into_one_another(site: Site) -> None:
    other = site.another()
    content = a_roster(1)
    site.shelf.write(content)
    with pytest.raises(RosterError, match="another sync"):
        other.write(a_roster(2))
    other.close()
    site.shelf.install()
    assert site.path.read_bytes() == content
    other.write(a_roster(2))
    assert other.install().version == 2


def test_a_part_that_became_the_roster_meanwhile_is_not_written_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    content = a_roster(1)
    site.shelf.write(content)
    real = fcntl.flock

    def first_the_other(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", real)
        site.shelf.install()
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", first_the_other)
    with pytest.raises(RosterError, match="another sync"):
        site.another().write(a_roster(2))
    assert site.path.read_bytes() == content


def test_a_link_in_the_place_of_the_part_is_not_followed(site: Site, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (site.folder / ".roster.part").symlink_to(precious)
    with pytest.raises(RosterError, match="cannot be written"):
        site.shelf.write(a_roster(1))
    assert precious.read_text() == "kept"
