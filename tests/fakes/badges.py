"""Badge readers without devices: one that is told what is presented, and keyboards that a test types on."""

import errno
import os
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from edge.adapters.badge_evdev.devices import Keys, Lost, Node, Press
from edge.core.identity import Scan


class FakeBadges:
    """See `edge.ports.BadgeReader`. `present` brings a badge; `missing` holds the names that `faults` tells."""

    def __init__(self) -> None:
        self.missing: tuple[str, ...] = ()
        self.closed = False
        self._waiting: list[Scan] = []

    def present(self, *scans: Scan) -> None:
        self._waiting += [scan for scan in scans if scan.reader not in self.missing]

    def scans(self) -> tuple[Scan, ...]:
        scans, self._waiting = tuple(self._waiting), []
        return scans

    def faults(self) -> tuple[str, ...]:
        return self.missing

    def close(self) -> None:
        self.closed = True


class PipeKeys:
    """A keyboard that a test types on; a pipe wakes who waits for its keys, 64 at a time as the kernel's do."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK)
        self._batches: deque[tuple[Press | Lost, ...]] = deque()
        self.closed = False
        self.ends_with = OSError(errno.ENODEV, "No such device")

    def press(self, events: Iterable[Press | Lost]) -> None:
        rest = tuple(events)
        while rest:
            self._batches.append(rest[:64])
            os.write(self._write, b".")
            rest = rest[64:]

    def unplug(self) -> None:
        os.close(self._write)

    def fileno(self) -> int:
        return self._read

    def read(self) -> tuple[Press | Lost, ...]:
        if not os.read(self._read, 1):
            raise self.ends_with
        return self._batches.popleft()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self._read)


class PipeKeyboards:
    """See `edge.adapters.badge_evdev.devices.Keyboards`: keyboards that a test plugs in, by their node's name.

    refused: node's name -> what taking it raises.
    """

    def __init__(self) -> None:
        self.plugged: dict[str, Node] = {}
        self.keys: dict[str, PipeKeys] = {}
        self.refused: dict[str, OSError] = {}

    def plug(self, node: Node) -> None:
        self.plugged[node.path.name] = node

    def unplug(self, name: str) -> None:
        del self.plugged[name]
        if name in self.keys:
            self.keys.pop(name).unplug()

    def there(self) -> tuple[Node, ...]:
        return tuple(self.plugged.values())

    def take(self, node: Node) -> Keys:
        if node.path.name in self.refused:
            raise self.refused[node.path.name]
        keys = PipeKeys()
        self.keys[node.path.name] = keys
        return keys


def node(number: int, name: str = "SYC ID&IC USB Reader", vendor: str = "ffff", product: str = "0035") -> Node:
    """A keyboard's node as sysfs tells of it."""
    return Node(Path(f"/dev/input/event{number}"), name, vendor, product)


# Character -> key code on an American keyboard, and whether shift is held.
_US = dict(
    zip(
        "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./ \n\t",
        (*range(2, 14), *range(16, 28), *range(30, 42), 43, *range(44, 54), 57, 28, 15),
        strict=True,
    )
)
_US_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))


def typed(text: str, t_s: float, every_s: float = 0.005) -> list[Press]:
    """The keys of somebody, or something, typing this on an American keyboard from t_s on."""
    presses = []
    for character in text:
        base = character.lower() if character.isupper() else _US_SHIFTED.get(character, character)
        code, shifted = _US[base], base != character
        keys = [(42, 1)] * shifted + [(code, 1), (code, 0)] + [(42, 0)] * shifted
        presses += [Press(code, value, t_s) for code, value in keys]
        t_s += every_s
    return presses
