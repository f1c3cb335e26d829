"""The calibration profile's file: read and verified, replaced whole, with every former one kept beside it.

calibration.json is the one in force; calibration.d/<id>.json are all that ever were, from which `restore` goes back.
"""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from edge.core.errors import CalibrationError
from edge.core.profile import MAX_BYTES, Profile, Unfit, canonical, profile, read, written

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


def read_profile(path: Path, verify: Verify) -> Profile | Unfit:
    """The profile in this file, verified; or why there is none to use."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "damaged"
    return read(body, lambda message, signature: _verified(verify, message, signature))


def install(path: Path, plain: Mapping[str, Any], sign: Sign) -> Profile:
    """Sign these values, keep them, take them into force; what was in force stays in the folder beside.

    CalibrationError: they are no profile, or cannot be written; then what was in force still is.
    """
    made = profile(plain)
    body = written(plain, base64.b64encode(sign(canonical(plain))).decode())
    _replace(kept(path, made.id), body)
    _replace(path, body)
    return made


def restore(path: Path, profile_id: str, verify: Verify) -> Profile:
    """Take a former profile into force again. CalibrationError: it is not there, or was altered."""
    former = kept(path, profile_id)
    found = read_profile(former, verify)
    if not isinstance(found, Profile):
        raise CalibrationError(
            f"不能恢复 {profile_id}（{former}）：文件缺失或被改动；请重新校准",
            f"{profile_id} cannot be restored ({former}): missing or altered; calibrate anew",
        )
    _replace(path, former.read_bytes())
    return found


def kept(path: Path, profile_id: str) -> Path:
    """Where the profile of that id is kept."""
    return path.with_suffix(".d") / f"{profile_id}.json"


def replace_whole(path: Path, body: bytes) -> None:
    """Write a file so that a power cut leaves the old one or the new one. CalibrationError: it cannot be written."""
    _replace(path, body)


def _verified(verify: Verify, message: bytes, signature: str) -> bool:
    try:
        return verify(message, base64.b64decode(signature, validate=True))
    except (binascii.Error, ValueError):
        return False


def _replace(path: Path, body: bytes) -> None:
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with open(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        # The gate's service and the technician may be two users; there is nothing secret in it.
        os.chmod(name, 0o644)
        os.replace(name, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        if name is not None:
            with suppress(FileNotFoundError):
                os.unlink(name)
        raise CalibrationError(
            f"无法写入 {path}（{error.strerror}）；请检查目录权限和磁盘空间，原来的校准仍然有效",
            f"cannot write {path} ({error.strerror}); check folder and disk space, what was in force still is",
        ) from error
