"""The gate's pins on real kernel lines (gpio-sim), read and driven from outside its process: run in the guest.

`make rig` runs it from the host (tools/rig.sh). The same promises as tests/contracts/test_gate_io.py, in real time,
and the rows of docs/fail-safe.md that need neither camera nor loop.
gpio-sim lets a line fall when its program is killed; a real Pi may not. So a line that keeps its level is played by
pulling it up from outside, and what is looked for is that somebody drives it low.
"""

import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from edge.core.signals import SIGNALS
from tests.rig.lines import OFF, OUTPUTS, PINS, Driver, Header, contact, level, levels, pull, stays, until

PULSE_S = 1.0
SLOW_S = 1.5
# The configuration's default.
DEBOUNCE_S = 0.02


def is_lit(lamp: str) -> bool:
    return lamp == "off" or level(lamp) == 1


class Lines(Header):
    def setUp(self) -> None:
        super().setUp()
        self.config = Path(tempfile.mkdtemp()) / "gate.toml"
        self.config.write_text(PINS)

    def gate(self) -> Driver:
        driver = Driver(self.config)
        self.addCleanup(driver.close)
        return driver

    def safe_lines(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "edge.app.cli", "safe-lines", "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def press(self, name: str) -> None:
        for active in (True, False):
            contact(name, active)
            time.sleep(0.1)

    def until_open(self, within_s: float = SLOW_S) -> float:
        return until(lambda: level("relay") == 1, "the relay opens", within_s)

    def until_shut(self, within_s: float = PULSE_S + SLOW_S) -> float:
        return until(lambda: level("relay") == 0, "the relay shuts", within_s)

    def test_it_starts_dark_and_shut_and_shows_what_it_is_told(self) -> None:
        gate = self.gate()
        assert levels() == OFF
        for name, shown in SIGNALS.items():
            with self.subTest(name):
                gate.show("idle")
                gate.show(name)
                lit = shown.lamp
                until(partial(is_lit, lit), f"{lit} is on")
                assert level("relay") == (name in ("pass", "exit"))
                assert {lamp for lamp in ("red", "amber", "green") if level(lamp)} <= {lit}

    def test_a_pulse_has_its_length_and_ends_by_itself(self) -> None:
        gate = self.gate()
        gate.show("pass")
        self.until_open()
        took_s = self.until_shut()

        assert PULSE_S * 0.7 < took_s < PULSE_S + SLOW_S
        assert level("green") == 1

    def test_who_has_gone_through_shuts_the_gate_and_whoever_follows_is_told(self) -> None:
        gate = self.gate()
        gate.show("pass")
        self.press("passed")
        assert level("relay") == 0
        self.press("passed")
        time.sleep(6.0)
        self.press("passed")

        kinds = [(kind, by) for kind, _, by in gate.inputs()]
        assert kinds == [("passed", "pass"), ("tailgate", "pass"), ("forced", None)]
        assert level("relay") == 0

    def test_the_exit_button_and_the_housing_are_told(self) -> None:
        gate = self.gate()
        self.press("exit")
        self.press("tamper")

        told = [(kind, active) for kind, active, _ in gate.inputs()]
        assert told == [("exit", True), ("exit", False), ("tamper", True), ("tamper", False)]
        assert levels() == OFF

    def test_a_spike_is_nothing(self) -> None:
        gate = self.gate()
        spikes = 0
        for _ in range(60):
            began_s = time.monotonic()
            contact("fire", active=True)
            contact("fire", active=False)
            took_s = time.monotonic() - began_s
            time.sleep(0.1)
            told = gate.inputs()
            # A guest that was held up in between has closed the contact for so long that it is to be believed.
            if took_s < DEBOUNCE_S / 2:
                spikes += 1
                assert told == [], (took_s, told)
                assert level("relay") == 0
        assert spikes >= 10

    def test_fire_holds_the_gate_open_whatever_is_shown_and_shuts_it_afterwards(self) -> None:
        gate = self.gate()
        contact("fire", active=True)
        self.until_open()
        for name in SIGNALS:
            gate.show(name)
        stays(lambda: level("relay") == 1, "held open", PULSE_S * 2)
        contact("fire", active=False)
        self.until_shut()

        stays(lambda: level("relay") == 0, "shut after the fire", PULSE_S)
        assert [(kind, active) for kind, active, _ in gate.inputs()] == [("fire", True), ("fire", False)]

    def test_a_fire_that_burns_when_the_gate_starts_opens_it(self) -> None:
        contact("fire", active=True)
        self.gate()

        assert level("relay") == 1

    def test_it_ends_as_asked_in_the_middle_of_a_pulse(self) -> None:
        gate = self.gate()
        gate.show("pass")
        self.until_open()
        assert gate.process.stdin is not None
        gate.process.stdin.close()
        gate.process.wait(30)

        assert levels() == OFF

    def test_killed_in_the_middle_of_a_pulse_this_kernel_lets_go_and_safe_lines_says_so(self) -> None:
        gate = self.gate()
        gate.show("pass")
        self.until_open()
        gate.end(signal.SIGKILL)
        done = self.safe_lines()

        assert levels() == OFF
        assert done.returncode == 0, done.stderr
        assert "gate shut" in done.stdout

    def test_lines_that_kept_their_level_are_driven_off(self) -> None:
        for bcm in OUTPUTS.values():
            pull(bcm, 1)
        low: set[str] = set()
        ended = threading.Event()

        def look() -> None:
            while not ended.is_set():
                low.update(name for name in OUTPUTS if level(name) == 0)

        watcher = threading.Thread(target=look)
        watcher.start()
        done = self.safe_lines()
        ended.set()
        watcher.join()

        assert done.returncode == 0, done.stderr
        assert low == set(OUTPUTS), f"driven off: {low}"

    def test_a_line_that_somebody_holds_is_told_and_the_others_are_driven_off(self) -> None:
        holder = subprocess.Popen(["gpioset", "--mode=signal", "gpiochip0", f"{OUTPUTS['relay']}=1"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        self.until_open()
        done = self.safe_lines()

        assert done.returncode == 1
        assert "relay (BCM 24) cannot be switched off" in done.stdout
        assert "cut the gate's power" in done.stdout
        assert done.stdout.count("cannot be switched off") == 1

    def test_a_gate_whose_relay_somebody_holds_does_not_start(self) -> None:
        holder = subprocess.Popen(["gpioset", "--mode=signal", "gpiochip0", f"{OUTPUTS['relay']}=0"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        until(lambda: _held(OUTPUTS["relay"]), "gpioset holds the relay")
        done = subprocess.run(
            [sys.executable, "-m", "tests.rig.gate_driver", str(self.config)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert done.returncode != 0
        assert "BCM 24 for relay" in done.stderr
        assert levels() == OFF

    def test_without_the_pin_library_nothing_moves_and_the_remedy_is_told(self) -> None:
        (self.config.parent / "lgpio.py").write_text("raise ImportError('damaged')")
        done = subprocess.run(
            [sys.executable, "-m", "edge.app.cli", "safe-lines", "--config", str(self.config)],
            env={"PYTHONPATH": f"{self.config.parent}:/src/project", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert "apt install python3-lgpio" in done.stderr, done.stderr
        assert done.returncode == 1
        assert levels() == OFF


def _held(bcm: int) -> bool:
    """Whether some program holds this line."""
    listed = subprocess.run(["gpioinfo", "gpiochip0"], capture_output=True, text=True, check=True).stdout
    return any(f" {bcm}:" in line and "unused" not in line for line in listed.splitlines())
