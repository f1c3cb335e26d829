"""Remembers what gates say of themselves: the worst of each quarter of an hour, and each day's median."""

from datetime import datetime, timedelta

from django.utils import timezone

from county.core.day import local_day
from county.fleet.models import GateDay, HealthNote
from county.gates.models import Gate
from edge.core.health import OK, Health

QUARTER_S = 900
KEPT = timedelta(days=60)


def keep(gate: Gate, health: Health, now: datetime) -> None:
    """Note a gate's health. Within the transaction that holds the gate's row."""
    quarter = int(now.timestamp()) // QUARTER_S
    standing = HealthNote.objects.filter(gate=gate, quarter=quarter).first()
    note = _worse(standing, _note(gate, health, quarter, now))
    note.save()
    if standing is None:
        HealthNote.objects.filter(gate=gate, quarter__lt=quarter - KEPT.total_seconds() // QUARTER_S).delete()
    if health.median_forehead_c is not None:
        GateDay.objects.update_or_create(
            gate=gate,
            # The gate counts readings by its own day; one whose clock is not set, by ours.
            day=local_day(_gates_time(health, now), timezone.get_default_timezone()),
            defaults={"median_c": health.median_forehead_c, "readings": health.readings},
        )


def _gates_time(health: Health, now: datetime) -> datetime:
    told = now
    if health.clock_ok and abs(health.utc_ms / 1000 - now.timestamp()) < timedelta(days=1).total_seconds():
        told = datetime.fromtimestamp(health.utc_ms / 1000, now.tzinfo)
    return told


def _note(gate: Gate, health: Health, quarter: int, now: datetime) -> HealthNote:
    return HealthNote(
        gate=gate,
        quarter=quarter,
        at=now,
        camera=health.camera,
        reference=health.reference,
        waiting=health.written - health.acknowledged - health.set_aside,
        set_aside=health.set_aside,
        disk_free_fraction=health.disk_free_fraction,
        clock_ok=health.clock_ok,
        software_version=health.software_version,
        median_forehead_c=health.median_forehead_c,
    )


def _worse(standing: HealthNote | None, new: HealthNote) -> HealthNote:
    """What is remembered of a quarter: a fault that is over again all the same, the rest as it is now."""
    if standing is None:
        return new
    new.pk = standing.pk
    new.camera = new.camera if new.camera != OK else standing.camera
    new.reference = new.reference if new.reference != OK else standing.reference
    new.waiting = max(new.waiting, standing.waiting)
    new.set_aside = max(new.set_aside, standing.set_aside)
    new.disk_free_fraction = min(new.disk_free_fraction, standing.disk_free_fraction)
    new.clock_ok = new.clock_ok and standing.clock_ok
    return new
