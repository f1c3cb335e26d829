"""The heads that gates lodge: what shows that a file was cut off, rewritten or put back to an older state."""

from datetime import datetime

from county.gates import anomalies
from county.gates.models import Gate, LodgedHead, Record
from edge.core.chain import Head


def highest(gate: Gate) -> Head | None:
    """The highest head that is known of the gate: lodged, or the last record that is kept. None: nothing is known."""
    lodged = LodgedHead.objects.filter(gate=gate).order_by("-seq", "pk").first()
    kept = Record.objects.filter(gate=gate).order_by("-seq").defer("link", "sealed").first()
    found: list[LodgedHead | Record] = [one for one in (lodged, kept) if one is not None]
    if not found:
        return None
    # Of the same number the record: it is here, and its signature was checked.
    last = max(found, key=lambda one: (one.seq, isinstance(one, Record)))
    return Head(last.seq, last.sha256, last.signature)


def lodge(gate: Gate, head: Head | None, now: datetime) -> None:
    """Keep the gate's head; one that contradicts what is known becomes an anomaly. Within the gate's transaction.

    A head contradicts when its number is lower than one that is known, or when another fingerprint is known for it.
    """
    known = highest(gate)
    if known is not None and (head is None or head.seq < known.seq):
        seq, sha256 = (0, "") if head is None else (head.seq, head.sha256)
        anomalies.note(gate, "cut_off", now, seq=seq, sha256=sha256)
    if head is None:
        return
    if other_than(gate, head.seq, head.sha256):
        anomalies.note(gate, "other_head", now, seq=head.seq, sha256=head.sha256)
        return
    if known is None or head.seq >= known.seq:
        _keep(gate, head, now)


def other_than(gate: Gate, seq: int, sha256: str) -> bool:
    """Whether this number of the gate is known under another fingerprint."""
    return any(
        of_gate.filter(gate=gate, seq=seq).exclude(sha256=sha256).exists()
        for of_gate in (Record.objects, LodgedHead.objects)
    )


def _keep(gate: Gate, head: Head, now: datetime) -> None:
    of_gate = LodgedHead.objects.filter(gate=gate)
    LodgedHead.objects.get_or_create(
        gate=gate, seq=head.seq, sha256=head.sha256, defaults={"signature": head.signature, "lodged_at": now}
    )
    # A lower one says nothing more once its record is here: that carries number, fingerprint and signature itself.
    here = Record.objects.filter(
        gate=gate, seq__in=list(of_gate.filter(seq__lt=head.seq).values_list("seq", flat=True))
    )
    of_gate.filter(seq__in=list(here.values_list("seq", flat=True))).delete()
