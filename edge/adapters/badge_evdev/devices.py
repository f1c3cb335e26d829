"""Which of the kernel's input devices is which reader, and how one is taken: found in sysfs, opened and held by evdev.

Devices are told apart without opening them, so that no keyboard but a reader's is ever read.
"""

import fcntl
import grp
import importlib
import os
import re
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

from edge.adapters.badge_evdev.pump import Pump
from edge.core.errors import ReaderError

_SYSFS = Path("/sys/class/input")
_DEV = Path("/dev/input")
# <linux/input.h>: stamp events on the monotonic clock, like the frames of the camera.
_EVIOCSCLOCKID = 0x400445A0
_EV_SYN, _EV_KEY, _SYN_DROPPED = 0, 1, 3
# struct input_event: seconds and microseconds of the size of a C long, type, code, value.
_EVENT = struct.Struct("@llHHi")
# So much is fetched at once from a reader that never stops.
_MOST_BYTES = 512 * _EVENT.size
# KEY_1 to KEY_0, and the keypad's: what can type no digit is no reader.
_DIGITS, _PAD_DIGITS = range(2, 12), (71, 72, 73, 75, 76, 77, 79, 80, 81, 82)
_USB = re.compile(r"usb:([0-9a-f]{4}):([0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Node:
    """A keyboard as the kernel tells of it. vendor, product: four lower-case hex digits."""

    path: Path
    name: str
    vendor: str
    product: str


@dataclass(frozen=True, slots=True)
class Press:
    """A key of this code went up (value 0), down (1) or repeats (2) at t_s (monotonic s)."""

    code: int
    value: int
    t_s: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Keys went missing until t_s (monotonic s); `held`: the codes of those that are down now."""

    held: frozenset[int]
    t_s: float


# Name and place of what sysfs lists -> the keyboard that it is, if it is one.
Known = dict[tuple[str, int], Node | None]


class Keys(Protocol):
    """One reader's keyboard, held by us alone."""

    def fileno(self) -> int: ...

    def read(self) -> tuple[Press | Lost, ...]:
        """What came since the last call, possibly nothing. OSError: it is gone. Returns at once."""

    def close(self) -> None: ...


class Keyboards(Protocol):
    """All keyboards of a machine."""

    def there(self) -> tuple[Node, ...]: ...

    def take(self, node: Node) -> Keys:
        """Open it for us alone. OSError: not possible now; PermissionError: not allowed to."""


class EvdevKeyboards:
    """The keyboards of this machine. ReaderError: python-evdev is not installed."""

    def __init__(self, sysfs: Path = _SYSFS, dev: Path = _DEV) -> None:
        self._sysfs, self._dev = sysfs, dev
        self._known: Known = {}
        try:
            self._evdev: Any = importlib.import_module("evdev")
        except ImportError as error:
            raise ReaderError(
                "缺少读卡器所需的 evdev；请运行 sudo apt install python3-evdev，再运行 make install",
                "evdev, which reads badge readers, is missing; run sudo apt install python3-evdev, then make install",
            ) from error

    def there(self) -> tuple[Node, ...]:
        """Keyboards that can type digits, by the number of their node."""
        return keyboards(self._sysfs, self._dev, self._known)

    def take(self, node: Node) -> Keys:
        return _EvdevKeys(self._evdev.InputDevice(str(node.path)))


class _EvdevKeys:
    """One InputDevice, grabbed."""

    def __init__(self, device: Any) -> None:
        self._device, self._rest = device, b""
        try:
            fcntl.ioctl(device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
            device.grab()
            self._pump = Pump(device.fd)
        except OSError:
            device.close()
            raise

    def fileno(self) -> int:
        return self._pump.fileno()

    def read(self) -> tuple[Press | Lost, ...]:
        raw = self._rest + self._pump.read(_MOST_BYTES)
        whole = len(raw) - len(raw) % _EVENT.size
        self._rest = raw[whole:]
        return tuple(self._translated(raw[:whole]))

    def close(self) -> None:
        self._pump.close()
        # The kernel lets go of the grab with the last descriptor.
        self._device.close()

    def _translated(self, raw: bytes) -> Iterator[Press | Lost]:
        for seconds, microseconds, kind, code, value in _EVENT.iter_unpack(raw):
            if kind == _EV_KEY:
                yield Press(code, value, seconds + microseconds / 1e6)
            elif kind == _EV_SYN and code == _SYN_DROPPED:
                yield Lost(frozenset(self._device.active_keys()), seconds + microseconds / 1e6)


def keyboards(sysfs: Path = _SYSFS, dev: Path = _DEV, known: Known | None = None) -> tuple[Node, ...]:
    """The event nodes that can type digits, as sysfs tells of them; nothing is opened.

    known: what earlier calls found; with it a look at what has not changed takes no time worth speaking of.
    """
    found: Known = {}
    known = {} if known is None else known
    for folder in sorted(sysfs.glob("event*"), key=lambda folder: (len(folder.name), folder.name)):
        try:
            # What is plugged in anew is another place of sysfs, by whatever name.
            key = (folder.name, folder.stat().st_ino)
            found[key] = known[key] if key in known else _asked(folder / "device", dev / folder.name)
        except OSError:
            # Unplugged while we look (ENOENT, ENODEV), or plugged in so lately that it is not all there.
            continue
    known.clear()
    known.update(found)
    return tuple(node for node in found.values() if node is not None)


def _asked(about: Path, path: Path) -> Node | None:
    """The device as sysfs tells of it, None when it types no digits. OSError: it is not all there."""
    path.stat()
    if not _types_digits(_line(about / "capabilities/key")):
        return None
    return Node(path, _line(about / "name"), _line(about / "id/vendor"), _line(about / "id/product"))


def is_called(match: str, node: Node) -> bool:
    """Whether a reader's `match` means this device: usb:vendor:product, name:PATTERN, or a path of /dev/input."""
    if by_id := _USB.fullmatch(match.lower()):
        return (node.vendor, node.product) == by_id.groups()
    if match.startswith("name:"):
        return fnmatchcase(node.name, match.removeprefix("name:"))
    # A link that udev makes, by-path/… or by-id/…, or the node itself.
    return Path(os.path.realpath(match)) == Path(os.path.realpath(node.path))


def called(match: str, nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Those of the nodes that a reader's `match` means."""
    return tuple(node for node in nodes if is_called(match, node))


def not_permitted(name: str, node: Node) -> ReaderError:
    """What to do about a reader that we may not open."""
    try:
        group = grp.getgrgid(node.path.stat().st_gid).gr_name
    except (OSError, KeyError):
        group = "input"
    return ReaderError(
        f"没有权限使用读卡器 {name}（{node.path}，属于 {group} 组）；请运行 sudo usermod -aG {group} 用户名 并重新登录",
        f"no permission on reader {name} ({node.path} belongs to the group {group}); run "
        f"sudo usermod -aG {group} USER and log in again",
    )


def _types_digits(bitmap: str) -> bool:
    """The kernel prints the words of a bitmap from the highest down, each in hex, of the size of its C long."""
    bits = 0
    for word in bitmap.split():
        bits = bits << (8 * struct.calcsize("l")) | int(word, 16)
    return any(all(bits >> code & 1 for code in codes) for codes in (_DIGITS, _PAD_DIGITS))


def _line(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip("\n")
