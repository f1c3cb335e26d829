"""One lane of the morning: people who come up one after the other and act on what lamp and guard tell them.

The lane stands behind three ports of the gate at once, on the frames' clock: its camera shows whoever is there, its
readers deliver the badges that they hold out, and its lamp is what they look at. Who has been told goes, and the next
one comes up; who is told nothing holds out the badge again, and in the end comes again.
"""

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from edge.adapters.badge_sim import SimBadges
from edge.adapters.camera_sim import SimCamera, SimSettings, Visitor
from edge.adapters.camera_sim.people import WALK_S, Attire
from edge.core.frame import Frame, NoFrame
from edge.core.identity import Scan
from edge.core.record import Stamp
from edge.core.screen import ScreenState, VerdictView
from edge.core.signals import ONE_AT_A_TIME, SIGNALS, Input, Signal
from edge.ports import GateIO
from tools.morning_school import Errand

BOOT_ID = "00000000-0000-4000-8000-00000000000{}"
VERDICTS = ("pass", "fever", "refused", "not_measured")
# A lamp that is seen before somebody is nearly there is not meant for them.
LOOKS_AFTER_S = 0.9
SEES_LAMP_S = 0.15
# Told nothing for so long, people hold out the badge again; after that they give up. All after standing still.
AGAIN_S, PATIENCE_S, WITHOUT_BADGE_S = 2.6, 4.5, 2.2
GUARD_TYPES_S = 1.5
# The next one comes up at once behind somebody who was let in; else when the guard has taken them aside.
AFTER_OTHERS_S = 1.3
GONE_S, OUT_S = 1.4, 4.0
# So far from the middle each of two stands.
TOGETHER_M = 0.11
MOST_COMINGS = 5
# Where the mark on the floor is, and where they stand when they come again.
MARKS_M = ((0.57, 0.64), (0.66, 0.72), (0.55, 0.58), (0.62, 0.66), (0.55, 0.75))


class FrameClock:
    """A clock that stands where the frames are; see `edge.ports.Clock`. began_utc_ms: its zero on the wall clock."""

    def __init__(self, began_utc_ms: int, lane: int) -> None:
        self._began_utc_ms, self._boot_id = began_utc_ms, BOOT_ID.format(lane)
        self.t_s = 0.0

    def now_s(self) -> float:
        return self.t_s

    def stamp(self) -> Stamp:
        return Stamp(self._began_utc_ms + round(self.t_s * 1000), self.t_s, self._boot_id, True)


