"""Maintenance: nobody is let in, and a technician may try lamp, buzzer, relay and inputs one by one.

Stands between the gate and its lines as a `GateIO`: while maintenance lasts, no signal opens the gate but that of a
test, whatever asks for it. It ends by itself when nobody at the technician's page has said anything for a while; a fire
opens the gate all the same (the pins' adapter sees to that) and ends it at once.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from edge.core.errors import GateIOError
from edge.core.signals import EXIT, FAULT, Input, Signal
from edge.ports import GateIO

OUTPUTS = {
    "red": Signal("red"),
    "amber": Signal("amber"),
    "green": Signal("green"),
    "buzzer": Signal("off", "long"),
    "relay": EXIT,
}
INPUTS = ("passed", "exit", "fire", "tamper")
# The page says something every second or so while it is open.
SILENT_S = 120.0
TEST_S = 4.0
# Who asks for a test and waits longer than this for the gate's loop asks for another moment's.
LATE_S = 2.0

Tried = Literal["tried", "not_in_maintenance", "late", "no_line", "lines_lost"]
Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """What an input told while it was tried."""

    name: str
    active: bool
    t_s: float


class TechLines:
    """See `edge.ports.GateIO`. show, inputs, turn: for the gate's loop; the rest for any thread."""

    def __init__(self, gate_io: GateIO, announce: Announce, now_s: Callable[[], float]) -> None:
        self._gate_io, self._announce, self._now_s = gate_io, announce, now_s
        self._lock = threading.Lock()
        self._by: str | None = None
        self._heard_s = float("-inf")
        self._asked: tuple[str, float, threading.Event, list[Tried]] | None = None
        self._shows_until_s: float | None = None
        self._listens: str | None = None
        self._inputs: list[Heard] = []

    def begin(self, who: str) -> None:
        """Maintenance begins, or goes on."""
        with self._lock:
            if self._by is None:
                self._announce(f"维护开始 / maintenance begins: {who}")
            self._by, self._heard_s = who, self._now_s()

    def still_there(self) -> None:
        """The technician's page is open."""
        with self._lock:
            self._heard_s = self._now_s()

    def end(self, why: str) -> None:
        """The gate works again."""
        with self._lock:
            if self._by is not None:
                self._announce(f"维护结束 / maintenance is over: {self._by} ({why})")
            self._by = None
            self._listens = None
            self._inputs = []

    @property
    def by(self) -> str | None:
        """Whose maintenance it is; None: the gate works."""
        return self._by

    def heard(self) -> tuple[str | None, tuple[Heard, ...]]:
        """The input that is listened to, and what inputs have told since."""
        with self._lock:
            return self._listens, tuple(self._inputs)

    def listen(self, name: str) -> bool:
        """From now on what this input tells is the test's alone; False: not while the gate works."""
        with self._lock:
            if self._by is None or name not in INPUTS:
                return False
            self._announce(f"测试输入 / input tried: {name} ({self._by})")
            self._listens, self._inputs = name, []
            return True

    def try_output(self, name: str) -> Tried:
        """Show this lamp, sound, or one pulse of the relay, by the gate's own loop; waits for it."""
        if name not in OUTPUTS:
            return "no_line"
        done, outcome = threading.Event(), list[Tried]()
        with self._lock:
            if self._by is None:
                return "not_in_maintenance"
            self._asked = name, self._now_s(), done, outcome
        if not done.wait(LATE_S):
            with self._lock:
                self._asked = None
            return "late"
        return outcome[0]

    def turn(self, now_s: float) -> bool:
        """Do what was asked, end what has lasted long enough; whether maintenance lasts."""
        if self._by is not None and now_s - self._heard_s > SILENT_S:
            self.end("无人操作 / nobody there")
        with self._lock:
            asked, self._asked = self._asked, None
            by = self._by
        if asked is not None:
            name, asked_s, done, outcome = asked
            outcome.append(self._test(name, by, now_s - asked_s, now_s))
            done.set()
        if self._shows_until_s is not None and (by is None or now_s > self._shows_until_s):
            self._shows_until_s = None
            try:
                # What the gate itself shows while nobody is let in; whatever comes next is shown over it.
                self._gate_io.show(FAULT)
            except GateIOError as error:
                self._announce(str(error))
        return by is not None

    def _test(self, name: str, by: str | None, waited_s: float, now_s: float) -> Tried:
        if by is None:
            return "not_in_maintenance"
        if waited_s > LATE_S:
            return "late"
        self._announce(f"测试输出 / output tried: {name} ({by})")
        try:
            self._gate_io.show(OUTPUTS[name])
        except GateIOError as error:
            self._announce(str(error))
            return "lines_lost"
        self._shows_until_s = now_s + TEST_S
        return "tried"

    def show(self, signal: Signal) -> None:
        """What the gate wants to show; it does not open while somebody works at it."""
        if self._by is not None:
            if self._shows_until_s is not None:
                return
            signal = replace(signal, open_gate=False)
        self._gate_io.show(signal)

    def inputs(self) -> tuple[Input, ...]:
        """What the lines told, but for the one that is being tried."""
        told = self._gate_io.inputs()
        if self._by is None:
            return told
        with self._lock:
            listens = self._listens
            self._inputs += [Heard(one.kind, one.active, one.t_s) for one in told]
            del self._inputs[:-20]
        left = tuple(one for one in told if one.kind != listens)
        if any(one.kind == "fire" and one.active for one in left):
            self.end("火警 / fire")
        return left

    def close(self) -> None:
        """The lines belong to whoever opened them."""
