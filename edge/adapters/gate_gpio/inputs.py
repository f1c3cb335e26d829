"""Contacts that are believed once they rest."""

from collections.abc import Callable
from typing import Any

from gpiozero import DigitalInputDevice

from edge.adapters.gate_gpio.pins import Contact, Later

# What is faster than any contact the kernel swallows: a noisy wire must not keep this process busy.
STORM_S = 0.002
# A contact that does not rest for so many times its debounce is loose.
LOOSE_AFTER = 25


class Debounced:
    """One contact; `on_change` hears each change of `active` once it has rested for debounce_s.

    loose: what is believed of a contact that never rests: the safe side. Its edges come on the pin library's thread,
    so `later` and `locked` are the gate's own, which let one thread in at a time and keep what goes wrong.
    """

    def __init__(
        self,
        contact: Contact,
        factory: Any,
        debounce_s: float,
        later: Later,
        locked: Callable[[Callable[[], None]], None],
        on_change: Callable[[bool], None],
        loose: bool,
    ) -> None:
        self._contact, self._debounce_s, self._later = contact, debounce_s, later
        self._locked, self._on_change, self._loose = locked, on_change, loose
        self._pending = self._restless = False
        self._tries = 0
        pull_up = {"up": True, "down": False, "none": None}[contact.pull]
        self._device = DigitalInputDevice(
            contact.bcm,
            pull_up=pull_up,
            active_state=True if pull_up is None else None,
            bounce_time=STORM_S,
            pin_factory=factory,
        )
        self.active = self._level()
        self._device.when_activated = self._device.when_deactivated = self._on_edge

    def look(self) -> None:
        """For an edge that nobody was told of."""
        if not self._pending and self._level() != self.active:
            self._wait()

    def close(self) -> None:
        # gpiozero leaves its hook on the pin when the device is closed.
        self._device.pin.when_changed = None
        self._device.close()

    def _level(self) -> bool:
        return bool(self._device.pin.state) == self._contact.active_high

    def _on_edge(self) -> None:
        self._locked(self._edge)

    def _edge(self) -> None:
        self._restless = True
        if not self._pending:
            self._tries = 0
            self._wait()

    def _wait(self) -> None:
        self._pending, self._restless = True, False
        self._later(self._debounce_s, self._settle)

    def _settle(self) -> None:
        self._tries += 1
        if self._restless and self._tries < LOOSE_AFTER:
            self._wait()
            return
        self._pending = False
        active = self._loose if self._restless else self._level()
        if active != self.active:
            self.active = active
            self._on_change(active)
