"""The chain that is kept of a gate, checked anew: was the county's own database altered, and is anything missing."""

from collections.abc import Iterator

from county.gates import keys
from county.gates.models import Gate, LodgedHead, Record
from edge.core.chain import Break, Head, Row, breaks
from edge.core.errors import RecordError
from edge.core.record import parse_link

CHUNK = 500


def breaks_of(gate: Gate) -> Iterator[Break]:
    """Where the kept records of this gate break, in order; nothing: all is there, as the gate signed it."""
    kept = Record.objects.filter(gate=gate).order_by("seq").iterator(CHUNK)
    heads = LodgedHead.objects.filter(gate=gate).values_list("seq", "sha256", "signature")
    return breaks(map(_row, kept), keys.verifier(gate), [Head(*head) for head in heads], gate.gate_id)


def _row(record: Record) -> Row:
    link = bytes(record.link)
    return Row(
        seq=record.seq,
        uuid=str(record.uuid),
        kind=record.kind,
        utc_ms=_utc_ms(link),
        link=link,
        sealed=None if record.sealed is None else bytes(record.sealed),
        signature=record.signature,
        sha256=record.sha256,
        state="acknowledged",
        why="",
    )


def _utc_ms(link: bytes) -> int:
    # The county has no column of it that could differ.
    try:
        return parse_link(link).decided.utc_ms
    except RecordError:
        return 0
