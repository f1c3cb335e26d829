"""The guard's day, read back from the records at the start and kept up with what is written."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from edge.app.local_time import local_time, midnight_utc_ms
from edge.app.remembered import NO_IDEA_UTC_MS
from edge.core import day
from edge.core.contents import Content
from edge.core.day import Day
from edge.core.errors import StoreError
from edge.core.record import Record, Stamp
from edge.ports import Store

_KINDS = {"passage", "override", "case", "event"}


class DayBook:
    """`today` begins anew at midnight; `forgetful` as long as the day's records could not be read back."""

    def __init__(self, store: Store, zone: ZoneInfo, announce: Callable[[str], None], now: Stamp) -> None:
        self._store, self._zone, self._announce = store, zone, announce
        self._date: str | None = None
        self._noted: list[tuple[Content, Stamp, str | None]] = []
        self._told = ""
        self.today = Day()
        self.forgetful = True
        self.recall(now)

    def note(self, content: Content, stamp: Stamp, record: Record | None) -> None:
        """This happened; record: None while the disk does not take it."""
        self.date_is(stamp)
        uuid = None if record is None else record.uuid
        if self.forgetful:
            self._noted.append((content, stamp, uuid))
        self.today = day.add(self.today, content, stamp.utc_ms, uuid, stamp.monotonic_s)

    def date_is(self, now: Stamp) -> None:
        """On a new day the counting begins anew."""
        when = local_time(now, self._zone)
        if when is None or when.date == self._date:
            return
        if self._date is not None:
            self.today, self._noted, self.forgetful = Day(), [], False
        self._date = when.date

    def recall(self, now: Stamp) -> None:
        """Read the day's records back; what was noted meanwhile and waits for the disk comes on top."""
        if not self.forgetful or not (now.synchronised or now.utc_ms >= NO_IDEA_UTC_MS):
            return
        try:
            records = self._store.recall(_KINDS, midnight_utc_ms(now, self._zone))
        except StoreError as error:
            if str(error) != self._told:
                self._announce(str(error))
            self._told = str(error)
            return
        self.forgetful, self._told = False, ""
        today = Day()
        for record in records:
            today = day.add(today, record.content, record.decided.utc_ms, record.uuid)
        known = {record.decided for record in records}
        for content, stamp, uuid in self._noted:
            if stamp not in known:
                today = day.add(today, content, stamp.utc_ms, uuid, stamp.monotonic_s)
        self.today, self._noted = today, []
        when = local_time(now, self._zone)
        self._date = None if when is None else when.date
