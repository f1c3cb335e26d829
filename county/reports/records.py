"""The county's records of a school's day -> what a report is composed of: the only place that reads their rows.

Passages are most of a day; what a report needs of them stands in columns, so that their bodies are not parsed.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from county.gates.models import CASE, Record
from edge.core import record as wire
from edge.core.contents import KINDS, Content, Measurement, Passage

_COLUMNS = ("uuid", "gate_id", "seq", "kind", "counted_at", "clock_ok", "person_id", "verdict", "reasons", "identified")
# Stands for "somebody was measured", of whom a report counts nothing else.
_SOMEBODY = Measurement(0.0, 0.0, 1, None, None, None, None, None, None, 37.0, "not_measured", "left_early")


def of_day(gate_ids: Sequence[str], day: date, until: datetime) -> tuple[list[wire.Record], int]:
    """The records of these gates that count on this day, up to `until`, and how many of them cannot be read.

    A passage's measurement says only whether there was one.
    """
    rows = Record.objects.filter(gate_id__in=gate_ids, counted_on=day, counted_at__lte=until)
    found = [_passage(*row) for row in rows.filter(kind="passage").values_list(*_COLUMNS, "finding")]
    others, unreadable = _parsed(rows.exclude(kind="passage").values_list(*_COLUMNS, "sealed"))
    return found + others, unreadable


def steps_before(gate_ids: Sequence[str], day: date) -> list[wire.Record]:
    """Every case step of these gates before this day."""
    return _parsed(case_steps(gate_ids, day).values_list(*_COLUMNS, "sealed"))[0]


def case_steps(gate_ids: Sequence[str], before: date) -> QuerySet[Record]:
    """The case steps of these gates that count before this day."""
    return Record.objects.filter(gate_id__in=gate_ids, counted_on__lt=before, kind=CASE)


def fevers_between(gate_ids: Sequence[str], first: date, last: date) -> list[tuple[str, str]]:
    """(ISO date, who) of every fever from `first` to `last`; who: a person's id, or the record's uuid."""
    rows = Record.objects.filter(gate_id__in=gate_ids, counted_on__range=(first, last), kind="passage", verdict="fever")
    found = rows.values_list("counted_on", "person_id", "uuid")
    return [(day.isoformat(), person_id or str(uuid)) for day, person_id, uuid in found]


def visits_between(gate_ids: Sequence[str], first: date, last: date) -> dict[str, int]:
    """How many passages each day had from `first` to `last`, by ISO date."""
    rows = Record.objects.filter(gate_id__in=gate_ids, counted_on__range=(first, last), kind="passage")
    return {
        day.isoformat(): many for day, many in rows.values_list("counted_on").annotate(many=Count("seq")).order_by()
    }


def after(gate_ids: Sequence[str], day: date, until: datetime) -> tuple[int, int]:
    """Records of the day up to `until`; and fevers and case steps of the day after it."""
    grave = Q(kind="case") | Q(kind="passage", verdict="fever")
    found = Record.objects.filter(gate_id__in=gate_ids, counted_on=day).aggregate(
        before=Count("seq", filter=Q(counted_at__lte=until)), since=Count("seq", filter=Q(counted_at__gt=until) & grave)
    )
    return found["before"], found["since"]


def _passage(
    uuid: Any,
    gate_id: str,
    seq: int,
    _: str,
    at: datetime,
    clock_ok: bool,
    who: str,
    verdict: Any,
    reasons: str,
    identified: Any,
    finding: str,
) -> wire.Record:
    content = Passage(
        _SOMEBODY if finding else None, identified, who or None, None, None, None, verdict, tuple(reasons.split(","))
    )
    return wire.Record(str(uuid), gate_id, seq, _stamp(at, clock_ok), content, "", "")


def _parsed(rows: Iterable[tuple[Any, ...]]) -> tuple[list[wire.Record], int]:
    """Those that can be read, dated as they count, and how many cannot: their content was erased, or is damaged."""
    found: list[wire.Record] = []
    unreadable = 0
    for uuid, gate_id, seq, kind, at, clock_ok, *_, sealed in rows:
        content = None if sealed is None else _content(kind, bytes(sealed))
        if content is None:
            unreadable += 1
        else:
            found.append(wire.Record(str(uuid), gate_id, seq, _stamp(at, clock_ok), content, "", ""))
    return found, unreadable


def _content(kind: str, sealed: bytes) -> Content | None:
    """What an override, a case step or an event says; None: it cannot be read.

    It was checked field by field when it came (county/gates/ingest.py); these three hold plain values only. Thousands
    of exits a day are read here.
    """
    try:
        content: Content = KINDS[kind](**json.loads(sealed)["content"])
    except (ValueError, KeyError, TypeError):
        return None
    return content


def _stamp(at: datetime, clock_ok: bool) -> wire.Stamp:
    return wire.Stamp(round(at.timestamp() * 1000), 0.0, "", clock_ok)
