"""What shows the county that this gate is itself."""

import os
import re
import stat
from pathlib import Path
from tempfile import mkstemp

from edge.core.errors import UplinkError

MAX_TOKEN_BYTES = 4_096
# RFC 6750, 2.1: what a bearer token may consist of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")


def is_token(text: str) -> bool:
    """Whether this may stand in a request's head."""
    return _TOKEN.match(text) is not None


def read_token(path: Path) -> str:
    """The token in this file, without the line's end. UplinkError: missing, empty, no token, or others may read it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise UplinkError(
            f"无法读取令牌文件 {path}（{error.strerror}）；请用县里给的登记码运行 foregate enrol",
            f"cannot read the token file {path} ({error.strerror}); run foregate enrol with the code from the county",
        ) from error
    if mode & stat.S_IRWXO:
        raise UplinkError(
            f"令牌文件 {path} 可被其他用户访问；请执行 chmod 640 {path}，并考虑更换令牌",
            f"other users have access to the token file {path}; run chmod 640 {path} and consider a new token",
        )
    token = content.decode("ascii", errors="replace").strip()
    if len(content) > MAX_TOKEN_BYTES or not is_token(token):
        raise UplinkError(
            f"令牌文件 {path} 为空或内容不是令牌；请重新写入县级服务器给出的令牌（仅一行）",
            f"the token file {path} is empty or holds no token; write the county's token into it, one line",
        )
    return token


def check_place(path: Path) -> None:
    """Whether a token could be written to this file now; what is there stays. UplinkError: it could not."""
    try:
        os.unlink(_beside(path, "x" * MAX_TOKEN_BYTES))
    except OSError as error:
        raise _no_place(path, error) from error


def write_token(path: Path, token: str) -> None:
    """Put the token into this file, readable by its owner alone, whole or not at all. UplinkError: it cannot be."""
    try:
        name = _beside(path, token + "\n")
        try:
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _no_place(path, error) from error


def _beside(path: Path, text: str) -> str:
    """A file of its own with this text, on the medium, beside the path."""
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 600
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(name)
        raise
    return name


def _no_place(path: Path, error: OSError) -> UplinkError:
    return UplinkError(
        f"无法写入令牌文件 {path}（{error.strerror}）；请检查目录是否存在、可写，磁盘是否已满，或用 sudo 运行",
        f"cannot write the token file {path} ({error.strerror}); check that its folder exists, is writable and has room"
        ", or run this with sudo",
    )
