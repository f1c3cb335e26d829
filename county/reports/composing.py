"""Composes the report of a school's day from what the county has, and keeps it until something it stands on changes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from county.core.day import local_day
from county.core.reporting import Arrived, Confirmed, Standing, deadline_of, states
from county.core.school_report import GateState, Known, SchoolReport, canonical, compose, sha256
from county.core.signals_early import PAST_SCHOOL_DAYS, school_days_of
from county.database import writing
from county.gates.models import Gate, Record
from county.reports import records
from county.reports.gate_states import waiting_of
from county.reports.models import Draft, Report
from county.rosters import models as rosters
from county.rosters.models import School, SchoolClass
from edge.core.roster import Person, Role

# 28 school days lie within these, the longest holidays apart.
LOOK_BACK = timedelta(days=70)
# Older days change by their own records alone; a day as near as this by the gates' standing too.
NEAR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Row:
    """A school's day as a list shows it. plain: the last confirmed version, or what was composed at composed_at."""

    standing: Standing
    plain: Mapping[str, Any]
    report: Report | None
    composed_at: datetime


def end_of(day: date, now: datetime) -> datetime:
    """Up to when a report of this day reaches that is composed now: the end of the day, or now."""
    end = datetime.combine(day + timedelta(days=1), time(), timezone.get_default_timezone())
    # Whole milliseconds, as a report carries them; one before midnight is the last of the day.
    last = min(now, end - timedelta(milliseconds=1))
    return from_ms(round(last.timestamp() * 1000))


def from_ms(utc_ms: int) -> datetime:
    """The moment of milliseconds since 1970 UTC."""
    return datetime.fromtimestamp(utc_ms / 1000, UTC)


def deadline(day: date) -> datetime:
    """By when the report of this day is due."""
    return deadline_of(day, settings.ENVIRONMENT.report_deadline_min, timezone.get_default_timezone())


def compose_now(school: str, day: date, until: datetime) -> SchoolReport:
    """The report of a school's day from all that is there now, up to `until`."""
    gates = gates_of([school])[school]
    ids = [gate.gate_id for gate in gates]
    found, unreadable = records.of_day(ids, day, until)
    visits = records.visits_between(ids, day - LOOK_BACK, day - timedelta(days=1))
    standing = School.objects.filter(name=school, version__gt=0).first()
    people = () if standing is None else _on_the_roll(standing, day)
    school_days = school_days_of(visits, len(people))
    past = sorted(school_days)[-PAST_SCHOOL_DAYS:]
    first = date.fromisoformat(past[0]) if past else day
    return compose(
        Known(
            school=school,
            day=day.isoformat(),
            until_utc_ms=round(until.timestamp() * 1000),
            gates=tuple(gate_states(gates, day)),
            records=found,
            history=records.steps_before(ids, day),
            unreadable=unreadable,
            people=people,
            class_names=dict(SchoolClass.objects.filter(school=standing).values_list("class_id", "name")),
            roster_version=None if standing is None else standing.version,
            past_fevers=records.fevers_between(ids, min(first, day - timedelta(days=2)), day - timedelta(days=1)),
            school_days=school_days,
        )
    )


def drafts(schools: Sequence[str], day: date, now: datetime, most: int | None = None) -> dict[str, Draft]:
    """What is composed for these schools' day, composed anew where it stands on something that has changed.

    most: of those that are there and have changed, only so many of the oldest are composed anew.
    """
    inputs = _inputs(schools, day, now)
    kept = {one.school: one for one in Draft.objects.filter(day=day, school__in=schools)}
    changed = sorted((one.composed_at, school) for school, one in kept.items() if one.inputs != inputs[school])
    anew = {school for _, school in changed[:most]} | (set(schools) - kept.keys())
    composed = {school: _compose_draft(school, day, inputs[school], now) for school in sorted(anew)}
    return {school: composed.get(school) or kept[school] for school in schools}


def signals_in_drafts(schools: Sequence[str], day: date) -> int:
    """How many early signals the reports of these schools' day show, as they were composed last; composes none."""
    kept = Draft.objects.filter(day=day, school__in=schools).values_list("body", flat=True)
    return sum(len(json.loads(bytes(body))["signals"]) for body in kept)


def rows(schools: Sequence[str], day: date, now: datetime, most: int | None = None) -> list[Row]:
    """Where each school's report of the day stands, and its figures. most: as `drafts` has it."""
    reports = list(Report.objects.filter(day=day, school__in=schools))
    last = {one.school: one for one in reports}
    composed = drafts(schools, day, now, most)
    arrived = {school: arrived_since(one) for school, one in last.items()}
    plains = {
        school: json.loads(bytes(last[school].body if school in last else one.body)) for school, one in composed.items()
    }
    heard = {
        school for school, one in composed.items() if any(gate["seen"] for gate in json.loads(bytes(one.body))["gates"])
    }
    told = [Confirmed(one.school, one.version, one.confirmed_at) for one in reports]
    standings = states(told, schools, now, deadline(day), heard, arrived)
    return [Row(one, plains[one.school], last.get(one.school), composed[one.school].composed_at) for one in standings]


