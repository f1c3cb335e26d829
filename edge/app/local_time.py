"""The clock on the wall of the school, as far as the board knows it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from edge.core.decision import LocalTime
from edge.core.record import Stamp


def local_time(stamp: Stamp, zone: ZoneInfo) -> LocalTime | None:
    """Date and minute of the day there; None while no time service keeps the board's clock."""
    if not stamp.synchronised:
        return None
    there = datetime.fromtimestamp(stamp.utc_ms / 1000, UTC).astimezone(zone)
    return LocalTime(there.date().isoformat(), there.hour * 60 + there.minute)


def midnight_utc_ms(stamp: Stamp, zone: ZoneInfo) -> int:
    """When the stamp's local day began, ms since 1970 UTC."""
    there = datetime.fromtimestamp(stamp.utc_ms / 1000, UTC).astimezone(zone)
    return int(there.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
