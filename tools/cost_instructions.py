"""All stages of a frame's way, marked for a counter of instructions: `python -m tools.cost_instructions CAMERA`.

It is run on an emulated 64-bit Arm processor (tools/bench_cost.py), which writes down how many instructions it has done
at each mark, into the file that RIG_COUNTS names. Printed are `STAGE COUNT`: the median over frames, of the whole gate
the mean, for some of its frames bring a verdict and a record.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from unittest.mock import patch

import cv2

from edge.app import bootstrap
from tools.cost_stages import DECISION, WHOLE, prepared

# Somebody comes every 31 frames.
FRAMES = 33


def main(camera: str, mark: Callable[[int], None], counts: Path) -> None:
    """Do everything once more than is counted: the first time also fetches what later ones find there."""
    cv2.setNumThreads(1)
    meant: list[tuple[str, bool]] = []

    def mark_as(stage: str, counted: bool) -> None:
        """The instructions from here to the next mark are this stage's, or nobody's."""
        meant.append((stage, counted))
        mark(len(meant))

    with prepared(camera, FRAMES) as stages:
        begun: set[int] = set()

        def decides(k: int) -> None:
            mark_as(DECISION, k not in begun)
            begun.add(k)

        # There the checkout is used as it lies, without being installed.
        with patch.object(bootstrap, "software_version", lambda: "0"):
            stages.gate(lambda k: mark_as(WHOLE, True), decides=decides)
        mark_as(WHOLE, False)
        for stage, work in stages.work.items():
            work(0)
            for k in range(stages.frames):
                mark_as(stage, True)
                work(k)
                mark_as(stage, False)
    _tell([int(line.split()[1]) for line in counts.read_text(encoding="ascii").splitlines()], meant)


def _tell(counted: list[int], meant: list[tuple[str, bool]]) -> None:
    own: defaultdict[str, list[int]] = defaultdict(list)
    frames = [at for at, (stage, _) in zip(counted, meant, strict=True) if stage == WHOLE]
    for (at, until), (stage, counts) in zip(pairwise(counted), meant, strict=False):
        if counts and stage != WHOLE:
            own[stage].append(until - at)
    own[WHOLE] = [until - at for at, until in pairwise(frames)]
    for stage, values in own.items():
        typical = fmean(values) if stage == WHOLE else median(values)
        sys.stdout.write(f"{stage} {typical:.0f}\n")


if __name__ == "__main__":
    # The rig brings it along; it is nowhere else.
    main(sys.argv[1], import_module("rig_mark").mark, Path(os.environ["RIG_COUNTS"]))
