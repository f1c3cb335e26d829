"""Who comes, when, and how they move: walk up, stand, turn, leave to one side or step back.

A person is drawn from the seed and their own number alone, so that the same person looks the same whatever else
happens. Sizes follow from distance: a face is 0.14 m wide (a child's 0.125 m) and a Lepton's focal length is 147
of its pixels (57 degrees over 160, datasheet).
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Attire = Literal["glasses", "hat", "mask", "fringe"]

FOCAL_PX = 147.0
FACE_M, CHILD_FACE_M = 0.14, 0.125
FAR_M = 2.8
WALK_S, TURN_S, LEAVE_S = 1.5, 0.4, 0.9
# Skin of the forehead indoors: median 34.9 C, 5th and 95th percentile 33.9 and 35.7 (PhysioNet, FLIR, centre maximum
# of people without fever). Fevers lie clearly above the gate's default alarm.
HEALTHY_C, HEALTHY_SPREAD_K, HEALTHY_RANGE_C = 34.8, 0.4, (34.0, 35.5)
FEVER_RANGE_C = (36.5, 38.2)
# In from -5 to 0 C the forehead has 33.2 C at once and 34.9 C after a minute (Dzien 2020); readings went down to 29.7.
COLD_RANGE_C = (30.0, 33.5)


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one person from another in a thermal picture; lengths in face widths, warmth 0 (room) to 1 (skin).

    crown: hair above the hairline; temples: how far the hairline recedes or falls at the sides; beard_share, long_hair:
    None and False where there is none; collar: depth of the open neck; lapel_share: of the jacket's inside.
    """

    crown: float
    temples: float
    long_hair: bool
    beard_share: float | None
    collar: float
    lapel_share: float
    shoulders: float
    waves: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Visitor:
    """One coming of somebody. person: their own number, who comes again has the same; enters_s: when they appear.

    None is as the seed has it: fever; stands_s: how long they stand; stands_m: how near they come; aside_m: how far
    from the middle, to the right; attire. steps_back: they leave the way they came. badge, badge_at_s: what they
    present, at which second of the scene; kind: what they are meant to be. The camera does not see the last three;
    they are the truth about it.
    """

    person: int
    enters_s: float
    fever: bool | None = None
    stands_s: float | None = None
    stands_m: float | None = None
    aside_m: float | None = None
    attire: frozenset[Attire] | None = None
    steps_back: bool = False
    badge: str | None = None
    badge_at_s: float | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated person. forehead_c: true skin temperature; heights in m above the camera's axis; times in s.

    number: their place in the schedule; enters_s: when they appear at FAR_M; stands_m: how near they come; stands_s:
    for how long; leaves: to the left, back, to the right; hair_share, cloth_share: how warm they are between room (0)
    and skin (1).
    """

    number: int
    enters_s: float
    forehead_c: float
    fever: bool
    child: bool
    attire: frozenset[Attire]
    stands_m: float
    stands_s: float
    height_m: float
    aside_m: float
    leaves: Literal[-1, 0, 1]
    cheek_k: float
    nose_k: float
    hair_share: float
    cloth_share: float
    phase: float
    look: Look

    @property
    def stops_at_s(self) -> float:
        return self.enters_s + WALK_S

    @property
    def turns_at_s(self) -> float:
        return self.stops_at_s + self.stands_s

    @property
    def gone_at_s(self) -> float:
        return self.turns_at_s + (WALK_S if self.leaves == 0 else TURN_S + LEAVE_S)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a head is: centre of the face (m from the axis, right and up), distance, turn (-1 to 1: profile)."""

    right_m: float
    up_m: float
    distance_m: float
    turn: float
    standing: bool


def regular(every_s: float, people: int | None) -> Iterator[Visitor]:
    """A new person each so many seconds; without end when people is None."""
    numbers = itertools.count() if people is None else range(people)
    return (Visitor(number, number * every_s) for number in numbers)


