"""The settings' loop: what is asked when, what is kept, what is told."""

from pathlib import Path

import pytest

from edge.adapters.roster_file import SettingsFile, read_public_keys
from edge.app.settings_sync import SettingsEvent, SettingsWords, run_settings_sync
from edge.core.answer import Answer
from tests.fakes.clock import FakeClock, FakeStop
from tests.fakes.commanded import commanded, settings_file
from tests.fakes.rosters import FORGERS_KEY, SCHOOL, key_file
from tests.fakes.shelf import FakeFeed
from tests.fakes.uplink import refusal

FIRST, SECOND = commanded(1, policy__fever_forehead_c=36.2), commanded(2)


class Site:
    def __init__(self, tmp_path: Path, *answers: Answer) -> None:
        self.said: list[str] = []
        self.feed = FakeFeed(*answers)
        self.shelf = SettingsFile(tmp_path / "fetched", read_public_keys(key_file(tmp_path)), SCHOOL, self.said.append)
        self.events: list[SettingsEvent] = []
        self.waits_s: list[float] = []

    def run(self, for_s: float) -> None:
        stop = FakeStop(FakeClock(), for_s)
        run_settings_sync(self.feed, self.shelf, stop, self.events.append, 300.0, lambda: 0.5)
        self.waits_s += stop.waits_s


def test_settings_come_at_once_and_then_only_newer_ones(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.run(for_s=500.0)
    site.feed.roster = 1, settings_file(FIRST)
    site.run(for_s=500.0)
    site.feed.roster = 2, settings_file(SECOND)
    site.run(for_s=500.0)
    assert [version for version, _ in site.feed.asked] == [0, 0, 0, 1, 1, 2]
    assert [event.fetched for event in site.events] == [None, FIRST, SECOND]
    assert all(event.failure is None for event in site.events)
    assert site.shelf.held() == (SECOND, settings_file(SECOND))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(None, failure="connection refused", connected=False), "connection refused"),
        (refusal(503, "no_roster_key"), "because of no_roster_key"),
        (Answer(404, b"<html>"), "not the county's"),
        (Answer(200, b"<html>login</html>"), "signature"),
        (Answer(200, settings_file(FIRST, FORGERS_KEY)), "signature"),
        (Answer(200, b"x" * 100_000), "too large"),
    ],
)
def test_whatever_goes_wrong_is_told_once_and_asked_again_ever_more_seldom(
    tmp_path: Path, answer: Answer, told: str
) -> None:
    site = Site(tmp_path, *[answer] * 6)
    site.run(for_s=60.0)
    assert site.waits_s == pytest.approx([2.5, 4.5, 8.5, 16.5, 32.5])
    assert len(site.events) == 1
    assert site.events[0].failure is not None
    assert told in site.events[0].failure.en
    assert "设置" in site.events[0].failure.zh
    assert site.shelf.held() is None


def test_the_journal_says_what_came(tmp_path: Path) -> None:
    said: list[str] = []
    words = SettingsWords(said.append)
    words(SettingsEvent(None))
    words(SettingsEvent(FIRST))
    assert "no settings" in said[0]
    assert "version 1" in said[1]
