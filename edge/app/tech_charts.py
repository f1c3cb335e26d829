"""What the charts of the technician's page show: readings by the hour, the days between calibrations, their outlook.

Numbers alone: no record's person, badge or id leaves here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from edge.adapters.device_key import verifier
from edge.adapters.profile_file import kept as kept_profile
from edge.adapters.profile_file import read_profile
from edge.app import bootstrap
from edge.app.config import Config
from edge.app.upkeep import Kept, days_of, file_of, merged, outlook_of, read_kept
from edge.core import dating
from edge.core.contents import Passage
from edge.core.profile import Profile
from edge.core.record import Record
from edge.core.texts import Text
from edge.core.upkeep import CAUSES, STEPPED, Day, Trend

# As far back as a trend is looked for.
DAYS = 56
DAY_MS = 86_400_000
# Tenths of a degree would be emptier than the eye can read; half a degree hides the fever.
BIN_K, LOW_C, HIGH_C = 0.25, 32.0, 40.0
MOST_CALIBRATIONS = 60


def charts(config: Config, utc_ms: int) -> Mapping[str, Any]:
    """Everything, for now. StoreError: the records cannot be read."""
    zone = ZoneInfo(config.gate.timezone)
    today = _there(utc_ms, zone).date()
    with closing(bootstrap.open_store(config)) as store:
        records = dating.on_set_clocks(store.recall({"passage"}, max(0, utc_ms - DAYS * DAY_MS)))
    kept = read_kept(file_of(config))
    # What the daily check has kept, and today with all that has passed since.
    days = merged(kept.days, days_of(records, zone), None)
    return {
        "day": today.isoformat(),
        "bins": {"low_c": LOW_C, "high_c": HIGH_C, "width_k": BIN_K},
        "hours": _hours(records, zone, today),
        "days": [_day(one) for one in days if (today - one.day).days < DAYS],
        "threshold_c": config.policy.fever_forehead_c,
        "outlook": _outlook(config, days, today),
        "check": _check(kept, zone),
        "calibrations": _calibrations(config),
    }


def _hours(records: Sequence[Record], zone: ZoneInfo, today: date) -> list[dict[str, Any]]:
    """For each hour with readings: how many, their median in C, how many in each bin (the outer ones hold the rest)."""
    by_hour: defaultdict[int, list[float]] = defaultdict(list)
    for record in records:
        content, when = record.content, _there(record.decided.utc_ms, zone)
        measured = content.measurement if isinstance(content, Passage) else None
        if measured is not None and measured.forehead_c is not None and when.date() == today:
            by_hour[when.hour].append(measured.forehead_c)
    bins = round((HIGH_C - LOW_C) / BIN_K)
    told = []
    for hour, values in sorted(by_hour.items()):
        counts = [0] * bins
        for value in values:
            counts[min(bins - 1, max(0, int((value - LOW_C) / BIN_K)))] += 1
        told.append({"hour": hour, "count": len(values), "median_c": round(median(values), 2), "counts": counts})
    return told


def _day(one: Day) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "people": one.people,
        "crowd_c": None if one.crowd_c is None else round(one.crowd_c, 3),
        "offset_k": None if one.offset_k is None else round(one.offset_k, 3),
    }


def _outlook(config: Config, days: Sequence[Day], today: date) -> dict[str, Any]:
    """What the days mean, and until when the calibration holds."""
    found = outlook_of(config, Kept(tuple(days)), today)
    return {
        "cause": _said(CAUSES[found.cause]),
        "offset": _trend(found.offset),
        "crowd": _trend(found.crowd),
        "moved_k": round(found.moved_k, 3),
        "tolerance_k": round(found.tolerance_k, 3),
        "leaves_on": None if found.leaves_on is None else found.leaves_on.isoformat(),
        "warns": found.warns(today),
        "stepped": None if found.stepped_k is None else {"k": round(found.stepped_k, 2), **_said(STEPPED)},
    }


def _trend(found: Trend | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {name: round(getattr(found, name), 5) for name in ("per_day_k", "low_k", "high_k")}


def _check(kept: Kept, zone: ZoneInfo) -> dict[str, Any] | None:
    """The last check at opening; None: there was none."""
    if kept.checked_utc_ms is None:
        return None
    when = _there(kept.checked_utc_ms, zone)
    return {"day": when.date().isoformat(), "time": when.strftime("%H:%M"), "wrong": list(kept.wrong)}


def _there(utc_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone)


def _said(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _calibrations(config: Config) -> list[dict[str, Any]]:
    """Every kept calibration of this device, the oldest first: when, gain, offset, error and uncertainty at 37 C."""
    path = config.calibration_file
    verify = verifier([bootstrap.open_device_key(config).public_key])
    found = [read_profile(one, verify) for one in kept_profile(path, "x").parent.glob("cal-*.json")]
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
