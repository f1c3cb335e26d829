"""When records count: those of a clock that was not set are dated by a record of the same boot that tells the time."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from county.core.day import Counted, counted, local_day
from county.gates.models import Boot, Gate, Record
from edge.core.record import Stamp

# Rewritten at a time: a gate that had no time for a month wrote tens of thousands.
CHUNK = 500


def learn_boots(gate: Gate, stamps: Iterable[Stamp], now: datetime) -> None:
    """Note when the boots of these records were, and date what is kept of them without a date.

    Within the gate's transaction. Of a boot the earliest record that tells the time counts: it is the nearest to
    those before it.
    """
    earliest: dict[str, Stamp] = {}
    for stamp in stamps:
        if counted(stamp.utc_ms, stamp.synchronised, now).clock_ok:
            known = earliest.get(stamp.boot_id)
            if known is None or stamp.monotonic_s < known.monotonic_s:
                earliest[stamp.boot_id] = stamp
    boots = {boot.boot_id: boot for boot in Boot.objects.filter(gate=gate, boot_id__in=list(earliest))}
    for boot_id, stamp in earliest.items():
        boot = boots.get(boot_id) or Boot(gate=gate, boot_id=boot_id, monotonic_s=float("inf"), utc_ms=0)
        if stamp.monotonic_s < boot.monotonic_s:
            boot.monotonic_s, boot.utc_ms = stamp.monotonic_s, stamp.utc_ms
            boot.save()
            _mend(gate, boot)


def when(stamp: Stamp, boots: dict[str, Boot], now: datetime) -> Counted:
    """Where a record with this stamp belongs that arrives now. boots: those of the gate that are known, by id."""
    own = counted(stamp.utc_ms, stamp.synchronised, now)
    boot = boots.get(stamp.boot_id)
    if own.clock_ok or stamp.synchronised or boot is None:
        return own
    return _by_boot(boot, stamp.monotonic_s, now)


def _by_boot(boot: Boot, monotonic_s: float, received: datetime) -> Counted:
    utc_ms = boot.utc_ms + round((monotonic_s - boot.monotonic_s) * 1000)
    return counted(utc_ms, True, received)


def _mend(gate: Gate, boot: Boot) -> None:
    undated = Record.objects.filter(gate=gate, boot_id=boot.boot_id, clock_ok=False)
    zone = timezone.get_default_timezone()
    mended: list[Record] = []
    for record in undated.only("pk", "monotonic_s", "received_at", "link").iterator(CHUNK):
        found = _by_boot(boot, record.monotonic_s, record.received_at)
        # What claims to be of a set clock, and cannot be, is not put right by guessing.
        if found.clock_ok and b'"synchronised":false' in bytes(record.link):
            record.counted_at, record.clock_ok = found.at, True
            record.counted_on = local_day(found.at, zone)
            mended.append(record)
    Record.objects.bulk_update(mended, ["counted_at", "counted_on", "clock_ok"], batch_size=CHUNK)
