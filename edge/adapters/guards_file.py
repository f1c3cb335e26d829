"""The guards of one gate, in a JSON file that only its user reads: id, name, role, and a PIN that cannot be read back.

Nobody is there until a technician adds them (`foregate guards add`), and there is no PIN that everybody knows. The
file is replaced whole, so that neither a power cut nor two technicians at once leave half of it; a running gate goes
by the new one from the next sign-in on.
"""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.core.contents import NAME
from edge.core.errors import ConfigError, RecordError
from edge.core.pin_rule import check_pin
from edge.core.wire import choice, from_plain, refused, text, to_plain, whole, with_keys

Role = Literal["guard", "medic", "technician"]
# Who acts at the guard's desk. A technician looks after the gate and lets nobody in.
DESK: tuple[Role, ...] = ("guard", "medic")

SCHEMA = 1
MAX_BYTES = 262_144
MAX_GUARDS = 500
# OWASP Password Storage Cheat Sheet, scrypt: N = 2^15, r = 8, p = 3; 32 MiB, so that a small board has room for it.
LOG2_N, BLOCK, PARALLEL = 15, 8, 3
_MAX_MEMORY_BYTES = 256 * 2**20
_KEY_BYTES = 32
_HEX_16, _HEX_32 = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")
# One line of any language; nothing that makes a screen show another name than the file holds.
_SHOWN = re.compile(r"[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u200b-\u200f\u2066-\u2069]{0,59})")


@dataclass(frozen=True, slots=True)
class Guard:
    """One who may act at the desk: key is scrypt of the PIN with this salt and N = 2^log2_n, block, parallel."""

    guard_id: str = text(NAME)
    name: str = text(_SHOWN)
    role: Role = choice(Role)
    log2_n: int = whole(14, 17)
    block: int = whole(8, 8)
    parallel: int = whole(1, 4)
    salt: str = text(_HEX_16)
    key: str = text(_HEX_32)


class GuardsFile:
    """See `edge.ports.Guards`. A file that is missing, damaged or open to others lets nobody sign in.

    announce: told once of each such file; the gate goes on without its guards. roles: who counts here; nobody else is
    known.
    """

    def __init__(self, path: Path, announce: Callable[[str], None], roles: tuple[Role, ...] = DESK) -> None:
        self._path, self._announce, self._roles = path, announce, roles
        self._seen: tuple[object, Mapping[str, Guard]] | None = None
        self._guards()

    def role(self, guard_id: str) -> str | None:
        """Their role; None: nobody of that name acts here."""
        guard = self._guards().get(guard_id)
        return None if guard is None else guard.role

    def knows(self, guard_id: str, pin: str) -> bool:
        """Whether this is their PIN. Takes as long for a name that nobody has: a tenth of a second and more."""
        guard = self._guards().get(guard_id)
        right = _is_right(_NOBODY if guard is None else guard, pin)
        return right and guard is not None

    def _guards(self) -> Mapping[str, Guard]:
        found = _identity(self._path)
        if self._seen is not None and self._seen[0] == found:
            return self._seen[1]
        guards: Mapping[str, Guard] = {}
        try:
            everybody = read_guards(self._path)
            guards = {guard.guard_id: guard for guard in everybody if guard.role in self._roles}
            if not everybody:
                self._announce(f"{self._path}：没有门卫，无人可登录 / no guards in it, nobody can sign in")
        except ConfigError as error:
            self._announce(str(error))
        self._seen = found, guards
        return guards


