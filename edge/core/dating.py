"""When things happened at a gate whose clock is not always set. The order is never asked of a clock: it is `seq`.

A board without a clock of its own starts with the time at which it was switched off; what runs on without a break is
the time since its boot. So the records of a boot from before its clock was set are dated by the same boot's later ones.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from edge.core.record import Record, Stamp

Moments = Sequence[tuple[float, int]]


def on_set_clocks(records: Iterable[Record]) -> list[Record]:
    """The records in the order they came in, each dated by a clock that was set, if its boot ever had one.

    A boot whose clock was never set keeps the dates that it claims; `decided.synchronised` is left as it was.
    """
    records = list(records)
    known = _known(record.decided for record in records)
    return [replace(record, decided=_redated(record.decided, known)) for record in records]


def stamps_on_set_clocks(stamps: Iterable[Stamp]) -> list[Stamp]:
    """The same for the moments alone, for whoever keeps them without their records."""
    stamps = list(stamps)
    known = _known(stamps)
    return [_redated(stamp, known) for stamp in stamps]


def between_s(earlier: Stamp, later: Stamp) -> float | None:
    """Seconds from one moment to the other, 0 or more; None: no clock tells, for one of them was not set."""
    if earlier.boot_id == later.boot_id:
        return max(0.0, later.monotonic_s - earlier.monotonic_s)
    if earlier.synchronised and later.synchronised:
        return max(0.0, (later.utc_ms - earlier.utc_ms) / 1000)
    return None


def _known(stamps: Iterable[Stamp]) -> dict[str, list[tuple[float, int]]]:
    known: dict[str, list[tuple[float, int]]] = {}
    for stamp in stamps:
        if stamp.synchronised:
            known.setdefault(stamp.boot_id, []).append((stamp.monotonic_s, stamp.utc_ms))
    for moments in known.values():
        moments.sort()
    return known


def _redated(stamp: Stamp, known: Mapping[str, Moments]) -> Stamp:
    moments = known.get(stamp.boot_id)
    if moments is None or stamp.synchronised:
        return stamp
    place = bisect_left(moments, (stamp.monotonic_s, 0))
    around = moments[max(0, place - 1) : place + 1]
    nearest_s, utc_ms = min(around, key=lambda moment: abs(moment[0] - stamp.monotonic_s))
    return replace(stamp, utc_ms=max(0, utc_ms + round((stamp.monotonic_s - nearest_s) * 1000)))
