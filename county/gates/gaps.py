"""Which numbers of a gate's records have not come."""

from django.db.models import F, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce, Lag

from county.core.gaps import Runs, missing_runs, with_end
from county.core.gaps import complete_to as complete
from county.gates.models import Gate, Record


def missing(gate: Gate, known_seq: int, most: int) -> Runs:
    """The lowest runs (first, last) of numbers that never came, at most so many; known_seq: a number that exists."""
    runs = missing_runs(_edges(gate).order_by("seq")[:most]) if gate.complete_to < gate.highest_seq else []
    return with_end(runs, gate.highest_seq, known_seq)[:most]


def latest_missing(gate: Gate, most: int) -> Runs:
    """The highest runs, at most so many, the lowest of them first."""
    if gate.complete_to >= gate.highest_seq:
        return []
    return missing_runs(reversed(_edges(gate).order_by("-seq")[:most]))


def complete_to(gate: Gate) -> int:
    """The number up to which all are kept; highest_seq must be up to date."""
    return complete(missing_runs(_edges(gate).order_by("seq")[:1]), gate.highest_seq)


def _edges(gate: Gate) -> "QuerySet[Record, tuple[int, int]]":
    """(the kept number before it, number) of every record before which some are missing; walks what lies above
    `complete_to` only."""
    before = Window(Lag("seq"), order_by="seq")
    return (
        Record.objects.filter(gate=gate, seq__gt=gate.complete_to)
        .annotate(before=Coalesce(before, Value(gate.complete_to)))
        .filter(Q(seq__gt=F("before") + 1))
        .values_list("before", "seq")
    )
