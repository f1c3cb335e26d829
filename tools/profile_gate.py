"""Where the time of a frame goes, function by function: `python -m tools.profile_gate`.

The whole gate's loop on simulated frames in which people come and go (tools/cost_stages.py), under Python's own
profiler, on a Lepton. Own time is what a function spends without what it calls; the network is one call of OpenCV. A
profiler makes many small calls look dearer than they are: it tells where to look, tools/bench_cost.py what it costs.
"""

import cProfile
import pstats
import sys
import time
from pathlib import Path

import cv2

from tools.cost_stages import prepared

SHOWN = 16
ROOT = Path(__file__).parents[1]


def rows(camera: str = "lepton") -> list[tuple[str, int, float, float]]:
    """(function, calls a frame, share of own time, share with what it calls), the dearest first; shares 0 to 1."""
    cv2.setNumThreads(1)
    # What others do with the machine meanwhile is not in it.
    profile = cProfile.Profile(time.thread_time)
    with prepared(camera) as stages:
        # From the first counted frame on: what is done once is not a frame's.
        stages.gate(lambda k: profile.enable() if k == 0 else None)
        profile.disable()
        frames = stages.frames
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # made by the constructor
    whole_s = sum(own_s for _, _, own_s, _, _ in stats.values())
    found = [
        (_name(*where), round(calls / frames), own_s / whole_s, total_s / whole_s)
        for where, (_, calls, own_s, total_s, _) in stats.items()
    ]
    return sorted(found, key=lambda row: -row[2])[:SHOWN]


def _name(file: str, line: int, function: str) -> str:
    if file == "~":
        return function.strip("<>").replace("built-in method ", "").replace("method ", "")
    path = Path(file)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return f"{path.relative_to(ROOT)} {function}"
    return f"{path.parent.name}/{path.name} {function}"


def main() -> None:
    """A table in Markdown."""
    sys.stdout.write("| 函数 / function | 每帧次数 / calls a frame | 自身 / own | 连同调用 / with callees |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: |\n")
    for name, calls, own, total in rows():
        sys.stdout.write(f"| `{name}` | {calls} | {own:.1%} | {total:.1%} |\n")


if __name__ == "__main__":
    main()
