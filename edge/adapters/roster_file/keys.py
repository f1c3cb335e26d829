"""Whose signature counts: the county's public keys, pinned at the gate in a file that a technician brought."""

import base64
import binascii
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.core.errors import RosterError

# More than one only while the county changes its key.
MOST_KEYS = 4
_MOST_BYTES = 4_096

Keys = tuple[Ed25519PublicKey, ...]


def read_public_keys(path: Path) -> Keys:
    """The keys in this file, one a line as `foregate-county roster-key` prints it; lines with # are remarks.

    RosterError: missing, no key, too many, or anybody on this machine may write it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RosterError(
            f"无法读取名单公钥文件 {path}（{error.strerror}）；请把 foregate-county roster-key 打印的那一行存入该文件",
            f"cannot read the roster's key file {path} ({error.strerror});"
            " put the line into it that foregate-county roster-key prints",
        ) from error
    if mode & stat.S_IWOTH:
        raise RosterError(
            f"任何用户都能改写名单公钥文件 {path}；请核对内容后执行 chmod 644 {path}",
            f"every user can write the roster's key file {path}; check what it holds, then run chmod 644 {path}",
        )
    lines = [line.strip() for line in content.decode("ascii", "replace").splitlines()]
    keys = [_key(line) for line in lines if line and not line.startswith("#")]
    if len(content) > _MOST_BYTES or not 1 <= len(keys) <= MOST_KEYS or None in keys:
        raise RosterError(
            f"{path} 不是名单公钥文件；请写入 foregate-county roster-key 打印的那一行（44 个字符）",
            f"{path} holds no roster key; put the line into it that foregate-county roster-key prints (44 characters)",
        )
    return tuple(key for key in keys if key is not None)


def signed_by_one(keys: Keys, signature: bytes, message: bytes) -> bool:
    """Whether one of the keys made this Ed25519 signature (RFC 8032) over the message."""
    return any(_made(key, signature, message) for key in keys)


def _made(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _key(line: str) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(line, validate=True))
    # What is no base64 or has not 32 bytes.
    except (binascii.Error, ValueError):
        return None
