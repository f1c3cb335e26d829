"""The key that signs rosters: in a file of the data folder that only its owner can read, in no database."""

import base64
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from county.key_file import make_once
from edge.core.errors import ConfigError

FILE_NAME = "roster-key"


def make_key(data: Path) -> Ed25519PrivateKey:
    """The key, made at the first call (PEM, mode 600). ConfigError: as read_key, or it cannot be written."""
    path = data / FILE_NAME
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            make_once(path, pem.decode())
        except OSError as error:
            raise ConfigError(
                f"无法写入签名密钥 {path}（{error.strerror}）；请检查数据文件夹的权限和磁盘空间",
                f"cannot write the signing key {path} ({error.strerror}); check the data folder's mode and space",
            ) from error
    key = read_key(data)
    if key is None:
        raise AssertionError("the key that was just made is gone")
    return key


def read_key(data: Path) -> Ed25519PrivateKey | None:
    """The key; None: none was made yet. ConfigError: unreadable, open to others, or no key."""
    path = data / FILE_NAME
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        pem = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(
            f"无法读取签名密钥 {path}（{error.strerror}）；请检查其权限",
            f"cannot read the signing key {path} ({error.strerror}); check its permissions",
        ) from error
    if mode & 0o077:
        raise ConfigError(f"{path} 可被他人读取；请运行 chmod 600 {path}", f"others can read {path}; chmod 600 {path}")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            f"{path} 不是签名密钥；请从备份恢复，或删除后运行 foregate-county roster-key 并在每台闸机换上新公钥",
            f"{path} holds no signing key; restore it from a backup, or delete it, run foregate-county roster-key and"
            " bring the new public key to every gate",
        )
    return key


def public_line(key: Ed25519PrivateKey) -> str:
    """What a gate pins: base64 of the public key's 32 bytes, 44 characters."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signature_line(key: Ed25519PrivateKey, header: bytes) -> bytes:
    """The roster's second line, without its newline."""
    return base64.b64encode(key.sign(header))
