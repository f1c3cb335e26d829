"""What the pages show, asked of the database: gates with today's counts, missing numbers, passages of a day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce, Lag

from county.core.gaps import missing_runs
from county.core.labels import ago_text, runs_text
from county.gates.models import Gate, Record
from edge.core.texts import Text

SHOWN_RUNS = 8
Presence = Literal["today", "not_today", "never", "revoked"]
PRESENCES: dict[Presence, Text] = {
    "today": Text("今日在线", "Seen today"),
    "not_today": Text("今日未见", "Not seen today"),
    "never": Text("从未连接", "Never seen"),
    "revoked": Text("已停用", "Revoked"),
}


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate as the list shows it. passed, fever, not_measured: people of the day; missing: sequence numbers."""

    gate: Gate
    presence: Presence
    presence_text: Text
    ago: Text | None
    passed: int
    fever: int
    not_measured: int
    clock_not_set: int
    missing: int


def gate_rows(gates: QuerySet[Gate], day: date, day_began: datetime, now: datetime) -> list[GateRow]:
    """The gates with their counts of `day`, which began at day_began; as many queries for one gate as for all."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    of_day = Record.objects.filter(counted_on=day, gate__in=gates)
    for gate_id, verdict, people in of_day.values_list("gate_id", "verdict").annotate(Count("pk")).order_by():
        counts[gate_id][verdict] = people
    unset = dict(of_day.filter(clock_ok=False).values_list("gate_id").annotate(Count("pk")).order_by())
    return [_row(gate, counts[gate.gate_id], unset.get(gate.gate_id, 0), day_began, now) for gate in gates]


def passages(gate: Gate, day: date) -> QuerySet[Record]:
    """A gate's records of a day, newest first."""
    return Record.objects.filter(gate=gate, counted_on=day).order_by("-counted_at", "-seq").defer("body")


def missing_text(gate: Gate) -> str:
    """The sequence numbers that never came, "3, 7–9", the last runs only if there are many; "" when none is missing.

    Walks through all records of the gate (0.2 s for 200,000), so it is for the gate's own page alone.
    """
    if gate.highest_seq == gate.records:
        return ""
    before = Window(Lag("seq"), order_by="seq")
    edges = (
        Record.objects.filter(gate=gate)
        .annotate(before=Coalesce(before, Value(0)))
        .filter(Q(seq__gt=F("before") + 1))
        .order_by("-seq")
        .values_list("before", "seq")
    )
    newest = list(edges[: SHOWN_RUNS + 1])
    more = "…, " if len(newest) > SHOWN_RUNS else ""
    return more + runs_text(missing_runs(reversed(newest[:SHOWN_RUNS])))


def _row(gate: Gate, counts: dict[str, int], clock_not_set: int, day_began: datetime, now: datetime) -> GateRow:
    presence = _presence(gate, day_began)
    return GateRow(
        gate=gate,
        presence=presence,
        presence_text=PRESENCES[presence],
        ago=None if gate.last_seen_at is None else ago_text(now - gate.last_seen_at),
        passed=counts.get("pass", 0),
        fever=counts.get("fever", 0),
        not_measured=counts.get("not_measured", 0),
        clock_not_set=clock_not_set,
        missing=gate.highest_seq - gate.records,
    )


def _presence(gate: Gate, day_began: datetime) -> Presence:
    if gate.revoked_at is not None:
        return "revoked"
    if gate.last_seen_at is None:
        return "never"
    return "today" if gate.last_seen_at >= day_began else "not_today"
