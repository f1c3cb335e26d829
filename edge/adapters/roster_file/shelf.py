"""The sync's side: what is downloaded lands beside the roster, is verified completely, and takes its place at once.

Written, verified, on the disk, renamed: whenever this is cut off, the path holds the old roster or the new one.
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from edge.adapters.roster_file.keys import Keys
from edge.adapters.roster_file.opening import Identity, identity, older, opened, order
from edge.adapters.roster_file.verify import MAX_FILE_BYTES, verified
from edge.core.errors import RosterError
from edge.core.roster import Header


class FileShelf:
    """See `edge.ports.RosterShelf`. For one process at a time; announce: told once of a damaged file in force."""

    def __init__(self, path: Path, keys: Keys, school: str, announce: Callable[[str], None]) -> None:
        self._path, self._keys, self._school, self._announce = path, keys, school, announce
        self._part_path = path.with_name(f".{path.name}.part")
        self._part: BinaryIO | None = None
        self._header: Header | None = None
        # The file is looked at when it is first asked for: a large one takes a while.
        self._seen: Identity | None = None

    @property
    def header(self) -> Header | None:
        """Of the roster in force: what stands at the path, verified."""
        found = identity(self._path)
        if found != self._seen:
            self._seen, self._header = found, None
            if found is not None:
                self._look()
        return self._header

    def begin(self) -> None:
        """Forget what was written and not installed."""
        part, self._part = self._part, None
        if part is not None:
            self._discard(part)

    def write(self, chunk: bytes) -> None:
        """The next bytes of a newcomer. RosterError: too many, or the disk does not take them."""
        try:
            if self._part is None:
                self._part = _new_part(self._part_path)
            if self._part.tell() + len(chunk) > MAX_FILE_BYTES:
                raise RosterError(
                    "下载的名单过大，未采用；请报告县级管理员",
                    "the roster that comes is too large, it was not taken; tell the county's administrator",
                )
            self._part.write(chunk)
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def install(self) -> Header:
        """Take what was written into force. RosterError: it is no roster of this school, or no newer one."""
        part, self._part = self._part, None
        if part is None:
            raise RosterError("没有收到名单；将自动重试", "no roster came; it is asked for again")
        try:
            header = self._checked(part)
            part.flush()
            os.fsync(part.fileno())
            os.replace(self._part_path, self._path)
            _sync_folder(self._path.parent)
        except RosterError:
            self._discard(part)
            raise
        except OSError as error:
            self._discard(part)
            raise _unwritable(self._path, error) from error
        part.close()
        self._seen, self._header = identity(self._path), header
        return header

    def close(self) -> None:
        """Forget what was not installed. May be called twice."""
        self.begin()

    def _checked(self, part: BinaryIO) -> Header:
        in_force = self.header
        part.seek(0)
        header = verified(part, self._keys, self._school).header
        if in_force is not None and order(header) <= order(in_force):
            raise older(header, in_force)
        return header

    def _discard(self, part: BinaryIO) -> None:
        # While the file is still locked, and so surely ours.
        with suppress(FileNotFoundError):
            self._part_path.unlink()
        # What cannot be flushed was not wanted any more.
        with suppress(OSError):
            part.close()

    def _look(self) -> None:
        try:
            with opened(self._path) as file:
                self._header = verified(file, self._keys, self._school).header
        except RosterError as error:
            self._announce(str(error))


def _new_part(path: Path) -> BinaryIO:
    # The gate's process may be another user of the same group; nobody else reads who goes to this school.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    try:
        # A second sync on the same file would write into what this one has verified.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), path.lstat()):
            raise BlockingIOError
        # What a sync that was killed had begun.
        os.ftruncate(descriptor, 0)
    except (BlockingIOError, FileNotFoundError) as error:
        os.close(descriptor)
        raise RosterError(
            f"另一个同步进程正在下载名单 {path}；请只运行一个",
            f"another sync is fetching the roster {path}; run only one",
        ) from error
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "w+b")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> RosterError:
    return RosterError(
        f"名单无法写入 {path.parent}（{error.strerror}）；请检查磁盘空间和文件夹权限，现用名单不变",
        f"the roster cannot be written to {path.parent} ({error.strerror}); check disk space and the folder's"
        " permissions, the roster in force stays",
    )
