"""`python -m tools.bench_cost`: what each room of a frame's way takes, beside OpenCV's frontal Haar cascade on the same
frames.

Time is told as a ratio to the cascade in the same run. Instructions are counted on an emulated 64-bit Arm processor
(../shared/rig/frame-cost), the same on every machine; from them the share of a Raspberry Pi 4's core is estimated:
Cortex-A72 at 1.5 GHz, one instruction for each cycle, at nine frames a second. The rig's own notes give one to two
instructions for each cycle; one is the careful end. Memory and caches are not in it.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from tempfile import NamedTemporaryFile

import cv2

from tools.cost_stages import CAMERAS, DECISION, HAAR, WHOLE, Stages, Work, prepared

ROOT = Path(__file__).parents[1]
FRAME_COST = ROOT.parent / "shared" / "rig" / "frame-cost"
ROUNDS = 5
PI4_INSTRUCTIONS_PER_S = 1.5e9
FPS = 9.0


@dataclass(frozen=True, slots=True)
class Cost:
    """A stage: its time as a ratio to the cascade's, and its instructions on 64-bit Arm (None: not counted)."""

    ratio: float
    instructions: int | None


def measured(camera: str) -> dict[str, Cost]:
    """The stages of this camera's frames; without the rig beside the checkout nothing is counted."""
    times = _times(camera)
    counts = instructions(camera) if FRAME_COST.exists() else {}
    return {name: Cost(taken_s / times[HAAR], counts.get(name)) for name, taken_s in times.items()}


def _times(camera: str) -> dict[str, float]:
    """Seconds of processor per frame: the median over frames of each one's quickest round; of the gate the mean."""
    with prepared(camera) as stages:
        rounds = {name: [_round(work, stages.frames) for _ in range(ROUNDS)] for name, work in stages.work.items()}
        played = [_played(stages) for _ in range(ROUNDS)]
    found = {name: median(_quickest(of_one)) for name, of_one in rounds.items()}
    deciding_s = median(_quickest([decided for _, decided in played]))
    return {**found, DECISION: deciding_s, WHOLE: fmean(_quickest([whole for whole, _ in played]))}


def _played(stages: Stages) -> tuple[list[float], list[float]]:
    """Of each frame, what the whole gate took and what deciding took."""
    asked: list[float] = []
    decided: list[float] = []
    stages.gate(lambda k: asked.append(time.thread_time()), decides=lambda k: decided.append(time.thread_time()))
    deciding = [after - before for before, after in zip(decided[::2], decided[1::2], strict=True)]
    return [after - before for before, after in pairwise(asked)], deciding


def _quickest(rounds: list[list[float]]) -> list[float]:
    """Of each frame the quickest round: what else went on in the machine is in the others."""
    return list(map(min, zip(*rounds, strict=True)))


def _round(work: Work, frames: int) -> list[float]:
    """Seconds of this thread's processor time: whoever else uses the machine is not in it."""
    taken = []
    for k in range(frames):
        began_s = time.thread_time()
        work(k)
        taken.append(time.thread_time() - began_s)
    return taken


def instructions(camera: str) -> dict[str, int]:
    """Of one frame in each stage, on 64-bit Arm. CalledProcessError: the rig did not come to an end."""
    with NamedTemporaryFile("w", suffix=".txt") as wheels:
        wheels.write(_run(sys.executable, "-m", "tools.arm64_requirements"))
        wheels.flush()
        # A userland of its own: the rig throws those with other wheels away.
        cache = os.environ.get("RIG_CACHE", str(Path.home() / ".cache" / "rig-cost"))
        command = (str(FRAME_COST), "-m", "tools.cost_instructions", camera)
        told = _run(*command, RIG_REQUIREMENTS=wheels.name, RIG_CACHE=cache)
    lines = [line.split() for line in told.splitlines()]
    return {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}


def _run(*command: str, **variables: str) -> str:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def core_share(count: int) -> float:
    """Of one core of a Raspberry Pi 4, at FPS frames a second, as if each cycle brought one instruction."""
    return count * FPS / PI4_INSTRUCTIONS_PER_S


def lines(camera: str, costs: dict[str, Cost]) -> list[str]:
    """One for each stage."""
    told = []
    for name, cost in costs.items():
        line = f"cost {camera} {name}: {cost.ratio:.4f} of Haar"
        if cost.instructions is not None:
            share = core_share(cost.instructions)
            line += f", {cost.instructions / 1e6:.3f} M instructions, {share:.5f} of a core of a Pi 4 at {FPS:g} Hz"
        told.append(line)
    return told


def main() -> None:
    """Both cameras."""
    cv2.setNumThreads(1)
    if not FRAME_COST.exists():
        sys.stdout.write(f"instructions were not counted: there is no ../shared/rig/{FRAME_COST.name}\n")
    for camera in CAMERAS:
        sys.stdout.write("\n".join(lines(camera, measured(camera))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
