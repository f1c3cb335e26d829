"""Cuts of a recorded disk, in the guest: python -m tests.rig.recorded_cuts CUTS PASSAGES SEED

The gate's service works on a disk that remembers each write while people pass; each cut is one state in which a power
cut may have left that disk. The guest's kernel mounts it, the gate's own code opens the file and goes on in it.
"""

import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edge.adapters.device_key import FILE_NAME, DeviceKey
from edge.adapters.store_sqlite import SqliteStore
from edge.app.verify_command import verify
from edge.core.contents import GateEvent
from edge.core.errors import ForegateError
from edge.core.record import Stamp
from tests.rig import passing, service
from tests.rig.medium import Log, RecordedDisk, run

# In memory: the guest has but one disk, and that would be busy with copies for minutes.
FOLDER = Path("/dev/shm/foregate-cuts")
MOUNTED = FOLDER / "mounted"
# So many cuts of a disk that says that it has flushed and has not: the test must see losses there.
LYING_CUTS = 20
RECORD_WITHIN_S = 900.0
PATIENCE_S = 600
_MANAGER = "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
STAMP = Stamp(0, 0.0, "0" * 8, False)


@dataclass(frozen=True, slots=True)
class Found:
    """What was left by a number of cuts. held: records that were on the medium before, all cuts together."""

    cuts: int = 0
    held: int = 0
    lost: int = 0
    broken: int = 0
    unusable: int = 0


def main(cuts: int, passages: int, seed: int) -> int:
    """0: nothing was lost, and the disk that lies was seen through."""
    log, key = _recorded(passages)
    first = next(k for k, entry in enumerate(log.entries) if entry.mark and entry.mark.endswith("/passage"))
    last = max(k for k, entry in enumerate(log.entries) if entry.mark and entry.mark.endswith("/passage"))
    dice = random.Random(seed)
    places = sorted(dice.randint(first + 1, len(log.entries)) for _ in range(cuts))
    _say(f"recorded: {len(_seen(log, len(log.entries)))} records, {last} writes, flushes and notes, seed {seed}")
    found = _found(log, places, dice, key)
    _say(
        f"cuts {found.cuts}  records before them {found.held}  lost {found.lost}  chains broken {found.broken}"
        f"  files the gate did not open and go on in {found.unusable}"
    )
    lying = _found(log, sorted(dice.randint(first + 1, last) for _ in range(LYING_CUTS)), dice, key, unflushed=2)
    _say(
        f"a disk that does not flush when told: cuts {lying.cuts}  records before them {lying.held}  lost {lying.lost}"
    )
    if (found.lost, found.broken, found.unusable) != (0, 0, 0) or not lying.lost:
        _say(
            "FAIL: "
            + ("the test sees no loss where there must be one" if not lying.lost else "a cut has cost something")
        )
        return 1
    return 0


def _recorded(passages: int) -> tuple[Log, str]:
    """What the disk remembers of so many passages, and the gate's public key."""
    passing.install()
    # The board's own watchdog is none of this: a slow processor must not be taken for a dead one.
    run("busctl", "set-property", *_MANAGER, "RuntimeWatchdogUSec", "t", str(PATIENCE_S * 10**6))
    disk = RecordedDisk(FOLDER, service.STATE)
    service.start()
    passing.show()
    left = passages
    for seq, sha256, kind in passing.watched(time.monotonic() + RECORD_WITHIN_S):
        disk.mark(f"{seq}/{sha256}/{kind}")
        left -= kind == "passage"
        if left == 0:
            break
    key = DeviceKey(service.STATE / FILE_NAME).public_key
    service.stop()
    run("systemctl", "disable", service.UNIT)
    log = disk.close()
    assert left == 0, f"{left} passages too few in {RECORD_WITHIN_S} s"
    return log, key


def _found(log: Log, places: Sequence[int], dice: random.Random, key: str, unflushed: int = 1) -> Found:
    found = Found()
    for place, state in zip(places, log.states(places, dice, FOLDER, unflushed), strict=True):
        seen = _seen(log, place)
        with _mounted(state):
            found = _after_one(found, seen, key)
    return found


def _after_one(found: Found, seen: dict[int, str], key: str) -> Found:
    found = replace(found, cuts=found.cuts + 1, held=found.held + len(seen))
    path = MOUNTED / passing.RECORDS.name
    told: list[str] = []
    try:
        # As a service that starts: WAL and all are recovered, then the next record is written.
        signer = DeviceKey(path.with_name(FILE_NAME))
        store = SqliteStore(path, "rig", "0+rig", "none", signer)
        try:
            store.append(GateEvent("started", None, None, None, ""), STAMP)
        finally:
            store.close()
        broken = verify(path, [key], None, told.append)
        there = {seq: sha256 for seq, sha256, _ in passing.committed(path=path)}
    except ForegateError as error:
        _say(f"not opened: {error}")
        return replace(found, unusable=found.unusable + 1, lost=found.lost + len(seen))
    lost = sum(there.get(seq) != sha256 for seq, sha256 in seen.items())
    if broken:
        _say("\n".join(told))
    return replace(found, lost=found.lost + lost, broken=found.broken + bool(broken))


def _seen(log: Log, place: int) -> dict[int, str]:
    """Which records somebody else had read before this place of the log: number, fingerprint."""
    marks = (entry.mark.split("/") for entry in log.entries[:place] if entry.mark and entry.mark[0].isdigit())
    return {int(seq): sha256 for seq, sha256, _ in marks}


@contextmanager
def _mounted(state: Path) -> Iterator[None]:
    MOUNTED.mkdir(parents=True, exist_ok=True)
    run("mount", "-o", "loop,noatime", str(state), str(MOUNTED))
    try:
        yield
    finally:
        run("umount", str(MOUNTED))


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(*map(int, sys.argv[1:])))
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
