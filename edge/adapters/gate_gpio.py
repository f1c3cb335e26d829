"""Lamp, buzzer and relay on a Raspberry Pi's pins, through gpiozero (wiring: docs/wiring.md).

The relay is fail-safe: it starts and ends shut, one pulse never lasts longer than the configured time, however many
signals come meanwhile, and every signal but that of a pass shuts it at once.
"""

import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from gpiozero import LED, Buzzer, DigitalOutputDevice
from gpiozero.pins.mock import MockFactory

from edge.core import signals
from edge.core.errors import GateIOError
from edge.core.signals import Signal, signal_for

Cancel = Callable[[], None]
Later = Callable[[float, Callable[[], None]], Cancel]

# Seconds on, off, on, …: told apart with the eyes closed, and over before the next person stands still.
PATTERNS_S: dict[signals.Buzzer, tuple[float, ...]] = {
    "silent": (),
    "short": (0.15,),
    "double": (0.12, 0.12, 0.12),
    "alarm": (0.4, 0.2) * 4 + (0.4,),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One wire: its BCM number (2 to 27), and whether it is on at its high level."""

    bcm: int
    active_high: bool = True


@dataclass(frozen=True, slots=True)
class Wiring:
    """The five lines of a gate, and how long one pulse holds the relay (0.1 to 10 s)."""

    red: Line
    amber: Line
    green: Line
    buzzer: Line
    relay: Line
    relay_pulse_s: float = 1.0


def by_timer(delay_s: float, action: Callable[[], None]) -> Cancel:
    """Run the action after delay_s seconds on a thread of its own; call what is returned to prevent it."""
    timer = threading.Timer(delay_s, action)
    timer.daemon = True
    timer.start()
    return timer.cancel


def open_factory(kind: Literal["lgpio", "mock"], work_folder: Path | None = None) -> Any:
    """The gpiozero pin factory of this kind and no other: a silent fallback would be a gate that never opens.

    work_folder: where lgpio may keep its files; None: a temporary one. GateIOError: the pins cannot be had.
    """
    if kind == "mock":
        return MockFactory()
    # lgpio makes a file in LG_WD, else in the current folder, as soon as it is imported.
    os.environ.setdefault("LG_WD", str(work_folder or tempfile.gettempdir()))
    os.environ["GPIOZERO_PIN_FACTORY"] = "lgpio"
    try:
        return import_module("gpiozero.pins.lgpio").LGPIOFactory()
    except (ImportError, AttributeError) as error:
        # AttributeError: PyPI's empty stand-in for lgpio on newer Pythons.
        raise GateIOError(
            '无法使用 lgpio 引脚库；请运行 sudo apt install python3-lgpio，没有引脚的机器请设 pins.factory = "mock"',
            "the pin library lgpio is missing; run sudo apt install python3-lgpio, "
            'or set pins.factory = "mock" on a machine without pins',
        ) from error
    except Exception as error:
        # lgpio.error and gpiozero's own share no base class.
        raise GateIOError(
            f"打不开 GPIO（{error}）；请确认这是树莓派，且用户在 gpio 组中",
            f"cannot open the GPIO chip ({error}); check that this is a Raspberry Pi and the user is in group gpio",
        ) from error


class GpioGate:
    """A gate on gpiozero's pins; see `edge.ports.GateIO`.

    Takes the factory over and closes it. `later` runs the ends of pulses and tones; tests bring their own time.
    GateIOError: a pin is busy (at once), or a line was lost (from `show`; everything is off then, as far as the
    lines obey).
    """

    def __init__(self, wiring: Wiring, factory: Any, later: Later = by_timer) -> None:
        self._wiring, self._factory, self._later = wiring, factory, later
        self._lock = threading.RLock()
        self._devices: dict[str, Any] = {}
        self._end_pulse: Cancel | None = None
        self._end_tone: Cancel | None = None
        # Counts tones, so that a step which was already on its way when the tone ended does nothing.
        self._tone = self._pulse = 0
        self._lost: Exception | None = None
        self._closed = False
        try:
            # The relay first: before anything else works, the gate is shut.
            for name, kind in (
                ("relay", DigitalOutputDevice),
                ("red", LED),
                ("amber", LED),
                ("green", LED),
                ("buzzer", Buzzer),
            ):
                self._claim(name, kind)
        except GateIOError:
            self.close()
            raise

    def show(self, signal: Signal) -> None:
        """Lamp and buzzer as the signal says; the relay opens for the signal of a pass alone. Returns at once."""
        with self._lock:
            if self._closed:
                raise GateIOError("闸门已关闭，不能再用", "the gate's pins are closed and cannot be used any more")
            try:
                self._raise_lost()
                opens = signal == signal_for("pass")
                if not opens:
                    self._shut()
                for lamp in ("red", "amber", "green"):
                    self._devices[lamp].value = lamp == signal.lamp
                self._sound(PATTERNS_S[signal.buzzer])
                if opens and self._end_pulse is None:
                    self._open()
            except Exception as error:
                # Whatever the pin library raises (it has several families), the relay comes first.
                self._all_off()
                raise GateIOError(
                    f"灯或闸门的引脚失控（{error}）；请检查接线和供电，然后重启服务",
                    f"a pin of lamp or gate does not obey ({error}); check wiring and power, then restart the service",
                ) from error

    def close(self) -> None:
        """Everything off, the gate shut, the pins given back. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._all_off()
            for device in self._devices.values():
                device.close()
            self._factory.close()

    def _claim(self, name: str, kind: Any) -> None:
        line: Line = getattr(self._wiring, name)
        try:
            self._devices[name] = kind(
                line.bcm, active_high=line.active_high, initial_value=False, pin_factory=self._factory
            )
        except Exception as error:
            # lgpio.error and gpiozero's own share no base class.
            raise GateIOError(
                f"{name} 的引脚 BCM {line.bcm} 不可用（{error}）；请关闭占用它的程序，或改 pins.{name}",
                f"pin BCM {line.bcm} for {name} cannot be used ({error}); "
                f"stop the program that holds it, or change pins.{name}",
            ) from error

    def _open(self) -> None:
        self._pulse += 1
        pulse = self._pulse
        # The end is arranged before the beginning: a relay that nobody will shut is never opened.
        self._end_pulse = self._later(self._wiring.relay_pulse_s, lambda: self._on_pulse_end(pulse))
        self._devices["relay"].on()

    def _on_pulse_end(self, pulse: int) -> None:
        with self._lock:
            if pulse == self._pulse and self._end_pulse is not None:
                self._guarded(self._shut)

    def _shut(self) -> None:
        self._devices["relay"].off()
        if self._end_pulse is not None:
            self._end_pulse()
            self._end_pulse = None

    def _sound(self, pattern_s: tuple[float, ...]) -> None:
        self._tone += 1
        if self._end_tone is not None:
            self._end_tone()
            self._end_tone = None
        self._step(pattern_s, self._tone)

    def _step(self, pattern_s: tuple[float, ...], tone: int, on: bool = True) -> None:
        self._devices["buzzer"].value = on and bool(pattern_s)
        if pattern_s:
            self._end_tone = self._later(pattern_s[0], lambda: self._on_step_end(pattern_s[1:], tone, not on))

    def _on_step_end(self, rest_s: tuple[float, ...], tone: int, on: bool) -> None:
        with self._lock:
            if tone == self._tone and not self._closed:
                self._guarded(lambda: self._step(rest_s, tone, on))

    def _guarded(self, action: Callable[[], None]) -> None:
        """For what runs on a timer: a fault there is kept and raised by the next `show`."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  # no caller to tell; `show` raises it, and all is switched off now
            self._lost = error
            self._all_off()

    def _raise_lost(self) -> None:
        if self._lost is not None:
            lost, self._lost = self._lost, None
            raise lost

    def _all_off(self) -> None:
        """Each line off that still obeys; those that do not are reported by who called this."""
        self._tone += 1
        for cancel in (self._end_pulse, self._end_tone):
            if cancel is not None:
                cancel()
        self._end_pulse = self._end_tone = None
        for device in self._devices.values():
            try:
                device.off()
            except Exception as error:  # noqa: BLE001  # one lost line must not keep the others on
                self._lost = self._lost or error
