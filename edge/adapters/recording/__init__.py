"""Writes what a live camera sees into an .npz that ReplayCamera plays (docs/recordings.md).

Frames go to a spool file beside the recording (spool.py), so that an hour needs no memory; `finish` packs it
(packing.py). The spool is the only copy until then: it is deleted after that and not before, and what a killed
program or a full disk left behind is packed by `recover`, by itself when the next recording in the folder begins.
"""

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from edge.adapters.recording.packing import pack
from edge.adapters.recording.spool import SUFFIX, About, Spool
from edge.core.errors import RecordingError
from edge.core.frame import CameraInfo, Frame
from edge.core.recording import MAX_ATTRS_CHARACTERS, MAX_BYTES, attrs_of

__all__ = ["RecordingWriter", "leftovers", "recover"]

log = logging.getLogger(__name__)


class RecordingWriter:
    """Records frames of one camera into `path`; nothing is overwritten.

    extra: what else is worth knowing of the recording (JSON values; the software's version, when and where).
    RecordingError: the file is there already, the disk is full or read-only, a frame does not fit.
    As a context manager it finishes on leaving, after an error too: what was seen until then is kept. Where that
    fails the spool stays, and the error names it.
    """

    def __init__(self, path: str | Path, info: CameraInfo, extra: Mapping[str, object]) -> None:
        self._path, self._info = Path(path), info
        if self._path.suffix != ".npz":
            raise self._refused("文件名须以 .npz 结尾", "its name must end in .npz")
        attrs = attrs_of(info, extra)
        if len(attrs) > MAX_ATTRS_CHARACTERS:
            raise self._refused("附加说明太长；请缩短", "what is to be noted with it is too long; shorten it")
        if self._path.exists():
            raise self._exists()
        _recover_leftovers(self._path.parent)
        if self._path.exists():
            raise self._refused(
                "同名的上一段录像刚刚恢复，不会覆盖；请换一个文件名",
                "an earlier recording of this name was recovered just now and is not overwritten; choose another name",
            )
        try:
            self._spool = Spool.create(self._path.parent, About(self._path.name, info.rows, info.columns, attrs))
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.frame_count:
            self.discard()
            if error is None:
                raise self._nothing()
            return
        try:
            self.finish()
        except RecordingError:
            raise
        except BaseException:
            # Ctrl-C while it is packed, and whatever else does not name the spool itself.
            log.error("录像 %s 没有整理完%s / was not packed%s", self._path, *_kept(self._spool.path))
            raise
        finally:
            # A spool that was packed is gone by now. Any other is the only copy.
            self._spool.close()

    @property
    def frame_count(self) -> int:
        return self._spool.frame_count

    def append(self, frame: Frame) -> None:
        """One more frame, taken after the one before. RecordingError: it does not fit, or the disk is full."""
        expected = (self._info.rows, self._info.columns)
        if frame.counts.shape != expected or frame.counts.dtype != np.uint16 or frame.unit != self._info.unit:
            raise self._refused(
                f"画面 {frame.counts.dtype} {frame.counts.shape} 与相机不符",
                f"a frame of {frame.counts.dtype} {frame.counts.shape} is not this camera's",
            )
        last_s = self._spool.times_s[-1] if self._spool.times_s else float("-inf")
        if not (math.isfinite(frame.t_s) and frame.t_s > last_s):
            raise self._refused("画面时间没有递增", "a frame is not later than the one before")
        if (self.frame_count + 1) * frame.counts.nbytes > MAX_BYTES:
            raise self._refused("已达 2 GB 上限；请另录一段", "it has reached 2 GB; begin another one")
        try:
            self._spool.append(frame)
        except OSError as error:
            raise self._unwritable(error) from error

    def finish(self, progress: Callable[[float], object] = lambda share: None) -> Path:
        """Pack the frames (a second per minute of recording); progress hears the share that is done, 0 to 1.

        RecordingError: no frame was recorded, or it cannot be written; `finish` may then be tried again.
        """
        if not self.frame_count:
            raise self._nothing()
        try:
            pack(self._spool, self._path, progress)
        except FileExistsError as error:
            raise self._exists(self._spool.path) from error
        except OSError as error:
            raise self._unwritable(error, self._spool.path) from error
        self.discard()
        return self._path

    def discard(self) -> None:
        """Forget the frames that were not packed. May be called twice."""
        self._spool.remove()

    def _nothing(self) -> RecordingError:
        return self._refused("一帧也没有录到；请检查相机", "not a single frame was recorded; check the camera")

    def _exists(self, spool: Path | None = None) -> RecordingError:
        zh, en = _kept(spool)
        return self._refused(
            f"文件已存在，不会覆盖；请换一个文件名{zh}", f"it exists and is not overwritten; choose another name{en}"
        )

    def _unwritable(self, error: OSError, spool: Path | None = None) -> RecordingError:
        (why_zh, why_en), (zh, en) = _reason(error), _kept(spool)
        return self._refused(f"{why_zh}{zh}", f"{why_en}{en}")

    def _refused(self, zh: str, en: str) -> RecordingError:
        return RecordingError(f"录像 {self._path} 无法录制：{zh}", f"{self._path} cannot be recorded: {en}")


