"""When a record counts: at the time its gate wrote down, or, if that clock is worth nothing, when it arrived."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

# No gate wrote a record before 2020; a board without a clock starts in 1970 or at its image's date.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
# Two synchronised clocks agree within seconds; what claims to come from later than this has a wrong one.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Counted:
    """The moment a record counts at; clock_ok False: it is that of arrival, the gate's clock is no use."""

    at: datetime
    clock_ok: bool


def counted(decided_utc_ms: int, synchronised: bool, received: datetime) -> Counted:
    """Where a record belongs that was decided at decided_utc_ms (since 1970) and received at `received`."""
    earliest_ms = EARLIEST.timestamp() * 1000
    latest_ms = (received + AHEAD).timestamp() * 1000
    # Compared as numbers: the contract allows years that no calendar has.
    if not synchronised or not earliest_ms <= decided_utc_ms <= latest_ms:
        return Counted(received, False)
    return Counted(datetime.fromtimestamp(decided_utc_ms / 1000, UTC), True)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The calendar day of a moment at the county."""
    return moment.astimezone(zone).date()
