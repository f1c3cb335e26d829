"""One stage of a frame's way, marked for a counter of instructions: `python -m tools.cost_instructions STAGE CAMERA`.

It is run on an emulated 64-bit Arm processor (tools/bench_cost.py), which counts what lies between two marks.
"""

import sys
from collections.abc import Callable
from importlib import import_module

import cv2

from tools.cost_stages import WHOLE, prepared

FRAMES = 12


def main(stage: str, camera: str, mark_at: Callable[[int], None]) -> None:
    """Do it to every frame once more than is counted: the first time also fetches what later ones find there."""
    cv2.setNumThreads(1)
    with prepared(camera, FRAMES) as stages:
        if stage == WHOLE:
            stages.gate(mark_at)
            return
        work = stages.work[stage]
        work(0)
        for k in range(stages.frames):
            mark_at(k)
            work(k)
        mark_at(stages.frames)


if __name__ == "__main__":
    # The rig brings it along; it is nowhere else.
    main(sys.argv[1], sys.argv[2], import_module("rig_mark").mark)