class SeenLamp:
    """The gate's own lamp and relay, and what people saw of the lamp; see `edge.ports.GateIO`."""

    def __init__(self, gate_io: GateIO, clock: FrameClock) -> None:
        self._gate_io, self._clock = gate_io, clock
        self.now = "idle"
        self.verdict: tuple[str, float] | None = None
        self.one_at_a_time_s = float("-inf")
        self.opened = 0

    def show(self, signal: Signal) -> None:
        self._gate_io.show(signal)
        name = next(name for name, one in SIGNALS.items() if one == signal)
        self.now = name
        if name in VERDICTS:
            self.verdict = name, self._clock.now_s()
        if signal == ONE_AT_A_TIME:
            self.one_at_a_time_s = self._clock.now_s()
        self.opened += signal.open_gate

    def inputs(self) -> tuple[Input, ...]:
        return self._gate_io.inputs()

    def close(self) -> None:
        self._gate_io.close()


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody came up once: number of theirs in the simulated scene, from when to when, and what they were told."""

    errand: Errand
    number: int
    came_s: float
    left_s: float
    told: str | None


@dataclass(slots=True)
class _Actor:
    """Somebody on the way through. scans: badges still to be held out, with their times.

    alone_s: from when on the lamp is meant for them, once the one beside them has stepped back. because: the reasons
    that the screen gave with what they were told.
    """

    errand: Errand
    number: int
    came_s: float
    steps_back: bool = False
    partner: "_Actor | None" = None
    scans: list[tuple[float, str]] = field(default_factory=list)
    gives_up_s: float = 0.0
    alone_s: float | None = None
    told: str | None = None
    because: tuple[str, ...] = ()
    left_s: float | None = None


class Lane:
    """See `edge.ports.Camera` (ended when everybody has been here) and `edge.ports.Screen`."""

    def __init__(self, settings: SimSettings, errands: Sequence[Errand], clock: FrameClock, seed: int) -> None:
        self._camera = SimCamera(settings, schedule=(), open_end=True)
        self.info = self._camera.info
        self.clock = clock
        self.badges = SimBadges((), clock.now_s)
        self.lamp: SeenLamp | None = None
        self._ready = False
        self._screen: tuple[VerdictView, float] | None = None
        self.comings: list[Coming] = []
        self._seed = seed
        self._errands = [(one.comes_s, n, one) for n, one in enumerate(errands)]
        heapq.heapify(self._errands)
        self._again: deque[Errand] = deque()
        self._actors: list[_Actor] = []
        self._free_s = 0.0
        self._count = len(self._errands)

    @property
    def camera(self) -> SimCamera:
        """The truth about who was in front of it."""
        return self._camera

    def read(self, timeout_s: float) -> Frame | NoFrame:
        self._act(self.clock.now_s())
        if not (self._errands or self._again or self._actors):
            return NoFrame("ended")
        got = self._camera.read(timeout_s)
        if isinstance(got, Frame):
            self.clock.t_s = got.t_s
        return got

    def publish(self, state: ScreenState, picture: NDArray[np.float32] | None) -> None:
        self._ready = state.status == "ok"
        self._screen = None if state.last is None else (state.last, self.clock.now_s() - state.last.age_s)

    def close(self) -> None:
        self._camera.close()

    def _act(self, now_s: float) -> None:
        for actor in self._actors:
            self._hold_out(actor, now_s)
            if actor.left_s is None:
                self._stand(actor, now_s)
        for actor in [one for one in self._actors if one.left_s is not None and now_s >= one.left_s + GONE_S]:
            self._actors.remove(actor)
            self._gone(actor, now_s)
        red = self.lamp is not None and self.lamp.now == "fever"  # nobody comes up to that
        if (
            not red
            and now_s >= self._free_s
            and all(actor.left_s is not None and not actor.steps_back for actor in self._actors)
        ):
            self._next(now_s)

    def _hold_out(self, actor: _Actor, now_s: float) -> None:
        while actor.scans and actor.scans[0][0] <= now_s and actor.left_s is None:
            _, badge = actor.scans.pop(0)
            typed = actor.errand.typed
            self.badges.present(Scan(badge, now_s, "typed" if typed else "card", "desk" if typed else "lane"))

    def _stand(self, actor: _Actor, now_s: float) -> None:
        lamp = self.lamp
        if not self._ready:
            # The screen says that the camera needs a moment: they wait.
            actor.gives_up_s = max(actor.gives_up_s, now_s + AGAIN_S)
        if lamp is None or now_s < actor.came_s + LOOKS_AFTER_S:
            return
        if actor.partner is not None and self._named(actor):
            actor.steps_back = False
            self._leave(actor, now_s)
            if actor.partner.left_s is None:
                actor.partner.steps_back = False
                self._now_alone(actor.partner, now_s)
            return
        if actor.steps_back:
            asked = max(lamp.one_at_a_time_s, lamp.verdict[1] if lamp.verdict else 0.0) > actor.came_s
            if (asked and now_s >= actor.came_s + WALK_S + 0.8) or now_s >= actor.gives_up_s:
                self._leave(actor, now_s, back=True)
                if actor.partner is not None and actor.partner.left_s is None:
                    self._now_alone(actor.partner, now_s)
            return
        meant_s = actor.came_s + LOOKS_AFTER_S if actor.alone_s is None else actor.alone_s
        if lamp.verdict is not None and meant_s <= lamp.verdict[1] <= now_s - SEES_LAMP_S:
            actor.told = lamp.verdict[0]
            actor.because = () if self._screen is None else self._screen[0].reasons
        if actor.told == "refused" and actor.alone_s is not None and now_s < actor.gives_up_s:
            return  # that was the other one's, who has just stepped back
        if actor.told == "fever" and actor.scans:
            return  # the guard asks whose badge it is
        if actor.told is not None or now_s >= actor.gives_up_s:
            self._leave(actor, now_s)

    def _named(self, actor: _Actor) -> bool:
        """Whether the screen names them: of two the lamp alone does not tell who is meant."""
        shown = self._screen
        if shown is None or shown[0].name != actor.errand.pupil.name or shown[1] < actor.came_s:
            return False
        if shown[0].verdict == "pass":
            actor.told = "pass"
        return actor.told == "pass"

    def _now_alone(self, actor: _Actor, now_s: float) -> None:
        """Of two one has left: the other one holds out the badge again."""
        if actor.errand.badge is not None:
            actor.scans = [(now_s + 1.6, actor.errand.badge)]
            actor.alone_s = now_s + 0.5
            actor.gives_up_s = now_s + PATIENCE_S

    def _leave(self, actor: _Actor, now_s: float, back: bool = False) -> None:
        self._camera.dismiss(actor.number, back=back)
        actor.left_s = now_s
        self._free_s = now_s if actor.told == "pass" else now_s + AFTER_OTHERS_S

    def _gone(self, actor: _Actor, now_s: float) -> None:
        errand, told = actor.errand, actor.told
        self.comings.append(Coming(errand, actor.number, actor.came_s, actor.left_s or now_s, told))
        if actor.steps_back:
            self._again.append(replace(errand, again=errand.again + 1))
        elif told == "pass" and errand.pupil.part == "returns" and not errand.again:
            later = replace(errand, comes_s=now_s + 30.0, again=1, leaves_first=True)
            heapq.heappush(self._errands, (later.comes_s, self._count, later))
            self._count += 1
        elif self._comes_again(actor):
            self._again.append(replace(errand, again=errand.again + 1, beside=None))

    def _comes_again(self, actor: _Actor) -> bool:
        """Who was told nothing, or not measured, or to come alone or show the badge that is in their hand."""
        errand = actor.errand
        if errand.pupil.part == "forgotten" or errand.again >= MOST_COMINGS:
            return False
        asked = bool({"two_at_once", "no_badge"} & set(actor.because)) and errand.badge is not None
        return actor.told in (None, "not_measured") or (actor.told == "refused" and asked)

    def _next(self, now_s: float) -> None:
        if self._again:
            errand = self._again.popleft()
        elif self._errands and self._errands[0][0] <= now_s:
            errand = heapq.heappop(self._errands)[2]
        else:
            return
        if errand.leaves_first:
            self.badges.present(Scan(str(errand.badge), now_s, "card", "exit", "out"))
            self._again.append(replace(errand, leaves_first=False))
            self._free_s = now_s + OUT_S
            return
        beside = errand.beside
        actor = self._come(errand, now_s, 0.0 if beside is None else -TOGETHER_M)
        if beside is not None:
            actor.partner = self._come(beside, now_s, TOGETHER_M, first=actor)
            actor.alone_s = float("inf")
            actor.gives_up_s = actor.partner.gives_up_s + PATIENCE_S

    def _come(self, errand: Errand, now_s: float, aside_m: float, first: _Actor | None = None) -> _Actor:
        pupil, stops_s = errand.pupil, now_s + WALK_S
        # Everybody does as they do, whatever happened before them.
        rng = random.Random(f"{self._seed} {pupil.number} {errand.again}")
        attire: set[Attire] = {"glasses"} if pupil.number % 4 == 0 else set()
        if pupil.number % 7 == 0:
            attire.add("mask")
        if pupil.part == "hat" and errand.again == 0:
            attire.add("hat")
        near = errand.beside is not None or first is not None
        visitor = Visitor(
            pupil.number,
            now_s,
            fever=pupil.part == "fever",
            stands_s=60.0,
            stands_m=0.72 if near else rng.uniform(*MARKS_M[errand.again % len(MARKS_M)]),
            aside_m=aside_m if near else rng.uniform(-0.03, 0.03),
            attire=frozenset(attire),
            badge=errand.badge,
            kind=pupil.part,
        )
        actor = _Actor(errand, self._camera.send(visitor), now_s, steps_back=first is not None, partner=first)
        badge_s = now_s + rng.uniform(1.0, 1.4) if errand.early else stops_s + rng.uniform(0.2, 0.6)
        if errand.typed:
            badge_s = stops_s + GUARD_TYPES_S
        if errand.badge is not None:
            actor.scans = [(badge_s, errand.badge), (max(badge_s, stops_s) + AGAIN_S, errand.badge)]
        actor.gives_up_s = stops_s + (PATIENCE_S if errand.badge is not None else WITHOUT_BADGE_S)
        if near or pupil.part == "fever":
            actor.scans = actor.scans[:1]
        self._actors.append(actor)
        return actor
