"""Whose turn a turn of the turnstile was: of somebody let in or out, of somebody behind them, or of nobody.

Every opening is good for one turn, within `within_s` of its beginning: a turnstile that has been told once waits for
its person by itself, longer than the pulse lasts. Turns are given to openings in their order.
"""

from dataclasses import dataclass, replace
from typing import Literal

from edge.core.signals import Input


@dataclass(frozen=True, slots=True)
class Opening:
    """The gate was opened: for whom, when (s), and whether somebody has gone through since."""

    by: Literal["pass", "exit"]
    began_s: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Turns:
    """The openings that a turn may still belong to, the oldest first."""

    within_s: float
    openings: tuple[Opening, ...] = ()


def opened(turns: Turns, by: Literal["pass", "exit"], now_s: float) -> Turns:
    """The gate begins to open for one person."""
    return replace(turns, openings=(*_recent(turns, now_s), Opening(by, now_s)))


def turned(turns: Turns, now_s: float, fire: bool = False) -> tuple[Turns, Input]:
    """One turn, and whose it was: passed, tailgate or forced. In a fire everybody may go."""
    if fire:
        return turns, Input("passed", True, now_s, "fire")
    openings = _recent(turns, now_s)
    for place, opening in enumerate(openings):
        if not opening.used:
            used = (*openings[:place], replace(opening, used=True), *openings[place + 1 :])
            told = Input("passed", True, now_s, opening.by, now_s - opening.began_s)
            return replace(turns, openings=used), told
    last = openings[-1] if openings else None
    if last is None:
        return replace(turns, openings=()), Input("forced", True, now_s)
    return replace(turns, openings=openings), Input("tailgate", True, now_s, last.by, now_s - last.began_s)


def _recent(turns: Turns, now_s: float) -> tuple[Opening, ...]:
    return tuple(opening for opening in turns.openings if now_s - opening.began_s <= turns.within_s)
