"""What a guard is told of the gate itself; disk, county and daily check are looked at every few seconds."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.app.calibrated import Calibrated
from edge.app.config import Config
from edge.app.county_word import FILE_NAME, CountyWord, read_word
from edge.app.upkeep import Kept, file_of, read_kept
from edge.core.record import Stamp
from edge.core.screen import ConditionView

LOOK_EVERY_S = 2.0
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class _Slow:
    """What costs a look at the disk."""

    free_mb: int | None = None
    word: CountyWord | None = None
    kept: Kept = Kept()


class Condition:
    """Of one gate; `view` looks at the disk again when it is time."""

    def __init__(self, config: Config, calibrated: Calibrated | None) -> None:
        self._calibrated = calibrated
        self._folder = config.store.path.absolute().parent
        self._word_file: Path | None = None if config.county is None else config.store.path.with_name(FILE_NAME)
        self._zone = ZoneInfo(config.gate.timezone)
        self._kept_file = file_of(config)
        self._kept_ns: int | None = None
        self._looked_at_s = float("-inf")
        self._slow = _Slow()

    def view(self, now: Stamp) -> ConditionView:
        """How the gate is."""
        if now.monotonic_s - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = now.monotonic_s
            word = None if self._word_file is None else read_word(self._word_file, now)
            self._slow = _Slow(_free_mb(self._folder), word, self._read_kept())
        profile = None if self._calibrated is None else self._calibrated.profile
        days = None
        if profile is not None and now.synchronised:
            days = (profile.expires_utc_ms - now.utc_ms) // DAY_MS
        word, kept = self._slow.word, self._slow.kept
        checked_ms = kept.checked_utc_ms
        checked_today = checked_ms is not None and now.synchronised and self._day(checked_ms) == self._day(now.utc_ms)
        return ConditionView(
            calibrated=profile is not None,
            calibration_days=days,
            clock_ok=now.synchronised,
            disk_free_mb=self._slow.free_mb,
            has_county=self._word_file is not None,
            county_age_s=None if word is None else word.age_s,
            county_zh=None if word is None or word.trouble is None else word.trouble.zh,
            county_en=None if word is None or word.trouble is None else word.trouble.en,
            checked_utc_ms=checked_ms if checked_today else None,
            check_wrong=len(kept.wrong) if checked_today else 0,
        )

    def _read_kept(self) -> Kept:
        """The daily check's file, which is written once a day, is read when it has changed."""
        try:
            written_ns = self._kept_file.stat().st_mtime_ns
        except OSError:
            # There was no check yet. A disk that does not answer is told as a fault of the store.
            self._kept_ns = None
            return Kept()
        if written_ns == self._kept_ns:
            return self._slow.kept
        self._kept_ns = written_ns
        return read_kept(self._kept_file)

    def _day(self, utc_ms: int) -> date:
        return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(self._zone).date()


def _free_mb(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // 1_000_000
    except OSError:
        return None
