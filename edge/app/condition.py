"""What a guard is told of the gate itself: calibration and clock at once, disk and county every few seconds."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from edge.app.calibrated import Calibrated
from edge.app.config import Config
from edge.app.county_word import FILE_NAME, CountyWord, read_word
from edge.core.record import Stamp
from edge.core.screen import ConditionView

LOOK_EVERY_S = 2.0
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class _Slow:
    """What costs a look at the disk."""

    free_mb: int | None = None
    word: CountyWord | None = None


class Condition:
    """Of one gate; `view` looks at the disk again when it is time."""

    def __init__(self, config: Config, calibrated: Calibrated | None) -> None:
        self._calibrated = calibrated
        self._folder = config.store.path.absolute().parent
        self._word_file: Path | None = None if config.county is None else config.store.path.with_name(FILE_NAME)
        self._looked_at_s = float("-inf")
        self._slow = _Slow()

    def view(self, now: Stamp) -> ConditionView:
        """How the gate is."""
        if now.monotonic_s - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = now.monotonic_s
            word = None if self._word_file is None else read_word(self._word_file, now)
            self._slow = _Slow(_free_mb(self._folder), word)
        profile = None if self._calibrated is None else self._calibrated.profile
        days = None
        if profile is not None and now.synchronised:
            days = (profile.expires_utc_ms - now.utc_ms) // DAY_MS
        word = self._slow.word
        return ConditionView(
            calibrated=profile is not None,
            calibration_days=days,
            clock_ok=now.synchronised,
            disk_free_mb=self._slow.free_mb,
            has_county=self._word_file is not None,
            county_age_s=None if word is None else word.age_s,
            county_zh=None if word is None or word.trouble is None else word.trouble.zh,
            county_en=None if word is None or word.trouble is None else word.trouble.en,
        )


def _free_mb(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // 1_000_000
    except OSError:
        return None