def person(seed: int, number: int, visitor: Visitor, fever_fraction: float, cold_fraction: float) -> Person:
    """Who that visitor is, the number-th of a schedule.

    Of those without a fever, cold_fraction (0 to 1) come in from a winter's cold.
    """
    rng = np.random.default_rng((seed, visitor.person))
    fever = bool(rng.random() < fever_fraction)
    if visitor.fever is not None:
        fever = visitor.fever
    child = bool(rng.random() < 0.5)
    healthy_c = float(np.clip(rng.normal(HEALTHY_C, HEALTHY_SPREAD_K), *HEALTHY_RANGE_C))
    attire: set[Attire] = set()
    for what, share in (("glasses", 0.3), ("mask", 0.2), ("fringe", 0.15), ("hat", 0.05)):
        if rng.random() < share:
            attire.add(what)  # type: ignore[arg-type]  # the tuple's own words
    look = _look(rng, child)
    if rng.random() < cold_fraction:
        healthy_c = float(rng.uniform(*COLD_RANGE_C))
    drawn = Person(
        number=number,
        enters_s=visitor.enters_s,
        forehead_c=float(rng.uniform(*FEVER_RANGE_C)) if fever else healthy_c,
        fever=fever,
        child=child,
        attire=frozenset(attire),
        stands_m=float(rng.uniform(0.55, 0.75)),
        stands_s=float(rng.uniform(1.3, 1.9)),
        height_m=float(rng.uniform(-0.16, -0.02) if child else rng.uniform(-0.06, 0.10)),
        aside_m=float(rng.uniform(-0.06, 0.06)),
        leaves=1 if rng.random() < 0.5 else -1,
        cheek_k=float(rng.uniform(-1.3, -0.4)),
        nose_k=float(rng.uniform(-3.5, -1.0)),
        hair_share=float(rng.uniform(0.3, 0.7)),
        cloth_share=float(rng.uniform(0.15, 0.5)),
        phase=float(rng.uniform(0, 2 * math.pi)),
        look=look,
    )
    return replace(
        drawn,
        attire=drawn.attire if visitor.attire is None else visitor.attire,
        stands_s=drawn.stands_s if visitor.stands_s is None else visitor.stands_s,
        stands_m=drawn.stands_m if visitor.stands_m is None else visitor.stands_m,
        aside_m=drawn.aside_m if visitor.aside_m is None else visitor.aside_m,
        leaves=0 if visitor.steps_back else drawn.leaves,
    )


def _look(rng: np.random.Generator, child: bool) -> Look:
    return Look(
        crown=float(rng.uniform(0.06, 0.34)),
        temples=float(rng.uniform(0.1, 0.55)),
        long_hair=bool(rng.random() < 0.3),
        beard_share=float(rng.uniform(0.55, 0.85)) if rng.random() < 0.3 and not child else None,
        collar=float(rng.uniform(0.05, 0.75)),
        lapel_share=float(rng.uniform(0.3, 0.75)),
        shoulders=float(rng.uniform(1.05, 1.4)),
        waves=(
            float(rng.uniform(0, 2 * math.pi)),
            float(rng.uniform(0, 2 * math.pi)),
            float(rng.uniform(2.0, 4.0)),
            float(rng.uniform(6.0, 9.0)),
        ),
    )


def pose(who: Person, t_s: float) -> Pose | None:
    """Where somebody is at t_s (scene seconds); None before they come and after they have left."""
    if not who.enters_s <= t_s < who.gone_at_s:
        return None
    walked = _smooth((t_s - who.enters_s) / WALK_S)
    since_turn_s = t_s - who.turns_at_s
    if who.leaves == 0:
        walked -= _smooth(since_turn_s / WALK_S)
    distance_m = FAR_M + (who.stands_m - FAR_M) * walked
    turned = _smooth(since_turn_s / TURN_S)
    leaving = max(0.0, (since_turn_s - 0.5 * TURN_S) / LEAVE_S)
    standing = who.stops_at_s <= t_s < who.turns_at_s
    # Nobody stands quite still: a few millimetres around the place, and a nod with every step.
    sway_m = 0.004 * math.sin(1.9 * t_s + who.phase)
    nod_m = 0.012 * math.sin(11.0 * t_s) * (1.0 - walked)
    return Pose(
        right_m=who.aside_m * walked + sway_m + who.leaves * 0.75 * leaving**1.5,
        up_m=who.height_m + nod_m + 0.003 * math.sin(1.3 * t_s + who.phase),
        distance_m=distance_m,
        turn=who.leaves * turned,
        standing=standing,
    )


def _smooth(share: float) -> float:
    clipped = min(max(share, 0.0), 1.0)
    return clipped * clipped * (3.0 - 2.0 * clipped)
