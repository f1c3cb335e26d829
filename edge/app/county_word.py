"""When the county last answered, and what: told by the sync's process, in a small file beside the records.

The gate's process shows it to the guard. Like health.json it is about this moment only: replaced whole, and worth
nothing after the next boot.
"""

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.core.answer import Answer
from edge.core.lodging import trouble
from edge.core.record import Stamp
from edge.core.texts import Text
from edge.ports import Uplink

FILE_NAME = "county.json"
# An answer like the one before is news only so often: the card is not worn out by telling each.
SAME_EVERY_S = 20.0
TAKEN = range(200, 300)
_MOST_BYTES = 4_096

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CountyWord:
    """age_s: of the last answer that took what was sent, None: none since the boot; trouble: what stands against it."""

    age_s: float | None
    trouble: Text | None


class HeardUplink:
    """An `edge.ports.Uplink` that writes down how the county answers."""

    def __init__(self, uplink: Uplink, path: Path, stamp: Callable[[], Stamp]) -> None:
        self._uplink, self._path, self._stamp = uplink, path, stamp
        self._taken_s: float | None = None
        self._told: tuple[bool, str] | None = None
        self._told_at_s = float("-inf")

    def send(self, bodies: Sequence[bytes]) -> Answer:
        """See `edge.ports.Uplink`."""
        return self._heard(self._uplink.send(bodies))

    def status(self, body: bytes) -> Answer:
        """See `edge.ports.Uplink`."""
        return self._heard(self._uplink.status(body))

    def close(self) -> None:
        self._uplink.close()

    def _heard(self, answer: Answer) -> Answer:
        now = self._stamp()
        taken = answer.status in TAKEN
        if taken:
            self._taken_s = now.monotonic_s
        why = None if taken else trouble(answer)
        state = (taken, str(why))
        if state != self._told or now.monotonic_s - self._told_at_s >= SAME_EVERY_S:
            self._told, self._told_at_s = state, now.monotonic_s
            self._write(now, why)
        return answer

    def _write(self, now: Stamp, why: Text | None) -> None:
        plain = {
            "boot_id": now.boot_id,
            "taken_s": self._taken_s,
            "zh": None if why is None else why.zh,
            "en": None if why is None else why.en,
        }
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            part.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
            os.replace(part, self._path)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error.strerror)


def read_word(path: Path, now: Stamp) -> CountyWord | None:
    """What the county last said; None: nothing in this boot, or nothing that can be read."""
    try:
        with path.open("rb") as file:
            plain = json.loads(file.read(_MOST_BYTES))
        if plain["boot_id"] != now.boot_id:
            return None
        taken_s, zh, en = plain["taken_s"], plain["zh"], plain["en"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    if not (taken_s is None or isinstance(taken_s, int | float)) or isinstance(taken_s, bool):
        return None
    age_s = None if taken_s is None else max(0.0, now.monotonic_s - taken_s)
    told = isinstance(zh, str) and isinstance(en, str)
    return CountyWord(age_s, Text(zh, en) if told else None)
