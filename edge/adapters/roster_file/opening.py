"""Opens roster files, tells one file from another, and tells which of two rosters is the newer one."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from edge.adapters.roster_file.verify import MAX_FILE_BYTES
from edge.core.errors import RosterError
from edge.core.roster import Header

Identity = tuple[int, int, int, int, int]


def identity(path: Path) -> Identity | None:
    """What changes whenever another file is put here, or this one is written; None: there is none to be had."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def opened(path: Path) -> BinaryIO:
    """The file, to be read from its start. RosterError: it cannot be opened, is no file, or far too large."""
    try:
        # Non-blocking: a named pipe put here must not hold the gate up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(path, error) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_FILE_BYTES:
        os.close(descriptor)
        raise RosterError(
            f"{path} 不是名单文件；请删除它，名单会重新下载",
            f"{path} is no roster; remove it, the roster is fetched again",
        )
    return os.fdopen(descriptor, "rb")


def unreadable(path: Path, error: OSError) -> RosterError:
    """The fault of a file that is there and cannot be read."""
    return RosterError(
        f"无法读取名单 {path}（{error.strerror}）；请检查文件权限和存储卡",
        f"cannot read the roster {path} ({error.strerror}); check its permissions and the storage",
    )


def order(header: Header) -> tuple[int, int]:
    """Rosters in the order in which they were made: by version, then by time of issue."""
    return header.version, header.issued_utc_ms


def older(newcomer: Header, in_force: Header) -> RosterError:
    """The refusal of a roster that is no newer than the one in force: a replayed one, or a county put back in time."""
    return RosterError(
        f"名单版本 {newcomer.version} 不比现用的版本 {in_force.version} 新，未采用；若县级服务器是从备份恢复的，"
        "请按 docs/roster.md 提高版本号",
        f"roster version {newcomer.version} is no newer than version {in_force.version} in force, it was not taken;"
        " if the county was restored from a backup, raise its version (docs/roster.md)",
    )
