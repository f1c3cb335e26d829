"""Puts the lines of a gate that runs no more where nothing opens and nothing sounds."""

import time
from collections.abc import Callable
from typing import Any

from gpiozero import DigitalOutputDevice

from edge.adapters.gate_gpio.pins import OUTPUTS, Line, Wiring
from edge.core.errors import GateIOError

# A relay's armature falls within some 20 ms of its coil's last current.
HOLD_S = 0.1


def make_safe(wiring: Wiring, factory: Any, rest: Callable[[float], None] = time.sleep) -> list[GateIOError]:
    """Claim each output line, drive it to off, let go of them all; the relay first. What could not be done, by line.

    A real Pi keeps the level of a killed program's output; here it is driven off, and becomes an input again, which
    the resistor on its wire holds there. Takes the factory over and closes it.
    """
    failed, held = [], []
    for name in OUTPUTS:
        line: Line = getattr(wiring, name)
        try:
            device = DigitalOutputDevice(
                line.bcm, active_high=line.active_high, initial_value=False, pin_factory=factory
            )
            held.append(device)
            if device.value:
                failed.append(_stuck(name, line.bcm))
        except Exception as error:  # noqa: BLE001  # lgpio.error and gpiozero's own share no base class; it is returned
            failed.append(_busy(name, line.bcm, error))
    rest(HOLD_S)
    for device in held:
        device.close()
    factory.close()
    return failed


def _busy(name: str, bcm: int, error: Exception) -> GateIOError:
    return GateIOError(
        f"{name}（BCM {bcm}）无法关闭（{error}）；请停止占用它的程序（gpioinfo 可看到是哪个，常是 systemctl stop "
        "foregate-gate），再运行一次；在此之前请切断闸门的电源",
        f"{name} (BCM {bcm}) cannot be switched off ({error}); stop the program that holds it (gpioinfo tells which, "
        "often systemctl stop foregate-gate) and run this again; until then cut the gate's power",
    )


def _stuck(name: str, bcm: int) -> GateIOError:
    return GateIOError(
        f"{name}（BCM {bcm}）不随引脚变化；请切断闸门的电源，检查接线是否短路",
        f"{name} (BCM {bcm}) does not follow its pin; cut the gate's power and look for a short circuit",
    )
