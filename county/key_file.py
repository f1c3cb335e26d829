"""The key of the sessions, in a file of the data folder that only its owner can read; made at the first start."""

import os
import secrets
import stat
from pathlib import Path

from county.core.environment import LEAST_KEY_CHARACTERS
from edge.core.errors import ConfigError

FILE_NAME = "secret-key"


def secret_key(data: Path) -> str:
    """The key in `data`, made (mode 600, with the folder, mode 700) when there is none.

    ConfigError: the folder cannot be made or used, or the file is unreadable, open to others or too short.
    """
    path = data / FILE_NAME
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            make_once(path, secrets.token_urlsafe(48) + "\n")
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes().decode("ascii", "replace").strip()
    except OSError as error:
        raise ConfigError(
            f"数据文件夹 {data} 不可用（{error}）；请检查 FOREGATE_COUNTY_DATA 与文件夹权限",
            f"cannot use the data folder {data} ({error}); check FOREGATE_COUNTY_DATA and the folder's permissions",
        ) from error
    if mode & 0o077:
        raise ConfigError(f"{path} 可被他人读取；请运行 chmod 600 {path}", f"others can read {path}; chmod 600 {path}")
    if len(key) < LEAST_KEY_CHARACTERS or not key.isascii():
        raise ConfigError(
            f"{path} 内容不完整；请删除该文件后重启（所有人需重新登录）",
            f"{path} is damaged; delete it and start again (everybody signs in anew)",
        )
    return key


def make_once(path: Path, content: str) -> None:
    """Write a secret to a new file, mode 600; a file that is there meanwhile stays. OSError: it cannot be written."""
    # Written aside and linked: two first starts at once end with one key, and nobody reads half of it.
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            # The other first start was quicker: its key is the key.
            return
    finally:
        aside.unlink()
