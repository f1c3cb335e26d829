"""Badge scans and people in the zone -> which badge belongs to whom."""

from dataclasses import dataclass
from typing import Literal

from edge.core.contents import Means


@dataclass(frozen=True, slots=True)
class Scan:
    """A badge that was presented: its normalised text, when (monotonic s), by what means, at which reader."""

    badge: str
    t_s: float
    means: Means
    reader: str
    direction: Literal["in", "out"] = "in"


@dataclass(frozen=True, slots=True)
class Standing:
    """One person whom the camera follows.

    in_zone: stands where faces are measured, and is seen now. state: "waiting" for a verdict, "passed", or
    "stopped" by any other verdict. may_retry: stopped for who they are, so another badge may mend it.
    """

    track: int
    in_zone: bool
    state: Literal["waiting", "passed", "stopped"]
    may_retry: bool = False
