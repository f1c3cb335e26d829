"""What the sync tells the county of its gate about every minute: the head of its records, and its health."""

import shutil
import statistics
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.app.health_file import Facts, read_facts
from edge.app.local_time import midnight_utc_ms
from edge.core.contents import Passage
from edge.core.errors import RecordError, StoreError
from edge.core.health import LEAST_READINGS, OK, Health
from edge.core.lodging import status_body
from edge.core.record import Stamp
from edge.core.upkeep import Outlook
from edge.ports import Clock, Store

# A day's readings are looked through so often: it takes a part of a second.
READINGS_EVERY_S = 300.0
_SILENT = Facts(("gate_silent",), None)

Calibration = Callable[[], tuple[str, int | None]]
Upkeep = Callable[[Stamp], Outlook | None]


class StatusReport:
    """Makes the status; see `edge.app.sync_loop.Status`.

    calibration: version in force and when it expires (ms since 1970 UTC, None: there is no certificate). upkeep: what
    the days since then mean, None: nothing is known of them.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        zone: ZoneInfo,
        health_file: Path,
        software_version: str,
        calibration: Calibration,
        upkeep: Upkeep,
        announce: Callable[[str], None],
    ) -> None:
        self._store, self._clock, self._zone, self._health_file = store, clock, zone, health_file
        self._software_version, self._calibration, self._announce = software_version, calibration, announce
        self._upkeep = upkeep
        self._outlook: Outlook | None = None
        self._foreheads: tuple[int, float | None] = (0, None)
        self._looked_at_s = float("-inf")
        self._told = ""

    def __call__(self, held_back_s: float) -> bytes | None:
        """The status now; None: a part of it cannot be had, which is announced once."""
        try:
            body = status_body(self._store.head(), self._health(held_back_s))
        except (RecordError, StoreError, OSError) as error:
            if str(error) != self._told:
                self._announce(f"状态未上报 / the status is not told: {error}")
            self._told = str(error)
            return None
        self._told = ""
        return body

    def _health(self, held_back_s: float) -> Health:
        now = self._clock.stamp()
        facts = read_facts(self._health_file, now) or _SILENT
        written, acknowledged, set_aside = self._store.counts()
        disk = shutil.disk_usage(self._health_file.parent)
        readings, median_c = self._today(now)
        version, expires_utc_ms = self._calibration()
        return Health(
            utc_ms=now.utc_ms,
            clock_ok=now.synchronised,
            boot_id=now.boot_id,
            uptime_s=now.monotonic_s,
            software_version=self._software_version,
            calibration_version=version,
            calibration_expires_utc_ms=expires_utc_ms,
            camera=_part("camera", facts),
            reference=_part("reference", facts),
            written=written,
            acknowledged=acknowledged,
            set_aside=set_aside,
            pause_s=held_back_s,
            disk_free_fraction=disk.free / disk.total if disk.total else 0.0,
            readings=readings,
            median_forehead_c=median_c,
            roster_version=facts.roster_version,
            settings_version=facts.settings_version,
            **_drift(self._outlook, self._zone),
        )

    def _today(self, now: Stamp) -> tuple[int, float | None]:
        """How many foreheads were read since midnight, and their median in C."""
        if now.monotonic_s - self._looked_at_s >= READINGS_EVERY_S:
            self._looked_at_s = now.monotonic_s
            self._outlook = self._upkeep(now)
            since_ms = midnight_utc_ms(now, self._zone)
            found = [
                one.content.measurement.forehead_c
                for one in self._store.recall({"passage"}, since_ms)
                if isinstance(one.content, Passage)
                and one.content.measurement is not None
                and one.content.measurement.forehead_c is not None
            ]
            self._foreheads = len(found), statistics.median(found) if len(found) >= LEAST_READINGS else None
        return self._foreheads


def _drift(found: Outlook | None, zone: ZoneInfo) -> dict[str, Any]:
    if found is None:
        return {"drift_k": None, "drift_leaves_utc_ms": None, "offset_stepped_k": None}
    leaves_on = found.leaves_on
    leaves_ms = None if leaves_on is None else round(datetime.combine(leaves_on, time(), zone).timestamp() * 1000)
    moved_k = None if found.cause == "too_few_days" else found.moved_k
    return {"drift_k": moved_k, "drift_leaves_utc_ms": leaves_ms, "offset_stepped_k": found.stepped_k}


def _part(code: str, facts: Facts) -> str:
    return "gate_silent" if "gate_silent" in facts.faults else code if code in facts.faults else OK
