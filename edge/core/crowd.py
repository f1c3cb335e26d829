"""What foreheads read at this gate just now: people who come in from the cold are compared with one another.

At a winter door every forehead is far below any absolute alarm, a feverish one too. So beside that alarm a reading is
also compared with the recent crowd: baseline b = median of the last 25 people; suspected when T - b > delta
(edge/core/entry_policy.py holds the numbers). The absolute alarm always runs beside it.

Everybody who was read counts, whatever the verdict: leaving out what looks odd keeps the baseline where it was after
a step of the weather, and then sensitivity collapses. Few odd ones do not move a median. Each person counts once.
"""

from dataclasses import dataclass
from math import isfinite
from statistics import median

from edge.core.entry_policy import EntryPolicy

# Published practice is the median of the last 20 to 30 readings, or a trimmed mean of the last 10.
MOST_PEOPLE = 25


@dataclass(frozen=True, slots=True)
class Passer:
    """One person's last reading: forehead in C, when (monotonic s), who (None: nobody was asked)."""

    forehead_c: float
    t_s: float
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """The last people who were read, the latest last; at most MOST_PEOPLE."""

    passers: tuple[Passer, ...] = ()


def start() -> Crowd:
    """Nobody yet: at the start, and after a recalibration, which readings of before say nothing about."""
    return Crowd()


def add(crowd: Crowd, forehead_c: float, now_s: float, person_id: str | None = None) -> Crowd:
    """The crowd with one more reading in C; somebody known who comes again takes the place of their last reading."""
    if not isfinite(forehead_c):
        return crowd
    others = [one for one in crowd.passers if person_id is None or one.person_id != person_id]
    return Crowd((*others, Passer(forehead_c, now_s, person_id))[-MOST_PEOPLE:])


def recent(crowd: Crowd, now_s: float, policy: EntryPolicy) -> tuple[Passer, ...]:
    """Those who are not forgotten yet: how many of crowd_people are there, for the screen."""
    return tuple(one for one in crowd.passers if 0.0 <= now_s - one.t_s <= policy.crowd_forget_s)


def baseline_c(crowd: Crowd, now_s: float, policy: EntryPolicy) -> float | None:
    """What the recent crowd's foreheads read, in C, within the policy's bounds; None: too few came."""
    passers = recent(crowd, now_s, policy)
    if len(passers) < policy.crowd_people:
        return None
    return min(max(median(one.forehead_c for one in passers), policy.crowd_low_c), policy.crowd_high_c)
