"""Keeps what contradicts, as evidence: each thing once, however often it comes, and not without end."""

from datetime import datetime

from django.db.models import F

from county.gates.models import Anomaly, Gate
from edge.core.record import MAX_BYTES

# What a gate with an exchanged file sends in a day; from there on it is counted only.
MOST_OF_A_GATE = 2_000
MOST = "too_many"


def note(
    gate: Gate, code: str, now: datetime, *, seq: int = 0, uuid: str = "", sha256: str = "", body: bytes | None = None
) -> None:
    """Keep it, or count it up. Within the transaction that holds the gate's row."""
    if _counted_up(gate, code, seq, sha256, now):
        return
    if Anomaly.objects.filter(gate=gate).count() >= MOST_OF_A_GATE:
        if _counted_up(gate, MOST, 0, "", now):
            return
        code, seq, uuid, sha256, body = MOST, 0, "", "", None
    kept = None if body is None else body[:MAX_BYTES]
    Anomaly.objects.create(gate=gate, code=code, seq=seq, uuid=uuid, sha256=sha256, body=kept, at=now, last_at=now)


def _counted_up(gate: Gate, code: str, seq: int, sha256: str, now: datetime) -> bool:
    found = Anomaly.objects.filter(gate=gate, code=code, seq=seq, sha256=sha256)
    # What comes again after it was settled is not settled.
    return bool(found.update(times=F("times") + 1, last_at=now, settled_at=None, settled_by=""))
