"""A camera that plays a recording: an .npz (docs/recordings.md), or a sequence of 16-bit TIFF or PNG pictures.

A damaged file is refused before its first frame: everything is unpacked once to see that it can be, then again
picture by picture, so that a long recording never has to fit into the memory.
"""

import contextlib
import io
import lzma
import math
import re
import struct
import threading
import time
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, Any, Literal, Protocol, cast

import cv2
import numpy as np
from numpy.lib import format as numpy_format
from numpy.typing import NDArray

from edge.core.errors import RecordingError
from edge.core.frame import CameraInfo, Counts, Frame, NoFrame, PixelUnit, Telemetry
from edge.core.recording import (
    ATTRS,
    COLUMNS,
    FRAMES,
    MAX_ATTRS_CHARACTERS,
    TIME_S,
    check_frames,
    check_times,
    info_from,
    refused,
    telemetry_from,
)

# numpy documents these readers (numpy.lib.format) but gives them no types.
npy: Any = numpy_format

PICTURES = {".tif", ".tiff", ".png"}
_PAGES_AT_ONCE = 64
# numpy's headers have 128 bytes; the format allows 4 GB.
_LONGEST_HEADER_BYTES = 1 << 16
# The widest number there is: 16 bytes.
_WIDEST_BYTES = 16

# All that zipfile, its decompressors and numpy's header reader raise on bytes that are not what they seem.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    TypeError,
    KeyError,
    IndexError,
    SyntaxError,
    RuntimeError,
    SystemError,
    MemoryError,
)


