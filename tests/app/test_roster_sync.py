"""The roster's loop: what is asked when, what is reported, what stops it."""

import threading
from collections.abc import Callable

import pytest

from edge.app.roster_sync import RosterEvent, run_roster_sync
from edge.app.sync_service import RosterWords
from edge.core.answer import Answer
from edge.core.errors import RosterError
from tests.fakes.clock import FakeClock, FakeStop
from tests.fakes.rosters import ISSUED_UTC_MS, LI, a_roster, people
from tests.fakes.shelf import FakeFeed, FakeShelf
from tests.fakes.uplink import refusal

AWAY = Answer(None, failure="connection refused", connected=False)


class Site:
    def __init__(self, *answers: Answer) -> None:
        self.feed, self.shelf = FakeFeed(*answers), FakeShelf()
        self.events: list[RosterEvent] = []
        self.waits_s: list[float] = []

    def run(self, for_s: float) -> None:
        stop = FakeStop(FakeClock(), for_s)
        run_roster_sync(self.feed, self.shelf, stop, self.events.append, 300.0, lambda: 0.5)
        self.waits_s += stop.waits_s


def test_the_roster_comes_at_once_and_then_only_newer_ones() -> None:
    site = Site()
    site.feed.roster = 3, a_roster(3)
    site.run(for_s=1_000.0)
    assert site.feed.asked == [(0, 0)] + [(3, ISSUED_UTC_MS)] * 3
    assert site.shelf.installed == [3]
    assert site.waits_s == [300.0] * 4
    assert [(event.in_force and event.in_force.version, event.failure) for event in site.events] == [(3, None)]


def test_a_change_at_the_county_arrives_with_the_next_question() -> None:
    site = Site()
    site.feed.roster = 1, a_roster(1)
    site.run(for_s=500.0)
    site.feed.roster = 2, a_roster(2, people(40))
    site.run(for_s=500.0)
    assert site.shelf.installed == [1, 2]


@pytest.mark.parametrize(
    ("answer", "zh", "en"),
    [
        (AWAY, "没有应答", "connection refused"),
        (refusal(401, "bad_token"), "原因 bad_token", "because of bad_token"),
        (refusal(404, "no_roster"), "原因 no_roster", "because of no_roster"),
        (Answer(404, b"<html>"), "404", "not the county's"),
        (Answer(302), "302", "not the county's"),
        (Answer(200, b"<html>login</html>"), "名单不可用", "cannot be used"),
    ],
)
def test_whatever_goes_wrong_is_told_once_and_asked_again_ever_more_seldom(answer: Answer, zh: str, en: str) -> None:
    site = Site(*[answer] * 6)
    site.run(for_s=60.0)
    assert site.waits_s == pytest.approx([2.5, 4.5, 8.5, 16.5, 32.5])
    assert len(site.events) == 1
    assert site.events[0].in_force is None
    assert site.events[0].failure is not None
    assert zh in site.events[0].failure.zh
    assert en in site.events[0].failure.en
    site.feed.roster = 1, a_roster(1)
    site.run(for_s=400.0)
    assert site.shelf.installed == [1]
    assert site.events[-1].failure is None
    assert site.waits_s[-1] == 300.0


def test_the_county_s_wish_to_be_left_alone_is_followed() -> None:
    site = Site(Answer(503, retry_after_s=600.0), Answer(204, retry_after_s=700.0))
    site.run(for_s=1_000.0)
    assert site.waits_s == [600.0, 700.0]


def test_a_newcomer_that_is_refused_leaves_the_old_one_and_says_why() -> None:
    site = Site()
    site.feed.roster = 1, a_roster(1)
    site.run(for_s=100.0)
    site.feed.roster = 2, a_roster(2)
    site.shelf.refuses = RosterError("签名不对", "the signature is wrong")
    site.run(for_s=60.0)
    assert site.shelf.installed == [1]
    told = site.events[-1]
    assert told.in_force is not None
    assert told.in_force.version == 1
    assert told.failure is not None
    assert "签名不对" in told.failure.zh
    assert len(site.events) == 2


def test_a_download_ends_when_the_sync_stops_and_nothing_of_it_is_taken() -> None:
    stop = threading.Event()

    class Endless(FakeFeed):
        def fetch(self, version: int, issued_utc_ms: int, write: Callable[[bytes], None]) -> Answer:
            write(a_roster(1))
            stop.set()
            while True:
                write(b" ")

    shelf, events = FakeShelf(), list[RosterEvent]()
    run_roster_sync(Endless(), shelf, stop, events.append)
    assert shelf.installed == []
    assert events == []


def test_what_is_said_names_version_people_and_fault_in_both_languages() -> None:
    site, lines = Site(AWAY), list[str]()
    site.feed.roster = 8, a_roster(8, [LI])
    site.run(for_s=60.0)
    for event in site.events:
        RosterWords(lines.append)(event)
    assert "there is no roster yet  名单：县级服务器没有应答" in lines[0]
    assert lines[1] == "名单版本 8，1 人 / roster version 8, 1 people"
