"""Lamps and buzzer that play a rhythm, and a relay whose pulses always end."""

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from edge.adapters.gate_gpio.pins import Cancel, Later
from edge.core import signals

# Seconds on, off, on, …: told apart with the eyes closed, and over before the next person stands still.
TONES_S: dict[signals.Buzzer, tuple[float, ...]] = {
    "silent": (),
    "short": (0.15,),
    "long": (0.8,),
    "double": (0.12, 0.12, 0.12),
    "triple": (0.12, 0.12, 0.12, 0.12, 0.12),
    "alarm": (0.4, 0.2) * 4 + (0.4,),
}
# Seconds on, off, over and over. None flashes three times a second or faster (WCAG 2.3.1: seizures).
RHYTHMS_S: dict[signals.Rhythm, tuple[float, ...]] = {
    "steady": (),
    "slow": (0.7, 0.7),
    "fast": (0.25, 0.25),
    "wink": (0.15, 2.85),
}
# Between two pulses, so that relay and turnstile see two.
GAP_S = 0.2
# Somebody decided while the gate is open for the one before gets a pulse after it; more cannot be standing there.
MOST_WAITING = 2


class Player:
    """Switches one device on and off in time."""

    def __init__(self, device: Any, later: Later) -> None:
        self._device, self._later = device, later
        self._cancel: Cancel | None = None
        # Counts what is played, so that a step which was already on its way when it ended does nothing.
        self._piece = 0

    def light(self, on: bool, rhythm_s: tuple[float, ...] = ()) -> None:
        """On in this rhythm until further notice, steadily without one; or off."""
        self._end()
        if on and rhythm_s:
            self._step(rhythm_s, 0, self._piece, repeat=True)
        else:
            self._device.value = on

    def sound(self, tone_s: tuple[float, ...]) -> None:
        """This tone once, instead of any that still sounds."""
        self._end()
        if tone_s:
            self._step(tone_s, 0, self._piece, repeat=False)
        else:
            self._device.off()

    def stop(self) -> None:
        self._end()
        self._device.off()

    def _end(self) -> None:
        self._piece += 1
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _step(self, lengths_s: tuple[float, ...], place: int, piece: int, repeat: bool) -> None:
        if place == len(lengths_s):
            if not repeat:
                self._device.off()
                return
            place = 0
        # The end is arranged before the beginning: a tone that nobody will end never sounds.
        self._cancel = self._later(lengths_s[place], lambda: self._on_end(lengths_s, place + 1, piece, repeat))
        self._device.value = place % 2 == 0

    def _on_end(self, lengths_s: tuple[float, ...], place: int, piece: int, repeat: bool) -> None:
        if piece == self._piece:
            self._step(lengths_s, place, piece, repeat)


class Relay:
    """Opens the gate for one pulse at a time; `on_open` hears for whom each one begins.

    A pass during a pulse does not lengthen it: it gets a pulse of its own, after a gap. While `held` the relay is on.
    """

    def __init__(
        self, device: Any, pulse_s: float, later: Later, on_open: Callable[[Literal["pass", "exit"]], None]
    ) -> None:
        self._device, self._pulse_s, self._later, self._on_open = device, pulse_s, later, on_open
        self._waiting: deque[Literal["pass", "exit"]] = deque(maxlen=MOST_WAITING)
        self._cancel: Cancel | None = None
        self._phase = 0
        self._pulsing = False
        self.held = False

    def pulse(self, by: Literal["pass", "exit"]) -> None:
        """Open for one person, now or after whom it is open for."""
        if self._cancel is None:
            self._begin(by)
        else:
            self._waiting.append(by)

    def end_pulse(self) -> None:
        """The person has gone through: nobody follows."""
        if self._pulsing:
            self._rest()

    def shut(self) -> None:
        """At once, and nobody waits any more; a relay that is held stays on."""
        self._waiting.clear()
        self._pulsing = False
        self._phase += 1
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._device.value = self.held

    def hold(self, held: bool) -> None:
        """On whatever is asked meanwhile (fire), and shut afterwards."""
        self.held = held
        self.shut()

    def _begin(self, by: Literal["pass", "exit"]) -> None:
        # The end is arranged before the beginning: a relay that nobody will shut is never opened.
        self._arrange(self._pulse_s, self._rest)
        self._pulsing = True
        self._device.on()
        self._on_open(by)

    def _rest(self) -> None:
        self._pulsing = False
        self._device.value = self.held
        self._arrange(GAP_S, self._next)

    def _next(self) -> None:
        if self._waiting:
            self._begin(self._waiting.popleft())

    def _arrange(self, delay_s: float, action: Callable[[], None]) -> None:
        if self._cancel is not None:
            self._cancel()
        self._phase += 1
        phase = self._phase
        self._cancel = self._later(delay_s, lambda: self._on_time(phase, action))

    def _on_time(self, phase: int, action: Callable[[], None]) -> None:
        if phase == self._phase:
            self._cancel = None
            action()
