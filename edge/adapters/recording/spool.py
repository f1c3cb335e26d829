"""The frames of a recording in the making, on the disk: whole after every frame, whatever ends the program.

A line of JSON says what is recorded. Then, for each frame, a head of 512 bytes (JSON: time and telemetry; checksum
of it and of the counts) and the counts. Whoever fills or packs a spool holds a lock on it, which ends with him.
"""

import errno
import fcntl
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np

from edge.core.frame import Frame, Telemetry
from edge.core.recording import SMALLEST_SIDE_PX

SUFFIX = ".spool"
_MAGIC = b'{"foregate_spool": 1, '
_LONGEST_LINE_BYTES = 8 << 20
_HEAD_BYTES = 512
_CRC_BYTES = 8


@dataclass(frozen=True, slots=True)
class About:
    """Which recording a spool becomes: its file's name, the size of its frames in pixels, its attrs (JSON)."""

    recording: str
    rows: int
    columns: int
    attrs: str


class Spool:
    """One spool file, locked. Its frames are numbered from 0; what is damaged or incomplete is not among them.

    OSError: it cannot be read or written. FileNotFoundError: there is none, or somebody has packed it just now.
    BlockingIOError: it is being filled or packed by somebody else. ValueError: the file is no spool.
    """

    def __init__(self, file: IO[bytes], path: Path, about: About, first_byte: int) -> None:
        self._file, self.path, self.about, self._first_byte = file, path, about, first_byte
        self._frame_bytes = about.rows * about.columns * 2
        self._places: list[int] = []
        self.times_s: list[float] = []
        self.telemetry: list[Telemetry] = []

    @classmethod
    def create(cls, folder: Path, about: About) -> Self:
        """An empty one, readable by its owner alone."""
        stem = Path(about.recording).stem[:40]
        fd, name = tempfile.mkstemp(dir=folder, prefix=f".{stem}.", suffix=SUFFIX)
        file = os.fdopen(fd, "w+b")
        try:
            # Locked before it looks like a spool, so that nobody takes it for one that was left behind.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            line = json.dumps({"foregate_spool": 1, **asdict(about)}).encode() + b"\n"
            _write(file.fileno(), line, 0)
        except OSError:
            file.close()
            Path(name).unlink()
            raise
        return cls(file, Path(name), about, len(line))

    @classmethod
    def open(cls, path: Path) -> Self:
        """One that was left behind, with every frame that is whole in it."""
        file = path.open("r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_nlink == 0:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            line = file.readline(_LONGEST_LINE_BYTES)
            spool = cls(file, path, _about(line), len(line))
            spool._find_frames()
        except (OSError, ValueError):
            file.close()
            raise
        return spool

    @property
    def frame_count(self) -> int:
        return len(self._places)

    def append(self, frame: Frame) -> None:
        """One more frame. OSError: it is not in it then, and those before are."""
        place = self._places[-1] + 1 if self._places else 0
        told = json.dumps({"t_s": frame.t_s, **asdict(frame.telemetry)}).encode()
        body = told.ljust(_HEAD_BYTES - _CRC_BYTES) + np.ascontiguousarray(frame.counts, dtype="<u2").tobytes()
        crc = b"%08x" % zlib.crc32(body)
        # At its own place: what a write that failed half-way left behind is written over.
        _write(self._file.fileno(), crc + body, self._offset(place))
        self._add(place, frame.t_s, frame.telemetry)

    def counts(self) -> Iterator[bytes]:
        """The counts of each frame, as they are in a recording."""
        for place in self._places:
            raw = os.pread(self._file.fileno(), self._frame_bytes, self._offset(place) + _HEAD_BYTES)
            if len(raw) < self._frame_bytes:
                raise OSError(errno.EIO, "the spool has become shorter", str(self.path))
            yield raw

    def close(self) -> None:
        """Leave it to whoever comes next. May be called twice."""
        self._file.close()

    def remove(self) -> None:
        """Delete it. May be called twice."""
        # Before the lock ends: nobody is to find it unlocked.
        self.path.unlink(missing_ok=True)
        self._file.close()

    def is_blank(self) -> bool:
        """Whether no frame was ever written to it, not even a damaged one."""
        return os.fstat(self._file.fileno()).st_size < self._offset(1)

    def _offset(self, place: int) -> int:
        return self._first_byte + place * (_HEAD_BYTES + self._frame_bytes)

    def _add(self, place: int, t_s: float, telemetry: Telemetry) -> None:
        self._places.append(place)
        self.times_s.append(t_s)
        self.telemetry.append(telemetry)

    def _find_frames(self) -> None:
        size_bytes = os.fstat(self._file.fileno()).st_size
        place = 0
        while self._offset(place + 1) <= size_bytes:
            record = os.pread(self._file.fileno(), _HEAD_BYTES + self._frame_bytes, self._offset(place))
            crc, body = record[:_CRC_BYTES], record[_CRC_BYTES:]
            # After a power failure a frame in the middle may be missing: those behind it are as good as before.
            if crc == b"%08x" % zlib.crc32(body):
                told: dict[str, Any] = json.loads(body[: _HEAD_BYTES - _CRC_BYTES])
                self._add(place, told.pop("t_s"), Telemetry(**told))
            place += 1


def _write(fd: int, raw: bytes, offset: int) -> None:
    if os.pwrite(fd, raw, offset) < len(raw):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _about(line: bytes) -> About:
    if not (line.startswith(_MAGIC) and line.endswith(b"\n")):
        raise ValueError("it does not begin as a spool does")
    plain = json.loads(line)
    try:
        about = About(str(plain["recording"]), int(plain["rows"]), int(plain["columns"]), str(plain["attrs"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"its first line is incomplete: {error}") from error
    if min(about.rows, about.columns) < SMALLEST_SIDE_PX or Path(about.recording).name != about.recording:
        raise ValueError("its first line makes no sense")
    return about
