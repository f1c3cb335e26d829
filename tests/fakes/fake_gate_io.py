"""A gate without pins: remembers what it was told, and shuts its relay in a time that the test moves."""

from edge.core.errors import GateIOError
from edge.core.signals import IDLE, Lamp, Signal, signal_for


class FakeGateIO:
    """See `edge.ports.GateIO`. `broken` makes the next signals fail; `advance` lets time pass (seconds)."""

    def __init__(self, relay_pulse_s: float = 1.0) -> None:
        self.shown: list[Signal] = []
        self.broken = False
        self.closed = False
        self._relay_pulse_s = relay_pulse_s
        self._open_for_s = 0.0

    def show(self, signal: Signal) -> None:
        if self.broken or self.closed:
            self._open_for_s = 0.0
            raise GateIOError("假闸门已断开", "the fake gate is disconnected")
        self.shown.append(signal)
        if signal != signal_for("pass"):
            self._open_for_s = 0.0
        elif not self.relay_open:
            self._open_for_s = self._relay_pulse_s

    def close(self) -> None:
        self.closed = True
        self._open_for_s = 0.0

    def advance(self, seconds: float) -> None:
        self._open_for_s = max(0.0, self._open_for_s - seconds)

    @property
    def lamp(self) -> Lamp:
        return IDLE.lamp if self.closed or not self.shown else self.shown[-1].lamp

    @property
    def relay_open(self) -> bool:
        return self._open_for_s > 1e-9
