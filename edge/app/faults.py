"""The gate's faults: each is announced when it begins, and when it is over."""

from collections.abc import Callable, Mapping

from edge.core.texts import FAULTS

# With these the gate goes on deciding: the screen tells them, the lamp does not.
MINOR = frozenset(
    {"roster_old", "readers", "clock", "calibration", "calibration_expired", "emissivity", "disk", "settings"}
)


class Faults:
    """What is wrong now, as codes of texts.FAULTS."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self.told: tuple[str, ...] = ()

    @property
    def grave(self) -> bool:
        """Whether the gate cannot decide."""
        return not MINOR.issuperset(self.told)

    def tell(self, found: Mapping[str, bool]) -> None:
        """What was found by code; the gravest first."""
        present = present_of(found)
        for code in present:
            if code not in self.told:
                self._announce(str(FAULTS[code]))
        for code in self.told:
            if code not in present:
                self._announce(f"已恢复 / over: {FAULTS[code]}")
        self.told = present


def present_of(found: Mapping[str, bool]) -> tuple[str, ...]:
    """The codes of what is there."""
    return tuple(code for code, present in found.items() if present)
