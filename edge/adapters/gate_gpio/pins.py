"""The wires of a gate as the site has them, and the pin library that reaches them."""

import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from gpiozero.pins.mock import MockFactory, MockPin

from edge.core.errors import GateIOError

Cancel = Callable[[], None]
Later = Callable[[float, Callable[[], None]], Cancel]
Pull = Literal["up", "down", "none"]

InputName = Literal["fire", "tamper", "passed", "exit"]

KEPT_STATES = 64
OUTPUTS = ("relay", "red", "amber", "green", "buzzer")
INPUTS: tuple[InputName, ...] = ("fire", "tamper", "passed", "exit")


@dataclass(frozen=True, slots=True)
class Line:
    """One output wire: its BCM number (2 to 27), and whether it is on at its high level."""

    bcm: int
    active_high: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """One input wire: its BCM number (2 to 27), whether it tells something at its high level, and the Pi's own pull.

    With the pull up and the contact between pin and ground, a closed contact is low: one that is normally open tells
    at low, one that is normally closed tells at high, and so does a broken wire.
    """

    bcm: int
    active_high: bool = False
    pull: Pull = "up"


@dataclass(frozen=True, slots=True)
class Wiring:
    """The lines of a gate; None: there is no such input.

    relay_pulse_s: how long one pulse holds the relay (0.1 to 10 s); debounce_s: how long a contact must rest before it
    is believed (0.001 to 0.5 s); turn_within_s: how long after the beginning of a pulse a turn belongs to it.
    """

    red: Line
    amber: Line
    green: Line
    buzzer: Line
    relay: Line
    relay_pulse_s: float = 1.0
    passed: Contact | None = None
    exit: Contact | None = None
    fire: Contact | None = None
    tamper: Contact | None = None
    debounce_s: float = 0.02
    turn_within_s: float = 5.0


def by_timer(delay_s: float, action: Callable[[], None]) -> Cancel:
    """Run the action after delay_s seconds on a thread of its own; call what is returned to prevent it."""
    timer = threading.Timer(delay_s, action)
    timer.daemon = True
    timer.start()
    return timer.cancel


class _ForgetfulPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin without a wire that keeps its last states only: gpiozero's own keeps all, as long as the gate runs."""

    def clear_states(self) -> None:
        super().clear_states()
        self.states: deque[Any] = deque(self.states, maxlen=KEPT_STATES)


def open_factory(kind: Literal["lgpio", "mock"], work_folder: Path | None = None) -> Any:
    """The gpiozero pin factory of this kind and no other: a silent fallback would be a gate that never opens.

    work_folder: where lgpio may keep its files; None: a temporary one. GateIOError: the pins cannot be had.
    """
    if kind == "mock":
        return MockFactory(pin_class=_ForgetfulPin)
    # lgpio makes a file in LG_WD, else in the current folder, as soon as it is imported.
    os.environ.setdefault("LG_WD", str(work_folder or tempfile.gettempdir()))
    os.environ["GPIOZERO_PIN_FACTORY"] = "lgpio"
    try:
        return import_module("gpiozero.pins.lgpio").LGPIOFactory()
    except (ImportError, AttributeError) as error:
        # AttributeError: PyPI's empty stand-in for lgpio on newer Pythons.
        raise GateIOError(
            "无法使用 lgpio 引脚库；请运行 sudo apt install --reinstall foregate，源码安装则运行 "
            'sudo apt install python3-lgpio；没有引脚的机器请设 pins.factory = "mock"',
            "the pin library lgpio is missing; run sudo apt install --reinstall foregate, or from a checkout sudo apt "
            'install python3-lgpio; set pins.factory = "mock" on a machine without pins',
        ) from error
    except FileNotFoundError as error:
        folder = os.environ["LG_WD"]
        raise GateIOError(
            f"lgpio 无法在 {folder} 中建立文件；请确认该文件夹存在且本用户可写，或设环境变量 LG_WD",
            f"lgpio cannot make its file in {folder}; check that the folder is there and this user may write to it, "
            "or name another one in the environment as LG_WD",
        ) from error
    except Exception as error:
        # lgpio.error and gpiozero's own share no base class.
        raise GateIOError(
            f"打不开 GPIO（{error}）；请确认这是树莓派，且用户在 gpio 组中",
            f"cannot open the GPIO chip ({error}); check that this is a Raspberry Pi and the user is in group gpio",
        ) from error


def unusable(name: str, bcm: int, error: Exception) -> GateIOError:
    """A pin that cannot be had, told with what to do."""
    return GateIOError(
        f"{name} 的引脚 BCM {bcm} 不可用（{error}）；请关闭占用它的程序，或改 pins.{name}",
        f"pin BCM {bcm} for {name} cannot be used ({error}); stop the program that holds it, or change pins.{name}",
    )
