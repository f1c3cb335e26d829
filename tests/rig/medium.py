"""A disk that remembers every write and every flush in their order, and what a power cut may leave of it.

The kernel's dm-log-writes writes the log
(https://docs.kernel.org/admin-guide/device-mapper/log-writes.html; its format: drivers/md/dm-log-writes.c):
a write stands in it once a flush has made it last, before that flush. So at any place of the log everything before the
last flush is on the medium; of what follows each write may be there, or not, or torn between two sectors.
"""

import random
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SECTOR_BYTES = 512
DISK_BYTES, LOG_BYTES = 32 << 20, 2 << 30
NAME = "foregate-recorded"

_MAGIC, _VERSION = 0x6A736677736872, 1
_SUPER, _ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
_FLUSH, _FUA, _DISCARD, _MARK = 1, 2, 4, 8
# Of the writes that no flush has made last: how many are there, and how many of those are torn.
_THERE, _TORN = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Entry:
    """flush: what came before lasts. lasts: this write itself waited for the medium. mark: a note, not a write.

    data_from: where in the log's file its data are.
    """

    sector: int
    data_from: int
    data_bytes: int
    flush: bool
    lasts: bool
    mark: str | None


class RecordedDisk:
    """An ext4 file system on such a disk, mounted at a folder of the guest."""

    def __init__(self, folder: Path, mounted_at: Path) -> None:
        self._folder, self._at = folder, mounted_at
        mounted_at.mkdir(parents=True, exist_ok=True)
        disk, log = (self._loop(name, size) for name, size in (("disk", DISK_BYTES), ("log", LOG_BYTES)))
        self._loops = disk, log
        table = f"0 {DISK_BYTES // SECTOR_BYTES} log-writes {disk} {log}"
        run("modprobe", "dm-log-writes")
        run("dmsetup", "create", NAME, "--table", table)
        run(
            "mke2fs",
            "-q",
            "-F",
            "-t",
            "ext4",
            "-J",
            "size=4",
            "-E",
            "nodiscard,lazy_itable_init=0",
            f"/dev/mapper/{NAME}",
        )
        run("mount", "-o", "noatime", f"/dev/mapper/{NAME}", str(mounted_at))

    def mark(self, words: str) -> None:
        """Note it at this place of the log; no spaces."""
        run("dmsetup", "message", NAME, "0", "mark", words)

    def close(self) -> "Log":
        """Unmount; what it remembers."""
        run("umount", str(self._at))
        run("dmsetup", "remove", "--retry", NAME)
        for loop in self._loops:
            run("losetup", "-d", loop)
        return Log(self._folder / "log")

    def _loop(self, name: str, size: int) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / name).open("wb") as file:
            file.truncate(size)
        return run("losetup", "--show", "-f", str(self._folder / name)).strip()


class Log:
    """What was written when."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            magic, version, count, sector_bytes = _SUPER.unpack(file.read(_SUPER.size))
            assert (magic, version, sector_bytes) == (_MAGIC, _VERSION, SECTOR_BYTES), "another kernel's log"
            self.entries = list(_entries(file, count))

    def states(self, cuts: Sequence[int], dice: random.Random, folder: Path, unflushed: int = 1) -> Iterator[Path]:
        """The disk as a cut before each of these entries may leave it, one file after the other (the same file).

        cuts: ascending. unflushed: how many flushes the last one is: 1 is a disk that does as it is told; 2, one that
        says that it has flushed and has not.
        """
        base, cut_off = folder / "base", folder / "cut"
        with base.open("wb") as file:
            file.truncate(DISK_BYTES)
        done = 0
        for cut in cuts:
            lasting = self._lasting(cut, unflushed)
            with base.open("r+b") as into:
                for entry in self.entries[done:lasting]:
                    self._write(entry, into, entry.data_bytes)
            done = max(done, lasting)
            shutil.copyfile(base, cut_off)
            with cut_off.open("r+b") as into:
                for entry in self.entries[done:cut]:
                    self._write(entry, into, _left(entry, dice) if unflushed == 1 else 0)
            yield cut_off

    def _lasting(self, cut: int, unflushed: int) -> int:
        """How many entries are on the medium for certain."""
        flushes = [k for k in range(cut) if self.entries[k].flush]
        return flushes[-unflushed] if len(flushes) >= unflushed else 0

    def _write(self, entry: Entry, into: BinaryIO, data_bytes: int) -> None:
        with self._path.open("rb") as log:
            log.seek(entry.data_from)
            data = log.read(data_bytes)
        into.seek(entry.sector * SECTOR_BYTES)
        into.write(data)


def _entries(file: BinaryIO, count: int) -> Iterator[Entry]:
    at = SECTOR_BYTES
    for _ in range(count):
        file.seek(at)
        sector, sectors, flags, words = _ENTRY.unpack(file.read(_ENTRY.size))
        mark = file.read(words).decode() if flags & _MARK else None
        data_bytes = 0 if flags & _DISCARD else sectors * SECTOR_BYTES
        at += SECTOR_BYTES
        yield Entry(sector, at, data_bytes, bool(flags & _FLUSH), bool(flags & _FUA), mark)
        at += data_bytes


def _left(entry: Entry, dice: random.Random) -> int:
    """How many bytes of it are on the medium after a cut, when no flush has come after it."""
    if entry.lasts:
        return entry.data_bytes
    if dice.random() >= _THERE:
        return 0
    sectors = entry.data_bytes // SECTOR_BYTES
    return SECTOR_BYTES * dice.randrange(sectors) if sectors and dice.random() < _TORN else entry.data_bytes


def run(*command: str) -> str:
    """What it says. CalledProcessError: it failed."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
