"""Writes what a live camera sees into an .npz that ReplayCamera plays (docs/recordings.md).

Counts go to a spool file beside the recording, so that an hour needs no memory; `finish` packs them. Only a
complete recording ever bears its name: it is packed under another one, synchronised to the disk and renamed.
"""

import errno
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.lib import format as numpy_format

from edge.core.errors import RecordingError
from edge.core.frame import CameraInfo, Frame, Telemetry
from edge.core.recording import ATTRS, FRAMES, MAX_BYTES, TIME_S, attrs_of, columns_of

# numpy documents its writers (numpy.lib.format) but gives them no types.
npy: Any = numpy_format

_CHUNK_BYTES = 1 << 20


class RecordingWriter:
    """Records frames of one camera into `path`; nothing is overwritten.

    extra: what else is worth knowing of the recording (JSON values; the software's version, when and where).
    RecordingError: the file is there already, the disk is full or read-only, a frame does not fit.
    As a context manager it finishes on leaving, after an error too: what was seen until then is kept.
    """

    def __init__(self, path: str | Path, info: CameraInfo, extra: Mapping[str, object]) -> None:
        self._path, self._info = Path(path), info
        if self._path.suffix != ".npz":
            raise self._refused("文件名须以 .npz 结尾", "its name must end in .npz")
        if self._path.exists():
            raise self._exists()
        self._attrs = attrs_of(info, extra)
        self._times_s: list[float] = []
        self._telemetry: list[Telemetry] = []
        self._spool = self._temporary(".spool")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._times_s or error is None:
                self.finish()
        finally:
            self.discard()

    @property
    def frame_count(self) -> int:
        return len(self._times_s)

    def append(self, frame: Frame) -> None:
        """One more frame, taken after the one before. RecordingError: it does not fit, or the disk is full."""
        expected = (self._info.rows, self._info.columns)
        if frame.counts.shape != expected or frame.counts.dtype != np.uint16 or frame.unit != self._info.unit:
            raise self._refused(
                f"画面 {frame.counts.dtype} {frame.counts.shape} 与相机不符",
                f"a frame of {frame.counts.dtype} {frame.counts.shape} is not this camera's",
            )
        # Written so that NaN fails too.
        if not frame.t_s > (self._times_s[-1] if self._times_s else float("-inf")):
            raise self._refused("画面时间没有递增", "a frame is not later than the one before")
        if (self.frame_count + 1) * frame.counts.nbytes > MAX_BYTES:
            raise self._refused("已达 2 GB 上限；请另录一段", "it has reached 2 GB; begin another one")
        raw = np.ascontiguousarray(frame.counts, dtype="<u2").tobytes()
        try:
            # At its own place: what a write that failed half-way left behind is written over.
            written_bytes = os.pwrite(self._spool.fileno(), raw, self.frame_count * len(raw))
            if written_bytes < len(raw):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise self._unwritable(error) from error
        self._times_s.append(frame.t_s)
        self._telemetry.append(frame.telemetry)

    def finish(self, progress: Callable[[float], object] = lambda share: None) -> Path:
        """Pack the frames (a second per minute of recording); progress hears the share that is done, 0 to 1.

        RecordingError: no frame was recorded, or it cannot be written; `finish` may then be tried again.
        """
        if not self._times_s:
            raise self._refused("一帧也没有录到；请检查相机", "not a single frame was recorded; check the camera")
        try:
            with self._temporary(".part") as part:
                try:
                    self._pack(part, progress)
                    part.flush()
                    os.fsync(part.fileno())
                    self._publish(Path(part.name))
                finally:
                    Path(part.name).unlink(missing_ok=True)
        except FileExistsError as error:
            raise self._exists() from error
        except OSError as error:
            raise self._unwritable(error) from error
        self.discard()
        return self._path

    def discard(self) -> None:
        """Forget the frames that were not packed. May be called twice."""
        self._spool.close()
        Path(self._spool.name).unlink(missing_ok=True)

    def _pack(self, part: IO[bytes], progress: Callable[[float], object]) -> None:
        # Deflate: LZMA makes files half as large, and takes as long as the recording itself on a board.
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            shape = (self.frame_count, self._info.rows, self._info.columns)
            with archive.open(FRAMES + ".npy", "w", force_zip64=True) as member:
                npy.write_array_header_1_0(member, {"descr": "<u2", "fortran_order": False, "shape": shape})
                self._copy_spool(member, progress)
            # Live frames carry the monotonic clock, which means nothing after the next start: the first one is 0.
            small: dict[str, Any] = {TIME_S: np.array(self._times_s) - self._times_s[0], **columns_of(self._telemetry)}
            for key, array in {**small, ATTRS: np.array(self._attrs)}.items():
                with archive.open(key + ".npy", "w") as member:
                    npy.write_array(member, array, allow_pickle=False)

    def _copy_spool(self, member: IO[bytes], progress: Callable[[float], object]) -> None:
        total_bytes = self.frame_count * self._info.rows * self._info.columns * 2
        copied_bytes = 0
        with open(self._spool.name, "rb") as spool:
            # Bytes of a frame that did not fit may lie behind the last whole one.
            while chunk := spool.read(min(_CHUNK_BYTES, total_bytes - copied_bytes)):
                member.write(chunk)
                copied_bytes += len(chunk)
                progress(copied_bytes / total_bytes)

    def _publish(self, part: Path) -> None:
        # A link, unlike a renaming, never replaces a file that somebody else has put there meanwhile.
        try:
            os.link(part, self._path)
        except FileExistsError:
            raise
        except OSError:
            # FAT, as on most memory sticks, has no links.
            if self._path.exists():
                raise FileExistsError(self._path) from None
            part.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _temporary(self, suffix: str) -> Any:
        try:
            return tempfile.NamedTemporaryFile(
                "w+b", dir=self._path.parent, prefix=f".{self._path.stem}.", suffix=suffix, delete=False
            )
        except OSError as error:
            raise self._unwritable(error) from error

    def _exists(self) -> RecordingError:
        return self._refused(
            "文件已存在，不会覆盖；请换一个文件名", "it exists and is not overwritten; choose another name"
        )

    def _unwritable(self, error: OSError) -> RecordingError:
        why = error.strerror or str(error)
        return self._refused(
            f"无法写入（{why}）；请检查磁盘空间和权限", f"{why}; check the disk's space and the folder"
        )

    def _refused(self, zh: str, en: str) -> RecordingError:
        return RecordingError(f"录像 {self._path} 无法录制：{zh}", f"{self._path} cannot be recorded: {en}")
