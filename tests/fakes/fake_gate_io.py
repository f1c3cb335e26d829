"""A gate without pins: remembers what it was told, and shuts its relay in a time that the test moves."""

from typing import Literal

from edge.core import turns
from edge.core.errors import GateIOError
from edge.core.signals import IDLE, Input, Lamp, Signal, opens_for
from tests.fakes.fake_time import FakeTime

GAP_S = 0.2
MOST_WAITING = 2


class FakeGateIO:
    """See `edge.ports.GateIO`. `broken` makes the next signals fail; `advance` lets time pass (seconds).

    `turn`, `press`, `fire` and `tamper` are what happens at its contacts.
    """

    def __init__(self, relay_pulse_s: float = 1.0, turn_within_s: float = 5.0) -> None:
        self.shown: list[Signal] = []
        self.broken = False
        self.closed = False
        self.time = FakeTime()
        self._relay_pulse_s = relay_pulse_s
        self._turns = turns.Turns(max(turn_within_s, relay_pulse_s))
        self._told: list[Input] = []
        self._fire = False
        self._open_until_s = self._next_from_s = 0.0
        self._waiting: list[Literal["pass", "exit"]] = []

    def show(self, signal: Signal) -> None:
        if self.broken or self.closed:
            self._shut()
            raise GateIOError("假闸门已断开", "the fake gate is disconnected")
        self.shown.append(signal)
        by = opens_for(signal)
        if by is None:
            self._shut()
        elif not self._fire:
            self._waiting.append(by)
            self._serve()
            del self._waiting[:-MOST_WAITING]

    def inputs(self) -> tuple[Input, ...]:
        told, self._told = tuple(self._told[-256:]), []
        return told

    def close(self) -> None:
        self.closed, self._fire = True, False
        self._shut()

    def advance(self, seconds: float) -> None:
        end_s = self.time.now_s + seconds
        while self._waiting and self._next_from_s <= end_s:
            self.time.advance(max(0.0, self._next_from_s - self.time.now_s))
            self._serve()
        self.time.advance(end_s - self.time.now_s)

    def turn(self) -> None:
        """Somebody goes through."""
        self._turns, told = turns.turned(self._turns, self.time.now_s, self._fire)
        self._told.append(told)
        if self._pulsing:
            self._open_until_s = self.time.now_s
            self._next_from_s = self.time.now_s + GAP_S

    def press(self) -> None:
        """The exit button, pressed and let go."""
        self._told += [Input("exit", pressed, self.time.now_s) for pressed in (True, False)]

    def fire(self, active: bool) -> None:
        self._fire = active
        self._shut()
        self._told.append(Input("fire", active, self.time.now_s))

    def tamper(self, active: bool) -> None:
        self._told.append(Input("tamper", active, self.time.now_s))

    @property
    def lamp(self) -> Lamp:
        return IDLE.lamp if self.closed or not self.shown else self.shown[-1].lamp

    @property
    def relay_open(self) -> bool:
        return self._fire or self._pulsing

    @property
    def _pulsing(self) -> bool:
        return self._open_until_s - self.time.now_s > 1e-9

    def _serve(self) -> None:
        if self._waiting and self._next_from_s - self.time.now_s <= 1e-9:
            self._open_until_s = self.time.now_s + self._relay_pulse_s
            self._next_from_s = self._open_until_s + GAP_S
            self._turns = turns.opened(self._turns, self._waiting.pop(0), self.time.now_s)

    def _shut(self) -> None:
        self._waiting = []
        self._open_until_s = self._next_from_s = 0.0
