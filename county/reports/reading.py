"""Reads what was confirmed: a version's content, where a school's report stands, and its days before."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils import timezone

from county.core.reporting import Confirmed, Standing, states
from county.gates.models import Gate
from county.reports import composing
from county.reports.models import Report


def plain_of(report: Report) -> dict[str, Any]:
    """What a confirmed version says."""
    plain: dict[str, Any] = json.loads(bytes(report.body))
    return plain


def standing_of(
    school: str, day: date, versions: Sequence[Report], composed: Mapping[str, Any], now: datetime
) -> Standing:
    """Where a school's report of a day stands. composed: what can be composed of it now."""
    told = [Confirmed(school, one.version, one.confirmed_at) for one in versions]
    arrived = {school: composing.arrived_since(versions[-1])} if versions else {}
    heard = [school] if any(gate["seen"] for gate in composed["gates"]) else []
    return states(told, [school], now, composing.deadline(day), heard, arrived)[0]


def history_of(school: str, last: date, days: int) -> list[tuple[date, list[Report]]]:
    """The days up to `last`, the newest first, each with the versions that were confirmed of it."""
    began = Gate.objects.filter(school=school).aggregate(first=Min("created_at"))["first"]
    oldest = Report.objects.filter(school=school).aggregate(first=Min("day"))["first"]
    # Before there was a gate no report was due.
    due_from = min([timezone.localtime(began).date()] * bool(began) + [oldest] * bool(oldest), default=last)
    first = max(last - timedelta(days=days - 1), min(due_from, last))
    found: dict[date, list[Report]] = {last - timedelta(days=back): [] for back in range((last - first).days + 1)}
    for one in Report.objects.filter(school=school, day__range=(first, last)).order_by("version"):
        found[one.day].append(one)
    return list(found.items())
