"""The guest's header, seen from outside the gate's process: gpio-sim's own files, and how a gate is set up there."""

import json
import os
import subprocess
import sys
import time
import unittest
from collections.abc import Callable
from pathlib import Path

OUTPUTS = {"relay": 24, "red": 17, "amber": 27, "green": 22, "buzzer": 23}
INPUTS = {"passed": 5, "exit": 6, "fire": 13, "tamper": 19}
# Levels at which nothing happens: pulled up outside, two contacts normally open, two normally closed to ground.
AT_REST = {"passed": 1, "exit": 1, "fire": 0, "tamper": 0}
OFF = dict.fromkeys(OUTPUTS, 0)

# gpio-sim takes the Pi's own pull for the wire's level, which a closed contact could not win against: hence "none".
PINS = "[pins]\n" + "".join(f'{name} = {bcm}\n{name}_pull = "none"\n' for name, bcm in INPUTS.items())

_CHIP = Path("/sys/kernel/config/gpio-sim/pi")


def _line(bcm: int) -> Path:
    device, chip = (_CHIP / name for name in ("dev_name", "header/chip_name"))
    return Path("/sys/devices/platform", device.read_text().strip(), chip.read_text().strip(), f"sim_gpio{bcm}")


def level(name: str) -> int:
    """What is on this output's wire now."""
    return int((_line(OUTPUTS[name]) / "value").read_text())


def levels() -> dict[str, int]:
    return {name: level(name) for name in OUTPUTS}


def pull(bcm: int, high: int) -> None:
    """Drive a wire from outside; one that a program drives follows the program."""
    (_line(bcm) / "pull").write_text("pull-up" if high else "pull-down")


def contact(name: str, active: bool) -> None:
    """Something happens at an input, or is over."""
    pull(INPUTS[name], AT_REST[name] ^ active)


def rest() -> None:
    """Nothing happens at any input, and nothing drives the outputs from outside."""
    for name in INPUTS:
        contact(name, active=False)
    for bcm in OUTPUTS.values():
        pull(bcm, 0)


def until(condition: Callable[[], bool], what: str, within_s: float = 30.0) -> float:
    """Wait for it; how long it took (s). The wires have no events to wait for, so they are looked at."""
    began_s = time.monotonic()
    while not condition():
        if time.monotonic() - began_s > within_s:
            raise AssertionError(f"not within {within_s} s: {what}; the lines are {levels()}")
        time.sleep(0.01)
    return time.monotonic() - began_s


def stays(condition: Callable[[], bool], what: str, for_s: float) -> None:
    """Fail as soon as it is not so, within this time."""
    end_s = time.monotonic() + for_s
    while time.monotonic() < end_s:
        assert condition(), f"{what}; the lines are {levels()}"
        time.sleep(0.01)


class Driver:
    """A process of its own that holds a gate's pins and does what it is told (tests/rig/gate_driver.py)."""

    def __init__(self, config: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.rig.gate_driver", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def tell(self, words: str) -> object:
        """Do this; what it answers."""
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return json.loads(self._answer())

    def show(self, name: str) -> None:
        self.tell(f"show {name}")

    def inputs(self) -> list[tuple[str, bool, str | None]]:
        told = self.tell("inputs")
        assert isinstance(told, list)
        return [tuple(one) for one in told]

    def end(self, signal: int) -> None:
        """By this signal, and wait for the end of it."""
        os.kill(self.process.pid, signal)
        self.process.wait(30)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


class Header(unittest.TestCase):
    """A test that begins and ends with nothing on any wire."""

    def setUp(self) -> None:
        rest()
        self.addCleanup(rest)
