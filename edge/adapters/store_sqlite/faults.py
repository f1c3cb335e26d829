"""What goes wrong with the records' file -> what a technician does about it."""

import shutil
import sqlite3
from pathlib import Path

from edge.core.errors import DamagedError, StoreError

DISK_IS_FULL_BELOW_BYTES = 1_000_000
# What a call of SQLite may raise. Its complaint about a damaged file quotes it, for example a table's name that is no
# UTF-8 any more, and Python cannot decode that.
RAISED = (sqlite3.Error, UnicodeDecodeError)


def fault(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
    """What SQLite's error means to a technician (codes: https://sqlite.org/rescode.html)."""
    if isinstance(error, UnicodeDecodeError):
        return damaged(path, str(error))
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
        return StoreError(
            f"磁盘已满，记录无法写入 {path}；请腾出空间，之后自动继续（没有写入一半的记录）",
            f"the disk is full, no record can be written to {path}; free some space, the gate then goes on by itself"
            " (nothing was half-written)",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    remedies = {
        sqlite3.SQLITE_BUSY: (
            "另一个程序占用了记录文件；请关闭打开它的工具",
            "another program holds the records' file; close the tool that has it open",
        ),
        sqlite3.SQLITE_READONLY: (
            "记录文件或其目录只读；请检查权限和挂载方式",
            "the records' file or its folder is read-only; check permissions and how it is mounted",
        ),
        sqlite3.SQLITE_CANTOPEN: (
            "无法打开记录文件；请检查它是否为普通文件、目录是否可写",
            "the records' file cannot be opened; check that it is a plain file in a writable folder",
        ),
        sqlite3.SQLITE_IOERR: (
            "读写存储介质失败；请检查并更换存储卡或硬盘",
            "the medium cannot be read or written; check the card or disk and replace it",
        ),
    }
    zh, en = remedies.get(code, ("记录文件出错；请保留该文件并联系支持", "keep the file and call support"))
    return StoreError(f"{path}：{zh}（{name}）", f"{path}: {en} ({name}: {error})")


def _disk_is_full(path: Path) -> bool:
    # The shared-memory file that WAL needs reports a full disk as a plain I/O error.
    try:
        return shutil.disk_usage(path.parent).free < DISK_IS_FULL_BELOW_BYTES
    except OSError:
        return False


def damaged(path: Path, detail: str) -> DamagedError:
    """The file is not whole, or no records' file at all."""
    return DamagedError(
        f"{path} 已损坏或不是记录文件（{detail}）；请运行 foregate salvage：原文件原样留存，"
        "读得出的记录移入新文件，闸机随即继续",
        f"{path} is damaged or no records' file ({detail}); run foregate salvage: the file is kept as it is, what can"
        " be read goes into a new one, and the gate goes on by itself",
    )


def gone(path: Path) -> StoreError:
    """The open file is no longer the one at its path."""
    return StoreError(
        f"{path} 在使用中被移走、删除或替换，记录无法写入；请把原文件放回原处（自动继续）；"
        "若已丢失，请以县级服务器发放的新闸机编号重新启动（序号从 1 重新开始）",
        f"{path} was moved, deleted or replaced while it was in use, no record can be written; put the file back"
        " (the gate then goes on by itself), or, when it is lost, start again under a new gate id from the county,"
        " since sequence numbers begin at 1 again",
    )
