"""What the charts of the technician's page show: today's readings by the hour, the weeks' medians, the calibrations.

Numbers alone: no record's person, badge or id leaves here.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from edge.adapters.device_key import verifier
from edge.adapters.profile_file import kept, read_profile
from edge.app import bootstrap
from edge.app.config import Config
from edge.core import dating
from edge.core.contents import Passage
from edge.core.profile import Profile

DAYS = 28
DAY_MS = 86_400_000
# Tenths of a degree would be emptier than the eye can read; half a degree hides the fever.
BIN_K, LOW_C, HIGH_C = 0.25, 32.0, 40.0
MOST_CALIBRATIONS = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured person: when (local), forehead in C, the verdict, what the reference corrected by (K)."""

    when: datetime
    forehead_c: float
    verdict: str
    offset_k: float | None


def charts(config: Config, utc_ms: int) -> Mapping[str, Any]:
    """Everything, for now. StoreError: the records cannot be read."""
    zone = ZoneInfo(config.gate.timezone)
    found = _readings(config, zone, utc_ms - DAYS * DAY_MS)
    today = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone).date()
    return {
        "day": today.isoformat(),
        "bins": {"low_c": LOW_C, "high_c": HIGH_C, "width_k": BIN_K},
        "hours": hours([one for one in found if one.when.date() == today]),
        "days": days(found),
        "threshold_c": config.policy.fever_forehead_c,
        "calibrations": _calibrations(config),
    }


def hours(readings: list[Reading]) -> list[dict[str, Any]]:
    """For each hour with readings: how many, their median in C, how many in each bin (the outer ones hold the rest)."""
    by_hour: defaultdict[int, list[float]] = defaultdict(list)
    for one in readings:
        by_hour[one.when.hour].append(one.forehead_c)
    bins = round((HIGH_C - LOW_C) / BIN_K)
    told = []
    for hour, values in sorted(by_hour.items()):
        counts = [0] * bins
        for value in values:
            counts[min(bins - 1, max(0, int((value - LOW_C) / BIN_K)))] += 1
        told.append({"hour": hour, "count": len(values), "median_c": round(median(values), 2), "counts": counts})
    return told


def days(readings: list[Reading]) -> list[dict[str, Any]]:
    """For each day: how many passed, the median of their foreheads, and of what the reference corrected them by.

    Both move when the measurement drifts; the second one tells the camera's share.
    """
    by_day: defaultdict[str, list[Reading]] = defaultdict(list)
    for one in readings:
        if one.verdict == "pass":
            by_day[one.when.date().isoformat()].append(one)
    return [_of_day(day, found) for day, found in sorted(by_day.items())]


def _of_day(day: str, found: list[Reading]) -> dict[str, Any]:
    offsets_k = [one.offset_k for one in found if one.offset_k is not None]
    return {
        "day": day,
        "count": len(found),
        "median_c": round(median(one.forehead_c for one in found), 3),
        "offset_k": round(median(offsets_k), 3) if offsets_k else None,
    }


def _readings(config: Config, zone: ZoneInfo, since_utc_ms: int) -> list[Reading]:
    with closing(bootstrap.open_store(config)) as store:
        records = dating.on_set_clocks(store.recall({"passage"}, max(0, since_utc_ms)))
    found = []
    for record in records:
        content = record.content
        if not isinstance(content, Passage) or content.measurement is None:
            continue
        seen = content.measurement
        if seen.forehead_c is None:
            continue
        when = datetime.fromtimestamp(record.decided.utc_ms / 1000, UTC).astimezone(zone)
        claimed_c, true_c = seen.reference_raw_c, seen.reference_c
        offset_k = None if claimed_c is None or true_c is None else true_c - claimed_c
        found.append(Reading(when, seen.forehead_c, content.verdict, offset_k))
    return found


def _calibrations(config: Config) -> list[dict[str, Any]]:
    """Every kept calibration of this device, the oldest first: when, gain, offset, error and uncertainty at 37 C."""
    path = config.calibration_file
    verify = verifier([bootstrap.open_device_key(config).public_key])
    found = [read_profile(one, verify) for one in kept(path, "x").parent.glob("cal-*.json")]
    profiles = sorted((one for one in found if isinstance(one, Profile)), key=lambda one: one.made_utc_ms)
    return [
        {
            "id": one.id,
            "day": datetime.fromtimestamp(one.made_utc_ms / 1000, UTC).date().isoformat(),
            "gain": round(one.correction.gain, 5),
            "offset_k": round(one.correction.offset_k, 4),
            "error_k": one.plain["acceptance"]["error_k"],
            "expanded_k": one.plain["acceptance"]["expanded_k"],
        }
        for one in profiles[-MOST_CALIBRATIONS:]
    ]
