"""What the days between calibrations mean, for people: `foregate calibrate drift`, doctor, daily check."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.upkeep import file_of, outlook_of, read_kept
from edge.core.upkeep import CAUSES, STEPPED, Outlook

TABLE_DAYS = 28


def drift(config: Config, say: Callable[[str], None]) -> int:
    """`foregate calibrate drift`: the last weeks, day by day, and what they mean; 0."""
    today = _today(config)
    kept = read_kept(file_of(config), say)
    for one in kept.days[-TABLE_DAYS:]:
        offset = "   -  " if one.offset_k is None else f"{one.offset_k:+6.2f}"
        crowd = "  -  " if one.crowd_c is None else f"{one.crowd_c:5.2f}"
        say(f"{one.day}  零点 / offset {offset} K  人群 / crowd {crowd} °C  {one.people}")
    for line in in_words(outlook_of(config, kept, today), today):
        say(line)
    return 0


def in_words(found: Outlook, today: date) -> list[str]:
    """The outlook for people."""
    lines = [f"漂移 / drift: {CAUSES[found.cause]}"]
    if found.cause in ("camera", "reference"):
        lines.append(
            f"   {found.since} 以来读数移动约 / readings have moved since then by about {found.moved_k:+.2f} K"
            f"（允许 / allowed {found.tolerance_k:.2f} K）"
        )
    if found.leaves_on is not None:
        urgent = "!!" if found.warns(today) else "--"
        lines.append(f"{urgent} 预计 {found.leaves_on} 超出允许 / will have moved by more on {found.leaves_on}")
    if found.stepped_k is not None:
        lines.append(f"!! {found.stepped_k:+.2f} K: {STEPPED}")
    return lines


def finding(config: Config) -> tuple[Literal["ok", "warning"], str, str]:
    """The doctor's line: level and what it says in both languages."""
    today = _today(config)
    kept = read_kept(file_of(config))
    if not kept.days:
        return "ok", "还没有每日检查", "no daily check yet"
    found = outlook_of(config, kept, today)
    cause, leaves_on = CAUSES[found.cause], found.leaves_on
    if found.stepped_k is not None:
        return "warning", f"{found.stepped_k:+.2f} K：{STEPPED.zh}", f"{found.stepped_k:+.2f} K: {STEPPED.en}"
    if leaves_on is None:
        return "ok", cause.zh, cause.en
    zh, en = f"{cause.zh}；预计 {leaves_on} 超出允许", f"{cause.en}; out of tolerance on {leaves_on}"
    if found.warns(today):
        return "warning", f"{zh}，请在此之前校准", f"{en}: calibrate before that day"
    return "ok", zh, en


def _today(config: Config) -> date:
    utc_ms = bootstrap.open_clock().stamp().utc_ms
    return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(ZoneInfo(config.gate.timezone)).date()
