"""Room for records on the disk: told while there is still some, for without any the gate stays shut."""

import shutil
from pathlib import Path

# Time enough to come: what a record takes, `python -m tools.store_cost` tells.
NEARLY_FULL_BELOW_MB = 500
LOOK_EVERY_S = 60.0


class DiskRoom:
    """Of the disk that the records' file is on."""

    def __init__(self, path: Path) -> None:
        self._folder = path.absolute().parent
        self._looked_at_s = float("-inf")
        self._nearly_full = False

    def nearly_full(self, now_s: float) -> bool:
        """Whether a technician should make room; looked at once a minute."""
        if now_s - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = now_s
            try:
                self._nearly_full = free_mb(self._folder) < NEARLY_FULL_BELOW_MB
            except OSError:
                # The disk is gone: whoever writes a record tells of it.
                self._nearly_full = False
        return self._nearly_full


def free_mb(folder: Path) -> int:
    """Megabytes that may still be written there. OSError: there is no such folder."""
    return shutil.disk_usage(folder).free // 1_000_000
