"""A camera that plays a recording: an .npz (docs/recordings.md), or a sequence of 16-bit TIFF or PNG pictures.

A damaged file is refused before its first frame: everything is unpacked once to see that it can be, then again
picture by picture, so that a long recording never has to fit into the memory.
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_replay.archive import Archive
from edge.adapters.camera_replay.damage import DAMAGE, damaged
from edge.adapters.camera_replay.pictures import Pictures
from edge.core.frame import CameraInfo, Counts, Frame, NoFrame, PixelUnit, Telemetry
from edge.core.recording import refused

PICTURES = {".tif", ".tiff", ".png"}


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
        except (*DAMAGE, StopIteration) as error:
            raise damaged(self.info.name, error) from error
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
    return Pictures(files, fps, unit, name) if files[0].suffix.lower() in PICTURES else Archive(path)


def _files(path: Path) -> list[Path]:
    """The file, or the pictures of a folder in their order. A pipe or a device is no file: it may never end."""
    if path.is_dir():
        return sorted((p for p in path.iterdir() if p.suffix.lower() in PICTURES and p.is_file()), key=_natural)
    if not path.is_file():
        raise refused(path.name, f"找不到文件 {path}；请检查路径", f"there is no file {path}; check the path")
    return [path]


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(n or 0), text) for n, text in re.findall(r"(\d+)|(\D+)", path.name)]
