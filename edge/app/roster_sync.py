"""Brings the roster from the county to the gate's file, on a thread of its own: records never wait for it.

What comes down is a list of people and nothing else: no message of the county moves lamp, buzzer or relay.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.core.answer import Answer
from edge.core.errors import RosterError
from edge.core.roster import Header
from edge.core.roster_asking import meaning, next_pause_s
from edge.core.texts import Text
from edge.ports import RosterFeed, RosterShelf


@dataclass(frozen=True, slots=True)
class RosterEvent:
    """Where the roster stands: the one in force, and why no newer one was taken (None while all goes well)."""

    in_force: Header | None
    failure: Text | None = None


def run_roster_sync(
    feed: RosterFeed,
    shelf: RosterShelf,
    stop: threading.Event,
    report: Callable[[RosterEvent], None],
    every_s: float = 300.0,
    uniform: Callable[[], float] = random.random,
) -> None:
    """Ask for newer rosters until `stop` is set, about every every_s seconds; report is told of every change.

    Faults of network, county and disk are reported and tried again, for ever; nothing is raised for them.
    """
    told: RosterEvent | None = None
    failures = 0
    while not stop.is_set():
        failure, answer = _ask(feed, shelf, stop)
        if stop.is_set():
            return
        event = RosterEvent(shelf.header, failure)
        if event != told:
            told = event
            report(event)
        failures = 0 if failure is None else failures + 1
        stop.wait(next_pause_s(every_s, failures, uniform, answer))


def _ask(feed: RosterFeed, shelf: RosterShelf, stop: threading.Event) -> tuple[Text | None, Answer | None]:
    """Ask once, take what comes; why nothing was taken that should have been."""

    def write(piece: bytes) -> None:
        if stop.is_set():
            raise RosterError("同步停止，下载中断", "the sync stops, the download is cut off")
        shelf.write(piece)

    old = shelf.header
    answer = None
    try:
        shelf.begin()
        answer = feed.fetch(0 if old is None else old.version, 0 if old is None else old.issued_utc_ms, write)
        says = meaning(answer)
        if says == "newer":
            shelf.install()
        return (says if isinstance(says, Text) else None), answer
    except RosterError as error:
        return Text(error.zh, error.en), answer
    finally:
        shelf.begin()