def recover(spool: str | Path, progress: Callable[[float], object] = lambda share: None) -> Path:
    """Pack what a killed program or a full disk left behind, and delete the spool; the path of the recording.

    It lies beside the spool under the name that it was to have, with -2, -3 and so on where that is taken.
    RecordingError: it is no spool, it is still being recorded, nothing in it is whole, or there is no space.
    """
    path = Path(spool)
    try:
        opened = Spool.open(path)
    except BlockingIOError as error:
        raise _unrecovered(path, "仍在录制；请先结束录制", "it is still being recorded; end that first") from error
    except OSError as error:
        raise _unrecovered(path, *_reason(error)) from error
    except ValueError as error:
        raise _unrecovered(path, f"不是录像缓存（{error}）", f"it is no spool of a recording ({error})") from error
    try:
        return _packed(opened, progress)
    except OSError as error:
        (why_zh, why_en), (zh, en) = _reason(error), _kept(path)
        raise _unrecovered(path, f"{why_zh}{zh}", f"{why_en}{en}") from error
    finally:
        opened.close()


def leftovers(folder: str | Path) -> list[Path]:
    """The spools that lie in this folder without anybody filling or packing them. Blank ones are deleted."""
    found = []
    for path in sorted(Path(folder).glob(f".*{SUFFIX}")):
        try:
            spool = Spool.open(path)
        except (OSError, ValueError):
            # In use, somebody else's, or no spool of ours: none of our business.
            continue
        if spool.is_blank():
            spool.remove()
        else:
            found.append(path)
        spool.close()
    return found


def _recover_leftovers(folder: Path) -> None:
    for spool in leftovers(folder):
        path = recover(spool)
        log.warning("恢复了上次中断的录像 / an interrupted recording was recovered: %s", path)


def _packed(spool: Spool, progress: Callable[[float], object]) -> Path:
    if not spool.frame_count:
        raise _unrecovered(
            spool.path, "没有一帧完整；请删除该文件", "not a single frame in it is whole; delete this file"
        )
    for path in _names(spool.path.with_name(spool.about.recording)):
        try:
            pack(spool, path, progress)
        except FileExistsError:
            continue
        spool.remove()
        return path
    raise AssertionError("there is always another number")


def _names(path: Path) -> Iterator[Path]:
    free = (path if n == 1 else path.with_stem(f"{path.stem}-{n}") for n in count(1))
    # Asked before it is packed, which takes a while.
    return (path for path in free if not path.exists())


def _reason(error: OSError) -> tuple[str, str]:
    why = error.strerror or str(error)
    return f"无法写入（{why}）；请检查磁盘空间和权限", f"{why}; check the disk's space and the folder"


def _kept(spool: Path | None) -> tuple[str, str]:
    if spool is None:
        return "", ""
    return (
        f"。画面没有丢失，保存在 {spool}：空间不足时先腾出空间，再在同一文件夹中录一段，会先自动恢复它",
        f". Nothing is lost, the frames are in {spool}: make space if there is none, then record again in that "
        "folder, which recovers them first",
    )


def _unrecovered(path: Path, zh: str, en: str) -> RecordingError:
    return RecordingError(f"录像缓存 {path} 无法恢复：{zh}", f"{path} cannot be recovered: {en}")
