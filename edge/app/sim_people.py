"""Simulated people who are asked who they are: they walk up, hold out their badges, look at the lamp, and go.

They stand behind three ports of the gate at once: its camera shows whoever is there, its reader delivers the badge
that they hold to it, and its lamp is what they look at. Whoever was told goes, and then the next one comes up. So
everybody has one visit and one verdict, however slow the machine is, and nobody's badge falls to somebody else.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.adapters.badge_sim import SimBadges
from edge.adapters.camera_sim import SimCamera, Visitor
from edge.adapters.camera_sim.people import WALK_S, Attire
from edge.app.demo_cast import Guest
from edge.core.frame import Frame, NoFrame
from edge.core.identity import Scan
from edge.core.signals import Input, Signal, signal_for
from edge.ports import GateIO

# A lamp that is seen before somebody is nearly there is not meant for them.
LOOKS_AFTER_S = 0.9
# After standing still: who has forgotten the badge soon gives up; all others wait longer than a shutter event and the
# settling after it take.
GIVES_UP_S, PATIENCE_S = 2.2, 20.0
# The next one comes up behind somebody who was let in, else when the place is free; a verdict that falls only because
# somebody leaves is waited for.
AFTER_PASS_S, AFTER_OTHERS_S, VERDICT_WITHIN_S = 0.2, 1.3, 4.0
# Who comes again goes out before, and turns round.
OUT_S = 2.0
MARK_M, ASIDE_M = (0.57, 0.64), 0.03

_SIGNALS: tuple[Signal, ...] = tuple(signal_for(verdict) for verdict in ("pass", "fever", "refused", "not_measured"))
_PASS, _FEVER = _SIGNALS[:2]


class SeenLamp:
    """The gate's own lamp and relay, and what people saw of the lamp; see `edge.ports.GateIO`."""

    def __init__(self, gate_io: GateIO, now_s: Callable[[], float]) -> None:
        self._gate_io, self._now_s = gate_io, now_s
        self._showing: Signal | None = None
        self._verdict: tuple[Signal, float] | None = None

    @property
    def alarms(self) -> bool:
        """Nobody comes up to that."""
        return self._showing == _FEVER

    def verdict_since(self, t_s: float) -> Signal | None:
        """The last verdict, unless it is older."""
        return self._verdict[0] if self._verdict is not None and self._verdict[1] >= t_s else None

    def show(self, signal: Signal) -> None:
        self._gate_io.show(signal)
        self._showing = signal
        if signal in _SIGNALS:
            self._verdict = signal, self._now_s()

    def inputs(self) -> tuple[Input, ...]:
        return self._gate_io.inputs()

    def close(self) -> None:
        self._gate_io.close()


@dataclass(slots=True)
class _Visit:
    """Somebody on the way through. number: theirs in the scene; came_s: None before the first frame with them."""

    guest: Guest
    number: int
    came_s: float | None = None
    badge_at_s: float | None = None
    left_s: float | None = None
    told: Signal | None = None

    @property
    def patience_s(self) -> float:
        return PATIENCE_S if self.guest.badge is not None else GIVES_UP_S


class SimPeople:
    """See `edge.ports.Camera`; `badges` is their reader and `lamp` what they look at, to be used with it.

    camera: with no schedule of its own and an open end. every_s: nobody comes sooner after the one before; people:
    how many come in all, None without end.
    """

    def __init__(
        self,
        camera: SimCamera,
        gate_io: GateIO,
        now_s: Callable[[], float],
        guests: Iterator[Guest],
        every_s: float,
        people: int | None,
        seed: int,
    ) -> None:
        self._camera, self._now_s = camera, now_s
        self.info = camera.info
        self.badges = SimBadges((), now_s)
        self.lamp = SeenLamp(gate_io, now_s)
        self._guests, self._every_s, self._to_come = guests, every_s, people
        self._rng = random.Random(seed)
        self._visit: _Visit | None = None
        self._outside: Guest | None = None
        self._next_s = float("-inf")

    def read(self, timeout_s: float) -> Frame | NoFrame:
        now_s = self._now_s()
        if self._visit is None:
            if self._to_come == 0:
                return NoFrame("ended")
            if now_s >= self._next_s and not self.lamp.alarms:
                self._next(now_s)
        elif self._visit.came_s is not None:
            self._act(self._visit, self._visit.came_s, now_s)
        got = self._camera.read(timeout_s)
        if isinstance(got, Frame) and self._visit is not None and self._visit.came_s is None:
            self._comes_into_view(self._visit, self._now_s())
        return got

    def close(self) -> None:
        self._camera.close()

    def _next(self, now_s: float) -> None:
        if self._outside is not None:
            guest, self._outside = self._outside, None
            self._come(guest)
            return
        guest = next(self._guests)
        if guest.again and guest.may_come_in and guest.badge is not None:
            self.badges.present(Scan(guest.badge, now_s, "card", "exit", "out"))
            self._outside, self._next_s = guest, now_s + OUT_S
        else:
            self._come(guest)

    def _come(self, guest: Guest) -> None:
        attire: set[Attire] = {"glasses"} if guest.number % 4 == 0 else set()
        if guest.number % 7 == 0:
            attire.add("mask")
        visitor = Visitor(
            guest.number,
            0.0,  # with the next frame
            stands_s=10 * PATIENCE_S,
            stands_m=self._rng.uniform(*MARK_M),
            aside_m=self._rng.uniform(-ASIDE_M, ASIDE_M),
            attire=frozenset(attire),
            badge=guest.badge,
            kind=guest.part,
        )
        self._visit = _Visit(guest, self._camera.send(visitor))

    def _comes_into_view(self, visit: _Visit, now_s: float) -> None:
        visit.came_s = now_s
        if visit.guest.badge is not None:
            early = visit.guest.part == "before"
            visit.badge_at_s = now_s + (self._rng.uniform(0.9, 1.3) if early else WALK_S + self._rng.uniform(0.2, 0.6))

    def _act(self, visit: _Visit, came_s: float, now_s: float) -> None:
        visit.told = self.lamp.verdict_since(came_s + LOOKS_AFTER_S)
        if visit.left_s is not None:
            self._going(visit, came_s, visit.left_s, now_s)
            return
        if visit.badge_at_s is not None and now_s >= visit.badge_at_s:
            self.badges.present(Scan(str(visit.guest.badge), now_s, "card", "door"))
            visit.badge_at_s = None
        # Whoever has a fever is asked for the badge all the same.
        knows = visit.told is not None and visit.badge_at_s is None
        if knows or now_s >= came_s + WALK_S + visit.patience_s:
            self._camera.dismiss(visit.number)
            visit.left_s = now_s

    def _going(self, visit: _Visit, came_s: float, left_s: float, now_s: float) -> None:
        gone_s = left_s + (AFTER_PASS_S if visit.told == _PASS else AFTER_OTHERS_S)
        if now_s < gone_s or (visit.told is None and now_s < left_s + VERDICT_WITHIN_S):
            return
        self._visit = None
        self._next_s = max(came_s + self._every_s, now_s)
        if self._to_come is not None:
            self._to_come -= 1
