"""What the fleet's pages show, asked of the database: every gate with its health, its drift and its needs."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from county.core import drift, stages
from county.core.day import local_day
from county.core.drift import Drift
from county.core.labels import ago_text
from county.core.needs import Facts, Need, first_to_go, needs
from county.core.stages import Plan
from county.fleet.models import GateDay, Site
from county.gates import overview
from county.gates.models import Anomaly, Gate, GateStatus
from county.gates.overview import GateRow
from edge.core.errors import RecordError
from edge.core.health import Health, of_plain
from edge.core.texts import Text

# When children come and go, on a weekday: a gate that is silent then is missed.
HOURS = (time(6, 30), time(18))
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class GateState:
    """One gate as the pages show it. health: None when it has told nothing yet; told_ago: when it last told it."""

    row: GateRow
    health: Health | None
    told_ago: Text | None
    waiting: int
    expires: date | None
    drift: Drift | None
    contradictions: int
    needs: tuple[Need, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class SchoolState:
    """A school with its gates; plan: None when nobody entered one. stage: what it is called; since: its day."""

    name: str
    plan: Plan | None
    stage: Text
    since: date | None
    gates: tuple[GateState, ...]


def gate_states(gates: QuerySet[Gate], now: datetime) -> list[GateState]:
    """The gates; drift and the version that most run are always of all gates. As many queries for one as for all."""
    today = local_day(now, timezone.get_default_timezone())
    began = datetime.combine(today, time(), timezone.get_default_timezone())
    rows = overview.gate_rows(gates, today, began, now)
    told = {one.gate_id: one for one in GateStatus.objects.all()}
    healths = {gate_id: _health(one) for gate_id, one in told.items()}
    against = dict(
        Anomaly.objects.filter(settled_at=None).values_list("gate_id").annotate(Count("pk")).order_by()
    )  # fmt: skip
    plans = plans_of_schools()
    moved = _drifts(today)
    version = _most_run(healths)
    found = []
    for row in rows:
        gate = row.gate
        health = healths.get(gate.gate_id)
        facts = Facts(
            gate_id=gate.gate_id,
            school=gate.school,
            working=_working(gate, plans.get(gate.school)),
            silent_s=None if gate.last_seen_at is None else (now - gate.last_seen_at).total_seconds(),
            health=health,
            contradictions=against.get(gate.gate_id, 0),
            missing=row.missing,
            drift=moved.get(gate.gate_id),
            version=version,
            now_utc_ms=int(now.timestamp() * 1000),
            school_hours=_school_hours(now),
            kept=gate.records,
        )
        found.append(_state(row, facts, told.get(gate.gate_id), now))
    return found


def by_urgency(states: list[GateState]) -> list[GateState]:
    """Those that need somebody, the first to go to first."""
    of_gate = {state.facts.gate_id: state for state in states}
    return [of_gate[facts.gate_id] for facts, _ in first_to_go((state.facts, state.needs) for state in states)]


def by_school(states: list[GateState]) -> list[SchoolState]:
    """The schools in the order of the rollout, each with its gates; also those that have a plan but no gate yet."""
    plans = plans_of_schools()
    gates: dict[str, list[GateState]] = defaultdict(list)
    for state in states:
        gates[state.row.gate.school].append(state)
    names = sorted({*plans, *gates}, key=lambda name: (stages.place(plans.get(name)), name))
    return [school_state(name, plans.get(name), gates[name]) for name in names]


def school_state(name: str, plan: Plan | None, gates: list[GateState]) -> SchoolState:
    """One school as the pages show it."""
    stage = Text("阶段未登记", "No stage entered") if plan is None else stages.STAGES[plan.stage]
    since = None if plan is None else plan.days.get(plan.stage)
    return SchoolState(name, plan, stage, since, tuple(gates))


def plans_of_schools() -> dict[str, Plan]:
    """Every school's plan, by its name."""
    return {site.school: plan_of(site) for site in Site.objects.all()}


def plan_of(site: Site) -> Plan:
    """A school's plan as it was entered."""
    days = {stage: getattr(site, f"{stage}_on") for stage in stages.STAGES}
    return Plan(site.kind, site.stage, {stage: day for stage, day in days.items() if day is not None})


def _state(row: GateRow, facts: Facts, told: GateStatus | None, now: datetime) -> GateState:
    health = facts.health
    expires_utc_ms = None if health is None else health.calibration_expires_utc_ms
    return GateState(
        row=row,
        health=health,
        told_ago=None if told is None else ago_text(now - told.at),
        waiting=facts.waiting,
        expires=None if expires_utc_ms is None else _day_of(expires_utc_ms),
        drift=facts.drift,
        contradictions=facts.contradictions,
        needs=tuple(needs(facts)),
        facts=facts,
    )


def _day_of(utc_ms: int) -> date:
    # A certificate "for ever" may name a year that no calendar has.
    last = datetime(9999, 12, 30, tzinfo=timezone.get_default_timezone())
    moment = min(utc_ms / 1000, last.timestamp())
    return datetime.fromtimestamp(moment, timezone.get_default_timezone()).date()


def _health(told: GateStatus) -> Health | None:
    try:
        return of_plain(told.health)
    except RecordError:
        # Kept by an older version of this software; the gate tells it anew within a minute.
        return None


def _working(gate: Gate, plan: Plan | None) -> bool:
    if gate.revoked_at is not None:
        return False
    # Where nobody entered a stage, a gate that was heard of once is at work.
    return gate.last_seen_at is not None if plan is None else plan.stage in stages.WORKING


def _drifts(today: date) -> dict[str, Drift | None]:
    medians: dict[str, dict[date, float]] = defaultdict(dict)
    since = today - 2 * drift.PAST
    for gate_id, day, median_c in GateDay.objects.filter(day__gt=since).values_list("gate_id", "day", "median_c"):
        medians[gate_id][day] = median_c
    schools = dict(Gate.objects.values_list("gate_id", "school"))
    # A change that ended long ago says nothing of today.
    fresh = {gate: days for gate, days in medians.items() if max(days) > today - timedelta(days=7)}
    return drift.drifts({gate: drift.change(days) for gate, days in fresh.items()}, schools)


def _most_run(healths: Mapping[str, Health | None]) -> str | None:
    versions = Counter(health.software_version for health in healths.values() if health is not None)
    return max(versions, key=lambda version: (versions[version], version), default=None)


def _school_hours(now: datetime) -> bool:
    local = now.astimezone(timezone.get_default_timezone())
    return local.weekday() < SATURDAY and HOURS[0] <= local.time() <= HOURS[1]
