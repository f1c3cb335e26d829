"""Between calibrations: what moves from day to day, what it does to readings, and when it will have gone too far.

    offset   what the reference corrects the camera by, at each day's opening
    crowd    the median forehead of those who passed

The camera's own level may wander: the reference takes it out, and where the change is one of gain, a quarter of it
stays (CARRIED). A reference that drifts is taken for true: offset and crowd then move alike, and readings are wrong by
all of it. So the two are told apart by looking at both. Weather moves the crowd alone, and is no drift.

Trends: median of the slopes between all pairs of days, with Kendall's interval (Sen, "Estimates of the regression
coefficient based on Kendall's tau", JASA 63, 1968): a third of the days may be wrong. Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from statistics import median
from typing import Literal

from edge.core.texts import Text

Cause = Literal["too_few_days", "steady", "camera", "reference"]

LEAST_DAYS = 7
# Older days tell of another season.
LONGEST_DAYS = 56
# From so many days ahead it is told to the county.
WARN_DAYS = 14
FURTHEST_DAYS = 730
# A change of gain about the camera's own 25 C, seen at a reference of 37 C, is a quarter of that at 34 C, 3 K below it.
CARRIED = 0.25
# A normal distribution's 97.5th percentile: intervals of 95 %.
NORMAL_95 = 1.96
# An opening that is so far from the days before: somebody exchanged or moved something overnight.
LEAST_STEP_K, STEP_SCALES, NORMAL_MAD = 0.5, 5.0, 1.4826
STEP_DAYS, LEAST_STEP_DAYS = 14, 5

CAUSES: dict[Cause, Text] = {
    "too_few_days": Text(
        f"不足 {LEAST_DAYS} 天，还看不出趋势", f"fewer than {LEAST_DAYS} days: no trend can be told yet"
    ),
    "steady": Text("稳定", "steady"),
    "camera": Text("相机在漂移，参考黑体已修正其大部分", "the camera drifts; the reference takes out most of it"),
    "reference": Text(
        "参考黑体在漂移：读数随之偏移；请核对黑体温度，重新校准",
        "the reference drifts, and readings with it: check its temperature, calibrate anew",
    ),
}
STEPPED = Text(
    "零点与前些天相差太多：请查看参考黑体和相机是否被动过",
    "the offset is far from the days before: see whether somebody touched reference or camera",
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one gate: K and C; None: not to be had. people: whose readings crowd_c is the median of."""

    day: date
    offset_k: float | None
    crowd_c: float | None
    people: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """K per day with the interval of 95 % around it; moved_k: from the first day of it to the last."""

    per_day_k: float
    low_k: float
    high_k: float
    moved_k: float

    @property
    def certain(self) -> bool:
        """Whether it moves at all, as far as these days tell."""
        return self.low_k > 0.0 or self.high_k < 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the days mean. moved_k: what readings have moved by since `since`, estimated; tolerance_k: what they may.

    leaves_on: the day on which they will have moved by more, None: not within two years, or nobody can tell. stepped_k:
    how far the last opening is from the days before, None: not far.
    """

    since: date | None
    offset: Trend | None
    crowd: Trend | None
    cause: Cause
    moved_k: float
    tolerance_k: float
    leaves_on: date | None
    stepped_k: float | None = None

    def warns(self, today: date) -> bool:
        """Whether somebody should come before the calibration's own date."""
        soon = self.leaves_on is not None and self.leaves_on <= today + timedelta(days=WARN_DAYS)
        return soon or self.stepped_k is not None


def outlook(days: Sequence[Day], calibrated_on: date | None, tolerance_k: float, today: date) -> Outlook:
    """The outlook from the days since the last calibration (None: there was none), at most LONGEST_DAYS of them."""
    first = today - timedelta(days=LONGEST_DAYS)
    # On the day itself readings from before and after the calibration are mixed.
    used = [one for one in days if first <= one.day <= today and (calibrated_on is None or one.day > calibrated_on)]
    offset = trend({one.day: one.offset_k for one in used if one.offset_k is not None})
    crowd = trend({one.day: one.crowd_c for one in used if one.crowd_c is not None})
    cause = _cause(offset, crowd)
    since = min((one.day for one in used), default=None)
    carried = {"reference": 1.0, "camera": CARRIED}.get(cause, 0.0)
    per_day_k = 0.0 if offset is None else offset.per_day_k * carried
    moved_k = 0.0 if offset is None else offset.moved_k * carried
    leaves_on = None
    if since is not None and per_day_k != 0.0:
        ahead_days = math.floor(tolerance_k / abs(per_day_k)) + 1
        leaves_on = since + timedelta(days=ahead_days) if ahead_days <= FURTHEST_DAYS else None
    return Outlook(since, offset, crowd, cause, moved_k, tolerance_k, leaves_on, _stepped_k(used))


def trend(values: Mapping[date, float]) -> Trend | None:
    """The trend of one value a day; None: fewer than LEAST_DAYS days."""
    n = len(values)
    if n < LEAST_DAYS:
        return None
    known = sorted(values.items())
    pairs = combinations(known, 2)
    slopes = sorted((later - sooner) / (after - before).days for (before, sooner), (after, later) in pairs)
    # Kendall: the variance of concordant less discordant pairs; ranks counted from both ends, the interval not beyond.
    reach = NORMAL_95 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, math.floor((len(slopes) - reach) / 2) - 1)
    per_day_k = median(slopes)
    return Trend(per_day_k, slopes[low], slopes[-1 - low], per_day_k * (known[-1][0] - known[0][0]).days)


def _cause(offset: Trend | None, crowd: Trend | None) -> Cause:
    if offset is None:
        return "too_few_days"
    if not offset.certain:
        return "steady"
    # Both move, the same way, and by as much as far as anybody can tell.
    alike = (
        crowd is not None
        and crowd.certain
        and offset.per_day_k * crowd.per_day_k > 0
        and max(offset.low_k, crowd.low_k) <= min(offset.high_k, crowd.high_k)
    )
    return "reference" if alike else "camera"


def _stepped_k(used: Sequence[Day]) -> float | None:
    """How far the last day's offset is from the days before it; None: within their spread, or too few to tell."""
    known = sorted((one.day, one.offset_k) for one in used if one.offset_k is not None)
    if not known:
        return None
    last, last_k = known[-1]
    before_k = [k for day, k in known[:-1] if day >= last - timedelta(days=STEP_DAYS)]
    if len(before_k) < LEAST_STEP_DAYS:
        return None
    middle_k = median(before_k)
    scale_k = NORMAL_MAD * median(abs(k - middle_k) for k in before_k)
    step_k = last_k - middle_k
    return step_k if abs(step_k) > max(LEAST_STEP_K, STEP_SCALES * scale_k) else None
