"""The county's settings as files: nothing unsigned, damaged, foreign or older is ever taken."""

from pathlib import Path

import pytest

from edge.adapters.roster_file import SettingsFile, read_public_keys
from edge.adapters.roster_file import commanded_file as module
from edge.core.errors import ConfigError
from tests.fakes.commanded import commanded, settings_file
from tests.fakes.rosters import COUNTY_KEY, FORGERS_KEY, SCHOOL, a_roster, key_file

ONE, TWO = commanded(1, policy__fever_forehead_c=36.2), commanded(2)


class Site:
    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "gate"
        self.folder.mkdir()
        self.path = self.folder / "county-settings.fetched"
        self.keys = read_public_keys(key_file(tmp_path, COUNTY_KEY))
        self.lines: list[str] = []
        self.file = self.another()

    def another(self) -> SettingsFile:
        return SettingsFile(self.path, self.keys, SCHOOL, self.lines.append)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_was_put_is_held_byte_for_byte_by_whoever_opens_it(site: Site) -> None:
    assert site.file.held() is None
    for what in (ONE, TWO, TWO):
        content = settings_file(what)
        assert site.file.put(content) == what
        assert site.file.held() == site.another().held() == (what, content)
    assert [path.name for path in site.folder.iterdir()] == [site.path.name]
    assert site.path.stat().st_mode & 0o007 == 0
    assert site.lines == []


def test_every_flipped_bit_and_every_cut_is_refused_and_what_was_there_stays(site: Site) -> None:
    site.file.put(settings_file(ONE))
    good = settings_file(TWO)
    broken = [good[:length] for length in range(len(good))] + [good + b"\n"]
    broken += [good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :] for at in range(len(good)) for bit in range(8)]
    for content in broken:
        with pytest.raises(ConfigError):
            site.file.put(content)
    assert site.another().held() == (ONE, settings_file(ONE))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (settings_file(TWO, FORGERS_KEY), "signature"),
        (settings_file(commanded(9, "第二小学")), "第二小学"),
        (settings_file(ONE), "older than version 2"),
        (a_roster(9), "signature"),
        (b"<html>login</html>", "signature"),
    ],
)
def test_what_is_not_to_be_taken_is_refused_with_its_reason(site: Site, content: bytes, told: str) -> None:
    site.file.put(settings_file(TWO))
    with pytest.raises(ConfigError, match=told):
        site.file.put(content)
    assert site.file.held() == (TWO, settings_file(TWO))


def test_a_file_that_somebody_else_put_there_is_verified_too_and_told_once(site: Site) -> None:
    site.path.write_bytes(settings_file(ONE).replace(b"36.2", b"39.9"))
    assert site.file.held() is None
    assert site.file.held() is None
    assert len(site.lines) == 1
    assert "signature" in site.lines[0]
    site.path.write_bytes(settings_file(ONE))
    assert site.file.held() == (ONE, settings_file(ONE))


def test_a_disk_that_takes_nothing_is_told_and_leaves_what_was_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.file.put(settings_file(ONE))

    def full(path: Path, content: bytes) -> None:
        path.write_bytes(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(ConfigError, match="No space left"):
        site.file.put(settings_file(TWO))
    assert site.another().held() == (ONE, settings_file(ONE))
    assert [path.name for path in site.folder.iterdir()] == [site.path.name]
