"""The keys that one reader presses -> badges. Pure: no device, no clock; the times of the keys enter with them.

    characters, end          a badge, if edge.core.roster.normal_badge takes it
    anything else            garbage, told with a reason, and never a badge: half a number may be somebody else's

Whatever comes, at most MAX_TYPED characters are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from edge.adapters.badge_evdev.layouts import Layout, characters
from edge.core.roster import normal_badge

Ending = Literal["enter", "tab", "pause"]
Why = Literal["too_long", "control_key", "keys_lost", "unfinished", "not_a_badge", "affix_missing"]

MAX_TYPED = 128
# A reader presses a key every 1 to 50 ms; a badge that stops for so long has ended, or is not whole any more.
PAUSE_S = 0.4
# What comes after so long a silence has nothing to do with what came before it.
FORGET_S = 3.0
# After so many keys without an end, somebody leans on a keyboard or the reader is broken.
STUCK_KEYS = 512

_ENDS: dict[Ending, frozenset[int]] = {"enter": frozenset({28, 96, 101}), "tab": frozenset({15}), "pause": frozenset()}
_ANY_END = frozenset({15, 28, 96, 101})
_SHIFTS = frozenset({42, 54})
_CONTROLS = frozenset({29, 97, 56, 100, 125, 126})
# Letters are folded to upper case anyhow, and keypad digits are digits.
_LOCKS = frozenset({58, 69, 70})


@dataclass(frozen=True, slots=True)
class Badge:
    """A whole badge, normalised, and when its last key came (monotonic s)."""

    text: str
    t_s: float


@dataclass(frozen=True, slots=True)
class Garbage:
    """Keys that are no badge, and why; never what they were."""

    why: Why


class Decoder:
    """Decodes one reader.

    ends_with: the key that ends a badge; `pause`: PAUSE_S without a key does. prefix, suffix: what the reader adds to
    each badge and the roster does not know; a badge without them is not whole. opened_s: since when its keys are heard
    (monotonic s); one that was being typed then has lost its beginning.
    """

    def __init__(
        self, opened_s: float, layout: Layout = "us", ends_with: Ending = "enter", prefix: str = "", suffix: str = ""
    ) -> None:
        self._plain, self._shifted = characters(layout)
        self._ends_with, self._prefix, self._suffix = ends_with, prefix, suffix
        self._typed: list[str] = []
        self._spoilt: Why | None = "keys_lost"
        self._held: set[int] = set()
        self._last_s = opened_s
        self._keys = 0

    @property
    def stuck(self) -> bool:
        """Whether it types without an end; over with the next end or silence."""
        return self._keys >= STUCK_KEYS

    @property
    def unfinished(self) -> bool:
        """Whether silence would change anything: `idle` wants to be called."""
        return self._keys > 0 or self._spoilt is not None

    def key(self, code: int, value: int, t_s: float) -> tuple[Badge | Garbage, ...]:
        """One key went up (value 0), down (1) or repeats itself (2), at t_s (monotonic s)."""
        if code in _SHIFTS or code in _CONTROLS:
            (self._held.add if value else self._held.discard)(code)
            return ()
        if value == 0 or code in _LOCKS:
            return ()
        ended = self.idle(t_s)
        self._last_s = t_s
        if value == 1 and code in _ENDS[self._ends_with] and not self._held & _CONTROLS:
            return ended + self._end()
        if value == 1 and code in _ANY_END and self._ends_with == "pause":
            # The reader ends its badges with a key after all: so much the better.
            return ended + self._end()
        self._take(code, value)
        return ended

    def idle(self, now_s: float) -> tuple[Badge | Garbage, ...]:
        """No key until now_s (monotonic s): ends a badge that ends so, spoils any other, given up in the end."""
        quiet_s = now_s - self._last_s
        if quiet_s < PAUSE_S:
            return ()
        if self._keys == 0:
            self._spoilt = None
            return ()
        if self._ends_with == "pause":
            return self._end()
        # Up to its end, which may still come: what follows the pause alone would be another's number.
        self._spoilt = self._spoilt or "unfinished"
        return self._end() if quiet_s >= FORGET_S else ()

    def lost(self, held: Iterable[int], t_s: float) -> None:
        """The kernel dropped keys (SYN_DROPPED) at t_s (monotonic s); `held`: the codes of those that are down now."""
        self._held = set(held) & (_SHIFTS | _CONTROLS)
        self._spoilt = self._spoilt or "keys_lost"
        self._keys, self._last_s = self._keys + 1, t_s

    def _take(self, code: int, value: int) -> None:
        # A lone control key before a badge, such as the arrow or the escape that some readers send along, harms nobody.
        character = (self._shifted if self._held & _SHIFTS else self._plain).get(code)
        if character is None and self._keys == 0:
            return
        self._keys = min(self._keys + 1, STUCK_KEYS)
        if value == 2:
            # No reader holds a key down until it repeats: somebody leans on it.
            self._spoilt = self._spoilt or "control_key"
        elif character is None or self._held & _CONTROLS:
            self._spoilt = self._spoilt or "control_key"
        elif len(self._typed) >= MAX_TYPED:
            self._spoilt = self._spoilt or "too_long"
        else:
            self._typed.append(character)

    def _end(self) -> tuple[Badge | Garbage, ...]:
        text, why, keys = "".join(self._typed), self._spoilt, self._keys
        self._typed, self._spoilt, self._keys = [], None, 0
        if why is not None:
            return (Garbage(why),)
        if keys == 0:
            # Enter and line feed, or an empty line: nobody presented anything.
            return ()
        if not (text.startswith(self._prefix) and text.endswith(self._suffix)) or len(text) < len(
            self._prefix + self._suffix
        ):
            return (Garbage("affix_missing"),)
        badge = normal_badge(text[len(self._prefix) : len(text) - len(self._suffix)])
        return (Garbage("not_a_badge"),) if badge is None else (Badge(badge, self._last_s),)
