"""`foregate check`: before the school day, is the gate ready? Told, kept for the outlook, and written into the records.

A timer runs it (systemd/foregate-check.timer). It looks at all that the doctor looks at, asks the running gate what its
reference corrects by, adds the day to those between calibrations, and writes the event "opening_check" with the number
of things that are wrong. The county hears of it with the records, and of a drift with the gate's health.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.app import bootstrap, doctor_gate
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.doctor import examine
from edge.app.drift_words import in_words
from edge.app.upkeep import days_of, file_of, merged, outlook_of, read_kept, write_kept
from edge.core.contents import GateEvent
from edge.core.record import Stamp
from edge.core.texts import Text
from edge.core.upkeep import Day, Outlook

Say = Callable[[str], None]
EVENT = "opening_check"


def check(path: Path, overrides: Sequence[str], say: Say) -> int:
    """Look, keep, write down, tell; 0: ready, 1: something is wrong. ForegateError: it cannot be written down."""
    config = load(path, overrides)
    findings = examine(path, overrides)
    stamp = bootstrap.open_clock().stamp()
    there = datetime.fromtimestamp(stamp.utc_ms / 1000, UTC).astimezone(ZoneInfo(config.gate.timezone))
    wrong = tuple(one.name for one in findings if one.level == "wrong")
    for one in findings:
        if one.level != "ok":
            say(f"{'!!' if one.level == 'wrong' else '--'} {one.name}: {Text(one.zh, one.en)}")
    if stamp.synchronised:
        found = _keep(config, stamp, there.date(), wrong, say)
        for line in in_words(found, there.date()):
            say(line)
    else:
        say("-- 时间未校准，今天的零点不记 / the clock is not set: today's offset is not kept")
    _write_down(config, wrong, stamp)
    clock = there.strftime("%H:%M")
    listed = ", ".join(wrong)
    say(f"就绪 {clock} / ready {clock}" if not wrong else f"未就绪 {clock} / NOT READY {clock}: {listed}")
    return 1 if wrong else 0


def _keep(config: Config, stamp: Stamp, today: date, wrong: tuple[str, ...], say: Say) -> Outlook:
    zone = ZoneInfo(config.gate.timezone)
    kept = read_kept(file_of(config), say)
    # The last day that has people may not have been over when it was looked at.
    since = max((one.day for one in kept.days if one.people), default=None)
    since_ms = 0 if since is None else round(datetime.combine(since, time(), zone).timestamp() * 1000)
    with closing(bootstrap.open_store(config)) as store:
        found = days_of(store.recall({"passage"}, since_ms), zone)
    told = doctor_gate.facts(config)
    opening = None if told is None or told.offset_k is None else Day(today, told.offset_k, None)
    kept = replace(kept, days=merged(kept.days, found, opening), checked_utc_ms=stamp.utc_ms, wrong=wrong)
    write_kept(file_of(config), kept)
    return outlook_of(config, kept, today)


def _write_down(config: Config, wrong: tuple[str, ...], stamp: Stamp) -> None:
    with closing(bootstrap.open_store(config)) as store:
        store.append(GateEvent(EVENT, None, len(wrong), None, ", ".join(wrong)[:200]), stamp)
