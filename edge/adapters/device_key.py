"""The gate's own Ed25519 key (RFC 8032): it signs every record, the county knows its public half.

It is made at the gate's first start and never leaves the board. Whoever has it can write history anew, so it is
readable by the gate's own user only.
"""

import base64
import binascii
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkstemp

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from edge.core.errors import ConfigError, StoreError
from edge.core.record import Verify

FILE_NAME = "device.key"
_MOST_BYTES = 10_000


class DeviceKey:
    """The key in this file (PEM, mode 600); made, at once and for good, when there is none.

    StoreError: it can be neither read nor made, others can read it, or it is no key.
    """

    def __init__(self, path: Path) -> None:
        pem = _read(path)
        if pem is None:
            _make(path)
            # Another process may have been first: what counts is what lies there.
            pem = _read(path)
        self._key = _parsed(path, pem)

    @property
    def public_key(self) -> str:
        """Base64 of its 32 bytes, 44 characters."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)


def verifier(public_keys: Sequence[str]) -> Verify:
    """Whether one of these keys (base64, 44 characters) made a signature. ConfigError: one of them is no key."""
    keys = [_public(text) for text in public_keys]
    return lambda message, signature: any(_made(key, message, signature) for key in keys)


def _made(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _public(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ConfigError(
            f"{text!r} 不是设备公钥；请写县里登记的 44 个字符",
            f"{text!r} is no device key; write the 44 characters that the county has on file",
        ) from error


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 600
        try:
            with open(descriptor, "wb") as file:
                file.write(pem)
                if os.geteuid() == 0:
                    # A technician's command was first: the services, who own the folder, have to read it.
                    folder_of = path.parent.stat()
                    os.fchown(file.fileno(), folder_of.st_uid, folder_of.st_gid)
                file.flush()
                os.fsync(file.fileno())
            # Unlike a rename, a link never replaces the key of a process that was faster.
            os.link(name, path)
        finally:
            os.unlink(name)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"无法写入设备密钥 {path}（{error.strerror}）；请检查目录是否存在、可写，磁盘是否已满",
            f"cannot write the device's key {path} ({error.strerror}); check that its folder exists, is writable and"
            " has room",
        ) from error


def _read(path: Path) -> bytes | None:
    """None: there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        with open(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
                raise StoreError(
                    f"他人可读取设备密钥 {path}；请运行 chmod 600，若可能已外泄，请移走它并请县里重新登记本机",
                    f"others can read the device's key {path}; chmod 600 it, or, if it may have leaked, move it away"
                    " and have the county enrol this gate anew",
                )
            return file.read(_MOST_BYTES) if stat.S_ISREG(found.st_mode) else b""
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"无法读取设备密钥 {path}（{error.strerror}）；请检查其权限",
        f"cannot read the device's key {path} ({error.strerror}); check its permissions",
    )


def _parsed(path: Path, pem: bytes | None) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem or b"", password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreError(
            f"{path} 不是设备密钥；请把它移走保存（下次启动自动生成新密钥），并请县里重新登记本机",
            f"{path} is no device key; move it away (a new one is made at the next start) and have the county enrol"
            " this gate anew",
        )
    return key
