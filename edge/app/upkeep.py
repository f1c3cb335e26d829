"""The days between calibrations, kept as numbers beside the records, and what they mean for this gate.

A day's numbers outlive the records that they were made of, which leave after `records.keep_personal_days`: nothing in
them is about a person.
"""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from edge.adapters.profile_file import replace_whole
from edge.app import bootstrap
from edge.app.config import Config
from edge.core import dating
from edge.core.contents import Passage
from edge.core.health import LEAST_READINGS
from edge.core.profile import Profile
from edge.core.radiometry import Budget
from edge.core.record import Record
from edge.core.upkeep import Day, Outlook, outlook

FILE_NAME = "upkeep.json"
MOST_DAYS = 400
MAX_BYTES = 200_000
# The last moment that a date can hold: the end of the year 9999.
LAST_UTC_MS = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class Kept:
    """days, the oldest first; checked_utc_ms: the last daily check, None: never; wrong: what it found, by finding."""

    days: tuple[Day, ...] = ()
    checked_utc_ms: int | None = None
    wrong: tuple[str, ...] = ()


def file_of(config: Config) -> Path:
    """Where they are kept."""
    return config.store.path.with_name(FILE_NAME)


def read_kept(path: Path, announce: Callable[[str], None] = lambda line: None) -> Kept:
    """What is kept there; nothing where there is no file, or a damaged one, which is announced."""
    try:
        with path.open("rb") as file:
            plain = json.loads(file.read(MAX_BYTES))
        days = tuple(_day(one) for one in plain["days"])
        checked, wrong = plain["checked_utc_ms"], tuple(map(str, plain["wrong"]))
        if not (checked is None or (type(checked) is int and 0 <= checked <= LAST_UTC_MS)):
            raise ValueError("checked_utc_ms")
    except FileNotFoundError:
        return Kept()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        announce(
            f"{path} 读不出（{error!r}），从现有记录重新算起；更早的日子已丢失\n"
            f"{path} cannot be read ({error!r}): begun anew from the records that are there; older days are lost"
        )
        return Kept()
    return Kept(days, checked, wrong)


def write_kept(path: Path, kept: Kept) -> None:
    """Replace the file whole. CalibrationError: it cannot be written."""
    plain = {
        "days": [{**asdict(one), "day": one.day.isoformat()} for one in kept.days[-MOST_DAYS:]],
        "checked_utc_ms": kept.checked_utc_ms,
        "wrong": list(kept.wrong),
    }
    replace_whole(path, json.dumps(plain, indent=0, allow_nan=False).encode())


def days_of(records: Iterable[Record], zone: ZoneInfo) -> list[Day]:
    """A day for each on which people passed: the median of what the reference corrected by, and of their foreheads."""
    by_day: defaultdict[date, list[tuple[float | None, float]]] = defaultdict(list)
    for record in dating.on_set_clocks(records):
        content = record.content
        if not isinstance(content, Passage) or content.verdict != "pass" or content.measurement is None:
            continue
        seen = content.measurement
        if seen.forehead_c is None:
            continue
        when = datetime.fromtimestamp(record.decided.utc_ms / 1000, UTC).astimezone(zone)
        claimed_c, true_c = seen.reference_raw_c, seen.reference_c
        offset_k = None if claimed_c is None or true_c is None else true_c - claimed_c
        by_day[when.date()].append((offset_k, seen.forehead_c))
    return [_median_day(day, found) for day, found in sorted(by_day.items())]


def merged(kept: Iterable[Day], found: Iterable[Day], opening: Day | None) -> tuple[Day, ...]:
    """The kept days with what the records say of theirs; an offset that was read at an opening stays the day's."""
    days = {one.day: one for one in kept}
    for one in found:
        before = days.get(one.day)
        offset_k = one.offset_k if before is None or before.offset_k is None else before.offset_k
        days[one.day] = Day(one.day, offset_k, one.crowd_c, one.people)
    if opening is not None:
        before = days.get(opening.day)
        days[opening.day] = opening if before is None else Day(
            opening.day, opening.offset_k, before.crowd_c, before.people
        )  # fmt: skip
    return tuple(days[day] for day in sorted(days))


def outlook_of(config: Config, kept: Kept, today: date) -> Outlook:
    """What the kept days mean with the calibration in force. StoreError: the device key cannot be read."""
    found = bootstrap.open_profile(config) if config.calibration_file.exists() else None
    profile = found if isinstance(found, Profile) else None
    budget = Budget() if profile is None else profile.budget
    zone = ZoneInfo(config.gate.timezone)
    made_on = None
    if profile is not None:
        made_on = datetime.fromtimestamp(profile.made_utc_ms / 1000, UTC).astimezone(zone).date()
    # What each reading allows for: the half-width of a rectangular distribution (GUM 4.3.7).
    return outlook(kept.days, made_on, budget.drift_k * math.sqrt(3.0), today)


def outlook_now(config: Config, today: date) -> Outlook | None:
    """What the kept days mean; None: there are none yet."""
    kept = read_kept(file_of(config))
    return outlook_of(config, kept, today) if kept.days else None


def _median_day(day: date, found: list[tuple[float | None, float]]) -> Day:
    offsets_k = [offset_k for offset_k, _ in found if offset_k is not None]
    # A median of few people tells more of them than of the gate.
    crowd_c = median(forehead_c for _, forehead_c in found) if len(found) >= LEAST_READINGS else None
    return Day(day, median(offsets_k) if offsets_k else None, crowd_c, len(found))


def _day(plain: dict[str, object]) -> Day:
    people = plain["people"]
    if type(people) is not int:
        raise ValueError("people")
    return Day(date.fromisoformat(str(plain["day"])), _number(plain["offset_k"]), _number(plain["crowd_c"]), people)


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
