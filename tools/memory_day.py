"""Does the gate's memory grow? 24 hours of frames through a whole gate: `python -m tools.memory_day [--hours 24]`.

    one person after another, a frame every FRAME_EVERY_S of the gate's clock, as fast as it goes -> a whole gate

Frames come as seldom as people can just be followed by, so that a day of timers, people and records passes within
half an hour: 254,000 frames.
Printed is the resident memory of the process (VmRSS), and its slope from the second hour on (median of all pairs).
"""

import argparse
import contextlib
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from statistics import median

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.app import bootstrap
from edge.app.config_file import load
from edge.app.gate_loop import Gate
from edge.app.parts import open_parts
from edge.core.frame import CameraInfo, Frame, NoFrame
from tools.bench_delay import EMPTY, STANDING, scenes
from tools.morning_lane import FrameClock
from tools.soak import resident_mb

HOURS, FRAME_EVERY_S = 24.0, 0.34
GOAL_MB_PER_DAY = 5.0
BEGAN_UTC_MS = 1_767_600_000_000
CONFIG = """\
[gate]
id = "memory-1"
[camera]
kind = "sim"
rotation_deg = 90
[pins]
factory = "mock"
[screen]
port = 0
[store]
path = "records.sqlite"
"""


class Sparse:
    """See `edge.ports.Camera`: people one after another; notes the memory each half hour."""

    def __init__(self, info: CameraInfo, standing: Sequence[Frame], empty: Sequence[Frame], hours: float) -> None:
        self.info, self._standing, self._empty = info, standing, empty
        self._left = round(hours * 3600 / FRAME_EVERY_S)
        self.clock, self.seq = FrameClock(BEGAN_UTC_MS, 1), 0
        self.megabytes: list[tuple[float, float]] = []

    def read(self, timeout_s: float) -> Frame | NoFrame:
        if self.seq == self._left:
            return NoFrame("ended")
        place = self.seq % (STANDING + EMPTY)
        frames = self._standing if place < STANDING else self._empty
        t_s = self.seq * FRAME_EVERY_S
        if self.seq % round(1800 / FRAME_EVERY_S) == 0:
            self.megabytes.append((t_s / 3600, resident_mb()))
        self.seq += 1
        self.clock.t_s = t_s
        return replace(frames[place % len(frames)], seq=self.seq, t_s=t_s)

    def close(self) -> None:
        """Nothing is held."""


def play(place: Path, hours: float) -> tuple[list[tuple[float, float]], int]:
    """(hour, MB) each half hour, and how many records were written."""
    path = place / "gate.toml"
    path.write_text(CONFIG, encoding="utf-8")
    config = load(path)
    standing, empty = scenes()
    camera = Sparse(SimCamera(SimSettings()).info, standing, empty, hours)
    with ExitStack() as opened:
        parts = replace(open_parts(config, opened, lambda line: None), camera=camera, clock=camera.clock)
        Gate(config, parts, lambda line: None).run(threading.Event())
    with contextlib.closing(bootstrap.open_store(config)) as store:
        written, _, _ = store.counts()
    return [*camera.megabytes, (hours, resident_mb())], written


def slope_mb_per_h(noted: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between all pairs of moments from the second hour on."""
    settled = [one for one in noted if one[0] >= 2.0] or list(noted)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(settled, 2) if b[0] > a[0]]
    return median(slopes) if slopes else 0.0


def main() -> int:
    """0: it does not grow by more than the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=HOURS)
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory(prefix="foregate-memory-") as folder:
        noted, written = play(Path(folder), hours)
    per_day_mb = slope_mb_per_h(noted) * 24
    shown = ", ".join(f"{mb:.1f} ({hour:.0f} h)" for hour, mb in noted[:: max(1, len(noted) // 8)])
    frames = round(hours * 3600 / FRAME_EVERY_S)
    bootstrap.say(f"{hours:.0f} h, {frames} 帧 / frames, {written} 条记录 / records")
    bootstrap.say(f"内存 / memory, MB: {shown}, {noted[-1][1]:.1f} (end)")
    bootstrap.say(f"增长 / growth: {per_day_mb:+.2f} MB/d（≤ {GOAL_MB_PER_DAY:.0f}）")
    return 0 if per_day_mb <= GOAL_MB_PER_DAY else 1


if __name__ == "__main__":
    sys.exit(main())
