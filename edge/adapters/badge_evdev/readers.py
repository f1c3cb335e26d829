"""All badge readers of a gate: one thread waits for keys, looks for readers that come back, and keeps whole badges
until they are asked for.
"""

import logging
import os
import selectors
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from edge.adapters.badge_evdev.decoding import PAUSE_S, Badge, Decoder, Ending, Garbage
from edge.adapters.badge_evdev.devices import Keyboards, Keys, Lost, Node, called, not_permitted
from edge.adapters.badge_evdev.layouts import Layout
from edge.adapters.badge_evdev.pump import PumpError
from edge.core.identity import Scan

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
# Badges that nobody has asked for yet: a reader that floods costs no more than that.
MAX_WAITING = 64
# One reader may be several devices (a composite keyboard is two or three); a pattern that means more means too much.
MAX_DEVICES = 4
# A line of log about one reader's garbage at most so often.
TELL_EVERY_S = 10.0

_STATES = {
    "there": ("已就绪", "is there"),
    "missing": ("未连接：请检查 USB 线", "is not connected: check its USB cable"),
    "not_permitted": ("没有权限：foregate doctor 说明该怎么办", "may not be opened: foregate doctor tells what to do"),
    "taken": ("被别的程序占用：请关闭该程序", "is held by another program: stop that one"),
    "no_pump": (
        "不能读取：setpriv 不能运行；请运行 sudo apt install --reinstall util-linux foregate",
        "cannot be read, since setpriv may not run; run sudo apt install --reinstall util-linux foregate",
    ),
    "stuck": ("不停地输入：请检查读卡器", "types without an end: check it"),
}
_GARBAGE = {
    "too_long": ("太长", "too long"),
    "control_key": ("含有控制键；请检查 layout", "holds control keys; check its layout"),
    "keys_lost": ("丢失了按键；请重新刷卡", "lost keys on the way; present it again"),
    "unfinished": (
        "中断或没有结束键；请重试，或检查 ends_with",
        "stops midway or has no end; try again, or check ends_with",
    ),
    "not_a_badge": ("不是证件号（只能有字母、数字 . _ -）", "is no badge number (letters, digits . _ - only)"),
    "affix_missing": ("缺少 prefix 或 suffix", "lacks its prefix or suffix"),
    "flood": ("来得太快，已丢弃", "comes too fast and was dropped"),
}


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """One reader: what it is called, which device it is (docs/readers.md), and how it types."""

    name: str
    match: str
    means: Literal["card", "code"] = "card"
    direction: Literal["in", "out"] = "in"
    layout: Layout = "us"
    ends_with: Ending = "enter"
    prefix: str = ""
    suffix: str = ""


@dataclass(slots=True, eq=False)
class _Device:
    reader: ReaderSettings
    node: Node
    keys: Keys
    decoder: Decoder


