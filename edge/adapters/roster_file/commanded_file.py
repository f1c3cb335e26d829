"""The county's settings as two small files: the one that the sync has fetched, and the one that the gate goes by.

The sync alone writes the first, the gate alone the second, each whole and renamed into its place. Both are verified
with the county's pinned key whenever they are read: nothing unsigned, of another school or older is ever in force.
"""

import base64
import binascii
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge.adapters.roster_file.keys import Keys, signed_by_one
from edge.adapters.roster_file.opening import Identity, identity
from edge.core.commanded import MAX_BYTES, SIGNED, Commanded, parse_commanded
from edge.core.errors import ConfigError

# One line, one signature of 88 characters, two newlines.
MAX_FILE_BYTES = MAX_BYTES + 90


def verified_settings(content: bytes, keys: Keys, school: str) -> Commanded:
    """The settings in these bytes. ConfigError: not signed by the county, of another school, or damaged."""
    line, newline, rest = content.partition(b"\n")
    try:
        signature = base64.b64decode(rest.removesuffix(b"\n"), validate=True)
    except binascii.Error:
        signature = b""
    canonical = base64.b64encode(signature) + b"\n" == rest
    if not newline or not canonical or not signed_by_one(keys, signature, SIGNED + line):
        raise ConfigError(
            "县里设置的签名不对，未采用；若县里更换过密钥，请核对 roster.key_file，否则请报告县级管理员",
            "the signature of the county's settings is wrong, they were not taken; if the county changed its key, check"
            " roster.key_file, otherwise tell the county's administrator",
        )
    found = parse_commanded(line)
    if found.school != school:
        raise ConfigError(
            f"县里的设置属于 {found.school!r}，而本机属于 {school!r}；请核对 roster.school 与县里登记的学校",
            f"the county's settings are of {found.school!r}, this gate of {school!r}; check roster.school and the"
            " school that the county registered",
        )
    return found


class SettingsFile:
    """One of the two files; see `edge.ports.SettingsShelf`. announce: told once of each file that cannot be used."""

    def __init__(self, path: Path, keys: Keys, school: str, announce: Callable[[str], None]) -> None:
        self._path, self._keys, self._school, self._announce = path, keys, school, announce
        self._seen: Identity | None = None
        self._held: tuple[Commanded, bytes] | None = None

    def held(self) -> tuple[Commanded, bytes] | None:
        """What stands in the file, verified, with its bytes; None: nothing that can be used."""
        found = identity(self._path)
        if found != self._seen:
            self._seen, self._held = found, None if found is None else self._read()
        return self._held

    def put(self, content: bytes) -> Commanded:
        """Verify these bytes and put them into the file, on the disk when this returns.

        ConfigError: they cannot be used, or are no newer than what stands there, or the disk does not take them.
        """
        new, held = verified_settings(content, self._keys, self._school), self.held()
        if held is not None and new.version < held[0].version:
            raise ConfigError(
                f"县里的设置版本 {new.version} 比现有的版本 {held[0].version} 旧，未采用；若县级服务器是从备份恢复的，"
                f"请运行 foregate-county gate-settings 学校 --raise-version {held[0].version + 1}",
                f"the county's settings version {new.version} are older than version {held[0].version} here, they were"
                " not taken; if the county was restored from a backup, run foregate-county gate-settings SCHOOL"
                f" --raise-version {held[0].version + 1}",
            )
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            _write(part, content)
            os.replace(part, self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise ConfigError(
                f"县里的设置无法写入 {self._path.parent}（{error.strerror}）；请检查磁盘空间和文件夹权限，现用设置不变",
                f"the county's settings cannot be written to {self._path.parent} ({error.strerror}); check disk space"
                " and the folder's permissions, the settings in force stay",
            ) from error
        self._seen, self._held = identity(self._path), (new, content)
        return new

    def _read(self) -> tuple[Commanded, bytes] | None:
        try:
            # Non-blocking: a named pipe put here must not hold the gate up.
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
            return verified_settings(content, self._keys, self._school), content
        except OSError as error:
            self._announce(
                f"无法读取 {self._path}（{error.strerror}）；请检查文件权限和存储卡 / "
                f"cannot read {self._path} ({error.strerror}); check its permissions and the storage"
            )
        except ConfigError as error:
            self._announce(str(error))
        return None


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
