"""`make bench`, costs: what each room of a frame's way takes, beside OpenCV's frontal Haar cascade on the same frames.

Time is told as a ratio to the cascade in the same run; a count of instructions on an emulated 64-bit Arm processor
(../shared/rig/frame-cost) is the same on every machine, and from it the share of a Raspberry Pi 4's core is estimated.
"""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from tempfile import NamedTemporaryFile, TemporaryDirectory

import cv2

from edge.adapters.device_key import DeviceKey
from edge.adapters.store_sqlite import SqliteStore
from tools.cost_stages import CAMERAS, HAAR, WHOLE, Work, prepared
from tools.store_cost import a_person

ROOT = Path(__file__).parents[1]
FRAME_COST = ROOT.parent / "shared" / "rig" / "frame-cost"
ROUNDS = 5
RECORDS = 60
# Cortex-A72 at 1.5 GHz, and what the rig's own notes call careful: one instruction for each cycle.
PI4_INSTRUCTIONS_PER_S = 1.5e9
FPS = 9.0
GOAL_HAAR, GOAL_CORE = 0.25, {"lepton": 0.15, "boson": 0.40}
STAGES = {
    "decode": "decode: counts and telemetry out of the packet",
    "radiometry": "radiometry: counts to degrees, upright",
    "detection": "detection: the network",
    "reference": "reference: found again, watched",
    "forehead": "forehead: readings with their uncertainty",
    "pipeline": "the pipeline's step (radiometry, reference, forehead, tracking)",
    "screen": "screen: state and picture for one viewer",
    WHOLE: "the gate's whole loop, decisions, signals and records included",
}
_COUNTED = re.compile(r"median (\d+)")


@dataclass(frozen=True, slots=True)
class Cost:
    """A stage: its time as a ratio to the cascade's, and its instructions on 64-bit Arm (None: not counted)."""

    ratio: float
    instructions: int | None


def report() -> str:
    """The table of both cameras."""
    cv2.setNumThreads(1)
    counted = FRAME_COST.exists()
    lines = ["## What a frame costs", ""]
    lines += ["One thread, simulated frames in which people come and go."]
    if not counted:
        lines += [f"Instructions were not counted: there is no ../shared/rig/{FRAME_COST.name}."]
    for camera, (rows, columns) in CAMERAS.items():
        lines += ["", f"### {camera}, {columns} x {rows}", "", *_table(camera, measured(camera, counted))]
    lines += ["", f"One record (chain, signature, fsync): {record_ratio():.2f} of the cascade's time, once per person."]
    return "\n".join(lines)


def measured(camera: str, counted: bool) -> dict[str, Cost]:
    """The stages of this camera's frames."""
    times = _times(camera)
    return {
        name: Cost(times[name] / times[HAAR], instructions(name, camera) if counted else None)
        for name in (HAAR, *STAGES)
    }


def _times(camera: str) -> dict[str, float]:
    """Seconds per frame: the median over frames of each one's quickest round; of the whole gate the mean."""
    with prepared(camera) as stages:
        rounds = {name: [_round(work, stages.frames) for _ in range(ROUNDS)] for name, work in stages.work.items()}
        asked: list[float] = []
        stages.gate(lambda k: asked.append(time.perf_counter()))
    found = {name: median(map(min, zip(*of_one, strict=True))) for name, of_one in rounds.items()}
    return {**found, WHOLE: fmean(after - before for before, after in pairwise(asked))}


def _round(work: Work, frames: int) -> list[float]:
    taken = []
    for k in range(frames):
        began = time.perf_counter()
        work(k)
        taken.append(time.perf_counter() - began)
    return taken


def record_ratio() -> float:
    """What writing one record takes, as a ratio to the cascade on a Lepton's frame."""
    with TemporaryDirectory() as folder, prepared("lepton", 20) as stages:
        store = SqliteStore(Path(folder) / "r.sqlite", "gate-1", "0", "none", DeviceKey(Path(folder) / "device.key"))
        people = [a_person(n) for n in range(RECORDS)]
        store_s = median(_round(lambda k: store.append(*people[k]), RECORDS))
        store.close()
        return store_s / median(_round(stages.work[HAAR], stages.frames))


def instructions(stage: str, camera: str) -> int:
    """Of one frame, the median over some, on 64-bit Arm. CalledProcessError: the rig did not come to an end."""
    with NamedTemporaryFile("w", suffix=".txt") as wheels:
        wheels.write(_run(sys.executable, "-m", "tools.rig_requirements"))
        wheels.flush()
        # A userland of its own: the rig throws those with other wheels away.
        cache = os.environ.get("RIG_CACHE", str(Path.home() / ".cache" / "rig-cost"))
        told = _run(
            str(FRAME_COST),
            "-m",
            "tools.cost_instructions",
            stage,
            camera,
            RIG_REQUIREMENTS=wheels.name,
            RIG_CACHE=cache,
        )
    found = _COUNTED.search(told)
    assert found is not None, told
    return int(found[1])


def _run(*command: str, **variables: str) -> str:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def _table(camera: str, costs: dict[str, Cost]) -> list[str]:
    lines = [
        f"| stage | time, Haar = 1 | instructions on Arm | of a Pi 4's core at {FPS:g} Hz |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, words in {HAAR: "OpenCV's frontal Haar cascade, enlarged twice", **STAGES}.items():
        cost = costs[name]
        counted = "–" if cost.instructions is None else f"{cost.instructions / 1e6:.2f} M"
        share = "–" if cost.instructions is None else f"{core_share(cost.instructions):.1%}"
        lines.append(f"| {words} | {cost.ratio:.3f} | {counted} | {share} |")
    whole = costs[WHOLE]
    lines += ["", f"Goal: at most {GOAL_HAAR} of the cascade: {whole.ratio:.2f}, {_met(whole.ratio <= GOAL_HAAR)}."]
    if whole.instructions is not None:
        core, most = core_share(whole.instructions), GOAL_CORE[camera]
        lines += [f"Goal: at most {most:.0%} of a Pi 4's core: {core:.1%} (estimated), {_met(core <= most)}."]
    return lines


def core_share(count: int) -> float:
    """Of one core of a Raspberry Pi 4, at FPS frames a second, as if each cycle brought one instruction."""
    return count * FPS / PI4_INSTRUCTIONS_PER_S


def _met(fulfilled: bool) -> str:
    return "met" if fulfilled else "NOT met"


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
