"""Lamp, buzzer, relay and contacts on a Raspberry Pi's pins, through gpiozero (wiring: docs/wiring.md).

The relay is fail-safe: it starts and ends shut, one pulse never lasts longer than the configured time, and every signal
but that of a pass or an exit shuts it at once. Only fire holds it open.

    pins.py     the wires, and the pin library
    outputs.py  lamps, buzzer, relay
    inputs.py   contacts
    gate.py     GpioGate: all of them together
    safe.py     everything off, when no GpioGate is there any more
"""

from edge.adapters.gate_gpio.gate import GpioGate
from edge.adapters.gate_gpio.pins import Contact, Line, Pull, Wiring, by_timer, open_factory
from edge.adapters.gate_gpio.safe import make_safe

__all__ = ["Contact", "GpioGate", "Line", "Pull", "Wiring", "by_timer", "make_safe", "open_factory"]
