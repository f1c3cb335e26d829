"""The gate on gpiozero's pins: what is shown goes out, what its contacts tell comes in."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from gpiozero import LED, Buzzer, DigitalOutputDevice

from edge.adapters.gate_gpio.inputs import Debounced
from edge.adapters.gate_gpio.outputs import RHYTHMS_S, TONES_S, Player, Relay
from edge.adapters.gate_gpio.pins import INPUTS, Cancel, Contact, InputName, Later, Line, Wiring, by_timer, unusable
from edge.core import turns
from edge.core.errors import GateIOError
from edge.core.signals import Input, Signal, opens_for

# A loop that does not ask loses the oldest ones.
MOST_INPUTS = 256
LAMPS = ("red", "amber", "green")


class GpioGate:
    """A gate on gpiozero's pins; see `edge.ports.GateIO`.

    Takes the factory over and closes it. `later` runs the ends of pulses and tones, `now_s` is their clock; tests
    bring their own. While the fire input is active the relay is held open here, whatever is shown.
    GateIOError: a pin is busy (at once), or a line was lost (from `show`; everything is off then, as far as the
    lines obey).
    """

    def __init__(
        self, wiring: Wiring, factory: Any, later: Later = by_timer, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._wiring, self._factory, self._given_later, self._now_s = wiring, factory, later, now_s
        self._lock = threading.RLock()
        self._devices: dict[str, Any] = {}
        self._contacts: dict[str, Debounced] = {}
        self._told: deque[Input] = deque(maxlen=MOST_INPUTS)
        self._turns = turns.Turns(max(wiring.turn_within_s, wiring.relay_pulse_s))
        self._lost: Exception | None = None
        self._closed = False
        try:
            # The relay first: before anything else works, the gate is shut.
            self._claim("relay", DigitalOutputDevice)
            self._relay = Relay(self._devices["relay"], wiring.relay_pulse_s, self._later, self._on_open)
            for lamp in LAMPS:
                self._claim(lamp, LED)
            self._claim("buzzer", Buzzer)
            self._players = {name: Player(self._devices[name], self._later) for name in (*LAMPS, "buzzer")}
            for name in INPUTS:
                self._listen(name)
        except GateIOError:
            self.close()
            raise

    def show(self, signal: Signal) -> None:
        """Lamp and buzzer as the signal says; the relay opens for a pass or an exit alone. Returns at once."""
        with self._lock:
            if self._closed:
                raise GateIOError("闸门已关闭，不能再用", "the gate's pins are closed and cannot be used any more")
            try:
                self._raise_lost()
                by = opens_for(signal)
                if by is None:
                    self._relay.shut()
                for lamp in LAMPS:
                    self._players[lamp].light(lamp == signal.lamp, RHYTHMS_S[signal.rhythm])
                self._players["buzzer"].sound(TONES_S[signal.buzzer])
                if by is not None and not self._relay.held:
                    self._relay.pulse(by)
            except Exception as error:
                # Whatever the pin library raises (it has several families), the relay comes first.
                self._all_off()
                raise GateIOError(
                    f"灯或闸门的引脚失控（{error}）；请检查接线和供电，然后重启服务",
                    f"a pin of lamp or gate does not obey ({error}); check wiring and power, then restart the service",
                ) from error

    def inputs(self) -> tuple[Input, ...]:
        """What the contacts told since the last call, in order; the oldest are lost beyond 256. Returns at once."""
        with self._lock:
            if not self._closed:
                for contact in self._contacts.values():
                    self._guarded(contact.look)
            told = tuple(self._told)
            self._told.clear()
            return told

    def close(self) -> None:
        """Everything off, the gate shut, the pins given back. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for device in self._devices.values():
                self._off(device)
            for held in (*self._contacts.values(), *self._devices.values()):
                held.close()
            self._factory.close()

    def _claim(self, name: str, kind: Any) -> None:
        line: Line = getattr(self._wiring, name)
        try:
            self._devices[name] = kind(
                line.bcm, active_high=line.active_high, initial_value=False, pin_factory=self._factory
            )
        except Exception as error:
            # lgpio.error and gpiozero's own share no base class.
            raise unusable(name, line.bcm, error) from error

    def _listen(self, name: InputName) -> None:
        contact: Contact | None = getattr(self._wiring, name)
        if contact is None:
            return
        # A wire that is loose is a fire or an open housing, and neither a turn nor a finger on the exit button.
        lasting = name in ("fire", "tamper")
        try:
            self._contacts[name] = heard = Debounced(
                contact,
                self._factory,
                self._wiring.debounce_s,
                self._later,
                self._guarded,
                lambda active: self._on_contact(name, active),
                loose=lasting,
            )
        except Exception as error:
            # lgpio.error and gpiozero's own share no base class.
            raise unusable(name, contact.bcm, error) from error
        if lasting and heard.active:
            self._on_contact(name, True)

    def _on_contact(self, name: InputName, active: bool) -> None:
        now_s = self._now_s()
        if name == "passed":
            if active:
                self._on_turn(now_s)
            return
        self._told.append(Input(name, active, now_s))
        if name == "fire":
            self._relay.hold(active)

    def _on_turn(self, now_s: float) -> None:
        self._turns, told = turns.turned(self._turns, now_s, fire=self._relay.held)
        self._told.append(told)
        # Even when it was somebody slow, for whom an earlier pulse was meant: nobody follows.
        self._relay.end_pulse()

    def _on_open(self, by: Literal["pass", "exit"]) -> None:
        self._turns = turns.opened(self._turns, by, self._now_s())

    def _later(self, delay_s: float, action: Callable[[], None]) -> Cancel:
        return self._given_later(delay_s, lambda: self._guarded(action))

    def _guarded(self, action: Callable[[], None]) -> None:
        """For what runs on another thread: a fault there is kept and raised by the next `show`."""
        with self._lock:
            if self._closed:
                return
            try:
                action()
            except Exception as error:  # noqa: BLE001  # no caller to tell; `show` raises it, and all is switched off
                self._lost = error
                self._all_off()

    def _raise_lost(self) -> None:
        if self._lost is not None:
            lost, self._lost = self._lost, None
            raise lost

    def _all_off(self) -> None:
        """Each line off that still obeys; those that do not are reported by who called this. Fire holds the relay."""
        for stop in (self._relay.shut, *(player.stop for player in self._players.values())):
            try:
                stop()
            except Exception as error:  # noqa: BLE001  # one lost line must not keep the others on
                self._lost = self._lost or error

    def _off(self, device: Any) -> None:
        try:
            device.off()
        except Exception as error:  # noqa: BLE001  # one lost line must not keep the others on
            self._lost = self._lost or error
