"""Which PINs a guard may choose: long enough to type, and not among the first that somebody would try."""

import re
from itertools import pairwise

from edge.core.errors import ConfigError

LEAST_DIGITS, MOST_DIGITS = 6, 12
# Not isdigit(): that takes the digits of every script, which no keypad types again.
_DIGITS = re.compile(f"[0-9]{{{LEAST_DIGITS},{MOST_DIGITS}}}")


def check_pin(pin: str, guard_id: str = "") -> None:
    """ConfigError unless these are 6 to 12 digits that are not the first ones somebody would try."""
    if not _DIGITS.fullmatch(pin):
        raise ConfigError(
            f"PIN 须为 {LEAST_DIGITS} 至 {MOST_DIGITS} 位数字；请另选",
            f"a PIN has {LEAST_DIGITS} to {MOST_DIGITS} digits; choose another",
        )
    if _is_trivial(pin) or (guard_id and pin in guard_id):
        raise ConfigError(
            "PIN 太容易猜（重复、连号或与工号相同）；请另选",
            "this PIN is too easy to guess (repeated, in a row, or in the id); choose another",
        )


def _is_trivial(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeated = any(pin == (pin[:period] * len(pin))[: len(pin)] for period in (1, 2, 3))
    # 112233: a row of doubles; 123321: there and back.
    doubled = pin[::2] == pin[1::2] and _in_a_row(pin[::2])
    half = pin[: (len(pin) + 1) // 2]
    mirrored = pin == pin[::-1] and _in_a_row(half)
    return repeated or doubled or mirrored or steps in ({1}, {9})


def _in_a_row(digits: str) -> bool:
    return len({int(after) - int(before) for before, after in pairwise(digits)}) == 1
