"""What the pages show, asked of the database: gates with today's counts, missing numbers, records of a day."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Count, QuerySet

from county.core.labels import KINDS, ago_text, runs_text
from county.gates.gaps import latest_missing
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
    """One gate as the list shows it. missing: sequence numbers that never came.

    passed, fever, refused, not_measured: passages of the day; kinds: records of the day by kind.
    """

    gate: Gate
    presence: Presence
    presence_text: Text
    ago: Text | None
    passed: int
    fever: int
    refused: int
    not_measured: int
    kinds: dict[str, int]
    clock_not_set: int
    missing: int


def gate_rows(gates: QuerySet[Gate], day: date, day_began: datetime, now: datetime) -> list[GateRow]:
    """The gates with their counts of `day`, which began at day_began; as many queries for one gate as for all."""
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    of_day = Record.objects.filter(counted_on=day, gate__in=gates)
    counted = of_day.values_list("gate_id", "kind", "verdict").annotate(Count("pk")).order_by()
    for gate_id, kind, verdict, records in counted:
        kinds[gate_id][kind] += records
        verdicts[gate_id][verdict] += records
    unset = dict(of_day.filter(clock_ok=False).values_list("gate_id").annotate(Count("pk")).order_by())
    return [
        _row(gate, verdicts[gate.gate_id], kinds[gate.gate_id], unset.get(gate.gate_id, 0), day_began, now)
        for gate in gates
    ]


def of_day(gate: Gate, day: date, kind: str) -> QuerySet[Record]:
    """A gate's records of a day and kind, newest first."""
    return Record.objects.filter(gate=gate, counted_on=day, kind=kind).order_by("-counted_at", "-seq")


def missing_text(gate: Gate) -> str:
    """The sequence numbers that never came, "3, 7–9", the last runs only if there are many; "" when none is missing.

    Walks through the gate's records above the first missing one (0.2 s for 200,000): for the gate's own page alone.
    """
    newest = latest_missing(gate, SHOWN_RUNS + 1)
    more = "…, " if len(newest) > SHOWN_RUNS else ""
    return more + runs_text(newest[-SHOWN_RUNS:])


def _row(
    gate: Gate, verdicts: Counter[str], kinds: Counter[str], clock_not_set: int, day_began: datetime, now: datetime
) -> GateRow:
    presence = _presence(gate, day_began)
    return GateRow(
        gate=gate,
        presence=presence,
        presence_text=PRESENCES[presence],
        ago=None if gate.last_seen_at is None else ago_text(now - gate.last_seen_at),
        passed=verdicts["pass"],
        fever=verdicts["fever"],
        refused=verdicts["refused"],
        not_measured=verdicts["not_measured"],
        kinds={kind: kinds[kind] for kind in KINDS},
        clock_not_set=clock_not_set,
        missing=gate.highest_seq - gate.records,
    )


def _presence(gate: Gate, day_began: datetime) -> Presence:
    if gate.revoked_at is not None:
        return "revoked"
    if gate.last_seen_at is None:
        return "never"
    return "today" if gate.last_seen_at >= day_began else "not_today"