class ReplayCamera:
    """Plays a recording once. speed "max": as fast as it is read; "real": each frame when it is due.

    path: an .npz, a folder of .tif/.tiff/.png pictures (in the order of the numbers in their names), or one such
    file with one or more pages. Pictures tell no times and no unit: they are taken as fps pictures per second
    (0.1 to 1,000) in the given unit. Every stored frame is delivered with its place as seq (from 0) and its own
    time as t_s, however odd its counts are. RecordingError: the file is damaged or no recording.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        speed: Literal["max", "real"] = "max",
        fps: float = 9.0,
        unit: PixelUnit = "centikelvin",
        now_s: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._source = _open(Path(path), fps, unit)
        self._pictures = self._source.pictures()
        self._paced = speed == "real"
        self._closed = threading.Event()
        self._now_s = now_s
        self._wait = wait or self._closed.wait
        self._seq = 0
        self._began_s: float | None = None

    @property
    def info(self) -> CameraInfo:
        return self._source.info

    @property
    def frame_count(self) -> int:
        """How many frames the recording holds."""
        return len(self._source.time_s)

    def read(self, timeout_s: float) -> Frame | NoFrame:
        """The next stored frame; NoFrame("stalled") when it is not due within timeout_s; NoFrame("ended") after all."""
        if self._seq >= self.frame_count or self._closed.is_set():
            return NoFrame("ended")
        if self._paced and not self._is_due(timeout_s):
            return NoFrame("stalled", "the recording's next frame is not due yet")
        try:
            counts = next(self._pictures)
        except (*_DAMAGE, StopIteration) as error:
            raise _damaged(self.info.name, error) from error
        seq, self._seq = self._seq, self._seq + 1
        return Frame(
            counts=counts,
            seq=seq,
            t_s=float(self._source.time_s[seq]),
            unit=self.info.unit,
            telemetry=self._source.telemetry[seq],
        )

    def close(self) -> None:
        self._closed.set()
        # The frame that is open would keep the file open. ValueError: another thread is reading it at this moment.
        with contextlib.suppress(ValueError):
            self._pictures.close()
        self._source.close()

    def _is_due(self, timeout_s: float) -> bool:
        times_s, now_s = self._source.time_s, self._now_s()
        if self._began_s is None:
            self._began_s = now_s
        ahead_s = self._began_s + float(times_s[self._seq] - times_s[0]) - now_s
        if ahead_s > 0:
            self._wait(min(ahead_s, timeout_s))
        return ahead_s <= timeout_s and not self._closed.is_set()


class _Source(Protocol):
    info: CameraInfo
    time_s: NDArray[np.float64]
    telemetry: tuple[Telemetry, ...]

    def pictures(self) -> Generator[Counts, None, None]: ...

    def close(self) -> None: ...


def _open(path: Path, fps: float, unit: PixelUnit) -> _Source:
    name = path.name
    try:
        files = _files(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise refused(
            name,
            f"无法打开 {path}（{why}）；请检查路径和权限",
            f"{path} cannot be opened ({why}); check the path and its permissions",
        ) from error
    if not files:
        raise refused(
            name,
            "文件夹中没有 TIFF 或 PNG 画面；请检查路径",
            "the folder has no TIFF or PNG pictures; check the path",
        )
    return _Pictures(files, fps, unit, name) if files[0].suffix.lower() in PICTURES else _Archive(path)


def _files(path: Path) -> list[Path]:
    """The file, or the pictures of a folder in their order. A pipe or a device is no file: it may never end."""
    if path.is_dir():
        return sorted((p for p in path.iterdir() if p.suffix.lower() in PICTURES and p.is_file()), key=_natural)
    if not path.is_file():
        raise refused(path.name, f"找不到文件 {path}；请检查路径", f"there is no file {path}; check the path")
    return [path]


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(n or 0), text) for n, text in re.findall(r"(\d+)|(\D+)", path.name)]


class _Archive:
    """An .npz, its frames unpacked one at a time."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._zip = _archive(path)
        try:
            self._read_all()
        except RecordingError:
            self._zip.close()
            raise
        except _DAMAGE as error:
            self._zip.close()
            raise _damaged(self._name, error) from error

    def pictures(self) -> Generator[Counts, None, None]:
        _, rows, columns = self._shape
        with self._zip.open(FRAMES + ".npy") as member:
            member.read(self._header_bytes)
            for _ in range(self._shape[0]):
                raw = member.read(rows * columns * 2)
                yield np.frombuffer(raw, dtype=np.uint16).reshape(rows, columns)

    def close(self) -> None:
        self._zip.close()

    def _read_all(self) -> None:
        members = {info.filename: info.file_size for info in self._zip.infolist()}
        missing = [key for key in (FRAMES, TIME_S, ATTRS) if key + ".npy" not in members]
        if missing:
            raise refused(
                self._name,
                f"缺少 {'、'.join(missing)}；请重新导出",
                f"it lacks {', '.join(missing)}; export it again",
            )
        # Before anything is unpacked: a few kilobytes can claim to be terabytes.
        with self._zip.open(FRAMES + ".npy") as member:
            shape, fortran_order, dtype, self._header_bytes = _header(member, self._name)
        self._shape = check_frames(shape, dtype, self._name)
        if fortran_order or self._header_bytes + math.prod(shape) * 2 != members[FRAMES + ".npy"]:
            raise ValueError("frames are not stored row by row, or not all of them")
        self.time_s = check_times(self._array(TIME_S), self._shape[0], self._name)
        columns = {column: self._array(column) for column in COLUMNS if column + ".npy" in members}
        self.telemetry = telemetry_from(columns, self._shape[0], self._name)
        self.info = info_from(self._text(), *self._shape[1:], self._name)
        for _ in self.pictures():
            pass

    def _array(self, key: str) -> NDArray[Any]:
        """One small array: a number for each frame, or attrs. Its size is checked before memory is asked for it."""
        size_bytes = self._zip.getinfo(key + ".npy").file_size
        values_bytes = 4 * MAX_ATTRS_CHARACTERS if key == ATTRS else _WIDEST_BYTES * self._shape[0]
        if size_bytes > _LONGEST_HEADER_BYTES + values_bytes:
            raise ValueError(f"{key} is longer than {self._shape[0]} frames need")
        with self._zip.open(key + ".npy") as member:
            shape, _, dtype, header_bytes = _header(member, self._name)
            if header_bytes + math.prod(shape) * dtype.itemsize != size_bytes:
                raise ValueError(f"{key} is not as long as it says")
            member.seek(0)
            return cast(NDArray[Any], npy.read_array(member, allow_pickle=False))

    def _text(self) -> str:
        array = self._array(ATTRS)
        if array.dtype.kind != "U" or array.size != 1 or array.dtype.itemsize > 4 * MAX_ATTRS_CHARACTERS:
            raise refused(self._name, "attrs 不是一段文字；请重新导出", "attrs is no piece of text; export it again")
        return str(array.reshape(())[()])


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except PermissionError as error:
        raise refused(
            path.name, "没有读取权限；请修改文件权限", "no permission to read it; change the file's mode"
        ) from error
    except OSError as error:
        raise _damaged(path.name, error) from error
    except _DAMAGE as error:
        with path.open("rb") as file:
            begins_like_one = file.read(2) == b"PK"
        if begins_like_one:
            raise _damaged(path.name, error) from error
        raise refused(
            path.name,
            "不是录像文件；请选择 .npz、TIFF 或 PNG",
            "it is no recording; choose an .npz, TIFF or PNG",
        ) from error


