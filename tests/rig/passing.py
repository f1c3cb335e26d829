"""People pass the guest's gate one after the other, without end; and somebody watches what the gate has committed."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from tests.rig import lines, scenes, service

RECORDS = service.STATE / "foregate.sqlite"
# Long enough for a processor that judges a frame in a second or two.
STANDS_S, AWAY_S = 6.0, 4.0
CONFIG = scenes.CAMERA.replace("lost_after_s = 10.0", "lost_after_s = 2.0").replace("hold_s = 10.0", "hold_s = 2.0")
LOOKS_EVERY_S = 0.1

# Number, fingerprint and kind of a record.
Seen = tuple[int, str, str]


def install() -> None:
    """The gate as on a board: it starts with it, and has no records; not started."""
    lines.rest()
    scenes.camera("run")
    service.install(f"relay_pulse_s = 1.0\n{CONFIG}", "WatchdogSec=30\n")
    service.run("systemctl", "enable", service.UNIT)


def show() -> None:
    """Somebody healthy comes, stands, goes, and the next one comes: until the board is off."""
    path = Path(tempfile.gettempdir()) / "passing.npy"
    if not path.exists():
        both = ((np.load(scenes.clip(scene)), for_s) for scene, for_s in (("empty", AWAY_S), ("healthy", STANDS_S)))
        np.save(
            path,
            np.concatenate([np.resize(clip, (round(for_s * scenes.FPS), *clip.shape[1:])) for clip, for_s in both]),
        )
    scenes.camera("play", str(path), str(scenes.FPS))


def committed(after: int = 0, path: Path = RECORDS) -> list[Seen]:
    """The records after this number that another process can read now; no file yet: none."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        try:
            return db.execute("SELECT seq, sha256, kind FROM records WHERE seq > ? ORDER BY seq", (after,)).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_BUSY):
                raise
            return []  # its tables are just being made


def watched(until_s: float = float("inf")) -> Iterator[Seen]:
    """Each record as soon as it can be read: then its commit has waited for the medium. until_s: monotonic."""
    last = 0
    while time.monotonic() < until_s:
        for one in committed(last):
            last = one[0]
            yield one
        # The file has no event to wait for.
        time.sleep(LOOKS_EVERY_S)
