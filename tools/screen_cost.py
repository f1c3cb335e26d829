"""`make screen-cost`: what the guard's page costs the gate, at the camera's rate, with nobody, one and 20 viewers.

The same frames of the simulated camera go through a whole gate three times, 9 a second. Counted is processor time,
which another program on this machine does not lengthen: of the gate's own loop (its thread), of it in composing and
handing over what is shown, and of everything else in the process, which is the screen's thread. The viewers are another
process; of the 20, five read nothing.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from edge.app.gate_loop import Gate
from tools.cost_stages import Stages, prepared

FPS = 9.0
MANY, DEAF = 20, 5
GOAL_SHARE = 0.25
STOP_WITHIN_S = 10.0
_WATCH = """\
import asyncio, sys
from websockets.asyncio.client import connect
async def one(url, deaf):
    origin = url.rstrip("/")
    async with connect(origin.replace("http", "ws") + "/live", origin=origin, max_size=None, max_queue=1) as socket:
        print("in", flush=True)
        if deaf:
            await asyncio.sleep(3600)
        async for _ in socket:
            pass
async def main():
    url, many, deaf = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    await asyncio.gather(*(one(url, k < deaf) for k in range(many)), return_exceptions=True)
asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time for each frame: the gate's loop in all, of it in showing, the screen's thread."""

    loop_ms: float
    showing_ms: float
    thread_ms: float


class Meter:
    """Counts from the frame on that is asked for first, until the last."""

    def __init__(self) -> None:
        self.frames, self._showing_s = 0, 0.0
        self._began: tuple[float, float, float] | None = None
        self._wall_s = 0.0
        self._ended = (0.0, 0.0, 0.0)

    def asked(self, k: int) -> None:
        """The gate's loop asks for frame k: wait until the camera would have it."""
        self.frames = k
        self._ended = (time.thread_time(), time.process_time(), self._showing_s)
        if self._began is None:
            self._wall_s, self._began = time.monotonic(), self._ended
        time.sleep(max(0.0, self._wall_s + k / FPS - time.monotonic()))

    def shows(self, publish: Callable[..., None], *given: object, **more: object) -> None:
        """In place of the gate's own: does it and counts."""
        began_s = time.thread_time()
        publish(*given, **more)
        self._showing_s += time.thread_time() - began_s

    def cost(self) -> Cost:
        """What was found."""
        assert self._began is not None, "no frame was asked for"
        loop_s, all_s, showing_s = (end - begin for end, begin in zip(self._ended, self._began, strict=True))
        per_frame = 1000.0 / self.frames
        return Cost(loop_s * per_frame, showing_s * per_frame, (all_s - loop_s) * per_frame)


@contextlib.contextmanager
def watching(many: int, deaf: int, url: str) -> Iterator[None]:
    """So many pages look at this screen, in a process of their own; all of them are in when this begins."""
    if many == 0:
        yield
        return
    command = [sys.executable, "-c", _WATCH, url, str(many), str(deaf)]
    viewers = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert viewers.stdout is not None
    try:
        for _ in range(many):
            assert viewers.stdout.readline() == "in\n", "a viewer was not let in"
        yield
    finally:
        viewers.terminate()
        viewers.wait(STOP_WITHIN_S)
        viewers.stdout.close()


def measure(stages: Stages, many: int, deaf: int = 0) -> Cost:
    """The cost while so many watch, of whom `deaf` read nothing."""
    meter, publish = Meter(), Gate._publish

    def counted(gate: Gate, *given: object, **more: object) -> None:
        meter.shows(partial(publish, gate), *given, **more)

    with patch.object(Gate, "_publish", counted):
        stages.gate(meter.asked, partial(watching, many, deaf))
    return meter.cost()


def lines(found: dict[int, Cost]) -> list[str]:
    """What is printed of it."""
    nobody, one, crowd = found.values()
    told = [
        "## What the guard's page costs the gate",
        "",
        f"Lepton frames at {FPS:g} Hz; milliseconds of processor time for each of them.",
        "",
        "| viewers | the gate's loop | of it for the page | the page's own thread |",
        "|---|---|---|---|",
    ]
    for many, cost in found.items():
        who = f"{many}, of whom {DEAF} read nothing" if many == MANY else str(many)
        told.append(f"| {who} | {cost.loop_ms:.2f} | {cost.showing_ms:.2f} | {cost.thread_ms:.2f} |")
    frame_ms, shown_ms = nobody.loop_ms - nobody.showing_ms, one.showing_ms + one.thread_ms
    return [
        *told,
        "",
        f"One viewer: {shown_ms:.2f} ms for the page, {share(found):.0%} of the {frame_ms:.2f} ms of the frame's own"
        f" processing. Goal: under {GOAL_SHARE:.0%}: {'met' if share(found) < GOAL_SHARE else 'NOT met'}.",
        f"{MANY} viewers: the gate's loop takes {crowd.loop_ms / nobody.loop_ms - 1:+.0%} against nobody watching.",
    ]


def share(found: dict[int, Cost]) -> float:
    """The page with one viewer, as a share of the frame's own processing."""
    nobody, one, _ = found.values()
    return (one.showing_ms + one.thread_ms) / (nobody.loop_ms - nobody.showing_ms)


def main() -> int:
    """0: the goal is met; 1: it is not."""
    with prepared("lepton") as stages:
        found = {many: measure(stages, many, deaf) for many, deaf in ((0, 0), (1, 0), (MANY, DEAF))}
    sys.stdout.write("\n".join(lines(found)) + "\n")
    return 0 if share(found) < GOAL_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