class EvdevBadges:
    """See `edge.ports.BadgeReader`.

    A reader counts as not there, too, while it types without an end. now_s: the monotonic clock that the devices stamp
    their keys with. ReaderError (at once, never later): a reader may not be opened.
    """

    def __init__(
        self,
        readers: Sequence[ReaderSettings],
        keyboards: Keyboards,
        now_s: Callable[[], float],
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        self._readers, self._keyboards, self._now_s = tuple(readers), keyboards, now_s
        self._look_again_s = look_again_s
        self._lock = threading.Lock()
        self._waiting: list[Scan] = []
        self._faults: tuple[str, ...] = ()
        self._devices: list[_Device] = []
        self._states: dict[str, str] = {}
        self._tell_again_s: dict[str, float] = {}
        self._closing = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._look()
        for reader in self._readers:
            if self._states[reader.name] == "not_permitted":
                self._give_back()
                raise not_permitted(reader.name, called(reader.match, keyboards.there())[0])
        self._next_look_s = now_s() + look_again_s
        self._thread = threading.Thread(target=self._run, name="badges", daemon=True)
        self._thread.start()

    def scans(self) -> tuple[Scan, ...]:
        with self._lock:
            scans, self._waiting = tuple(self._waiting), []
        return scans

    def faults(self) -> tuple[str, ...]:
        if not self._thread.is_alive():
            return tuple(reader.name for reader in self._readers)
        with self._lock:
            return self._faults

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        os.write(self._wake_write, b".")
        self._thread.join()
        self._give_back()

    def _give_back(self) -> None:
        for device in list(self._devices):
            self._drop(device)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    # What follows runs on the thread, once it has started.

    def _run(self) -> None:
        while not self._closing.is_set():
            wait_s = max(0.0, self._next_look_s - self._now_s())
            if any(device.decoder.unfinished for device in self._devices):
                wait_s = min(wait_s, PAUSE_S / 2)
            # Who has nothing to be read after this moment was quiet until then; keys carry their own times. Not until
            # now: the board may have been busy with something else since, and keys have come.
            asked_s = self._now_s()
            ready = {key.data for key, _ in self._selector.select(wait_s)}
            for device in list(self._devices):
                if device in ready:
                    self._hear(device)
                else:
                    self._deliver(device.reader, device.decoder.idle(asked_s))
            if self._now_s() >= self._next_look_s:
                self._look()
                self._next_look_s = self._now_s() + self._look_again_s
            self._judge()

    def _hear(self, device: _Device) -> None:
        try:
            events = device.keys.read()
        except OSError as error:
            # Unplugged; the next look may find it again.
            self._drop(device)
            if isinstance(error, PumpError):
                self._set_state(device.reader, "no_pump")
            return
        for event in events:
            if isinstance(event, Lost):
                device.decoder.lost(event.held, event.t_s)
            else:
                self._deliver(device.reader, device.decoder.key(event.code, event.value, event.t_s))

    def _deliver(self, reader: ReaderSettings, outcomes: Sequence[Badge | Garbage]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Garbage):
                self._tell_garbage(reader, outcome.why)
                continue
            scan = Scan(outcome.text, outcome.t_s, reader.means, reader.name, reader.direction)
            with self._lock:
                full = len(self._waiting) >= MAX_WAITING
                if not full:
                    self._waiting.append(scan)
            if full:
                self._tell_garbage(reader, "flood")

    def _look(self) -> None:
        """Take every reader's devices that are there and not held yet."""
        there = self._keyboards.there()
        for reader in self._readers:
            refusal = "missing"
            for node in called(reader.match, there)[:MAX_DEVICES]:
                if any(device.node.path == node.path for device in self._devices):
                    continue
                try:
                    keys = self._keyboards.take(node)
                except PermissionError:
                    refusal = "not_permitted"
                except OSError:
                    # Held by another program, or gone again.
                    refusal = "taken"
                else:
                    self._hold(reader, node, keys)
            if not any(device.reader is reader for device in self._devices):
                self._set_state(reader, refusal)
        self._judge()

    def _hold(self, reader: ReaderSettings, node: Node, keys: Keys) -> None:
        decoder = Decoder(self._now_s(), reader.layout, reader.ends_with, reader.prefix, reader.suffix)
        device = _Device(reader, node, keys, decoder)
        self._devices.append(device)
        self._selector.register(keys, selectors.EVENT_READ, device)

    def _drop(self, device: _Device) -> None:
        self._devices.remove(device)
        self._selector.unregister(device.keys)
        device.keys.close()

    def _judge(self) -> None:
        """Bring states and faults up to date with the devices."""
        for reader in self._readers:
            stuck = [device.decoder.stuck for device in self._devices if device.reader is reader]
            if stuck:
                self._set_state(reader, "stuck" if any(stuck) else "there")
            elif self._states[reader.name] in ("there", "stuck"):
                self._set_state(reader, "missing")
        faults = tuple(reader.name for reader in self._readers if self._states[reader.name] != "there")
        with self._lock:
            self._faults = faults

    def _set_state(self, reader: ReaderSettings, state: str) -> None:
        if self._states.get(reader.name) != state:
            self._states[reader.name] = state
            zh, en = _STATES[state]
            level = logging.INFO if state == "there" else logging.WARNING
            log.log(level, "读卡器 %s %s / reader %s %s", reader.name, zh, reader.name, en)

    def _tell_garbage(self, reader: ReaderSettings, why: str) -> None:
        """Never what was typed: that may be somebody's number."""
        now_s = self._now_s()
        if now_s < self._tell_again_s.get(reader.name, now_s):
            return
        self._tell_again_s[reader.name] = now_s + TELL_EVERY_S
        zh, en = _GARBAGE[why]
        log.warning("读卡器 %s 读到的内容%s / what reader %s read %s", reader.name, zh, reader.name, en)
