"""An .npz, unpacked picture by picture; nothing that it claims is believed before it is checked."""

import io
import math
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.lib import format as numpy_format
from numpy.typing import NDArray

from edge.adapters.camera_replay.damage import DAMAGE, damaged
from edge.core.errors import RecordingError
from edge.core.frame import Counts
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

# numpy's headers have 128 bytes; the format allows 4 GB.
_LONGEST_HEADER_BYTES = 1 << 16
# The widest number there is: 16 bytes.
_WIDEST_BYTES = 16


class Archive:
    """An .npz, its frames unpacked one at a time."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._zip = _archive(path)
        try:
            self._read_all()
        except RecordingError:
            self._zip.close()
            raise
        except DAMAGE as error:
            self._zip.close()
            raise damaged(self._name, error) from error

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
        raise damaged(path.name, error) from error
    except DAMAGE as error:
        with path.open("rb") as file:
            begins_like_one = file.read(2) == b"PK"
        if begins_like_one:
            raise damaged(path.name, error) from error
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