def read_guards(path: Path) -> tuple[Guard, ...]:
    """Everybody in this file, by id; nobody when there is no file.

    ConfigError: it is damaged, not a file, or others than its owner may read or write it.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            content = file.read(MAX_BYTES + 1) if stat.S_ISREG(found.st_mode) else b""
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise _damaged(path, "not a file")
    if found.st_mode & 0o077:
        raise ConfigError(
            f"其他用户可访问门卫文件 {path}；请执行 chmod 600 {path}，并让每位门卫换 PIN",
            f"others have access to the guards' file {path}; run chmod 600 {path} and give every guard a new PIN",
        )
    return _parsed(path, content)


def add_guard(path: Path, guard_id: str, name: str, role: Role, pin: str) -> None:
    """Somebody new. ConfigError: there is one of this id, the PIN is too easy, or the file cannot be written."""
    _check_names(guard_id, name)
    guard = _with_pin(guard_id, name, role, pin)
    with _changing(path) as guards:
        if guard_id in guards:
            raise there_already(guard_id)
        if len(guards) >= MAX_GUARDS:
            raise ConfigError(
                f"门卫最多 {MAX_GUARDS} 人；请先删除离岗的人", f"at most {MAX_GUARDS} guards; remove those who left"
            )
        guards[guard_id] = guard


def set_pin(path: Path, guard_id: str, pin: str) -> None:
    """Another PIN for a guard. ConfigError: no such guard, the PIN is too easy, or the file cannot be written."""
    known = {guard.guard_id: guard for guard in read_guards(path)}.get(guard_id)
    if known is None:
        raise no_such_guard(path, guard_id)
    guard = _with_pin(guard_id, known.name, known.role, pin)
    with _changing(path) as guards:
        if guard_id not in guards:
            raise no_such_guard(path, guard_id)
        guards[guard_id] = guard


def remove_guard(path: Path, guard_id: str) -> None:
    """They may not act any more; what they did stays in the records. ConfigError: no such guard."""
    with _changing(path) as guards:
        if guards.pop(guard_id, None) is None:
            raise no_such_guard(path, guard_id)


def _with_pin(guard_id: str, name: str, role: Role, pin: str) -> Guard:
    check_pin(pin, guard_id)
    salt = secrets.token_bytes(16)
    key = _key(pin, salt, LOG2_N, BLOCK, PARALLEL)
    return Guard(guard_id, name, role, LOG2_N, BLOCK, PARALLEL, salt.hex(), key.hex())


def _is_right(guard: Guard, pin: str) -> bool:
    key = _key(pin, bytes.fromhex(guard.salt), guard.log2_n, guard.block, guard.parallel)
    return hmac.compare_digest(key, bytes.fromhex(guard.key))


def _key(pin: str, salt: bytes, log2_n: int, block: int, parallel: int) -> bytes:
    # What is typed may be no text at all (lone surrogates), and is then nobody's PIN.
    typed = pin.encode(errors="replace")
    return hashlib.scrypt(
        typed, salt=salt, n=2**log2_n, r=block, p=parallel, maxmem=_MAX_MEMORY_BYTES, dklen=_KEY_BYTES
    )


# Takes as long as anybody; 64 zeros are no key of any PIN that was ever found.
_NOBODY = Guard("-", "-", "guard", LOG2_N, BLOCK, PARALLEL, "0" * 32, "0" * 64)


def _check_names(guard_id: str, name: str) -> None:
    if not NAME.fullmatch(guard_id):
        raise ConfigError(
            f"工号 {guard_id!r} 无效；请用字母、数字和 . _ -，1 到 64 个",
            f"{guard_id!r} is no id; use letters, digits and . _ -, 1 to 64 of them",
        )
    if not _SHOWN.fullmatch(name):
        raise ConfigError(f"姓名 {name!r} 无效；请写 1 到 60 个字", f"{name!r} is no name; write 1 to 60 characters")


def _parsed(path: Path, content: bytes) -> tuple[Guard, ...]:
    try:
        if len(content) > MAX_BYTES:
            raise refused(f"more than {MAX_BYTES} bytes")
        plain: Any = json.loads(content.decode())
        with_keys(plain, {"schema", "guards"}, "guards' file")
        if plain["schema"] != SCHEMA or not isinstance(plain["guards"], list):
            raise refused(f"schema is not {SCHEMA}, or guards are no list")
        guards: dict[str, Guard] = {}
        for n, one in enumerate(plain["guards"]):
            guard: Guard = from_plain(Guard, one, f"guards[{n}]")
            if guards.setdefault(guard.guard_id, guard) is not guard:
                raise refused(f"{guard.guard_id} twice")
        return tuple(sorted(guards.values(), key=lambda guard: guard.guard_id))
    except RecordError as error:
        raise _damaged(path, error.en) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Guard]]:
    """Everybody, to be changed; written back when the block ends well. Whoever comes second waits."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        # The folder, not the file: that one is replaced while the lock is held.
        fcntl.flock(folder, fcntl.LOCK_EX)
        guards = {guard.guard_id: guard for guard in read_guards(path)}
        yield guards
        _write(path, guards.values(), folder)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        os.close(folder)


def _write(path: Path, guards: Any, folder: int) -> None:
    plain = {"schema": SCHEMA, "guards": [to_plain(guard) for guard in guards]}
    content = json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            _give_to_the_gate(file.fileno(), path, folder)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
        os.fsync(folder)
    except BaseException:
        with suppress(FileNotFoundError):
            aside.unlink()
        raise


def _give_to_the_gate(descriptor: int, path: Path, folder: int) -> None:
    """A technician who works as root leaves the file to whom it belonged, a first one to whom the folder belongs."""
    if os.geteuid() == 0:
        owner = path.stat() if path.exists() else os.fstat(folder)
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _without_waiting(path: str, flags: int) -> int:
    # A named pipe put here must not hold anybody up.
    return os.open(path, flags | os.O_NONBLOCK)


def _identity(path: Path) -> tuple[int, int, int, int, int] | None:
    """What changes whenever the file is replaced or written; None: there is none to be had."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def there_already(guard_id: str) -> ConfigError:
    """The refusal of a second guard of the same id."""
    return ConfigError(
        f"已有门卫 {guard_id}；换 PIN 请用 foregate guards pin {guard_id}",
        f"there is a guard {guard_id} already; for another PIN use foregate guards pin {guard_id}",
    )


def no_such_guard(path: Path, guard_id: str) -> ConfigError:
    """The refusal to change somebody who is not there."""
    return ConfigError(
        f"{path} 中没有门卫 {guard_id}；foregate guards list 列出所有人",
        f"{path} has no guard {guard_id}; foregate guards list shows everybody",
    )


def _damaged(path: Path, detail: str) -> ConfigError:
    return ConfigError(
        f"门卫文件 {path} 已损坏（{detail}）；请删除它并重新添加门卫",
        f"the guards' file {path} is damaged ({detail}); remove it and add the guards anew",
    )


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"无法读取门卫文件 {path}（{error.strerror}）；请检查路径和权限",
        f"cannot read the guards' file {path} ({error.strerror}); check the path and its permissions",
    )


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"无法写入门卫文件 {path}（{error.strerror}）；请检查文件夹是否存在、可写，磁盘是否已满",
        f"cannot write the guards' file {path} ({error.strerror}); check that its folder exists, is writable and has"
        " room",
    )
