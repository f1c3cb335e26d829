"""Brings the county's settings to a file beside the gate's records. The gate shows them before it goes by them."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.core.answer import Answer
from edge.core.commanded import MAX_BYTES, Commanded
from edge.core.errors import ConfigError
from edge.core.roster_asking import SETTINGS, meaning, next_pause_s
from edge.core.texts import Text
from edge.ports import RosterFeed, SettingsShelf

# The line, its signature, and their newlines.
_MOST_BYTES = MAX_BYTES + 90


@dataclass(frozen=True, slots=True)
class SettingsEvent:
    """What was fetched last, and why nothing newer was taken (None while all goes well)."""

    fetched: Commanded | None
    failure: Text | None = None


def run_settings_sync(
    feed: RosterFeed,
    shelf: SettingsShelf,
    stop: threading.Event,
    report: Callable[[SettingsEvent], None],
    every_s: float = 300.0,
    uniform: Callable[[], float] = random.random,
) -> None:
    """Ask for newer settings until `stop` is set, about every every_s seconds; report is told of every change.

    Faults of network, county and disk are reported and tried again, for ever; nothing is raised for them.
    """
    told: SettingsEvent | None = None
    failures = 0
    while not stop.is_set():
        failure, answer = _ask(feed, shelf)
        held = shelf.held()
        event = SettingsEvent(None if held is None else held[0], failure)
        if event != told:
            told = event
            report(event)
        failures = 0 if failure is None else failures + 1
        stop.wait(next_pause_s(every_s, failures, uniform, answer))


def _ask(feed: RosterFeed, shelf: SettingsShelf) -> tuple[Text | None, Answer | None]:
    """Ask once, keep what comes; why nothing was kept that should have been."""
    content = bytearray()

    def write(piece: bytes) -> None:
        content.extend(piece)
        if len(content) > _MOST_BYTES:
            raise ConfigError(
                "下载的设置过大，未采用；请报告县级管理员",
                "the settings that come are too large, they were not taken; tell the county's administrator",
            )

    held = shelf.held()
    answer = None
    try:
        answer = feed.fetch(0 if held is None else held[0].version, 0, write)
        says = meaning(answer, SETTINGS)
        if says == "newer":
            shelf.put(bytes(content))
        return (says if isinstance(says, Text) else None), answer
    except ConfigError as error:
        return Text(error.zh, error.en), answer


class SettingsWords:
    """One line whenever other settings were fetched, or newer ones cannot be had, or can again."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce

    def __call__(self, event: SettingsEvent) -> None:
        if event.fetched is None:
            words = "县里没有下发设置 / the county has sent no settings"
        else:
            words = f"收到县里的设置版本 {event.fetched.version} / settings version {event.fetched.version} fetched"
        self._announce(words + (f"  {event.failure}" if event.failure is not None else ""))
