"""How a gate is: what its sync tells the county about every minute, in canonical bytes like a record's.

Nothing in it is about a person: a median of at least `LEAST_READINGS` foreheads stands in it, and no single one.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from edge.core.contents import CODE
from edge.core.wire import flag, fraction, from_plain, refused, text, to_plain, whole

MAX_BYTES = 4_096
LEAST_READINGS = 10
# What stands in `camera` and `reference` when nothing is wrong; otherwise a code of edge/core/texts.py.
OK = "ok"
# As record.py's.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}")
_BOOT = re.compile(r"[0-9a-f-]{8,64}")


@dataclass(frozen=True, slots=True)
class Health:
    """One gate at one moment.

    utc_ms: wall clock, worth nothing unless clock_ok; uptime_s: seconds since the boot `boot_id`.
    calibration_expires_utc_ms: None: there is no certificate. camera, reference: `ok` or a code that says why not.
    written, acknowledged, set_aside: records of the gate's file; written - acknowledged - set_aside still wait.
    pause_s: for how long the sync holds back after failures, 0: it sends. disk_free_fraction: of the file's disk.
    readings: foreheads read today, median_forehead_c: their median in C, None when they are fewer than LEAST_READINGS.
    roster_version, settings_version: what is in force, None: nothing came yet.
    drift_k: what readings are thought to have moved by since the calibration, None: too few days to tell;
    drift_leaves_utc_ms: the day on which it will be more than readings allow for, None: not foreseen; offset_stepped_k:
    how far the last opening's offset was from the days before, None: not far (edge/core/upkeep.py).
    """

    utc_ms: int = whole(0, 2**53)
    clock_ok: bool = flag()
    boot_id: str = text(_BOOT)
    uptime_s: float = fraction(0, 1e10)
    software_version: str = text(_VERSION)
    calibration_version: str = text(_VERSION)
    calibration_expires_utc_ms: int | None = whole(0, 2**53, optional=True)
    camera: str = text(CODE)
    reference: str = text(CODE)
    written: int = whole(0, 2**53)
    acknowledged: int = whole(0, 2**53)
    set_aside: int = whole(0, 2**53)
    pause_s: float = fraction(0, 86_400)
    disk_free_fraction: float = fraction(0, 1)
    readings: int = whole(0, 2**53)
    median_forehead_c: float | None = fraction(-60, 200, optional=True)
    roster_version: int | None = whole(1, 2**53, optional=True)
    settings_version: int | None = whole(1, 2**53, optional=True)
    drift_k: float | None = fraction(-100, 100, optional=True)
    drift_leaves_utc_ms: int | None = whole(0, 2**53, optional=True)
    offset_stepped_k: float | None = fraction(-100, 100, optional=True)


def canonical_bytes(health: Health) -> bytes:
    """The bytes that are sent (UTF-8 JSON). RecordError: a field is no number that JSON has."""
    try:
        return json.dumps(to_plain(health), allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    except (TypeError, ValueError, OverflowError) as error:
        raise refused(f"health cannot be written: {error}") from error


def parse(body: bytes) -> Health:
    """The health in these bytes. RecordError unless they are its canonical bytes, each field in its range."""
    if len(body) > MAX_BYTES:
        raise refused(f"{len(body)} bytes of health, at most {MAX_BYTES}")
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise refused(f"health is no JSON: {error}") from error
    health = of_plain(plain)
    if canonical_bytes(health) != body:
        raise refused("health is not in canonical form")
    return health


def of_plain(plain: Any) -> Health:
    """The health that these JSON values are, as part of a status. RecordError: a field is missing or out of range."""
    health: Health = from_plain(Health, plain, "health")
    if health.acknowledged + health.set_aside > health.written:
        raise refused("health.acknowledged and health.set_aside are more than health.written")
    if (health.median_forehead_c is None) != (health.readings < LEAST_READINGS):
        raise refused(f"health.median_forehead_c is null exactly when health.readings is below {LEAST_READINGS}")
    return health
