"""What the gate's process knows of itself and its sync does not: a few facts in a small file beside the records.

Written whenever one of them changes, and once a minute, so that its age tells whether the gate is alive. Facts about
this moment only: it is replaced whole, waits for no medium, and nobody misses it after a power cut.
"""

import json
import logging
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from edge.core.record import Stamp

FILE_NAME = "health.json"
WRITE_EVERY_S = 60.0
# Faults come and go with a loose cable: the card is not worn out by telling each.
LEAST_BETWEEN_S = 5.0
# Then the gate's process hangs, or is not there.
TOO_OLD_S = 150.0
_MOST_BYTES = 4_096

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Facts:
    """faults: codes of texts.FAULTS that are there now; roster_version, settings_version: in force, None: none.

    offset_k: what the reference corrects the camera by, None while it does not. It never stands still: told with the
    rest, and no reason to write.
    """

    faults: tuple[str, ...]
    roster_version: int | None
    offset_k: float | None = field(default=None, compare=False)
    settings_version: int | None = None


class HealthFile:
    """The gate's side. For one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: Facts | None = None
        self._told_at_s = float("-inf")
        self._failing = False

    def tell(self, facts: Facts, now: Stamp) -> None:
        """Write them down when it is time. A disk that does not take them is logged once; the gate goes on."""
        every_s = WRITE_EVERY_S if facts == self._told else LEAST_BETWEEN_S
        if now.monotonic_s - self._told_at_s < every_s:
            return
        self._told, self._told_at_s = facts, now.monotonic_s
        plain = {"boot_id": now.boot_id, "monotonic_s": now.monotonic_s, **asdict(facts)}
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            part.write_text(json.dumps(plain), encoding="ascii")
            os.replace(part, self._path)
            self._failing = False
        except OSError as error:
            if not self._failing:
                log.warning("%s cannot be written: %s", self._path, error.strerror)
            self._failing = True


def read_facts(path: Path, now: Stamp) -> Facts | None:
    """What the gate said of itself; None: nothing of this boot, nothing lately, or nothing that can be read."""
    try:
        with path.open("rb") as file:
            plain = json.loads(file.read(_MOST_BYTES))
        faults, offset_k = plain["faults"], plain.get("offset_k")
        versions = (plain["roster_version"], plain["settings_version"])
        fresh = plain["boot_id"] == now.boot_id and 0 <= now.monotonic_s - plain["monotonic_s"] <= TOO_OLD_S
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    known = isinstance(faults, list) and all(isinstance(code, str) for code in faults)
    if not fresh or not known or not all(version is None or type(version) is int for version in versions):
        return None
    number = type(offset_k) is float and math.isfinite(offset_k)
    return Facts(tuple(faults), versions[0], offset_k if number else None, versions[1])
