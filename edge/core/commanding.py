"""A change that the county commands, from its arrival until it is in force: it is shown first, always.

    nothing new -> shown, with what changes and the time that is left -> in force
                -> refused, because the site's configuration contradicts it

`NOTICE_S` runs on the gate's own clock from the moment it is shown, anew after a restart; then it waits until nobody
stands before the gate, so that nobody is measured by one threshold and judged by another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.core.commanded import KEYS, Commanded, Setting, written

NOTICE_S = 600.0


@dataclass(frozen=True, slots=True)
class Change:
    """One key: what it is now and what it will be, as the screen writes them. name: a key of commanded.KEYS."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Settings that are shown and not in force yet; shown_at_s: since when."""

    commanded: Commanded
    changes: tuple[Change, ...]
    shown_at_s: float

    def left_s(self, now_s: float) -> float:
        """For how long it is still only shown."""
        return max(0.0, self.shown_at_s + NOTICE_S - now_s)

    def is_due(self, now_s: float, nobody_there: bool) -> bool:
        """Whether it may come into force now."""
        return nobody_there and self.left_s(now_s) == 0.0


def changes(before: Mapping[str, Setting], after: Mapping[str, Setting]) -> tuple[Change, ...]:
    """What differs between two settings of all keys, in the order of KEYS."""
    return tuple(
        Change(name, written(name, before[name]), written(name, after[name]))
        for name in KEYS
        if before[name] != after[name]
    )