def arrived_since(report: Report) -> Arrived:
    """What came for a report's day after it was composed."""
    gate_ids = [gate["gate_id"] for gate in json.loads(bytes(report.body))["gates"]]
    before, since = records.after(gate_ids, report.day, report.until)
    return Arrived(max(0, before - report.records), since, max(0, report.records - before))


def gates_of(schools: Iterable[str]) -> dict[str, list[Gate]]:
    """The gates of each of these schools; one that was revoked counts as long as its records do."""
    found: dict[str, list[Gate]] = {school: [] for school in schools}
    for gate in Gate.objects.filter(school__in=found):
        found[gate.school].append(gate)
    return found


def gate_states(gates: Sequence[Gate], day: date) -> list[GateState]:
    """What the county knows of each gate's day; one that was revoked before it, or is younger, is left out."""
    zone = timezone.get_default_timezone()
    ids = [gate.gate_id for gate in gates]
    counts = Record.objects.filter(gate_id__in=ids, counted_on=day).values("gate_id").order_by()
    found = {one["gate_id"]: one for one in counts.annotate(many=Count("seq"), unset=Count("seq", Q(clock_ok=False)))}
    told = waiting_of(gates)
    states_: list[GateState] = []
    for gate in gates:
        own = found.get(gate.gate_id, {"many": 0, "unset": 0})
        gone = gate.revoked_at is not None and local_day(gate.revoked_at, zone) <= day
        if not own["many"] and (gone or local_day(gate.created_at, zone) > day):
            continue
        heard = gate.last_seen_at is not None and local_day(gate.last_seen_at, zone) >= day
        waiting, anomalies = told.get(gate.gate_id, (0, 0))
        missing = gate.highest_seq - gate.records
        states_.append(
            GateState(gate.gate_id, gate.name, own["many"], heard, missing, waiting, anomalies, own["unset"])
        )
    return states_


def _compose_draft(school: str, day: date, inputs: str, now: datetime) -> Draft:
    report = compose_now(school, day, end_of(day, now))
    with writing(), transaction.atomic():
        draft, _ = Draft.objects.update_or_create(
            school=school,
            day=day,
            defaults={
                "inputs": inputs,
                "composed_at": now,
                "figures_sha256": report.figures_sha256,
                "body": canonical(report.plain),
            },
        )
    return draft


def _inputs(schools: Sequence[str], day: date, now: datetime) -> dict[str, str]:
    """A fingerprint of everything that a report of the day stands on, school by school; a few queries for all."""
    gates = gates_of(schools)
    ids = [gate.gate_id for own in gates.values() for gate in own]
    rows_ = Record.objects.filter(gate_id__in=ids, counted_on=day).values_list("gate_id").order_by()
    counts = dict(rows_.annotate(many=Count("seq")))
    versions = dict(School.objects.filter(name__in=schools).values_list("name", "version"))
    told = waiting_of([gate for own in gates.values() for gate in own])
    near = now - datetime.combine(day, time(), timezone.get_default_timezone()) < NEAR
    found: dict[str, str] = {}
    for school in schools:
        parts: list[Any] = [versions.get(school, 0)]
        for gate in gates[school]:
            seen = str(gate.last_seen_at and local_day(gate.last_seen_at, timezone.get_default_timezone()) >= day)
            parts.append([gate.gate_id, gate.name, counts.get(gate.gate_id, 0), seen, told.get(gate.gate_id)])
            parts += [[gate.records, gate.highest_seq]] * near
        found[school] = sha256(canonical({"day": day.isoformat(), "parts": parts}))
    return found


def _on_the_roll(school: School, day: date) -> tuple[Person, ...]:
    """Everybody but those whose dated pass does not hold on this day; of each only what a report needs."""
    own = rosters.Person.objects.filter(school=school).exclude(valid_from__gt=day).exclude(valid_until__lt=day)
    told = own.values_list("person_id", "role", "school_class__class_id", "observation_until")
    return tuple(
        Person(person_id, "", cast(Role, role), class_id, (), True, None if until is None else until.isoformat(), True)
        for person_id, role, class_id, until in told
    )


def has_basis(school: str, day: date) -> bool:
    """Whether there is anything to compose a report of this day from: a gate that was heard from, then or since."""
    return any(gate.seen for gate in gate_states(gates_of([school])[school], day))