def _header(member: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether in Fortran's order, type and length in bytes of an .npy's header, without reading its values."""
    # A header that claims to be longer ends too early here, instead of filling the memory.
    head = io.BytesIO(member.read(_LONGEST_HEADER_BYTES))
    version = npy.read_magic(head)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f".npy version {version}")
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran_order, dtype = reader(head)
    if dtype.hasobject:
        raise refused(
            name,
            "含有程序对象，拒绝打开；请重新导出",
            "it holds pickled objects, which are never opened; export it again",
        )
    return shape, fortran_order, dtype, head.tell()


def _damaged(name: str, error: BaseException) -> RecordingError:
    return refused(
        name,
        f"文件不完整或已损坏（{error}）；请重新复制或录制",
        f"the file is incomplete or damaged ({error}); copy or record it again",
    )


class _Pictures:
    """Picture files, each of one or more pages; decoded as they are asked for."""

    def __init__(self, files: list[Path], fps: float, unit: PixelUnit, name: str) -> None:
        if not 0.1 <= fps <= 1_000:
            raise refused(name, f"帧率 {fps:g} 超出 0.1 … 1000", f"{fps:g} frames per second; choose 0.1 to 1000")
        self._files, self._name = files, name
        shapes = [picture.shape for picture in self.pictures()]
        _, rows, columns = check_frames((len(shapes), *shapes[0]), np.dtype(np.uint16), name)
        self.info = CameraInfo(name=name, rows=rows, columns=columns, unit=unit)
        self.time_s = np.arange(len(shapes)) / fps
        self.telemetry = (Telemetry(),) * len(shapes)

    def pictures(self) -> Generator[Counts, None, None]:
        first: tuple[int, ...] | None = None
        for file in self._files:
            for page in _pages(file):
                first = first or page.shape
                if page.ndim != 2 or page.shape != first or page.dtype != np.uint16:
                    check_frames((1, *page.shape), page.dtype, file.name)
                    raise refused(
                        file.name,
                        f"大小 {page.shape} 与第一幅 {first} 不同；请移走该文件",
                        f"{page.shape} pixels, the first picture has {first}; move this file away",
                    )
                yield cast(Counts, page)

    def close(self) -> None:
        """No file stays open between two pictures."""


def _pages(file: Path) -> Iterator[NDArray[Any]]:
    done = 0
    try:
        announced = cv2.imcount(str(file), cv2.IMREAD_UNCHANGED)
        while done < announced:
            _, pages = cv2.imreadmulti(str(file), done, _PAGES_AT_ONCE, flags=cv2.IMREAD_UNCHANGED)
            if not pages:
                break
            yield from pages
            done += len(pages)
    except cv2.error as error:
        raise _damaged(file.name, error) from error
    # A file cut off in its middle still announces the page that is missing.
    if not announced or done < announced:
        raise _damaged(file.name, ValueError(f"{done} of {announced} pages"))
